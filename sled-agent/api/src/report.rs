//! What a sled says about its VMMs: full state, ordered by generation.

use berth_common::Generation;
use berth_common::ids::{BootUuid, InstanceUuid, LedgerUuid, VmmUuid};
use berth_common::reboot::{RebootKind, RebootPhase};
use berth_common::vmm::{EndedBy, VmmState};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::migration::MigrationReport;

/// One VMM as its sled sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VmmReport {
    /// The VMM.
    pub vmm: VmmUuid,
    /// Its instance.
    pub instance: InstanceUuid,
    /// Its epoch.
    pub epoch: Generation,
    /// Counts this VMM's reports; chosen by the agent, persisted, never decreases.
    pub generation: Generation,
    /// What it does.
    pub state: VmmState,
    /// Why it ended; set ⇔ the state is terminal.
    pub ended_by: Option<EndedBy>,
    /// Words for people: the hypervisor's own reason and exit status, or what it is stuck on.
    pub detail: Option<String>,
    /// Milliseconds until the stop in flight is forced.
    pub stop_remaining_ms: Option<u64>,
    /// The hypervisor's monitor doesn't answer; the state is the last one known.
    pub unresponsive: bool,
    /// The hypervisor process can't be ended, not even by SIGKILL.
    pub stuck: bool,
    /// The last reboot begun.
    #[serde(default)]
    pub reboot: Option<RebootReport>,
    /// The migration it takes, or last took, part in.
    #[serde(default)]
    pub migration: Option<MigrationReport>,
}

/// How far the last reboot of a VMM is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RebootReport {
    /// Which one.
    pub reboot_gen: Generation,
    /// What it is now: a soft one becomes hard at its deadline, or when it is taken over.
    pub kind: RebootKind,
    /// How far it is.
    pub phase: RebootPhase,
}

/// What one sled says at one time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SledReport {
    /// The host's boot.
    pub boot: BootUuid,
    /// The agent's ledger.
    pub ledger: LedgerUuid,
    /// The lease epoch nexus gave at registration; a report with an old one changes nothing.
    pub lease_epoch: Generation,
    /// Counts reports of this agent process.
    pub sequence: u64,
    /// How much of the ledger has been recovered since the agent started.
    pub recovered: Recovered,
    /// Whether `vmms` is everything this sled has. Otherwise it is what changed and wasn't acknowledged.
    pub full: bool,
    /// The VMMs.
    pub vmms: Vec<VmmReport>,
    /// What is on this host and nobody answers for: left alone. A process among it may be any VMM it names, so that one
    /// isn't gone.
    #[serde(default)]
    pub quarantined: Vec<Quarantined>,
}

impl SledReport {
    /// A process that may be this VMM is here, though no ledger entry answers for it.
    pub fn may_run(&self, vmm: VmmUuid) -> bool {
        self.quarantined.iter().any(|found| found.vmm == Some(vmm) && found.pid.is_some())
    }
}

/// Something on a host that nobody answers for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Quarantined {
    /// The VMM that it seems to belong to.
    pub vmm: Option<VmmUuid>,
    /// The process, if it is one.
    pub pid: Option<i32>,
    /// Words for people: what and where it is.
    pub what: String,
    /// Why nobody answers for it.
    pub why: QuarantineReason,
}

/// Why nobody answers for something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum QuarantineReason {
    /// The ledger has no entry of it.
    NoEntry,
    /// Its VMM was ended for certain, and this is left of it.
    EndedForCertain,
    /// It is an entry of another host's ledger.
    OtherLedger,
    /// Nexus says that it doesn't know this VMM.
    UnknownToNexus,
}

/// `done` of `total` are recovered: each ledger entry, and, until it is done, the first look at the host's processes. A VMM that is absent from a full report is unknown, not gone, until all are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Recovered {
    /// Entries looked at.
    pub done: u32,
    /// Entries in the ledger.
    pub total: u32,
}

impl Recovered {
    /// Absence counts.
    pub const fn is_complete(self) -> bool {
        self.done >= self.total
    }
}

/// What a sled shall do with a VMM that it reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It has been declared dead, or unwound: end it for certain.
    End,
    /// Its end is recorded: the ledger may forget it (the tombstone stays).
    Forget,
    /// Nexus doesn't know it: list it, touch nothing.
    Quarantine,
}

/// A verdict on one VMM.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VmmVerdict {
    /// The VMM.
    pub vmm: VmmUuid,
    /// What to do with it.
    pub verdict: Verdict,
}

/// Nexus' answer to a report. What isn't named is kept as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReportAnswer {
    /// The sled's current lease epoch; another than the report's means: register again.
    pub lease_epoch: Generation,
    /// Verdicts.
    pub verdicts: Vec<VmmVerdict>,
    /// Addresses (`https://host:port`) of all active nexus: any of them will do.
    pub nexus: Vec<String>,
}
