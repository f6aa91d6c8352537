//! May this instance be started?

use berth_common::instance::{InstanceState, Intent, Rest};
use berth_common::operation::OperationKind;
use berth_common::refusal::ErrorCode;

use crate::decision::{CREATING, DELETING, DESTROYED, DISOWNED, Decision, Refusal};
use crate::facts::InstanceFacts;
use crate::situation::{Situation, situation};

/// What a start writes beside operation and saga: intent *running*, and this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StartPlan {
    /// The new stored state: a fault that ended the last VMM is history now.
    pub state: InstanceState,
    /// The new rest: the user's start clears it, whatever it was.
    pub rest: Rest,
    /// A stop's operation is still open although nothing runs: it ends `succeeded` in the same transaction.
    pub finishes_stop: bool,
}

/// What a start's saga writes when its last try failed: shown as failed, not tried again until the user asks.
pub const GIVEN_UP: (InstanceState, Rest) = (InstanceState::Failed, Rest::GaveUp);

/// Decides a start. Total.
pub fn start(facts: &InstanceFacts) -> Decision<StartPlan> {
    match situation(facts) {
        Situation::Idle | Situation::Restarting => Decision::Go(StartPlan {
            state: InstanceState::NoVmm,
            rest: Rest::None,
            finishes_stop: facts.operation == Some(OperationKind::InstanceStop),
        }),
        Situation::Starting | Situation::Running | Situation::Rebooting | Situation::Migrating => {
            Decision::Already
        }
        Situation::Stopping if facts.intent == Intent::Stopped => Decision::Refuse(Refusal {
            code: ErrorCode::InstanceStopping,
            reason: "is being stopped",
            help: "wait until it is stopped, then start it",
        }),
        Situation::Stopping => Decision::Refuse(Refusal {
            code: ErrorCode::InstanceStopping,
            reason: "is going down",
            help: "it is meant to run and will be started again by itself; look at explain for the reason",
        }),
        Situation::Ending => Decision::Refuse(Refusal {
            code: ErrorCode::InstanceStopping,
            reason: "has just ended and is being cleared away",
            help: "ask again in a moment",
        }),
        Situation::Disowned => Decision::Refuse(DISOWNED),
        Situation::Creating => Decision::Refuse(CREATING),
        Situation::Deleting => Decision::Refuse(DELETING),
        Situation::Destroyed => Decision::Refuse(DESTROYED),
    }
}
