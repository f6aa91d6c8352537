//! One VMM: waits for the next thing to happen, applies it, waits again. Nobody else changes the VMM.

use std::sync::Arc;
use std::time::Duration;

use berth_common::ids::RequestUuid;
use berth_sled_agent_api::migration::{Incoming, MigrationPut};
use berth_sled_agent_api::report::VmmReport;
use berth_sled_agent_api::spec::VmmSpec;
use berth_sled_agent_api::vmm::{Denied, RebootOrder, VmmAnswer};
use futures::future::BoxFuture;
use slog::{Logger, error, info, warn};
use tokio::sync::{mpsc, oneshot};

use super::host_stop::{HostOrder, HostStopped, Looked};
use super::machine::{self, Effect, Event, Outcome, Phase};
use super::moving_work::Moving;
use super::parts::Parts;
use super::reboot::Leg;
use super::room::Reservation;
use super::{Shared, notice};
use crate::hypervisor::{Machine, MachineEvent};
use crate::ledger::ahead::Ahead;
use crate::ledger::entry::{Ending, Entry, StopOrder};
use crate::ledger::{Work, WriteError, off_thread};
use crate::migration::News;

/// How soon something that failed (an order, a write, a recovery) is tried again.
pub(super) const RETRY: Duration = Duration::from_millis(500);

/// Where an answer goes.
pub(super) type Reply = oneshot::Sender<Result<VmmAnswer, Denied>>;

/// What is asked of a VMM, admitted by the manager.
#[derive(Debug)]
pub(super) enum Command {
    Ensure {
        request: RequestUuid,
        spec: Box<VmmSpec>,
        incoming: Option<Incoming>,
        reply: Reply,
    },
    Run {
        request: RequestUuid,
        reply: Reply,
    },
    Stop {
        request: RequestUuid,
        grace: Duration,
        reply: Reply,
    },
    /// Its tombstone is written. Answered when it has ended.
    End {
        reply: oneshot::Sender<VmmReport>,
    },
    Reboot {
        request: RequestUuid,
        order: Box<RebootOrder>,
        reply: Reply,
    },
    Migration {
        request: RequestUuid,
        put: Box<MigrationPut>,
        reply: Reply,
    },
    /// Says what it is to a host that goes.
    HostLook {
        reply: oneshot::Sender<Looked>,
    },
    /// Goes with its host. Answered when it has gone.
    HostStop {
        order: HostOrder,
        reply: oneshot::Sender<HostStopped>,
    },
    Forget,
}

/// Work that takes its time, while the task listens on.
pub(super) enum Worked {
    Prepared(Result<(), Denied>),
    Launched(Result<Box<dyn Machine>, String>),
}

enum Input {
    Command(Command),
    Worked(Worked),
    Machine(MachineEvent),
    /// The machine's events ended without an end: what holds it is gone.
    MachineSilent,
    /// Its guest is down for a reboot: what comes next may begin.
    BeginAgain,
    /// Of a migration; `None`: nothing more will come.
    News(Option<News>),
    Retry,
    /// The agent is going down: the machine is let go, not ended.
    Closed,
}

/// How a step ends a VMM, in the words of whoever knows.
#[derive(Debug, Default)]
pub(super) struct Exit {
    pub(super) ending: Option<Ending>,
    pub(super) detail: Option<String>,
}

/// One VMM's task.
pub(super) struct Task {
    pub(super) shared: Arc<Shared>,
    pub(super) log: Logger,
    pub(super) entry: Entry,
    pub(super) reservation: Option<Reservation>,
    /// Which disks and images it may need; the manager looks at it.
    pub(super) parts: Arc<Parts>,
    pub(super) commands: mpsc::UnboundedReceiver<Command>,
    pub(super) work: Option<BoxFuture<'static, Worked>>,
    pub(super) machine: Option<Box<dyn Machine>>,
    pub(super) events: Option<mpsc::UnboundedReceiver<MachineEvent>>,
    /// Who waits for the preparation.
    pub(super) joined: Vec<(RequestUuid, Reply)>,
    /// Who waits for the end.
    pub(super) awaiting_end: Vec<oneshot::Sender<VmmReport>>,
    pub(super) awaiting_host_stop: Vec<oneshot::Sender<HostStopped>>,
    /// The entry in memory is newer than on disk.
    pub(super) unsaved: bool,
    /// What the entry is expected to become.
    pub(super) ahead: Option<Ahead>,
    /// A hand-off may be written or not: nothing follows from either before a write has worked.
    pub(super) hand_off_unknown: bool,
    /// The last stop or kill didn't reach the machine.
    pub(super) order_failed: bool,
    /// What is really there isn't known yet.
    pub(super) to_recover: bool,
    /// Whoever does its part of a migration.
    pub(super) moving: Option<Moving>,
    /// The source, which waits for the guest to go on here.
    pub(super) awaiting_guest: Option<oneshot::Sender<()>>,
    /// A disk that came with its guest hasn't got its name.
    pub(super) disks_to_adopt: bool,
    /// Nothing is left to do for it.
    pub(super) gone: bool,
}

impl Task {
    /// Begins with a VMM that has just been admitted.
    pub(super) async fn run_new(mut self, request: RequestUuid, reply: Reply) {
        match self.write(self.entry.clone(), Work::New).await {
            Ok(()) => {
                self.joined.push((request, reply));
                self.begin_preparation();
                self.live().await;
            }
            Err(error) => {
                let denied = full(&error);
                self.withdraw().await;
                drop(reply.send(Err(denied.clone())));
                self.refuse_queued(&denied);
            }
        }
    }

    /// Begins with a VMM of the ledger.
    pub(super) async fn run_recovered(mut self) {
        self.recover().await;
        self.shared.reports.recovered_one();
        self.live().await;
    }

    async fn live(&mut self) {
        while !self.gone {
            match self.next().await {
                Input::Closed => return self.save_what_is_unsaved().await,
                Input::Command(command) => self.serve(command).await,
                Input::Worked(Worked::Prepared(result)) => self.prepared(result).await,
                Input::Worked(Worked::Launched(result)) => self.launched(result).await,
                Input::Machine(event) => self.hear(event).await,
                Input::MachineSilent => {
                    warn!(self.log, "what held the machine is gone: looking what is left");
                    self.let_go();
                    self.to_recover = true;
                }
                Input::BeginAgain => self.begin_again().await,
                Input::News(news) => self.hear_news(news).await,
                Input::Retry => self.retry().await,
            }
        }
    }

    async fn next(&mut self) -> Input {
        let begin_due = self.entry.phase == Phase::Reboot(Leg::Down) && !self.to_recover;
        let retry_due = self.unsaved
            || self.order_failed
            || self.to_recover
            || needs_release(&self.entry)
            || self.disks_to_adopt
            || self.release_due()
            || self.take_back_due();
        let Task { commands, work, events, moving, .. } = self;
        tokio::select! {
            biased;
            worked = async { match work { Some(work) => work.await, None => std::future::pending().await } } => {
                self.work = None;
                Input::Worked(worked)
            }
            event = async { match events { Some(events) => events.recv().await, None => std::future::pending().await } } => {
                event.map_or(Input::MachineSilent, Input::Machine)
            }
            news = async { match moving { Some(moving) => moving.news.recv().await, None => std::future::pending().await } } => {
                Input::News(news)
            }
            command = commands.recv() => command.map_or(Input::Closed, Input::Command),
            // After whatever was asked: a stop that came in time keeps the guest down.
            () = std::future::ready(()), if begin_due => Input::BeginAgain,
            () = tokio::time::sleep(RETRY), if retry_due => Input::Retry,
        }
    }

    /// Applies an event: gate, ledger, report, effects. Only a failure to write what may be refused comes back.
    pub(super) async fn apply(
        &mut self,
        event: Event,
        exit: Exit,
        change: impl FnOnce(&mut Entry),
    ) -> Result<(), WriteError> {
        let step = match machine::step(self.entry.phase, event) {
            Ok(step) => step,
            Err(illegal) => {
                error!(self.log, "a fault of this program, nothing is changed: {illegal}");
                return Ok(());
            }
        };
        if step.phase == Phase::Withdrawn {
            self.withdraw().await;
            return Ok(());
        }
        let mut entry = Entry { phase: step.phase, ..self.entry.clone() };
        change(&mut entry);
        if let Some(reboot) = &mut entry.reboot {
            reboot.follow(step.phase, exit.ending.map(|ending| ending.ended_by));
        }
        if step.phase == Phase::Reboot(Leg::Down) {
            // These were the former process'.
            (entry.unresponsive, entry.stuck, entry.detail) = (false, false, None);
        }
        if let Some(outcome) = step.outcome {
            end_entry(&mut entry, outcome, exit);
            // What is given back is given back before the end is told: nexus may use it again at once. Should the
            // agent die in between, the end is found again, and giving back is repeated.
            for effect in step.effects {
                self.perform(*effect).await;
            }
            entry.released = self.entry.released;
        }
        if step.effects.contains(&Effect::Launch) {
            entry.run += 1;
            entry.run_boot = Some(self.shared.boot);
            entry.take_next_spec();
        }
        if entry != self.entry {
            let before = self.entry.phase;
            self.change(entry, event).await?;
            info!(self.log, "phase"; "from" => ?before, "event" => ?event, "to" => ?step.phase,
                "ended" => ?self.entry.ended);
            if let (Some(_), Some(ending)) = (step.outcome, self.entry.ended) {
                self.shared.ended.count(ending.ended_by);
            }
        }
        if step.phase.is_final() {
            self.tell_end();
        } else {
            for effect in step.effects {
                self.perform(*effect).await;
            }
        }
        Ok(())
    }

    /// Writes a changed entry, and tells what is new in it. What asks for new work is refused if it can't be written;
    /// anything else goes on in memory, and is written as soon as possible.
    pub(super) async fn change(&mut self, mut entry: Entry, event: Event) -> Result<(), WriteError> {
        let is_news = notice::of_entry(&entry) != notice::of_entry(&self.entry);
        let reserve_left = !is_news || !entry.count_change();
        // What a restarted agent sees for itself needs no waiting for the disk.
        let is_seen_again = event == Event::GuestRunning;
        if is_seen_again && reserve_left {
            self.entry = entry;
            self.unsaved = true;
        } else {
            let work = if is_new_work(self.entry.phase, event) { Work::New } else { Work::Standing };
            match self.write(entry.clone(), work).await {
                Ok(()) => {}
                Err(error) if work == Work::New => return Err(error),
                Err(error) => {
                    error!(self.log, "the ledger can't be written, going on from memory"; "error" => %error);
                    self.entry = entry;
                    self.unsaved = true;
                }
            }
        }
        self.parts.follow(&self.entry);
        // Registered: told for the first time, though it is as it was.
        if is_news || event == Event::Prepared {
            self.publish();
        }
        Ok(())
    }

    /// Writes what was only in memory; if that fails, it stays there.
    pub(super) async fn save_what_is_unsaved(&mut self) {
        if self.unsaved && !self.gone && self.write(self.entry.clone(), Work::Standing).await.is_ok() {
            self.publish();
        }
    }

    /// Puts the entry on disk, and in memory if that worked.
    pub(super) async fn write(&mut self, entry: Entry, work: Work) -> Result<(), WriteError> {
        self.entry = off_thread(&self.shared.ledger, move |ledger| ledger.put(&entry, work)).await?;
        self.unsaved = false;
        self.hand_off_unknown = false;
        Ok(())
    }

    /// Tells what is known; not what a restart could take back.
    pub(super) fn publish(&self) {
        if self.entry.generation <= self.entry.generation_reserved {
            self.shared.reports.put(notice::of_entry(&self.entry));
        }
    }

    /// A remark that changes no phase: told at once, written with the next change.
    pub(super) fn remark(&mut self, change: impl FnOnce(&mut Entry)) {
        let mut entry = self.entry.clone();
        change(&mut entry);
        if entry == self.entry {
            return;
        }
        let is_news = notice::of_entry(&entry) != notice::of_entry(&self.entry);
        if is_news {
            entry.count_change();
        }
        self.entry = entry;
        self.unsaved = true;
        if is_news {
            self.publish();
        }
    }

    /// The report as it would be sent now.
    pub(super) fn report(&self) -> VmmReport {
        notice::of_entry(&self.entry).at(crate::host::boottime_ms())
    }

    /// Milliseconds left of the stop in force. A stop of an earlier boot has none left.
    pub(super) fn remaining(&self, order: StopOrder) -> Duration {
        let same_boot = order.boot == self.shared.boot;
        let left = order.deadline_ms.saturating_sub(crate::host::boottime_ms());
        Duration::from_millis(if same_boot { left } else { 0 })
    }
}

/// What is refused if it can't be written: once begun, it has to be finished whatever dies.
fn is_new_work(phase: Phase, event: Event) -> bool {
    match event {
        Event::RunAsked | Event::SoftRebootAsked => true,
        // Taking over what is in flight is not.
        Event::HardRebootAsked => matches!(phase, Phase::Started | Phase::Running),
        _ => false,
    }
}

fn needs_release(entry: &Entry) -> bool {
    entry.phase == Phase::Ended && !entry.released
}

/// What a full or broken disk means to whoever asks for new work.
pub(super) fn full(error: &WriteError) -> Denied {
    let message = format!("this sled's ledger takes nothing new: {error}; make room under its state_dir");
    super::admission::denied(berth_common::refusal::Denial::LedgerFull, message)
}

fn end_entry(entry: &mut Entry, outcome: Outcome, exit: Exit) {
    use berth_common::vmm::{EndedBy, VmmState};
    let ending = match outcome {
        Outcome::NeverStarted => Ending { state: VmmState::Destroyed, ended_by: EndedBy::NeverStarted },
        Outcome::LaunchFailed => Ending { state: VmmState::Failed, ended_by: EndedBy::NeverStarted },
        Outcome::AsRecorded => exit.ending.unwrap_or(notice::ending_of(EndedBy::Crashed)),
        // Its guest had run, and is gone against everybody's will: as by a crash.
        Outcome::RelaunchFailed => notice::ending_of(EndedBy::Crashed),
        Outcome::WentDown => exit.ending.unwrap_or(notice::ending_of(entry.went_down_by())),
    };
    let of_migration = entry.migration.as_mut().and_then(|half| half.end(exit.detail.as_deref()));
    let (mut ending, mut detail) = (of_migration.unwrap_or(ending), exit.detail);
    // A guest that is elsewhere, or never was here, doesn't go with its host.
    if let Some(host_stop) = entry.host_stop.as_mut().filter(|_| of_migration.is_none()) {
        host_stop.take_over(&mut ending, &mut detail);
    }
    entry.ended = Some(ending);
    entry.detail = detail;
    entry.unresponsive = false;
    entry.stuck = false;
}
