//! The manager's part of migrations: orders on their way to a VMM's task, and what a target's disks must not be.

use berth_common::ids::{DiskUuid, VmmUuid};
use berth_common::refusal::Denial;
use berth_sled_agent_api::migration::MigrationPut;
use berth_sled_agent_api::spec::VmmSpec;
use berth_sled_agent_api::vmm::{Denied, VmmAnswer};
use tokio::sync::oneshot;

use super::admission::denied;
use super::manager::{Inner, Manager, Unserved};
use super::task::Command;

impl Manager {
    /// Orders something of one end of a migration.
    pub async fn put_migration(&self, vmm: VmmUuid, body: MigrationPut) -> Result<VmmAnswer, Unserved> {
        self.addressee.check(body.envelope.cluster, body.envelope.ledger)?;
        loop {
            let (reply, answer) = oneshot::channel();
            let put = Box::new(body.clone());
            let command = Command::Migration { request: body.envelope.request, put, reply };
            self.send(vmm, &body.envelope, command)?;
            if let Ok(answer) = answer.await {
                return Ok(answer?);
            }
            tokio::task::yield_now().await;
        }
    }

    /// A copy is never made over a disk that is in use here.
    pub(super) fn check_copies(
        &self,
        inner: &Inner,
        copied: &[DiskUuid],
        spec: &VmmSpec,
    ) -> Result<(), Denied> {
        for disk in spec.disks.iter().filter(|disk| copied.contains(&disk.disk)) {
            let user = inner
                .vmms
                .iter()
                .find(|(vmm, handle)| handle.parts.has_disk(disk.file()) && !self.is_over(**vmm));
            if let Some((vmm, _)) = user {
                let message = format!(
                    "disk {} is in use by VMM {vmm} on this very sled; a migration leads to another",
                    disk.disk
                );
                return Err(denied(Denial::SpecMismatch, message));
            }
        }
        Ok(())
    }
}
