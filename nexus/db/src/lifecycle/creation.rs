//! The rows of a new instance.

use berth_common::ids::{GenericUuid, ImageUuid, InstanceUuid, NicUuid, ProjectUuid};
use berth_common::instance::{Intent, RestartPolicy};
use diesel::sql_types::{BigInt, Nullable, Text, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryResult};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::fixed::fixed;

/// A new instance, as accepted.
#[derive(Clone, Debug)]
pub struct NewInstance<'a> {
    pub id: InstanceUuid,
    pub project: ProjectUuid,
    pub name: &'a str,
    pub description: &'a str,
    pub cpus: i64,
    pub memory_mib: i64,
    pub image: Option<ImageUuid>,
    pub command_line: &'a str,
    pub stop_grace_ms: i64,
    pub stop_priority: i64,
    pub restart_policy: RestartPolicy,
    pub intent: Intent,
}

/// Inserts it in state `creating`.
pub async fn insert(conn: &mut AsyncPgConnection, new: &NewInstance<'_>) -> QueryResult<()> {
    let text =
        "INSERT INTO instance (id, project_id, name, description, cpus, memory_mib, image_id, command_line,
            stop_grace_ms, intent, stop_priority, restart_policy, state)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'creating')";
    fixed(text)
        .bind::<SqlUuid, _>(new.id.into_untyped_uuid())
        .bind::<SqlUuid, _>(new.project.into_untyped_uuid())
        .bind::<Text, _>(new.name)
        .bind::<Text, _>(new.description)
        .bind::<BigInt, _>(new.cpus)
        .bind::<BigInt, _>(new.memory_mib)
        .bind::<Nullable<SqlUuid>, _>(new.image.map(GenericUuid::into_untyped_uuid))
        .bind::<Text, _>(new.command_line)
        .bind::<BigInt, _>(new.stop_grace_ms)
        .bind::<Text, _>(new.intent.as_str())
        .bind::<BigInt, _>(new.stop_priority)
        .bind::<Text, _>(new.restart_policy.as_str())
        .execute(conn)
        .await?;
    Ok(())
}

/// Adds an interface with this MAC, if nobody has it. False: take another one.
pub async fn add_nic(
    conn: &mut AsyncPgConnection,
    instance: InstanceUuid,
    nic: NicUuid,
    slot: i64,
    mac: &str,
) -> QueryResult<bool> {
    let text = "INSERT INTO nic (id, instance_id, slot, mac) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
    let made = fixed(text)
        .bind::<SqlUuid, _>(nic.into_untyped_uuid())
        .bind::<SqlUuid, _>(instance.into_untyped_uuid())
        .bind::<BigInt, _>(slot)
        .bind::<Text, _>(mac)
        .execute(conn)
        .await?;
    Ok(made == 1 || slot_is_taken_by(conn, instance, nic).await?)
}

#[derive(diesel::QueryableByName)]
struct Found {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

async fn slot_is_taken_by(
    conn: &mut AsyncPgConnection,
    instance: InstanceUuid,
    nic: NicUuid,
) -> QueryResult<bool> {
    let found = fixed("SELECT id FROM nic WHERE instance_id = $1 AND id = $2")
        .bind::<SqlUuid, _>(instance.into_untyped_uuid())
        .bind::<SqlUuid, _>(nic.into_untyped_uuid())
        .get_result::<Found>(conn)
        .await
        .optional()?;
    Ok(found.is_some_and(|found| found.id == nic.into_untyped_uuid()))
}

/// Attaches a disk of the same project that is ready and free. False: it is neither attached here nor to be had.
pub async fn attach(
    conn: &mut AsyncPgConnection,
    instance: InstanceUuid,
    disk: Uuid,
    slot: i64,
) -> QueryResult<bool> {
    let text = "UPDATE disk d SET instance_id = $1, slot = $3, state_gen = d.state_gen + 1 FROM instance i
        WHERE i.id = $1 AND d.id = $2 AND d.project_id = i.project_id AND d.state = 'ready'
            AND (d.instance_id IS NULL OR (d.instance_id = $1 AND d.slot = $3))";
    let changed = fixed(text)
        .bind::<SqlUuid, _>(instance.into_untyped_uuid())
        .bind::<SqlUuid, _>(disk)
        .bind::<BigInt, _>(slot)
        .execute(conn)
        .await?;
    Ok(changed == 1)
}

/// The instance is created. False: it was before, or is gone.
pub async fn finish(conn: &mut AsyncPgConnection, instance: InstanceUuid) -> QueryResult<bool> {
    let text = "UPDATE instance SET state = 'no_vmm', state_gen = state_gen + 1
        WHERE id = $1 AND state = 'creating'";
    let changed = fixed(text).bind::<SqlUuid, _>(instance.into_untyped_uuid()).execute(conn).await?;
    Ok(changed == 1)
}
