//! The updater lock, and the one statement that commits a follow-up and releases it.

use berth_common::ids::{GenericUuid, InstanceUuid, VmmUuid};
use berth_plan::follow_up::Change;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryResult};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::snapshot::Snapshot;
use crate::fixed::fixed;

/// What became of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Committed {
    /// Written now, and the lock released in the same statement.
    Now,
    /// Written before, by a run of this step whose answer was lost.
    Before,
    /// The record moved on since the plan was made; the lock is still held.
    Stale,
}

/// Tries to take the lock for a saga whose row is in the same transaction. False: somebody holds it, who will look
/// once more before the end, or the instance is gone.
pub async fn lock(conn: &mut AsyncPgConnection, instance: InstanceUuid, saga: Uuid) -> QueryResult<bool> {
    let text = "UPDATE instance SET updater_id = $2, updater_gen = updater_gen + 1
        WHERE id = $1 AND state <> 'destroyed'
            AND (updater_id IS NULL OR updater_id = $2) AND last_updater_id IS DISTINCT FROM $2";
    let changed = fixed(text)
        .bind::<SqlUuid, _>(instance.into_untyped_uuid())
        .bind::<SqlUuid, _>(saga)
        .execute(conn)
        .await?;
    Ok(changed == 1)
}

/// Releases the lock without a change. Nothing happens where this saga doesn't hold it.
pub async fn unlock(conn: &mut AsyncPgConnection, instance: InstanceUuid, saga: Uuid) -> QueryResult<()> {
    let text = "UPDATE instance SET updater_id = NULL, last_updater_id = $2, updater_gen = updater_gen + 1
        WHERE id = $1 AND updater_id = $2";
    fixed(text)
        .bind::<SqlUuid, _>(instance.into_untyped_uuid())
        .bind::<SqlUuid, _>(saga)
        .execute(conn)
        .await?;
    Ok(())
}

/// Commits a change that was planned on the record of generation `state_gen` and intent generation `intent_gen`, and
/// releases the lock.
pub async fn commit(
    conn: &mut AsyncPgConnection,
    instance: InstanceUuid,
    saga: Uuid,
    planned_on: (i64, i64),
    change: &Change,
) -> QueryResult<Committed> {
    let (state_gen, intent_gen) = planned_on;
    let text = "UPDATE instance SET state = $5, rest = $6, active_vmm_id = $7, target_vmm_id = $8,
            migration_id = CASE WHEN $8 IS NULL THEN NULL ELSE migration_id END,
            crashes = $9,
            restart_at = CASE WHEN $10::bigint IS NOT NULL THEN now() + $10 * interval '1 millisecond'
                WHEN rest = $6 THEN restart_at END,
            state_gen = state_gen + 1,
            updater_id = NULL, last_updater_id = $2, updater_gen = updater_gen + 1
        WHERE id = $1 AND updater_id = $2 AND state_gen = $3 AND intent_gen = $4";
    let changed = fixed(text)
        .bind::<SqlUuid, _>(instance.into_untyped_uuid())
        .bind::<SqlUuid, _>(saga)
        .bind::<BigInt, _>(state_gen)
        .bind::<BigInt, _>(intent_gen)
        .bind::<Text, _>(change.state.as_str())
        .bind::<Text, _>(change.rest.as_str())
        .bind::<Nullable<SqlUuid>, _>(change.active.map(GenericUuid::into_untyped_uuid))
        .bind::<Nullable<SqlUuid>, _>(change.target.map(GenericUuid::into_untyped_uuid))
        .bind::<BigInt, _>(i64::from(change.crashes))
        .bind::<Nullable<BigInt>, _>(change.pause_ms.map(|ms| i64::try_from(ms).unwrap_or(i64::MAX)))
        .execute(conn)
        .await?;
    if changed == 1 {
        return Ok(Committed::Now);
    }
    let released_by = last_updater(conn, instance).await?;
    Ok(if released_by == Some(saga) { Committed::Before } else { Committed::Stale })
}

#[derive(diesel::QueryableByName)]
struct LastUpdater {
    #[diesel(sql_type = Nullable<SqlUuid>)]
    last_updater_id: Option<Uuid>,
}

async fn last_updater(conn: &mut AsyncPgConnection, instance: InstanceUuid) -> QueryResult<Option<Uuid>> {
    let row = fixed("SELECT last_updater_id FROM instance WHERE id = $1")
        .bind::<SqlUuid, _>(instance.into_untyped_uuid())
        .get_result::<LastUpdater>(conn)
        .await
        .optional()?;
    Ok(row.and_then(|row| row.last_updater_id))
}

/// Whether this saga still has to release the lock: false once it committed.
pub async fn holds(conn: &mut AsyncPgConnection, instance: InstanceUuid, saga: Uuid) -> QueryResult<bool> {
    #[derive(diesel::QueryableByName)]
    struct Holder {
        #[diesel(sql_type = Nullable<SqlUuid>)]
        updater_id: Option<Uuid>,
    }
    let row = fixed("SELECT updater_id FROM instance WHERE id = $1")
        .bind::<SqlUuid, _>(instance.into_untyped_uuid())
        .get_result::<Holder>(conn)
        .await
        .optional()?;
    Ok(row.is_some_and(|row| row.updater_id == Some(saga)))
}

/// What goes with the commit in its transaction: the wanted ends.
pub async fn want_ends(conn: &mut AsyncPgConnection, change: &Change) -> QueryResult<()> {
    if !change.end.is_empty() {
        fixed("UPDATE vmm SET end_wanted = true WHERE id = ANY ($1) AND ended_by IS NULL")
            .bind::<Array<SqlUuid>, _>(untyped(&change.end))
            .execute(conn)
            .await?;
    }
    Ok(())
}

/// Frees what belonged to an instance's VMMs that have ended and are linked no more.
pub async fn free(conn: &mut AsyncPgConnection, instance: InstanceUuid) -> QueryResult<()> {
    fixed(
        "DELETE FROM reservation r USING vmm v
         WHERE v.id = r.vmm_id AND v.instance_id = $1 AND v.ended_by IS NOT NULL
             AND NOT EXISTS (SELECT 1 FROM instance i WHERE i.active_vmm_id = v.id OR i.target_vmm_id = v.id)",
    )
    .bind::<SqlUuid, _>(instance.into_untyped_uuid())
    .execute(conn)
    .await?;
    Ok(())
}

fn untyped(vmms: &[VmmUuid]) -> Vec<Uuid> {
    vmms.iter().map(|vmm| vmm.into_untyped_uuid()).collect()
}

#[derive(diesel::QueryableByName)]
struct Candidate {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// Instances that may need an update and have none running: what a push may have missed. A superset: the planner decides.
pub async fn candidates(conn: &mut AsyncPgConnection, limit: i64) -> QueryResult<Vec<InstanceUuid>> {
    let text = "SELECT i.id FROM instance i
        JOIN vmm v ON v.id IN (i.active_vmm_id, i.target_vmm_id)
        LEFT JOIN migration m ON m.id = i.migration_id
        WHERE i.updater_id IS NULL AND (v.ended_by IS NOT NULL
            OR m.source_state IN ('completed', 'failed') OR m.target_state IN ('completed', 'failed'))
        UNION
        SELECT i.id FROM instance i JOIN operation o ON o.subject_id = i.id AND o.ended_at IS NULL
        WHERE i.updater_id IS NULL AND i.state IN ('no_vmm', 'vmm', 'failed') AND o.kind = 'instance_force_stop'
        UNION
        SELECT i.id FROM instance i
        WHERE i.updater_id IS NULL AND i.state = 'disowned'
            AND NOT EXISTS (SELECT 1 FROM vmm v WHERE v.instance_id = i.id AND v.ended_by IS NULL)
        UNION
        SELECT i.id FROM instance i JOIN operation o ON o.subject_id = i.id AND o.ended_at IS NULL
        WHERE i.updater_id IS NULL AND i.intent = 'stopped' AND i.state IN ('no_vmm', 'failed')
            AND o.kind = 'instance_stop'
        LIMIT $1";
    load(conn, text, limit).await
}

/// Instances that are due to be started: intent running, nothing runs, nothing is in the way, no pause is left, nobody is
/// at it.
pub async fn starts_due(conn: &mut AsyncPgConnection, limit: i64) -> QueryResult<Vec<InstanceUuid>> {
    let text = "SELECT i.id FROM instance i
        WHERE i.updater_id IS NULL AND i.intent = 'running' AND i.state IN ('no_vmm', 'failed')
            AND i.rest IN ('none', 'platform', 'back_off') AND (i.restart_at IS NULL OR i.restart_at <= now())
            AND NOT EXISTS (SELECT 1 FROM operation o WHERE o.subject_id = i.id AND o.ended_at IS NULL)
        ORDER BY i.id LIMIT $1";
    load(conn, text, limit).await
}

/// Reservations of VMMs that ended, which no update freed: their nexus died right after its commit.
pub async fn free_forgotten(conn: &mut AsyncPgConnection) -> QueryResult<usize> {
    fixed(
        "DELETE FROM reservation r USING vmm v
         WHERE v.id = r.vmm_id AND v.ended_by IS NOT NULL
             AND NOT EXISTS (SELECT 1 FROM instance i WHERE i.active_vmm_id = v.id OR i.target_vmm_id = v.id)",
    )
    .execute(conn)
    .await
}

async fn load(
    conn: &mut AsyncPgConnection,
    text: &'static str,
    limit: i64,
) -> QueryResult<Vec<InstanceUuid>> {
    let rows = fixed(text).bind::<BigInt, _>(limit).load::<Candidate>(conn).await?;
    Ok(rows.into_iter().map(|row| InstanceUuid::from_untyped_uuid(row.id)).collect())
}

/// Whether a snapshot still is what the lock's holder planned on.
pub fn planned_on(snapshot: &Snapshot) -> (i64, i64) {
    (snapshot.state_gen, snapshot.intent_gen)
}
