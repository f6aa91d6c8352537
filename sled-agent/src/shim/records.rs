//! What agent and shim write for each other. Files, because either may die at any moment and the other goes on.
//!
//! Each names its run: what is left of an earlier run is recognised and void.

use berth_common::ids::VmmUuid;
use camino::Utf8PathBuf;
use serde::{Deserialize, Serialize};

use super::process::ProcessId;

/// `launch.json`: what to run. Written by the agent before the shim starts; no shell ever sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaunchOrder {
    pub vmm: VmmUuid,
    pub run: u32,
    pub program: Utf8PathBuf,
    /// Arguments; those that contain [`MONITOR_FD`] or [`SERIAL_FD`] get the number of the inherited socket there.
    pub arguments: Vec<String>,
    /// Directory of a cgroup (v2) made for this VMM, where the host has them.
    pub cgroup: Option<Utf8PathBuf>,
}

/// Stands for the descriptor of the shim's own monitor connection: descriptors exist only in the shim's process.
pub const MONITOR_FD: &str = "@shim-monitor";
/// Stands for the descriptor of the serial line.
pub const SERIAL_FD: &str = "@serial";

/// `stop.json`: the guest has until the deadline. Written by the agent, durable before its caller is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StopOrder {
    pub run: u32,
    /// The boot whose clock `deadline_ms` is read on.
    pub boot: String,
    /// On [`super::clock`].
    pub deadline_ms: u64,
    /// No ladder: the process is killed at once.
    pub kill: bool,
}

/// `held.json`: who runs. Written by the shim as soon as QEMU exists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    pub run: u32,
    pub boot: String,
    pub shim: ProcessId,
    pub hypervisor: ProcessId,
}

/// The shim's first and only line on its standard output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Begun {
    /// The hypervisor's monitor answers.
    Ready {
        held: Held,
    },
    Failed {
        why: String,
    },
}

/// A line of the control socket, to whoever is connected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    /// First line of a connection, and again at each change.
    State { run: u32, running: bool, stopping: bool },
    /// The ladder took a step; words for people.
    Ladder { words: String },
    /// SIGKILL didn't end the process within its time.
    Stuck,
    /// The exit record is durable. The last line.
    Ended,
}
