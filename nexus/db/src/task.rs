//! Background tasks, shared by all nexus: whoever claims a run makes it.

use crate::error::DbResult;
use crate::fixed::fixed;
use crate::ids::Raw;
use crate::models::TaskRun;
use crate::tables::task_run;
use berth_common::ids::NexusUuid;
use diesel::sql_types::{BigInt, Text, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryDsl, SelectableHelper};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// Claims the next run of a task, if the last one began at least `every_ms` ago and has ended, or began `stale_ms` ago
/// without an end: its nexus died. The answer is the run as claimed; none: it isn't time, or another nexus is on it.
///
/// # Errors
/// Of the database only.
pub async fn claim(
    conn: &mut AsyncPgConnection,
    name: &str,
    nexus: NexusUuid,
    every_ms: i64,
    stale_ms: i64,
) -> DbResult<Option<TaskRun>> {
    let claimed = fixed(
        "INSERT INTO task_run AS t (name, claimed_by, claim_gen, last_started_at) VALUES ($1, $2, 1, now())
         ON CONFLICT (name) DO UPDATE SET claimed_by = excluded.claimed_by, claim_gen = t.claim_gen + 1,
             last_started_at = now()
         WHERE t.last_started_at IS NULL
            OR t.last_started_at <= now() - $4 * interval '1 millisecond'
            OR (t.last_ended_at >= t.last_started_at
                AND t.last_started_at <= now() - $3 * interval '1 millisecond')
         RETURNING *",
    )
    .bind::<Text, _>(name)
    .bind::<SqlUuid, _>(nexus.raw())
    .bind::<BigInt, _>(every_ms)
    .bind::<BigInt, _>(stale_ms)
    .get_result(conn)
    .await
    .optional()?;
    Ok(claimed)
}

/// Says how a run ended. False: it took so long that another nexus has claimed the next one.
///
/// # Errors
/// Of the database only.
pub async fn finish(conn: &mut AsyncPgConnection, run: &TaskRun, result: &str) -> DbResult<bool> {
    let finished = fixed(
        "UPDATE task_run SET last_ended_at = now(), last_result = $3 WHERE name = $1 AND claim_gen = $2",
    )
    .bind::<Text, _>(&run.name)
    .bind::<BigInt, _>(run.claim_gen)
    .bind::<Text, _>(result)
    .execute(conn)
    .await?;
    Ok(finished == 1)
}

/// All tasks that ever ran, by name.
///
/// # Errors
/// Of the database only.
pub async fn list(conn: &mut AsyncPgConnection) -> DbResult<Vec<TaskRun>> {
    Ok(task_run::table.order(task_run::name).select(TaskRun::as_select()).load(conn).await?)
}
