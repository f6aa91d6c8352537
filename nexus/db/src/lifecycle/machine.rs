//! What a VMM of an instance is made of: configuration, image files, disks and interfaces in one read.

use berth_common::Name;
use berth_common::ids::{GenericUuid, InstanceUuid};
use berth_common::storage::ImagePart;
use diesel::sql_types::{BigInt, Nullable, Text, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryResult};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::text::parsed;
use crate::fixed::fixed;

/// An instance's machine as configured now.
#[derive(Clone, Debug)]
pub struct Machine {
    pub name: Name,
    pub cpus: i64,
    pub memory_mib: i64,
    pub command_line: String,
    pub stop_grace_ms: i64,
    pub stop_priority: i64,
    pub image: Option<Uuid>,
    pub files: Vec<MachineFile>,
    pub disks: Vec<MachineDisk>,
    pub nics: Vec<MachineNic>,
}

/// One complete file of the image it boots.
#[derive(Clone, Debug)]
pub struct MachineFile {
    pub part: ImagePart,
    pub sha256: String,
    pub size_bytes: i64,
}

/// An attached disk.
#[derive(Clone, Debug, diesel::QueryableByName)]
pub struct MachineDisk {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub pool_id: Uuid,
    #[diesel(sql_type = BigInt)]
    pub slot: i64,
    #[diesel(sql_type = BigInt)]
    pub size_bytes: i64,
    /// The id of its file, where that isn't its own.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub file_id: Option<Uuid>,
}

/// An interface.
#[derive(Clone, Debug, diesel::QueryableByName)]
pub struct MachineNic {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = BigInt)]
    pub slot: i64,
    #[diesel(sql_type = Text)]
    pub mac: String,
}

#[derive(diesel::QueryableByName)]
struct InstanceRow {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    cpus: i64,
    #[diesel(sql_type = BigInt)]
    memory_mib: i64,
    #[diesel(sql_type = Text)]
    command_line: String,
    #[diesel(sql_type = BigInt)]
    stop_grace_ms: i64,
    #[diesel(sql_type = BigInt)]
    stop_priority: i64,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    image_id: Option<Uuid>,
}

#[derive(diesel::QueryableByName)]
struct FileRow {
    #[diesel(sql_type = Text)]
    part: String,
    #[diesel(sql_type = Text)]
    sha256: String,
    #[diesel(sql_type = BigInt)]
    size_bytes: i64,
}

/// Reads it; none if the instance is gone.
pub async fn read(conn: &mut AsyncPgConnection, instance: InstanceUuid) -> QueryResult<Option<Machine>> {
    let id = instance.into_untyped_uuid();
    let row = fixed(
        "SELECT name, cpus, memory_mib, command_line, stop_grace_ms, stop_priority, image_id
         FROM instance WHERE id = $1",
    )
    .bind::<SqlUuid, _>(id)
    .get_result::<InstanceRow>(conn)
    .await
    .optional()?;
    let Some(row) = row else { return Ok(None) };
    let files =
        fixed("SELECT part, sha256, size_bytes FROM image_file WHERE image_id = $1 AND sha256 IS NOT NULL")
            .bind::<Nullable<SqlUuid>, _>(row.image_id)
            .load::<FileRow>(conn)
            .await?;
    let disks =
        fixed("SELECT id, pool_id, slot, size_bytes, file_id FROM disk WHERE instance_id = $1 ORDER BY slot")
            .bind::<SqlUuid, _>(id)
            .load::<MachineDisk>(conn)
            .await?;
    let nics = fixed("SELECT id, slot, mac FROM nic WHERE instance_id = $1 ORDER BY slot")
        .bind::<SqlUuid, _>(id)
        .load::<MachineNic>(conn)
        .await?;
    let files = files
        .into_iter()
        .map(|file| {
            Ok(MachineFile { part: parsed(&file.part)?, sha256: file.sha256, size_bytes: file.size_bytes })
        })
        .collect::<QueryResult<Vec<_>>>()?;
    Ok(Some(Machine {
        name: parsed(&row.name)?,
        cpus: row.cpus,
        memory_mib: row.memory_mib,
        command_line: row.command_line,
        stop_grace_ms: row.stop_grace_ms,
        stop_priority: row.stop_priority,
        image: row.image_id,
        files,
        disks,
        nics,
    }))
}
