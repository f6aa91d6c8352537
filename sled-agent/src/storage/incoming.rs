//! Files of disks that are being received from another sled.
//!
//! ```text
//! <pool>/.incoming-<disk>-<migration>   not a disk yet: it becomes <disk>.raw when its guest runs here
//! ```
//! Nothing here is ever removed because a migration seems to have come to nothing. The guest may have been handed over
//! all the same, and nobody may have come to say so before this host died: then this is the only whole copy. Which of
//! the two files is the disk, nexus knows, and says it by its deeds: it deletes the file that isn't, and uses the one
//! that is.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind};

use berth_common::ids::{DiskUuid, MigrationUuid, PoolUuid};
use berth_common::refusal::Denial;
use berth_common::storage::PoolKind;
use berth_sled_agent_api::vmm::Denied;
use camino::{Utf8Path, Utf8PathBuf};

use super::pool::Pool;
use super::{FoundDisk, Storage};
use crate::ledger::durable_file::sync_dir;
use crate::vmms::admission::denied;

const INCOMING: &str = ".incoming-";
/// Characters of an id's text.
const ID_LEN: usize = 36;

/// The path that a disk which came under this one has as soon as its guest runs here.
pub fn adopted_path(came_as: &Utf8Path) -> Option<Utf8PathBuf> {
    let disk = came_as.file_name()?.strip_prefix(INCOMING)?.get(..ID_LEN)?;
    Some(came_as.with_file_name(format!("{disk}.raw")))
}

/// What there is for somebody who uses a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// The disk.
    Disk,
    /// What came for it, which is the disk by being used.
    Came,
    /// Nothing that may be used.
    Missing,
    /// More than one file came for it. That is never so: each migration gives a copied disk a new file.
    Ambiguous,
}

/// Decides. `came`: how many files came for it and have no name yet.
pub(super) fn standing(is_there: bool, is_deleted: bool, came: usize) -> Standing {
    match (is_there, is_deleted, came) {
        (_, true, _) | (false, false, 0) => Standing::Missing,
        (true, false, _) => Standing::Disk,
        (false, false, 1) => Standing::Came,
        (false, false, _) => Standing::Ambiguous,
    }
}

/// A disk that comes to a pool of this sled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coming {
    pub pool: PoolUuid,
    pub disk: DiskUuid,
    pub migration: MigrationUuid,
}

impl Pool {
    fn incoming_path(&self, coming: Coming) -> Utf8PathBuf {
        self.path.join(format!("{INCOMING}{}-{}", coming.disk, coming.migration))
    }

    /// Makes room for what comes: as large as it shall be, and empty. One that is there already stays as it is.
    fn make_incoming(&self, coming: Coming, size_bytes: u64) -> io::Result<Utf8PathBuf> {
        let path = self.incoming_path(coming);
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(&path)?;
        if file.metadata()?.len() != size_bytes {
            file.set_len(size_bytes)?;
            file.sync_all()?;
            sync_dir(&self.path)?;
        }
        Ok(path)
    }

    /// What came is the disk now.
    fn adopt(&self, coming: Coming) -> io::Result<()> {
        self.name(&self.incoming_path(coming), coming.disk)
    }

    fn name(&self, came: &Utf8Path, disk: DiskUuid) -> io::Result<()> {
        match fs::rename(came, self.disk_path(disk)) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
            Ok(()) => sync_dir(&self.path)?,
        }
        if self.is_deleted(disk)? { self.remove(disk) } else { Ok(()) }
    }

    /// Files that came for a disk and have no name yet.
    pub(super) fn came(&self, disk: DiskUuid) -> io::Result<Vec<Utf8PathBuf>> {
        let own = format!("{INCOMING}{disk}-");
        let mut came = Vec::new();
        for found in self.path.read_dir_utf8()? {
            let found = found?;
            if found.file_name().starts_with(&own) {
                came.push(found.into_path());
            }
        }
        Ok(came)
    }

    /// A disk's file, for somebody whom nexus has told to use it.
    pub(super) fn use_disk(&self, disk: DiskUuid) -> io::Result<fs::Metadata> {
        let path = self.disk_path(disk);
        let is_there = path.try_exists()?;
        // Looked for only where it is needed: a pool may have many files.
        let came = if is_there { Vec::new() } else { self.came(disk)? };
        match standing(is_there, self.is_deleted(disk)?, came.len()) {
            Standing::Disk => {}
            Standing::Came => came.iter().try_for_each(|came| self.name(came, disk))?,
            Standing::Missing => return Err(ErrorKind::NotFound.into()),
            Standing::Ambiguous => return Err(io::Error::other("more than one migration has left it here")),
        }
        fs::metadata(path)
    }
}

impl Storage {
    /// Where a disk that is to come will be, with a file of its size.
    pub async fn make_incoming(&self, coming: Coming, size_bytes: u64) -> Result<FoundDisk, Denied> {
        let pool = self.pool(coming.pool)?.clone();
        if pool.kind != PoolKind::Local {
            let message = format!(
                "disk {} is in pool {}, which other sleds reach too: it needs no copying",
                coming.disk, pool.name
            );
            return Err(denied(Denial::SpecMismatch, message));
        }
        let here = pool.clone();
        let made = off_runtime(move || {
            if here.is_deleted(coming.disk)? {
                return Err(io::Error::other("it was deleted, for ever"));
            }
            let promised = here.promised_bytes(&std::collections::HashMap::new())?;
            let own = fs::metadata(here.incoming_path(coming)).map_or(0, |found| found.len());
            let free = here.capacity_bytes.saturating_sub(promised.saturating_sub(own));
            if size_bytes > free {
                return Ok(Err(free));
            }
            here.make_incoming(coming, size_bytes).map(Ok)
        });
        match made.await {
            Ok(Ok(path)) => Ok(FoundDisk { path, kind: pool.kind }),
            Ok(Err(free)) => {
                let message = format!(
                    "disk {} needs {size_bytes} bytes, pool {} has {free} of {} left; delete disks, or migrate to \
                     another sled",
                    coming.disk, pool.name, pool.capacity_bytes
                );
                Err(denied(Denial::PoolUnavailable, message))
            }
            Err(error) => {
                let message =
                    format!("disk {} can't be received in pool {}: {error}", coming.disk, pool.name);
                Err(denied(Denial::PoolUnavailable, message))
            }
        }
    }

    /// What came is the disk now.
    pub async fn adopt_incoming(&self, coming: Coming) -> io::Result<()> {
        self.on(coming, move |pool| pool.adopt(coming)).await
    }

    async fn on(
        &self,
        coming: Coming,
        work: impl FnOnce(&Pool) -> io::Result<()> + Send + 'static,
    ) -> io::Result<()> {
        // A pool that isn't configured any more is left as it is.
        let Some(pool) = self.pools.iter().find(|pool| pool.id == coming.pool).cloned() else {
            return Ok(());
        };
        off_runtime(move || work(&pool)).await
    }
}

async fn off_runtime<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    crate::blocking::off_thread(work).await.unwrap_or_else(|error| Err(io::Error::other(error)))
}

#[cfg(test)]
mod tests {
    use berth_common::ids::{GenericUuid as _, SledUuid};
    use std::sync::Arc;

    use uuid::Uuid;

    use super::*;
    use crate::config::PoolConfig;

    fn pool(dir: &tempfile::TempDir) -> Arc<Pool> {
        let config = PoolConfig {
            name: "local".parse().expect("a name"),
            kind: PoolKind::Local,
            path: Utf8Path::from_path(dir.path()).expect("text").to_owned(),
            capacity_bytes: Some(1 << 20),
        };
        Arc::new(Pool::open(&config, SledUuid::from_untyped_uuid(Uuid::from_u128(1))).expect("a pool"))
    }

    fn coming(pool: &Pool, migration: u128) -> Coming {
        let disk = DiskUuid::from_untyped_uuid(Uuid::from_u128(7));
        Coming {
            pool: pool.id,
            disk,
            migration: MigrationUuid::from_untyped_uuid(Uuid::from_u128(migration)),
        }
    }

    #[test]
    fn what_comes_is_no_disk_before_it_is_adopted() {
        let dir = tempfile::tempdir().expect("a directory");
        let pool = pool(&dir);
        let coming = coming(&pool, 1);
        let disk = pool.disk_path(coming.disk);
        let path = pool.make_incoming(coming, 4096).expect("made");
        assert!(!disk.exists());
        assert_eq!(adopted_path(&path), Some(disk.clone()));
        assert_eq!(adopted_path(&disk), None, "it is one already");
        fs::write(&path, b"new").expect("written");
        for _ in 0..2 {
            pool.adopt(coming).expect("adopted, and again");
            assert_eq!(fs::read(&disk).expect("there"), b"new");
        }
        assert!(!path.exists());
    }

    #[test]
    fn what_moves_counts_as_promised() {
        let dir = tempfile::tempdir().expect("a directory");
        let pool = pool(&dir);
        pool.make_incoming(coming(&pool, 1), 1000).expect("made");
        assert_eq!(pool.promised_bytes(&std::collections::HashMap::new()).expect("counted"), 1000);
    }

    #[test]
    fn a_disk_that_was_deleted_meanwhile_doesnt_come_back() {
        let dir = tempfile::tempdir().expect("a directory");
        let pool = pool(&dir);
        let coming = coming(&pool, 1);
        pool.make_incoming(coming, 10).expect("made");
        pool.bury(coming.disk).expect("buried");
        pool.adopt(coming).expect("done");
        assert!(!pool.disk_path(coming.disk).exists());
    }

    #[test]
    fn a_disk_is_what_nexus_uses_and_nothing_that_it_deleted() {
        for is_there in [false, true] {
            for is_deleted in [false, true] {
                for came in 0..4 {
                    let found = standing(is_there, is_deleted, came);
                    let usable = matches!(found, Standing::Disk | Standing::Came);
                    assert_eq!(
                        usable,
                        !is_deleted && (is_there || came == 1),
                        "{is_there} {is_deleted} {came}"
                    );
                    assert!(!is_there || found != Standing::Came, "what came never takes a disk's place");
                }
            }
        }
    }

    #[test]
    fn what_came_stays_until_nexus_uses_or_deletes_it() {
        let dir = tempfile::tempdir().expect("a directory");
        let pool = pool(&dir);
        let coming = coming(&pool, 1);
        let path = pool.make_incoming(coming, 4096).expect("made");
        fs::write(&path, b"the guest's").expect("written");
        pool.use_disk(coming.disk).expect("it is the disk");
        assert_eq!(fs::read(pool.disk_path(coming.disk)).expect("there"), b"the guest's");
        assert!(!path.exists());
        let lost = Coming { disk: DiskUuid::from_untyped_uuid(Uuid::from_u128(8)), ..coming };
        let path = pool.make_incoming(lost, 4096).expect("made");
        pool.bury(lost.disk).expect("buried");
        pool.remove(lost.disk).expect("deleted");
        assert!(!path.exists());
        assert_eq!(pool.use_disk(lost.disk).expect_err("gone").kind(), ErrorKind::NotFound);
    }
}
