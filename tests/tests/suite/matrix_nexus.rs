//! A nexus inside the test's process, with an engine that can be told what goes wrong: it takes the place of the
//! cluster's process, under the same configuration, folder and doors.

use anyhow::{Context, Result, bail, ensure};
use berth_nexus::config::Config;
use berth_nexus::server::Server;
use berth_saga_store::Faults;
use berth_tests::{Play, until};
use futures::FutureExt;
use slog::{Discard, Logger, o};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Closing the doors waits for answers under way.
const STOP_LIMIT: Duration = Duration::from_secs(60);
/// From a start to the first answer.
const DOOR_LIMIT: Duration = Duration::from_secs(60);

/// Enough for one case at a time; all matrices share a database server.
const CONNECTIONS: usize = 8;

const OPEN: &str = "SELECT format('operation %s %s is %s %s', kind, id, state, waiting_for) FROM operation
        WHERE ended_at IS NULL
    UNION ALL SELECT format('saga %s %s is %s', name, id, state) FROM saga WHERE state <> 'done'
    UNION ALL SELECT format('instance %s is locked by %s', id, updater_id) FROM instance WHERE updater_id IS NOT NULL";

const STUCK: &str = "SELECT id FROM saga WHERE state = 'stuck'";

/// The nexus of this process; none between two of them.
pub struct Host {
    config: Config,
    server: Option<Server>,
}

impl Host {
    /// Stops the cluster's nexus and takes its place.
    pub fn instead_of_the_process(play: &mut Play) -> Result<Host> {
        let mut config = Config::read(&play.cluster.nexus[0].configuration())?;
        config.database.pool_size = CONNECTIONS;
        play.cluster.nexus[0].stop()?;
        let mut host = Host { config, server: None };
        host.restart(play, Faults::none())?;
        Ok(host)
    }

    /// Another nexus of the same id takes the place of the one that ran or died.
    pub fn restart(&mut self, play: &Play, faults: Faults) -> Result<()> {
        self.stop(play)?;
        let log = Logger::root(Discard, o!());
        self.server = Some(play.runtime().block_on(Server::start_with(self.config.clone(), log, faults))?);
        until("its door opens", DOOR_LIMIT, || {
            Ok(play.api.get::<serde_json::Value>("/v1/whoami").ok().map(drop))
        })
    }

    /// Ends it; what it left open is for the next one.
    pub fn stop(&mut self, play: &Play) -> Result<()> {
        let Some(server) = self.server.take() else { return Ok(()) };
        let db = server.nexus().db.clone();
        let stopping = async { tokio::time::timeout(STOP_LIMIT, server.stop()).await };
        play.runtime().block_on(stopping).context("the nexus doesn't stop")?;
        // What hangs in a dead engine would keep its connections, which a process that ends doesn't.
        db.pool().close();
        Ok(())
    }

    /// Waits until nothing is left to do and every invariant holds. A nexus that dies is replaced by a sound one, and a
    /// stuck saga is retried, once. True: it died.
    pub fn comes_to_rest(&mut self, play: &mut Play, limit: Duration) -> Result<bool> {
        let (began, mut died, mut retried) = (Instant::now(), false, BTreeSet::new());
        loop {
            if self.is_dead()? {
                ensure!(!died, "a nexus without faults died");
                died = true;
                self.restart(play, Faults::none())?;
            }
            for saga in play.records.all::<Uuid>(STUCK, &[])? {
                ensure!(retried.insert(saga), "saga {saga} is stuck again after a retry");
                let sagas = self.server()?.nexus().sagas.clone();
                play.runtime().block_on(sagas.retry(saga)).context("retrying a stuck saga")?;
            }
            let mut left = play.records.all::<String>(OPEN, &[])?;
            if left.is_empty() {
                let db = self.server()?.nexus().db.clone();
                let found = play.runtime().block_on(berth_db::check::check(&db, 0))?;
                left = found.iter().map(|found| format!("{found:?}")).collect();
            }
            // Its last append may be what it died of.
            if left.is_empty() && !self.is_dead()? {
                return Ok(died);
            }
            if began.elapsed() >= limit {
                bail!("no rest after {limit:?}: {left:#?}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn server(&self) -> Result<&Server> {
        self.server.as_ref().context("a nexus runs")
    }

    fn is_dead(&self) -> Result<bool> {
        Ok(self.server()?.nexus().sagas.died().now_or_never().is_some())
    }
}
