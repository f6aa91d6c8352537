//! What becomes of a request in each phase: done, joined, already so, answered from memory, or denied. Pure.

use berth_common::refusal::Denial;
use berth_sled_agent_api::vmm::Admitted;

use super::machine::{Event, Phase};

/// What is asked of a VMM that is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// To be registered; `same_spec`: with the specification it has.
    Ensure { same_spec: bool },
    /// To run.
    Run,
    /// To stop; `shortens`: its deadline is before the one in force, or none is in force.
    Stop { shortens: bool },
    /// To end for certain.
    End,
}

/// What becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The event happens; the answer is *accepted*.
    Do(Event),
    /// It waits for the preparation in progress and gets its outcome.
    Join,
    /// Nothing to do.
    Already,
    /// The same request was taken before: the same answer.
    Recorded(Admitted),
    /// Nothing is changed.
    Deny(Denial),
}

/// Decides. `seen` is how a request of the same id was taken before.
pub fn decide(phase: Phase, asked: Asked, seen: Option<Admitted>) -> Decision {
    if let Some(admitted) = seen {
        return Decision::Recorded(admitted);
    }
    match asked {
        Asked::Ensure { same_spec: false } => Decision::Deny(Denial::SpecMismatch),
        Asked::Ensure { same_spec: true } => match phase {
            Phase::Preparing => Decision::Join,
            Phase::Withdrawn => Decision::Deny(Denial::NotRegistered),
            Phase::Registered
            | Phase::Launching
            | Phase::LaunchingThenStop
            | Phase::LaunchingThenKill
            | Phase::Started
            | Phase::Running
            | Phase::Stopping
            | Phase::Killing
            | Phase::Ended => Decision::Already,
        },
        Asked::Run => match phase {
            Phase::Registered => Decision::Do(Event::RunAsked),
            Phase::Launching | Phase::Started | Phase::Running => Decision::Already,
            Phase::Preparing | Phase::Withdrawn => Decision::Deny(Denial::NotRegistered),
            Phase::LaunchingThenStop
            | Phase::LaunchingThenKill
            | Phase::Stopping
            | Phase::Killing
            | Phase::Ended => Decision::Deny(Denial::WrongState),
        },
        Asked::Stop { shortens } => match phase {
            Phase::Preparing | Phase::Registered | Phase::Launching | Phase::Started | Phase::Running => {
                Decision::Do(Event::StopAsked)
            }
            Phase::LaunchingThenStop | Phase::Stopping if shortens => Decision::Do(Event::StopAsked),
            Phase::LaunchingThenStop
            | Phase::Stopping
            | Phase::LaunchingThenKill
            | Phase::Killing
            | Phase::Ended => Decision::Already,
            Phase::Withdrawn => Decision::Deny(Denial::NotRegistered),
        },
        Asked::End => match phase {
            Phase::Preparing
            | Phase::Registered
            | Phase::Launching
            | Phase::LaunchingThenStop
            | Phase::Started
            | Phase::Running
            | Phase::Stopping => Decision::Do(Event::KillAsked),
            Phase::LaunchingThenKill | Phase::Killing | Phase::Withdrawn | Phase::Ended => Decision::Already,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::super::machine::step;
    use super::*;

    const ASKED: &[Asked] = &[
        Asked::Ensure { same_spec: true },
        Asked::Ensure { same_spec: false },
        Asked::Run,
        Asked::Stop { shortens: true },
        Asked::Stop { shortens: false },
        Asked::End,
    ];

    fn all() -> impl Iterator<Item = (Phase, Asked, Decision)> {
        Phase::ALL
            .iter()
            .flat_map(|phase| ASKED.iter().map(|asked| (*phase, *asked, decide(*phase, *asked, None))))
    }

    #[test]
    fn whatever_is_accepted_is_a_legal_event() {
        for (phase, asked, decision) in all() {
            if let Decision::Do(event) = decision {
                assert!(step(phase, event).is_ok(), "{phase:?} {asked:?}");
            }
        }
    }

    #[test]
    fn a_repeated_request_gets_its_recorded_answer_in_every_phase() {
        for phase in Phase::ALL {
            for asked in ASKED {
                for admitted in [Admitted::Accepted, Admitted::Already] {
                    assert_eq!(decide(*phase, *asked, Some(admitted)), Decision::Recorded(admitted));
                }
            }
        }
    }

    #[test]
    fn an_end_is_never_denied() {
        for (phase, _, decision) in all().filter(|(_, asked, _)| *asked == Asked::End) {
            assert!(!matches!(decision, Decision::Deny(_)), "{phase:?}");
        }
    }

    #[test]
    fn a_stop_is_denied_only_where_nothing_is_registered() {
        for (phase, asked, decision) in all().filter(|(_, asked, _)| matches!(asked, Asked::Stop { .. })) {
            let denied = matches!(decision, Decision::Deny(_));
            assert_eq!(denied, phase == Phase::Withdrawn, "{phase:?} {asked:?}");
        }
    }

    #[test]
    fn a_longer_stop_changes_nothing() {
        for phase in [Phase::LaunchingThenStop, Phase::Stopping] {
            assert_eq!(decide(phase, Asked::Stop { shortens: false }, None), Decision::Already);
            assert_eq!(decide(phase, Asked::Stop { shortens: true }, None), Decision::Do(Event::StopAsked));
        }
    }

    #[test]
    fn what_is_stopping_or_over_never_runs_again() {
        for (phase, _, decision) in all().filter(|(_, asked, _)| *asked == Asked::Run) {
            if matches!(decision, Decision::Do(_)) {
                assert_eq!(phase, Phase::Registered);
            }
        }
        assert_eq!(decide(Phase::Ended, Asked::Run, None), Decision::Deny(Denial::WrongState));
    }

    #[test]
    fn another_specification_is_denied_in_every_phase() {
        for (phase, _, decision) in all().filter(|(_, asked, _)| *asked == Asked::Ensure { same_spec: false })
        {
            assert_eq!(decision, Decision::Deny(Denial::SpecMismatch), "{phase:?}");
        }
    }
}
