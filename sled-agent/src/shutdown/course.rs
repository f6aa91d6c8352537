//! The course of one shutdown: priority after priority, all inside one deadline. What each gets is decided in
//! [`super::share`]; how each goes is its own task's and shim's.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use berth_common::ids::VmmUuid;
use futures::StreamExt;
use futures::future::{BoxFuture, FutureExt};
use futures::stream::FuturesUnordered;
use slog::{Logger, info, warn};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::Progress;
use super::share::{LAST_MS, share};
use super::stray::Stray;
use super::table::{How, Row, Stage};
use crate::host;
use crate::vmms::Shared;
use crate::vmms::host_stop::{Care, HostOrder, HostStopped, Looked, Resident};
use crate::vmms::manager::Manager;

/// How long a VMM's task may take to say what it is: after a restart of the agent it finds out first.
const LOOK_PATIENCE: Duration = Duration::from_secs(6);

/// One that is to go.
struct Guest {
    vmm: VmmUuid,
    care: Care,
    /// Set where there is no ledger entry, so no task.
    stray: Option<Stray>,
}

type Going = FuturesUnordered<BoxFuture<'static, (VmmUuid, Option<HostStopped>)>>;

/// A shutdown on its way.
pub(super) struct Course {
    pub shared: Arc<Shared>,
    pub manager: Arc<Manager>,
    /// On `CLOCK_BOOTTIME`, in milliseconds; can only get earlier.
    pub deadline: watch::Receiver<u64>,
    pub progress: watch::Sender<Progress>,
    pub log: Logger,
}

impl Course {
    /// Ends every guest. New work is refused already. What isn't gone when it returns remains.
    pub(super) async fn run(mut self) -> watch::Sender<Progress> {
        let mut turns = self.muster().await;
        let mut going = Going::new();
        while !turns.is_empty() {
            self.turn(&turns, &mut going).await;
            turns.remove(0);
        }
        self.see_off(&mut going).await;
        self.progress.send_modify(|progress| {
            for row in &mut progress.table.rows {
                if matches!(row.stage, Stage::Waiting | Stage::Asked) {
                    row.stage = Stage::Remains;
                }
            }
        });
        let table = self.progress.borrow().table.clone();
        info!(self.log, "the host's guests have gone"; "gone" => table.gone(), "of" => table.rows.len());
        self.progress
    }

    fn left_ms(&self) -> u64 {
        self.deadline.borrow().saturating_sub(host::boottime_ms())
    }

    /// Everything that runs here, by priority, highest first.
    async fn muster(&self) -> Vec<Vec<Guest>> {
        let patience = LOOK_PATIENCE.min(Duration::from_millis(self.left_ms() / 4));
        let residents = self.manager.residents(patience).await;
        let mut known: HashSet<VmmUuid> = residents.iter().map(|resident| resident.vmm).collect();
        let mut guests: Vec<Guest> = residents.into_iter().filter_map(|who| self.receive(who)).collect();
        for stray in Stray::find(&*self.shared.hypervisor, &known, patience).await {
            warn!(self.log, "it runs and has no ledger entry: it goes with the host, without grace";
                "vmm" => %stray.vmm);
            known.insert(stray.vmm);
            self.enter(stray.vmm, None, &Care::default(), Stage::Waiting);
            guests.push(Guest { vmm: stray.vmm, care: Care::default(), stray: Some(stray) });
        }
        self.progress.send_modify(|progress| {
            // Rows of a former agent's part in this shutdown, of VMMs that nexus had it forget since.
            let unseen = Stage::Gone { how: How::Unseen, took_ms: 0 };
            let lost = |row: &&mut Row| !known.contains(&row.vmm) && !matches!(row.stage, Stage::Gone { .. });
            progress.table.rows.iter_mut().filter(lost).for_each(|row| row.stage = unseen);
        });
        guests.sort_by_key(|guest| std::cmp::Reverse(guest.care.priority));
        let mut turns: Vec<Vec<Guest>> = Vec::new();
        for guest in guests {
            match turns.last_mut() {
                Some(turn) if turn[0].care.priority == guest.care.priority => turn.push(guest),
                _ => turns.push(vec![guest]),
            }
        }
        turns
    }

    fn receive(&self, resident: Resident) -> Option<Guest> {
        let Resident { vmm, instance, looked } = resident;
        let care = match looked {
            Some(Looked::Idle) => return None,
            Some(Looked::Went(care, stopped)) => {
                let how = How::of(stopped.rung);
                let known = self
                    .progress
                    .borrow()
                    .table
                    .rows
                    .iter()
                    .any(|row| row.vmm == vmm && matches!(row.stage, Stage::Gone { .. }));
                if !known {
                    self.enter(vmm, Some(instance), &care, Stage::Gone { how, took_ms: 0 });
                }
                return None;
            }
            Some(Looked::Runs(care)) => care,
            None => Care::default(),
        };
        self.enter(vmm, Some(instance), &care, Stage::Waiting);
        Some(Guest { vmm, care, stray: None })
    }

    fn enter(
        &self,
        vmm: VmmUuid,
        instance: Option<berth_common::ids::InstanceUuid>,
        care: &Care,
        stage: Stage,
    ) {
        let row = Row { vmm, instance, name: care.name.clone(), priority: care.priority, stage };
        self.progress.send_modify(|progress| progress.table.put(row));
    }

    /// One priority: asked in parallel, and not waited for any longer than its part of the deadline.
    async fn turn(&mut self, turns: &[Vec<Guest>], going: &mut Going) {
        let Some(turn) = turns.first() else { return };
        let begun_ms = host::boottime_ms();
        for (n, guest) in turn.iter().enumerate() {
            info!(self.log, "goes with the host"; "vmm" => %guest.vmm, "priority" => guest.care.priority,
                "of_turn" => n);
        }
        loop {
            let elapsed_ms = host::boottime_ms().saturating_sub(begun_ms);
            let mut wants: Vec<u64> = turns.iter().map(|turn| longest_grace_ms(turn)).collect();
            wants[0] = wants[0].saturating_sub(elapsed_ms);
            let part = share(self.left_ms(), &wants);
            for guest in turn.iter().filter(|guest| !self.has_gone(guest.vmm)) {
                let own_ms = millis(guest.care.grace).saturating_sub(elapsed_ms);
                let grace = Duration::from_millis(own_ms.min(part.grace_ms));
                self.order(guest, HostOrder::Stop { grace }, begun_ms, going);
            }
            let over = sleep(Duration::from_millis(part.turn_ms));
            tokio::pin!(over);
            loop {
                if turn.iter().all(|guest| self.has_gone(guest.vmm)) {
                    return;
                }
                tokio::select! {
                    Some((vmm, stopped)) = going.next() => self.went(vmm, stopped.as_ref()),
                    () = &mut over => {
                        for guest in turn.iter().filter(|guest| !self.has_gone(guest.vmm)) {
                            warn!(self.log, "its turn is over: killed"; "vmm" => %guest.vmm);
                            self.order(guest, HostOrder::Kill, begun_ms, going);
                        }
                        return;
                    }
                    Ok(()) = self.deadline.changed() => break,
                }
            }
        }
    }

    /// Gives the order, and listens for the end.
    fn order(&self, guest: &Guest, order: HostOrder, begun_ms: u64, going: &Going) {
        let vmm = guest.vmm;
        let asked = self.progress.borrow().asked_ms.contains_key(&vmm);
        if !asked {
            self.progress.send_modify(|progress| {
                progress.asked_ms.insert(vmm, begun_ms);
                if let Some(row) = progress.table.row_mut(vmm) {
                    row.stage = Stage::Asked;
                }
            });
        }
        let stopped = match &guest.stray {
            Some(stray) => stray.order(order),
            None => self.manager.order_with_host(vmm, order),
        };
        going.push(stopped.map(move |stopped| (vmm, stopped.ok())).boxed());
    }

    fn has_gone(&self, vmm: VmmUuid) -> bool {
        let progress = self.progress.borrow();
        progress.table.rows.iter().any(|row| row.vmm == vmm && matches!(row.stage, Stage::Gone { .. }))
    }

    /// `None`: it isn't here any more, and nobody can say how.
    fn went(&self, vmm: VmmUuid, stopped: Option<&HostStopped>) {
        if self.has_gone(vmm) {
            return;
        }
        let how = stopped.map_or(How::Unseen, |stopped| How::of(stopped.rung));
        self.progress.send_modify(|progress| {
            let asked_ms = progress.asked_ms.get(&vmm).copied();
            let took_ms = asked_ms.map_or(0, |asked_ms| host::boottime_ms().saturating_sub(asked_ms));
            if let Some(row) = progress.table.row_mut(vmm) {
                row.stage = Stage::Gone { how, took_ms };
            }
        });
        info!(self.log, "gone with the host"; "vmm" => %vmm, "how" => ?how);
    }

    /// Those that were killed at the end of their turn have the rest of the time to be gone.
    async fn see_off(&self, going: &mut Going) {
        let patience = Duration::from_millis(self.left_ms().max(LAST_MS));
        let all_gone = async {
            while let Some((vmm, stopped)) = going.next().await {
                self.went(vmm, stopped.as_ref());
            }
        };
        if timeout(patience, all_gone).await.is_err() {
            warn!(self.log, "the deadline is over, and something still runs");
        }
    }
}

fn longest_grace_ms(turn: &[Guest]) -> u64 {
    turn.iter().map(|guest| millis(guest.care.grace)).max().unwrap_or(0)
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
