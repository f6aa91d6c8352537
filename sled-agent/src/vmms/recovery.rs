//! How a VMM's task finds out what is really there, and acts on what [`super::recover`] decides.

use std::time::Duration;

use berth_common::vmm::EndedBy;
use slog::{info, warn};
use tokio::time::timeout;

use super::machine::{Event, Phase};
use super::notice;
use super::recover::{Action, Trace, recover};
use super::task::{Exit, Task};
use crate::hypervisor::{Adopted, LaunchError, Machine, MachineEvent};

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
        let trace = match &adopted {
            Adopted::Running { .. } => Trace::Running,
            Adopted::Ended(record) if record.run >= self.entry.run => Trace::Ended,
            Adopted::Ended(_) | Adopted::Nothing => Trace::Nothing,
        };
        let same_boot = self.entry.run_boot == Some(self.shared.boot);
        let end_ordered = self.shared.past().tombstone(self.entry.vmm).is_some();
        let action = recover(self.entry.phase, trace, same_boot, end_ordered);
        info!(self.log, "recovered"; "phase" => ?self.entry.phase, "trace" => ?trace, "action" => ?action);
        self.act(action, adopted, same_boot).await;
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
                if matches!(self.entry.phase, Phase::Preparing | Phase::Registered | Phase::Ended) {
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
            (Action::LaunchAgain, _) => self.begin_launch(),
            (Action::EndNeverStarted, _) => self.end_never_started().await,
            (Action::EndKilled, _) => {
                let exit = Task::exit_without_record(EndedBy::Killed, "it was to be killed, and is gone");
                drop(self.apply(Event::Exited, exit, |_| {}).await);
            }
            (Action::EndLost, _) => {
                let why = if same_boot { "its run left no trace" } else { "the host was rebooted under it" };
                let exit = Task::exit_without_record(EndedBy::Crashed, why);
                drop(self.apply(Event::Exited, exit, |_| {}).await);
            }
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
        } else if self.entry.phase == Phase::Stopping {
            self.order_stop().await;
        } else if self.entry.phase == Phase::Killing {
            self.order_kill().await;
        } else if stopping {
            // Only an entry that was lost doesn't know of its stop; the shim keeps the deadline all the same.
            drop(self.apply(Event::StopAsked, Exit::default(), |_| {}).await);
        }
        if running {
            drop(self.apply(Event::GuestRunning, Exit::default(), |_| {}).await);
        }
    }

    async fn end_never_started(&mut self) {
        // A launch that hasn't happened ends like one that failed after its end was asked for.
        if matches!(self.entry.phase, Phase::Preparing | Phase::Registered | Phase::Launching) {
            drop(self.apply(Event::KillAsked, Exit::default(), |_| {}).await);
        }
        if self.entry.phase.is_launching() {
            drop(self.apply(Event::LaunchFailed, Exit::default(), |_| {}).await);
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
            Ok(Ok(())) => {}
            Ok(Err(_)) | Err(_) => self.to_recover = true,
        }
    }
}
