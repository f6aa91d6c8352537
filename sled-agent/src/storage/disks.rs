//! Disks being made, made and deleted: every request answered at once, and the same when asked again.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use berth_common::ids::{DiskUuid, PoolUuid, RequestUuid};
use berth_common::refusal::Denial;
use berth_sled_agent_api::disk::{DiskProgress, DiskSource};
use berth_sled_agent_api::vmm::Denied;
use slog::{Logger, info, warn};

use super::disk_make::{MakeError, Making, make};
use super::images::Images;
use super::pool::Pool;
use crate::vmms::admission::denied;

/// A disk this sled is making, or failed to make.
#[derive(Clone, Debug)]
enum Work {
    Making {
        pool: PoolUuid,
        size_bytes: u64,
        making: Arc<Making>,
    },
    /// Kept for the request that asked, so that it gets the same answer again; another one tries anew.
    Failed {
        request: RequestUuid,
        message: String,
    },
}

type Works = Arc<Mutex<HashMap<DiskUuid, Work>>>;

/// All work on disks.
#[derive(Debug)]
pub(super) struct Disks {
    images: Arc<Images>,
    works: Works,
    admission: tokio::sync::Mutex<()>,
    log: Logger,
}

impl Disks {
    pub(super) fn new(images: Arc<Images>, log: Logger) -> Disks {
        Disks { images, works: Works::default(), admission: tokio::sync::Mutex::default(), log }
    }

    pub(super) async fn ensure(
        &self,
        pool: &Arc<Pool>,
        disk: DiskUuid,
        request: RequestUuid,
        size_bytes: u64,
        source: DiskSource,
    ) -> Result<DiskProgress, Denied> {
        // One at a time: what is found must still be so when the work is begun.
        let _one_at_a_time = self.admission.lock().await;
        if let Some(known) = self.known(disk, request) {
            return Ok(known);
        }
        let under_way = self.under_way(pool);
        let (seen, promised) = look(pool, disk, size_bytes, under_way).await?;
        if let Some(seen) = seen {
            return Ok(seen);
        }
        check_capacity(pool, disk, size_bytes, promised)?;
        let making = Arc::new(Making::default());
        let under_way = Work::Making { pool: pool.id, size_bytes, making: making.clone() };
        guard(&self.works).insert(disk, under_way);
        let work = Job {
            pool: pool.clone(),
            images: self.images.clone(),
            disk,
            size_bytes,
            source,
            making: making.clone(),
            log: self.log.clone(),
        };
        let works = self.works.clone();
        tokio::spawn(async move {
            let done = work.run().await;
            let mut works = guard(&works);
            match done {
                Ok(()) => drop(works.remove(&disk)),
                Err(message) => drop(works.insert(disk, Work::Failed { request, message })),
            }
        });
        Ok(progress(&making))
    }

    /// What is known of the disk without looking.
    fn known(&self, disk: DiskUuid, request: RequestUuid) -> Option<DiskProgress> {
        match guard(&self.works).get(&disk)? {
            Work::Making { making, .. } => Some(progress(making)),
            Work::Failed { request: failed, message } if *failed == request => {
                Some(DiskProgress::Failed { message: message.clone() })
            }
            Work::Failed { .. } => None,
        }
    }

    /// What this sled is making in a pool, with its size.
    fn under_way(&self, pool: &Pool) -> HashMap<DiskUuid, u64> {
        let works = guard(&self.works);
        let making = works.iter().filter_map(|(disk, work)| match work {
            Work::Making { pool: of, size_bytes, .. } if *of == pool.id => Some((*disk, *size_bytes)),
            Work::Making { .. } | Work::Failed { .. } => None,
        });
        making.collect()
    }

    pub(super) async fn delete(&self, pool: &Arc<Pool>, disk: DiskUuid) -> Result<DiskProgress, Denied> {
        let doomed = pool.clone();
        let deleted = crate::blocking::off_thread(move || {
            if !doomed.is_deleted(disk)? {
                doomed.bury(disk)?;
            }
            doomed.remove(disk)
        });
        let deleted = deleted.await.unwrap_or_else(|error| Err(std::io::Error::other(error)));
        deleted.map_err(|error| {
            let message = format!("disk {disk} can't be deleted from pool {}: {error}; ask again", pool.name);
            denied(Denial::PoolUnavailable, message)
        })?;
        let mut works = guard(&self.works);
        match works.get(&disk) {
            // It sees the tombstone at the latest when it is finished.
            Some(Work::Making { making, .. }) => making.cancelled.store(true, Ordering::Relaxed),
            Some(Work::Failed { .. }) => drop(works.remove(&disk)),
            None => {}
        }
        info!(self.log, "disk deleted"; "disk" => %disk, "pool" => %pool.name);
        Ok(DiskProgress::Deleted)
    }
}

/// What the pool's directory says of the disk, and how much of the pool is promised.
async fn look(
    pool: &Arc<Pool>,
    disk: DiskUuid,
    size_bytes: u64,
    under_way: HashMap<DiskUuid, u64>,
) -> Result<(Option<DiskProgress>, u64), Denied> {
    let here = pool.clone();
    let looked = crate::blocking::off_thread(move || {
        let deleted = here.is_deleted(disk)?;
        let found = match std::fs::metadata(here.disk_path(disk)) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            found => Some(found?.len()),
        };
        Ok((deleted, found, here.promised_bytes(&under_way)?))
    });
    let looked = looked.await.unwrap_or_else(|error| Err(std::io::Error::other(error)));
    let (deleted, found, promised) = looked.map_err(|error| {
        let message = format!("pool {} can't be read: {error}; is {} mounted?", pool.name, pool.path);
        denied(Denial::PoolUnavailable, message)
    })?;
    match found {
        _ if deleted => Ok((Some(DiskProgress::Deleted), promised)),
        Some(length) if length == size_bytes => Ok((Some(DiskProgress::Ready), promised)),
        Some(length) => {
            let message = format!(
                "disk {disk} has {length} bytes, {size_bytes} are asked for; an id stands for one disk: use a new one"
            );
            Err(denied(Denial::SpecMismatch, message))
        }
        None => Ok((None, promised)),
    }
}

fn check_capacity(pool: &Pool, disk: DiskUuid, size_bytes: u64, promised: u64) -> Result<(), Denied> {
    let free = pool.capacity_bytes.saturating_sub(promised);
    if size_bytes <= free {
        return Ok(());
    }
    let message = format!(
        "disk {disk} needs {size_bytes} bytes, pool {} has {free} of {} left; delete disks, or use another pool",
        pool.name, pool.capacity_bytes
    );
    Err(denied(Denial::PoolUnavailable, message))
}

fn progress(making: &Making) -> DiskProgress {
    DiskProgress::Creating {
        done_bytes: making.done_bytes.load(Ordering::Relaxed),
        total_bytes: making.total_bytes.load(Ordering::Relaxed),
    }
}

fn guard(works: &Works) -> MutexGuard<'_, HashMap<DiskUuid, Work>> {
    // Each change is one map operation.
    works.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One disk to be made.
struct Job {
    pool: Arc<Pool>,
    images: Arc<Images>,
    disk: DiskUuid,
    size_bytes: u64,
    source: DiskSource,
    making: Arc<Making>,
    log: Logger,
}

impl Job {
    /// Makes it. The error is for people; a deletion meanwhile is none.
    async fn run(self) -> Result<(), String> {
        let (disk, log) = (self.disk, self.log.clone());
        match self.make().await {
            Ok(()) => {
                info!(log, "disk made"; "disk" => %disk);
                Ok(())
            }
            Err(None) => Ok(()),
            Err(Some(reason)) => {
                let message = format!("disk {disk} couldn't be made: {reason}");
                warn!(log, "{message}");
                Err(message)
            }
        }
    }

    async fn make(self) -> Result<(), Option<String>> {
        let image = match &self.source {
            DiskSource::Empty => None,
            DiskSource::Image { file, format } => {
                let path = self.images.fetch(file).await.map_err(|error| Some(error.to_string()))?;
                Some((path, *format))
            }
        };
        let made = crate::blocking::off_thread(move || {
            let image = image.as_ref().map(|(path, format)| (path.as_path(), *format));
            make(&self.pool, self.disk, self.size_bytes, image, &self.making)
        });
        match made.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(MakeError::Deleted)) => Err(None),
            Ok(Err(error)) => Err(Some(error.to_string())),
            Err(error) => Err(Some(error.to_string())),
        }
    }
}
