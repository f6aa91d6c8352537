//! A nexus of the simulated cluster: its real rooms, with a door of its own to the database for each of its lives.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use berth_common::ids::{ClusterUuid, GenericUuid, NexusUuid};
use berth_db::models::NexusState;
use berth_db::nexus::Announcement;
use berth_db::{Db, DbError, Guarded};
use berth_nexus::agents::{Agents, Wire};
use berth_nexus::background::{self, Tasks};
use berth_nexus::config::Background;
use berth_nexus::context::Nexus as Context_;
use berth_nexus::rooms::{Parts, Rooms};
use berth_saga_store::Faults;
use berth_transport::Authority;
use futures::FutureExt;
use slog::Logger;
use tokio::sync::watch;
use tokio::task::AbortHandle;

use crate::records::Records;
use crate::turnstile;

/// A running nexus.
#[derive(Debug)]
pub struct Process {
    pub nexus: Arc<Context_>,
    door: usize,
    tasks: Arc<Tasks>,
    works: Mutex<Vec<AbortHandle>>,
}

/// One replica, running or not.
#[derive(Debug)]
pub struct Nexus {
    pub number: usize,
    records: Arc<Records>,
    cluster: ClusterUuid,
    looks_ms: u64,
    process: Mutex<Option<Arc<Process>>>,
    id: Mutex<NexusUuid>,
    held: watch::Sender<bool>,
}

/// Where sleds find a nexus.
pub fn address(number: usize) -> String {
    format!("https://n{number}:1")
}

/// As few as a nexus may have, because each learns every statement anew: the turnstile lets one transaction through at a
/// time, so that more of them would interleave nothing.
const CONNECTIONS: usize = 2;
/// Background tasks that a history leaves out: it looks at the invariants itself, and is too short for retention.
const LEFT_OUT: [&str; 2] = ["invariant_check", "retention"];

impl Nexus {
    pub fn new(number: usize, cluster: ClusterUuid, records: Arc<Records>, looks_ms: u64) -> Nexus {
        Nexus {
            number,
            records,
            cluster,
            looks_ms,
            process: Mutex::default(),
            id: Mutex::new(NexusUuid::new_v4()),
            held: watch::Sender::new(false),
        }
    }

    /// Starts it, as often as it takes: the database may be away.
    pub async fn start(&self, authority: &Authority, wire: Arc<dyn Wire>, faults: Faults, log: &Logger) {
        loop {
            match self.try_start(authority, wire.clone(), faults.clone(), log).await {
                Ok(()) => return,
                Err(error) => slog::info!(log, "not started: {error:#}"),
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    async fn try_start(
        &self,
        authority: &Authority,
        wire: Arc<dyn Wire>,
        faults: Faults,
        log: &Logger,
    ) -> Result<()> {
        let door = turnstile::new_door()?;
        let db = Db::new(&self.records.conninfo(door), CONNECTIONS)?;
        let mut id = *self.id.lock().unwrap_or_else(PoisonError::into_inner);
        let row = db.statement("nexus.look", async |conn| berth_db::nexus::by_id(conn, id).await);
        if row.await.map_err(|error: DbError| error)?.is_some_and(|row| row.state == NexusState::Dead) {
            id = NexusUuid::new_v4();
            *self.id.lock().unwrap_or_else(PoisonError::into_inner) = id;
        }
        let authority = Authority::from_pem(
            self.cluster.into_untyped_uuid(),
            authority.cert_pem(),
            authority.key_pem().clone(),
        )?;
        let name = format!("nexus-{}", self.number);
        let parts = Parts {
            id,
            name: name.clone(),
            cluster: self.cluster,
            authority,
            db: db.clone(),
            agents: Agents::over(wire),
            faults,
        };
        let rooms = Rooms::join(parts, log)?;
        let host = format!("n{}:1", self.number);
        let announced = db
            .transaction("nexus.announce", async |conn| {
                let own = Announcement {
                    id,
                    name: &name,
                    public_address: &host,
                    internal_address: &host,
                    version: "simulated",
                };
                berth_db::nexus::announce(conn, &own).await
            })
            .await;
        let Guarded::Changed(row) = announced.map_err(|error: DbError| error)? else {
            anyhow::bail!("declared dead while it started");
        };
        rooms.nexus.world.set_epoch(row.epoch);
        let tasks = background::all(&Background { period_ms: self.looks_ms, ..Background::default() });
        let tasks = tasks.into_iter().filter(|task| !LEFT_OUT.contains(&task.name())).collect();
        let tasks = rooms.start_tasks(tasks);
        let process = Process { nexus: rooms.nexus, door, tasks, works: Mutex::default() };
        *self.process() = Some(Arc::new(process));
        Ok(())
    }

    /// What runs, if it runs.
    pub fn running(&self) -> Option<Arc<Process>> {
        self.process().clone()
    }

    /// It dies where it stands. False: it was dead.
    pub fn kill(&self) -> bool {
        let Some(process) = self.process().take() else { return false };
        process.tasks.stop();
        process.works.lock().unwrap_or_else(PoisonError::into_inner).iter().for_each(AbortHandle::abort);
        turnstile::shut(process.door);
        process.nexus.db.pool().close();
        true
    }

    /// It doesn't run until it is let go on: nothing it says gets anywhere, nothing reaches it.
    pub fn hold(&self, held: bool) {
        if let Some(process) = self.running() {
            turnstile::hold(process.door, held);
        }
        self.held.send_replace(held);
    }

    /// The database cuts its connections now and then.
    pub fn cut_now_and_then(&self, before: u64, after: u64) {
        if let Some(process) = self.running() {
            turnstile::cut_now_and_then(process.door, before, after);
        }
    }

    /// Returns when it isn't held.
    pub async fn goes_on(&self) {
        let mut held = self.held.subscribe();
        // The sender lives as long as `self`.
        drop(held.wait_for(|held| !held).await);
    }

    fn process(&self) -> MutexGuard<'_, Option<Arc<Process>>> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Process {
    /// Why this process must end, if it must.
    pub fn must_end(&self) -> Option<&'static str> {
        if self.nexus.sagas.died().now_or_never().is_some() {
            return Some("died of a fault");
        }
        if *self.nexus.sagas.lost().borrow() > 0 {
            return Some("has lost a saga to another");
        }
        self.nexus.world.death().borrow().then_some("was declared dead")
    }

    /// Does something in its name: it ends with the process.
    pub async fn work<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> Result<T> {
        let task = tokio::spawn(work);
        {
            let mut works = self.works.lock().unwrap_or_else(PoisonError::into_inner);
            works.retain(|work| !work.is_finished());
            works.push(task.abort_handle());
        }
        task.await.context("its process died")
    }
}
