//! Sagas, as operators see them: list, view, retry, resolve.

use berth_common::ids::{GenericUuid, NexusUuid, SagaUuid};
use berth_common::refusal::ErrorCode;
use berth_db::DbError;
use berth_db::page::ByTime;
use berth_nexus_api::Page;
use berth_nexus_api::saga::{Saga, SagaDetail, SagaListQuery, SagaState, SagaStep};
use berth_saga_store::{LogEntry, Resolved, RetryError, SagaFilter, SagaRow};
use uuid::Uuid;

use super::actor::Actor;
use super::authorise::{Action, authorise_fleet};
use super::error::{AppError, AppResult};
use super::page::{PageLimit, read_token, token};
use super::unreadable::amount;
use crate::context::Nexus;

/// Sagas, newest first.
pub async fn saga_list(nexus: &Nexus, actor: &Actor, query: SagaListQuery) -> AppResult<Page<Saga>> {
    authorise_fleet(actor, Action::ViewFleet)?;
    let limit = PageLimit::of(query.limit)?;
    let after: Option<ByTime> = query.page_token.as_deref().map(read_token).transpose()?;
    let filter = SagaFilter {
        state: query.state.map(state).map(str::to_string),
        subject_id: None,
        after: after.map(|place| (place.at, place.id)),
    };
    let rows = nexus
        .db
        .statement("saga.list", async |conn| {
            Ok::<_, AppError>(berth_saga_store::list(conn, &filter, limit.rows()).await?)
        })
        .await?;
    let full = rows.len() >= usize::try_from(limit.items()).unwrap_or(usize::MAX);
    let next_page =
        rows.last().filter(|_| full).and_then(|last| token(&ByTime { at: last.created_at, id: last.id }));
    Ok(Page { items: rows.into_iter().map(view).collect(), next_page })
}

/// One saga with its log.
pub async fn saga_view(nexus: &Nexus, actor: &Actor, id: SagaUuid) -> AppResult<SagaDetail> {
    authorise_fleet(actor, Action::ViewFleet)?;
    let id = id.into_untyped_uuid();
    let found = nexus
        .db
        .statement("saga.view", async |conn| Ok::<_, AppError>(berth_saga_store::view(conn, id).await?))
        .await?
        .ok_or_else(|| missing(id))?;
    Ok(SagaDetail { saga: view(found.saga), events: found.log.into_iter().map(step).collect() })
}

/// Runs the failed undo of a stuck saga again, on this nexus.
pub async fn saga_retry(nexus: &Nexus, actor: &Actor, id: SagaUuid) -> AppResult<Saga> {
    authorise_fleet(actor, Action::AdministerFleet)?;
    let id = id.into_untyped_uuid();
    one(nexus, id).await?;
    match nexus.sagas.retry(id).await {
        Ok(_running) => one(nexus, id).await,
        Err(RetryError::NotStuck(_)) => Err(not_stuck(id)),
        Err(error @ (RetryError::Unloadable(_) | RetryError::Broken(..))) => Err(AppError::refused(
            ErrorCode::SagaNotRunnable,
            format!("{error}; ask a nexus that knows this saga, or resolve it"),
        )),
        Err(RetryError::Database(error)) => Err(AppError::Database(DbError::Unavailable(Box::new(error)))),
    }
}

/// Gives up a stuck saga: it, the lock it holds and its operation are freed together.
pub async fn saga_resolve(nexus: &Nexus, actor: &Actor, id: SagaUuid) -> AppResult<Saga> {
    authorise_fleet(actor, Action::AdministerFleet)?;
    let raw = id.into_untyped_uuid();
    one(nexus, raw).await?;
    let who = actor.name.as_str();
    nexus
        .db
        .transaction("saga.resolve", async |conn| match berth_saga_store::resolve(conn, raw).await? {
            Resolved::NotStuck => Err(not_stuck(raw)),
            Resolved::Abandoned => {
                berth_db::saga_release::release(conn, id, who, &actor.cause).await?;
                Ok(())
            }
        })
        .await?;
    nexus.world.wake.intent();
    one(nexus, raw).await
}

async fn one(nexus: &Nexus, id: Uuid) -> AppResult<Saga> {
    let found = nexus
        .db
        .statement("saga.view", async |conn| Ok::<_, AppError>(berth_saga_store::view(conn, id).await?))
        .await?;
    found.map(|found| view(found.saga)).ok_or_else(|| missing(id))
}

fn missing(id: Uuid) -> AppError {
    AppError::not_found("saga", id)
}

fn not_stuck(id: Uuid) -> AppError {
    AppError::refused(
        ErrorCode::SagaNotStuck,
        format!(
            "saga {id} isn't stuck: it ends by itself, or has ended; `berth saga view` shows where it is"
        ),
    )
}

const fn state(state: SagaState) -> &'static str {
    match state {
        SagaState::Running => "running",
        SagaState::Unwinding => "unwinding",
        SagaState::Done => "done",
        SagaState::Stuck => "stuck",
        SagaState::Abandoned => "abandoned",
    }
}

fn view(row: SagaRow) -> Saga {
    Saga {
        id: SagaUuid::from_untyped_uuid(row.id),
        name: row.name,
        version: u32::try_from(row.version).unwrap_or(0),
        owner: NexusUuid::from_untyped_uuid(row.owner),
        adoption_generation: amount(row.adoption_gen),
        state: row.state,
        subject_id: row.subject_id,
        cause: row.cause,
        created_at: row.created_at,
        updated_at: row.updated_at,
        finished_at: row.finished_at,
    }
}

fn step(entry: LogEntry) -> SagaStep {
    let failed = matches!(entry.event.as_str(), "failed" | "undo_failed");
    SagaStep {
        node: amount(entry.node),
        name: entry.step,
        event: entry.event,
        at: entry.at,
        error: entry.data.filter(|_| failed).map(|data| data.to_string()),
    }
}
