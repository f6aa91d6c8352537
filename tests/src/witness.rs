//! What a guest's witness left on its disk: who wrote, in which life, and whether anybody else did.
//!
//! Sector 0 holds the last record, the ring behind it the latest ones, each at its place. A guest that dies may have
//! written sector 0 and not the ring: the last record of a life may be missing there, no other.

use crate::Play;
use anyhow::{Context, Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use std::fs::File;
use std::io::Read;

const SECTOR_BYTES: usize = 512;
const RING: u64 = 1024;

/// A disk that is large enough for a witness.
pub const WITNESS_BYTES: u64 = 8 << 20;

/// One boot of a guest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Life {
    /// The VMM that it booted in.
    pub vmm: String,
    pub boot_id: String,
}

/// A record of a witness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub life: Life,
    /// Goes on from life to life.
    pub counter: u64,
}

impl Record {
    fn read(sector: &[u8]) -> Option<Record> {
        let text = String::from_utf8_lossy(sector);
        let word = |key: &str| {
            text.trim_end_matches('\0')
                .split_whitespace()
                .find_map(|word| Some(word.strip_prefix(key)?.to_owned()))
        };
        let life = Life { vmm: word("vmm=")?, boot_id: word("boot_id=")? };
        Some(Record { life, counter: word("counter=")?.parse().ok()? })
    }

    /// The last one in a disk's file.
    ///
    /// # Errors
    /// When nothing was written, or the file can't be read.
    pub fn last(file: &Utf8Path) -> Result<Record> {
        let mut sector = [0; SECTOR_BYTES];
        let read = File::open(file).and_then(|mut file| file.read_exact(&mut sector));
        read.with_context(|| format!("reading {file}"))?;
        Record::read(&sector).with_context(|| format!("no record: {}", String::from_utf8_lossy(&sector)))
    }
}

impl Play {
    /// The one file of a disk, wherever it is.
    pub fn disk_file(&mut self, disk: &str) -> Result<Utf8PathBuf> {
        let sql = "SELECT coalesce(file_id, id)::text FROM disk WHERE name = $1";
        let file: String = self.records.one(sql, &[&disk])?;
        let mut found = self.files_naming(&[format!("{file}.raw")])?;
        ensure!(found.len() == 1, "files of disk {disk}: {found:?}");
        Ok(Utf8PathBuf::from(found.remove(0)))
    }

    /// The last record on a disk.
    pub fn witness(&mut self, disk: &str) -> Result<Record> {
        Record::last(&self.disk_file(disk)?)
    }
}

/// Who wrote the ring of a disk's file, oldest first. Each wrote in one go: nobody wrote while another one did.
///
/// # Errors
/// When records of one life are mixed with another's, or one is missing that isn't the last of its life.
pub fn lives(file: &Utf8Path) -> Result<Vec<Life>> {
    in_the_ring(&std::fs::read(file).with_context(|| format!("reading {file}"))?)
}

fn in_the_ring(bytes: &[u8]) -> Result<Vec<Life>> {
    let sectors: Vec<_> = bytes.chunks(SECTOR_BYTES).map(Record::read).collect();
    let last = sectors.first().cloned().flatten().context("the witness wrote nothing")?;
    let (mut lives, mut missing) = (Vec::<Life>::new(), None);
    for counter in last.counter.saturating_sub(RING - 1).max(1)..=last.counter {
        let there = sectors.get(usize::try_from(1 + counter % RING)?).cloned().flatten();
        let Some(record) = there.filter(|record| record.counter == counter) else {
            ensure!(missing.is_none(), "records {missing:?} and {counter} of {} are missing", last.counter);
            missing = Some(counter);
            continue;
        };
        let goes_on = lives.last() == Some(&record.life);
        if let Some(missing) = missing.take() {
            ensure!(!goes_on && missing > 1, "record {missing} of {} is missing", last.counter);
        }
        if !goes_on {
            ensure!(!lives.contains(&record.life), "{record:?} came after another life's, of {lives:?}");
            lives.push(record.life);
        }
    }
    // Its way into the ring may have been interrupted.
    if lives.last() != Some(&last.life) {
        ensure!(!lives.contains(&last.life), "{last:?} came after another life's, of {lives:?}");
        lives.push(last.life);
    }
    Ok(lives)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A disk on which these wrote, one record each; `.` is one that is missing in the ring.
    fn disk(writers: &str) -> Vec<u8> {
        let mut bytes = vec![0; SECTOR_BYTES * (1 + RING as usize)];
        let mut write = |at: usize, words: &str| {
            let begin = at * SECTOR_BYTES;
            bytes[begin..begin + SECTOR_BYTES].fill(0);
            bytes[begin..begin + words.len()].copy_from_slice(words.as_bytes());
        };
        for (counter, who) in (1..).zip(writers.chars()) {
            let words = format!("berth-witness vmm={who} counter={counter} boot_id=boot-{who}\n");
            if who != '.' {
                write(0, &words);
                write(1 + counter % RING as usize, &words);
            }
        }
        bytes
    }

    fn who(writers: &str) -> Option<String> {
        let lives = in_the_ring(&disk(writers)).ok()?;
        Some(lives.into_iter().map(|life| life.vmm).collect())
    }

    #[test]
    fn lives_come_one_after_the_other() {
        assert_eq!(who("aaa").as_deref(), Some("a"));
        assert_eq!(who("aabbb").as_deref(), Some("ab"));
        assert_eq!(who("aa.bbb.c").as_deref(), Some("abc"), "the last of a life may be missing");
        assert_eq!(who(&"a".repeat(3000)).as_deref(), Some("a"), "the ring is written over and over");
    }

    #[test]
    fn what_is_mixed_or_missing_is_found() {
        assert_eq!(who("aabab"), None, "two writers");
        assert_eq!(who("aa.aa"), None, "one of a life that goes on");
        assert_eq!(who("aa..bb"), None, "two in a row");
        assert_eq!(who("..."), None, "nothing was written");
    }

    #[test]
    fn the_last_record_may_not_be_in_the_ring_yet() {
        let mut bytes = disk("aaab");
        let begin = SECTOR_BYTES * 5;
        bytes[begin..begin + SECTOR_BYTES].fill(0);
        let lives = in_the_ring(&bytes).expect("in order");
        assert_eq!(lives.len(), 2);
    }
}
