//! May this instance be force-stopped, and what has to be disowned?
//!
//! Disowning itself is the update saga's, under its lock: [`crate::follow_up`] answers an open force stop with the
//! links cleared and everything alive to be ended. Here it is only decided that one is accepted. From then on nothing
//! of the instance is started, linked or resumed: the intent is *stopped*, under a new generation.

use berth_common::instance::Intent;
use berth_common::operation::OperationKind;

use crate::decision::{DELETING, DESTROYED, Decision};
use crate::facts::InstanceFacts;
use crate::situation::{Situation, situation};
use crate::stop::{Cancels, StopDone};

/// What a force stop writes: intent *stopped*, the end of every VMM wanted, a new operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForceStopPlan {
    /// The work in flight whose operation ends `cancelled` in the same transaction.
    pub cancels: Option<Cancels>,
    /// When it is done.
    pub done: StopDone,
}

/// Decides a force stop. Total.
pub fn force_stop(facts: &InstanceFacts) -> Decision<ForceStopPlan> {
    let under_way = facts.operation == Some(OperationKind::InstanceForceStop);
    let cancels = match situation(facts) {
        Situation::Destroyed => return Decision::Refuse(DESTROYED),
        Situation::Deleting => return Decision::Refuse(DELETING),
        _ if under_way => return Decision::Already,
        // What it shall be once it is made; there is nothing yet that could run.
        Situation::Creating => None,
        _ => Cancels::all_of(facts),
    };
    let something_may_run = facts.is_linked() || facts.unlinked_alive;
    if !something_may_run && cancels.is_none() && facts.intent == Intent::Stopped {
        return Decision::Already;
    }
    let done = if something_may_run { StopDone::WhenEnded } else { StopDone::AtOnce };
    Decision::Go(ForceStopPlan { cancels, done })
}

#[cfg(test)]
mod tests {
    use berth_common::instance::{InstanceState, Rest};
    use berth_common::migration::MigrationHalf;
    use berth_common::refusal::ErrorCode;
    use berth_common::vmm::{EndedBy, VmmState};

    use super::*;
    use crate::every_case::{for_every_instance, migrating, nothing, with_ended, with_vmm};

    fn goes(facts: &InstanceFacts) -> (Option<Cancels>, StopDone) {
        match force_stop(facts) {
            Decision::Go(plan) => (plan.cancels, plan.done),
            other => panic!("{other:?}: {facts:?}"),
        }
    }

    #[test]
    fn it_wins_over_whatever_is_in_flight() {
        for (state, cancels) in [
            (VmmState::Creating, Some(Cancels::Start)),
            (VmmState::Starting, Some(Cancels::Start)),
            (VmmState::Running, None),
            (VmmState::Rebooting, Some(Cancels::Reboot)),
            (VmmState::Migrating, Some(Cancels::Migration)),
            (VmmState::Stopping, None),
        ] {
            assert_eq!(goes(&with_vmm(state)), (cancels, StopDone::WhenEnded), "{state}");
        }
        let stopping = InstanceFacts {
            intent: Intent::Stopped,
            operation: Some(OperationKind::InstanceStop),
            ..with_vmm(VmmState::Stopping)
        };
        assert_eq!(goes(&stopping), (Some(Cancels::Stop), StopDone::WhenEnded));
        for source in MigrationHalf::ALL {
            for target in MigrationHalf::ALL {
                let expected = (Some(Cancels::Migration), StopDone::WhenEnded);
                assert_eq!(goes(&migrating(*source, *target)), expected, "{source} {target}");
            }
        }
        assert_eq!(goes(&with_ended(EndedBy::Crashed)), (None, StopDone::WhenEnded));
    }

    #[test]
    fn what_could_be_started_or_is_being_made_is_only_wanted_stopped() {
        assert_eq!(force_stop(&nothing(Intent::Stopped)), Decision::Already);
        let due = InstanceFacts { rest: Rest::Platform, ..nothing(Intent::Running) };
        assert_eq!(goes(&due), (None, StopDone::AtOnce));
        let starting = InstanceFacts { operation: Some(OperationKind::InstanceStart), ..due };
        assert_eq!(goes(&starting), (Some(Cancels::Start), StopDone::AtOnce));
        let creating = InstanceFacts { state: InstanceState::Creating, ..nothing(Intent::Running) };
        assert_eq!(goes(&creating), (None, StopDone::AtOnce));
    }

    #[test]
    fn a_vmm_that_lost_its_link_while_it_lived_is_waited_for() {
        let undone = InstanceFacts { unlinked_alive: true, ..nothing(Intent::Stopped) };
        assert_eq!(goes(&undone), (None, StopDone::WhenEnded));
    }

    #[test]
    fn it_is_refused_only_where_a_delete_does_the_same_anyway() {
        for intent in [Intent::Running, Intent::Stopped, Intent::Destroyed] {
            for_every_instance(intent, |facts| {
                // Links and halves are told apart above.
                if facts.target.is_some() || facts.migration.is_some() {
                    return;
                }
                let gone = facts.intent == Intent::Destroyed || facts.state == InstanceState::Destroyed;
                match force_stop(facts) {
                    Decision::Refuse(refusal) => {
                        assert!(gone && refusal.code == ErrorCode::Deleting, "{facts:?}");
                    }
                    Decision::Already => {
                        let under_way = facts.operation == Some(OperationKind::InstanceForceStop);
                        let at_rest = !facts.is_linked() && facts.intent == Intent::Stopped;
                        assert!(!gone && (under_way || at_rest && !facts.unlinked_alive), "{facts:?}");
                    }
                    Decision::Go(plan) => {
                        assert!(!gone);
                        let waits = facts.is_linked() || facts.unlinked_alive;
                        assert_eq!(plan.done == StopDone::WhenEnded, waits, "{facts:?}");
                    }
                }
            });
        }
    }
}
