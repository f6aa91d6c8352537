//! Both ends over their whole input space.

use super::*;

fn all_steps() -> impl Iterator<Item = (Stage, Event, Result<Step, Illegal>)> {
    Stage::ALL.iter().flat_map(|stage| Event::ALL.iter().map(|event| (*stage, *event, step(*stage, *event))))
}

fn legal() -> impl Iterator<Item = (Stage, Event, Step)> {
    all_steps().filter_map(|(stage, event, step)| Some((stage, event, step.ok()?)))
}

#[test]
fn an_end_stays_the_end_it_is() {
    for (stage, event, step) in legal() {
        assert_eq!(stage.role(), step.stage.role(), "{stage:?} {event:?}");
    }
}

#[test]
fn what_completed_or_failed_doesnt_change_any_more() {
    for (stage, event, step) in legal() {
        if stage.half().is_terminal() {
            assert_eq!(stage.half(), step.stage.half(), "{stage:?} {event:?}");
        }
    }
}

#[test]
fn nothing_leads_out_of_a_final_stage() {
    for (stage, event, step) in legal().filter(|(stage, ..)| stage.is_final()) {
        assert_eq!(stage, step.stage, "{event:?}");
    }
}

#[test]
fn a_source_that_gave_its_guest_away_never_brings_it_back() {
    for (stage, event, step) in legal() {
        if step.effects.contains(&Effect::TakeBack) {
            assert_eq!(step.stage, Stage::TakingBack, "{stage:?} {event:?}");
            assert!(matches!(stage, Stage::Sending | Stage::TakingBack), "{stage:?} {event:?}");
        }
    }
}

#[test]
fn a_guest_is_given_away_by_one_step_only_and_the_source_is_killed_by_it() {
    let given: Vec<_> = legal()
        .filter(|(stage, _, step)| *stage != Stage::HandedOff && step.stage == Stage::HandedOff)
        .map(|(stage, event, step)| (stage, event, step.effects))
        .collect();
    assert_eq!(given, [(Stage::Sending, Event::Sent, &[Effect::Kill][..])]);
}

#[test]
fn a_source_that_was_given_up_never_hands_off() {
    // Whatever comes in whatever order.
    let mut reached = vec![Stage::TakingBack];
    while let Some(stage) = reached.pop() {
        assert_ne!(stage, Stage::HandedOff);
        for event in Event::ALL {
            if let Ok(step) = step(stage, *event)
                && step.stage != stage
            {
                reached.push(step.stage);
            }
        }
    }
}

#[test]
fn a_target_lets_its_guest_run_only_after_it_was_handed_over() {
    for (stage, event, step) in legal() {
        if step.effects.contains(&Effect::Release) {
            assert_eq!(step.stage, Stage::Released);
            assert!(stage == Stage::Released || event == Event::HandedOver, "{stage:?} {event:?}");
        }
    }
    assert!(step(Stage::Awaiting, Event::HandedOver).is_err(), "half a guest is never released");
}

#[test]
fn a_target_that_has_the_whole_guest_is_ended_by_orders_alone() {
    for event in Event::ALL {
        if let Ok(step) = step(Stage::Holding, *event)
            && step.stage == Stage::Dropped
        {
            assert!(matches!(event, Event::GivenUp | Event::MachineEnded), "{event:?}");
        }
    }
}

#[test]
fn copied_disks_become_the_guests_own_exactly_when_it_is_released() {
    for (stage, event, step) in legal() {
        let adopts = step.effects.contains(&Effect::AdoptDisks);
        assert_eq!(adopts, stage != Stage::Resumed && step.stage == Stage::Resumed, "{stage:?} {event:?}");
    }
}

#[test]
fn every_end_survives_the_death_of_its_agent_and_that_of_its_process() {
    for stage in Stage::ALL.iter().filter(|stage| !stage.is_final()) {
        step(*stage, Event::AgentWasAway).expect("decided");
        let ended = step(*stage, Event::MachineEnded).expect("decided");
        assert!(ended.stage.half().is_terminal(), "{stage:?}: nobody would hear how it ended");
    }
}

const PHASES_OF_SOURCES: &[Phase] = &[Phase::Running, Phase::Stopping, Phase::Killing, Phase::Ended];

fn all_known() -> impl Iterator<Item = Known> {
    let of = |make: fn(Stage) -> Known| Stage::ALL.iter().map(move |stage| make(*stage));
    [Known::None].into_iter().chain(of(Known::This)).chain(of(Known::Other))
}

#[test]
fn whatever_is_accepted_means_something_in_its_stage() {
    for phase in Phase::ALL {
        for known in all_known() {
            for ordered in Ordered::ALL {
                match (decide(*phase, known, *ordered, None), known) {
                    (Decision::Do(event), Known::This(stage)) => {
                        step(stage, event).expect("legal");
                    }
                    (Decision::Do(event), _) => panic!("{event:?} of an end that isn't known"),
                    (Decision::Begin, _) => assert_eq!(*phase, Phase::Running),
                    _ => {}
                }
            }
        }
    }
}

#[test]
fn a_repeated_order_gets_its_recorded_answer() {
    for known in all_known() {
        for ordered in Ordered::ALL {
            let decision = decide(Phase::Running, known, *ordered, Some(Admitted::Accepted));
            assert_eq!(decision, Decision::Recorded(Admitted::Accepted));
        }
    }
}

#[test]
fn an_order_to_send_that_comes_after_its_cancel_begins_nothing() {
    assert_eq!(decide(Phase::Running, Known::None, Ordered::Cancel, None), Decision::RememberCancelled);
    // Remembered as a source that kept its guest.
    assert_eq!(decide(Phase::Running, Known::This(Stage::Kept), Ordered::Send, None), Decision::Already);
}

#[test]
fn a_migration_in_progress_keeps_every_other_out() {
    for stage in Stage::ALL.iter().filter(|stage| !stage.is_final()) {
        for ordered in Ordered::ALL {
            for phase in PHASES_OF_SOURCES {
                let decision = decide(*phase, Known::Other(*stage), *ordered, None);
                assert_eq!(decision, Decision::Deny(Denial::WrongMigration), "{stage:?} {ordered:?}");
            }
        }
    }
}

#[test]
fn a_cancel_never_takes_back_what_was_handed_off() {
    for stage in [Stage::HandedOff, Stage::Settled, Stage::Released, Stage::Resumed] {
        let decision = decide(Phase::Running, Known::This(stage), Ordered::Cancel, None);
        assert_eq!(decision, Decision::Deny(Denial::WrongState), "{stage:?}");
    }
}

#[test]
fn a_targets_copies_are_disks_exactly_from_its_release_on() {
    for (stage, event, step) in legal() {
        let adopts = step.effects.contains(&Effect::AdoptDisks);
        let released = matches!(step.stage, Stage::Released | Stage::Resumed);
        assert_eq!(step.stage.has_brought_disks(), released, "{stage:?} {event:?}");
        assert!(!adopts || released, "{stage:?} {event:?}");
        assert!(!stage.has_brought_disks() || released, "{stage:?} {event:?}: never again none");
    }
}
