//! Many histories, and one again.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use anyhow::{Context, Result, anyhow, bail, ensure};

use crate::course::Mutant;
use crate::history::{History, tell};
use crate::records::Database;

/// Without other wishes: what fits beside everything else that a run tests.
const SEEDS: Range<u64> = 0..12;

/// Which seeds are told.
fn wished() -> Result<Range<u64>> {
    let Ok(text) = std::env::var("BERTH_SEEDS") else { return Ok(SEEDS) };
    let parsed = match text.split_once("..") {
        Some((from, to)) => from.parse().and_then(|from| Ok(from..to.parse()?)),
        None => text.parse().map(|count| 0..count),
    };
    parsed.with_context(|| {
        format!("BERTH_SEEDS is `{text}`, which is neither a number nor a range like 0..500")
    })
}

/// As many at once as there are cores.
fn all(seeds: Range<u64>, each: impl Fn(&Result<History>, u64) + Sync) {
    let next = AtomicU64::new(seeds.start);
    let workers = std::thread::available_parallelism().map_or(2, usize::from).min(8);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                let database = Database::new().map(Arc::new);
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end {
                        return;
                    }
                    let told = match &database {
                        Ok(database) => tell(database, seed, |_| {}),
                        Err(error) => Err(anyhow!("no database: {error:#}")),
                    };
                    each(&told, seed);
                }
            });
        }
    });
}

#[test]
fn histories_keep_every_invariant_and_come_to_rest() -> Result<()> {
    if let Ok(seed) = std::env::var("BERTH_SEED") {
        return again(seed.parse().context("BERTH_SEED is a number")?);
    }
    let seeds = wished()?;
    let (began, wrong) = (Instant::now(), Mutex::new(Vec::new()));
    let (turns, length_ms) = (AtomicU64::new(0), AtomicU64::new(0));
    all(seeds.clone(), |told, seed| {
        let what = match told {
            Ok(history) => {
                turns.fetch_add(history.turns, Ordering::Relaxed);
                length_ms
                    .fetch_add(u64::try_from(history.length.as_millis()).unwrap_or(0), Ordering::Relaxed);
                history.wrong.first().cloned()
            }
            Err(error) => Some(format!("the history itself failed: {error:#}")),
        };
        if let Some(what) = what {
            // At once: a run that is cut off has told what it found.
            eprintln!("WRONG: seed {seed}: {what}");
            wrong.lock().expect("no other test panicked under it").push(format!("seed {seed}: {what}"));
        }
    });
    let wrong = wrong.into_inner()?;
    println!(
        "{} histories, seeds {}..{}: {} wrong; {} hours of simulated time, {} requests to the database, in {:.0} s",
        seeds.end - seeds.start,
        seeds.start,
        seeds.end,
        wrong.len(),
        length_ms.into_inner() / 3_600_000,
        turns.into_inner(),
        began.elapsed().as_secs_f64()
    );
    for line in &wrong {
        println!("{line}");
    }
    ensure!(
        wrong.is_empty(),
        "{} histories went wrong; BERTH_SEED=N tells one again, with its text",
        wrong.len()
    );
    Ok(())
}

/// One seed, with its text.
fn again(seed: u64) -> Result<()> {
    let history = tell(&Arc::new(Database::new()?), seed, |_| {})?;
    for line in &history.lines {
        println!("{line}");
    }
    if history.wrong.is_empty() {
        println!("seed {}: nothing was wrong in {:?}, {} turns", history.seed, history.length, history.turns);
        return Ok(());
    }
    bail!("seed {seed}: {:#?}", history.wrong)
}

/// A mutant is caught within so many histories.
const CAUGHT_WITHIN: u64 = 25;

#[test]
fn each_fault_put_in_on_purpose_is_caught_by_some_history() -> Result<()> {
    let database = Arc::new(Database::new()?);
    for mutant in Mutant::ALL {
        let mut caught = None;
        for seed in 0..CAUGHT_WITHIN {
            let history = tell(&database, seed, move |course| course.mutant = Some(mutant))?;
            if let Some(wrong) = history.wrong.first() {
                caught = Some((seed, wrong.clone()));
                break;
            }
        }
        let (seed, wrong) =
            caught.with_context(|| format!("{mutant:?} wasn't noticed in {CAUGHT_WITHIN} histories"))?;
        println!("{mutant:?} is caught by seed {seed}: {wrong}");
    }
    Ok(())
}
