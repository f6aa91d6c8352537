//! What all sagas and background tasks of a nexus share. Not a place for state: that is in the database.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use berth_common::ids::{ClusterUuid, NexusUuid, SledUuid};
use berth_db::Db;
use berth_saga_store::{SagaEngine, StepError, WeakSagaEngine};
use slog::Logger;
use tokio::sync::{Semaphore, watch};

use crate::agents::Agents;
use crate::console::CONSOLES_MAX;
use crate::wake::Wake;

/// Shared by all sagas.
pub struct World {
    /// This nexus.
    pub nexus: NexusUuid,
    /// The cluster's incarnation.
    pub cluster: ClusterUuid,
    pub db: Db,
    pub agents: Agents,
    pub wake: Wake,
    pub log: Logger,
    pub doubts: Doubts,
    pub peers: Peers,
    /// Places for live consoles.
    pub consoles: Arc<Semaphore>,
    engine: OnceLock<WeakSagaEngine<World>>,
    epoch: OnceLock<i64>,
    dead: watch::Sender<bool>,
}

/// Sleds whose full report lacked a VMM that is believed to live there: each is asked itself before anything is
/// concluded. Only a hint: the reconciler looks at silent VMMs by itself, too.
#[derive(Debug, Default)]
pub struct Doubts(Mutex<BTreeSet<SledUuid>>);

impl Doubts {
    /// Notes a sled.
    pub fn raise(&self, sled: SledUuid) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(sled);
    }

    /// Takes all that were noted.
    pub fn take(&self) -> Vec<SledUuid> {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *noted).into_iter().collect()
    }
}

/// Internal addresses of all active nexus, as last read: what sleds are told in every answer.
#[derive(Debug, Default)]
pub struct Peers(RwLock<Vec<String>>);

impl Peers {
    /// The addresses, `https://host:port`.
    pub fn addresses(&self) -> Vec<String> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Replaces what was read.
    pub fn set(&self, addresses: Vec<String>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = addresses;
    }
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World").field("nexus", &self.nexus).finish_non_exhaustive()
    }
}

/// The process is ending: there is no engine to begin a saga.
#[derive(Debug, thiserror::Error)]
#[error("this nexus is shutting down")]
pub struct NoEngine;

impl World {
    /// A world without an engine; see [`World::set_engine`].
    pub fn new(
        nexus: NexusUuid,
        cluster: ClusterUuid,
        db: Db,
        agents: Agents,
        wake: Wake,
        log: Logger,
    ) -> Arc<World> {
        Arc::new(World {
            nexus,
            cluster,
            db,
            agents,
            wake,
            log,
            doubts: Doubts::default(),
            peers: Peers::default(),
            consoles: Arc::new(Semaphore::new(CONSOLES_MAX)),
            engine: OnceLock::new(),
            epoch: OnceLock::new(),
            dead: watch::Sender::new(false),
        })
    }

    /// Says which engine runs the sagas of this world; the first call counts.
    pub fn set_engine(&self, engine: &SagaEngine<World>) {
        let _ = self.engine.set(engine.downgrade());
    }

    /// Says under which epoch this nexus announced itself; the first call counts.
    pub fn set_epoch(&self, epoch: i64) {
        let _ = self.epoch.set(epoch);
    }

    /// The epoch under which it announced itself; none before that.
    pub fn epoch(&self) -> Option<i64> {
        self.epoch.get().copied()
    }

    /// Notes that this nexus was declared dead: it must end, and come back under another id.
    pub fn declared_dead(&self) {
        self.dead.send_replace(true);
    }

    /// Becomes true when it was declared dead.
    pub fn death(&self) -> watch::Receiver<bool> {
        self.dead.subscribe()
    }

    /// The engine, to begin another saga.
    pub fn engine(&self) -> Result<SagaEngine<World>, NoEngine> {
        self.engine.get().and_then(WeakSagaEngine::upgrade).ok_or(NoEngine)
    }
}

impl From<NoEngine> for String {
    fn from(error: NoEngine) -> String {
        error.to_string()
    }
}

/// Shorthand of sagas.
pub type StepResult<T> = Result<T, StepError>;
