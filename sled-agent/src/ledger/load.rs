//! Opening a ledger: each unreadable piece costs only itself, and is kept under another name.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::sync::Mutex;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use berth_common::ids::{GenericUuid, LedgerUuid, VmmUuid};
use camino::Utf8Path;
use nix::errno::Errno;
use serde::{Deserialize, Serialize};

use super::durable_file::{self, ReadError};
use super::entry::Entry;
use super::past::{Past, Record};
use super::{Counters, Ledger, TOMBSTONES, make_reserve};

const IDENTITY: &str = "ledger";
const FOREIGN: &str = "foreign";

/// What an opened ledger holds.
#[derive(Debug, Default)]
pub struct Loaded {
    /// One entry per VMM, salvaged ones included.
    pub entries: Vec<Entry>,
    pub past: Past,
    /// What was unreadable, for the log: the file (under its new name) and why.
    pub unreadable: Vec<String>,
    /// Entries of another host's ledger: the VMM, and the file as it is called now.
    pub foreign: Vec<(VmmUuid, String)>,
}

/// Why a ledger can't be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("the ledger's directory {0} can't be used")]
    Directory(String, #[source] io::Error),
    #[error(
        "{0} can't be read: {1}. It names this ledger, and is not made anew by itself: restore it, or move the \
         whole ledger away, and join this host as a new sled"
    )]
    Identity(String, ReadError),
    #[error(
        "{0} can't be read now ({1}), which says nothing of what is in it: start again when that is over"
    )]
    Entry(String, #[source] io::Error),
    #[error("{0} was written by a newer version of this program: run that version")]
    NewerVersion(String),
}

#[derive(Serialize, Deserialize)]
struct Identity {
    ledger: LedgerUuid,
}

pub(super) fn open(dir: &Utf8Path) -> Result<(Ledger, Loaded), OpenError> {
    let failed = |error| OpenError::Directory(dir.to_string(), error);
    let mut builder = DirBuilder::new();
    builder.recursive(true).mode(0o700).create(dir).map_err(failed)?;
    durable_file::sweep_unfinished(dir).map_err(failed)?;
    let id = identity(dir)?;
    let mut loaded = Loaded::default();
    load_entries(dir, id, &mut loaded)?;
    let spoiled = load_tombstones(dir, &mut loaded).map_err(failed)?;
    if spoiled {
        rewrite_tombstones(dir, &loaded.past).map_err(failed)?;
    }
    let tombstones = open_tombstones(dir).map_err(failed)?;
    // A disk too full for the reserve is no reason not to start: new VMMs are refused until there is room.
    drop(make_reserve(dir));
    let counters = Counters::default();
    Ok((Ledger { dir: dir.to_owned(), id, tombstones: Mutex::new(tombstones), counters }, loaded))
}

fn identity(dir: &Utf8Path) -> Result<LedgerUuid, OpenError> {
    let path = dir.join(IDENTITY);
    let unreadable = |error| OpenError::Identity(path.to_string(), error);
    match durable_file::read(&path) {
        Ok(body) => {
            let found: Identity = serde_json::from_slice(&body).map_err(|error| unreadable(error.into()))?;
            Ok(found.ledger)
        }
        Err(ReadError::Io(error)) if error.kind() == io::ErrorKind::NotFound => {
            let made = Identity { ledger: LedgerUuid::from_untyped_uuid(uuid::Uuid::new_v4()) };
            let body = serde_json::to_vec(&made).map_err(|error| unreadable(error.into()))?;
            durable_file::write(dir, IDENTITY, &body).map_err(|error| unreadable(error.into()))?;
            Ok(made.ledger)
        }
        Err(error) => Err(unreadable(error)),
    }
}

fn load_entries(dir: &Utf8Path, id: LedgerUuid, loaded: &mut Loaded) -> Result<(), OpenError> {
    let failed = |error| OpenError::Directory(dir.to_string(), error);
    // Listed first: what is set aside below must not be met again.
    let files: Vec<_> = dir.read_dir_utf8().and_then(Iterator::collect::<Result<_, _>>).map_err(failed)?;
    for found in files {
        if let Some(vmm) = foreign_vmm(found.file_name()) {
            loaded.foreign.push((vmm, found.file_name().to_string()));
        }
        let Some((vmm, instance, epoch)) = Entry::identity_of(found.file_name()) else { continue };
        let read = read_again_and_again(|| durable_file::read(found.path()))
            .and_then(|body| serde_json::from_slice::<Entry>(&body).map_err(ReadError::from));
        match read {
            Ok(entry) if entry.ledger.is_some_and(|other| other != id) => {
                let kept = format!("{}.{}.{FOREIGN}", found.file_name(), now_s());
                fs::rename(found.path(), dir.join(&kept)).map_err(failed)?;
                loaded.foreign.push((vmm, kept));
            }
            Ok(entry) if (entry.vmm, entry.instance, entry.epoch) == (vmm, instance, epoch) => {
                loaded.entries.push(entry.reloaded());
            }
            Err(ReadError::NewerVersion(_)) => return Err(OpenError::NewerVersion(found.path().to_string())),
            // What stands in its place would be believed: that a guest that was handed off runs here.
            Err(ReadError::Io(error)) if is_passing(&error) => {
                return Err(OpenError::Entry(found.path().to_string(), error));
            }
            Ok(_) | Err(_) => {
                let why = read.err().map_or("it is another VMM's".to_string(), |error| error.to_string());
                let salvaged = Entry { ledger: Some(id), ..Entry::salvaged(vmm, instance, epoch) };
                loaded.unreadable.push(replace_unreadable(dir, found.path(), &salvaged, &why));
                loaded.entries.push(salvaged);
            }
        }
    }
    Ok(())
}

/// A file whose reading fails may be read the next time: only what stays so has lost its content.
fn read_again_and_again(read: impl Fn() -> Result<Vec<u8>, ReadError>) -> Result<Vec<u8>, ReadError> {
    const TIMES: u32 = 5;
    const PAUSE: Duration = Duration::from_millis(100);
    let mut failed = 1;
    loop {
        match read() {
            Err(ReadError::Io(_)) if failed < TIMES => {
                failed += 1;
                std::thread::sleep(PAUSE);
            }
            result => return result,
        }
    }
}

/// Whether this host is at fault, and not the file.
fn is_passing(error: &io::Error) -> bool {
    let errno = error.raw_os_error().map(Errno::from_raw);
    let passing = [Errno::ENOMEM, Errno::ENFILE, Errno::EMFILE, Errno::EINTR, Errno::EAGAIN];
    errno.is_some_and(|errno| passing.contains(&errno))
}

/// Keeps a copy for people, and puts what is known in its place: an agent that dies right now must find the VMM again.
/// Should the disk be full, it stays as it is, and is met again. Returns words for the log.
fn replace_unreadable(dir: &Utf8Path, path: &Utf8Path, salvaged: &Entry, why: &str) -> String {
    let kept = format!("{}.{}.corrupt", salvaged.file_name(), now_s());
    // A second name takes no room; what couldn't get one is in nobody's way either.
    let named = fs::hard_link(path, dir.join(&kept));
    let written = serde_json::to_vec(salvaged)
        .map_err(io::Error::from)
        .and_then(|body| durable_file::write(dir, &salvaged.file_name(), &body));
    match (named, written) {
        (_, Err(error)) => {
            drop(fs::remove_file(dir.join(&kept)));
            format!("{}: {why}; it stays as it is for now: {error}", salvaged.file_name())
        }
        (Ok(()), Ok(())) => format!("{kept}: {why}"),
        (Err(error), Ok(())) => format!("{}: {why}; no copy is kept: {error}", salvaged.file_name()),
    }
}

/// Whose entry was set aside under this name.
fn foreign_vmm(file_name: &str) -> Option<VmmUuid> {
    let (name, _seconds) = file_name.strip_suffix(FOREIGN)?.strip_suffix('.')?.rsplit_once('.')?;
    Entry::identity_of(name).map(|(vmm, ..)| vmm)
}

/// Reads the tombstones. Returns whether any line was spoiled; the file as it was is kept beside.
fn load_tombstones(dir: &Utf8Path, loaded: &mut Loaded) -> io::Result<bool> {
    let path = dir.join(TOMBSTONES);
    let bytes = match fs::read(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        read => read?,
    };
    let mut spoiled = 0_usize;
    for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        match std::str::from_utf8(line).ok().and_then(Record::from_line) {
            Some(record) => loaded.past.take(record),
            None => spoiled += 1,
        }
    }
    let torn = !bytes.is_empty() && !bytes.ends_with(b"\n");
    if spoiled > 0 {
        let kept = format!("{TOMBSTONES}.{}.corrupt", now_s());
        fs::copy(&path, dir.join(&kept))?;
        loaded.unreadable.push(format!("{kept}: {spoiled} lines"));
    }
    Ok(spoiled > 0 || torn)
}

/// Writes the past as a new file, in one step.
pub(super) fn rewrite_tombstones(dir: &Utf8Path, past: &Past) -> io::Result<File> {
    let unfinished = dir.join(format!("{TOMBSTONES}.unfinished"));
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    let mut text = String::new();
    for record in past.records() {
        text.push_str(&record.to_line()?);
    }
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&unfinished, dir.join(TOMBSTONES))?;
    durable_file::sync_dir(dir)?;
    open_tombstones(dir)
}

fn open_tombstones(dir: &Utf8Path) -> io::Result<File> {
    let file = OpenOptions::new().append(true).create(true).mode(0o600).open(dir.join(TOMBSTONES))?;
    durable_file::sync_dir(dir)?;
    Ok(file)
}

/// Seconds since 1970: for names and for the age of tombstones, never for deadlines.
pub fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn only_what_stays_unreadable_counts_as_lost() {
        let io = |errno: Errno| ReadError::Io(io::Error::from_raw_os_error(errno as i32));
        let times = Cell::new(0);
        let read = read_again_and_again(|| {
            times.set(times.get() + 1);
            if times.get() < 3 { Err(io(Errno::EIO)) } else { Ok(vec![1]) }
        });
        assert_eq!((read.expect("read at last"), times.get()), (vec![1], 3));
        let read = read_again_and_again(|| Err(io(Errno::EIO)));
        let Err(ReadError::Io(lost)) = read else { panic!("it stays unreadable") };
        assert!(!is_passing(&lost));
        let spoiled = Cell::new(0);
        let read = read_again_and_again(|| {
            spoiled.set(spoiled.get() + 1);
            Err(ReadError::Checksum)
        });
        assert!(
            matches!(read, Err(ReadError::Checksum)) && spoiled.get() == 1,
            "a second look changes nothing"
        );
        for errno in [Errno::ENOMEM, Errno::EMFILE, Errno::ENFILE] {
            assert!(is_passing(&io::Error::from_raw_os_error(errno as i32)), "{errno}");
        }
    }
}
