//! One life, and the file it is kept in.

use std::sync::{Mutex, PoisonError};

use berth_common::ids::{InstanceUuid, VmmUuid};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use uuid::Uuid;

use super::failed;
use super::fate::{self, Fault};
use super::words::{Quirk, Script};
use crate::hypervisor::{ExitRecord, Launch, LaunchDisk, LaunchError};
use crate::shim::clock;
use crate::shim::durable::{self, Keep};
use crate::shim::place::Place;

/// What was launched and what was ordered since. Times are on [`super::SimulatedClock`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Life {
    pub vmm: VmmUuid,
    pub instance: InstanceUuid,
    pub run: u32,
    pub name: String,
    pub script: Script,
    /// The host's boot: a life doesn't go on after it.
    pub host_boot: String,
    /// The guest's own boot id.
    pub boot_id: Uuid,
    pub begun_ms: u64,
    /// When the guest was first asked to stop.
    pub asked_ms: Option<u64>,
    pub deadline_ms: Option<u64>,
    pub kill_ms: Option<u64>,
    pub fault: Option<(Fault, u64)>,
    /// Lines typed at its console, each with its time.
    #[serde(default)]
    pub typed: Vec<(u64, String)>,
    /// What former runs had printed.
    pub printed_before: String,
    #[serde(default)]
    pub disks: Vec<LaunchDisk>,
    /// Its guest comes from elsewhere, and isn't here yet.
    #[serde(default)]
    pub waits: bool,
    /// Its guest is on its way. Whoever finds it so has come after an agent that died under it.
    #[serde(default)]
    pub receives: bool,
    /// Since when the guest is paused.
    #[serde(default)]
    pub frozen_ms: Option<u64>,
    /// When the guest came from elsewhere: what it printed before is not here.
    #[serde(default)]
    pub came_ms: Option<u64>,
}

/// Where a life stands.
#[derive(Debug)]
pub(super) enum LifeStanding {
    Runs { run: u32, running: bool, stopping: bool },
    Ended(ExitRecord),
}

impl Life {
    pub(super) fn begin(launch: &Launch, script: Script, now_ms: u64) -> Self {
        let mut life = Self::of_script(script, now_ms);
        (life.vmm, life.instance) = (launch.vmm, launch.instance);
        (life.run, life.name) = (launch.run, launch.name.clone());
        (life.disks, life.waits) = (launch.disks.clone(), launch.incoming);
        life
    }

    pub(super) fn of_script(script: Script, now_ms: u64) -> Self {
        Self {
            vmm: VmmUuid::nil(),
            instance: InstanceUuid::nil(),
            run: 1,
            name: String::new(),
            script,
            host_boot: clock::boot_id(),
            boot_id: Uuid::new_v4(),
            begun_ms: now_ms,
            asked_ms: None,
            deadline_ms: None,
            kill_ms: None,
            fault: None,
            typed: Vec::new(),
            printed_before: String::new(),
            disks: Vec::new(),
            waits: false,
            receives: false,
            frozen_ms: None,
            came_ms: None,
        }
    }

    /// Takes a stop order; it can only shorten.
    pub(super) fn stop(&mut self, now_ms: u64, deadline_ms: u64) {
        self.asked_ms.get_or_insert(now_ms);
        let deadline = self.deadline_ms.get_or_insert(deadline_ms);
        *deadline = deadline_ms.min(*deadline);
    }

    /// Whether its guest's CPUs run, unless it has ended.
    fn cpus_run(&self) -> bool {
        let paused = self.waits || self.frozen_ms.is_some();
        self.script.quirk != Some(Quirk::NeverRuns) && !paused
    }

    /// Why it has ended by now, if it has.
    fn ended(&self, now_ms: u64) -> Option<ExitRecord> {
        let (ended_by, reason, status, last_words) = if self.host_boot == clock::boot_id() {
            let end = fate::end(self).filter(|end| end.at_ms <= now_ms)?;
            (end.ended_by, end.reason, Some(end.status), None)
        } else {
            (berth_common::vmm::EndedBy::Crashed, None, None, Some("the host was restarted"))
        };
        Some(ExitRecord {
            vmm: self.vmm,
            run: self.run,
            ended_by,
            reason: reason.map(str::to_owned),
            status: status.map(str::to_owned),
            last_words: last_words.map(str::to_owned),
        })
    }
}

/// A life, its folder, and a way to hear of its changes.
#[derive(Debug)]
pub(super) struct Cell {
    place: Place,
    life: Mutex<Life>,
    changes: watch::Sender<()>,
    /// Length of the serial log as this process last wrote it; it only grows. Locked by whoever writes what follows
    /// from the life: several look at once.
    serial_written: Mutex<Option<usize>>,
}

impl Cell {
    fn new(place: Place, life: Life) -> Self {
        let (life, changes) = (Mutex::new(life), watch::Sender::new(()));
        Self { place, life, changes, serial_written: Mutex::new(None) }
    }

    /// A new run. What former runs printed stays.
    pub(super) fn create(place: Place, mut life: Life) -> Result<Self, LaunchError> {
        std::fs::create_dir_all(place.directory()).map_err(|error| failed(place.directory(), &error))?;
        life.printed_before = std::fs::read_to_string(place.serial_log()).unwrap_or_default();
        let _ = std::fs::remove_file(place.exit());
        let cell = Self::new(place, life);
        cell.change(|_| ())?;
        Ok(cell)
    }

    pub(super) fn read(place: Place) -> Result<Option<Self>, LaunchError> {
        let path = place.launch();
        let life: Option<Life> = durable::read_json(&path).map_err(|error| failed(&path, &error))?;
        Ok(life.map(|life| Self::new(place, life)))
    }

    /// Changes the life in its file, then in memory.
    pub(super) fn change(&self, change: impl FnOnce(&mut Life)) -> Result<(), LaunchError> {
        let mut life = self.life.lock().unwrap_or_else(PoisonError::into_inner);
        let mut changed = life.clone();
        change(&mut changed);
        durable::write_json(&self.place.launch(), &changed, Keep::WhileHostIsUp)
            .map_err(|error| failed(&self.place.launch(), &error))?;
        *life = changed;
        drop(life);
        self.changes.send_replace(());
        Ok(())
    }

    pub(super) fn changes(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }

    pub(super) fn look<T>(&self, look: impl FnOnce(&Life) -> T) -> T {
        look(&self.life.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether its guest's CPUs run now; nothing is written.
    pub(super) fn is_running(&self, now_ms: u64) -> bool {
        self.look(|life| life.cpus_run() && life.ended(now_ms).is_none())
    }

    /// Where it stands now. What the guest printed by now, and its end, are in their files when this returns.
    pub(super) fn standing(&self, now_ms: u64) -> Result<LifeStanding, LaunchError> {
        let mut serial_written = self.serial_written.lock().unwrap_or_else(PoisonError::into_inner);
        let life = self.look(Life::clone);
        let serial = serial(&life, now_ms);
        if serial_written.is_none_or(|length| length < serial.len()) {
            let written = std::fs::write(self.place.serial_log(), &serial);
            written.map_err(|error| failed(&self.place.serial_log(), &error))?;
            *serial_written = Some(serial.len());
        }
        let Some(record) = life.ended(now_ms) else {
            let running = life.cpus_run();
            let stopping = life.asked_ms.or(life.kill_ms).is_some();
            return Ok(LifeStanding::Runs { run: life.run, running, stopping });
        };
        durable::write_json(&self.place.exit(), &record, Keep::WhileHostIsUp)
            .map_err(|error| failed(&self.place.exit(), &error))?;
        Ok(LifeStanding::Ended(record))
    }
}

/// The whole serial log as it is at `now_ms`.
fn serial(life: &Life, now_ms: u64) -> String {
    let printed = fate::printed(life).into_iter().filter(|(at_ms, _)| *at_ms <= now_ms);
    printed.fold(life.printed_before.clone(), |text, (_, line)| text + &line + "\r\n")
}
