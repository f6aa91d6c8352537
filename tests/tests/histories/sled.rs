//! A host of the simulated cluster: the agent's real rooms over simulated guests, on a disk that outlives them.
//!
//! When the agent dies, its folders are copied at that moment, and the next one goes on with the copy: whatever of the
//! dead one still runs in this process writes to a place that nobody reads any more. Its ways to other agents end at the
//! same moment.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result};
use berth_common::ids::{BootUuid, ClusterUuid, GenericUuid, SledUuid, VmmUuid};
use berth_sled_agent::config::Config;
use berth_sled_agent::hypervisor::simulated::{Living, Simulated, SimulatedClock};
use berth_sled_agent::migration::roads::Roads;
use berth_sled_agent::nexus_client::{NexusClient, Wire, WireError};
use berth_sled_agent::rooms::{Identity, Rooms};
use camino::{Utf8Path, Utf8PathBuf};
use futures::FutureExt;
use slog::Logger;
use tokio::task::AbortHandle;
use uuid::Uuid;

/// A running agent.
#[derive(Debug)]
pub struct Agent {
    pub rooms: Rooms,
    reporter: AbortHandle,
    works: Mutex<Vec<AbortHandle>>,
}

/// The host, its disk, and what runs on it.
#[derive(Debug)]
struct State {
    agent: Option<Arc<Agent>>,
    /// Which copy of the disk is the present one.
    copy: usize,
    boot: Uuid,
    guests: Arc<Simulated>,
}

/// A host.
#[derive(Debug)]
pub struct Sled {
    pub number: usize,
    pub id: SledUuid,
    cluster: ClusterUuid,
    dir: Utf8PathBuf,
    nexus: Vec<String>,
    roads: Roads,
    report_ms: u64,
    state: Mutex<State>,
}

/// Where nexus finds a sled.
pub fn address(number: usize) -> String {
    format!("https://s{number}:1")
}

impl Sled {
    pub fn new(
        number: usize,
        id: SledUuid,
        cluster: ClusterUuid,
        dir: Utf8PathBuf,
        nexus: Vec<String>,
        roads: Roads,
        report_ms: u64,
    ) -> Result<Sled> {
        let first = dir.join("0");
        std::fs::create_dir_all(first.join("state/images"))?;
        for (name, bytes) in crate::records::IMAGE_FILES {
            std::fs::write(first.join("state/images").join(name), bytes)?;
        }
        for disk in crate::records::DISKS {
            let whole = disk.of.is_none();
            if whole || disk.of == Some(number) {
                let pool = if whole { shared_pool(&dir) } else { first.join("pool") };
                std::fs::create_dir_all(&pool)?;
                std::fs::write(pool.join(format!("{}.raw", disk.id)), crate::records::content(disk.name))?;
            }
        }
        for (pool, of) in [(first.join("pool"), Some(number)), (shared_pool(&dir), None)] {
            std::fs::create_dir_all(&pool)?;
            std::fs::write(pool.join(".berth-pool"), format!("{}\n", crate::records::pool(of)))?;
        }
        let guests = guests(&first)?;
        let state = Mutex::new(State { agent: None, copy: 0, boot: Uuid::new_v4(), guests });
        Ok(Sled { number, id, cluster, dir, nexus, roads, report_ms, state })
    }

    /// Starts the agent on what is on the disk.
    pub fn start(&self, wire: Arc<dyn Wire>, log: &Logger) -> Result<()> {
        let mut state = self.state();
        let disk = self.dir.join(state.copy.to_string());
        let config = self.config(&disk)?;
        let me =
            Identity { sled: self.id, cluster: self.cluster, boot: BootUuid::from_untyped_uuid(state.boot) };
        let client = Arc::new(NexusClient::over(wire, &self.nexus));
        let rooms = Rooms::open(&config, me, client, state.guests.clone(), self.roads.tunnel(self.id), log)?;
        let reporter = rooms.reporter(&config, &address(self.number), log);
        let reporter = tokio::spawn(reporter.run()).abort_handle();
        state.agent = Some(Arc::new(Agent { rooms, reporter, works: Mutex::default() }));
        Ok(())
    }

    /// The agent, if it runs.
    pub fn agent(&self) -> Option<Arc<Agent>> {
        self.state().agent.clone()
    }

    /// The agent dies; the guests live on.
    pub fn kill_agent(&self) -> Result<()> {
        self.die(true)
    }

    /// The power is gone, and comes back: the disk is there, no guest is.
    pub fn reboot(&self) -> Result<()> {
        self.die(false)?;
        self.state().boot = Uuid::new_v4();
        Ok(())
    }

    fn die(&self, guests_live: bool) -> Result<()> {
        let (agent, copy) = {
            let mut state = self.state();
            state.copy += 1;
            (state.agent.take(), state.copy)
        };
        self.roads.end(self.id);
        if let Some(agent) = &agent {
            agent.reporter.abort();
            agent.works.lock().unwrap_or_else(PoisonError::into_inner).iter().for_each(AbortHandle::abort);
        }
        let (from, to) = (self.dir.join((copy - 1).to_string()), self.dir.join(copy.to_string()));
        copy_tree(&from.join("state"), &to.join("state"))?;
        copy_tree(&from.join("pool"), &to.join("pool"))?;
        if guests_live {
            copy_tree(&from.join("run"), &to.join("run"))?;
            move_open_files(&to.join("run/vmms"), &from, &to)?;
        }
        let guests = guests(&to)?;
        // Each life is read now, so that a quick look sees them all.
        guests.living()?;
        self.state().guests = guests;
        drop(agent);
        Ok(())
    }

    /// Every run whose process exists, whoever knows of it.
    pub fn living(&self) -> Result<Vec<Living>> {
        Ok(self.state().guests.living()?)
    }

    /// Every guest that can write now: a quick look.
    pub fn running(&self) -> Vec<Living> {
        self.state().guests.running()
    }

    /// Every file in its own pool and in the one that all reach, but what is known to be deleted: each by pool and name,
    /// with its content.
    pub fn disk_files(&self) -> Result<Vec<(String, Vec<u8>)>> {
        let copy = self.state().copy;
        let pools =
            [(self.dir.join(format!("{copy}/pool")), Some(self.number)), (shared_pool(&self.dir), None)];
        let mut files = Vec::new();
        for (path, of) in pools {
            for found in path.read_dir_utf8()? {
                let found = found?;
                let name = found.file_name();
                if name != ".berth-pool" && !name.ends_with(".deleted") {
                    let place = format!("{}/{name}", crate::records::pool(of));
                    files.push((place, std::fs::read(found.path())?));
                }
            }
        }
        Ok(files)
    }

    /// A guest that was sent runs here for ever.
    pub fn haunt(&self, vmm: VmmUuid) -> Result<()> {
        Ok(self.state().guests.clone().haunt(vmm)?)
    }

    /// A guest's process dies, or the guest powers itself off.
    pub fn befall(&self, vmm: VmmUuid, crash: bool) -> Result<()> {
        let guests = self.state().guests.clone();
        if crash {
            guests.crash(vmm)?
        } else {
            guests.power_off(vmm)?
        };
        Ok(())
    }

    fn config(&self, disk: &Utf8Path) -> Result<Config> {
        let text = format!(
            "name = \"sled-{}\"\nstate_dir = \"{disk}/state\"\nrun_dir = \"{disk}/run\"\nnexus = []\n\
             hypervisor = \"simulated\"\ncpus = 8\nmemory_mib = 4096\nreport_interval_ms = {}\n\
             [[pools]]\nname = \"local\"\nkind = \"local\"\npath = \"{disk}/pool\"\ncapacity_bytes = {room}\n\
             [[pools]]\nname = \"shared\"\nkind = \"shared\"\npath = \"{}\"\ncapacity_bytes = {room}\n",
            self.number,
            self.report_ms,
            shared_pool(&self.dir),
            room = crate::records::POOL_BYTES
        );
        toml::from_str(&text).context("the agent's configuration")
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Agent {
    /// Does something in the agent's name: it ends with the agent.
    pub async fn work<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, WireError> {
        let task = tokio::spawn(work);
        {
            let mut works = self.works.lock().unwrap_or_else(PoisonError::into_inner);
            works.retain(|work| !work.is_finished());
            works.push(task.abort_handle());
        }
        task.map(|done| done.map_err(Into::into)).await
    }
}

fn guests(disk: &Utf8Path) -> Result<Arc<Simulated>> {
    Ok(Arc::new(Simulated::open(&disk.join("run"), SimulatedClock::begin())?))
}

/// The pool that all sleds reach, beside their folders.
fn shared_pool(sled: &Utf8Path) -> Utf8PathBuf {
    sled.with_file_name("shared")
}

/// What guests have open is where the disk is now: a life only knows paths.
fn move_open_files(vmms: &Utf8Path, from: &Utf8Path, to: &Utf8Path) -> Result<()> {
    for vmm in vmms.read_dir_utf8()? {
        let launch = vmm?.path().join("launch.json");
        if let Ok(life) = std::fs::read_to_string(&launch) {
            std::fs::write(&launch, life.replace(&format!("{from}/"), &format!("{to}/")))?;
        }
    }
    Ok(())
}

fn copy_tree(from: &Utf8Path, to: &Utf8Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for found in from.read_dir_utf8()? {
        let found = found?;
        let target = to.join(found.file_name());
        if found.file_type()?.is_dir() {
            copy_tree(found.path(), &target)?;
        } else if let Err(error) = std::fs::copy(found.path(), &target)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            return Err(error).with_context(|| format!("copying {}", found.path()));
        }
    }
    Ok(())
}
