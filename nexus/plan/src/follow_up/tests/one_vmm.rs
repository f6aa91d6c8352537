//! What follows when the only VMM of an instance runs, ended, or was asked to end.

use super::*;

#[test]
fn nothing_follows_from_a_vmm_that_runs() {
    for &state in VmmState::ALL.iter().filter(|state| !state.is_terminal()) {
        assert_eq!(follow_up(&with_vmm(state)), FollowUp::Nothing, "{state}");
    }
}

#[test]
fn a_guest_that_powers_itself_off_stays_off() {
    let after_end = settled(&with_ended(EndedBy::GuestShutdown));
    assert_eq!(after_end, (InstanceState::NoVmm, Rest::GuestShutdown, false));
}

#[test]
fn a_fault_of_the_platform_makes_a_start_due() {
    for cause in [EndedBy::Fenced, EndedBy::LeaseExpired, EndedBy::HostShutdown, EndedBy::MigratedAway] {
        assert_eq!(settled(&with_ended(cause)), (InstanceState::NoVmm, Rest::Platform, true), "{cause}");
    }
}

/// Under a policy, with so many crashes behind it.
fn under(policy: RestartPolicy, crashes: u32, facts: InstanceFacts) -> InstanceFacts {
    InstanceFacts { restart: RestartFacts { crashes, ..restart(policy) }, ..facts }
}

#[test]
fn a_crash_is_shown_as_failed_and_is_started_again_after_a_pause() {
    for policy in [RestartPolicy::OnFailure, RestartPolicy::Always] {
        for cause in [EndedBy::Crashed, EndedBy::NeverStarted] {
            let crashed = under(policy, 0, with_ended(cause));
            assert_eq!(settled(&crashed), (InstanceState::Failed, Rest::BackOff, false), "{policy} {cause}");
            let change = change_of(&crashed);
            assert_eq!((change.crashes, change.pause_ms), (1, Some(1_000)));
            let planned = Happened::RestartPlanned { crashes: 1, pause_ms: 1_000 };
            assert_eq!(change.happened.last(), Some(&planned));
            let mut next = after(&crashed, &change);
            assert!(next.start_is_coming() && !next.start_is_due());
            next.restart.pausing = false;
            assert!(next.start_is_due(), "the pause is over");
        }
    }
}

#[test]
fn the_last_crash_of_a_budget_gives_up_visibly() {
    let crashed = under(RestartPolicy::OnFailure, CRASHES_MAX - 1, with_ended(EndedBy::Crashed));
    assert_eq!(settled(&crashed), (InstanceState::Failed, Rest::GaveUp, false));
    let change = change_of(&crashed);
    assert_eq!(change.happened.last(), Some(&Happened::GaveUp { crashes: CRASHES_MAX }));
    assert_eq!((change.crashes, change.pause_ms), (CRASHES_MAX, None));
}

#[test]
fn a_power_off_is_started_again_under_always_alone_and_is_never_shown_as_failed() {
    let off = |policy| settled(&under(policy, 3, with_ended(EndedBy::GuestShutdown)));
    assert_eq!(off(RestartPolicy::OnFailure), (InstanceState::NoVmm, Rest::GuestShutdown, false));
    assert_eq!(off(RestartPolicy::Always), (InstanceState::NoVmm, Rest::BackOff, false));
    let change = change_of(&under(RestartPolicy::Always, 3, with_ended(EndedBy::GuestShutdown)));
    assert_eq!(change.crashes, 3, "it spends nothing");
}

#[test]
fn a_fault_of_the_platform_spends_nothing_and_waits_for_nothing_under_every_policy() {
    for &policy in RestartPolicy::ALL {
        let fenced = under(policy, CRASHES_MAX, with_ended(EndedBy::Fenced));
        assert_eq!(settled(&fenced), (InstanceState::NoVmm, Rest::Platform, true), "{policy}");
        assert_eq!((change_of(&fenced).crashes, change_of(&fenced).pause_ms), (CRASHES_MAX, None));
    }
}

#[test]
fn a_crash_under_never_is_shown_as_failed_and_rests_until_the_user_starts_it() {
    let crashed = with_ended(EndedBy::Crashed);
    assert_eq!(settled(&crashed), (InstanceState::Failed, Rest::GaveUp, false));
    let happened = change_of(&crashed).happened;
    assert_eq!(
        happened,
        [Happened::Ended { vmm: ACTIVE, ended_by: EndedBy::Crashed }, Happened::GaveUp { crashes: 0 }]
    );
    let next = after(&crashed, &change_of(&crashed));
    assert!(crate::start::start(&next).is_admitted());
}

#[test]
fn a_vmm_that_never_started_leaves_the_next_try_to_its_start_saga() {
    let never_started = with_ended(EndedBy::NeverStarted);
    assert_eq!(settled(&never_started), (InstanceState::Failed, Rest::GaveUp, false), "no start in flight");
    let in_hand = InstanceFacts { operation: Some(OperationKind::InstanceStart), ..never_started };
    assert_eq!(settled(&in_hand), (InstanceState::NoVmm, Rest::None, false));
    assert_eq!(change_of(&in_hand).operation, None, "the saga ends its operation");
}

#[test]
fn an_evacuations_hold_outlives_the_end_it_causes() {
    for cause in [EndedBy::GracefulStop, EndedBy::ForcedAtDeadline, EndedBy::Fenced, EndedBy::Crashed] {
        let held = InstanceFacts { rest: Rest::HeldByEvacuation, ..with_ended(cause) };
        assert_eq!(settled(&held), (InstanceState::NoVmm, Rest::HeldByEvacuation, false), "{cause}");
    }
}

#[test]
fn a_stop_ends_with_the_rung_or_cause_that_ended_the_guest() {
    for &cause in EndedBy::ALL {
        let stopping = InstanceFacts {
            intent: Intent::Stopped,
            operation: Some(OperationKind::InstanceStop),
            ..with_ended(cause)
        };
        assert_eq!(settled(&stopping), (InstanceState::NoVmm, Rest::None, false), "{cause}");
        let end = change_of(&stopping).operation;
        assert_eq!(end, Some(OperationEnd::Stopped { ended_by: Some(cause) }));
    }
}

#[test]
fn a_reboot_whose_vmm_ended_first_is_superseded_and_a_stop_cancels_it() {
    let rebooting = |facts| InstanceFacts { operation: Some(OperationKind::InstanceReboot), ..facts };
    let alive = rebooting(with_vmm(VmmState::Rebooting));
    assert_eq!(follow_up(&alive), FollowUp::Nothing, "its report ends it");
    for cause in [EndedBy::Crashed, EndedBy::HostShutdown, EndedBy::GuestShutdown] {
        let end = change_of(&rebooting(with_ended(cause))).operation;
        assert_eq!(end, Some(OperationEnd::RebootSuperseded { ended_by: Some(cause) }));
        let stopped = InstanceFacts { intent: Intent::Stopped, ..with_ended(cause) };
        assert_eq!(change_of(&rebooting(stopped)).operation, Some(OperationEnd::Cancelled));
    }
    let nothing_left = change_of(&rebooting(nothing(Intent::Running))).operation;
    assert_eq!(nothing_left, Some(OperationEnd::RebootSuperseded { ended_by: None }));
}

#[test]
fn the_room_of_what_ended_is_freed() {
    assert_eq!(change_of(&with_ended(EndedBy::Crashed)).free, [ACTIVE]);
}

#[test]
fn a_stop_of_which_nothing_runs_is_done_and_a_start_it_overtook_is_cancelled() {
    let stopped = |operation| InstanceFacts { operation, ..nothing(Intent::Stopped) };
    let stop = change_of(&stopped(Some(OperationKind::InstanceStop)));
    assert_eq!(stop.operation, Some(OperationEnd::Stopped { ended_by: None }));
    let start = change_of(&stopped(Some(OperationKind::InstanceStart)));
    assert_eq!(start.operation, Some(OperationEnd::Cancelled));
    assert_eq!(follow_up(&stopped(None)), FollowUp::Nothing);
}

#[test]
fn a_delete_may_go_on_when_all_has_ended_and_nothing_becomes_due() {
    let deleting = InstanceFacts { intent: Intent::Destroyed, ..with_ended(EndedBy::Fenced) };
    assert!(!crate::delete::delete_may_go_on(&deleting), "still linked");
    assert_eq!(settled(&deleting), (InstanceState::NoVmm, Rest::None, false));
    assert!(crate::delete::delete_may_go_on(&after(&deleting, &change_of(&deleting))));
    let haunted = InstanceFacts { unlinked_alive: true, ..deleting };
    assert!(!crate::delete::delete_may_go_on(&after(&haunted, &change_of(&haunted))), "one may still run");
    let disowned = InstanceFacts { state: InstanceState::Disowned, ..nothing(Intent::Destroyed) };
    assert!(!crate::delete::delete_may_go_on(&disowned), "where its disks are isn't decided yet");
    assert!(crate::delete::delete_may_go_on(&after(&disowned, &change_of(&disowned))));
}

#[test]
fn no_start_is_due_beside_a_link_whatever_the_state_says() {
    let unsound = InstanceFacts { state: InstanceState::NoVmm, ..with_vmm(VmmState::Running) };
    assert!(!unsound.start_is_due());
    assert!(InstanceFacts { active: None, ..unsound }.start_is_due());
}
