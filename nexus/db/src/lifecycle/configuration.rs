//! An instance's configuration: the user's columns, changed under the row's lock.

use berth_common::ids::{GenericUuid, InstanceUuid};
use berth_plan::settle::Settled;
use diesel::sql_types::{BigInt, Nullable, Text, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryResult};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::fixed::fixed;

/// The columns that a user can change, and the generation that counts the changes.
#[derive(Clone, Debug, PartialEq, Eq, diesel::QueryableByName)]
pub struct Configuration {
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub description: String,
    #[diesel(sql_type = BigInt)]
    pub generation: i64,
    #[diesel(sql_type = BigInt)]
    pub cpus: i64,
    #[diesel(sql_type = BigInt)]
    pub memory_mib: i64,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub image_id: Option<Uuid>,
    #[diesel(sql_type = Text)]
    pub command_line: String,
    #[diesel(sql_type = BigInt)]
    pub stop_grace_ms: i64,
    #[diesel(sql_type = BigInt)]
    pub stop_priority: i64,
    #[diesel(sql_type = Text)]
    pub restart_policy: String,
}

/// Reads it; none if the instance is gone.
pub async fn read(
    conn: &mut AsyncPgConnection,
    instance: InstanceUuid,
) -> QueryResult<Option<Configuration>> {
    fixed(
        "SELECT name, description, generation, cpus, memory_mib, image_id, command_line, stop_grace_ms,
             stop_priority, restart_policy
         FROM instance WHERE id = $1",
    )
    .bind::<SqlUuid, _>(instance.into_untyped_uuid())
    .get_result(conn)
    .await
    .optional()
}

/// Writes it and counts the change. The caller holds the row's lock and has compared the generation.
pub async fn write(
    conn: &mut AsyncPgConnection,
    instance: InstanceUuid,
    next: &Configuration,
) -> QueryResult<()> {
    fixed(
        "UPDATE instance SET name = $2, description = $3, cpus = $4, memory_mib = $5, image_id = $6,
             command_line = $7, stop_grace_ms = $8, stop_priority = $9, restart_policy = $10,
             generation = generation + 1 WHERE id = $1",
    )
    .bind::<SqlUuid, _>(instance.into_untyped_uuid())
    .bind::<Text, _>(&next.name)
    .bind::<Text, _>(&next.description)
    .bind::<BigInt, _>(next.cpus)
    .bind::<BigInt, _>(next.memory_mib)
    .bind::<Nullable<SqlUuid>, _>(next.image_id)
    .bind::<Text, _>(&next.command_line)
    .bind::<BigInt, _>(next.stop_grace_ms)
    .bind::<BigInt, _>(next.stop_priority)
    .bind::<Text, _>(&next.restart_policy)
    .execute(conn)
    .await?;
    Ok(())
}

/// The restart policy is another one now, and takes back the restart that was to come, if `settled` says so. Whoever has
/// planned with the former policy plans again: that is what `state_gen` is for. The caller holds the row's lock.
pub async fn restart_policy_changed(
    conn: &mut AsyncPgConnection,
    instance: InstanceUuid,
    settled: Option<&Settled>,
) -> QueryResult<()> {
    fixed(
        "UPDATE instance SET state_gen = state_gen + 1, state = coalesce($2, state), rest = coalesce($3, rest),
             restart_at = CASE WHEN $2 IS NULL THEN restart_at END WHERE id = $1",
    )
    .bind::<SqlUuid, _>(instance.into_untyped_uuid())
    .bind::<Nullable<Text>, _>(settled.map(|settled| settled.state.as_str()))
    .bind::<Nullable<Text>, _>(settled.map(|settled| settled.rest.as_str()))
    .execute(conn)
    .await?;
    Ok(())
}
