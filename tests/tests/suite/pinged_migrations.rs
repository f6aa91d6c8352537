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
use berth_tests::{
    BootImage, Life, Pinger, Play, Record, Shape, WITNESS_BYTES, guest_address, lives, play, until,
};
use camino::Utf8Path;
use serde_json::json;
use std::time::{Duration, Instant};

const MIGRATIONS_VARIABLE: &str = "BERTH_MIGRATIONS";
/// As many as the suite has time for.
const MIGRATIONS: u32 = 10;

const PING_EVERY: Duration = Duration::from_millis(10);
const LONGEST_LOSS: Duration = Duration::from_secs(1);

/// An emulated guest's way to its last line.
const BOOT_LIMIT: Duration = Duration::from_secs(60);
const SOON: Duration = Duration::from_secs(60);

fn migrated(play: &Play) -> Result<()> {
    let operation = play.api.migration_accepted("web", &json!({}))?;
    play.api.succeeded(&operation, SOON).map(drop)
}

/// The same guest goes on writing.
fn writes_on(disk: &Utf8Path, life: &Life) -> Result<()> {
    let before = Record::last(disk)?.counter;
    let now = until("the guest writes on", SOON, || {
        Ok(Record::last(disk).ok().filter(|record| record.counter > before))
    })?;
    ensure!(now.life == *life, "it was {life:?}, and is {now:?}");
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
        play.api.disk_made("data", json!({"size_bytes": WITNESS_BYTES, "pool": "shared"}))?;
        let disk = play.disk_file("data")?;
        let line = format!("console=ttyS0 quiet berth.ip={words} berth.load=16");
        let more = json!({"disks": ["data"], "nics": 1, "command_line": line});
        play.api.instance_running("web", "obeys", &more)?;
        play.api.printed("web", "berth-guest: witness wrote 1", BOOT_LIMIT)?;
        let life = Record::last(&disk)?.life;

        let pinger = Pinger::begin(address, PING_EVERY)?;
        let begin = Instant::now();
        for n in 1..=times {
            let from = play.sled_of("web")?;
            migrated(play).with_context(|| format!("migration {n} of {times}"))?;
            ensure!(play.sled_of("web")? != from, "it didn't move");
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
        let (written, wrote) = (Record::last(&disk)?.counter, lives(&disk)?);
        ensure!(wrote == [life], "they wrote: {wrote:?}");
        println!("the witness wrote {written} records, all in one life");
        let console = play.api.serial("web")?;
        ensure!(!console.contains("TWO WRITERS"), "{console}");
        play.api.instance_gone("web")?;
        play.comes_to_rest(SOON)
    })
}
