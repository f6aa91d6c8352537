//! Room for a disk: the pools with what is provisioned in them, and the row that takes it.

use berth_common::ids::{DiskUuid, GenericUuid, ImageUuid, PoolUuid, ProjectUuid};
use berth_common::sled::Admission;
use berth_common::storage::PoolKind;
use diesel::sql_types::{BigInt, Jsonb, Nullable, Text, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryResult};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Deserialize;
use uuid::Uuid;

use super::text::parsed;
use crate::fixed::fixed;

/// A pool, its room, and the sleds that have it.
#[derive(Clone, Debug, diesel::QueryableByName)]
pub struct PoolRoom {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = BigInt)]
    pub capacity_bytes: i64,
    #[diesel(sql_type = BigInt)]
    pub provisioned_bytes: i64,
    #[diesel(sql_type = Jsonb)]
    sleds: serde_json::Value,
}

/// A sled that has a pool.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct PoolSledRow {
    pub id: Uuid,
    pub admission: Admission,
    /// Milliseconds since it last reported.
    pub silent_ms: Option<i64>,
    /// It goes on purpose.
    pub planned_down: bool,
}

impl PoolRoom {
    /// Where its bytes are.
    pub fn kind(&self) -> QueryResult<PoolKind> {
        parsed(&self.kind)
    }

    /// The sleds that have it mounted.
    pub fn sleds(&self) -> QueryResult<Vec<PoolSledRow>> {
        serde_json::from_value(self.sleds.clone())
            .map_err(|error| diesel::result::Error::DeserializationError(Box::new(error)))
    }
}

/// Locks all pools in the order of their ids and reads their room.
pub async fn lock_pools(conn: &mut AsyncPgConnection) -> QueryResult<Vec<PoolRoom>> {
    fixed("SELECT id FROM pool ORDER BY id FOR NO KEY UPDATE").execute(conn).await?;
    fixed(
        "SELECT p.id, p.name, p.kind, p.capacity_bytes,
             coalesce((SELECT sum(d.size_bytes) FROM disk d WHERE d.pool_id = p.id), 0)::bigint
                 + coalesce((SELECT sum(c.size_bytes) FROM disk_copy c WHERE c.pool_id = p.id), 0)::bigint
                 AS provisioned_bytes,
             coalesce((SELECT jsonb_agg(jsonb_build_object('id', s.id, 'admission', s.admission,
                           'planned_down', s.planned_down_at IS NOT NULL, 'silent_ms',
                           (extract(epoch FROM now() - s.last_report_at) * 1000)::bigint))
                       FROM sled_pool sp JOIN sled s ON s.id = sp.sled_id
                       WHERE sp.pool_id = p.id AND s.registered_at IS NOT NULL), '[]') AS sleds
         FROM pool p ORDER BY p.id",
    )
    .load(conn)
    .await
}

/// A new disk, as accepted.
#[derive(Clone, Debug)]
pub struct NewDisk<'a> {
    pub id: DiskUuid,
    pub project: ProjectUuid,
    pub name: &'a str,
    pub description: &'a str,
    pub size_bytes: i64,
    pub image: Option<ImageUuid>,
    pub pool: PoolUuid,
}

/// Inserts it in state `creating`. The caller holds the locks of [`lock_pools`].
pub async fn insert(conn: &mut AsyncPgConnection, new: &NewDisk<'_>) -> QueryResult<()> {
    fixed(
        "INSERT INTO disk (id, project_id, name, description, size_bytes, image_id, pool_id, state)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 'creating')",
    )
    .bind::<SqlUuid, _>(new.id.into_untyped_uuid())
    .bind::<SqlUuid, _>(new.project.into_untyped_uuid())
    .bind::<Text, _>(new.name)
    .bind::<Text, _>(new.description)
    .bind::<BigInt, _>(new.size_bytes)
    .bind::<Nullable<SqlUuid>, _>(new.image.map(GenericUuid::into_untyped_uuid))
    .bind::<SqlUuid, _>(new.pool.into_untyped_uuid())
    .execute(conn)
    .await?;
    Ok(())
}

/// Checksum and size of the complete file of a disk image.
pub async fn disk_file(conn: &mut AsyncPgConnection, image: ImageUuid) -> QueryResult<Option<(String, i64)>> {
    #[derive(diesel::QueryableByName)]
    struct File {
        #[diesel(sql_type = Text)]
        sha256: String,
        #[diesel(sql_type = BigInt)]
        size_bytes: i64,
    }
    let file = fixed(
        "SELECT sha256, size_bytes FROM image_file
         WHERE image_id = $1 AND part = 'disk' AND sha256 IS NOT NULL",
    )
    .bind::<SqlUuid, _>(image.into_untyped_uuid())
    .get_result::<File>(conn)
    .await
    .optional()?;
    Ok(file.map(|file| (file.sha256, file.size_bytes)))
}

/// Marks a disk for deletion, if it is ready, or failed, and attached to nothing. False: it isn't.
pub async fn mark_deleting(conn: &mut AsyncPgConnection, disk: DiskUuid) -> QueryResult<bool> {
    let changed = fixed(
        "UPDATE disk SET state = 'deleting', state_gen = state_gen + 1
         WHERE id = $1 AND state IN ('ready', 'failed') AND instance_id IS NULL",
    )
    .bind::<SqlUuid, _>(disk.into_untyped_uuid())
    .execute(conn)
    .await?;
    Ok(changed == 1)
}

/// State and attachment of a disk, its row locked.
#[derive(Clone, Debug, diesel::QueryableByName)]
pub struct LockedDisk {
    #[diesel(sql_type = Text)]
    pub state: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub attached_to: Option<String>,
    /// The open operation on it.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub operation_id: Option<Uuid>,
    #[diesel(sql_type = SqlUuid)]
    pool_id: Uuid,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    file_id: Option<Uuid>,
}

impl LockedDisk {
    /// Where its file is; a migration may have moved it since it was looked up.
    pub fn pool(&self) -> PoolUuid {
        PoolUuid::from_untyped_uuid(self.pool_id)
    }

    /// The id of its file, where that isn't its own.
    pub fn file(&self) -> Option<DiskUuid> {
        self.file_id.map(DiskUuid::from_untyped_uuid)
    }
}

/// Locks a disk's row and reads what a delete needs to know; none if it is gone.
pub async fn lock(conn: &mut AsyncPgConnection, disk: DiskUuid) -> QueryResult<Option<LockedDisk>> {
    fixed(
        "SELECT d.state, d.pool_id, d.file_id,
             (SELECT i.name FROM instance i WHERE i.id = d.instance_id) AS attached_to,
             (SELECT o.id FROM operation o WHERE o.subject_id = d.id AND o.ended_at IS NULL
              ORDER BY o.created_at DESC LIMIT 1) AS operation_id
         FROM disk d WHERE d.id = $1 FOR NO KEY UPDATE OF d",
    )
    .bind::<SqlUuid, _>(disk.into_untyped_uuid())
    .get_result(conn)
    .await
    .optional()
}
