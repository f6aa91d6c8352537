//! How a VMM's task serves requests.

use std::time::Duration;

use berth_common::ids::RequestUuid;
use berth_common::refusal::Denial;
use berth_sled_agent_api::vmm::{Admitted, Denied, VmmAnswer};

use super::admission::denied;
use super::machine::{Event, Phase};
use super::reboot::Leg;
use super::requests::{Asked, Decision, decide};
use super::task::{Command, Exit, Reply, Task, full};
use crate::host;
use crate::ledger::entry::StopOrder;

impl Task {
    pub(super) async fn serve(&mut self, command: Command) {
        match command {
            Command::Ensure { request, spec, incoming, reply } => {
                let same_spec =
                    self.entry.spec.as_ref() == Some(&*spec) && self.entry.is_target_of(incoming.as_ref());
                match self.decide(Asked::Ensure { same_spec }, request) {
                    Decision::Join => self.joined.push((request, reply)),
                    decision => self.answer(decision, reply),
                }
            }
            Command::Run { request, reply } => self.serve_run(request, reply).await,
            Command::Stop { request, grace, reply } => self.serve_stop(request, grace, reply).await,
            Command::End { reply } => {
                self.awaiting_end.push(reply);
                self.note_end_ordered();
                if let Decision::Do(event) = decide(self.entry.phase, Asked::End, None) {
                    // A kill isn't refused: what can't be written now is written later.
                    drop(self.apply(event, Exit::default(), |_| {}).await);
                }
                self.tell_end();
            }
            Command::Reboot { request, order, reply } => self.serve_reboot(request, *order, reply).await,
            Command::Migration { request, put, reply } => self.serve_migration(request, *put, reply).await,
            Command::HostLook { reply } => drop(reply.send(self.look_for_host())),
            Command::HostStop { order, reply } => self.serve_host_stop(order, reply).await,
            Command::Forget => self.forget().await,
        }
    }

    pub(super) fn decide(&self, asked: Asked, request: RequestUuid) -> Decision {
        let decision = decide(self.entry.phase, asked, self.entry.seen(request));
        let begins = Decision::begins_something;
        if begins(&decision) && self.shared.is_shutting_down() {
            return Decision::Deny(Denial::ShuttingDown);
        }
        decision
    }

    async fn serve_run(&mut self, request: RequestUuid, reply: Reply) {
        let decision = self.decide(Asked::Run, request);
        if let Decision::Do(event) = decision {
            let remember =
                |entry: &mut crate::ledger::entry::Entry| entry.remember(request, Admitted::Accepted);
            if let Err(error) = self.apply(event, Exit::default(), remember).await {
                drop(reply.send(Err(full(&error))));
                return;
            }
        }
        self.answer(decision, reply);
    }

    async fn serve_stop(&mut self, request: RequestUuid, grace: Duration, reply: Reply) {
        let grace_ms = u64::try_from(grace.as_millis()).unwrap_or(u64::MAX);
        let deadline_ms = host::boottime_ms().saturating_add(grace_ms);
        let order = self.earlier(StopOrder { boot: self.shared.boot, deadline_ms });
        let shortens =
            self.entry.stop.is_none_or(|standing| self.remaining(order) < self.remaining(standing));
        let decision = self.decide(Asked::Stop { shortens }, request);
        if matches!(decision, Decision::Do(_)) && self.stop_moving().await {
            // A guest that isn't here has no button to be pressed: its process is ended already.
            self.remark(|entry| entry.remember(request, Admitted::Accepted));
            return self.answer(decision, reply);
        }
        if let Decision::Do(event) = decision {
            let change = |entry: &mut crate::ledger::entry::Entry| {
                entry.stop = Some(order);
                entry.remember(request, Admitted::Accepted);
            };
            // A stop isn't refused: it is kept by the shim even if the ledger can't be written.
            drop(self.apply(event, Exit::default(), change).await);
        }
        self.answer(decision, reply);
    }

    /// A soft reboot that the stop wins over has told the shim its own deadline, which only gets shorter.
    pub(super) fn earlier(&self, order: StopOrder) -> StopOrder {
        let told = match self.entry.phase {
            Phase::Reboot(Leg::ShuttingDown) => self.entry.deadline(),
            _ => None,
        };
        told.filter(|told| self.remaining(*told) < self.remaining(order)).unwrap_or(order)
    }

    pub(super) fn answer(&self, decision: Decision, reply: Reply) {
        let admitted = match decision {
            Decision::Do(_) => Admitted::Accepted,
            Decision::Already | Decision::Join | Decision::Renumber => Admitted::Already,
            Decision::Recorded(admitted) => admitted,
            Decision::Deny(denial) => {
                drop(reply.send(Err(self.refusal(denial))));
                return;
            }
        };
        // Whoever asked may have left: that changes nothing.
        drop(reply.send(Ok(VmmAnswer { admitted, vmm: self.report() })));
    }

    fn refusal(&self, denial: Denial) -> Denied {
        let vmm = self.entry.vmm;
        let message = match denial {
            Denial::SpecMismatch => {
                format!(
                    "VMM {vmm} is registered with another specification; an id stands for one machine, and a reboot \
                     keeps its cores and memory: use a new one"
                )
            }
            Denial::NotRegistered => {
                format!("VMM {vmm} is still being prepared; wait for its registration to be answered")
            }
            Denial::ShuttingDown => {
                format!("VMM {vmm}'s host is being shut down; place the instance on another sled")
            }
            Denial::Rebooting => {
                let reboot = self.entry.reboot.as_ref().map(|reboot| {
                    format!("reboot {} is {} and {}", reboot.reboot_gen, reboot.kind, reboot.phase)
                });
                format!(
                    "VMM {vmm} is being rebooted: {}; wait for it, or ask for a hard reboot, which takes over",
                    reboot.unwrap_or_default()
                )
            }
            _ => format!(
                "VMM {vmm} is {}, which doesn't allow this; a VMM runs once: start the instance anew",
                self.entry.state()
            ),
        };
        denied(denial, message)
    }

    /// The preparation is over: everybody who waited for it learns how it went.
    pub(super) async fn prepared(&mut self, result: Result<(), Denied>) {
        let joined = std::mem::take(&mut self.joined);
        match result {
            Ok(()) => {
                let first = joined.first().map(|(request, _)| *request);
                let remember = |entry: &mut crate::ledger::entry::Entry| {
                    if let Some(first) = first {
                        entry.remember(first, Admitted::Accepted);
                    }
                };
                drop(self.apply(Event::Prepared, Exit::default(), remember).await);
                self.begin_as_target().await;
                for (request, reply) in joined {
                    let admitted =
                        if Some(request) == first { Admitted::Accepted } else { Admitted::Already };
                    self.answer(Decision::Recorded(admitted), reply);
                }
            }
            Err(denied) => {
                drop(self.apply(Event::PreparationFailed, Exit::default(), |_| {}).await);
                for (_, reply) in joined {
                    drop(reply.send(Err(denied.clone())));
                }
                self.refuse_queued(&denied);
            }
        }
    }

    /// Answers what was queued behind a registration that came to nothing.
    pub(super) fn refuse_queued(&mut self, denied: &Denied) {
        self.commands.close();
        while let Ok(command) = self.commands.try_recv() {
            match command {
                Command::Ensure { reply, .. }
                | Command::Run { reply, .. }
                | Command::Stop { reply, .. }
                | Command::Migration { reply, .. }
                | Command::Reboot { reply, .. } => {
                    drop(reply.send(Err(denied.clone())));
                }
                // The manager answers out of the tombstone.
                Command::End { .. }
                | Command::Forget
                | Command::HostLook { .. }
                | Command::HostStop { .. } => {}
            }
        }
    }

    /// Tells everybody who waits for the end that it has come.
    pub(super) fn tell_end(&mut self) {
        if self.entry.phase.is_final() {
            for reply in std::mem::take(&mut self.awaiting_end) {
                drop(reply.send(self.report()));
            }
            self.tell_host();
        }
    }
}
