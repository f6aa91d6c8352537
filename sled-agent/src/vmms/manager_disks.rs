//! The manager's part of deleting disks: never one that a VMM here has.

use berth_common::ids::{DiskUuid, PoolUuid};
use berth_common::refusal::Denial;
use berth_sled_agent_api::disk::{DiskAnswer, DiskDeleteQuery};

use super::admission::denied;
use super::manager::{Manager, Unserved};

impl Manager {
    /// Deletes a disk for ever, known or not.
    pub async fn delete_disk(
        &self,
        pool: PoolUuid,
        disk: DiskUuid,
        query: &DiskDeleteQuery,
    ) -> Result<DiskAnswer, Unserved> {
        self.addressee.check(query.cluster, query.ledger)?;
        if self.has_disk(disk) {
            let message = format!("disk {disk} is attached to a VMM that runs here; stop the VMM first");
            return Err(denied(Denial::WrongState, message).into());
        }
        let progress = self.shared.storage.delete_disk(pool, disk).await?;
        Ok(DiskAnswer { disk, progress })
    }
}
