//! Operations: written in the transaction that moves their subject, and never again once they ended.

use crate::error::DbResult;
use crate::fixed::fixed;
use crate::guarded::Guarded;
use crate::ids::Raw;
use crate::models::Operation;
use crate::page::{ByTime, Page, Paging};
use crate::tables::operation;
use berth_common::ids::{OperationUuid, ProjectUuid, SagaUuid, UserUuid};
use berth_common::operation::{OperationKind, OperationState};
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Uuid as SqlUuid};
use diesel::{
    BoolExpressionMethods, ExpressionMethods, NullableExpressionMethods, OptionalExtension, QueryDsl,
    SelectableHelper,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// What an operation is about, as it was called when the work was accepted.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// `instance` or `disk`.
    pub kind: &'static str,
    pub id: Uuid,
    pub name: &'a str,
}

/// Accepted work.
#[derive(Clone, Debug)]
pub struct NewOperation<'a> {
    pub id: OperationUuid,
    pub kind: OperationKind,
    pub subject: Subject<'a>,
    pub project: Option<ProjectUuid>,
    /// *pending*, or an ended state for what needed no work.
    pub state: OperationState,
    pub cancellable: bool,
    pub parent: Option<OperationUuid>,
    /// Of an instance: the intent it stands for.
    pub intent_gen: Option<i64>,
    pub saga: Option<SagaUuid>,
    /// Who asked.
    pub actor: &'a str,
    /// Id of the request.
    pub cause: &'a str,
}

/// Which operations a list has.
#[derive(Clone, Copy, Debug, Default)]
pub struct OperationFilter {
    pub project: Option<ProjectUuid>,
    pub subject: Option<Uuid>,
    /// Only those that have, or haven't, ended.
    pub open: Option<bool>,
    /// Only those of projects in which this user has a role.
    pub visible_to: Option<UserUuid>,
}

/// Stores an operation.
///
/// # Errors
/// Conflict of `operation_pkey`: it is there already.
pub async fn insert(conn: &mut AsyncPgConnection, new: &NewOperation<'_>) -> DbResult<Operation> {
    let made = fixed(
        "INSERT INTO operation (id, kind, subject_kind, subject_id, subject_name, project_id, state, cancellable,
             parent_id, intent_gen, saga_id, actor, cause, ended_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, CASE WHEN $14 THEN now() END) RETURNING *",
    )
    .bind::<SqlUuid, _>(new.id.raw())
    .bind::<Text, _>(new.kind.as_str())
    .bind::<Text, _>(new.subject.kind)
    .bind::<SqlUuid, _>(new.subject.id)
    .bind::<Text, _>(new.subject.name)
    .bind::<Nullable<SqlUuid>, _>(new.project.map(Raw::raw))
    .bind::<Text, _>(new.state.as_str())
    .bind::<Bool, _>(new.cancellable)
    .bind::<Nullable<SqlUuid>, _>(new.parent.map(Raw::raw))
    .bind::<Nullable<BigInt>, _>(new.intent_gen)
    .bind::<Nullable<SqlUuid>, _>(new.saga.map(Raw::raw))
    .bind::<Text, _>(new.actor)
    .bind::<Text, _>(new.cause)
    .bind::<Bool, _>(new.state.is_terminal())
    .get_result(conn)
    .await?;
    Ok(made)
}

/// Asks for an operation's end. *Stale*: it has ended, or can't be cancelled.
///
/// # Errors
/// Of the database only.
pub async fn want_cancel(conn: &mut AsyncPgConnection, id: OperationUuid) -> DbResult<Guarded<()>> {
    let wanted = fixed(
        "UPDATE operation SET cancel_wanted = true, updated_at = now()
         WHERE id = $1 AND ended_at IS NULL AND cancellable",
    )
    .bind::<SqlUuid, _>(id.raw())
    .execute(conn)
    .await?
        == 1;
    guarded(conn, id, wanted).await
}

async fn guarded(conn: &mut AsyncPgConnection, id: OperationUuid, written: bool) -> DbResult<Guarded<()>> {
    let exists = written || by_id(conn, id).await?.is_some();
    Ok(Guarded::of(written.then_some(()), exists))
}

/// One operation.
///
/// # Errors
/// Of the database only.
pub async fn by_id(conn: &mut AsyncPgConnection, id: OperationUuid) -> DbResult<Option<Operation>> {
    let found = operation::table.filter(operation::id.eq(id.raw()));
    Ok(found.select(Operation::as_select()).first(conn).await.optional()?)
}

/// Operations, newest first.
///
/// # Errors
/// Of the database only.
pub async fn list(
    conn: &mut AsyncPgConnection,
    filter: &OperationFilter,
    paging: &Paging<ByTime>,
) -> DbResult<Page<Operation, ByTime>> {
    // Each filter is a text of its own, which the connection keeps prepared with a plan that fits it.
    let mut query = operation::table.into_boxed();
    if let Some(project) = filter.project {
        query = query.filter(operation::project_id.eq(project.raw()));
    }
    if let Some(subject) = filter.subject {
        query = query.filter(operation::subject_id.eq(subject));
    }
    if let Some(open) = filter.open {
        query = if open {
            query.filter(operation::ended_at.is_null())
        } else {
            query.filter(operation::ended_at.is_not_null())
        };
    }
    if let Some(user) = filter.visible_to {
        use crate::tables::project_role;
        let visible = project_role::table.filter(project_role::user_id.eq(user.raw()));
        query =
            query.filter(operation::project_id.eq_any(visible.select(project_role::project_id.nullable())));
    }
    if let Some(after) = paging.after() {
        let same_time = operation::created_at.eq(after.at).and(operation::id.lt(after.id));
        query = query.filter(operation::created_at.le(after.at));
        query = query.filter(operation::created_at.lt(after.at).or(same_time));
    }
    let rows = query
        .order((operation::created_at.desc(), operation::id.desc()))
        .limit(paging.rows())
        .select(Operation::as_select())
        .load(conn)
        .await?;
    Ok(Page::of(rows, paging, |last: &Operation| ByTime { at: last.created_at, id: last.id.raw() }))
}
