//! Taking up sagas from the database: one's own after a restart, another's after its death, a stuck one again.
//!
//! The order is what makes it safe: first owner and adoption generation change in a committed UPDATE, which waits for
//! every append and every step's transaction of the former run and refuses all later ones; only then is the log read.

use crate::engine::SagaEngine;
use crate::registry::SagaKey;
use crate::run::Ticket;
use crate::tables::saga_event;
use diesel::sql_types::{Array, BigInt, Integer, Jsonb, Text, Uuid as SqlUuid};
use diesel::{ExpressionMethods, QueryDsl, QueryableByName};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use newtype_uuid::GenericUuid;
use slog::info;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use steno::{SagaId, SagaNodeEvent, SagaNodeEventType, SagaNodeId};
use thiserror::Error;
use uuid::Uuid;

/// Sagas claimed per statement, so that one adopter neither takes thousands nor locks them for long.
const CLAIM: i64 = 50;
/// Events read per page. Pages go by key, never by time: a log with a gap can't be followed.
const LOG_PAGE: i64 = 1000;

/// The database couldn't be asked; nothing is lost by asking again.
#[derive(Debug, Error)]
pub enum DatabaseError {
    #[error("no connection to the database: {0}")]
    Connect(String),
    #[error("the database refused")]
    Query(#[from] diesel::result::Error),
}

/// A saga of a kind that this program doesn't register: left alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unloadable {
    pub id: Uuid,
    pub key: SagaKey,
}

/// What a round of taking up did.
#[derive(Clone, Debug, Default)]
pub struct TakenUp {
    /// Sagas that run here now.
    pub resumed: Vec<Uuid>,
    pub unloadable: Vec<Unloadable>,
    /// Sagas whose DAG or log can't be followed, each with its reason; each is an alarm.
    pub broken: Vec<(Uuid, String)>,
}

#[derive(QueryableByName)]
pub(crate) struct Claimed {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = BigInt)]
    pub adoption_gen: i64,
    #[diesel(sql_type = Jsonb)]
    pub dag: serde_json::Value,
}

#[derive(QueryableByName)]
struct Kind {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Integer)]
    version: i32,
}

/// Sagas of an owner that aren't over, in the order of their ids.
const UNFINISHED: &str = "SELECT id, name, version FROM saga
     WHERE owner = $1 AND state IN ('running', 'unwinding') AND id > $2 ORDER BY id LIMIT $3";

/// `SKIP LOCKED`: another adopter at work, or an old owner's transaction that is just ending, is not waited for.
const ADOPT: &str = "UPDATE saga SET owner = $1, adoption_gen = adoption_gen + 1, updated_at = now()
     WHERE id IN (SELECT id FROM saga WHERE owner = $2 AND id = ANY ($3) AND state IN ('running', 'unwinding')
                  ORDER BY id FOR UPDATE SKIP LOCKED)
    RETURNING id, adoption_gen, dag";

/// Waits for a former run of this same owner, which can only be ending.
const TAKE_OWN: &str = "UPDATE saga SET owner = $1, adoption_gen = adoption_gen + 1, updated_at = now()
     WHERE id IN (SELECT id FROM saga WHERE owner = $2 AND id = ANY ($3) AND state IN ('running', 'unwinding')
                  ORDER BY id FOR UPDATE)
    RETURNING id, adoption_gen, dag";

impl<W: fmt::Debug + Send + Sync + 'static> SagaEngine<W> {
    /// Takes up all sagas of this owner that aren't over and don't run here: at start, and from time to time for one
    /// whose creator died between COMMIT and [`SagaEngine::start`].
    pub async fn recover(&self) -> Result<TakenUp, DatabaseError> {
        self.take_up(self.owner(), TAKE_OWN, usize::MAX).await
    }

    /// Adopts up to `limit` sagas of `former`, which must have been declared dead. Sagas that are locked right now
    /// are left for the next call: call until nothing is resumed.
    pub async fn adopt(&self, former: Uuid, limit: usize) -> Result<TakenUp, DatabaseError> {
        self.take_up(former, ADOPT, limit).await
    }

    async fn take_up(&self, former: Uuid, claim: &str, limit: usize) -> Result<TakenUp, DatabaseError> {
        let mut done = TakenUp::default();
        let mut conn = self.connection().await?;
        let mut after = Uuid::nil();
        loop {
            let page = unfinished(&mut conn, former, after).await?;
            let Some(last) = page.last() else { break };
            after = last.id;
            let room = limit - done.resumed.len();
            let tickets = self.reserve_known(page, &mut done, room);
            self.claim_and_launch(&mut conn, former, claim, tickets, &mut done).await?;
            if done.resumed.len() >= limit {
                break;
            }
        }
        if !done.resumed.is_empty() {
            info!(self.inner.shared.log, "sagas taken up"; "from" => %former, "count" => done.resumed.len());
        }
        Ok(done)
    }

    /// Tickets for the sagas that can be run here and aren't.
    fn reserve_known(&self, page: Vec<Kind>, done: &mut TakenUp, room: usize) -> HashMap<Uuid, Arc<Ticket>> {
        let mut tickets = HashMap::new();
        for Kind { id, name, version } in page {
            let key = SagaKey { name, version };
            if !self.inner.registry.knows(&key) {
                done.unloadable.push(Unloadable { id, key });
            } else if tickets.len() < room
                && let Some(ticket) = self.inner.reserve(id)
            {
                tickets.insert(id, ticket);
            }
        }
        tickets
    }

    async fn claim_and_launch(
        &self,
        conn: &mut AsyncPgConnection,
        former: Uuid,
        claim: &str,
        mut tickets: HashMap<Uuid, Arc<Ticket>>,
        done: &mut TakenUp,
    ) -> Result<(), DatabaseError> {
        if tickets.is_empty() {
            return Ok(());
        }
        let claimed = diesel::sql_query(claim)
            .bind::<SqlUuid, _>(self.owner())
            .bind::<SqlUuid, _>(former)
            .bind::<Array<SqlUuid>, _>(tickets.keys().copied().collect::<Vec<_>>())
            .load::<Claimed>(conn)
            .await;
        let mut result = Ok(());
        match claimed {
            Err(e) => result = Err(e.into()),
            Ok(claimed) => {
                for saga in claimed {
                    let Some(ticket) = tickets.remove(&saga.id) else { continue };
                    match self.resume(conn, ticket, saga).await {
                        Ok(Ok(id)) => done.resumed.push(id),
                        Ok(Err(broken)) => done.broken.push(broken),
                        Err(e) => {
                            result = Err(e);
                            break;
                        }
                    }
                }
            }
        }
        // Not claimed after all, or claimed and not read: `recover` takes the latter up.
        tickets.values().for_each(|ticket| self.inner.release(ticket));
        result
    }

    /// Reads the log of a saga that is ours by a committed claim, and runs it.
    pub(crate) async fn resume(
        &self,
        conn: &mut AsyncPgConnection,
        ticket: Arc<Ticket>,
        saga: Claimed,
    ) -> Result<Result<Uuid, (Uuid, String)>, DatabaseError> {
        let id = saga.id;
        let log = match read_log(conn, id).await {
            Ok(log) => log,
            Err(ReadError::Database(e)) => {
                self.inner.release(&ticket);
                return Err(e.into());
            }
            Err(ReadError::Event(cause)) => {
                self.inner.release(&ticket);
                self.inner.shared.counters.alarms.fetch_add(1, Ordering::Relaxed);
                slog::error!(self.inner.shared.log, "ALARM: saga log can't be read"; "saga" => %id, "cause" => &cause);
                return Ok(Err((id, cause)));
            }
        };
        self.inner.shared.counters.resumed.fetch_add(1, Ordering::Relaxed);
        match self.inner.launch(ticket, saga.adoption_gen, saga.dag, log).await {
            Ok(()) => Ok(Ok(id)),
            Err(cause) => Ok(Err((id, cause))),
        }
    }

    pub(crate) async fn connection(
        &self,
    ) -> Result<diesel_async::pooled_connection::deadpool::Object<AsyncPgConnection>, DatabaseError> {
        let taken = self.inner.shared.pool.get().await;
        let mut conn = taken.map_err(|e| DatabaseError::Connect(e.to_string()))?;
        (self.inner.shared.naming)(&mut conn, "saga_store");
        Ok(conn)
    }
}

async fn unfinished(
    conn: &mut AsyncPgConnection,
    owner: Uuid,
    after: Uuid,
) -> Result<Vec<Kind>, diesel::result::Error> {
    diesel::sql_query(UNFINISHED)
        .bind::<SqlUuid, _>(owner)
        .bind::<SqlUuid, _>(after)
        .bind::<BigInt, _>(CLAIM)
        .load(conn)
        .await
}

enum ReadError {
    Database(diesel::result::Error),
    Event(String),
}

async fn read_log(conn: &mut AsyncPgConnection, id: Uuid) -> Result<Vec<SagaNodeEvent>, ReadError> {
    let mut log = Vec::new();
    let (mut node, mut kind) = (-1i64, String::new());
    loop {
        let page: Vec<(i64, String, Option<serde_json::Value>)> = saga_event::table
            .filter(saga_event::saga_id.eq(id))
            .filter(
                diesel::dsl::sql::<diesel::sql_types::Bool>("(node_id, event_type) > (")
                    .bind::<BigInt, _>(node)
                    .sql(", ")
                    .bind::<Text, _>(kind)
                    .sql(")"),
            )
            .order((saga_event::node_id, saga_event::event_type))
            .limit(LOG_PAGE)
            .select((saga_event::node_id, saga_event::event_type, saga_event::data))
            .load(conn)
            .await
            .map_err(ReadError::Database)?;
        let Some((last_node, last_kind, _)) = page.last() else { return Ok(log) };
        (node, kind) = (*last_node, last_kind.clone());
        for (node, kind, data) in page {
            log.push(event_of(id, node, &kind, data).map_err(ReadError::Event)?);
        }
    }
}

/// An event as steno knows it. Errors: what is stored isn't one.
pub(crate) fn event_of(
    saga: Uuid,
    node: i64,
    kind: &str,
    data: Option<serde_json::Value>,
) -> Result<SagaNodeEvent, String> {
    let node = u32::try_from(node).map_err(|_| format!("node {node} has no such number"))?;
    let data = data.unwrap_or(serde_json::Value::Null);
    let unreadable = |e: serde_json::Error| format!("payload of {kind} of node {node}: {e}");
    let event_type = match kind {
        "started" => SagaNodeEventType::Started,
        "succeeded" => SagaNodeEventType::Succeeded(Arc::new(data)),
        "failed" => SagaNodeEventType::Failed(serde_json::from_value(data).map_err(unreadable)?),
        "undo_started" => SagaNodeEventType::UndoStarted,
        "undo_finished" => SagaNodeEventType::UndoFinished,
        "undo_failed" => SagaNodeEventType::UndoFailed(serde_json::from_value(data).map_err(unreadable)?),
        other => return Err(format!("event type {other} of node {node} isn't known")),
    };
    Ok(SagaNodeEvent {
        saga_id: SagaId::from_untyped_uuid(saga),
        node_id: SagaNodeId::from(node),
        event_type,
    })
}
