//! The user's wish, written in the transaction that accepts it.
//!
//! The caller holds the instance's row locked ([`super::snapshot::read_locked`]), so these need no guard of their own.

use berth_common::ids::{GenericUuid, InstanceUuid};
use berth_common::instance::{InstanceState, Rest};
use diesel::QueryResult;
use diesel::sql_types::{BigInt, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::fixed::fixed;

/// The instance shall run. Returns the new intent generation.
pub async fn run(
    conn: &mut AsyncPgConnection,
    instance: InstanceUuid,
    state: InstanceState,
    rest: Rest,
) -> QueryResult<i64> {
    let text = "UPDATE instance SET intent = 'running', intent_gen = intent_gen + 1, intent_at = now(),
            stop_deadline = NULL, state = $2, rest = $3, crashes = 0, restart_at = NULL, state_gen = state_gen + 1
        WHERE id = $1 RETURNING intent_gen";
    let query = fixed(text)
        .bind::<SqlUuid, _>(instance.into_untyped_uuid())
        .bind::<Text, _>(state.as_str())
        .bind::<Text, _>(rest.as_str());
    Ok(query.get_result::<IntentGen>(conn).await?.intent_gen)
}

/// The instance shall run elsewhere: the same wish, under a new generation. Returns it.
pub async fn move_on(conn: &mut AsyncPgConnection, instance: InstanceUuid) -> QueryResult<i64> {
    let text = "UPDATE instance SET intent_gen = intent_gen + 1 WHERE id = $1 RETURNING intent_gen";
    let query = fixed(text).bind::<SqlUuid, _>(instance.into_untyped_uuid());
    Ok(query.get_result::<IntentGen>(conn).await?.intent_gen)
}

/// The instance shall be stopped, and what runs of it ended for certain. Returns the new intent generation.
pub async fn force_stop(conn: &mut AsyncPgConnection, instance: InstanceUuid) -> QueryResult<i64> {
    let intent_gen = stop(conn, instance, 0).await?;
    end_all(conn, instance).await?;
    Ok(intent_gen)
}

/// The instance shall be stopped, by force in `grace_ms` milliseconds; a restart that waits for its pause to end is off.
/// Returns the new intent generation.
pub async fn stop(conn: &mut AsyncPgConnection, instance: InstanceUuid, grace_ms: i64) -> QueryResult<i64> {
    let text = "UPDATE instance SET intent = 'stopped', intent_gen = intent_gen + 1, intent_at = now(),
            stop_deadline = now() + $2 * interval '1 millisecond',
            rest = CASE rest WHEN 'back_off' THEN 'none' ELSE rest END, crashes = 0, restart_at = NULL,
            state = CASE rest WHEN 'back_off' THEN 'no_vmm' ELSE state END, state_gen = state_gen + 1
        WHERE id = $1 RETURNING intent_gen";
    with_time(conn, text, instance, grace_ms).await
}

/// The stop in flight gets an earlier deadline; a later one changes nothing. Returns the intent generation.
pub async fn shorten(
    conn: &mut AsyncPgConnection,
    instance: InstanceUuid,
    grace_ms: i64,
) -> QueryResult<i64> {
    let text = "UPDATE instance
        SET stop_deadline = least(stop_deadline, now() + $2 * interval '1 millisecond')
        WHERE id = $1 RETURNING intent_gen";
    with_time(conn, text, instance, grace_ms).await
}

/// The instance shall be gone, and what runs of it ended for certain. Returns the new intent generation.
pub async fn destroy(conn: &mut AsyncPgConnection, instance: InstanceUuid) -> QueryResult<i64> {
    let text = "UPDATE instance SET intent = 'destroyed', intent_gen = intent_gen + 1, intent_at = now(),
            stop_deadline = now() + $2 * interval '1 millisecond'
        WHERE id = $1 RETURNING intent_gen";
    let intent_gen = with_time(conn, text, instance, 0).await?;
    end_all(conn, instance).await?;
    Ok(intent_gen)
}

/// The end of every VMM of it that hasn't ended is wanted, linked or not.
async fn end_all(conn: &mut AsyncPgConnection, instance: InstanceUuid) -> QueryResult<()> {
    fixed("UPDATE vmm SET end_wanted = true WHERE instance_id = $1 AND ended_by IS NULL")
        .bind::<SqlUuid, _>(instance.into_untyped_uuid())
        .execute(conn)
        .await?;
    Ok(())
}

#[derive(diesel::QueryableByName)]
struct IntentGen {
    #[diesel(sql_type = BigInt)]
    intent_gen: i64,
}

async fn with_time(
    conn: &mut AsyncPgConnection,
    text: &'static str,
    instance: InstanceUuid,
    grace_ms: i64,
) -> QueryResult<i64> {
    let query = fixed(text).bind::<SqlUuid, _>(instance.into_untyped_uuid()).bind::<BigInt, _>(grace_ms);
    Ok(query.get_result::<IntentGen>(conn).await?.intent_gen)
}
