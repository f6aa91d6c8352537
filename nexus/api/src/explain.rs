//! Explanations: why a thing is as it is, and what it waits for. They take the place of resetting a state by hand.

use berth_common::ids::{InstanceUuid, MigrationUuid, NexusUuid, SagaUuid, VmmUuid};
use berth_common::migration::{MigrationHalf, MigrationOutcome, MigrationPhase};
use berth_common::vmm::VmmState;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::event::Event;
use crate::instance::Instance;
use crate::sled::Sled;

/// Why an instance is as it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InstanceExplanation {
    /// One or two sentences for people.
    pub summary: String,
    /// The instance itself: intent, observation with its age, operation.
    pub instance: Instance,
    /// Who changes its record now.
    pub lock: Option<LockHolder>,
    /// What it waits for.
    pub waiting: Vec<Waiting>,
    /// What a follow-up would do if it were decided now; absent: nothing.
    pub follow_up: Option<String>,
    /// The migration that it is in the middle of, or its last one.
    #[serde(default)]
    pub migration: Option<Migration>,
    /// Why the sled it runs on was chosen, or why none was, the last time.
    pub placement: Option<Event>,
    /// Its last transitions, newest first.
    pub recent: Vec<Event>,
}

/// A live migration, with the numbers of both ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Migration {
    /// Its id.
    pub id: MigrationUuid,
    /// The sled that the guest leaves.
    pub from: String,
    /// The sled that it goes to.
    pub to: String,
    /// What the source's sled reported.
    pub source: MigrationHalf,
    /// How far the source is.
    pub source_phase: Option<MigrationPhase>,
    /// What the target's sled reported.
    pub target: MigrationHalf,
    /// How far the target is.
    pub target_phase: Option<MigrationPhase>,
    /// What was decided; absent while it goes on.
    pub outcome: Option<MigrationOutcome>,
    /// Why it is being given up, or was.
    pub given_up: Option<String>,
    /// Words of both ends for people.
    pub detail: Option<String>,
    /// Milliseconds until it is given up, while it goes on.
    pub left_ms: Option<u64>,
    /// Bytes of memory and disks that were sent.
    pub sent_bytes: u64,
    /// Bytes still to be sent.
    pub remaining_bytes: u64,
    /// Bytes in all.
    pub total_bytes: u64,
    /// Bytes of memory that the guest writes per second.
    pub dirty_bytes_per_s: u64,
    /// How much the guest is slowed down so that the copy converges, in percent.
    pub throttle_percent: u64,
    /// Milliseconds that the source has worked at it.
    pub elapsed_ms: u64,
    /// Milliseconds that the guest was paused, once it is over.
    pub downtime_ms: Option<u64>,
}

/// The saga that holds an instance's updater lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LockHolder {
    /// The update saga.
    pub saga_id: SagaUuid,
    /// The nexus that runs it.
    pub nexus_id: NexusUuid,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// Something that is waited for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Waiting {
    /// What, by name.
    pub what: String,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// Why a sled is as it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SledExplanation {
    /// One or two sentences for people.
    pub summary: String,
    /// The sled itself: three axes, capacity, age of its last report.
    pub sled: Sled,
    /// What runs there, or should.
    pub vmms: Vec<SledVmm>,
    /// What is on its host and nobody answers for: left alone, kept from counting as gone.
    pub quarantined: Vec<QuarantinedThing>,
    /// What keeps it from taking more.
    pub refuses: Vec<String>,
    /// What would happen to its VMMs if it were lost.
    pub if_lost: String,
    /// Its last transitions, newest first.
    pub recent: Vec<Event>,
}

/// Something on a host that nobody answers for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct QuarantinedThing {
    /// The VMM that it seems to belong to.
    pub vmm: Option<VmmUuid>,
    /// The process, if it is one.
    pub pid: Option<i32>,
    /// What and where it is.
    pub what: String,
    /// Why nobody answers for it: `no_entry`, `ended_for_certain`, `other_ledger` or `unknown_to_nexus`.
    pub why: String,
}

/// A VMM on a sled that hasn't ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SledVmm {
    /// The VMM.
    pub vmm_id: VmmUuid,
    /// Its instance.
    pub instance_id: InstanceUuid,
    /// The instance's name.
    pub instance_name: String,
    /// What the sled last reported.
    pub state: VmmState,
    /// When.
    pub reported_at: Option<DateTime<Utc>>,
    /// Its process can't be ended.
    pub stuck: bool,
}
