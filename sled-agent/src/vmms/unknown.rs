//! Ends of VMMs that the ledger has no entry of: the tombstone, and a look whether something of them runs all the same.

use std::time::Duration;

use berth_common::Generation;
use berth_common::ids::VmmUuid;
use berth_common::vmm::{EndedBy, VmmState};
use berth_sled_agent_api::report::VmmReport;
use tokio::time::timeout;

use super::admission::Named;
use super::manager::{Manager, Unserved};
use super::notice;
use super::task::full;
use crate::hypervisor::{Adopted, LaunchError, MachineEvent};
use crate::ledger::entry::{Ending, GENERATION_WITHOUT_HISTORY};
use crate::ledger::past::{Record, Tombstone};
use crate::ledger::{now_s, off_thread};

/// How long a machine without an entry may take to be found and to die.
const UNKNOWN_TIMEOUT: Duration = Duration::from_secs(6);

impl Manager {
    /// Makes sure that a tombstone is on disk. Returns whether this made it.
    pub(super) async fn bury_unless_buried(&self, named: Named) -> Result<bool, Unserved> {
        if self.shared.past().tombstone(named.vmm).is_some() {
            return Ok(false);
        }
        let known = self.shared.reports.get(named.vmm);
        let tombstone = Tombstone {
            vmm: named.vmm,
            instance: named.instance,
            epoch: named.epoch,
            generation: known
                .map_or(Generation::from(GENERATION_WITHOUT_HISTORY), |report| report.generation),
            ended: None,
            at_s: now_s(),
        };
        self.bury(tombstone).await?;
        Ok(true)
    }

    async fn bury(&self, tombstone: Tombstone) -> Result<(), Unserved> {
        let record = Record::Tombstone(tombstone);
        let written = record.clone();
        off_thread(&self.shared.ledger, move |ledger| ledger.bury(&written))
            .await
            .map_err(|error| full(&error))?;
        self.shared.past().take(record);
        Ok(())
    }

    /// What is told of a VMM that isn't here; something of it that runs all the same is ended first.
    pub(super) async fn end_unknown(&self, vmm: VmmUuid) -> Result<VmmReport, Unserved> {
        let tombstone = self.shared.past().tombstone(vmm).cloned();
        let Some(tombstone) = tombstone else {
            return Err(Unserved::Unavailable(format!("VMM {vmm} has no tombstone yet; ask again")));
        };
        if tombstone.ended.is_some() {
            return Ok(notice::of_tombstone(&tombstone));
        }
        let unsure = |why: String| {
            Unserved::Unavailable(format!(
                "it isn't certain yet that nothing of VMM {vmm} runs: {why}; ask again"
            ))
        };
        let ending = match timeout(UNKNOWN_TIMEOUT, self.end_leftover(vmm)).await {
            Ok(Ok(ending)) => ending,
            Ok(Err(error)) => return Err(unsure(error.to_string())),
            Err(_elapsed) => return Err(unsure(format!("no end within {} s", UNKNOWN_TIMEOUT.as_secs()))),
        };
        let tombstone = Tombstone { ended: Some(ending), ..tombstone };
        self.bury(tombstone.clone()).await?;
        Ok(notice::of_tombstone(&tombstone))
    }

    async fn end_leftover(&self, vmm: VmmUuid) -> Result<Ending, LaunchError> {
        let ending = match self.shared.hypervisor.adopt(vmm).await? {
            Adopted::Nothing => Ending { state: VmmState::Destroyed, ended_by: EndedBy::NeverStarted },
            Adopted::Ended(record) => notice::ending_of(record.ended_by),
            Adopted::Running { mut machine, .. } => {
                let mut events = machine.events();
                machine.kill().await?;
                loop {
                    match events.recv().await {
                        Some(MachineEvent::Ended(record)) => break notice::ending_of(record.ended_by),
                        Some(_) => {}
                        None => return Err(LaunchError("what held it went away".to_string())),
                    }
                }
            }
        };
        self.shared.hypervisor.forget(vmm).await?;
        Ok(ending)
    }
}
