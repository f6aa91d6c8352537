//! What follows while an instance migrates, and when either end of it is lost.

use super::*;
use crate::course::outcome_in_retrospect;
use MigrationHalf::{Completed, Failed, InProgress, Pending};

#[test]
fn a_migration_in_progress_is_left_alone() {
    for (source, target) in [(Pending, Pending), (InProgress, Pending), (InProgress, InProgress)] {
        assert_eq!(follow_up(&migrating(source, target)), FollowUp::Nothing);
    }
}

#[test]
fn a_completed_migration_goes_on_at_the_target_and_ends_the_source() {
    for source in [InProgress, Completed] {
        let change = change_of(&migrating(source, Completed));
        assert_eq!((change.active, change.target), (Some(TARGET), None));
        assert_eq!((change.end.as_slice(), change.free.as_slice()), ([ACTIVE].as_slice(), [].as_slice()));
        assert_eq!((change.outcome, change.disks_moved), (Some(MigrationOutcome::Completed), true));
    }
    let away =
        InstanceFacts { active: ended(ACTIVE, EndedBy::MigratedAway), ..migrating(Completed, Completed) };
    assert_eq!(change_of(&away).free, [ACTIVE]);
}

#[test]
fn a_failed_migration_goes_on_at_the_source_once_the_target_has_ended() {
    for (source, target) in [(Failed, InProgress), (InProgress, Failed), (Failed, Failed)] {
        let failed = migrating(source, target);
        let first = change_of(&failed);
        assert_eq!(
            (first.active, first.target),
            (Some(ACTIVE), Some(TARGET)),
            "links stay until it has ended"
        );
        assert_eq!((first.end.as_slice(), first.outcome), ([TARGET].as_slice(), None));
        let ended = InstanceFacts { target: ended(TARGET, EndedBy::Killed), ..after(&failed, &first) };
        let second = change_of(&ended);
        assert_eq!((second.active, second.target), (Some(ACTIVE), None));
        assert_eq!(
            (second.free.as_slice(), second.outcome),
            ([TARGET].as_slice(), Some(MigrationOutcome::Failed))
        );
        assert!(!second.disks_moved, "the source's disks are the guest's");
    }
}

#[test]
fn the_disks_stay_where_the_source_was_if_the_target_never_let_the_guest_run() {
    for half in MigrationHalf::ALL {
        let nowhere = InstanceFacts {
            active: ended(ACTIVE, EndedBy::MigratedAway),
            target: ended(TARGET, EndedBy::Killed),
            ..migrating(Completed, *half)
        };
        let change = change_of(&nowhere);
        assert!(change.outcome.is_some(), "{half}");
        assert_eq!(
            change.disks_moved,
            *half != Failed,
            "{half}: a target that failed never let the guest run"
        );
        let halves = nowhere.migration.expect("it migrates");
        assert_eq!(outcome_in_retrospect(halves).1, change.disks_moved, "{half}: force-stopped meanwhile");
    }
}

#[test]
fn a_source_lost_after_the_hand_over_leaves_the_target_active() {
    let lost = InstanceFacts { active: ended(ACTIVE, EndedBy::Fenced), ..migrating(Completed, InProgress) };
    assert_eq!(follow_up(&lost), FollowUp::Nothing, "the target is about to run");
    let runs = InstanceFacts { active: ended(ACTIVE, EndedBy::Fenced), ..migrating(Completed, Completed) };
    assert_eq!(change_of(&runs).active, Some(TARGET));
}

#[test]
fn a_source_lost_without_a_last_word_waits_for_the_targets() {
    let lost = |half| InstanceFacts { active: ended(ACTIVE, EndedBy::Fenced), ..migrating(InProgress, half) };
    assert_eq!(follow_up(&lost(InProgress)), FollowUp::Nothing);
    assert_eq!(change_of(&lost(Completed)).active, Some(TARGET));
    assert_eq!(change_of(&lost(Failed)).end, [TARGET]);
}

#[test]
fn a_source_that_migrated_away_is_proof_of_the_hand_over() {
    let left =
        |half| InstanceFacts { active: ended(ACTIVE, EndedBy::MigratedAway), ..migrating(InProgress, half) };
    assert_eq!(
        follow_up(&left(InProgress)),
        FollowUp::Nothing,
        "the target is about to run: it must not end"
    );
    assert_eq!(change_of(&left(Completed)).active, Some(TARGET));
}

#[test]
fn a_source_that_ended_before_the_hand_over_takes_the_target_with_it() {
    for cause in [EndedBy::Crashed, EndedBy::GracefulStop, EndedBy::HostShutdown, EndedBy::LeaseExpired] {
        let facts = InstanceFacts { active: ended(ACTIVE, cause), ..migrating(InProgress, InProgress) };
        assert_eq!(change_of(&facts).end, [TARGET], "{cause}");
    }
}

#[test]
fn both_hosts_lost_in_mid_migration_is_a_restart() {
    for (source, target) in [(Pending, Pending), (InProgress, InProgress), (Completed, InProgress)] {
        let lost = InstanceFacts {
            active: ended(ACTIVE, EndedBy::Fenced),
            target: ended(TARGET, EndedBy::Fenced),
            ..migrating(source, target)
        };
        assert_eq!(settled(&lost), (InstanceState::NoVmm, Rest::Platform, true));
        assert_eq!(change_of(&lost).outcome, Some(MigrationOutcome::Failed));
        assert_eq!(
            change_of(&lost).disks_moved,
            source == Completed,
            "the target may have written to its own"
        );
        assert_eq!(change_of(&lost).free, [ACTIVE, TARGET]);
    }
}

#[test]
fn a_target_that_died_after_it_completed_is_settled_by_its_own_cause() {
    let died = |cause| InstanceFacts {
        active: ended(ACTIVE, EndedBy::MigratedAway),
        target: ended(TARGET, cause),
        ..migrating(Completed, Completed)
    };
    assert_eq!(settled(&died(EndedBy::Crashed)), (InstanceState::Failed, Rest::GaveUp, false));
    assert_eq!(settled(&died(EndedBy::Fenced)), (InstanceState::NoVmm, Rest::Platform, true));
    assert_eq!(settled(&died(EndedBy::GuestShutdown)), (InstanceState::NoVmm, Rest::GuestShutdown, false));
    assert_eq!(change_of(&died(EndedBy::Crashed)).outcome, Some(MigrationOutcome::Completed));
}

#[test]
fn a_source_still_alive_never_goes_on_after_the_target_died() {
    let died = InstanceFacts { target: ended(TARGET, EndedBy::Crashed), ..migrating(Completed, Completed) };
    let change = change_of(&died);
    assert_eq!(change.end, [ACTIVE]);
    assert_eq!((change.active, change.target), (Some(ACTIVE), Some(TARGET)), "decided when it has ended");
    assert!(!change.start_due);
}

#[test]
fn a_guest_lost_in_the_hand_over_is_the_platforms_fault() {
    let failed = migrating(Completed, Failed);
    assert_eq!(change_of(&failed).end, [ACTIVE, TARGET], "it is in neither");
    let gone = InstanceFacts {
        active: ended(ACTIVE, EndedBy::MigratedAway),
        target: ended(TARGET, EndedBy::NeverStarted),
        ..failed
    };
    assert_eq!(settled(&gone), (InstanceState::NoVmm, Rest::Platform, true));
}

#[test]
fn links_that_the_schema_excludes_are_put_right() {
    let stray = InstanceFacts { migration: None, ..migrating(InProgress, InProgress) };
    let change = change_of(&stray);
    assert_eq!((change.active, change.target), (Some(ACTIVE), None));
    assert_eq!((change.end.as_slice(), change.happened[0]), ([TARGET].as_slice(), Happened::LinksRepaired));
}

/// From every sound combination, whatever the sleds report and whichever of them is lost, a bounded number of
/// follow-ups leads to a record that waits for nothing.
#[test]
fn every_migration_comes_to_rest_whatever_is_reported() {
    let base = InstanceFacts { state: InstanceState::Vmm, ..nothing(Intent::Running) };
    let mut walked = 0u64;
    for_every_link(base, |facts| {
        if facts.is_sound() && facts.migration.is_some() {
            for half in [Completed, Failed] {
                for end in [EndedBy::Killed, EndedBy::Fenced] {
                    walk(facts, half, end);
                    walked += 1;
                }
            }
        }
    });
    assert!(walked > 10_000, "{walked}");
}

/// Applies follow-ups; where none is left, lets the awaited half end as `half` and the awaited VMM end by `end`.
fn walk(start: &InstanceFacts, half: MigrationHalf, end: EndedBy) {
    const STEPS_MAX: usize = 8;
    let end_it =
        |vmm: VmmFacts| if vmm.end_wanted && vmm.is_alive() { ended(vmm.id, end) } else { Some(vmm) };
    let mut facts = *start;
    for _ in 0..STEPS_MAX {
        if let FollowUp::Change(change) = follow_up(&facts) {
            facts = after(&facts, &change);
            continue;
        }
        let before = facts;
        facts.active = facts.active.and_then(end_it);
        facts.target = facts.target.and_then(end_it);
        facts.migration = facts.migration.map(|halves| match halves.target {
            Pending | InProgress => MigrationFacts { target: half, ..halves },
            Completed | Failed => halves,
        });
        if facts == before {
            break;
        }
    }
    assert_eq!(facts.target, None, "from {start:#?} with half {half} and end {end}: {facts:#?}");
    assert_eq!(follow_up(&facts), FollowUp::Nothing);
    assert!(facts.active.is_none_or(|vmm| vmm.is_alive()));
}
