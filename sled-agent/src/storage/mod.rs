//! Storage: pools of disks, and a cache of images.
//!
//! ```text
//! <pool>/.berth-pool                 the pool's id: the same directory is the same pool, wherever it is mounted
//! <pool>/<disk>.raw                  a disk, whole and durable
//! <pool>/<disk>.deleted              a tombstone: this disk is never made again
//! <pool>/.creating-<disk>-<sled>     a disk that this sled is making
//! <pool>/.incoming-<disk>-<migration>  a disk that comes from another sled, see [`incoming`]
//! <state_dir>/images/<sha256>        an image's file, checked
//! ```
//!
//! Invariants:
//! - A `.raw` file is complete: it appears by a rename after its content is synced.
//! - A deleted disk doesn't come back, however late its creation is asked for, from whichever sled.
//! - Another sled's unfinished file is never touched.
//!
//! Not here: which VMM may use a disk (nexus), image locks (QEMU's), snapshots.

mod disk_make;
mod disks;
pub mod images;
pub mod incoming;
mod pool;
mod qcow2;
mod space;

use std::sync::Arc;

use berth_common::ids::{DiskUuid, PoolUuid, RequestUuid, SledUuid};
use berth_common::refusal::Denial;
use berth_common::storage::PoolKind;
use berth_sled_agent_api::disk::{DiskProgress, DiskSource};
use berth_sled_agent_api::sled::PoolOffer;
use berth_sled_agent_api::vmm::Denied;
use camino::Utf8PathBuf;
use slog::Logger;

use self::disks::Disks;
use self::images::Images;
pub use self::pool::{Pool, PoolError};
use crate::config::PoolConfig;
use crate::vmms::admission::denied;

/// A disk's file, as found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundDisk {
    pub path: Utf8PathBuf,
    pub kind: PoolKind,
}

/// All pools of this sled.
#[derive(Debug)]
pub struct Storage {
    pools: Vec<Arc<Pool>>,
    images: Arc<Images>,
    disks: Disks,
}

impl Storage {
    /// Opens every pool, and clears away what this sled left half made.
    pub fn open(
        pools: &[PoolConfig],
        sled: SledUuid,
        images: Arc<Images>,
        log: Logger,
    ) -> Result<Storage, PoolError> {
        let pools = pools
            .iter()
            .map(|config| Pool::open(config, sled).map(Arc::new))
            .collect::<Result<Vec<_>, _>>()?;
        let mut seen: Vec<&Pool> = Vec::new();
        for pool in &pools {
            if let Some(other) = seen.iter().find(|other| other.id == pool.id) {
                return Err(PoolError::Twice {
                    first: other.name.to_string(),
                    second: pool.name.to_string(),
                });
            }
            seen.push(pool);
        }
        Ok(Storage { pools, disks: Disks::new(images.clone(), log), images })
    }

    /// The pools, as they are offered to nexus.
    pub fn offers(&self) -> Vec<PoolOffer> {
        self.pools.iter().map(|pool| pool.offer()).collect()
    }

    /// The image cache.
    pub fn images(&self) -> &Arc<Images> {
        &self.images
    }

    fn pool(&self, id: PoolUuid) -> Result<&Arc<Pool>, Denied> {
        self.pools.iter().find(|pool| pool.id == id).ok_or_else(|| {
            let message = format!("this sled has no pool {id}; ask a sled that has it");
            denied(Denial::PoolUnavailable, message)
        })
    }

    /// Where a disk is, if it is whole and as large as it should be. What came with a guest that nobody knows of, and is
    /// asked for now, is one.
    pub async fn find_disk(
        &self,
        pool: PoolUuid,
        disk: DiskUuid,
        size_bytes: u64,
    ) -> Result<FoundDisk, Denied> {
        let pool = self.pool(pool)?.clone();
        let path = pool.disk_path(disk);
        let here = pool.clone();
        let found = crate::blocking::off_thread(move || here.use_disk(disk)).await;
        match found.unwrap_or_else(|error| Err(std::io::Error::other(error))) {
            Ok(found) if found.len() == size_bytes => Ok(FoundDisk { path, kind: pool.kind }),
            Ok(found) => {
                let message = format!(
                    "disk {disk} in pool {} has {} bytes, {size_bytes} are expected; its file was changed by hand",
                    pool.name,
                    found.len()
                );
                Err(denied(Denial::DiskMissing, message))
            }
            Err(error) => {
                let message = format!(
                    "disk {disk} isn't in pool {} ({error}); is {} mounted, and the disk ready?",
                    pool.name, pool.path
                );
                Err(denied(Denial::DiskMissing, message))
            }
        }
    }

    /// Begins to make a disk, or tells how far it is.
    pub async fn ensure_disk(
        &self,
        pool: PoolUuid,
        disk: DiskUuid,
        request: RequestUuid,
        size_bytes: u64,
        source: DiskSource,
    ) -> Result<DiskProgress, Denied> {
        self.disks.ensure(self.pool(pool)?, disk, request, size_bytes, source).await
    }

    /// Deletes a disk for ever, known or not.
    pub async fn delete_disk(&self, pool: PoolUuid, disk: DiskUuid) -> Result<DiskProgress, Denied> {
        self.disks.delete(self.pool(pool)?, disk).await
    }
}
