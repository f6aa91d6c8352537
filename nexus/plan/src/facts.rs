//! What planners are told about an instance: its record, the VMMs it links, and what is in flight.

use berth_common::ids::VmmUuid;
use berth_common::instance::{InstanceState, Intent, Rest};
use berth_common::migration::MigrationHalf;
use berth_common::operation::OperationKind;
use berth_common::reboot::RebootKind;
use berth_common::sled::Liveness;
use berth_common::vmm::{EndedBy, VmmState};
use serde::{Deserialize, Serialize};

use crate::restart::RestartFacts;

/// One instance as one transaction read it. Sagas persist it, so that a plan can be explained later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceFacts {
    /// What the user last asked for.
    pub intent: Intent,
    /// The stored state.
    pub state: InstanceState,
    /// Why it is not to be started now.
    pub rest: Rest,
    /// The VMM that `active_vmm_id` links.
    pub active: Option<VmmFacts>,
    /// The VMM that `target_vmm_id` links.
    pub target: Option<VmmFacts>,
    /// The migration that `migration_id` links.
    pub migration: Option<MigrationFacts>,
    /// A VMM of this instance that isn't linked isn't terminal yet: disowned, or the source of a completed migration.
    pub unlinked_alive: bool,
    /// The open operation on this instance; the newest where there are several.
    pub operation: Option<OperationKind>,
    /// What the reboot is whose operation is open: a soft one that was taken over is hard.
    pub reboot: Option<RebootKind>,
    /// What its restart policy goes by.
    pub restart: RestartFacts,
}

/// One VMM as last reported, or as declared by nexus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VmmFacts {
    /// Its id.
    pub id: VmmUuid,
    /// What it was doing.
    pub state: VmmState,
    /// Why it ended; set ⇔ `state` is terminal.
    pub ended_by: Option<EndedBy>,
    /// Its end is wanted for certain: the reaper delivers that until it is terminal.
    pub end_wanted: bool,
    /// What is known of its sled.
    pub liveness: Liveness,
}

/// Both halves of a migration, each as its own sled reported it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MigrationFacts {
    /// The half of the active VMM.
    pub source: MigrationHalf,
    /// The half of the target VMM.
    pub target: MigrationHalf,
}

impl VmmFacts {
    /// It isn't terminal: for all that is known it may still run.
    pub const fn is_alive(&self) -> bool {
        !self.state.is_terminal()
    }

    /// Why it ended, if it did. A terminal VMM without a cause (the schema has none) counts as crashed, an unwound one
    /// as never started: both show a fault rather than hide it.
    pub const fn cause_of_end(&self) -> Option<EndedBy> {
        match (self.state, self.ended_by) {
            (VmmState::Destroyed | VmmState::Failed | VmmState::Unwound, Some(ended_by)) => Some(ended_by),
            (VmmState::Destroyed | VmmState::Failed, None) => Some(EndedBy::Crashed),
            (VmmState::Unwound, None) => Some(EndedBy::NeverStarted),
            (
                VmmState::Creating
                | VmmState::Starting
                | VmmState::Running
                | VmmState::Rebooting
                | VmmState::Migrating
                | VmmState::Stopping,
                _,
            ) => None,
        }
    }
}

impl InstanceFacts {
    /// The linked VMMs, active first.
    pub fn linked(&self) -> impl Iterator<Item = VmmFacts> {
        self.active.into_iter().chain(self.target)
    }

    /// A VMM is linked, terminal or not.
    pub const fn is_linked(&self) -> bool {
        self.active.is_some() || self.target.is_some()
    }

    /// The links agree with the state and with each other, as the schema's CHECKs demand. Planners answer for
    /// unsound facts too; no plan makes any.
    pub fn is_sound(&self) -> bool {
        let active = self.active.map(|vmm| vmm.id);
        let target = self.target.map(|vmm| vmm.id);
        (self.state == InstanceState::Vmm) == active.is_some()
            && target.is_some() == self.migration.is_some()
            && (target.is_none() || active.is_some() && active != target)
            && (self.state != InstanceState::Destroyed || self.intent == Intent::Destroyed)
    }

    /// A start is due: intent is running, nothing runs, nothing says that it shall rest, and no pause is left. Whoever
    /// finds this true and no start in flight starts it.
    pub fn start_is_due(&self) -> bool {
        self.start_is_coming() && !self.restart.pausing
    }

    /// A start is due, or will be once a pause is over.
    pub fn start_is_coming(&self) -> bool {
        let resting = match self.rest {
            Rest::None | Rest::Platform | Rest::BackOff => false,
            Rest::GuestShutdown | Rest::GaveUp | Rest::HeldByEvacuation => true,
        };
        let startable = match self.state {
            InstanceState::NoVmm | InstanceState::Failed => true,
            InstanceState::Creating
            | InstanceState::Vmm
            | InstanceState::Disowned
            | InstanceState::Destroyed => false,
        };
        self.intent == Intent::Running
            && startable
            && !resting
            && !self.is_linked()
            && self.operation != Some(OperationKind::InstanceStart)
    }
}
