//! Acceptance 24: a real guest that rewrites its memory without end is migrated many times in a row, to and fro, and
//! pinged every 10 ms meanwhile.
//!
//! Every sled is a network namespace with a bridge of its own ([`Shape::has_hosts`]), so that the pings take the way
//! they would take between machines: world → bridge → the sled's bridge → tap → virtio. After each migration they take
//! the other way, which the bridges learn from what QEMU announces for the guest.
//!
//! `BERTH_MIGRATIONS` tells how many migrations; `cargo xtask soak migrations` makes it the hundred that the acceptance
//! wants, alone on the machine, judges the longest loss, and shows the figures.

use anyhow::{Context, Result, ensure};
use berth_nexus_api::operation::Operation;
use berth_tests::{BootImage, Pinger, Play, Shape, guest_address, play, until};
use camino::{Utf8Path, Utf8PathBuf};
use serde_json::json;
use std::fs::read;
use std::time::{Duration, Instant};

const MIGRATIONS_VARIABLE: &str = "BERTH_MIGRATIONS";
/// As many as the suite has time for.
const MIGRATIONS: u32 = 10;

const PING_EVERY: Duration = Duration::from_millis(10);
const LONGEST_LOSS: Duration = Duration::from_secs(1);

/// An emulated guest's way to its last line.
const BOOT_LIMIT: Duration = Duration::from_secs(60);
const SOON: Duration = Duration::from_secs(60);

const DISK_BYTES: usize = 8 << 20;
const SECTOR_BYTES: usize = 512;
/// The witness' latest records are in a ring behind its first sector.
const RING: u64 = 1024;

/// A record of the guest's witness.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Record {
    vmm: String,
    counter: u64,
    boot_id: String,
}

impl Record {
    fn read(sector: &[u8]) -> Option<Record> {
        let text = String::from_utf8_lossy(sector);
        let word = |key: &str| {
            text.trim_end_matches('\0')
                .split_whitespace()
                .find_map(|word| Some(word.strip_prefix(key)?.to_owned()))
        };
        Some(Record {
            vmm: word("vmm=")?,
            counter: word("counter=")?.parse().ok()?,
            boot_id: word("boot_id=")?,
        })
    }

    /// The last one on a disk.
    fn last(disk: &Utf8Path) -> Option<Record> {
        Record::read(read(disk).ok()?.get(..SECTOR_BYTES)?)
    }
}

/// The ring holds each of the latest records at its place, and every one is of the same life: nobody else wrote, and
/// no write was lost. (The very last may have been interrupted on its way into the ring.)
fn one_writer(disk: &Utf8Path, life: &Record) -> Result<u64> {
    let bytes = read(disk)?;
    let sectors: Vec<_> = bytes.chunks(SECTOR_BYTES).map(Record::read).collect();
    let last = sectors.first().cloned().flatten().context("the witness wrote nothing")?.counter;
    for counter in last.saturating_sub(RING - 1).max(1)..last {
        let found = sectors.get(usize::try_from(1 + counter % RING)?).cloned().flatten();
        let expected = Record { counter, ..life.clone() };
        ensure!(
            found.as_ref() == Some(&expected),
            "record {counter} of {last} is {found:?}, not {expected:?}"
        );
    }
    Ok(last)
}

fn the_disk(play: &Play, id: impl std::fmt::Display) -> Result<Utf8PathBuf> {
    let path = play.cluster.directory().join(format!("shared/{id}.raw"));
    ensure!(path.exists(), "{path} isn't there");
    Ok(path)
}

fn migrated(play: &Play) -> Result<()> {
    let operation: Operation = play.api.instance_migrate("web", json!({}))?.into()?;
    play.api.succeeded(&operation, SOON).map(drop)
}

fn sled(play: &Play) -> Result<String> {
    Ok(play.api.instance("web")?.sled.context("it runs nowhere")?.name.to_string())
}

/// The same guest goes on writing.
fn writes_on(disk: &Utf8Path, life: &Record) -> Result<()> {
    let before = Record::last(disk).context("a record")?.counter;
    let now = until("the guest writes on", SOON, || {
        Ok(Record::last(disk).filter(|record| record.counter > before))
    })?;
    ensure!((&now.vmm, &now.boot_id) == (&life.vmm, &life.boot_id), "it was {life:?}, and is {now:?}");
    Ok(())
}

#[test]
fn acceptance_24_a_guest_under_memory_load_migrates_many_times_and_answers_pings() -> Result<()> {
    let told = std::env::var(MIGRATIONS_VARIABLE).ok();
    let times = match &told {
        Some(times) => {
            times.parse().with_context(|| format!("{MIGRATIONS_VARIABLE} is a number, not {times:?}"))?
        }
        None => MIGRATIONS,
    };
    let shape = Shape { sleds: 2, has_hosts: true, ..Shape::real() };
    play(&shape, |play| {
        let (address, words) = guest_address(0);
        play.image(BootImage::Obeys)?;
        let disk = play.api.disk_made("data", json!({"size_bytes": DISK_BYTES, "pool": "shared"}))?;
        let disk = the_disk(play, disk.id)?;
        let line = format!("console=ttyS0 quiet berth.ip={words} berth.load=16");
        let more = json!({"disks": ["data"], "nics": 1, "command_line": line});
        play.api.instance_running("web", "obeys", &more)?;
        play.api.printed("web", "berth-guest: witness wrote 1", BOOT_LIMIT)?;
        let life = Record::last(&disk).context("a record")?;

        let pinger = Pinger::begin(address, PING_EVERY)?;
        let begin = Instant::now();
        for n in 1..=times {
            let from = sled(play)?;
            migrated(play).with_context(|| format!("migration {n} of {times}"))?;
            ensure!(sled(play)? != from, "it didn't move");
            writes_on(&disk, &life).with_context(|| format!("after migration {n} of {times}"))?;
        }
        let took = begin.elapsed();
        let pings = pinger.end()?;
        // Shown by the runner, and by `soak`.
        println!("{times} migrations in {} s; {pings}", took.as_secs());
        // Beside other tests the processor is theirs, too: no verdict by the clock then.
        ensure!(told.is_none() || pings.longest_loss() <= LONGEST_LOSS, "{pings}");

        let stop: Operation = play.api.instance_stop("web", json!({}))?.into()?;
        play.api.succeeded(&stop, SOON)?;
        let written = one_writer(&disk, &life)?;
        println!("the witness wrote {written} records, all in one life");
        let console = play.api.serial("web")?;
        ensure!(!console.contains("TWO WRITERS"), "{console}");
        play.api.instance_gone("web")?;
        play.comes_to_rest(SOON)
    })
}
