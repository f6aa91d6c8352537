//! Shapes of live migration: what nexus orders of either end, and what each end reports.
//!
//! ```text
//! nexus ──ensure(incoming)──▶ target      its report tells `address`
//! nexus ──Send──▶ source ══stream══▶ target
//!                   │ completed: `handed_off` is durable
//!                   └──handed off──▶ target: lets the guest run, its half is completed
//! ```
//! The target runs nothing before it knows that the source has handed off, by the source's own word or by `Resume`.
//! A source that has handed off never runs again. Every order may be repeated.

use berth_common::ids::{DiskUuid, MigrationUuid, SledUuid, VmmUuid};
use berth_common::migration::{MigrationHalf, MigrationPhase, MigrationRole};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::envelope::Envelope;

/// What a target waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Incoming {
    /// The migration.
    pub migration: MigrationUuid,
    /// The only sled whose stream is taken.
    pub source_sled: SledUuid,
    /// The VMM it comes from.
    pub source_vmm: VmmUuid,
    /// Disks on `local` pools: their files are made here, and filled by the source.
    pub copied_disks: Vec<DiskUuid>,
    /// From acceptance, in milliseconds: a half that isn't over by then fails, unless the source has handed off.
    pub deadline_ms: u64,
}

/// An order to one end of a migration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MigrationPut {
    /// Who it is for.
    pub envelope: Envelope,
    /// The migration.
    pub migration: MigrationUuid,
    /// What to do.
    pub order: MigrationOrder,
}

/// What can be ordered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum MigrationOrder {
    /// To the source: send the guest.
    Send {
        /// The target's sled: the only one that is trusted with the stream.
        target_sled: SledUuid,
        /// The target.
        target_vmm: VmmUuid,
        /// As the target's report tells: `host:port`.
        address: String,
        /// Disks on `local` pools, to be copied.
        copied_disks: Vec<DiskUuid>,
        /// From acceptance, in milliseconds.
        deadline_ms: u64,
        /// Longest pause of the guest that is aimed at, in milliseconds.
        downtime_limit_ms: u64,
    },
    /// To either end: give it up, unless the guest was handed off. The source's guest runs on, the target ends.
    Cancel,
    /// To the target: the source's half is recorded as completed, or its end is proven after it handed off.
    Resume,
}

/// One end of a migration as its sled sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MigrationReport {
    /// The migration.
    pub migration: MigrationUuid,
    /// Which end.
    pub role: MigrationRole,
    /// How far it is, as far as anything is decided by it. Ordered by the VMM's generation.
    pub half: MigrationHalf,
    /// How far it is, for people.
    pub phase: MigrationPhase,
    /// The target: where the source's stream is awaited, `host:port`.
    pub address: Option<String>,
    /// The source: numbers.
    pub progress: Option<MigrationProgress>,
    /// Words for people: why it failed.
    pub detail: Option<String>,
}

/// Numbers of a migration in progress, of memory and disks together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MigrationProgress {
    /// Bytes sent.
    pub sent_bytes: u64,
    /// Bytes still to be sent, as of now.
    pub remaining_bytes: u64,
    /// Bytes to be sent in all, as of now.
    pub total_bytes: u64,
    /// Bytes of memory that the guest writes per second.
    pub dirty_bytes_per_s: u64,
    /// How much the guest is slowed down so that the copy converges, in percent.
    pub throttle_percent: u32,
    /// Time since it began, in milliseconds.
    pub elapsed_ms: u64,
    /// How long the guest was paused, in milliseconds; once it is over.
    pub downtime_ms: Option<u64>,
}
