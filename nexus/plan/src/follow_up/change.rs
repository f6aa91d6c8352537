//! The update saga's plan as it is persisted, committed and explained.

use berth_common::ids::VmmUuid;
use berth_common::instance::{InstanceState, Rest};
use berth_common::migration::MigrationOutcome;
use berth_common::vmm::EndedBy;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::restart::CRASHES_MAX;

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FollowUp {
    /// The record says what is.
    Nothing,
    /// The record changes.
    Change(Change),
}

/// The new values of one record, and what goes with them. All of it belongs to one commit, but `free`, which follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// New stored state.
    pub state: InstanceState,
    /// New rest.
    pub rest: Rest,
    /// New `active_vmm_id`.
    pub active: Option<VmmUuid>,
    /// New `target_vmm_id`: the old one, or none. `migration_id` stays ⇔ it stays.
    pub target: Option<VmmUuid>,
    /// What was decided about the migration, where one ended.
    pub outcome: Option<MigrationOutcome>,
    /// The disks that were copied are where the target is from now on: the guest was handed over.
    #[serde(default)]
    pub disks_moved: bool,
    /// VMMs to be marked `end_wanted`.
    pub end: Vec<VmmUuid>,
    /// VMMs that have ended and are no longer linked: their reservations are to be freed.
    pub free: Vec<VmmUuid>,
    /// The open operation ends, and how.
    pub operation: Option<OperationEnd>,
    /// Crashes that count from now on.
    pub crashes: u32,
    /// A pause of so many milliseconds begins before the next start. None: one that runs goes on while the rest stays
    /// what it is, and is over else.
    pub pause_ms: Option<u64>,
    /// A start is due after this commit.
    pub start_due: bool,
    /// What happened, for the instance's events, in order.
    pub happened: Vec<Happened>,
}

/// How the open operation ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum OperationEnd {
    /// A stop: what ran has ended, by this rung or cause where it is known.
    Stopped { ended_by: Option<EndedBy> },
    /// A force stop: everything that ran has ended for certain.
    ForceStopped,
    /// A start or reboot that a stop overtook.
    Cancelled,
    /// A reboot whose VMM ended first, by this cause where it is known: it isn't carried to the next one.
    RebootSuperseded { ended_by: Option<EndedBy> },
}

/// One thing that happened to an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Happened {
    /// Links that the schema excludes were put right.
    LinksRepaired,
    /// A VMM's end is wanted from now on.
    EndWanted { vmm: VmmUuid },
    /// The guest goes on at that VMM, which was the target.
    Migrated { vmm: VmmUuid },
    /// The migration failed.
    MigrationFailed,
    /// A VMM ended and is no longer linked.
    Ended { vmm: VmmUuid, ended_by: EndedBy },
    /// Everything disowned has ended.
    Cleared,
    /// It is started again by its policy, after a pause.
    RestartPlanned { crashes: u32, pause_ms: u64 },
    /// It is not tried again until a user starts it.
    GaveUp { crashes: u32 },
}

impl std::fmt::Display for Happened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Happened::LinksRepaired => f.write_str("links were put right"),
            Happened::EndWanted { vmm } => write!(f, "VMM {vmm} is to end for certain"),
            Happened::Migrated { vmm } => write!(f, "the guest goes on at VMM {vmm}"),
            Happened::MigrationFailed => f.write_str("the migration failed"),
            Happened::Ended { vmm, ended_by } => write!(f, "VMM {vmm} ended: {ended_by}"),
            Happened::Cleared => f.write_str("everything disowned has ended"),
            Happened::RestartPlanned { crashes: 0, pause_ms } => {
                write!(f, "by its restart policy it starts again in {}", Seconds(*pause_ms))
            }
            Happened::RestartPlanned { crashes, pause_ms } => {
                let again = Seconds(*pause_ms);
                write!(
                    f,
                    "crash {crashes} of {CRASHES_MAX}: by its restart policy it starts again in {again}"
                )
            }
            Happened::GaveUp { crashes: 0 } => f.write_str("it isn't started again until a user starts it"),
            Happened::GaveUp { crashes } => {
                write!(f, "gave up after {crashes} crashes: it isn't started again until a user starts it")
            }
        }
    }
}

/// Milliseconds as people read them.
struct Seconds(u64);

impl std::fmt::Display for Seconds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{} s", self.0 / 1_000, self.0 % 1_000 / 100)
    }
}
