//! The table "what meets what", row by row, and the rules that hold for every instance there can be.

use berth_common::ids::SledUuid;
use berth_common::instance::{InstanceState, Intent, Rest, ShownState};
use berth_common::migration::MigrationHalf;
use berth_common::operation::OperationKind;
use berth_common::refusal::ErrorCode;
use berth_common::sled::Liveness;
use berth_common::vmm::{EndedBy, VmmState};

use crate::decision::Decision;
use crate::delete::{DeletePlan, delete};
use crate::every_case::{ACTIVE, TARGET, for_every_instance, migrating, nothing, with_ended, with_vmm};
use crate::facts::{InstanceFacts, VmmFacts};
use crate::force_stop::force_stop;
use crate::migrate::{MigratePlan, Way, migrate};
use crate::shown_state::shown_state;
use crate::situation::{Situation, situation};
use crate::start::start;
use crate::stop::{Cancels, Grace, StopDone, StopPlan, StopTimes, stop};

mod moves;

use moves::ANYWHERE;

const TIMES: StopTimes = StopTimes { default_ms: 30_000, remaining_ms: None };

fn left(remaining_ms: u64) -> StopTimes {
    StopTimes { remaining_ms: Some(remaining_ms), ..TIMES }
}

fn begins(cancels: Option<Cancels>, done: StopDone) -> Decision<StopPlan> {
    Decision::Go(StopPlan::Begin { grace_ms: 30_000, cancels, done })
}

fn refused<Plan: std::fmt::Debug>(decision: Decision<Plan>) -> ErrorCode {
    match decision {
        Decision::Refuse(refusal) => refusal.code,
        Decision::Already | Decision::Go(_) => panic!("not refused: {decision:?}"),
    }
}

fn shown(facts: &InstanceFacts) -> ShownState {
    shown_state(facts.intent, facts.state, facts.rest, facts.active.as_ref())
}

fn starting() -> InstanceFacts {
    InstanceFacts { operation: Some(OperationKind::InstanceStart), ..nothing(Intent::Running) }
}

fn stopping(state: VmmState) -> InstanceFacts {
    let operation = Some(OperationKind::InstanceStop);
    InstanceFacts { intent: Intent::Stopped, operation, ..with_vmm(state) }
}

fn disowned(intent: Intent) -> InstanceFacts {
    InstanceFacts { state: InstanceState::Disowned, unlinked_alive: true, ..nothing(intent) }
}

// ---------------------------------------------------------------- start

#[test]
fn start_goes_when_nothing_runs_and_clears_what_it_rested_in() {
    for state in [InstanceState::NoVmm, InstanceState::Failed] {
        for &rest in Rest::ALL {
            for intent in [Intent::Stopped, Intent::Running] {
                let facts = InstanceFacts { state, rest, ..nothing(intent) };
                let Decision::Go(plan) = start(&facts) else { panic!("{facts:?}") };
                assert_eq!(
                    (plan.state, plan.rest, plan.finishes_stop),
                    (InstanceState::NoVmm, Rest::None, false)
                );
            }
        }
    }
}

#[test]
fn start_is_already_so_while_it_starts_runs_reboots_or_migrates() {
    for state in [VmmState::Creating, VmmState::Starting, VmmState::Running, VmmState::Rebooting] {
        assert_eq!(start(&with_vmm(state)), Decision::Already, "{state}");
    }
    assert_eq!(start(&starting()), Decision::Already, "before a VMM is linked");
    assert_eq!(start(&migrating(MigrationHalf::Pending, MigrationHalf::Pending)), Decision::Already);
}

#[test]
fn start_meets_a_stop_and_is_refused_until_it_is_stopped() {
    for &state in VmmState::ALL.iter().filter(|state| !state.is_terminal()) {
        assert_eq!(refused(start(&stopping(state))), ErrorCode::InstanceStopping, "{state}");
    }
    let over = InstanceFacts { operation: Some(OperationKind::InstanceStop), ..nothing(Intent::Stopped) };
    let Decision::Go(plan) = start(&over) else { panic!("it is stopped") };
    assert!(plan.finishes_stop, "its stop is done, whether or not anyone has said so");
}

#[test]
fn start_is_refused_while_what_ended_is_being_cleared_away() {
    assert_eq!(refused(start(&with_ended(EndedBy::Crashed))), ErrorCode::InstanceStopping);
}

#[test]
fn start_is_refused_by_name_of_what_is_disowned_creating_or_being_deleted() {
    assert_eq!(refused(start(&disowned(Intent::Stopped))), ErrorCode::InstanceDisowned);
    let creating = InstanceFacts { state: InstanceState::Creating, ..nothing(Intent::Running) };
    assert_eq!(refused(start(&creating)), ErrorCode::InstanceCreating);
    assert_eq!(refused(start(&nothing(Intent::Destroyed))), ErrorCode::Deleting);
}

#[test]
fn a_refusal_names_the_thing_the_reason_and_what_helps() {
    let Decision::Refuse(refusal) = start(&stopping(VmmState::Running)) else { panic!("refused") };
    assert_eq!(
        refusal.message("web-1"),
        "instance web-1 is being stopped; wait until it is stopped, then start it"
    );
}

// ---------------------------------------------------------------- stop

#[test]
fn stop_is_already_done_when_no_vmm_exists() {
    assert_eq!(stop(&nothing(Intent::Stopped), Grace::Default, TIMES), Decision::Already);
    for rest in [Rest::GuestShutdown, Rest::GaveUp, Rest::HeldByEvacuation] {
        let facts = InstanceFacts { rest, ..nothing(Intent::Running) };
        assert_eq!(stop(&facts, Grace::Force, TIMES), Decision::Already, "{rest}");
    }
}

#[test]
fn stop_meets_a_start_and_cancels_it() {
    assert_eq!(stop(&starting(), Grace::Default, TIMES), begins(Some(Cancels::Start), StopDone::AtOnce));
    for state in [VmmState::Creating, VmmState::Starting] {
        let linked = with_vmm(state);
        assert_eq!(stop(&linked, Grace::Default, TIMES), begins(Some(Cancels::Start), StopDone::WhenEnded));
    }
}

#[test]
fn stop_cancels_a_start_even_if_the_guest_appears_first() {
    let appeared =
        InstanceFacts { operation: Some(OperationKind::InstanceStart), ..with_vmm(VmmState::Running) };
    assert_eq!(stop(&appeared, Grace::Default, TIMES), begins(Some(Cancels::Start), StopDone::WhenEnded));
}

#[test]
fn stop_meets_a_restart_that_is_due_and_prevents_it() {
    let due = InstanceFacts { rest: Rest::Platform, ..nothing(Intent::Running) };
    assert_eq!(stop(&due, Grace::Default, TIMES), begins(None, StopDone::AtOnce));
    let ended = with_ended(EndedBy::Fenced);
    assert_eq!(stop(&ended, Grace::Default, TIMES), begins(None, StopDone::WhenEnded));
}

#[test]
fn stop_and_delete_win_over_a_reboot_that_no_sled_has_taken_yet() {
    let accepted =
        InstanceFacts { operation: Some(OperationKind::InstanceReboot), ..with_vmm(VmmState::Running) };
    assert_eq!(stop(&accepted, Grace::Default, TIMES), begins(Some(Cancels::Reboot), StopDone::WhenEnded));
    let plan = DeletePlan { cancels: Some(Cancels::Reboot), ends: vec![ACTIVE] };
    assert_eq!(delete(&accepted), Decision::Go(plan));
    assert_eq!(start(&accepted), Decision::Already);
}

#[test]
fn stop_meets_a_reboot_or_a_migration_and_cancels_it() {
    let reboot = with_vmm(VmmState::Rebooting);
    assert_eq!(stop(&reboot, Grace::Default, TIMES), begins(Some(Cancels::Reboot), StopDone::WhenEnded));
    let migration = migrating(MigrationHalf::InProgress, MigrationHalf::InProgress);
    assert_eq!(
        stop(&migration, Grace::Default, TIMES),
        begins(Some(Cancels::Migration), StopDone::WhenEnded)
    );
}

#[test]
fn a_second_stop_with_less_grace_shortens_and_with_more_changes_nothing() {
    let facts = stopping(VmmState::Stopping);
    let shorter = Decision::Go(StopPlan::Shorten { grace_ms: 3_000 });
    assert_eq!(stop(&facts, Grace::Millis(3_000), left(3_001)), shorter);
    assert_eq!(stop(&facts, Grace::Millis(3_000), left(3_000)), Decision::Already);
    assert_eq!(stop(&facts, Grace::Default, left(3_000)), Decision::Already);
    assert_eq!(stop(&facts, Grace::Force, left(1)), Decision::Go(StopPlan::Shorten { grace_ms: 0 }));
    assert_eq!(stop(&facts, Grace::Force, left(0)), Decision::Already);
    assert_eq!(stop(&facts, Grace::Millis(3_000), TIMES), shorter, "no deadline is known");
}

#[test]
fn stop_of_a_guest_that_goes_down_for_another_reason_keeps_it_down() {
    let going_down = with_vmm(VmmState::Stopping);
    assert_eq!(stop(&going_down, Grace::Default, TIMES), begins(None, StopDone::WhenEnded));
}

#[test]
fn stop_of_what_was_force_stopped_is_already_under_way() {
    assert_eq!(stop(&disowned(Intent::Stopped), Grace::Default, TIMES), Decision::Already);
    assert_eq!(stop(&disowned(Intent::Running), Grace::Default, TIMES), begins(None, StopDone::WhenEnded));
}

// ---------------------------------------------------------------- delete

#[test]
fn delete_wins_over_whatever_is_in_flight() {
    let creating = InstanceFacts { state: InstanceState::Creating, ..nothing(Intent::Running) };
    let rows = [
        (creating, Some(Cancels::Create), vec![]),
        (starting(), Some(Cancels::Start), vec![]),
        (with_vmm(VmmState::Starting), Some(Cancels::Start), vec![ACTIVE]),
        (with_vmm(VmmState::Running), None, vec![ACTIVE]),
        (with_vmm(VmmState::Rebooting), Some(Cancels::Reboot), vec![ACTIVE]),
        (stopping(VmmState::Stopping), Some(Cancels::Stop), vec![ACTIVE]),
        (
            migrating(MigrationHalf::InProgress, MigrationHalf::InProgress),
            Some(Cancels::Migration),
            vec![ACTIVE, TARGET],
        ),
        (with_ended(EndedBy::Crashed), None, vec![]),
        (disowned(Intent::Stopped), None, vec![]),
        (nothing(Intent::Stopped), None, vec![]),
    ];
    for (facts, cancels, ends) in rows {
        assert_eq!(delete(&facts), Decision::Go(DeletePlan { cancels, ends }), "{facts:?}");
    }
}

#[test]
fn delete_again_is_already_so() {
    let facts = InstanceFacts { intent: Intent::Destroyed, ..with_vmm(VmmState::Running) };
    assert_eq!(delete(&facts), Decision::Already);
}

// ---------------------------------------------------------------- what is shown

#[test]
fn what_was_observed_is_shown_until_the_sled_is_lost() {
    let at = |liveness| {
        let facts = with_vmm(VmmState::Running);
        InstanceFacts { active: facts.active.map(|vmm| VmmFacts { liveness, ..vmm }), ..facts }
    };
    for (liveness, state) in [
        (Liveness::Online, ShownState::Running),
        (Liveness::Suspect, ShownState::Running),
        (Liveness::Lost, ShownState::Unknown),
        (Liveness::Fenced, ShownState::Unknown),
        (Liveness::PlannedDown, ShownState::Unknown),
    ] {
        assert_eq!(shown(&at(liveness)), state, "{liveness}");
    }
}

#[test]
fn a_start_that_is_due_is_shown_as_starting_and_a_rest_as_what_it_is() {
    for (rest, state) in [
        (Rest::None, ShownState::Starting),
        (Rest::Platform, ShownState::Starting),
        (Rest::GuestShutdown, ShownState::Stopped),
        (Rest::GaveUp, ShownState::Failed),
        (Rest::HeldByEvacuation, ShownState::Stopped),
    ] {
        assert_eq!(shown(&InstanceFacts { rest, ..nothing(Intent::Running) }), state, "{rest}");
    }
}

#[test]
fn work_in_flight_is_not_folded_into_the_state() {
    assert_eq!(shown(&stopping(VmmState::Running)), ShownState::Running);
    assert_eq!(shown(&nothing(Intent::Destroyed)), ShownState::Stopping);
}

// ---------------------------------------------------------------- every instance there can be

/// Applies what a stop writes beside its operation.
fn after_stop(facts: &InstanceFacts, done: StopDone) -> InstanceFacts {
    let operation = match done {
        StopDone::AtOnce => None,
        StopDone::WhenEnded => Some(OperationKind::InstanceStop),
    };
    InstanceFacts { intent: Intent::Stopped, operation, ..*facts }
}

fn fault(facts: &InstanceFacts) -> Option<&'static str> {
    let (started, deleted) = (start(facts), delete(facts));
    let stopped = stop(facts, Grace::Default, TIMES);
    let at_rest = [ShownState::Stopped, ShownState::Failed].contains(&shown(facts));
    if facts.is_sound() && at_rest && !started.is_admitted() {
        return Some("shown at rest, though a start would be refused");
    }
    if !deleted.is_admitted() {
        return Some("a delete was refused");
    }
    if migrate(facts, ANYWHERE) == Decision::Go(MigratePlan) {
        if facts.target.is_some() || facts.active.is_none_or(|vmm| vmm.state != VmmState::Running) {
            return Some("a migration of what doesn't run, or migrates");
        }
        let next = InstanceFacts { operation: Some(OperationKind::InstanceMigrate), ..*facts };
        if migrate(&next, ANYWHERE) != Decision::Already {
            return Some("a migration that was accepted isn't under way");
        }
    }
    if let Decision::Go(plan) = &started {
        let next = InstanceFacts {
            intent: Intent::Running,
            state: plan.state,
            rest: plan.rest,
            operation: Some(OperationKind::InstanceStart),
            ..*facts
        };
        if facts.is_linked() {
            return Some("a start beside a linked VMM");
        }
        if start(&next) != Decision::Already || shown(&next) != ShownState::Starting {
            return Some("a start that was accepted isn't under way");
        }
    }
    if let Decision::Go(StopPlan::Begin { done, grace_ms, .. }) = stopped {
        let next = after_stop(facts, done);
        let again = stop(&next, Grace::Default, left(grace_ms));
        if again != Decision::Already {
            return Some("a stop that was accepted isn't under way");
        }
        let at_once = done == StopDone::AtOnce;
        let nothing_to_end = !facts.is_linked() && facts.state != InstanceState::Disowned;
        if facts.is_sound() && at_once != nothing_to_end {
            return Some("a stop is done at once, though something must end, or waits for nothing");
        }
    }
    if started == Decision::Already && stopped == Decision::Already {
        return Some("both running and stopped");
    }
    None
}

fn check_every_instance(intent: Intent) {
    let mut reached = std::collections::BTreeMap::new();
    let count = for_every_instance(intent, |facts| {
        // Whether an unlinked VMM is alive decides nothing here.
        if facts.unlinked_alive {
            return;
        }
        *reached.entry(format!("{:?}", situation(facts))).or_insert(0u64) += 1;
        let fault = fault(facts);
        assert_eq!(fault, None, "{facts:#?}");
    });
    assert!(count > 10_000_000, "{count}");
    let expected: Vec<String> =
        Situation::ALL.iter().filter(|s| is_of(intent, **s)).map(|s| format!("{s:?}")).collect();
    assert_eq!(reached.len(), expected.len(), "{reached:?}");
    assert!(expected.iter().all(|name| reached.contains_key(name)), "{reached:?}");
}

/// The situations an instance of this intent can be in.
fn is_of(intent: Intent, situation: Situation) -> bool {
    match situation {
        Situation::Destroyed => true,
        Situation::Deleting => intent == Intent::Destroyed,
        Situation::Creating
        | Situation::Idle
        | Situation::Stopping
        | Situation::Ending
        | Situation::Disowned => intent != Intent::Destroyed,
        Situation::Restarting
        | Situation::Starting
        | Situation::Running
        | Situation::Rebooting
        | Situation::Migrating => intent == Intent::Running,
    }
}

#[test]
fn every_rule_holds_of_every_instance_wanted_running() {
    check_every_instance(Intent::Running);
}

#[test]
fn every_rule_holds_of_every_instance_wanted_stopped() {
    check_every_instance(Intent::Stopped);
}

#[test]
fn every_rule_holds_of_every_instance_wanted_destroyed() {
    check_every_instance(Intent::Destroyed);
}
