//! What runs in this agent's folders and has no ledger entry: a host that goes ends it, too, by its shim. At any
//! other time it is only listed.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use berth_common::ids::VmmUuid;
use berth_common::vmm::EndedBy;
use tokio::sync::{oneshot, watch};
use tokio::time::timeout;

use crate::hypervisor::{Adopted, Hypervisor, Machine, MachineEvent};
use crate::vmms::host_stop::{HostOrder, HostStopped};

/// A machine that is held without a task.
pub(super) struct Stray {
    pub vmm: VmmUuid,
    machine: Arc<dyn Machine>,
    ended: watch::Receiver<Option<EndedBy>>,
}

impl Stray {
    /// Finds those that aren't `known`. One that doesn't answer within `patience` delays nobody.
    pub(super) async fn find(
        hypervisor: &dyn Hypervisor,
        known: &HashSet<VmmUuid>,
        patience: Duration,
    ) -> Vec<Stray> {
        let found = match timeout(patience, hypervisor.sweep()).await {
            Ok(Ok(found)) => found,
            Ok(Err(_)) | Err(_) => return Vec::new(),
        };
        let strangers: HashSet<VmmUuid> =
            found.iter().filter_map(|found| found.vmm).filter(|vmm| !known.contains(vmm)).collect();
        let held =
            strangers.into_iter().map(async |vmm| match timeout(patience, hypervisor.adopt(vmm)).await {
                Ok(Ok(Adopted::Running { machine, .. })) => Some(Stray::hold(vmm, machine)),
                Ok(Ok(Adopted::Ended(_) | Adopted::Nothing)) | Ok(Err(_)) | Err(_) => None,
            });
        futures::future::join_all(held).await.into_iter().flatten().collect()
    }

    fn hold(vmm: VmmUuid, mut machine: Box<dyn Machine>) -> Stray {
        let mut events = machine.events();
        let (tell, ended) = watch::channel(None);
        tokio::spawn(async move {
            while let Some(event) = events.recv().await {
                if let MachineEvent::Ended(record) = event {
                    tell.send_replace(Some(record.ended_by));
                }
            }
        });
        Stray { vmm, machine: machine.into(), ended }
    }

    /// As [`crate::vmms::manager::Manager::order_with_host`].
    pub(super) fn order(&self, order: HostOrder) -> oneshot::Receiver<HostStopped> {
        let (reply, stopped) = oneshot::channel();
        let (machine, mut ended) = (self.machine.clone(), self.ended.clone());
        tokio::spawn(async move {
            let given = match order {
                HostOrder::Stop { grace } => machine.stop(grace).await,
                HostOrder::Kill => machine.kill().await,
            };
            // An order that wasn't taken is followed by the kill at the end of the turn.
            drop(given);
            if let Ok(rung) = ended.wait_for(Option::is_some).await
                && let Some(rung) = *rung
            {
                drop(reply.send(HostStopped { rung }));
            }
        });
        stopped
    }
}
