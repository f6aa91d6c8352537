//! How a VMM's task takes part in a migration: orders in, news of whoever does the work in, what
//! [`super::migration`] decides out.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use berth_common::ids::RequestUuid;
use berth_common::migration::{MigrationPhase, MigrationRole};
use berth_common::refusal::Denial;
use berth_sled_agent_api::migration::{MigrationOrder, MigrationPut};
use berth_sled_agent_api::vmm::{Admitted, VmmAnswer};
use slog::{info, warn};

use super::admission::denied;
use super::machine::{self, Phase};
use super::migration::{Decision, Effect, Event, Known, Ordered, Stage, decide, step};
use super::task::{Exit, Reply, Task, full};
use crate::host;
use crate::hypervisor::migration::Migrator;
use crate::ledger::Work;
use crate::ledger::half::Half;
use crate::migration::News;

/// How long the target's hypervisor may take to let the guest run before it is told again. It takes milliseconds.
const RELEASE_TIMEOUT: Duration = Duration::from_secs(3);

/// Effects lead to events, which lead to effects: the chain ends, because stages only go forward.
type Done<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

impl Task {
    pub(super) async fn serve_migration(&mut self, request: RequestUuid, put: MigrationPut, reply: Reply) {
        let MigrationPut { migration, order, .. } = put;
        let ordered = match order {
            MigrationOrder::Send { .. } => Ordered::Send,
            MigrationOrder::Cancel => Ordered::Cancel,
            MigrationOrder::Resume => Ordered::Resume,
        };
        let known = match &self.entry.migration {
            None => Known::None,
            Some(half) if half.migration == migration => Known::This(half.stage),
            Some(half) => Known::Other(half.stage),
        };
        let decision = decide(self.entry.phase, known, ordered, self.entry.seen(request));
        let admitted = match decision {
            Decision::Deny(denial) => {
                let message = self.refusal_of_order(denial, &put_words(ordered, migration));
                return drop(reply.send(Err(denied(denial, message))));
            }
            Decision::Recorded(admitted) => admitted,
            Decision::Already => Admitted::Already,
            Decision::Begin | Decision::RememberCancelled => {
                let boot = self.shared.boot;
                let half = Half::sending(migration, &order, boot, host::boottime_ms())
                    .unwrap_or_else(|| Half::cancelled_unheard(migration, boot));
                if let Err(error) = self.begin_half(half, request).await {
                    return drop(reply.send(Err(full(&error))));
                }
                Admitted::Accepted
            }
            Decision::Do(event) => {
                self.remark(|entry| entry.remember(request, Admitted::Accepted));
                let why = "it was cancelled";
                self.happen(event, |half| note_request(half, event, why)).await;
                Admitted::Accepted
            }
        };
        drop(reply.send(Ok(VmmAnswer { admitted, vmm: self.report() })));
    }

    async fn begin_half(
        &mut self,
        half: Half,
        request: RequestUuid,
    ) -> Result<(), crate::ledger::WriteError> {
        let mut entry = self.entry.clone();
        let sends = half.stage == Stage::Sending;
        info!(self.log, "migration"; "id" => %half.migration, "stage" => ?half.stage, "to" => ?half.other);
        entry.migration = Some(half);
        entry.remember(request, Admitted::Accepted);
        entry.count_change();
        self.write(entry, Work::New).await?;
        self.publish();
        if sends {
            self.begin_to_send();
        }
        if sends && self.moving.is_none() {
            let why = Some("its hypervisor isn't held right now: try again".to_owned());
            self.happen(Event::CopyFailed, |half| half.detail = why).await;
        }
        Ok(())
    }

    /// A stop was asked for: a source keeps its guest, and stops it here; a target that wasn't released is ended at
    /// once. Tells whether that was all.
    pub(super) async fn stop_moving(&mut self) -> bool {
        let Some(stage) = self.entry.moving() else { return false };
        // Nothing of it runs, or it isn't known whether: the machine's own way is right.
        let has_process = matches!(self.entry.phase, Phase::Started | Phase::Running);
        if !matches!(stage, Stage::Sending | Stage::Awaiting | Stage::Holding) || !has_process {
            return false;
        }
        self.happen(Event::GivenUp, |half| note_request(half, Event::GivenUp, "the VMM was stopped")).await;
        stage.is_unreleased()
    }

    /// Somebody wants the VMM's end, so that is why it ends.
    pub(super) fn note_end_ordered(&mut self) {
        self.remark(|entry| {
            if let Some(half) = entry.migration.as_mut().filter(|half| !half.stage.is_final()) {
                half.by_request = true;
            }
        });
    }

    /// Takes what whoever does the work has to say.
    pub(super) async fn hear_news(&mut self, news: Option<News>) {
        match news {
            Some(News::Failed(why)) => self.happen(Event::CopyFailed, |half| half.detail = Some(why)).await,
            Some(News::Progress(progress)) => self.hear_progress(progress).await,
            Some(News::Sent(durable)) => self.hand_off(durable).await,
            Some(News::RunsThere { pause }) => self.settle(pause).await,
            Some(News::TakenBack) => self.happen(Event::TakenBack, |_| {}).await,
            Some(News::Waiting) => {
                let address = self.shared.tunnel.address().to_owned();
                self.remark_half(|half| half.address = Some(address));
            }
            Some(News::Began) => self.remark_half(|half| half.phase = MigrationPhase::CopyingMemory),
            Some(News::Arrived(noted)) => {
                self.happen(Event::Arrived, |half| half.phase = MigrationPhase::SwitchingOver).await;
                if matches!(self.entry.moving(), Some(Stage::Holding | Stage::Released)) {
                    let _told = noted.send(());
                }
                if self.entry.moving() == Some(Stage::Holding) {
                    // The source writes down that it hands off, meanwhile.
                    self.write_ahead(Stage::Released).await;
                }
            }
            Some(News::HandedOff(running)) => self.take_over(running).await,
            None => {
                // It has said all it had to say, unless it broke down.
                self.moving = None;
                let why = || Some("whoever did the copy broke down".to_owned());
                self.happen(Event::CopyFailed, |half| half.detail = half.detail.take().or_else(why)).await;
            }
        }
    }

    /// The VMM's machine is held again, or its end was found, after the agent was away.
    pub(super) async fn go_on_moving(&mut self) {
        let held_or_over = self.machine.is_some() || self.entry.phase == Phase::Ended;
        if self.entry.migration.is_some() && held_or_over && self.moving.is_none() {
            let why = "the agent was away, and the streams were cut";
            self.happen(Event::AgentWasAway, |half| {
                // Where this agent is reached is told when its hypervisor is ready.
                half.address = None;
                if half.stage == Stage::TakingBack {
                    half.detail = half.detail.take().or_else(|| Some(why.to_owned()));
                }
            })
            .await;
        }
    }

    /// Applies an event: gate, ledger, report, effects. One that means nothing now changes nothing.
    pub(super) fn happen<'a>(
        &'a mut self,
        event: Event,
        change: impl FnOnce(&mut Half) + Send + 'a,
    ) -> Done<'a> {
        Box::pin(async move {
            let Some(half) = &self.entry.migration else { return };
            let Ok(step) = step(half.stage, event) else { return };
            let (before, mut half) = (half.stage, half.clone());
            half.stage = step.stage;
            change(&mut half);
            if step.stage == Stage::TakingBack {
                half.phase = MigrationPhase::Cancelling;
            }
            let mut entry = self.entry.clone();
            entry.migration = Some(half);
            if entry.migration != self.entry.migration {
                entry.count_change();
                // That the guest is here costs no time while it is paused: a restarted agent sees it again.
                let written = match step.stage {
                    Stage::Holding => {
                        self.entry = entry.clone();
                        self.unsaved = true;
                        Ok(())
                    }
                    Stage::Released => self.put_expected(entry.clone()).await,
                    _ => {
                        self.forget_ahead().await;
                        self.write(entry.clone(), Work::Standing).await
                    }
                };
                if let Err(error) = written {
                    warn!(self.log, "a step of the migration isn't written"; "error" => %error);
                    if step.stage == Stage::Released {
                        // The source asks again.
                        return;
                    }
                    self.entry = entry;
                    self.unsaved = true;
                }
                self.publish();
                info!(self.log, "migration"; "from" => ?before, "event" => ?event, "to" => ?step.stage);
            }
            for effect in step.effects {
                self.perform_move(*effect).await;
            }
        })
    }

    fn perform_move(&mut self, effect: Effect) -> Done<'_> {
        Box::pin(async move {
            match effect {
                Effect::Cut => self.moving = None,
                // A restart that found it handed off would end a guest that had gone on here.
                Effect::TakeBack if self.hand_off_unknown => {
                    warn!(self.log, "the guest is kept paused until it is written that it stays");
                }
                Effect::TakeBack => self.begin_to_take_back(),
                Effect::Tell => self.begin_to_tell(),
                Effect::Listen => self.listen(true),
                Effect::Release => self.release_guest().await,
                Effect::AdoptDisks => self.adopt_disks().await,
                Effect::Kill => self.end_process().await,
            }
        })
    }

    /// Ends the VMM's process, if it has, or may have, one.
    pub(super) async fn end_process(&mut self) {
        let event = machine::Event::KillAsked;
        if machine::step(self.entry.phase, event).is_ok() && self.entry.phase != Phase::Killing {
            drop(self.apply(event, Exit::default(), |_| {}).await);
        }
    }

    /// The guest is ours and doesn't run yet.
    pub(super) fn release_due(&self) -> bool {
        self.entry.moving() == Some(Stage::Released) && self.machine.is_some()
    }

    /// The guest stays here, and nobody brings it back.
    pub(super) fn take_back_due(&self) -> bool {
        let waits = self.entry.moving() == Some(Stage::TakingBack) && self.machine.is_some();
        waits && self.moving.is_none() && !self.hand_off_unknown
    }

    pub(super) async fn release_guest(&mut self) {
        let Some(migrator) = self.migrator() else { return };
        match tokio::time::timeout(RELEASE_TIMEOUT, migrator.release()).await {
            Ok(Ok(())) => {
                self.tell_that_it_goes_on();
                self.happen(Event::GuestRuns, |_| {}).await;
            }
            Ok(Err(error)) => warn!(self.log, "the guest doesn't go on yet"; "error" => %error),
            Err(_elapsed) => warn!(self.log, "the guest doesn't go on yet: no answer"),
        }
    }

    pub(super) fn migrator(&self) -> Option<std::sync::Arc<dyn Migrator>> {
        self.machine.as_ref().map(|machine| machine.migrator())
    }

    /// The end of a target whose guest isn't here yet.
    pub(super) fn coming(&self) -> Option<Half> {
        self.entry.migration.clone().filter(|half| half.stage == Stage::Awaiting)
    }

    /// A target's process is there: the source may come.
    pub(super) fn await_guest(&mut self) {
        if self.entry.moving() == Some(Stage::Awaiting) && self.entry.phase == Phase::Started {
            self.listen(false);
        }
    }

    /// The machine says so. Of a target it is what its release led to.
    pub(super) async fn guest_runs_here(&mut self) {
        if self.entry.moving().is_some_and(|stage| stage.role() == MigrationRole::Target) {
            self.happen(Event::GuestRuns, |_| {}).await;
        }
    }

    /// A target begins by itself: nobody asks it to run.
    pub(super) async fn begin_as_target(&mut self) {
        if self.entry.moving() != Some(Stage::Awaiting) || self.entry.phase != Phase::Registered {
            return;
        }
        if let Err(error) = self.apply(machine::Event::RunAsked, Exit::default(), |_| {}).await {
            let why = full(&error).to_string();
            self.remark_half(|half| half.detail = Some(why));
            drop(self.apply(machine::Event::KillAsked, Exit::default(), |_| {}).await);
        }
    }

    /// What is left to be said to the other end once the process is gone.
    pub(super) fn outlives_its_process(&self) -> bool {
        let stage = self.entry.migration.as_ref().map(|half| half.stage);
        matches!(stage, Some(Stage::HandedOff | Stage::Settled | Stage::Released | Stage::Resumed))
    }

    pub(super) fn remark_half(&mut self, change: impl FnOnce(&mut Half)) {
        self.remark(|entry| {
            if let Some(half) = entry.migration.as_mut() {
                change(half);
            }
        });
    }

    fn refusal_of_order(&self, denial: Denial, what: &str) -> String {
        let vmm = self.entry.vmm;
        match (denial, &self.entry.migration) {
            (Denial::WrongMigration, Some(half)) => format!(
                "{what}: VMM {vmm} is the {} of migration {}, which is {}; wait for its end, or cancel it",
                half.role(),
                half.migration,
                half.report().half
            ),
            (Denial::WrongMigration, None) => format!("{what}: VMM {vmm} takes no part in it"),
            (Denial::NotRegistered, _) => format!("{what}: VMM {vmm} isn't registered on this sled yet"),
            (_, Some(half)) => format!(
                "{what}: VMM {vmm} is {}, its half is {} and {}; read its report",
                self.entry.state(),
                half.report().half,
                half.report().phase
            ),
            (_, None) => {
                format!("{what}: VMM {vmm} is {}; only a running guest can migrate", self.entry.state())
            }
        }
    }
}

fn put_words(ordered: Ordered, migration: berth_common::ids::MigrationUuid) -> String {
    let verb = match ordered {
        Ordered::Send => "begun",
        Ordered::Cancel => "cancelled",
        Ordered::Resume => "resumed",
    };
    format!("migration {migration} can't be {verb} here")
}

fn note_request(half: &mut Half, event: Event, why: &str) {
    if event == Event::GivenUp {
        half.by_request = true;
        half.detail = Some(why.to_owned());
    }
}
