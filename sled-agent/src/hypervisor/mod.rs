//! The seam between an agent and whatever runs its guests.
//!
//! Two implementations pass the same conformance suite: [`qemu`] (real guests, each held by a shim process that
//! outlives the agent) and [`simulated`] (no guest at all: for speed and for faults that can't be had otherwise).
//!
//! ```text
//!  vmms/ (one task per VMM) ──Launch──▶ Hypervisor ──▶ Machine ──MachineEvent──▶ vmms/
//! ```
//!
//! Invariants:
//! - A *run* is one hypervisor process. `launch` with the same (VMM, run) twice makes one process.
//! - A stop deadline given to [`Machine::stop`] is durable before the call returns, is kept without the agent, and can
//!   only be shortened.
//! - An [`ExitRecord`] is durable before its [`MachineEvent::Ended`] is sent, and is found again by
//!   [`Hypervisor::adopt`] for as long as [`Hypervisor::forget`] wasn't called.
//!
//! Not here: what an instance is, retries, policies, the ledger.

pub mod migration;
pub mod qemu;
pub mod simulated;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use berth_common::ids::{InstanceUuid, VmmUuid};
use berth_common::vmm::EndedBy;
use camino::Utf8PathBuf;
use serde::{Deserialize, Serialize};
use tokio::io::AsyncWrite;
use tokio::sync::mpsc;

use self::migration::Migrator;

/// One machine to be run: every path is final, nothing is looked up any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Launch {
    pub vmm: VmmUuid,
    pub instance: InstanceUuid,
    /// Counts hypervisor processes of this VMM, from 1.
    pub run: u32,
    /// It begins with a guest that comes from another sled: see [`migration`].
    #[serde(default)]
    pub incoming: bool,
    /// Shown in the process' title.
    pub name: String,
    pub cpus: u32,
    pub memory_mib: u32,
    pub boot: LaunchBoot,
    pub disks: Vec<LaunchDisk>,
    pub nics: Vec<LaunchNic>,
}

/// What is booted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum LaunchBoot {
    Kernel { kernel: Utf8PathBuf, initrd: Utf8PathBuf, command_line: String },
    Disk,
}

/// A disk's file. Raw; opened with image locking on and `cache.direct` where another sled can reach it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaunchDisk {
    pub path: Utf8PathBuf,
    pub slot: u32,
    /// The disk's id: the guest sees its first 20 characters as the serial number.
    pub serial: String,
    /// Another sled can reach the file: no host page cache may be in the way.
    pub shared: bool,
}

/// A tap that exists and is on its bridge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaunchNic {
    pub tap: String,
    pub mac: String,
    pub slot: u32,
}

/// How a run ended: evidence, written by whoever was the process' parent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExitRecord {
    pub vmm: VmmUuid,
    pub run: u32,
    pub ended_by: EndedBy,
    /// The hypervisor's own reason (QEMU: the SHUTDOWN event's `reason`), if it gave one.
    pub reason: Option<String>,
    /// `exit status 0`, `signal 9`.
    pub status: Option<String>,
    /// The last lines the hypervisor printed to its error output, cut to 2 KiB.
    pub last_words: Option<String>,
}

/// What a machine tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MachineEvent {
    /// The guest's CPUs run.
    Running,
    /// The stop ladder took a step (words for people).
    Ladder(String),
    /// The monitor stopped answering, or answers again.
    Unresponsive(bool),
    /// SIGKILL didn't end the process within its time.
    Stuck,
    /// The process is gone and reaped. The last event.
    Ended(ExitRecord),
}

/// What is left of a run after an agent's restart.
#[derive(Debug)]
pub enum Adopted {
    /// It still runs; the machine is held again. `running` tells whether the guest's CPUs do.
    Running { run: u32, running: bool, stopping: bool, machine: Box<dyn Machine> },
    /// It ended while nobody looked.
    Ended(ExitRecord),
    /// There is no trace of any run: nothing was ever started (or it was forgotten).
    Nothing,
}

/// Why a run couldn't begin. Nothing of it is left.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct LaunchError(pub String);

/// Something that looks like a hypervisor process, for the inventory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub vmm: Option<VmmUuid>,
    pub pid: Option<i32>,
    pub what: String,
}

/// A running machine. Dropping it ends nothing: the machine is only held.
#[async_trait]
pub trait Machine: Send + Sync + std::fmt::Debug {
    /// Events from the moment it was launched or adopted; one reader.
    fn events(&mut self) -> mpsc::UnboundedReceiver<MachineEvent>;

    /// Begin, or shorten, the stop ladder: the guest has `grace` from now to obey. Zero forces at once.
    async fn stop(&self, grace: Duration) -> Result<(), LaunchError>;

    /// It as an end of a live migration.
    fn migrator(&self) -> Arc<dyn Migrator>;

    /// End it for certain, now. `ended_by` will be [`EndedBy::Killed`].
    async fn kill(&self) -> Result<(), LaunchError>;
}

/// See [`Hypervisor::serial_input`].
pub type SerialInput = Box<dyn AsyncWrite + Send + Unpin>;

/// What runs guests.
#[async_trait]
pub trait Hypervisor: Send + Sync + std::fmt::Debug {
    /// Which kind this is.
    fn kind(&self) -> berth_common::sled::Hypervisor;

    /// CPU model that guests see.
    fn cpu_model(&self) -> String;

    /// The versioned type of machine that guests see.
    fn machine_type(&self) -> String;

    /// Begin a run. Returns when the process exists and is held by what outlives the agent.
    async fn launch(&self, launch: &Launch) -> Result<Box<dyn Machine>, LaunchError>;

    /// Hold again what a former agent process launched.
    async fn adopt(&self, vmm: VmmUuid) -> Result<Adopted, LaunchError>;

    /// Where the guest's serial output is appended, for every run of this VMM.
    fn serial_log(&self, vmm: VmmUuid) -> Utf8PathBuf;

    /// A way to type for the guest's current run. Whatever is written is passed on in order; a guest that doesn't read
    /// makes its writer wait, and nobody else. It breaks when the run ends.
    async fn serial_input(&self, vmm: VmmUuid) -> Result<SerialInput, LaunchError>;

    /// Delete what is kept of an ended VMM (exit record, serial log, sockets).
    async fn forget(&self, vmm: VmmUuid) -> Result<(), LaunchError>;

    /// Every hypervisor process and shim on this host that belongs, or seems to belong, to this agent.
    async fn sweep(&self) -> Result<Vec<Found>, LaunchError>;
}
