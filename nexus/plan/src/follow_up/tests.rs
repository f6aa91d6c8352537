//! Every combination of follow-up's input, and each class of combination by name.

mod migrating;
mod one_vmm;

use berth_common::instance::RestartPolicy;
use berth_common::migration::MigrationHalf;
use berth_common::vmm::VmmState;

use super::*;
use crate::every_case::{
    ACTIVE, TARGET, for_every_instance, for_every_link, for_every_restart, migrating, nothing, restart, vmm,
    with_ended, with_vmm,
};
use crate::facts::MigrationFacts;
use crate::restart::CRASHES_MAX;

/// What must hold of the plan for any facts; `Some(what is wrong)` else.
fn fault(facts: &InstanceFacts) -> Option<&'static str> {
    match follow_up(facts) {
        FollowUp::Nothing => fault_of_nothing(facts),
        FollowUp::Change(change) => fault_of_change(facts, &change),
    }
}

fn fault_of_nothing(facts: &InstanceFacts) -> Option<&'static str> {
    let gone = facts.state == InstanceState::Destroyed && !facts.is_linked() && facts.migration.is_none();
    if !facts.is_sound() && !gone {
        return Some("links that the schema excludes are left as they are");
    }
    let active_ended = facts.active.is_some_and(|vmm| !vmm.is_alive());
    let half_ended = facts.migration.is_some_and(|m| m.source.is_terminal() || m.target.is_terminal());
    if !active_ended && !half_ended {
        return None;
    }
    let awaits_end = facts.linked().any(|vmm| vmm.is_alive() && vmm.end_wanted);
    let awaits_half = facts.target.is_some_and(|vmm| vmm.is_alive())
        && facts.migration.is_some_and(|halves| !halves.target.is_terminal());
    (!awaits_end && !awaits_half).then_some("stuck: something ended, and no report can change the answer")
}

fn fault_of_change(facts: &InstanceFacts, change: &Change) -> Option<&'static str> {
    let next = after(facts, change);
    let linked = |id: VmmUuid| change.active == Some(id) || change.target == Some(id);
    let alive = |id: &VmmUuid| facts.linked().any(|vmm| vmm.id == *id && vmm.is_alive());
    let destroyed = facts.state == InstanceState::Destroyed;
    let rules = [
        (destroyed || next.is_sound(), "dangling links"),
        (follow_up(&next) == FollowUp::Nothing, "asked again it wants more"),
        (change.free.iter().all(|id| !alive(id) && !linked(*id)), "room of a VMM that may run is freed"),
        (change.end.iter().all(alive), "the end of what has ended is wanted"),
        (
            facts.linked().all(|vmm| {
                linked(vmm.id) || !vmm.is_alive() || vmm.end_wanted || change.end.contains(&vmm.id)
            }),
            "a VMM that may run is let go of",
        ),
        (
            facts.linked().all(|vmm| linked(vmm.id) || vmm.is_alive() || change.free.contains(&vmm.id)),
            "room of a VMM that ended is never freed",
        ),
        (change.start_due == next.start_is_due(), "a start is due without its reasons, or not with them"),
        (!change.start_due || facts.intent == Intent::Running, "a start against the intent"),
        (
            change.pause_ms.is_none()
                || facts.intent == Intent::Running && change.rest == Rest::BackOff && !change.start_due,
            "a pause before no start, or a start in its pause",
        ),
        (
            change.rest != Rest::BackOff || change.pause_ms.is_some() || facts.rest == Rest::BackOff,
            "it backs off without a pause",
        ),
        (
            change.crashes <= facts.restart.crashes || facts.restart.policy != RestartPolicy::Never,
            "a crash counts though the policy never starts it again",
        ),
        (
            !change.start_due || !facts.linked().any(|vmm| vmm.is_alive()),
            "two: a start beside a VMM that may run",
        ),
        (
            change.outcome.is_some()
                == (facts.migration.is_some() && next.migration.is_none() && keeps_history(facts)),
            "a migration ends without an outcome, or has one before its end",
        ),
        (!goes_on_at_the_source(facts, change), "two: the source goes on after the hand-over"),
        (
            !change.happened.is_empty()
                || change.operation.is_some()
                || facts.state != change.state
                || facts.rest != change.rest
                || facts.migration.is_some(),
            "a change that no event tells of",
        ),
    ];
    rules.into_iter().find(|(holds, _)| !holds).map(|(_, rule)| rule)
}

/// A disowned or destroyed instance has no migration to decide; a migration without any VMM is a link to clear.
fn keeps_history(facts: &InstanceFacts) -> bool {
    let decides = match facts.state {
        InstanceState::Creating | InstanceState::NoVmm | InstanceState::Vmm | InstanceState::Failed => true,
        InstanceState::Disowned | InstanceState::Destroyed => false,
    };
    decides && facts.is_linked() && !is_to_be_disowned(facts)
}

fn goes_on_at_the_source(facts: &InstanceFacts, change: &Change) -> bool {
    let handed_over = facts
        .migration
        .is_some_and(|halves| [halves.source, halves.target].contains(&MigrationHalf::Completed));
    let to_end = facts.active.is_some_and(|vmm| vmm.end_wanted) || change.end.contains(&ACTIVE);
    handed_over && change.active == Some(ACTIVE) && change.target.is_none() && !to_end
}

/// 6 stored states × 6 rests × 10 operations × 2 × 46 active VMMs × 46 target VMMs × 17 migrations.
const COMBINATIONS_PER_INTENT: u64 = 6 * 6 * 10 * 2 * 46 * 46 * 17;
/// 6 stored states × 6 rests × 10 operations × 46 active VMMs × 18 budgets.
const RESTARTS_PER_INTENT: u64 = 6 * 6 * 10 * 46 * 18;

fn check_every_combination(intent: Intent) {
    let count = for_every_instance(intent, |facts| {
        let fault = fault(facts);
        assert_eq!(fault, None, "{facts:#?} yields {:#?}", follow_up(facts));
    });
    assert_eq!(count, COMBINATIONS_PER_INTENT);
    let count = for_every_restart(intent, |facts| {
        let fault = fault(facts);
        assert_eq!(fault, None, "{facts:#?} yields {:#?}", follow_up(facts));
    });
    assert_eq!(count, RESTARTS_PER_INTENT);
}

#[test]
fn every_combination_under_intent_running_has_one_sound_outcome() {
    check_every_combination(Intent::Running);
}

#[test]
fn every_combination_under_intent_stopped_has_one_sound_outcome() {
    check_every_combination(Intent::Stopped);
}

#[test]
fn every_combination_under_intent_destroyed_has_one_sound_outcome() {
    check_every_combination(Intent::Destroyed);
}

fn change_of(facts: &InstanceFacts) -> Change {
    match follow_up(facts) {
        FollowUp::Change(change) => change,
        FollowUp::Nothing => panic!("nothing follows from {facts:#?}"),
    }
}

/// What is stored, and whether a start is due, after the only VMM ended so.
fn settled(facts: &InstanceFacts) -> (InstanceState, Rest, bool) {
    let change = change_of(facts);
    assert_eq!((change.active, change.target), (None, None));
    (change.state, change.rest, change.start_due)
}

fn ended(id: VmmUuid, ended_by: EndedBy) -> Option<VmmFacts> {
    Some(vmm(id, VmmState::Destroyed, Some(ended_by)))
}

// ---------------------------------------------------------------- disowned

#[test]
fn a_disowned_instance_is_cleared_when_the_last_vmm_has_ended_and_not_before() {
    let disowned = InstanceFacts {
        state: InstanceState::Disowned,
        unlinked_alive: true,
        operation: Some(OperationKind::InstanceStop),
        ..nothing(Intent::Stopped)
    };
    assert_eq!(follow_up(&disowned), FollowUp::Nothing);
    let change = change_of(&InstanceFacts { unlinked_alive: false, ..disowned });
    assert_eq!(
        (change.state, change.operation),
        (InstanceState::NoVmm, Some(OperationEnd::Stopped { ended_by: None }))
    );
    assert_eq!(change.happened, [Happened::Cleared]);
}

#[test]
fn a_force_stop_disowns_whatever_is_linked_and_ends_all_of_it() {
    let halves = MigrationHalf::ALL.iter();
    for (source, target) in halves.flat_map(|s| MigrationHalf::ALL.iter().map(move |t| (*s, *t))) {
        let operation = Some(OperationKind::InstanceForceStop);
        let stopped = InstanceFacts { intent: Intent::Stopped, operation, ..migrating(source, target) };
        let change = change_of(&stopped);
        assert_eq!((change.state, change.active, change.target), (InstanceState::Disowned, None, None));
        assert_eq!((change.end.as_slice(), change.outcome), ([ACTIVE, TARGET].as_slice(), None));
        let disowned = after(&stopped, &change);
        assert_eq!(follow_up(&disowned), FollowUp::Nothing, "waits until both have ended");
        let ended = InstanceFacts { unlinked_alive: false, ..disowned };
        let cleared = change_of(&ended);
        assert_eq!(cleared.state, InstanceState::NoVmm);
        assert_eq!(cleared.operation, Some(OperationEnd::ForceStopped));
    }
}

#[test]
fn a_force_stop_of_which_everything_has_ended_is_done_at_once() {
    let operation = Some(OperationKind::InstanceForceStop);
    let ended = InstanceFacts { intent: Intent::Stopped, operation, ..with_ended(EndedBy::Killed) };
    let change = change_of(&ended);
    assert_eq!((change.state, change.free.as_slice()), (InstanceState::NoVmm, [ACTIVE].as_slice()));
    assert_eq!(change.operation, Some(OperationEnd::ForceStopped));
}
