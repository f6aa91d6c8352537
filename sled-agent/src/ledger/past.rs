//! What the ledger knows of VMMs that are no more: tombstones, and the highest epoch per instance.
//!
//! One file, appended to: a line per tombstone with its own checksum, so that a torn or spoiled line costs only
//! itself. Tombstones older than [`TOMBSTONE_AGE_MIN`] are folded into one line per instance when there are many.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use berth_common::Generation;
use berth_common::ids::{InstanceUuid, VmmUuid};
use serde::{Deserialize, Serialize};

use super::entry::Ending;

/// How long a tombstone is kept for sure: longer than any request can be late.
pub const TOMBSTONE_AGE_MIN: Duration = Duration::from_secs(7 * 24 * 3600);
/// How many older ones are worth keeping.
pub const TOMBSTONES_OLD_MAX: usize = 4096;

/// A VMM that never runs again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tombstone {
    pub vmm: VmmUuid,
    pub instance: InstanceUuid,
    pub epoch: Generation,
    /// What was reported last, or would have been.
    pub generation: Generation,
    /// How it ended; unknown while it is still being killed.
    pub ended: Option<Ending>,
    /// Seconds since 1970.
    pub at_s: u64,
}

/// One line of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Record {
    Tombstone(Tombstone),
    /// All tombstones of this instance up to this epoch were folded: none of those VMMs comes back.
    Folded {
        instance: InstanceUuid,
        epoch: Generation,
    },
}

/// The whole of it, in memory.
#[derive(Clone, Debug, Default)]
pub struct Past {
    tombstones: HashMap<VmmUuid, Tombstone>,
    highest: HashMap<InstanceUuid, Generation>,
    folded: HashMap<InstanceUuid, Generation>,
}

impl Past {
    /// Takes one record in. Of two tombstones of one VMM the later one counts.
    pub fn take(&mut self, record: Record) {
        match record {
            Record::Tombstone(tombstone) => {
                self.raise(tombstone.instance, tombstone.epoch);
                self.tombstones.insert(tombstone.vmm, tombstone);
            }
            Record::Folded { instance, epoch } => {
                self.raise(instance, epoch);
                let folded = self.folded.entry(instance).or_insert(epoch);
                *folded = epoch.max(*folded);
            }
        }
    }

    fn raise(&mut self, instance: InstanceUuid, epoch: Generation) {
        let highest = self.highest.entry(instance).or_insert(epoch);
        *highest = epoch.max(*highest);
    }

    /// The tombstone of a VMM.
    pub fn tombstone(&self, vmm: VmmUuid) -> Option<&Tombstone> {
        self.tombstones.get(&vmm)
    }

    /// Every VMM that has a tombstone.
    pub fn buried(&self) -> HashSet<VmmUuid> {
        self.tombstones.keys().copied().collect()
    }

    /// The highest epoch of an instance among VMMs that are no more.
    pub fn highest(&self, instance: InstanceUuid) -> Option<Generation> {
        self.highest.get(&instance).copied()
    }

    /// Whether a VMM of this epoch, not here any more, may have been one whose tombstone was folded.
    pub fn is_folded(&self, instance: InstanceUuid, epoch: Generation) -> bool {
        self.folded.get(&instance).is_some_and(|folded| epoch <= *folded)
    }

    /// How many tombstones there are.
    pub fn len(&self) -> usize {
        self.tombstones.len()
    }

    /// Nothing ever ended here.
    pub fn is_empty(&self) -> bool {
        self.tombstones.is_empty() && self.folded.is_empty()
    }

    /// Folds old tombstones if there are too many of them. Returns whether anything changed.
    pub fn fold(&mut self, now_s: u64) -> bool {
        let is_old = |tombstone: &Tombstone| {
            now_s.saturating_sub(tombstone.at_s) > TOMBSTONE_AGE_MIN.as_secs() && tombstone.ended.is_some()
        };
        if self.tombstones.values().filter(|tombstone| is_old(tombstone)).count() <= TOMBSTONES_OLD_MAX {
            return false;
        }
        let (old, young): (Vec<_>, Vec<_>) =
            self.tombstones.drain().partition(|(_, tombstone)| is_old(tombstone));
        self.tombstones = young.into_iter().collect();
        for (_, tombstone) in old {
            self.take(Record::Folded { instance: tombstone.instance, epoch: tombstone.epoch });
        }
        true
    }

    /// Everything, as records of a new file.
    pub fn records(&self) -> Vec<Record> {
        let folded =
            self.folded.iter().map(|(instance, epoch)| Record::Folded { instance: *instance, epoch: *epoch });
        folded.chain(self.tombstones.values().cloned().map(Record::Tombstone)).collect()
    }
}

impl Record {
    /// As a line: checksum, space, JSON, newline.
    pub fn to_line(&self) -> Result<String, serde_json::Error> {
        let json = serde_json::to_string(self)?;
        Ok(format!("{:08x} {json}\n", crc32fast::hash(json.as_bytes())))
    }

    /// Reads a line without its newline; `None` if it is spoiled.
    pub fn from_line(line: &str) -> Option<Record> {
        let (crc, json) = line.split_once(' ')?;
        let crc = u32::from_str_radix(crc, 16).ok()?;
        if crc32fast::hash(json.as_bytes()) != crc {
            return None;
        }
        serde_json::from_str(json).ok()
    }
}

#[cfg(test)]
mod tests {
    use berth_common::ids::GenericUuid;
    use berth_common::vmm::{EndedBy, VmmState};
    use uuid::Uuid;

    use super::*;

    fn tombstone(vmm: u128, instance: u128, epoch: i64, at_s: u64) -> Tombstone {
        Tombstone {
            vmm: VmmUuid::from_untyped_uuid(Uuid::from_u128(vmm)),
            instance: InstanceUuid::from_untyped_uuid(Uuid::from_u128(instance)),
            epoch: Generation::from(epoch),
            generation: Generation::FIRST,
            ended: Some(Ending { state: VmmState::Destroyed, ended_by: EndedBy::Killed }),
            at_s,
        }
    }

    #[test]
    fn a_line_goes_both_ways_and_a_spoiled_one_is_noticed() {
        let record = Record::Tombstone(tombstone(1, 2, 3, 4));
        let line = record.to_line().expect("JSON");
        assert_eq!(Record::from_line(line.trim_end()), Some(record));
        for at in 0..line.len() - 1 {
            let mut spoiled = line.trim_end().to_string().into_bytes();
            spoiled[at] ^= 1;
            assert_eq!(
                String::from_utf8(spoiled).ok().and_then(|line| Record::from_line(&line)),
                None,
                "byte {at}"
            );
        }
    }

    #[test]
    fn folding_keeps_the_young_and_the_epochs() {
        let mut past = Past::default();
        let now_s = TOMBSTONE_AGE_MIN.as_secs() * 3;
        for n in 0..=TOMBSTONES_OLD_MAX as u128 {
            past.take(Record::Tombstone(tombstone(n, n % 7, 5, 1)));
        }
        past.take(Record::Tombstone(tombstone(1 << 64, 3, 9, now_s)));
        assert!(past.fold(now_s));
        assert_eq!(past.len(), 1);
        let instance = InstanceUuid::from_untyped_uuid(Uuid::from_u128(3));
        assert_eq!(past.highest(instance), Some(Generation::from(9)));
        assert!(past.is_folded(instance, Generation::from(5)));
        assert!(!past.is_folded(instance, Generation::from(6)));
        let mut reloaded = Past::default();
        past.records().into_iter().for_each(|record| reloaded.take(record));
        assert_eq!(reloaded.highest(instance), Some(Generation::from(9)));
        assert!(reloaded.is_folded(instance, Generation::from(5)));
    }

    #[test]
    fn few_tombstones_are_kept_whatever_their_age() {
        let mut past = Past::default();
        past.take(Record::Tombstone(tombstone(1, 2, 3, 0)));
        assert!(!past.fold(u64::MAX));
        assert_eq!(past.len(), 1);
    }
}
