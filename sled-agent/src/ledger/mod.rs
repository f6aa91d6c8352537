//! The ledger: what must survive the agent, on the host's own disk.
//!
//! ```text
//! <state_dir>/ledger/
//!   ledger                                 the ledger's random id, made once
//!   <vmm>_<instance>_<epoch>.vmm           one entry per VMM
//!   <..>.vmm.<seconds>.corrupt             an entry that was unreadable: kept for people, never read again
//!   <..>.vmm.<seconds>.foreign             an entry of another host's ledger: listed, never taken for a VMM of ours
//!   tombstones                             lines: VMMs that never run again
//!   reserve                                room that a full disk can't take from stops and ends
//! ```
//!
//! Invariants:
//! - What was acknowledged survives a power cut: file and directory are synced before the answer.
//! - What is written [`ahead`] of its time doesn't count before it is put.
//! - A corrupt entry costs only itself: its file's name still tells which VMM it was.
//! - A full disk refuses new VMMs; what is here can still be stopped and ended, out of the reserve.
//! - A ledger whose id can't be read is not replaced by a new one: the agent refuses to start.
//!
//! Not here: what phases mean, who may ask for what. Everything here blocks; async callers use [`off_thread`].

pub mod ahead;
pub mod durable_file;
pub mod entry;
pub mod half;
pub mod host_stop;
mod load;
pub mod past;
pub mod reboot;

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use berth_common::ids::LedgerUuid;
use camino::{Utf8Path, Utf8PathBuf};

use self::entry::Entry;
use self::past::{Past, Record};
pub use load::{Loaded, OpenError, now_s};

const TOMBSTONES: &str = "tombstones";
const RESERVE: &str = "reserve";
/// Enough for a few dozen entries: stops and ends of everything a small disk filled up under.
const RESERVE_BYTES: usize = 256 * 1024;

/// Whether a write may use the reserve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// A new VMM: refused when the disk is nearly full.
    New,
    /// A stop, an end, news of a VMM that is here: uses the reserve.
    Standing,
}

/// Why something wasn't written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    #[error("the disk under the ledger is full")]
    Full,
    #[error("the ledger can't be written")]
    Io(#[from] io::Error),
}

impl WriteError {
    fn of(error: io::Error) -> WriteError {
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => WriteError::Full,
            _ => WriteError::Io(error),
        }
    }
}

/// An open ledger.
#[derive(Debug)]
pub struct Ledger {
    dir: Utf8PathBuf,
    id: LedgerUuid,
    tombstones: Mutex<File>,
    counters: Counters,
}

/// What became of its changes since it was opened.
#[derive(Debug, Default)]
struct Counters {
    written: AtomicU64,
    failed: AtomicU64,
    /// Of what was written.
    ahead: AtomicU64,
}

impl Ledger {
    /// Opens, or makes, the ledger in `dir`, and reads all of it.
    pub fn open(dir: &Utf8Path) -> Result<(Ledger, Loaded), OpenError> {
        load::open(dir)
    }

    /// The ledger's id: random, made once.
    pub fn id(&self) -> LedgerUuid {
        self.id
    }

    /// Writes an entry with a fresh reserve of generations, and returns it as written.
    pub fn put(&self, entry: &Entry, work: Work) -> Result<Entry, WriteError> {
        self.count(|| {
            if work == Work::New {
                make_reserve(&self.dir).map_err(WriteError::of)?;
            }
            let entry = Entry { ledger: Some(self.id), ..entry.with_reserve() };
            let body = serde_json::to_vec(&entry).map_err(io::Error::from)?;
            self.with_reserve(work, || durable_file::write(&self.dir, &entry.file_name(), &body))?;
            Ok(entry)
        })
    }

    /// Removes an entry. The tombstone must have been written.
    pub fn remove(&self, entry: &Entry) -> Result<(), WriteError> {
        self.count(|| durable_file::remove(&self.dir, &entry.file_name()).map_err(WriteError::of))
    }

    /// Appends a record of the past.
    pub fn bury(&self, record: &Record) -> Result<(), WriteError> {
        let line = record.to_line().map_err(io::Error::from)?;
        self.count(|| self.with_reserve(Work::Standing, || self.append(&line)))
    }

    fn append(&self, line: &str) -> io::Result<()> {
        let mut file = self.tombstones.lock().unwrap_or_else(PoisonError::into_inner);
        let before = file.metadata()?.len();
        let written = file.write_all(line.as_bytes()).and_then(|()| file.sync_data());
        if written.is_err() {
            // Half a line would spoil the next one.
            file.set_len(before)?;
        }
        written
    }

    /// Folds old tombstones and rewrites their file, if there are too many.
    pub fn fold(&self, past: &mut Past, now_s: u64) -> Result<bool, WriteError> {
        if !past.fold(now_s) {
            return Ok(false);
        }
        let mut file = self.tombstones.lock().unwrap_or_else(PoisonError::into_inner);
        *file = self.count(|| load::rewrite_tombstones(&self.dir, past).map_err(WriteError::of))?;
        Ok(true)
    }

    /// How many changes were written since it was opened, and how many could not be.
    pub fn counted(&self) -> (u64, u64) {
        let Counters { written, failed, .. } = &self.counters;
        (written.load(Ordering::Relaxed), failed.load(Ordering::Relaxed))
    }

    /// How many of those that were written had been written ahead.
    pub fn counted_ahead(&self) -> u64 {
        self.counters.ahead.load(Ordering::Relaxed)
    }

    fn count<T>(&self, change: impl FnOnce() -> Result<T, WriteError>) -> Result<T, WriteError> {
        let done = change();
        let counter = if done.is_ok() { &self.counters.written } else { &self.counters.failed };
        counter.fetch_add(1, Ordering::Relaxed);
        done
    }

    fn with_reserve(&self, work: Work, write: impl Fn() -> io::Result<()>) -> Result<(), WriteError> {
        let first = write().map_err(WriteError::of);
        match (first, work) {
            (Err(WriteError::Full), Work::Standing) => {
                if fs::remove_file(self.dir.join(RESERVE)).is_err() {
                    return Err(WriteError::Full);
                }
                write().map_err(WriteError::of)
            }
            (other, _) => other,
        }
    }
}

/// Runs blocking work on the ledger away from the async threads.
pub async fn off_thread<T: Send + 'static>(
    ledger: &Arc<Ledger>,
    work: impl FnOnce(&Ledger) -> Result<T, WriteError> + Send + 'static,
) -> Result<T, WriteError> {
    let ledger = ledger.clone();
    match crate::blocking::off_thread(move || work(&ledger)).await {
        Ok(done) => done,
        Err(error) => Err(WriteError::Io(io::Error::other(error))),
    }
}

/// Makes the reserve if it isn't whole. It is written, not only sized: holes reserve nothing.
fn make_reserve(dir: &Utf8Path) -> io::Result<()> {
    let path = dir.join(RESERVE);
    if fs::metadata(&path).is_ok_and(|found| found.len() == RESERVE_BYTES as u64) {
        return Ok(());
    }
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path)?;
    let written = file.write_all(&vec![0x5a; RESERVE_BYTES]).and_then(|()| file.sync_all());
    if written.is_err() {
        drop(fs::remove_file(&path));
    }
    written
}

#[cfg(test)]
mod tests;
