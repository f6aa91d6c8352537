//! May this instance be migrated, and where to?
//!
//! Two questions, asked in one transaction when the request is accepted: [`migrate`] looks at the instance alone,
//! [`choose_target`] at the sleds. The saga asks the second one again when it reserves: another guest may have taken
//! the room since.

use berth_common::ids::SledUuid;
use berth_common::refusal::ErrorCode;
use berth_common::sled::Liveness;

use crate::decision::{CREATING, DELETING, DESTROYED, Decision, Refusal};
use crate::facts::InstanceFacts;
use crate::situation::{Situation, situation};

mod target;

pub use target::{TargetRefusal, choose_target};

/// Where the guest is, where it goes to while it migrates, and where the user wants it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Way {
    /// The active VMM's sled.
    pub from: Option<SledUuid>,
    /// The sled that a migration in flight goes to; none where there is none, or it isn't chosen yet.
    pub under_way_to: Option<SledUuid>,
    /// The sled that the user named.
    pub to: Option<SledUuid>,
}

/// A migration is accepted: intent generation + 1, operation and saga. Where to is [`choose_target`]'s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MigratePlan;

/// Decides a migration. Total.
pub fn migrate(facts: &InstanceFacts, way: Way) -> Decision<MigratePlan> {
    match situation(facts) {
        Situation::Running => running(facts, way),
        Situation::Migrating if way.to.is_none() || way.to == way.under_way_to => Decision::Already,
        Situation::Migrating => Decision::Refuse(Refusal {
            code: ErrorCode::InstanceMigrating,
            reason: "is being migrated to another sled",
            help: "wait for its operation to end, or cancel it",
        }),
        Situation::Rebooting => Decision::Refuse(Refusal {
            code: ErrorCode::InstanceRebooting,
            reason: "is being rebooted",
            help: "wait for its operation to end, then ask again",
        }),
        Situation::Stopping => Decision::Refuse(Refusal {
            code: ErrorCode::InstanceStopping,
            reason: "is going down",
            help: "wait until it is stopped; a stopped instance is started on another sled, not migrated",
        }),
        Situation::Idle | Situation::Restarting | Situation::Starting | Situation::Ending => {
            Decision::Refuse(Refusal {
                code: ErrorCode::InstanceNotRunning,
                reason: "has no running guest that could be migrated",
                help: "start it, or wait until it runs, then ask again",
            })
        }
        Situation::Disowned => Decision::Refuse(Refusal {
            code: ErrorCode::InstanceDisowned,
            reason: "was force-stopped, and what ran of it isn't known to have ended",
            help: "wait for the force stop's operation; its waiting_for names the sled",
        }),
        Situation::Creating => Decision::Refuse(CREATING),
        Situation::Deleting => Decision::Refuse(DELETING),
        Situation::Destroyed => Decision::Refuse(DESTROYED),
    }
}

fn running(facts: &InstanceFacts, way: Way) -> Decision<MigratePlan> {
    if way.to.is_some() && way.to == way.from {
        return Decision::Refuse(Refusal {
            code: ErrorCode::SameSled,
            reason: "runs on that sled already",
            help: "name another sled, or none",
        });
    }
    if facts.active.is_some_and(|vmm| vmm.end_wanted) {
        return Decision::Refuse(Refusal {
            code: ErrorCode::InstanceStopping,
            reason: "is being ended for certain",
            help: "look at explain for the reason",
        });
    }
    let liveness = facts.active.map_or(Liveness::Lost, |vmm| vmm.liveness);
    match liveness {
        Liveness::Online => Decision::Go(MigratePlan),
        Liveness::Suspect | Liveness::Lost | Liveness::Fenced | Liveness::PlannedDown => {
            Decision::Refuse(Refusal {
                code: ErrorCode::SledUnreachable,
                reason: "runs on a sled that hasn't reported lately",
                help: "both ends of a migration must be up; bring the sled back first",
            })
        }
    }
}
