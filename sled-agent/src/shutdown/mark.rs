//! The mark of a shutdown, on the host's own disk: that it was begun in this boot, until when, and how far it is.
//!
//! A restarted agent finds it, begins nothing new, and goes on with it. One that is complete belongs to the past: the
//! next agent to start removes it, because then the host is back.

use std::io;

use berth_common::ids::BootUuid;
use camino::Utf8Path;
use serde::{Deserialize, Serialize};
use slog::{Logger, warn};

use super::table::Table;
use crate::ledger::durable_file::{self, ReadError};

const NAME: &str = "shutdown";

/// A shutdown as the disk knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    pub boot: BootUuid,
    /// Milliseconds of `CLOCK_BOOTTIME`.
    pub deadline_ms: u64,
    pub complete: bool,
    pub table: Table,
}

impl Mark {
    /// The mark of this boot, if there is one. One that can't be read is as good as none: guests that it was about
    /// have their own entries.
    pub fn of_boot(state_dir: &Utf8Path, boot: BootUuid, log: &Logger) -> Option<Mark> {
        let read = durable_file::read(&state_dir.join(NAME))
            .and_then(|body| serde_json::from_slice::<Mark>(&body).map_err(ReadError::from));
        match read {
            Ok(mark) => Some(mark).filter(|mark| mark.boot == boot),
            Err(ReadError::Io(error)) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                warn!(log, "the mark of a shutdown can't be read, and is taken for none"; "error" => %error);
                None
            }
        }
    }

    /// The shutdown that this boot's agent has to go on with; one that is over, or of another boot, is cleared away.
    pub fn unfinished(state_dir: &Utf8Path, boot: BootUuid, log: &Logger) -> Option<Mark> {
        let mark = Mark::of_boot(state_dir, boot, log).filter(|mark| !mark.complete);
        if mark.is_none()
            && let Err(error) = durable_file::remove(state_dir, NAME)
        {
            warn!(log, "the mark of a shutdown that is over can't be removed"; "error" => %error);
        }
        mark
    }

    /// Durable when it returns.
    pub fn write(&self, state_dir: &Utf8Path) -> io::Result<()> {
        durable_file::write(state_dir, NAME, &serde_json::to_vec(self)?)
    }
}

#[cfg(test)]
mod tests {
    use berth_common::ids::GenericUuid;
    use uuid::Uuid;

    use super::*;

    fn boot(n: u128) -> BootUuid {
        BootUuid::from_untyped_uuid(Uuid::from_u128(n))
    }

    #[test]
    fn only_an_unfinished_one_of_this_boot_is_gone_on_with() {
        let log = Logger::root(slog::Discard, slog::o!());
        let cases = [(1, false, true), (1, true, false), (2, false, false), (2, true, false)];
        for (of, complete, goes_on) in cases {
            let dir = tempfile::tempdir().expect("a directory");
            let dir = Utf8Path::from_path(dir.path()).expect("UTF-8");
            let mark = Mark { boot: boot(of), deadline_ms: 5, complete, table: Table::default() };
            mark.write(dir).expect("written");
            let expected = goes_on.then_some(mark);
            assert_eq!(Mark::unfinished(dir, boot(1), &log), expected, "{of} {complete}");
            assert_eq!(dir.join(NAME).exists(), goes_on, "what is over leaves no mark");
        }
    }

    #[test]
    fn a_spoiled_mark_is_none() {
        let log = Logger::root(slog::Discard, slog::o!());
        let dir = tempfile::tempdir().expect("a directory");
        let dir = Utf8Path::from_path(dir.path()).expect("UTF-8");
        std::fs::write(dir.join(NAME), b"berth-ledger 1 00000000 3\nabc").expect("written");
        assert_eq!(Mark::of_boot(dir, boot(1), &log), None);
    }
}
