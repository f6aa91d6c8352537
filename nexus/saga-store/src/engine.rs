//! The engine: begins sagas that were created, and knows those that it runs.

use crate::counters::{CounterValues, Counters};
use crate::creation::{self, InsertError, Inserted};
use crate::definition::Saga;
use crate::executor::Executors;
use crate::faults::Faults;
use crate::journal::Journal;
use crate::operator;
use crate::outcome::{Outcome, SagaHandle};
use crate::recovery::event_of;
use crate::registry::{About, PrepareError, PreparedSaga, SagaRegistry};
use crate::run::{Shared, Ticket};
use crate::signal::Signal;
use crate::writer::Writer;
use diesel_async::AsyncPgConnection;
use diesel_async::pooled_connection::deadpool::Pool;
use slog::Logger;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use thiserror::Error;
use tokio::sync::{mpsc, watch};
use uuid::Uuid;

/// How an engine is set up.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// This nexus: the owner of what it creates and adopts.
    pub owner: Uuid,
    /// Where the writers connect; steps use the pool.
    pub database: tokio_postgres::Config,
    /// Writer tasks, each with a connection. One is right until the database has cores to spare.
    pub writers: usize,
    /// How long an acknowledged event may stay volatile.
    pub flush_after: Duration,
    /// Sagas per executor: a finished saga costs about 16 KiB until its executor is replaced.
    pub rotate_after: usize,
    /// How long a step waits for the answer to its COMMIT.
    pub commit_limit: Duration,
    pub faults: Faults,
    /// Told what a pooled connection is about to be used for (`saga.step`), for who counts.
    pub naming: fn(&mut AsyncPgConnection, &str),
}

impl EngineConfig {
    pub fn new(owner: Uuid, database: tokio_postgres::Config) -> EngineConfig {
        EngineConfig {
            owner,
            database,
            writers: 1,
            flush_after: Duration::from_millis(5),
            rotate_after: 50_000,
            commit_limit: Duration::from_secs(10),
            faults: Faults::none(),
            naming: |_, _| {},
        }
    }
}

/// Why there is nothing to wait for.
#[derive(Debug, Error)]
pub enum WaitError {
    #[error("there is no saga {0}")]
    Missing(Uuid),
    #[error("saga {saga} isn't run here, but by nexus {owner}")]
    Elsewhere { saga: Uuid, owner: Uuid },
    #[error("the saga can't be looked up")]
    Database(#[from] crate::DatabaseError),
}

/// Runs sagas over the world `W`. Clones share one engine; when the last one is dropped, everything stops where it
/// stands, as if the process had been killed.
pub struct SagaEngine<W: fmt::Debug + Send + Sync + 'static> {
    pub(crate) inner: Arc<Inner<W>>,
}

pub(crate) struct Inner<W: fmt::Debug + Send + Sync + 'static> {
    pub shared: Arc<Shared>,
    pub registry: SagaRegistry<W>,
    pub world: Arc<W>,
    journal: Arc<Journal>,
    pub executors: Executors,
    pub tickets: Arc<Tickets>,
}

/// The sagas that this engine runs, or is about to.
#[derive(Debug, Default)]
pub(crate) struct Tickets(Mutex<HashMap<Uuid, Arc<Ticket>>>);

impl Tickets {
    /// A new ticket, or the one that is there.
    pub fn take(&self, id: Uuid) -> Result<Arc<Ticket>, Arc<Ticket>> {
        let mut tickets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match tickets.get(&id) {
            Some(ticket) => Err(Arc::clone(ticket)),
            None => Ok(Arc::clone(tickets.entry(id).or_insert_with(|| Ticket::new(id)))),
        }
    }

    fn get(&self, id: Uuid) -> Option<Arc<Ticket>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    pub fn remove(&self, ticket: &Arc<Ticket>) {
        let mut tickets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if tickets.get(&ticket.id).is_some_and(|there| Arc::ptr_eq(there, ticket)) {
            tickets.remove(&ticket.id);
        }
    }
}

impl<W: fmt::Debug + Send + Sync + 'static> Clone for SagaEngine<W> {
    fn clone(&self) -> Self {
        SagaEngine { inner: Arc::clone(&self.inner) }
    }
}

impl<W: fmt::Debug + Send + Sync + 'static> fmt::Debug for SagaEngine<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SagaEngine").field("owner", &self.inner.shared.owner).finish_non_exhaustive()
    }
}

impl<W: fmt::Debug + Send + Sync + 'static> Drop for Inner<W> {
    fn drop(&mut self) {
        self.shared.dead.fire();
    }
}

impl<W: fmt::Debug + Send + Sync + 'static> SagaEngine<W> {
    /// Must be called inside a tokio runtime. Connects when there is something to write, and keeps trying.
    pub fn new(
        log: Logger,
        config: EngineConfig,
        pool: Pool<AsyncPgConnection>,
        registry: SagaRegistry<W>,
        world: Arc<W>,
    ) -> SagaEngine<W> {
        let shared = Arc::new(Shared {
            owner: config.owner,
            log,
            pool,
            commit_limit: config.commit_limit,
            counters: Counters::default(),
            faults: config.faults,
            naming: config.naming,
            dead: Signal::new(),
            lost: watch::Sender::new(0),
        });
        let mut senders = Vec::new();
        for _ in 0..config.writers.max(1) {
            let (sender, orders) = mpsc::unbounded_channel();
            let writer = Writer { shared: Arc::clone(&shared), database: config.database.clone(), orders };
            tokio::spawn(writer.run());
            senders.push(sender);
        }
        let journal = Journal::new(Arc::clone(&shared), senders, config.flush_after);
        let executors = Executors::new(Arc::clone(&shared), Arc::clone(&journal), config.rotate_after);
        let tickets = Arc::new(Tickets::default());
        SagaEngine { inner: Arc::new(Inner { shared, registry, world, journal, executors, tickets }) }
    }

    pub fn owner(&self) -> Uuid {
        self.inner.shared.owner
    }

    pub fn registry(&self) -> &SagaRegistry<W> {
        &self.inner.registry
    }

    pub fn counters(&self) -> CounterValues {
        self.inner.shared.counters.values()
    }

    /// Counts the sagas that turned out to belong to another. A nexus that was declared dead exits when it moves.
    pub fn lost(&self) -> watch::Receiver<u64> {
        self.inner.shared.lost.subscribe()
    }

    /// Returns when a planned fault has killed this engine.
    pub async fn died(&self) {
        self.inner.shared.dead.fired().await;
    }

    /// Makes a saga ready to be inserted; see [`SagaRegistry::prepare`].
    pub fn prepare<S: Saga<World = W>>(
        &self,
        id: Uuid,
        params: &S::Params,
        about: About,
    ) -> Result<PreparedSaga, PrepareError> {
        self.inner.registry.prepare::<S>(id, params, about)
    }

    /// Inserts the saga's row, in the transaction that `conn` is in. If the outcome of its COMMIT is unknown, the
    /// whole transaction can be repeated with the same prepared saga.
    pub async fn insert(
        &self,
        conn: &mut AsyncPgConnection,
        prepared: &PreparedSaga,
    ) -> Result<Inserted, InsertError> {
        creation::insert(conn, self.owner(), prepared).await
    }

    /// Creates a saga that no transaction of a caller carries, in one commit with whatever else is being written,
    /// and starts it. Waits for as long as the database is away.
    pub async fn create_and_start(&self, prepared: &PreparedSaga) -> SagaHandle {
        if !self.inner.journal.create(prepared.clone()).await {
            let ticket = Ticket::new(prepared.id);
            ticket.resolve(Outcome::Lost);
            return ticket.handle();
        }
        self.start(prepared)
    }

    /// Runs a saga whose row is committed. Starting one that runs already gives another handle of it.
    pub fn start(&self, prepared: &PreparedSaga) -> SagaHandle {
        let ticket = match self.inner.tickets.take(prepared.id) {
            Ok(ticket) => ticket,
            Err(running) => return running.handle(),
        };
        Counters::add(&self.inner.shared.counters.started);
        let handle = ticket.handle();
        let (engine, prepared) = (Arc::downgrade(&self.inner), prepared.clone());
        // A task, so that a caller who is cancelled here leaves no ticket without a run.
        tokio::spawn(async move {
            let Some(inner) = engine.upgrade() else { return ticket.resolve(Outcome::Lost) };
            let PreparedSaga { id, dag, shape, .. } = prepared;
            let opening = shape.opening().iter().cloned();
            let log = opening
                .map(|event| event_of(id, i64::from(event.node), event.kind, event.data))
                .collect::<Result<_, _>>();
            let Ok(log) = log else { return inner.release(&ticket) };
            let begun = inner.begin(ticket, 1, Arc::unwrap_or_clone(dag), Some(shape), log).await;
            // The engine can be dropped while the saga runs.
            drop(inner);
            // A refused beginning is logged, and resolves the ticket.
            if let Ok(end) = begun {
                end.await;
            }
        });
        handle
    }

    /// The handle of a saga that this engine runs.
    pub fn handle(&self, id: Uuid) -> Option<SagaHandle> {
        self.inner.tickets.get(id).map(|ticket| ticket.handle())
    }

    /// Waits for a saga run here, or says how one ended that ran here or elsewhere. Never hangs on a lost saga.
    pub async fn wait(&self, id: Uuid) -> Result<Outcome, WaitError> {
        if let Some(handle) = self.handle(id) {
            return Ok(handle.wait().await);
        }
        operator::stored_outcome(&self.inner.shared.pool, id).await
    }
}
