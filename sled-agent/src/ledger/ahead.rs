//! An entry written ahead of the change that it tells of: what is left to be done when the change happens is half as dear.
//!
//! It is of use only if the entry is then what was expected. What is for people only may have changed meanwhile: that
//! is written with the next change, as ever.

use std::io;
use std::sync::atomic::Ordering;

use super::durable_file::{self, FileAhead};
use super::entry::Entry;
use super::{Ledger, WriteError};

/// An entry that is on the disk, and doesn't count.
#[derive(Debug)]
pub struct Ahead {
    entry: Entry,
    file: FileAhead,
}

impl Ahead {
    /// Whether it can stand for this entry: a restart would find nothing else, but for numbers, and would report under
    /// no generation that was used.
    pub fn stands_for(&self, entry: &Entry) -> bool {
        is_same(&self.entry, entry)
    }

    /// It isn't needed. Blocks.
    pub fn discard(self) {
        self.file.discard();
    }
}

impl Ledger {
    /// Writes ahead what an entry is expected to become. The reserve is left alone: whatever can't be written ahead is
    /// written when it has happened.
    pub fn write_ahead(&self, entry: &Entry) -> Result<Ahead, WriteError> {
        let entry = Entry { ledger: Some(self.id), ..entry.with_reserve() };
        let body = serde_json::to_vec(&entry).map_err(io::Error::from)?;
        let file = durable_file::write_ahead(&self.dir, &entry.file_name(), &body).map_err(WriteError::of)?;
        Ok(Ahead { entry, file })
    }

    /// What was expected has happened: it counts after this. Returns the entry as written.
    pub fn put_ahead(&self, ahead: Ahead) -> Result<Entry, WriteError> {
        let Ahead { entry, file } = ahead;
        self.count(|| file.finish().map_err(WriteError::of))?;
        self.counters.ahead.fetch_add(1, Ordering::Relaxed);
        Ok(entry)
    }
}

/// Pure. Generations may have been counted up meanwhile, as far as the reserve goes that was written with it.
fn is_same(written: &Entry, entry: &Entry) -> bool {
    let mut expected = Entry {
        ledger: written.ledger,
        generation: written.generation,
        generation_reserved: written.generation_reserved,
        ..entry.clone()
    };
    if let (Some(half), Some(written)) = (&mut expected.migration, &written.migration) {
        half.progress = written.progress;
    }
    expected == *written && (written.generation..=written.generation_reserved).contains(&entry.generation)
}

#[cfg(test)]
mod tests {
    use berth_common::Generation;
    use berth_common::ids::{BootUuid, GenericUuid, InstanceUuid, MigrationUuid, VmmUuid};
    use berth_sled_agent_api::migration::MigrationProgress;
    use camino::Utf8Path;
    use uuid::Uuid;

    use super::*;
    use crate::ledger::Work;
    use crate::ledger::half::Half;
    use crate::vmms::machine::Phase;
    use crate::vmms::migration::Stage;

    fn entry() -> Entry {
        let (vmm, instance) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let half = Half::cancelled_unheard(
            MigrationUuid::from_untyped_uuid(Uuid::from_u128(3)),
            BootUuid::from_untyped_uuid(Uuid::from_u128(4)),
        );
        Entry {
            migration: Some(Half { stage: Stage::HandedOff, ..half }),
            ..Entry::salvaged(
                VmmUuid::from_untyped_uuid(vmm),
                InstanceUuid::from_untyped_uuid(instance),
                Generation::from(7),
            )
        }
    }

    #[test]
    fn it_stands_for_the_same_entry_with_other_numbers_and_no_other() {
        let written = entry().with_reserve();
        let counted = |changes: usize| {
            let mut entry = entry();
            for _ in 0..changes {
                entry.count_change();
            }
            entry
        };
        assert!(is_same(&written, &counted(0)));
        assert!(is_same(&written, &counted(5)));
        assert!(!is_same(&written, &counted(2000)), "more was reported than its reserve covers");
        let with = |change: fn(&mut Entry)| {
            let mut entry = entry();
            change(&mut entry);
            is_same(&written, &entry)
        };
        assert!(with(|entry| {
            let half = entry.migration.as_mut().expect("it has one");
            half.progress = Some(MigrationProgress { sent_bytes: 5, ..MigrationProgress::default() });
        }));
        let others: [fn(&mut Entry); 6] = [
            |entry| entry.phase = Phase::Stopping,
            |entry| entry.run += 1,
            |entry| entry.released = true,
            |entry| entry.migration.as_mut().expect("it has one").stage = Stage::Sending,
            |entry| entry.migration.as_mut().expect("it has one").by_request ^= true,
            |entry| entry.migration = None,
        ];
        for (n, other) in others.into_iter().enumerate() {
            assert!(!with(other), "change {n}");
        }
    }

    #[test]
    fn it_is_found_by_a_restart_only_once_it_was_put() {
        let dir = tempfile::tempdir().expect("a directory");
        let dir = Utf8Path::from_path(dir.path()).expect("UTF-8");
        let stage = || {
            let (_ledger, loaded) = Ledger::open(dir).expect("opened");
            let half = loaded.entries[0].migration.clone().expect("it has one");
            (loaded.entries.len(), half.stage)
        };
        let before = || {
            let mut entry = entry();
            entry.migration.as_mut().expect("it has one").stage = Stage::Sending;
            entry
        };
        let (ledger, _) = Ledger::open(dir).expect("opened");
        ledger.put(&before(), Work::Standing).expect("written");
        let _lost = ledger.write_ahead(&entry()).expect("written ahead");
        assert_eq!(stage(), (1, Stage::Sending));
        let (ledger, _) = Ledger::open(dir).expect("opened");
        let ahead = ledger.write_ahead(&entry()).expect("written ahead");
        assert!(ahead.stands_for(&entry()));
        ledger.put_ahead(ahead).expect("put");
        assert_eq!(stage(), (1, Stage::HandedOff));
    }
}
