//! Shapes of the requests about VMMs.

use berth_common::Generation;
use berth_common::ids::{ClusterUuid, InstanceUuid, LedgerUuid, RequestUuid, VmmUuid};
use berth_common::reboot::RebootKind;
use berth_common::refusal::Denial;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::envelope::Envelope;
use crate::migration::Incoming;
use crate::report::VmmReport;
use crate::spec::VmmSpec;

/// Path of one VMM.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct VmmPath {
    /// The VMM.
    pub vmm: VmmUuid,
}

/// Register a VMM: the agent makes room, fetches images, checks disks and the network, starts nothing.
/// With `incoming` it also makes the files of the disks that are copied, and starts a hypervisor process that waits for
/// the guest: its report tells where (`migration.address`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VmmEnsure {
    /// Who it is for.
    pub envelope: Envelope,
    /// What it consists of.
    pub spec: VmmSpec,
    /// It is the target of a migration: its guest comes from another sled.
    #[serde(default)]
    pub incoming: Option<Incoming>,
}

/// What a VMM shall do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VmmStatePut {
    /// Who it is for.
    pub envelope: Envelope,
    /// What it shall do.
    pub desired: VmmDesired,
}

/// The states that can be asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum VmmDesired {
    /// Run. Already so if it starts, runs or reboots.
    Running,
    /// Stop by the ladder. Repeated, it can only shorten what is left.
    Stopped {
        /// Time for the guest to obey the power button, in milliseconds from acceptance; 0 forces at once.
        grace_ms: u64,
    },
    /// Run again in a new hypervisor process. What is begun is reported as `reboot`; so is what is *already so*.
    Rebooted {
        /// Which one, and how.
        order: Box<RebootOrder>,
    },
}

/// One reboot. Not a level: (VMM, `reboot_gen`) is done at most once, and never carried to another VMM.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RebootOrder {
    /// Counts the reboots asked of this VMM. One that isn't above the last begun is *already so*.
    pub reboot_gen: Generation,
    /// Hard over a soft one in flight takes it over; soft over anything in flight is denied.
    pub kind: RebootKind,
    /// Soft: time for the guest to obey the power button, in milliseconds from acceptance; then it becomes hard.
    pub grace_ms: u64,
    /// The specification as it is now: what is missing of it is built before the guest starts again.
    pub spec: VmmSpec,
}

/// End a VMM for certain (no grace), whatever it does, and never let this id run again: valid for any epoch, also
/// for an id never heard of. Its tombstone is durable before the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VmmEndQuery {
    /// See [`Envelope::cluster`].
    pub cluster: ClusterUuid,
    /// See [`Envelope::ledger`].
    pub ledger: LedgerUuid,
    /// See [`Envelope::request`].
    pub request: RequestUuid,
    /// See [`Envelope::instance`].
    pub instance: InstanceUuid,
    /// See [`Envelope::epoch`].
    pub epoch: Generation,
    /// The instance was deleted: what the guest printed is deleted, too. Default: it is kept for a while.
    pub erase: Option<bool>,
}

/// How an admitted request was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Admitted {
    /// It will be done.
    Accepted,
    /// It was so already, or is being done already.
    Already,
}

/// Answer to an admitted request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VmmAnswer {
    /// How it was taken.
    pub admitted: Admitted,
    /// The VMM right after.
    pub vmm: VmmReport,
}

/// Body of a 409: the request was understood, and denied. Nothing was changed.
/// It stands in `message` of the error body as JSON is not available there; `error_code` is the denial's name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{denial}: {message}")]
pub struct Denied {
    /// The refusal's name.
    pub denial: Denial,
    /// The thing, the reason, and what would help.
    pub message: String,
}

/// Which part of a serial log.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct SerialQuery {
    /// First byte wanted, counted from the VMM's first output; omitted: the last `max_bytes`.
    pub from: Option<u64>,
    /// At most so many bytes; 1 to 1 MiB, default 64 KiB.
    pub max_bytes: Option<u32>,
}

/// A piece of a serial log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SerialChunk {
    /// Offset of the first byte of `data`; above what was asked for where the beginning was cut off.
    pub from: u64,
    /// Offset to ask for next.
    pub next: u64,
    /// The guest's output, base64.
    pub data_base64: String,
}
