//! May this instance be rebooted, and what does that meet?
//!
//! | in flight | soft | hard |
//! |---|---|---|
//! | nothing, the guest runs | go | go |
//! | a soft reboot | refused `instance_rebooting` | takes it over: the same operation, now hard |
//! | a hard reboot | refused `instance_rebooting` | already so |
//! | a migration | refused `instance_migrating` | the same |
//! | a stop, or the guest goes down | refused `instance_stopping` | the same |
//! | a start, a pause before one, nothing at all | refused `instance_not_running` | the same |
//!
//! A reboot is asked of one VMM and never carried to the next: if that one ends first, the operation is superseded
//! ([`crate::follow_up`] says so).

use berth_common::ids::VmmUuid;
use berth_common::reboot::RebootKind;
use berth_common::refusal::ErrorCode;

use crate::decision::{CREATING, DELETING, DESTROYED, DISOWNED, Decision, Refusal};
use crate::facts::InstanceFacts;
use crate::situation::{Situation, situation};

/// What a reboot writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RebootPlan {
    /// A new reboot of this VMM, with a new operation.
    Begin { vmm: VmmUuid },
    /// The soft reboot of this VMM that is open becomes hard, under the next number; its operation goes on.
    TakeOver { vmm: VmmUuid },
}

const REBOOTING: Refusal = Refusal {
    code: ErrorCode::InstanceRebooting,
    reason: "is being rebooted",
    help: "wait for that reboot to end, or ask for a hard one, which takes it over",
};

const MIGRATING: Refusal = Refusal {
    code: ErrorCode::InstanceMigrating,
    reason: "is being migrated",
    help: "wait until it has arrived, or cancel the migration, then reboot it",
};

const STOPPING: Refusal = Refusal {
    code: ErrorCode::InstanceStopping,
    reason: "is going down",
    help: "wait until it is stopped, then start it",
};

const STARTING: Refusal = Refusal {
    code: ErrorCode::InstanceNotRunning,
    reason: "is still being started",
    help: "wait until its guest runs, then reboot it",
};

const NOT_RUNNING: Refusal = Refusal {
    code: ErrorCode::InstanceNotRunning,
    reason: "isn't running",
    help: "start it: it boots afresh then",
};

/// Decides a reboot. Total.
pub fn reboot(facts: &InstanceFacts, kind: RebootKind) -> Decision<RebootPlan> {
    let Some(vmm) = facts.active.map(|vmm| vmm.id) else {
        return Decision::Refuse(without_vmm(situation(facts)));
    };
    match situation(facts) {
        Situation::Running => Decision::Go(RebootPlan::Begin { vmm }),
        Situation::Rebooting => match (kind, facts.reboot) {
            (RebootKind::Soft, _) => Decision::Refuse(REBOOTING),
            (RebootKind::Hard, Some(RebootKind::Hard)) => Decision::Already,
            (RebootKind::Hard, Some(RebootKind::Soft)) => Decision::Go(RebootPlan::TakeOver { vmm }),
            // The sled is at one that nobody waits for any more.
            (RebootKind::Hard, None) => Decision::Go(RebootPlan::Begin { vmm }),
        },
        other @ (Situation::Creating
        | Situation::Idle
        | Situation::Restarting
        | Situation::Starting
        | Situation::Migrating
        | Situation::Stopping
        | Situation::Ending
        | Situation::Disowned
        | Situation::Deleting
        | Situation::Destroyed) => Decision::Refuse(without_vmm(other)),
    }
}

/// Why there is nothing to be rebooted.
fn without_vmm(situation: Situation) -> Refusal {
    match situation {
        Situation::Creating => CREATING,
        Situation::Idle | Situation::Restarting | Situation::Ending => NOT_RUNNING,
        Situation::Starting => STARTING,
        Situation::Running | Situation::Rebooting => REBOOTING,
        Situation::Migrating => MIGRATING,
        Situation::Stopping => STOPPING,
        Situation::Disowned => DISOWNED,
        Situation::Deleting => DELETING,
        Situation::Destroyed => DESTROYED,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::every_case::{ACTIVE, for_every_instance, migrating, nothing, with_ended, with_vmm};
    use crate::facts::InstanceFacts;
    use berth_common::instance::{InstanceState, Intent, Rest};
    use berth_common::migration::MigrationHalf;
    use berth_common::operation::OperationKind;
    use berth_common::vmm::{EndedBy, VmmState};

    const BEGIN: Decision<RebootPlan> = Decision::Go(RebootPlan::Begin { vmm: ACTIVE });

    fn refused(facts: &InstanceFacts) -> [ErrorCode; 2] {
        [RebootKind::Soft, RebootKind::Hard].map(|kind| match reboot(facts, kind) {
            Decision::Refuse(refusal) => refusal.code,
            other @ (Decision::Already | Decision::Go(_)) => panic!("{kind} isn't refused: {other:?}"),
        })
    }

    fn rebooting(state: VmmState, kind: Option<RebootKind>) -> InstanceFacts {
        let operation = kind.map(|_| OperationKind::InstanceReboot);
        InstanceFacts { operation, reboot: kind, ..with_vmm(state) }
    }

    #[test]
    fn a_guest_that_runs_is_rebooted() {
        for kind in [RebootKind::Soft, RebootKind::Hard] {
            assert_eq!(reboot(&with_vmm(VmmState::Running), kind), BEGIN);
        }
    }

    #[test]
    fn hard_takes_over_soft_and_hard_is_already_so_and_soft_over_anything_is_refused() {
        use RebootKind::{Hard, Soft};
        // Accepted, and the sled may not have heard of it, or is at it.
        for state in [VmmState::Running, VmmState::Rebooting] {
            let over = Decision::Go(RebootPlan::TakeOver { vmm: ACTIVE });
            assert_eq!(reboot(&rebooting(state, Some(Soft)), Hard), over, "{state}");
            assert_eq!(reboot(&rebooting(state, Some(Hard)), Hard), Decision::Already, "{state}");
            for kind in [Soft, Hard] {
                let refused = reboot(&rebooting(state, Some(kind)), Soft);
                assert_eq!(refused, Decision::Refuse(REBOOTING), "{state} {kind}");
            }
        }
        assert_eq!(reboot(&rebooting(VmmState::Rebooting, None), Hard), BEGIN, "nobody waits for that one");
    }

    #[test]
    fn reboot_is_refused_by_name_wherever_no_guest_runs() {
        let stopped = nothing(Intent::Stopped);
        let due = InstanceFacts { rest: Rest::BackOff, ..nothing(Intent::Running) };
        for facts in [stopped, due, with_ended(EndedBy::Crashed)] {
            assert_eq!(refused(&facts), [ErrorCode::InstanceNotRunning; 2], "{facts:?}");
        }
        for state in [VmmState::Creating, VmmState::Starting] {
            assert_eq!(refused(&with_vmm(state)), [ErrorCode::InstanceNotRunning; 2], "{state}");
        }
        let stopping = InstanceFacts { intent: Intent::Stopped, ..with_vmm(VmmState::Running) };
        assert_eq!(refused(&stopping), [ErrorCode::InstanceStopping; 2]);
        assert_eq!(refused(&with_vmm(VmmState::Stopping)), [ErrorCode::InstanceStopping; 2]);
        let migration = migrating(MigrationHalf::InProgress, MigrationHalf::InProgress);
        assert_eq!(refused(&migration), [ErrorCode::InstanceMigrating; 2]);
        let disowned = InstanceFacts { state: InstanceState::Disowned, ..stopped };
        assert_eq!(refused(&disowned), [ErrorCode::InstanceDisowned; 2]);
        assert_eq!(refused(&nothing(Intent::Destroyed)), [ErrorCode::Deleting; 2]);
        let creating = InstanceFacts { state: InstanceState::Creating, ..nothing(Intent::Running) };
        assert_eq!(refused(&creating), [ErrorCode::InstanceCreating; 2]);
    }

    /// Of every instance wanted running, with each reboot that may be open.
    #[test]
    fn a_reboot_is_only_ever_asked_of_one_vmm_that_lives_and_is_under_way_then() {
        let mut admitted = 0u64;
        for_every_instance(Intent::Running, |facts| {
            let open = facts.operation == Some(OperationKind::InstanceReboot);
            let kinds = [RebootKind::Soft, RebootKind::Hard];
            for in_flight in kinds.map(Some).into_iter().filter(|_| open).chain([None]) {
                let facts = InstanceFacts { reboot: in_flight, ..*facts };
                for kind in kinds {
                    let Decision::Go(plan) = reboot(&facts, kind) else { continue };
                    admitted += 1;
                    let (RebootPlan::Begin { vmm } | RebootPlan::TakeOver { vmm }) = plan;
                    let alive = facts.active.is_some_and(|active| active.id == vmm && active.is_alive());
                    assert!(alive && facts.target.is_none(), "{facts:?}");
                    let operation = Some(OperationKind::InstanceReboot);
                    let next = InstanceFacts { operation, reboot: Some(kind), ..facts };
                    assert_eq!(reboot(&next, RebootKind::Soft), Decision::Refuse(REBOOTING), "{next:?}");
                    if kind == RebootKind::Hard {
                        assert_eq!(reboot(&next, kind), Decision::Already, "{next:?}");
                    }
                }
            }
        });
        assert!(admitted > 1_000, "{admitted}");
    }

    #[test]
    fn no_reboot_is_admitted_against_the_users_wish() {
        for intent in [Intent::Stopped, Intent::Destroyed] {
            for_every_instance(intent, |facts| {
                for kind in [RebootKind::Soft, RebootKind::Hard] {
                    assert!(!reboot(facts, kind).is_admitted(), "{facts:?}");
                }
            });
        }
    }
}
