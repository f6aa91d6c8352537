//! What operators and background tasks do with sagas: list and view them, retry or give up a stuck one, delete old
//! ones. Lists come from the database, never from the executor, which can hang on one parked saga.

use crate::engine::{SagaEngine, WaitError};
use crate::outcome::{Outcome, SagaHandle};
use crate::recovery::{Claimed, DatabaseError};
use crate::tables::{saga, saga_event};
use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Double, Uuid as SqlUuid};
use diesel::{BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, Queryable};
use diesel_async::pooled_connection::deadpool::Pool;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use std::fmt;
use std::time::Duration;
use thiserror::Error;
use uuid::Uuid;

/// A saga as it is listed.
#[derive(Clone, Debug, Queryable)]
pub struct SagaRow {
    pub id: Uuid,
    pub name: String,
    pub version: i32,
    pub owner: Uuid,
    pub adoption_gen: i64,
    /// `running`, `unwinding`, `done`, `stuck` or `abandoned`.
    pub state: String,
    pub subject_id: Option<Uuid>,
    pub cause: Option<String>,
    /// An [`Outcome`], once it ended.
    pub result: Option<serde_json::Value>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
}

impl SagaRow {
    /// How it ended, if it did.
    pub fn outcome(&self) -> Option<Outcome> {
        if self.state == "abandoned" {
            return Some(Outcome::Abandoned);
        }
        serde_json::from_value(self.result.clone()?).ok()
    }
}

/// One entry of a saga's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntry {
    pub node: i64,
    /// The step's name; `None` for nodes that the engine adds.
    pub step: Option<String>,
    pub event: String,
    pub data: Option<serde_json::Value>,
    pub at: DateTime<Utc>,
}

/// A saga with its log, in the order of nodes.
#[derive(Clone, Debug)]
pub struct SagaView {
    pub saga: SagaRow,
    pub log: Vec<LogEntry>,
}

/// Which sagas to list, newest first.
#[derive(Clone, Debug, Default)]
pub struct SagaFilter {
    pub state: Option<String>,
    pub subject_id: Option<Uuid>,
    /// Keyset: (`created_at`, `id`) of the last saga of the page before.
    pub after: Option<(DateTime<Utc>, Uuid)>,
}

/// Why a stuck saga can't be taken up.
#[derive(Debug, Error)]
pub enum RetryError {
    #[error("saga {0} isn't stuck")]
    NotStuck(Uuid),
    #[error("saga {0} is of a kind that this program doesn't know")]
    Unloadable(Uuid),
    #[error("saga {0} can't be run: {1}")]
    Broken(Uuid, String),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// What became of a request to give up a saga.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolved {
    /// It was stuck and is abandoned now: free what it held, in this same transaction.
    Abandoned,
    NotStuck,
}

const TAKE_STUCK: &str = "UPDATE saga SET owner = $1, adoption_gen = adoption_gen + 1, state = 'unwinding',
           result = NULL, finished_at = NULL, updated_at = now()
     WHERE id = $2 AND state = 'stuck' RETURNING id, adoption_gen, dag";

const DELETE_FINISHED: &str = "DELETE FROM saga WHERE id IN (
    SELECT id FROM saga WHERE state IN ('done', 'abandoned') AND finished_at < now() - make_interval(secs => $1)
     ORDER BY finished_at LIMIT $2 FOR UPDATE SKIP LOCKED)";

impl<W: fmt::Debug + Send + Sync + 'static> SagaEngine<W> {
    /// Runs the failed undo of a stuck saga again, here, and goes on unwinding.
    pub async fn retry(&self, id: Uuid) -> Result<SagaHandle, RetryError> {
        let mut conn = self.connection().await?;
        let row = row(&mut conn, id).await.map_err(DatabaseError::from)?.ok_or(RetryError::NotStuck(id))?;
        let key = crate::registry::SagaKey { name: row.name, version: row.version };
        if !self.inner.registry.knows(&key) {
            return Err(RetryError::Unloadable(id));
        }
        let Some(ticket) = self.inner.reserve(id) else { return Err(RetryError::NotStuck(id)) };
        let handle = ticket.handle();
        match take_stuck(&mut conn, self.owner(), id).await {
            Err(e) => {
                self.inner.release(&ticket);
                Err(DatabaseError::from(e).into())
            }
            Ok(None) => {
                self.inner.release(&ticket);
                Err(RetryError::NotStuck(id))
            }
            Ok(Some(saga)) => match self.resume(&mut conn, ticket, saga).await? {
                Ok(_) => Ok(handle),
                Err((id, cause)) => Err(RetryError::Broken(id, cause)),
            },
        }
    }

    /// Deletes sagas (and their logs) that were done or abandoned longer than `older_than` ago; up to `limit`.
    /// Returns how many.
    pub async fn delete_finished(&self, older_than: Duration, limit: i64) -> Result<usize, DatabaseError> {
        let mut conn = self.connection().await?;
        let deleted = diesel::sql_query(DELETE_FINISHED)
            .bind::<Double, _>(older_than.as_secs_f64())
            .bind::<BigInt, _>(limit)
            .execute(&mut conn)
            .await?;
        Ok(deleted)
    }
}

/// Ownership and generation change, and the failed undo becomes one that was only begun; all or nothing.
async fn take_stuck(
    conn: &mut AsyncPgConnection,
    owner: Uuid,
    id: Uuid,
) -> Result<Option<Claimed>, diesel::result::Error> {
    conn.transaction(async |conn| {
        let claimed = diesel::sql_query(TAKE_STUCK)
            .bind::<SqlUuid, _>(owner)
            .bind::<SqlUuid, _>(id)
            .get_result::<Claimed>(conn)
            .await
            .optional()?;
        if claimed.is_some() {
            let failed = saga_event::saga_id.eq(id).and(saga_event::event_type.eq("undo_failed"));
            diesel::delete(saga_event::table.filter(failed)).execute(conn).await?;
        }
        Ok(claimed)
    })
    .await
}

/// Gives up a stuck saga, in the transaction that `conn` is in: the caller frees there what the saga held.
pub async fn resolve(conn: &mut AsyncPgConnection, id: Uuid) -> Result<Resolved, diesel::result::Error> {
    let changed = diesel::update(saga::table.filter(saga::id.eq(id)).filter(saga::state.eq("stuck")))
        .set((
            saga::state.eq("abandoned"),
            saga::adoption_gen.eq(saga::adoption_gen + 1),
            saga::finished_at.eq(diesel::dsl::now),
            saga::updated_at.eq(diesel::dsl::now),
        ))
        .execute(conn)
        .await?;
    Ok(if changed == 1 { Resolved::Abandoned } else { Resolved::NotStuck })
}

/// A page of sagas, newest first.
pub async fn list(
    conn: &mut AsyncPgConnection,
    filter: &SagaFilter,
    limit: i64,
) -> Result<Vec<SagaRow>, diesel::result::Error> {
    let mut query =
        saga::table.select(COLUMNS).order((saga::created_at.desc(), saga::id.desc())).into_boxed();
    if let Some(state) = &filter.state {
        query = query.filter(saga::state.eq(state));
    }
    if let Some(subject) = filter.subject_id {
        query = query.filter(saga::subject_id.eq(subject));
    }
    if let Some((at, id)) = filter.after {
        let same_moment = saga::created_at.eq(at).and(saga::id.lt(id));
        query = query.filter(saga::created_at.le(at)).filter(saga::created_at.lt(at).or(same_moment));
    }
    query.limit(limit).load(conn).await
}

/// One saga with its log; `None` if there is none of this id.
pub async fn view(conn: &mut AsyncPgConnection, id: Uuid) -> Result<Option<SagaView>, diesel::result::Error> {
    let Some(saga) = row(conn, id).await? else { return Ok(None) };
    let dag: serde_json::Value = saga::table.find(id).select(saga::dag).first(conn).await?;
    let shape = crate::shape::DagShape::of(&dag).ok();
    let events: Vec<(i64, String, Option<serde_json::Value>, DateTime<Utc>)> = saga_event::table
        .filter(saga_event::saga_id.eq(id))
        .order((saga_event::node_id, saga_event::at, saga_event::event_type))
        .select((saga_event::node_id, saga_event::event_type, saga_event::data, saga_event::at))
        .load(conn)
        .await?;
    let step = |node: i64| {
        let node = u32::try_from(node).ok()?;
        shape.as_ref()?.step_name(node).map(str::to_owned)
    };
    let log = events
        .into_iter()
        .map(|(node, event, data, at)| LogEntry { node, step: step(node), event, data, at })
        .collect();
    Ok(Some(SagaView { saga, log }))
}

/// The columns of a [`SagaRow`]: all but the DAG.
const COLUMNS: (
    saga::id,
    saga::name,
    saga::version,
    saga::owner,
    saga::adoption_gen,
    saga::state,
    saga::subject_id,
    saga::cause,
    saga::result,
    saga::created_at,
    saga::updated_at,
    saga::finished_at,
) = (
    saga::id,
    saga::name,
    saga::version,
    saga::owner,
    saga::adoption_gen,
    saga::state,
    saga::subject_id,
    saga::cause,
    saga::result,
    saga::created_at,
    saga::updated_at,
    saga::finished_at,
);

async fn row(conn: &mut AsyncPgConnection, id: Uuid) -> Result<Option<SagaRow>, diesel::result::Error> {
    saga::table.find(id).select(COLUMNS).first(conn).await.optional()
}

/// How a saga that doesn't run here ended.
pub(crate) async fn stored_outcome(pool: &Pool<AsyncPgConnection>, id: Uuid) -> Result<Outcome, WaitError> {
    let mut conn = pool.get().await.map_err(|e| DatabaseError::Connect(e.to_string()))?;
    let row = row(&mut conn, id).await.map_err(DatabaseError::from)?.ok_or(WaitError::Missing(id))?;
    row.outcome().ok_or(WaitError::Elsewhere { saga: id, owner: row.owner })
}
