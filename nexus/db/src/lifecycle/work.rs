//! Operations as sagas and requests write them: an end that came before stays as it is.

use berth_common::ids::{GenericUuid, OperationUuid, ProjectUuid};
use berth_common::operation::{OperationKind, OperationState};
use berth_common::refusal::ErrorCode;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Uuid as SqlUuid};
use diesel::{ExpressionMethods, QueryDsl, SelectableHelper};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::error::DbResult;
use crate::fixed::fixed;
use crate::models::Operation;
use crate::operation::{self, Subject};

/// An operation on an instance or disk, as accepted.
#[derive(Clone, Debug)]
pub struct NewOperation {
    pub id: OperationUuid,
    pub kind: OperationKind,
    /// `instance` or `disk`.
    pub subject_kind: &'static str,
    pub subject_id: Uuid,
    pub subject_name: String,
    pub project_id: Option<ProjectUuid>,
    /// Of an instance: the intent it stands for.
    pub intent_gen: Option<i64>,
    pub saga_id: Option<Uuid>,
    pub actor: String,
    pub cause: String,
}

/// Stores it.
pub async fn insert(conn: &mut AsyncPgConnection, new: &NewOperation) -> DbResult<()> {
    let row = operation::NewOperation {
        id: new.id,
        kind: new.kind,
        subject: Subject { kind: new.subject_kind, id: new.subject_id, name: &new.subject_name },
        project: new.project_id,
        state: OperationState::Pending,
        cancellable: false,
        parent: None,
        intent_gen: new.intent_gen,
        saga: new.saga_id.map(berth_common::ids::SagaUuid::from_untyped_uuid),
        actor: &new.actor,
        cause: &new.cause,
    };
    operation::insert(conn, &row).await?;
    Ok(())
}

/// How it ended.
struct End<'a> {
    state: OperationState,
    /// What it was doing stays where none is given.
    phase: Option<&'a str>,
    error: Option<(ErrorCode, &'a str)>,
}

async fn end(conn: &mut AsyncPgConnection, id: OperationUuid, end: End<'_>) -> DbResult<()> {
    fixed(
        "UPDATE operation SET state = $2, phase = coalesce($3, phase), error_code = $4, error_message = $5,
             waiting_for = NULL, updated_at = now(), ended_at = now()
         WHERE id = $1 AND ended_at IS NULL",
    )
    .bind::<SqlUuid, _>(id.into_untyped_uuid())
    .bind::<Text, _>(end.state.as_str())
    .bind::<Nullable<Text>, _>(end.phase)
    .bind::<Nullable<Text>, _>(end.error.map(|(code, _)| code.as_str()))
    .bind::<Nullable<Text>, _>(end.error.map(|(_, message)| message))
    .execute(conn)
    .await?;
    Ok(())
}

/// It is done; `phase` says how.
pub async fn succeed(conn: &mut AsyncPgConnection, id: OperationUuid, phase: &str) -> DbResult<()> {
    end(conn, id, End { state: OperationState::Succeeded, phase: Some(phase), error: None }).await
}

/// It failed, and why.
pub async fn fail(
    conn: &mut AsyncPgConnection,
    id: OperationUuid,
    code: ErrorCode,
    message: &str,
) -> DbResult<()> {
    end(conn, id, End { state: OperationState::Failed, phase: None, error: Some((code, message)) }).await
}

/// A later request overtook it: which.
pub async fn cancel(conn: &mut AsyncPgConnection, id: OperationUuid, why: &str) -> DbResult<()> {
    end(conn, id, End { state: OperationState::Cancelled, phase: Some(why), error: None }).await
}

/// The same for every open operation about a thing.
pub async fn cancel_open_of(conn: &mut AsyncPgConnection, subject: Uuid, why: &str) -> DbResult<()> {
    fixed(
        "UPDATE operation SET state = 'cancelled', phase = $2, waiting_for = NULL, error_message = NULL,
             updated_at = now(), ended_at = now()
         WHERE subject_id = $1 AND ended_at IS NULL",
    )
    .bind::<SqlUuid, _>(subject)
    .bind::<Text, _>(why)
    .execute(conn)
    .await?;
    Ok(())
}

/// What it is doing now.
pub async fn progress(conn: &mut AsyncPgConnection, id: OperationUuid, phase: &str) -> DbResult<()> {
    fixed(
        "UPDATE operation SET state = 'running', phase = $2, waiting_for = NULL, updated_at = now()
         WHERE id = $1 AND ended_at IS NULL",
    )
    .bind::<SqlUuid, _>(id.into_untyped_uuid())
    .bind::<Text, _>(phase)
    .execute(conn)
    .await?;
    Ok(())
}

/// The same in bytes.
pub async fn progress_bytes(
    conn: &mut AsyncPgConnection,
    id: OperationUuid,
    phase: &str,
    done: u64,
    total: u64,
) -> DbResult<()> {
    let number = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
    fixed(
        "UPDATE operation SET state = 'running', phase = $2, waiting_for = NULL, bytes = $3, done = $3, total = $4,
             updated_at = now()
         WHERE id = $1 AND ended_at IS NULL",
    )
    .bind::<SqlUuid, _>(id.into_untyped_uuid())
    .bind::<Text, _>(phase)
    .bind::<BigInt, _>(number(done))
    .bind::<BigInt, _>(number(total))
    .execute(conn)
    .await?;
    Ok(())
}

/// Whether it can still be given up.
pub async fn set_cancellable(conn: &mut AsyncPgConnection, id: OperationUuid, can: bool) -> DbResult<()> {
    fixed("UPDATE operation SET cancellable = $2 WHERE id = $1 AND ended_at IS NULL")
        .bind::<SqlUuid, _>(id.into_untyped_uuid())
        .bind::<diesel::sql_types::Bool, _>(can)
        .execute(conn)
        .await?;
    Ok(())
}

/// What is open of these kinds about an instance waits for this, which no saga of its own finds out.
pub async fn instance_waits(
    conn: &mut AsyncPgConnection,
    instance: Uuid,
    kinds: &[OperationKind],
    what: &str,
) -> DbResult<()> {
    fixed(
        "UPDATE operation SET state = 'waiting', waiting_for = $3, updated_at = now()
         WHERE subject_id = $1 AND kind = ANY ($2) AND ended_at IS NULL AND waiting_for IS DISTINCT FROM $3",
    )
    .bind::<SqlUuid, _>(instance)
    .bind::<Array<Text>, _>(kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>())
    .bind::<Text, _>(what)
    .execute(conn)
    .await?;
    Ok(())
}

/// What it waits for, by name.
pub async fn wait(conn: &mut AsyncPgConnection, id: OperationUuid, what: &str) -> DbResult<()> {
    fixed(
        "UPDATE operation SET state = 'waiting', waiting_for = $2, updated_at = now()
         WHERE id = $1 AND ended_at IS NULL AND waiting_for IS DISTINCT FROM $2",
    )
    .bind::<SqlUuid, _>(id.into_untyped_uuid())
    .bind::<Text, _>(what)
    .execute(conn)
    .await?;
    Ok(())
}

/// Another saga goes on with it.
pub async fn hand_over(
    conn: &mut AsyncPgConnection,
    id: OperationUuid,
    saga: Uuid,
    phase: &str,
) -> DbResult<()> {
    fixed(
        "UPDATE operation SET state = 'running', saga_id = $2, phase = $3, waiting_for = NULL, updated_at = now()
         WHERE id = $1 AND ended_at IS NULL",
    )
    .bind::<SqlUuid, _>(id.into_untyped_uuid())
    .bind::<SqlUuid, _>(saga)
    .bind::<Text, _>(phase)
    .execute(conn)
    .await?;
    Ok(())
}

/// One operation.
pub async fn by_id(conn: &mut AsyncPgConnection, id: OperationUuid) -> DbResult<Option<Operation>> {
    operation::by_id(conn, id).await
}

/// Several, in no order.
pub async fn by_ids(conn: &mut AsyncPgConnection, ids: &[OperationUuid]) -> DbResult<Vec<Operation>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.into_untyped_uuid()).collect();
    let found = crate::tables::operation::table.filter(crate::tables::operation::id.eq_any(ids));
    Ok(found.select(Operation::as_select()).load(conn).await?)
}
