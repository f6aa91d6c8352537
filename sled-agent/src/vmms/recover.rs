//! What to do with a ledger entry after the agent was away. Pure and total: (entry's phase × what is really there ×
//! whether the host is still in the same boot × whether its end was ordered) → action.
//!
//! Rules:
//! - What runs is held again, and what was ordered of it is ordered again.
//! - What ended is reported with its real cause.
//! - A launch that left no trace is begun again under the same run number, unless a stop came after it. After a
//!   reboot of the host nothing is begun: nexus decides what runs again.
//! - A run that left no trace is over: a hypervisor process leaves an exit record for as long as its host is up.

use super::machine::Phase;

/// What the hypervisor found of a VMM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trace {
    /// A run goes on.
    Running,
    /// The entry's last run ended, with a record.
    Ended,
    /// Nothing, or only records of earlier runs.
    Nothing,
}

impl Trace {
    /// Every trace.
    pub const ALL: &[Trace] = &[Trace::Running, Trace::Ended, Trace::Nothing];
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
}

/// Decides. `same_boot`: the host hasn't been rebooted since the entry's run was begun; `end_ordered`: a tombstone
/// exists.
pub fn recover(phase: Phase, trace: Trace, same_boot: bool, end_ordered: bool) -> Action {
    match (phase, trace) {
        (Phase::Withdrawn, _) => Action::Withdraw,
        // A machine under an entry that says it was never launched, or has ended: the ledger is behind, or a
        // record lied. Either way nobody may have it.
        (Phase::Preparing | Phase::Registered | Phase::Ended, Trace::Running) => Action::HoldAndKill,
        (Phase::Ended, Trace::Ended | Trace::Nothing) => Action::Keep,
        (Phase::Preparing, Trace::Ended | Trace::Nothing) if end_ordered => Action::EndNeverStarted,
        (Phase::Preparing, Trace::Ended | Trace::Nothing) => Action::Withdraw,
        (Phase::Registered, Trace::Ended) => Action::EndAsRecorded,
        (Phase::Registered, Trace::Nothing) if end_ordered => Action::EndNeverStarted,
        (Phase::Registered, Trace::Nothing) => Action::Keep,

        (
            Phase::Launching
            | Phase::LaunchingThenStop
            | Phase::LaunchingThenKill
            | Phase::Started
            | Phase::Running
            | Phase::Stopping
            | Phase::Killing,
            Trace::Running,
        ) => {
            if end_ordered {
                Action::HoldAndKill
            } else {
                Action::Hold
            }
        }
        (
            Phase::Launching
            | Phase::LaunchingThenStop
            | Phase::LaunchingThenKill
            | Phase::Started
            | Phase::Running
            | Phase::Stopping
            | Phase::Killing,
            Trace::Ended,
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
            if action == Action::LaunchAgain {
                assert!(same_boot && !end_ordered && phase == Phase::Launching && trace == Trace::Nothing);
            }
        }
    }

    #[test]
    fn what_runs_is_never_forgotten() {
        for (phase, trace, .., action) in all() {
            if trace == Trace::Running && phase != Phase::Withdrawn {
                assert!(matches!(action, Action::Hold | Action::HoldAndKill), "{phase:?} {action:?}");
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
                assert_eq!(action == Action::Keep, trace != Trace::Running);
            }
        }
    }

    #[test]
    fn a_real_cause_is_used_where_there_is_one() {
        for (phase, trace, .., action) in all() {
            let begun = !matches!(phase, Phase::Preparing | Phase::Withdrawn | Phase::Ended);
            if begun && trace == Trace::Ended {
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
}
