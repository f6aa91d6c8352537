//! How a VMM's task serves a reboot: admitted by [`super::requests`], written down whole, then begun.

use berth_common::ids::RequestUuid;
use berth_common::reboot::{RebootKind, RebootPhase};
use berth_common::refusal::Denial;
use berth_sled_agent_api::vmm::{Admitted, RebootOrder};
use slog::{error, info};

use super::machine::{Event, Phase};
use super::reboot::Leg;
use super::requests::{Asked, Decision, RebootAsked};
use super::room::size_of;
use super::task::{Exit, Reply, Task, full};
use crate::host;
use crate::ledger::entry::{Entry, StopOrder};
use crate::ledger::reboot::Reboot;

impl Task {
    pub(super) async fn serve_reboot(&mut self, request: RequestUuid, order: RebootOrder, reply: Reply) {
        let last = self.entry.reboot.as_ref();
        let asked = RebootAsked {
            kind: order.kind,
            is_new: last.is_none_or(|last| order.reboot_gen > last.reboot_gen),
            in_flight: self.entry.rebooting(),
            // Of a salvaged entry nothing is known: what is told now is the truth.
            same_size: self.entry.spec.as_ref().is_none_or(|spec| size_of(spec) == size_of(&order.spec)),
        };
        let decision = match self.decide(Asked::Reboot(asked), request) {
            // Its guest is about to be elsewhere, or isn't here yet.
            Decision::Do(_) | Decision::Renumber if self.entry.moving().is_some() => {
                Decision::Deny(Denial::WrongState)
            }
            decision => decision,
        };
        match decision {
            Decision::Do(event) => {
                info!(self.log, "reboot"; "gen" => %order.reboot_gen, "kind" => %order.kind,
                    "over" => ?asked.in_flight);
                let reboot = self.begun(order);
                let change = |entry: &mut Entry| {
                    entry.reboot = Some(reboot);
                    entry.remember(request, Admitted::Accepted);
                };
                if let Err(error) = self.apply(event, Exit::default(), change).await {
                    drop(reply.send(Err(full(&error))));
                    return;
                }
            }
            Decision::Renumber => self.renumber(request, order).await,
            Decision::Join | Decision::Already | Decision::Recorded(_) | Decision::Deny(_) => {}
        }
        self.answer(decision, reply);
    }

    /// The reboot that an order begins, or that takes over the one in flight.
    fn begun(&self, order: RebootOrder) -> Reboot {
        let deadline_ms = host::boottime_ms().saturating_add(order.grace_ms);
        let deadline = StopOrder { boot: self.shared.boot, deadline_ms };
        let taken_over = self.entry.rebooting().and(self.entry.reboot.as_ref());
        Reboot {
            reboot_gen: order.reboot_gen,
            kind: order.kind,
            phase: RebootPhase::ShuttingDown,
            deadline: (order.kind == RebootKind::Soft).then_some(deadline),
            next_spec: Some(order.spec),
            went_down: taken_over.and_then(|reboot| reboot.went_down),
        }
    }

    /// A second hard reboot while one is in flight is the same one: it gets the later number, and, as long as nothing
    /// was begun by it, the later specification.
    async fn renumber(&mut self, request: RequestUuid, order: RebootOrder) {
        let mut entry = self.entry.clone();
        let begun = entry.phase == Phase::Reboot(Leg::Launching) || entry.phase == Phase::Started;
        if let Some(reboot) = &mut entry.reboot {
            reboot.reboot_gen = order.reboot_gen;
            if !begun {
                reboot.next_spec = Some(order.spec);
            }
        }
        entry.remember(request, Admitted::Already);
        if let Err(error) = self.change(entry, Event::HardRebootAsked).await {
            error!(self.log, "a reboot's later number isn't kept"; "error" => %error);
        }
    }
}
