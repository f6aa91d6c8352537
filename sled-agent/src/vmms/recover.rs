//! What to do with a ledger entry after the agent was away. Pure and total: (entry's phase × what is really there ×
//! whether the host is still in the same boot × whether its end was ordered) → action.
//!
//! Rules:
//! - What runs is held again, and what was ordered of it is ordered again.
//! - What ended is reported with its real cause.
//! - A launch that left no trace is begun again under the same run number, unless a stop came after it. After a
//!   reboot of the host nothing is begun: nexus decides what runs again.
//! - A run that left no trace is over: a hypervisor process leaves an exit record for as long as its host is up.
//! - A guest that is down for its reboot, and not yet started, is started as by a hard one. One that was started is
//!   not started twice, whatever became of it.

use super::machine::Phase;
use super::reboot::Leg;

/// What the hypervisor found of a VMM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trace {
    /// The entry's last run goes on.
    Running,
    /// A run after the entry's last one goes on: the ledger couldn't be written when it was begun.
    Ahead,
    /// A run before the entry's last one goes on. It must not: the next one was begun after its end was seen.
    Behind,
    /// The entry's last run, or a later one, ended, with a record.
    Ended,
    /// The same, and by the record its guest never could run.
    NeverBegan,
    /// Nothing, or only records of earlier runs.
    Nothing,
}

impl Trace {
    /// Every trace.
    pub const ALL: &[Trace] =
        &[Trace::Running, Trace::Ahead, Trace::Behind, Trace::Ended, Trace::NeverBegan, Trace::Nothing];

    /// Whether a process is there.
    pub const fn is_alive(self) -> bool {
        match self {
            Trace::Running | Trace::Ahead | Trace::Behind => true,
            Trace::Ended | Trace::NeverBegan | Trace::Nothing => false,
        }
    }
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Forget the entry: nobody was ever told of it.
    Withdraw,
    /// It is as the entry says; nothing runs, and nothing should.
    Keep,
    /// Hold the machine, and go on from the entry's phase.
    Hold,
    /// Hold the machine and kill it: its end was ordered.
    HoldAndKill,
    /// It ended as recorded.
    EndAsRecorded,
    /// Begin the same run again.
    LaunchAgain,
    /// It never began, and was asked to end.
    EndNeverStarted,
    /// Its end was ordered, and it is gone.
    EndKilled,
    /// It is gone without a trace.
    EndLost,
    /// Its guest is down for a reboot: start it, as by a hard one.
    FinishReboot,
}

/// Decides. `same_boot`: the host hasn't been rebooted since the entry's run was begun; `end_ordered`: a tombstone
/// exists.
pub fn recover(phase: Phase, trace: Trace, same_boot: bool, end_ordered: bool) -> Action {
    match (phase, trace) {
        (Phase::Withdrawn, _) => Action::Withdraw,
        // A machine under an entry that says it was never launched, or has ended: the ledger is behind, or a
        // record lied. Either way nobody may have it.
        (
            Phase::Preparing | Phase::Registered | Phase::Ended,
            Trace::Running | Trace::Ahead | Trace::Behind,
        ) => Action::HoldAndKill,
        (Phase::Ended, Trace::Ended | Trace::NeverBegan | Trace::Nothing) => Action::Keep,
        (Phase::Preparing, Trace::Ended | Trace::NeverBegan | Trace::Nothing) if end_ordered => {
            Action::EndNeverStarted
        }
        (Phase::Preparing, Trace::Ended | Trace::NeverBegan | Trace::Nothing) => Action::Withdraw,
        (Phase::Registered, Trace::Ended | Trace::NeverBegan) => Action::EndAsRecorded,
        (Phase::Registered, Trace::Nothing) if end_ordered => Action::EndNeverStarted,
        (Phase::Registered, Trace::Nothing) => Action::Keep,

        (Phase::Reboot(leg), trace) => recover_reboot(leg, trace, same_boot, end_ordered),

        (
            Phase::Launching
            | Phase::LaunchingThenStop
            | Phase::LaunchingThenKill
            | Phase::Started
            | Phase::Running
            | Phase::Stopping
            | Phase::Killing,
            Trace::Running | Trace::Ahead | Trace::Behind,
        ) => hold(trace, end_ordered),
        (
            Phase::Launching
            | Phase::LaunchingThenStop
            | Phase::LaunchingThenKill
            | Phase::Started
            | Phase::Running
            | Phase::Stopping
            | Phase::Killing,
            Trace::Ended | Trace::NeverBegan,
        ) => Action::EndAsRecorded,

        (Phase::Launching, Trace::Nothing) => match (end_ordered, same_boot) {
            (true, _) => Action::EndNeverStarted,
            (false, true) => Action::LaunchAgain,
            (false, false) => Action::EndLost,
        },
        (Phase::LaunchingThenStop | Phase::LaunchingThenKill, Trace::Nothing) => Action::EndNeverStarted,
        (Phase::Killing, Trace::Nothing) => Action::EndKilled,
        (Phase::Started | Phase::Running | Phase::Stopping, Trace::Nothing) => {
            if end_ordered {
                Action::EndKilled
            } else {
                Action::EndLost
            }
        }
    }
}

fn recover_reboot(leg: Leg, trace: Trace, same_boot: bool, end_ordered: bool) -> Action {
    let begin = match (end_ordered, same_boot) {
        (true, _) => Action::EndNeverStarted,
        (false, true) => Action::FinishReboot,
        (false, false) => Action::EndLost,
    };
    match (leg, trace) {
        // The former run was seen to end: what runs of it all the same must not, and is looked at again.
        (Leg::Down, Trace::Running | Trace::Behind) => Action::HoldAndKill,
        // The next run was begun, and only the ledger doesn't know: beginning it joins it.
        (Leg::Down, Trace::Ahead) if end_ordered => Action::HoldAndKill,
        (Leg::Down, Trace::Ahead) => Action::FinishReboot,
        (Leg::Down, Trace::Ended | Trace::NeverBegan | Trace::Nothing) => begin,

        (
            Leg::ShuttingDown
            | Leg::Killing
            | Leg::Launching
            | Leg::LaunchingThenKill
            | Leg::LaunchingThenReboot,
            Trace::Running | Trace::Ahead | Trace::Behind,
        ) => hold(trace, end_ordered),
        (
            Leg::ShuttingDown | Leg::Killing | Leg::LaunchingThenReboot,
            Trace::Ended | Trace::NeverBegan | Trace::Nothing,
        ) => begin,
        (Leg::Launching | Leg::LaunchingThenKill, Trace::Ended) => Action::EndAsRecorded,
        (Leg::Launching, Trace::NeverBegan) => begin,
        (Leg::Launching, Trace::Nothing) if begin == Action::FinishReboot => Action::LaunchAgain,
        (Leg::Launching, Trace::Nothing) => begin,
        (Leg::LaunchingThenKill, Trace::NeverBegan | Trace::Nothing) => Action::EndNeverStarted,
    }
}

/// What to do with a machine that an entry may have.
fn hold(trace: Trace, end_ordered: bool) -> Action {
    if end_ordered || trace == Trace::Behind { Action::HoldAndKill } else { Action::Hold }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> impl Iterator<Item = (Phase, Trace, bool, bool, Action)> {
        Phase::ALL.iter().flat_map(|phase| {
            Trace::ALL.iter().flat_map(move |trace| {
                [(false, false), (false, true), (true, false), (true, true)].into_iter().map(
                    move |(same_boot, end_ordered)| {
                        let action = recover(*phase, *trace, same_boot, end_ordered);
                        (*phase, *trace, same_boot, end_ordered, action)
                    },
                )
            })
        })
    }

    #[test]
    fn nothing_is_begun_after_a_reboot_of_the_host_or_after_an_end_was_ordered() {
        for (phase, trace, same_boot, end_ordered, action) in all() {
            let launching = matches!(phase, Phase::Launching | Phase::Reboot(Leg::Launching));
            if action == Action::LaunchAgain {
                assert!(same_boot && !end_ordered && launching && trace == Trace::Nothing);
            }
            if action == Action::FinishReboot {
                assert!(matches!(phase, Phase::Reboot(_)) && !end_ordered);
                assert!(same_boot || trace == Trace::Ahead, "what runs was begun in this boot");
            }
        }
    }

    #[test]
    fn what_runs_is_never_forgotten() {
        for (phase, trace, .., action) in all() {
            if trace.is_alive() && phase != Phase::Withdrawn {
                let joined =
                    (phase, trace, action) == (Phase::Reboot(Leg::Down), Trace::Ahead, Action::FinishReboot);
                let held = matches!(action, Action::Hold | Action::HoldAndKill);
                assert!(held || joined, "{phase:?} {trace:?} {action:?}");
            }
        }
    }

    #[test]
    fn an_ordered_end_is_finished_whatever_is_there() {
        for (phase, trace, _, end_ordered, action) in all() {
            if end_ordered && !phase.is_final() {
                let ends = matches!(
                    action,
                    Action::HoldAndKill
                        | Action::EndAsRecorded
                        | Action::EndNeverStarted
                        | Action::EndKilled
                        | Action::EndLost
                );
                assert!(ends, "{phase:?} {trace:?} {action:?}");
            }
        }
    }

    #[test]
    fn an_end_stays_an_end() {
        for (phase, trace, .., action) in all() {
            if phase == Phase::Ended {
                assert_eq!(action == Action::Keep, !trace.is_alive());
            }
        }
    }

    #[test]
    fn a_real_cause_is_used_where_there_is_one() {
        for (phase, trace, .., action) in all() {
            let begun = !matches!(phase, Phase::Preparing | Phase::Withdrawn | Phase::Ended);
            let goes_down = matches!(
                phase,
                Phase::Reboot(Leg::ShuttingDown | Leg::Killing | Leg::Down | Leg::LaunchingThenReboot)
            );
            if begun && !goes_down && trace == Trace::Ended {
                assert_eq!(action, Action::EndAsRecorded, "{phase:?}");
            }
        }
    }

    #[test]
    fn only_what_nobody_was_told_of_is_withdrawn() {
        for (phase, .., action) in all() {
            if action == Action::Withdraw {
                assert!(matches!(phase, Phase::Preparing | Phase::Withdrawn));
            }
        }
    }

    #[test]
    fn a_guest_that_is_down_and_not_started_is_started_from_every_leg() {
        for (phase, trace, same_boot, end_ordered, action) in all() {
            let goes_down = matches!(
                phase,
                Phase::Reboot(Leg::ShuttingDown | Leg::Killing | Leg::Down | Leg::LaunchingThenReboot)
            );
            let not_started = match phase {
                Phase::Reboot(Leg::Launching) => matches!(trace, Trace::NeverBegan | Trace::Nothing),
                _ => goes_down && !trace.is_alive(),
            };
            if not_started && same_boot && !end_ordered {
                assert!(
                    matches!(action, Action::FinishReboot | Action::LaunchAgain),
                    "{phase:?} {trace:?} {action:?}"
                );
            }
        }
    }

    #[test]
    fn a_guest_that_was_started_is_not_started_twice() {
        let started = [Phase::Reboot(Leg::Launching), Phase::Started, Phase::Running];
        for (phase, trace, _, end_ordered, action) in all() {
            if started.contains(&phase) && trace == Trace::Running {
                let expected = if end_ordered { Action::HoldAndKill } else { Action::Hold };
                assert_eq!(action, expected, "{phase:?}");
            }
            if started.contains(&phase) && trace == Trace::Ended {
                assert_eq!(action, Action::EndAsRecorded, "{phase:?}");
            }
        }
    }

    #[test]
    fn a_guest_that_had_not_been_asked_is_held_and_asked() {
        for leg in [Leg::ShuttingDown, Leg::Killing] {
            assert_eq!(recover(Phase::Reboot(leg), Trace::Running, true, false), Action::Hold);
        }
    }

    #[test]
    fn a_stop_or_an_end_that_won_over_a_reboot_still_wins() {
        for (phase, trace, same_boot, end_ordered, action) in all() {
            if phase == Phase::Reboot(Leg::LaunchingThenKill) {
                let begins = matches!(action, Action::FinishReboot | Action::LaunchAgain);
                assert!(!begins, "{phase:?} {trace:?} {same_boot} {end_ordered}");
            }
        }
    }

    #[test]
    fn an_earlier_run_that_goes_on_is_never_taken_for_the_one_begun_last() {
        for (phase, trace, .., action) in all() {
            if trace == Trace::Behind && phase != Phase::Withdrawn {
                assert_eq!(action, Action::HoldAndKill, "{phase:?}");
            }
        }
    }
}
