//! A pool: a directory with an id of its own.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use berth_common::Name;
use berth_common::ids::{DiskUuid, GenericUuid, PoolUuid, SledUuid};
use berth_common::storage::PoolKind;
use berth_sled_agent_api::sled::PoolOffer;
use camino::{Utf8Path, Utf8PathBuf};

use super::space;
use crate::config::PoolConfig;
use crate::ledger::durable_file::sync_dir;

const MARKER: &str = ".berth-pool";
const CREATING: &str = ".creating-";

/// Why a pool can't be used.
#[derive(Debug, thiserror::Error)]
pub enum PoolError {
    #[error("pool {name}: {path} can't be used: {source}; make the directory, or mount it")]
    Directory { name: String, path: Utf8PathBuf, source: io::Error },
    #[error("pool {name}: {path} holds no pool id; if it is a pool's marker, restore it, else remove it")]
    Marker { name: String, path: Utf8PathBuf },
    #[error("pools {first} and {second} are the same directory; name it once")]
    Twice { first: String, second: String },
}

/// One pool on this sled.
#[derive(Debug)]
pub struct Pool {
    pub id: PoolUuid,
    pub name: Name,
    pub kind: PoolKind,
    pub path: Utf8PathBuf,
    pub capacity_bytes: u64,
    sled: SledUuid,
}

impl Pool {
    /// Opens the pool in its directory, and gives the directory an id if it has none. Blocking.
    pub fn open(config: &PoolConfig, sled: SledUuid) -> Result<Pool, PoolError> {
        let failed = |source| PoolError::Directory {
            name: config.name.to_string(),
            path: config.path.clone(),
            source,
        };
        if config.kind == PoolKind::Local {
            fs::create_dir_all(&config.path).map_err(failed)?;
        }
        let text = match fs::read_to_string(config.path.join(MARKER)) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                make_marker(&config.path, sled).map_err(failed)?;
                fs::read_to_string(config.path.join(MARKER)).map_err(failed)?
            }
            read => read.map_err(failed)?,
        };
        let id = text.trim().parse().map_err(|_| PoolError::Marker {
            name: config.name.to_string(),
            path: config.path.join(MARKER),
        })?;
        let capacity_bytes = match config.capacity_bytes {
            Some(bytes) => bytes,
            None => space::total_bytes(&config.path).map_err(failed)?,
        };
        let pool = Pool {
            id,
            name: config.name.clone(),
            kind: config.kind,
            path: config.path.clone(),
            capacity_bytes,
            sled,
        };
        pool.sweep_own_unfinished().map_err(failed)?;
        Ok(pool)
    }

    /// As nexus is told of it.
    pub fn offer(&self) -> PoolOffer {
        PoolOffer {
            pool: self.id,
            name: self.name.clone(),
            kind: self.kind,
            capacity_bytes: self.capacity_bytes,
        }
    }

    /// Where a whole disk is.
    pub fn disk_path(&self, disk: DiskUuid) -> Utf8PathBuf {
        self.path.join(format!("{disk}.raw"))
    }

    /// Where this sled makes a disk.
    pub fn unfinished_path(&self, disk: DiskUuid) -> Utf8PathBuf {
        self.path.join(format!("{CREATING}{disk}-{}", self.sled))
    }

    fn tombstone_path(&self, disk: DiskUuid) -> Utf8PathBuf {
        self.path.join(format!("{disk}.deleted"))
    }

    /// Whether the disk was deleted for ever.
    pub fn is_deleted(&self, disk: DiskUuid) -> io::Result<bool> {
        self.tombstone_path(disk).try_exists()
    }

    /// Writes the disk's tombstone, durably.
    pub fn bury(&self, disk: DiskUuid) -> io::Result<()> {
        File::create(self.tombstone_path(disk))?.sync_all()?;
        sync_dir(&self.path)
    }

    /// Removes the disk's file, and what came for it. An absent one is removed already.
    pub fn remove(&self, disk: DiskUuid) -> io::Result<()> {
        let mut files = self.came(disk)?;
        files.push(self.disk_path(disk));
        for file in files {
            match fs::remove_file(file) {
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
                Ok(()) => sync_dir(&self.path)?,
            }
        }
        Ok(())
    }

    /// Gives a finished file its name, unless the disk was deleted meanwhile, by whichever sled. Returns whether it
    /// stands. A deletion writes its tombstone before it removes the file, and this looks for the tombstone after it
    /// has put the file there: whatever the order, one of the two sees the other.
    pub fn finish(&self, disk: DiskUuid) -> io::Result<bool> {
        let unfinished = self.unfinished_path(disk);
        // A link, because a rename would replace a disk that another sled has finished, and a guest may use by now.
        match fs::hard_link(&unfinished, self.disk_path(disk)) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
            _ => fs::remove_file(&unfinished)?,
        }
        sync_dir(&self.path)?;
        if self.is_deleted(disk)? {
            self.remove(disk)?;
            return Ok(false);
        }
        Ok(true)
    }

    /// Bytes promised to disks: the size of each, however little of it is filled. `making`: what this sled is making,
    /// with its size; it counts once, whether it is finished meanwhile or not.
    pub fn promised_bytes(&self, making: &HashMap<DiskUuid, u64>) -> io::Result<u64> {
        let own = format!("-{}", self.sled);
        let mut sum: u64 = making.values().sum();
        for found in self.path.read_dir_utf8()? {
            let found = found?;
            let name = found.file_name();
            let counts = match name.strip_suffix(".raw") {
                Some(disk) => disk.parse().is_ok_and(|disk: DiskUuid| !making.contains_key(&disk)),
                None if name.starts_with(CREATING) => !name.ends_with(&own),
                None => name.starts_with(".incoming-"),
            };
            if counts {
                match found.metadata() {
                    Err(error) if error.kind() == ErrorKind::NotFound => {}
                    metadata => sum = sum.saturating_add(metadata?.len()),
                }
            }
        }
        Ok(sum)
    }

    fn sweep_own_unfinished(&self) -> io::Result<()> {
        let own = format!("-{}", self.sled);
        for found in self.path.read_dir_utf8()? {
            let found = found?;
            if found.file_name().starts_with(CREATING) && found.file_name().ends_with(&own) {
                fs::remove_file(found.path())?;
            }
        }
        Ok(())
    }
}

/// Makes the directory's id, whole or not at all; of two sleds that do it at once, one wins.
fn make_marker(dir: &Utf8Path, sled: SledUuid) -> io::Result<()> {
    let unfinished = dir.join(format!("{MARKER}.{sled}"));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(&unfinished)?;
    let id = PoolUuid::from_untyped_uuid(uuid::Uuid::new_v4());
    file.write_all(format!("{id}\n").as_bytes())?;
    file.sync_all()?;
    let linked = fs::hard_link(&unfinished, Path::new(dir.join(MARKER).as_str()));
    fs::remove_file(&unfinished)?;
    match linked {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
        Ok(()) => sync_dir(dir),
    }
}
