//! What a VMM's task does: launch, stop, kill, give back, forget; and what it hears from the machine.

use std::future::Future;
use std::time::Duration;

use berth_common::vmm::EndedBy;
use futures::FutureExt;
use slog::{error, info, warn};
use tokio::time::timeout;

use super::machine::{Effect, Event, Phase};
use super::prepare::prepare;
use super::reboot::Leg;
use super::room::size_of;
use super::task::{Exit, Task, Worked};
use super::{admission, notice};
use crate::hypervisor::{LaunchError, Machine, MachineEvent};
use crate::ledger::entry::Ending;
use crate::ledger::now_s;
use crate::ledger::off_thread;
use crate::ledger::past::{Record, Tombstone};

/// How long a machine may take to accept an order before the order is tried again.
const ORDER_TIMEOUT: Duration = Duration::from_secs(3);

impl Task {
    pub(super) async fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::AbandonPreparation => {
                self.work = None;
                let denied = admission::denied(
                    berth_common::refusal::Denial::WrongState,
                    format!(
                        "VMM {} was ended while it was being prepared; start the instance anew",
                        self.entry.vmm
                    ),
                );
                for (_, reply) in std::mem::take(&mut self.joined) {
                    drop(reply.send(Err(denied.clone())));
                }
            }
            Effect::Launch => self.begin_launch(),
            Effect::Stop => self.order_stop().await,
            Effect::Kill => self.order_kill().await,
            Effect::Release => self.release().await,
        }
    }

    pub(super) fn begin_preparation(&mut self) {
        let (shared, vmm, spec) = (self.shared.clone(), self.entry.vmm, self.entry.spec.clone());
        let coming = self.coming();
        let preparation = async move {
            let Some(spec) = spec else { return Worked::Prepared(Ok(())) };
            Worked::Prepared(prepare(&shared, vmm, &spec, 0, coming.as_ref()).await.map(|_launch| ()))
        };
        self.work = Some(preparation.boxed());
    }

    pub(super) fn begin_launch(&mut self) {
        let (shared, vmm, run) = (self.shared.clone(), self.entry.vmm, self.entry.run);
        let spec = self.entry.spec.clone();
        let former_nics = self.entry.former_nics.clone();
        let coming = self.coming();
        let launch = async move {
            // What stays is taken away when the VMM ends.
            if let Err(error) = shared.network.release_taps(vmm, &former_nics).await {
                warn!(shared.log, "a tap is left behind for now"; "vmm" => %vmm, "error" => %error);
            }
            let Some(spec) = spec else {
                return Worked::Launched(Err("its specification is lost".to_string()));
            };
            let launch = match prepare(&shared, vmm, &spec, run, coming.as_ref()).await {
                Ok(launch) => launch,
                Err(denied) => return Worked::Launched(Err(denied.to_string())),
            };
            Worked::Launched(shared.hypervisor.launch(&launch).await.map_err(|error| error.to_string()))
        };
        self.work = Some(launch.boxed());
    }

    /// Its guest is down for a reboot: the next run is written down, then begun.
    pub(super) async fn begin_again(&mut self) {
        if self.shared.is_shutting_down() {
            return self.go_with_host().await;
        }
        let next = self.entry.reboot.as_ref().and_then(|reboot| reboot.next_spec.as_ref());
        let spec = next.or(self.entry.spec.as_ref());
        if self.reservation.is_none()
            && let Some(spec) = spec
        {
            // An entry that was salvaged had none: only now it is known how much it takes.
            self.reservation = Some(self.shared.room.reserve_anyway(size_of(spec)));
        }
        drop(self.apply(Event::BeginAgain, Exit::default(), |_| {}).await);
    }

    pub(super) async fn launched(&mut self, result: Result<Box<dyn Machine>, String>) {
        match result {
            Ok(machine) => {
                self.hold(machine);
                drop(self.apply(Event::Launched, Exit::default(), |_| {}).await);
                self.await_guest();
            }
            Err(reason) => {
                warn!(self.log, "the launch failed"; "reason" => &reason);
                let rebooting = matches!(self.entry.phase, Phase::Reboot(_));
                let words = if rebooting {
                    format!("its guest went down for a reboot and can't be started again: {reason}")
                } else {
                    reason
                };
                let exit = Exit { ending: None, detail: Some(words) };
                drop(self.apply(Event::LaunchFailed, exit, |_| {}).await);
            }
        }
    }

    pub(super) fn hold(&mut self, mut machine: Box<dyn Machine>) {
        self.events = Some(machine.events());
        self.machine = Some(machine);
    }

    pub(super) fn let_go(&mut self) {
        self.events = None;
        self.machine = None;
    }

    pub(super) async fn hear(&mut self, event: MachineEvent) {
        match event {
            MachineEvent::Running => {
                drop(self.apply(Event::GuestRunning, Exit::default(), |_| {}).await);
                self.guest_runs_here().await;
            }
            MachineEvent::Ladder(words) => self.remark(|entry| entry.detail = Some(words)),
            MachineEvent::Unresponsive(unresponsive) => {
                self.remark(|entry| entry.unresponsive = unresponsive);
            }
            MachineEvent::Stuck => {
                error!(self.log, "the hypervisor process can't be killed");
                self.remark(|entry| {
                    entry.stuck = true;
                    entry.detail =
                        Some("its hypervisor process doesn't end, not even by SIGKILL".to_string());
                });
            }
            MachineEvent::Ended(record) => {
                self.let_go();
                self.order_failed = false;
                let exit = Exit {
                    ending: Some(notice::ending_of(record.ended_by)),
                    detail: notice::detail_of(&record),
                };
                drop(self.apply(Event::Exited, exit, |_| {}).await);
            }
        }
    }

    pub(super) async fn order_stop(&mut self) {
        let Some(order) = self.entry.deadline() else { return };
        let remaining = self.remaining(order);
        let Some(machine) = &self.machine else { return self.order_missed("there is no machine to stop") };
        let taken = in_time(machine.stop(remaining)).await;
        self.note_order(taken);
    }

    pub(super) async fn order_kill(&mut self) {
        let Some(machine) = &self.machine else { return self.order_missed("there is no machine to kill") };
        let taken = in_time(machine.kill()).await;
        self.note_order(taken);
    }

    fn note_order(&mut self, taken: Result<(), LaunchError>) {
        match taken {
            Ok(()) => self.order_failed = false,
            Err(error) => self.order_missed(&error.to_string()),
        }
    }

    fn order_missed(&mut self, why: &str) {
        if !self.order_failed {
            warn!(self.log, "the machine didn't take an order: it is given again until it does"; "why" => why);
        }
        self.order_failed = true;
        self.to_recover |= self.machine.is_none();
    }

    /// What failed is tried again.
    pub(super) async fn retry(&mut self) {
        if self.to_recover {
            self.recover().await;
        }
        if self.order_failed {
            match self.entry.phase {
                Phase::Stopping | Phase::Reboot(Leg::ShuttingDown) => self.order_stop().await,
                Phase::Killing | Phase::Reboot(Leg::Killing) => self.order_kill().await,
                _ => self.order_failed = false,
            }
        }
        if self.release_due() {
            self.release_guest().await;
        }
        if self.disks_to_adopt {
            self.adopt_disks().await;
        }
        if self.entry.phase == Phase::Ended && !self.entry.released {
            self.release().await;
            self.unsaved |= self.entry.released;
        }
        self.save_what_is_unsaved().await;
        if self.take_back_due() {
            self.begin_to_take_back();
        }
    }

    /// Gives back room and taps. What can't be given back now is tried again.
    pub(super) async fn release(&mut self) {
        self.reservation = None;
        self.forget_ahead().await;
        self.moving = self.moving.take().filter(|_| self.outlives_its_process());
        let settled = self.settle_disks().await;
        match self.shared.network.release_taps(self.entry.vmm, &self.taps()).await {
            Ok(()) => self.entry.released = settled,
            Err(error) => warn!(self.log, "a tap is left behind for now"; "error" => %error),
        }
    }

    fn taps(&self) -> Vec<berth_common::ids::NicUuid> {
        let nics = self.entry.spec.iter().flat_map(|spec| &spec.nics).map(|nic| nic.nic);
        nics.chain(self.entry.former_nics.iter().copied()).collect()
    }

    /// As if it had never been asked for.
    pub(super) async fn withdraw(&mut self) {
        self.work = None;
        self.release().await;
        let entry = self.entry.clone();
        if let Err(error) = off_thread(&self.shared.ledger, move |ledger| ledger.remove(&entry)).await {
            // Found again at the next start, and withdrawn then.
            warn!(self.log, "an entry is left behind"; "error" => %error);
        }
        self.entry.phase = Phase::Withdrawn;
        self.gone = true;
    }

    /// Nexus has recorded the end: the entry goes, the tombstone stays.
    pub(super) async fn forget(&mut self) {
        let Some(ended) = self.entry.ended.filter(|_| self.entry.phase == Phase::Ended) else {
            warn!(self.log, "told to forget what hasn't ended: kept"; "phase" => ?self.entry.phase);
            return;
        };
        if let Err(error) = self.bury(Some(ended)).await {
            warn!(self.log, "its tombstone can't be written: not forgotten yet"; "error" => %error);
            return;
        }
        let log_file = self.shared.hypervisor.serial_log(self.entry.vmm);
        self.shared.serial.keep(self.entry.vmm, log_file).await;
        if let Err(error) = self.shared.hypervisor.forget(self.entry.vmm).await {
            warn!(self.log, "something of it is left behind"; "error" => %error);
            return;
        }
        let entry = self.entry.clone();
        if let Err(error) = off_thread(&self.shared.ledger, move |ledger| ledger.remove(&entry)).await {
            warn!(self.log, "its entry can't be removed: not forgotten yet"; "error" => %error);
            return;
        }
        self.shared.reports.remove(self.entry.vmm);
        info!(self.log, "forgotten");
        self.gone = true;
    }

    async fn bury(&mut self, ended: Option<Ending>) -> Result<(), crate::ledger::WriteError> {
        let tombstone = Tombstone {
            vmm: self.entry.vmm,
            instance: self.entry.instance,
            epoch: self.entry.epoch,
            generation: self.entry.generation,
            ended,
            at_s: now_s(),
        };
        let record = Record::Tombstone(tombstone);
        let written = record.clone();
        off_thread(&self.shared.ledger, move |ledger| ledger.bury(&written)).await?;
        self.shared.past().take(record);
        Ok(())
    }

    /// An exit without a record.
    pub(super) fn exit_without_record(ended_by: EndedBy, detail: &str) -> Exit {
        Exit { ending: Some(notice::ending_of(ended_by)), detail: Some(detail.to_string()) }
    }
}

async fn in_time(order: impl Future<Output = Result<(), LaunchError>>) -> Result<(), LaunchError> {
    match timeout(ORDER_TIMEOUT, order).await {
        Ok(taken) => taken,
        Err(_elapsed) => Err(LaunchError(format!("no answer within {} s", ORDER_TIMEOUT.as_secs()))),
    }
}
