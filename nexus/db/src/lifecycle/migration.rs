//! Rows of live migrations: made by the migrate saga, moved by reports, decided by the update saga.

use berth_common::ids::{GenericUuid, InstanceUuid, MigrationUuid, OperationUuid, VmmUuid};
use berth_common::migration::{MigrationHalf, MigrationOutcome};
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryResult};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::text::parsed;
use crate::fixed::fixed;

/// A migration to be.
#[derive(Clone, Copy, Debug)]
pub struct NewMigration {
    pub id: MigrationUuid,
    pub instance: InstanceUuid,
    pub source: VmmUuid,
    pub target: VmmUuid,
    pub operation: OperationUuid,
    pub intent_gen: i64,
    pub deadline_ms: i64,
    pub downtime_limit_ms: i64,
}

/// Inserts it; its time begins.
async fn insert(conn: &mut AsyncPgConnection, new: &NewMigration) -> QueryResult<()> {
    fixed(
        "INSERT INTO migration (id, instance_id, source_vmm_id, target_vmm_id, operation_id, intent_gen, deadline,
             downtime_limit_ms)
         VALUES ($1, $2, $3, $4, $5, $6, now() + $7 * interval '1 millisecond', $8)",
    )
    .bind::<SqlUuid, _>(new.id.into_untyped_uuid())
    .bind::<SqlUuid, _>(new.instance.into_untyped_uuid())
    .bind::<SqlUuid, _>(new.source.into_untyped_uuid())
    .bind::<SqlUuid, _>(new.target.into_untyped_uuid())
    .bind::<SqlUuid, _>(new.operation.into_untyped_uuid())
    .bind::<BigInt, _>(new.intent_gen)
    .bind::<BigInt, _>(new.deadline_ms)
    .bind::<BigInt, _>(new.downtime_limit_ms)
    .execute(conn)
    .await?;
    Ok(())
}

/// A migration with both its sleds.
#[derive(Clone, Debug, diesel::QueryableByName)]
pub struct Migration {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub source_vmm_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub target_vmm_id: Uuid,
    #[diesel(sql_type = Text)]
    pub source_sled: String,
    #[diesel(sql_type = Text)]
    pub target_sled: String,
    #[diesel(sql_type = Text)]
    source_state: String,
    #[diesel(sql_type = Text)]
    target_state: String,
    #[diesel(sql_type = Nullable<Text>)]
    outcome: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub source_phase: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub target_phase: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub source_detail: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub target_detail: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub cancel_why: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub address: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub send_at: Option<chrono::DateTime<chrono::Utc>>,
    /// Milliseconds until it is given up; negative once they are over.
    #[diesel(sql_type = BigInt)]
    pub left_ms: i64,
    #[diesel(sql_type = BigInt)]
    pub downtime_limit_ms: i64,
    #[diesel(sql_type = BigInt)]
    pub sent_bytes: i64,
    #[diesel(sql_type = BigInt)]
    pub remaining_bytes: i64,
    #[diesel(sql_type = BigInt)]
    pub total_bytes: i64,
    #[diesel(sql_type = BigInt)]
    pub dirty_bytes_per_s: i64,
    #[diesel(sql_type = BigInt)]
    pub throttle_percent: i64,
    #[diesel(sql_type = BigInt)]
    pub elapsed_ms: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub downtime_ms: Option<i64>,
}

impl Migration {
    /// As the source's sled reported.
    pub fn source(&self) -> QueryResult<MigrationHalf> {
        parsed(&self.source_state)
    }

    /// As the target's sled reported.
    pub fn target(&self) -> QueryResult<MigrationHalf> {
        parsed(&self.target_state)
    }

    /// What was decided.
    pub fn outcome(&self) -> QueryResult<Option<MigrationOutcome>> {
        self.outcome.as_deref().map(parsed).transpose()
    }
}

macro_rules! migration {
    ($tail:literal) => {
        concat!(
            "SELECT m.*, ss.name AS source_sled, ts.name AS target_sled,
                 (extract(epoch FROM m.deadline - now()) * 1000)::bigint AS left_ms
             FROM migration m
             JOIN vmm sv ON sv.id = m.source_vmm_id JOIN sled ss ON ss.id = sv.sled_id
             JOIN vmm tv ON tv.id = m.target_vmm_id JOIN sled ts ON ts.id = tv.sled_id ",
            $tail
        )
    };
}

/// One migration; none if its target was never linked, or it is gone with its instance.
pub async fn by_id(conn: &mut AsyncPgConnection, id: MigrationUuid) -> QueryResult<Option<Migration>> {
    fixed(migration!("WHERE m.id = $1"))
        .bind::<SqlUuid, _>(id.into_untyped_uuid())
        .get_result(conn)
        .await
        .optional()
}

/// The one that an instance is in the middle of, or its last one.
pub async fn newest(conn: &mut AsyncPgConnection, instance: InstanceUuid) -> QueryResult<Option<Migration>> {
    fixed(migration!("WHERE m.instance_id = $1 ORDER BY m.created_at DESC, m.id LIMIT 1"))
        .bind::<SqlUuid, _>(instance.into_untyped_uuid())
        .get_result(conn)
        .await
        .optional()
}

/// What became of a migration's link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begun {
    /// Its row is there and its target linked, now or by a run whose answer was lost. It may even be over.
    Yes,
    /// The instance moved on: another intent, another VMM, or its operation is to be cancelled. Roll back.
    No,
}

/// Inserts the row and links its target, if the instance is still as the migration was planned. The caller holds the
/// instance's row locked. A migration has a row if and only if its target was linked at some time: only then may any
/// sled have heard of it.
pub async fn begin(conn: &mut AsyncPgConnection, new: &NewMigration, epoch: i64) -> QueryResult<Begun> {
    if by_id(conn, new.id).await?.is_some() {
        return Ok(Begun::Yes);
    }
    insert(conn, new).await?;
    let text =
        "UPDATE instance SET target_vmm_id = $3, migration_id = $4, epoch = $5, state_gen = state_gen + 1
        WHERE id = $1 AND active_vmm_id = $2 AND target_vmm_id IS NULL AND state = 'vmm' AND epoch < $5
            AND intent = 'running' AND intent_gen = $6
            AND NOT EXISTS (SELECT 1 FROM operation o WHERE o.id = $7 AND o.cancel_wanted)";
    let changed = fixed(text)
        .bind::<SqlUuid, _>(new.instance.into_untyped_uuid())
        .bind::<SqlUuid, _>(new.source.into_untyped_uuid())
        .bind::<SqlUuid, _>(new.target.into_untyped_uuid())
        .bind::<SqlUuid, _>(new.id.into_untyped_uuid())
        .bind::<BigInt, _>(epoch)
        .bind::<BigInt, _>(new.intent_gen)
        .bind::<SqlUuid, _>(new.operation.into_untyped_uuid())
        .execute(conn)
        .await?;
    Ok(if changed == 1 { Begun::Yes } else { Begun::No })
}

/// Whether a migration is still wanted: under the intent it was planned with, undecided, and not to be given up.
/// From here on its source may be sending.
pub async fn begin_to_send(
    conn: &mut AsyncPgConnection,
    instance: InstanceUuid,
    migration: MigrationUuid,
    intent_gen: i64,
) -> QueryResult<bool> {
    let changed = fixed(
        "UPDATE migration m SET send_at = coalesce(send_at, now()) FROM instance i
         WHERE m.id = $2 AND i.id = $1 AND i.migration_id = m.id AND i.intent = 'running' AND i.intent_gen = $3
             AND m.outcome IS NULL AND m.cancel_at IS NULL",
    )
    .bind::<SqlUuid, _>(instance.into_untyped_uuid())
    .bind::<SqlUuid, _>(migration.into_untyped_uuid())
    .bind::<BigInt, _>(intent_gen)
    .execute(conn)
    .await?;
    Ok(changed == 1)
}

/// Gives up what is undecided of an instance's migrations; the first reason stays.
pub async fn give_up(conn: &mut AsyncPgConnection, instance: InstanceUuid, why: &str) -> QueryResult<()> {
    fixed(
        "UPDATE migration SET cancel_at = now(), cancel_why = $2
         WHERE instance_id = $1 AND outcome IS NULL AND cancel_at IS NULL",
    )
    .bind::<SqlUuid, _>(instance.into_untyped_uuid())
    .bind::<Text, _>(why)
    .execute(conn)
    .await?;
    Ok(())
}

/// Before any source was asked to send, nothing but the target has to end.
pub async fn end_target_unless_sent(conn: &mut AsyncPgConnection, id: MigrationUuid) -> QueryResult<()> {
    fixed(
        "UPDATE vmm v SET end_wanted = true FROM migration m
         WHERE m.id = $1 AND v.id = m.target_vmm_id AND m.send_at IS NULL AND m.outcome IS NULL
             AND v.ended_by IS NULL AND NOT v.end_wanted",
    )
    .bind::<SqlUuid, _>(id.into_untyped_uuid())
    .execute(conn)
    .await?;
    Ok(())
}

/// Writes what was decided, once. Where the guest went on, or ended, at the target, the room it has there is an active
/// VMM's.
pub async fn decide(
    conn: &mut AsyncPgConnection,
    id: Uuid,
    outcome: MigrationOutcome,
    disks_moved: bool,
) -> QueryResult<()> {
    let changed =
        fixed("UPDATE migration SET outcome = $2, ended_at = now() WHERE id = $1 AND outcome IS NULL")
            .bind::<SqlUuid, _>(id)
            .bind::<Text, _>(outcome.as_str())
            .execute(conn)
            .await?;
    if changed == 0 {
        return Ok(());
    }
    if outcome == MigrationOutcome::Completed {
        fixed(
            "UPDATE reservation r SET role = 'active' FROM migration m
             WHERE m.id = $1 AND r.vmm_id = m.target_vmm_id",
        )
        .bind::<SqlUuid, _>(id)
        .execute(conn)
        .await?;
    }
    super::disk_copy::settle(conn, id, disks_moved).await
}
