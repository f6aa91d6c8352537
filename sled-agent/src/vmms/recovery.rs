//! How a VMM's task finds out what is really there, and acts on what [`super::recover`] decides.

use std::time::Duration;

use berth_common::reboot::RebootKind;
use berth_common::vmm::EndedBy;
use slog::{info, warn};
use tokio::time::timeout;

use super::machine::{Event, Phase};
use super::notice;
use super::reboot::Leg;
use super::recover::{Action, Trace, recover};
use super::task::{Exit, Task};
use crate::hypervisor::{Adopted, LaunchError, Machine, MachineEvent};
use crate::ledger::entry::Entry;

/// How long the hypervisor may take to say what there is of one VMM before the VMM is shown unresponsive.
const ADOPT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a leftover may take to die before it is looked at again.
const LEFTOVER_TIMEOUT: Duration = Duration::from_secs(10);

impl Task {
    pub(super) async fn recover(&mut self) {
        let adopted = match timeout(ADOPT_TIMEOUT, self.shared.hypervisor.adopt(self.entry.vmm)).await {
            Ok(adopted) => adopted,
            Err(_elapsed) => Err(LaunchError(format!("no answer within {} s", ADOPT_TIMEOUT.as_secs()))),
        };
        let adopted = match adopted {
            Ok(adopted) => adopted,
            Err(error) => return self.not_recovered(&error),
        };
        self.to_recover = false;
        let trace = trace_of(&adopted, self.entry.run);
        let same_boot = self.entry.run_boot == Some(self.shared.boot);
        let end_ordered = self.shared.past().tombstone(self.entry.vmm).is_some();
        let action = recover(self.entry.phase, trace, same_boot, end_ordered);
        info!(self.log, "recovered"; "phase" => ?self.entry.phase, "trace" => ?trace, "action" => ?action);
        self.act(action, adopted, same_boot).await;
        if !self.gone && !self.to_recover {
            self.begin_as_target().await;
            self.go_on_moving().await;
        }
        if !self.gone {
            self.publish();
        }
    }

    /// It is shown as it was last known, and asked again; it delays nobody else.
    fn not_recovered(&mut self, error: &LaunchError) {
        if !self.to_recover {
            warn!(self.log, "can't find out what there is of it: asked again"; "error" => %error);
        }
        self.to_recover = true;
        self.remark(|entry| entry.unresponsive = true);
        self.publish();
    }

    async fn act(&mut self, action: Action, adopted: Adopted, same_boot: bool) {
        match (action, adopted) {
            (Action::Withdraw, _) => self.withdraw().await,
            (Action::Keep, _) => {
                if self.entry.phase == Phase::Ended && !self.entry.released {
                    self.release().await;
                    self.unsaved |= self.entry.released;
                }
            }
            (Action::Hold, Adopted::Running { run, running, stopping, machine }) => {
                self.hold(machine);
                self.go_on(run, running, stopping).await;
            }
            (Action::HoldAndKill, Adopted::Running { run, machine, .. }) => {
                let has_none = matches!(
                    self.entry.phase,
                    Phase::Preparing | Phase::Registered | Phase::Ended | Phase::Reboot(Leg::Down)
                );
                if has_none {
                    return self.kill_leftover(machine).await;
                }
                self.hold(machine);
                self.go_on(run, false, false).await;
                drop(self.apply(Event::KillAsked, Exit::default(), |_| {}).await);
            }
            (Action::EndAsRecorded, Adopted::Ended(record)) => {
                let ending = Some(notice::ending_of(record.ended_by));
                let exit = Exit { ending, detail: notice::detail_of(&record) };
                drop(self.apply(Event::Exited, exit, |_| {}).await);
            }
            (Action::LaunchAgain, _) if self.shared.is_shutting_down() => self.go_with_host().await,
            (Action::LaunchAgain, _) => {
                self.remark(harden);
                self.begin_launch();
            }
            (Action::EndNeverStarted, _) => self.end_never_started().await,
            (Action::EndKilled, _) => {
                let exit = Task::exit_without_record(EndedBy::Killed, "it was to be killed, and is gone");
                drop(self.apply(Event::Exited, exit, |_| {}).await);
            }
            (Action::EndLost, _) => {
                let why = if same_boot { "its run left no trace" } else { "the host was rebooted under it" };
                self.end_lost(Task::exit_without_record(EndedBy::Crashed, why)).await;
            }
            (Action::FinishReboot, adopted) => self.finish_reboot(&adopted).await,
            // `recover` pairs these with a trace that they can't come from.
            (Action::Hold | Action::HoldAndKill | Action::EndAsRecorded, _) => self.to_recover = true,
        }
    }

    /// A machine is held again: the entry catches up, and its orders are given again.
    async fn go_on(&mut self, run: u32, running: bool, stopping: bool) {
        self.remark(|entry| {
            entry.run = entry.run.max(run);
            entry.unresponsive = false;
        });
        if self.entry.phase.is_launching() {
            drop(self.apply(Event::Launched, Exit::default(), |_| {}).await);
        } else if matches!(self.entry.phase, Phase::Stopping | Phase::Reboot(Leg::ShuttingDown)) {
            self.order_stop().await;
        } else if matches!(self.entry.phase, Phase::Killing | Phase::Reboot(Leg::Killing)) {
            self.order_kill().await;
        } else if stopping {
            // Only an entry that was lost doesn't know of its stop; the shim keeps the deadline all the same.
            drop(self.apply(Event::StopAsked, Exit::default(), |_| {}).await);
        }
        // A shim that says nothing is taken for one whose guest runs; one that waits for its guest doesn't.
        let waits = self.entry.moving().is_some_and(super::migration::Stage::is_unreleased);
        if running && !waits {
            drop(self.apply(Event::GuestRunning, Exit::default(), |_| {}).await);
        }
    }

    async fn end_never_started(&mut self) {
        if matches!(self.entry.phase, Phase::Reboot(Leg::ShuttingDown | Leg::Killing)) {
            drop(self.apply(Event::Exited, Exit::default(), |_| {}).await);
        }
        // A launch that hasn't happened ends like one that failed after its end was asked for.
        let unasked = matches!(
            self.entry.phase,
            Phase::Preparing
                | Phase::Registered
                | Phase::Launching
                | Phase::Reboot(Leg::Down | Leg::Launching | Leg::LaunchingThenReboot)
        );
        if unasked {
            drop(self.apply(Event::KillAsked, Exit::default(), |_| {}).await);
        }
        if self.entry.phase.is_launching() {
            drop(self.apply(Event::LaunchFailed, Exit::default(), |_| {}).await);
        }
    }

    /// It ends, and isn't started again, wherever it was.
    async fn end_lost(&mut self, exit: Exit) {
        let goes_down = matches!(
            self.entry.phase,
            Phase::Reboot(Leg::ShuttingDown | Leg::Killing | Leg::LaunchingThenReboot)
        );
        if goes_down {
            drop(self.apply(Event::Exited, Exit::default(), |_| {}).await);
        }
        let is_down = self.entry.phase == Phase::Reboot(Leg::Down);
        let event = if is_down { Event::KillAsked } else { Event::Exited };
        drop(self.apply(event, exit, |_| {}).await);
    }

    /// The guest went down while nobody looked, or was left down: it is started as by a hard reboot. What begins it
    /// is the task's own loop, as ever when it is down.
    async fn finish_reboot(&mut self, adopted: &Adopted) {
        let exit = match adopted {
            Adopted::Ended(record) => Exit { ending: Some(notice::ending_of(record.ended_by)), detail: None },
            _ => Exit::default(),
        };
        match self.entry.phase {
            Phase::Reboot(Leg::Launching) => drop(self.apply(Event::FoundDown, exit, harden).await),
            Phase::Reboot(Leg::ShuttingDown | Leg::Killing | Leg::LaunchingThenReboot) => {
                drop(self.apply(Event::Exited, exit, harden).await);
            }
            _ => self.remark(harden),
        }
        match adopted {
            // Begun already, though the ledger doesn't know: the same number again joins it.
            Adopted::Running { run, .. } => self.remark(|entry| entry.run = run.saturating_sub(1)),
            // A number that was used is never used again.
            Adopted::Ended(record) => self.remark(|entry| entry.run = entry.run.max(record.run)),
            Adopted::Nothing => {}
        }
    }

    /// Ends a machine that nobody may have, and looks again.
    async fn kill_leftover(&mut self, mut machine: Box<dyn Machine>) {
        warn!(self.log, "a machine runs under an entry that has none: killed"; "phase" => ?self.entry.phase);
        let mut events = machine.events();
        let ended = async {
            machine.kill().await?;
            while let Some(event) = events.recv().await {
                if matches!(event, MachineEvent::Ended(_)) {
                    break;
                }
            }
            Ok::<(), LaunchError>(())
        };
        match timeout(LEFTOVER_TIMEOUT, ended).await {
            Ok(Ok(())) if self.entry.phase == Phase::Registered => {
                let exit =
                    Task::exit_without_record(EndedBy::Killed, "a run that its ledger entry didn't know of");
                drop(self.apply(Event::Exited, exit, |_| {}).await);
            }
            Ok(Ok(())) if self.entry.phase == Phase::Preparing => self.withdraw().await,
            // Its guest is down now for sure: looked at again, it is started.
            Ok(Ok(())) if self.entry.phase == Phase::Reboot(Leg::Down) => self.to_recover = true,
            Ok(Ok(())) => {}
            Ok(Err(_)) | Err(_) => self.to_recover = true,
        }
    }
}

/// A reboot that its agent died under is finished as a hard one.
fn harden(entry: &mut Entry) {
    if let Phase::Reboot(_) = entry.phase
        && let Some(reboot) = &mut entry.reboot
    {
        reboot.kind = RebootKind::Hard;
    }
}

/// What was found, beside the run that the ledger knows last.
fn trace_of(adopted: &Adopted, known_run: u32) -> Trace {
    match adopted {
        Adopted::Running { run, .. } if *run > known_run => Trace::Ahead,
        Adopted::Running { run, .. } if *run < known_run => Trace::Behind,
        Adopted::Running { .. } => Trace::Running,
        Adopted::Ended(record) if record.run < known_run => Trace::Nothing,
        Adopted::Ended(record) if record.ended_by == EndedBy::NeverStarted => Trace::NeverBegan,
        Adopted::Ended(_) => Trace::Ended,
        Adopted::Nothing => Trace::Nothing,
    }
}
