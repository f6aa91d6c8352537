//! Frees what an abandoned saga held: its updater lock and its open operations, in the transaction that abandons it.

use crate::error::DbResult;
use crate::event::{self, NewEvent};
use crate::fixed::fixed;
use crate::ids::Raw;
use crate::models::Operation;
use berth_common::ids::SagaUuid;
use berth_common::refusal::ErrorCode;
use diesel::sql_types::{Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// Releases the lock, and ends the operations as failed. Returns how many operations were ended.
///
/// # Errors
/// Of the database only.
pub async fn release(
    conn: &mut AsyncPgConnection,
    saga: SagaUuid,
    actor: &str,
    cause: &str,
) -> DbResult<usize> {
    fixed(
        "UPDATE instance SET updater_id = NULL, last_updater_id = $1, updater_gen = updater_gen + 1
         WHERE updater_id = $1",
    )
    .bind::<SqlUuid, _>(saga.raw())
    .execute(conn)
    .await?;
    let message = format!("saga {saga} was stuck, and {actor} resolved it");
    let ended: Vec<Operation> = fixed(
        "UPDATE operation SET state = 'failed', error_code = $2, error_message = $3, waiting_for = NULL,
             cancellable = false, ended_at = now(), updated_at = now()
         WHERE saga_id = $1 AND ended_at IS NULL RETURNING *",
    )
    .bind::<SqlUuid, _>(saga.raw())
    .bind::<Text, _>(ErrorCode::SagaResolved.as_str())
    .bind::<Text, _>(message.as_str())
    .load(conn)
    .await?;
    let told = |operation| told(operation, saga, actor, cause, &message);
    event::insert(conn, &ended.iter().map(told).collect::<Vec<_>>()).await?;
    Ok(ended.len())
}

fn told<'a>(
    operation: &'a Operation,
    saga: SagaUuid,
    actor: &'a str,
    cause: &'a str,
    message: &'a str,
) -> NewEvent<'a> {
    NewEvent {
        kind: "saga_resolved",
        subject_kind: &operation.subject_kind,
        subject: operation.subject_id,
        subject_name: &operation.subject_name,
        project: operation.project_id,
        sled: None,
        actor,
        cause,
        message,
        data: serde_json::json!({"saga": saga, "operation": operation.id}),
    }
}
