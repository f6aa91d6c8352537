//! No guest at all: for speed, for many, and for faults that can't be had otherwise.
//!
//! A simulated run is a *life*: what was launched, when, and what was ordered since, kept in a file. Everything else
//! (what the guest printed, when and how it ends) follows from it by a pure function of the time ([`fate`]). So a
//! life goes on while no agent looks, and a restarted agent adopts it like a real one.
//!
//! What a guest does is chosen by words of its kernel's command line, those of the real guest images and a few more
//! ([`words`]). The clock is tokio's: a test that pauses it decides what time it is.
//!
//! Not here: durability through power loss (a simulated guest doesn't survive one either).

mod fate;
mod input;
mod life;
mod machine;
mod migrate;
pub mod words;

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use berth_common::ids::{InstanceUuid, VmmUuid};
use camino::{Utf8Path, Utf8PathBuf};
use tokio::time::Instant;

use self::fate::Fault;
use self::input::SimulatedInput;
use self::life::{Cell, Life, LifeStanding};
use self::machine::SimulatedMachine;
use self::words::Script;
use super::{Adopted, Found, Hypervisor, Launch, LaunchError, Machine, SerialInput};
use crate::shim::place::Place;

/// Milliseconds since the host booted, going on with tokio's clock.
#[derive(Clone, Copy, Debug)]
pub struct SimulatedClock {
    base_ms: u64,
    since: Instant,
}

impl SimulatedClock {
    /// Begins at the host's own clock, so that lives written by a former process go on.
    pub fn begin() -> Self {
        Self { base_ms: crate::shim::clock::now_ms(), since: Instant::now() }
    }

    fn now_ms(&self) -> u64 {
        self.base_ms + u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn at(&self, ms: u64) -> Instant {
        self.since + std::time::Duration::from_millis(ms.saturating_sub(self.base_ms))
    }
}

/// A run whose process exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Living {
    pub vmm: VmmUuid,
    pub instance: InstanceUuid,
    /// Its guest's CPUs run: it isn't one that waits to come, or that was sent.
    pub runs: bool,
}

/// A hypervisor without guests.
#[derive(Debug)]
pub struct Simulated {
    run_dir: Utf8PathBuf,
    clock: SimulatedClock,
    /// The lives this process has touched, shared by all machines of a VMM. Files are the truth.
    cells: Mutex<HashMap<VmmUuid, Arc<Cell>>>,
}

impl Simulated {
    /// `run_dir` holds `vmms/<vmm>/`, as QEMU's does.
    ///
    /// # Errors
    /// In words, when the directory can't be made.
    pub fn open(run_dir: &Utf8Path, clock: SimulatedClock) -> Result<Self, LaunchError> {
        let vmms = run_dir.join("vmms");
        std::fs::create_dir_all(&vmms).map_err(|error| failed(&vmms, &error))?;
        Ok(Self { run_dir: run_dir.to_owned(), clock, cells: Mutex::new(HashMap::new()) })
    }

    /// Every run whose process exists now, whether an agent knows of it or not.
    ///
    /// # Errors
    /// In words, when its files can't be read.
    pub fn living(&self) -> Result<Vec<Living>, LaunchError> {
        let mut living = Vec::new();
        for vmm in self.folders()? {
            let Some(cell) = self.cell(vmm)? else { continue };
            if let LifeStanding::Runs { running, .. } = cell.standing(self.clock.now_ms())? {
                living.push(Living { vmm, instance: cell.look(|life| life.instance), runs: running });
            }
        }
        living.sort_by_key(|living| living.vmm);
        Ok(living)
    }

    /// Those of [`Self::living`] whose guests' CPUs run, among the runs that this process has touched: a quick look.
    pub fn running(&self) -> Vec<Living> {
        let now_ms = self.clock.now_ms();
        let cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
        let running = cells.iter().filter(|(_, cell)| cell.is_running(now_ms));
        let living = |(vmm, cell): (&VmmUuid, &Arc<Cell>)| Living {
            vmm: *vmm,
            instance: cell.look(|life| life.instance),
            runs: true,
        };
        let mut running: Vec<Living> = running.map(living).collect();
        running.sort_by_key(|living| living.vmm);
        running
    }

    /// The VMMs that there are folders of.
    fn folders(&self) -> Result<Vec<VmmUuid>, LaunchError> {
        let vmms = self.run_dir.join("vmms");
        let found = vmms.read_dir_utf8().map_err(|error| failed(&vmms, &error))?;
        Ok(found.filter_map(|entry| entry.ok()?.file_name().parse().ok()).collect())
    }

    /// The process dies now, as if killed by somebody else.
    pub fn crash(&self, vmm: VmmUuid) -> Result<(), LaunchError> {
        self.befall(vmm, Fault::Crash)
    }

    /// The guest powers itself off now.
    pub fn power_off(&self, vmm: VmmUuid) -> Result<(), LaunchError> {
        self.befall(vmm, Fault::PowerOff)
    }

    /// Its guest runs from now on, whatever its agent pauses or ends: what no hypervisor may do.
    pub fn haunt(&self, vmm: VmmUuid) -> Result<(), LaunchError> {
        let cell = self.cell(vmm)?.ok_or_else(|| LaunchError(format!("there is no VMM {vmm}")))?;
        cell.change(|life| {
            (life.frozen_ms, life.waits) = (None, false);
            life.script.quirk = Some(words::Quirk::Stuck);
        })
    }

    fn befall(&self, vmm: VmmUuid, fault: Fault) -> Result<(), LaunchError> {
        let cell = self.cell(vmm)?.ok_or_else(|| LaunchError(format!("there is no VMM {vmm}")))?;
        let at_ms = self.clock.now_ms();
        cell.change(|life| {
            life.fault.get_or_insert((fault, at_ms));
        })
    }

    fn place(&self, vmm: VmmUuid) -> Place {
        Place::new(self.run_dir.join("vmms").join(vmm.to_string()))
    }

    /// The life of a VMM, from memory or from its file.
    fn cell(&self, vmm: VmmUuid) -> Result<Option<Arc<Cell>>, LaunchError> {
        let mut cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(cell) = cells.get(&vmm) {
            return Ok(Some(cell.clone()));
        }
        let Some(cell) = Cell::read(self.place(vmm))? else { return Ok(None) };
        let cell = Arc::new(cell);
        cells.insert(vmm, cell.clone());
        Ok(Some(cell))
    }

    fn hold(&self, cell: Arc<Cell>) -> Box<dyn Machine> {
        Box::new(SimulatedMachine::hold(cell, self.clock))
    }

    fn begin(&self, launch: &Launch, script: Script) -> Result<Box<dyn Machine>, LaunchError> {
        let life = Life::begin(launch, script, self.clock.now_ms());
        let cell = Arc::new(Cell::create(self.place(launch.vmm), life)?);
        self.cells.lock().unwrap_or_else(PoisonError::into_inner).insert(launch.vmm, cell.clone());
        Ok(self.hold(cell))
    }
}

fn failed(what: &Utf8Path, error: &io::Error) -> LaunchError {
    LaunchError(format!("{what}: {error}"))
}

#[async_trait]
impl Hypervisor for Simulated {
    fn kind(&self) -> berth_common::sled::Hypervisor {
        berth_common::sled::Hypervisor::Simulated
    }

    fn cpu_model(&self) -> String {
        "simulated".to_owned()
    }

    fn machine_type(&self) -> String {
        "simulated".to_owned()
    }

    async fn launch(&self, launch: &Launch) -> Result<Box<dyn Machine>, LaunchError> {
        let script = Script::read(launch);
        let Some(cell) = self.cell(launch.vmm)? else {
            script.may_launch()?;
            return self.begin(launch, script);
        };
        match cell.standing(self.clock.now_ms())? {
            LifeStanding::Runs { run, .. } if run == launch.run => Ok(self.hold(cell)),
            LifeStanding::Runs { run, .. } => {
                Err(LaunchError(format!("run {run} of this VMM has not ended")))
            }
            // Its machine will say at once that it has ended.
            LifeStanding::Ended(record) if record.run == launch.run => Ok(self.hold(cell)),
            LifeStanding::Ended(record) if record.run > launch.run => {
                Err(LaunchError(format!("run {} was before run {}", launch.run, record.run)))
            }
            LifeStanding::Ended(_) => {
                script.may_launch()?;
                self.begin(launch, script)
            }
        }
    }

    async fn adopt(&self, vmm: VmmUuid) -> Result<Adopted, LaunchError> {
        let Some(cell) = self.cell(vmm)? else { return Ok(Adopted::Nothing) };
        Ok(match cell.standing(self.clock.now_ms())? {
            LifeStanding::Ended(record) => Adopted::Ended(record),
            LifeStanding::Runs { run, running, stopping } => {
                Adopted::Running { run, running, stopping, machine: self.hold(cell) }
            }
        })
    }

    fn serial_log(&self, vmm: VmmUuid) -> Utf8PathBuf {
        self.place(vmm).serial_log()
    }

    async fn serial_input(&self, vmm: VmmUuid) -> Result<SerialInput, LaunchError> {
        let cell = self.cell(vmm)?.ok_or_else(|| LaunchError(format!("there is no VMM {vmm}")))?;
        match cell.standing(self.clock.now_ms())? {
            LifeStanding::Runs { .. } => {
                Ok(Box::new(SimulatedInput { cell, clock: self.clock, line: Vec::new() }))
            }
            LifeStanding::Ended(_) => Err(LaunchError("its run has ended".to_owned())),
        }
    }

    async fn forget(&self, vmm: VmmUuid) -> Result<(), LaunchError> {
        if let Some(cell) = self.cell(vmm)?
            && let LifeStanding::Runs { run, .. } = cell.standing(self.clock.now_ms())?
        {
            return Err(LaunchError(format!("run {run} has not ended: it can't be forgotten")));
        }
        self.cells.lock().unwrap_or_else(PoisonError::into_inner).remove(&vmm);
        let place = self.place(vmm);
        match std::fs::remove_dir_all(place.directory()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(place.directory(), &error)),
            _ => Ok(()),
        }
    }

    async fn sweep(&self) -> Result<Vec<Found>, LaunchError> {
        let vmms = self.run_dir.join("vmms");
        let mut found = Vec::new();
        for entry in vmms.read_dir_utf8().map_err(|error| failed(&vmms, &error))? {
            let Ok(entry) = entry else { continue };
            let vmm = entry.file_name().parse::<VmmUuid>().ok();
            found.push(Found { vmm, pid: None, what: format!("the folder {}", entry.file_name()) });
        }
        Ok(found)
    }
}
