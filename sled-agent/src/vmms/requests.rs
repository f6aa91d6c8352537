//! What becomes of a request in each phase: done, joined, already so, answered from memory, or denied. Pure.

use berth_common::reboot::RebootKind;
use berth_common::refusal::Denial;
use berth_sled_agent_api::vmm::Admitted;

use super::machine::{Event, Phase};
use super::reboot::Leg;

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
    /// To be rebooted.
    Reboot(RebootAsked),
}

/// A reboot, as far as its admission goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RebootAsked {
    pub kind: RebootKind,
    /// Its number is above that of the last one begun.
    pub is_new: bool,
    /// The one in flight, by what it is now.
    pub in_flight: Option<RebootKind>,
    /// It keeps cores and memory: those were reserved when the VMM was placed.
    pub same_size: bool,
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
    /// The reboot in flight is what is asked for, and goes on under the number asked for; the answer is *already so*.
    Renumber,
    /// The same request was taken before: the same answer.
    Recorded(Admitted),
    /// Nothing is changed.
    Deny(Denial),
}

impl Decision {
    /// Whether something new comes of it: what a host that is being shut down refuses.
    pub const fn begins_something(&self) -> bool {
        match self {
            Decision::Do(Event::RunAsked | Event::SoftRebootAsked | Event::HardRebootAsked)
            | Decision::Renumber => true,
            Decision::Do(_)
            | Decision::Join
            | Decision::Already
            | Decision::Recorded(_)
            | Decision::Deny(_) => false,
        }
    }
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
            | Phase::Reboot(_)
            | Phase::Ended => Decision::Already,
        },
        Asked::Run => match phase {
            Phase::Registered => Decision::Do(Event::RunAsked),
            Phase::Launching | Phase::Started | Phase::Running => Decision::Already,
            Phase::Reboot(leg) if leg.is_lost() => Decision::Deny(Denial::WrongState),
            Phase::Reboot(_) => Decision::Already,
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
            Phase::Reboot(
                Leg::ShuttingDown | Leg::Killing | Leg::Down | Leg::Launching | Leg::LaunchingThenReboot,
            ) => Decision::Do(Event::StopAsked),
            Phase::Reboot(Leg::LaunchingThenKill)
            | Phase::LaunchingThenStop
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
            Phase::Reboot(Leg::LaunchingThenKill)
            | Phase::LaunchingThenKill
            | Phase::Killing
            | Phase::Withdrawn
            | Phase::Ended => Decision::Already,
            Phase::Reboot(_) => Decision::Do(Event::KillAsked),
        },
        Asked::Reboot(asked) => decide_reboot(phase, asked),
    }
}

fn decide_reboot(phase: Phase, asked: RebootAsked) -> Decision {
    let RebootAsked { kind, is_new, in_flight, same_size } = asked;
    if !is_new {
        return Decision::Already;
    }
    match phase {
        Phase::Preparing | Phase::Withdrawn => Decision::Deny(Denial::NotRegistered),
        Phase::Started | Phase::Running | Phase::Reboot(_) if !same_size => {
            Decision::Deny(Denial::SpecMismatch)
        }
        Phase::Reboot(leg) if leg.is_lost() => Decision::Deny(Denial::WrongState),
        Phase::Started | Phase::Running | Phase::Reboot(_) => match (kind, in_flight) {
            (RebootKind::Soft, None) => Decision::Do(Event::SoftRebootAsked),
            (RebootKind::Soft, Some(_)) => Decision::Deny(Denial::Rebooting),
            (RebootKind::Hard, None | Some(RebootKind::Soft)) => Decision::Do(Event::HardRebootAsked),
            (RebootKind::Hard, Some(RebootKind::Hard)) => Decision::Renumber,
        },
        // Its guest doesn't run yet, or never will again.
        Phase::Registered
        | Phase::Launching
        | Phase::LaunchingThenStop
        | Phase::LaunchingThenKill
        | Phase::Stopping
        | Phase::Killing
        | Phase::Ended => Decision::Deny(Denial::WrongState),
    }
}

#[cfg(test)]
mod tests {
    use super::super::machine::step;
    use super::*;

    fn reboots() -> impl Iterator<Item = Asked> {
        let kinds = [RebootKind::Soft, RebootKind::Hard];
        let in_flights = [None, Some(RebootKind::Soft), Some(RebootKind::Hard)];
        let both = [true, false];
        kinds.into_iter().flat_map(move |kind| {
            in_flights.into_iter().flat_map(move |in_flight| {
                both.into_iter().flat_map(move |is_new| {
                    both.into_iter().map(move |same_size| {
                        Asked::Reboot(RebootAsked { kind, is_new, in_flight, same_size })
                    })
                })
            })
        })
    }

    fn everything_asked() -> impl Iterator<Item = Asked> {
        let others = [
            Asked::Ensure { same_spec: true },
            Asked::Ensure { same_spec: false },
            Asked::Run,
            Asked::Stop { shortens: true },
            Asked::Stop { shortens: false },
            Asked::End,
        ];
        others.into_iter().chain(reboots())
    }

    /// A reboot is in flight in its legs, and may be before its guest's first instruction; nowhere else.
    fn possible(phase: Phase, asked: Asked) -> bool {
        let Asked::Reboot(RebootAsked { in_flight, .. }) = asked else { return true };
        match (phase, in_flight) {
            (Phase::Reboot(leg), None) => leg.is_lost(),
            // `Leg::Killing` and this one are a hard reboot's.
            (Phase::Reboot(Leg::Killing | Leg::LaunchingThenReboot), Some(RebootKind::Soft)) => false,
            (Phase::Reboot(leg), Some(_)) => !leg.is_lost(),
            (Phase::Started, _) | (_, None) => true,
            (_, Some(_)) => false,
        }
    }

    fn all() -> impl Iterator<Item = (Phase, Asked, Decision)> {
        Phase::ALL.iter().flat_map(|phase| {
            everything_asked()
                .filter(|asked| possible(*phase, *asked))
                .map(|asked| (*phase, asked, decide(*phase, asked, None)))
        })
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
            for asked in everything_asked() {
                for admitted in [Admitted::Accepted, Admitted::Already] {
                    assert_eq!(decide(*phase, asked, Some(admitted)), Decision::Recorded(admitted));
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

    #[test]
    fn the_whole_table_of_reboots_meeting_reboots() {
        use RebootKind::{Hard, Soft};
        for (phase, asked, decision) in all() {
            let Asked::Reboot(RebootAsked { kind, is_new, in_flight, same_size: true }) = asked else {
                continue;
            };
            let here = matches!(phase, Phase::Started | Phase::Running)
                || matches!(phase, Phase::Reboot(leg) if !leg.is_lost());
            let expected = match (is_new, here, kind, in_flight) {
                (false, ..) => Decision::Already,
                (true, false, ..) if matches!(phase, Phase::Preparing | Phase::Withdrawn) => {
                    Decision::Deny(Denial::NotRegistered)
                }
                (true, false, ..) => Decision::Deny(Denial::WrongState),
                (true, true, Soft, None) => Decision::Do(Event::SoftRebootAsked),
                (true, true, Soft, Some(_)) => Decision::Deny(Denial::Rebooting),
                (true, true, Hard, None | Some(Soft)) => Decision::Do(Event::HardRebootAsked),
                (true, true, Hard, Some(Hard)) => Decision::Renumber,
            };
            assert_eq!(decision, expected, "{phase:?} {asked:?}");
        }
    }

    #[test]
    fn a_reboot_never_changes_cores_or_memory() {
        for (phase, asked, decision) in all() {
            if let Asked::Reboot(RebootAsked { same_size: false, .. }) = asked {
                assert!(
                    matches!(decision, Decision::Deny(_) | Decision::Already),
                    "{phase:?} {asked:?} {decision:?}"
                );
            }
        }
    }

    #[test]
    fn a_stop_wins_over_a_reboot_in_every_leg() {
        for phase in Leg::PHASES {
            let decision = decide(phase, Asked::Stop { shortens: true }, None);
            let ended_already = phase == Phase::Reboot(Leg::LaunchingThenKill);
            let expected = if ended_already { Decision::Already } else { Decision::Do(Event::StopAsked) };
            assert_eq!(decision, expected, "{phase:?}");
        }
    }
}
