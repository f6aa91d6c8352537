//! The link between an instance and the VMM that a start made.

use berth_common::ids::{GenericUuid, InstanceUuid, VmmUuid};
use berth_plan::settle::Settled;
use diesel::sql_types::{BigInt, Nullable, Text, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryResult};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::fixed::fixed;

/// What became of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Linked {
    /// It is linked now, or was already by a run whose answer was lost.
    Yes,
    /// The instance moved on: another intent, another VMM, or not in a state to be started.
    No,
}

/// Links a VMM, if the instance is still as the start was planned.
pub async fn link(
    conn: &mut AsyncPgConnection,
    instance: InstanceUuid,
    vmm: VmmUuid,
    epoch: i64,
    intent_gen: i64,
) -> QueryResult<Linked> {
    let text = "UPDATE instance SET active_vmm_id = $2, epoch = $3, state = 'vmm', state_gen = state_gen + 1
        WHERE id = $1 AND intent = 'running' AND intent_gen = $4 AND state IN ('no_vmm', 'failed')
            AND active_vmm_id IS NULL AND epoch < $3";
    let changed = fixed(text)
        .bind::<SqlUuid, _>(instance.into_untyped_uuid())
        .bind::<SqlUuid, _>(vmm.into_untyped_uuid())
        .bind::<BigInt, _>(epoch)
        .bind::<BigInt, _>(intent_gen)
        .execute(conn)
        .await?;
    if changed == 1 || is_linked(conn, instance, vmm).await? { Ok(Linked::Yes) } else { Ok(Linked::No) }
}

async fn is_linked(conn: &mut AsyncPgConnection, instance: InstanceUuid, vmm: VmmUuid) -> QueryResult<bool> {
    #[derive(diesel::QueryableByName)]
    struct Found {
        #[diesel(sql_type = SqlUuid)]
        #[expect(dead_code, reason = "only whether there is a row counts")]
        id: Uuid,
    }
    let found = fixed("SELECT id FROM instance WHERE id = $1 AND active_vmm_id = $2")
        .bind::<SqlUuid, _>(instance.into_untyped_uuid())
        .bind::<SqlUuid, _>(vmm.into_untyped_uuid())
        .get_result::<Found>(conn)
        .await
        .optional()?;
    Ok(found.is_some())
}

/// Takes a link back. Nothing happens where it isn't there (any more).
pub async fn unlink(conn: &mut AsyncPgConnection, instance: InstanceUuid, vmm: VmmUuid) -> QueryResult<()> {
    let text = "UPDATE instance SET active_vmm_id = NULL, state = 'no_vmm', state_gen = state_gen + 1
        WHERE id = $1 AND active_vmm_id = $2 AND target_vmm_id IS NULL";
    fixed(text)
        .bind::<SqlUuid, _>(instance.into_untyped_uuid())
        .bind::<SqlUuid, _>(vmm.into_untyped_uuid())
        .execute(conn)
        .await?;
    Ok(())
}

/// Whether the intent that a start was planned with still stands.
pub async fn intent_stands(
    conn: &mut AsyncPgConnection,
    instance: InstanceUuid,
    intent_gen: i64,
) -> QueryResult<bool> {
    #[derive(diesel::QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        n: i64,
    }
    let text = "SELECT count(*) AS n FROM instance WHERE id = $1 AND intent = 'running' AND intent_gen = $2";
    let count = fixed(text)
        .bind::<SqlUuid, _>(instance.into_untyped_uuid())
        .bind::<BigInt, _>(intent_gen)
        .get_result::<Count>(conn)
        .await?;
    Ok(count.n == 1)
}

/// What the last try of a start leaves behind, if the intent that it was planned with still stands.
pub async fn settle(
    conn: &mut AsyncPgConnection,
    instance: InstanceUuid,
    intent_gen: i64,
    settled: &Settled,
) -> QueryResult<bool> {
    let text = "UPDATE instance SET state = $3, rest = $4, crashes = $5,
            restart_at = now() + $6 * interval '1 millisecond', state_gen = state_gen + 1
        WHERE id = $1 AND intent = 'running' AND intent_gen = $2 AND state IN ('no_vmm', 'failed')";
    let changed = fixed(text)
        .bind::<SqlUuid, _>(instance.into_untyped_uuid())
        .bind::<BigInt, _>(intent_gen)
        .bind::<Text, _>(settled.state.as_str())
        .bind::<Text, _>(settled.rest.as_str())
        .bind::<BigInt, _>(i64::from(settled.crashes))
        .bind::<Nullable<BigInt>, _>(settled.pause_ms.map(|ms| i64::try_from(ms).unwrap_or(i64::MAX)))
        .execute(conn)
        .await?;
    Ok(changed == 1)
}

/// A start that was due begins: its pause is history, and what is shown is a start. The caller holds the row locked.
pub async fn begins(conn: &mut AsyncPgConnection, instance: InstanceUuid) -> QueryResult<()> {
    let text =
        "UPDATE instance SET state = 'no_vmm', rest = CASE rest WHEN 'back_off' THEN 'none' ELSE rest END,
            restart_at = NULL, state_gen = state_gen + 1
        WHERE id = $1 AND state IN ('no_vmm', 'failed') AND (rest = 'back_off' OR restart_at IS NOT NULL)";
    fixed(text).bind::<SqlUuid, _>(instance.into_untyped_uuid()).execute(conn).await?;
    Ok(())
}
