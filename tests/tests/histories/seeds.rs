//! Many histories, and one again.

use std::ops::Range;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use anyhow::{Context, Result, anyhow, bail, ensure};

use crate::cores;
use crate::course::Mutant;
use crate::history::{History, tell};
use crate::records::Database;
use crate::tally::Tally;

/// Without other wishes: what fits beside everything else that a run tests.
const SEEDS: Range<u64> = 0..500;
/// So many contain everything that histories are about.
const ENOUGH: u64 = 200;

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
fn all(seeds: Range<u64>, each: impl Fn(&Result<History>, u64) + Sync) -> Result<()> {
    let next = AtomicU64::new(seeds.start);
    let (next, each) = (&next, &each);
    let cores = cores::usable()?;
    std::thread::scope(|scope| {
        for core in cores.into_iter().take(8) {
            scope.spawn(move || {
                let database = Database::new();
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end {
                        return;
                    }
                    let told = match &database {
                        Ok(database) => apart(database, seed, Some(core)),
                        Err(error) => Err(anyhow!("no database: {error:#}")),
                    };
                    each(&told, seed);
                }
            });
        }
    });
    Ok(())
}

#[test]
fn histories_keep_every_invariant_and_come_to_rest() -> Result<()> {
    if let Ok(seed) = std::env::var("BERTH_SEED") {
        return again(seed.parse().context("BERTH_SEED is a number")?);
    }
    let seeds = wished()?;
    let (began, wrong) = (Instant::now(), Mutex::new(Vec::new()));
    let tally = Mutex::new(Tally::default());
    all(seeds.clone(), |told, seed| {
        let what = match told {
            Ok(history) => {
                tally.lock().expect("no other test panicked under it").add(&history.tally);
                history.wrong.first().cloned()
            }
            Err(error) => Some(format!("the history itself failed: {error:#}")),
        };
        if let Some(what) = what {
            // At once: a run that is cut off has told what it found.
            eprintln!("WRONG: seed {seed}: {what}");
            wrong.lock().expect("no other test panicked under it").push(format!("seed {seed}: {what}"));
        }
    })?;
    let (wrong, tally) = (wrong.into_inner()?, tally.into_inner()?);
    println!(
        "{} histories, seeds {}..{}: {} wrong; {}; in {:.0} s",
        tally.histories,
        seeds.start,
        seeds.end,
        wrong.len(),
        tally,
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
    let missing = tally.missing();
    let few = seeds.end - seeds.start < ENOUGH;
    ensure!(few || missing.is_empty(), "in no history there was {}", missing.join(", nor "));
    Ok(())
}

/// What a process that tells one history for another is told: whose database it uses, where it leaves the history, and
/// on which core it stays, if on one.
const DATABASE: &str = "BERTH_HISTORY_DATABASE";
const RESULT: &str = "BERTH_HISTORY_RESULT";
const CORE: &str = "BERTH_HISTORY_CORE";

/// Tells a seed in a process of its own: the runtime draws the order of what is ready at once from a number that each
/// process counts up, so that only the first history of a process is told alike wherever it is told.
fn apart(database: &Database, seed: u64, core: Option<usize>) -> Result<History> {
    let result = tempfile::NamedTempFile::new()?;
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["seeds::histories_keep_every_invariant_and_come_to_rest", "--exact", "--nocapture"]);
    command.env("BERTH_SEED", seed.to_string()).env(DATABASE, database.name()).env(RESULT, result.path());
    if let Some(core) = core {
        command.env(CORE, core.to_string());
    }
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).status()?;
    let told = std::fs::read(result.path())?;
    ensure!(!told.is_empty(), "its process told nothing, and ended with {status}");
    let told: Result<History, String> = serde_json::from_slice(&told)?;
    told.map_err(anyhow::Error::msg)
}

/// One seed, with its text.
fn again(seed: u64) -> Result<()> {
    if let (Ok(database), Some(result)) = (std::env::var(DATABASE), std::env::var_os(RESULT)) {
        if let Ok(core) = std::env::var(CORE) {
            cores::stay_on(core.parse()?)?;
        }
        let told = Database::lent(database).and_then(|database| tell(&Arc::new(database), seed, |_| {}));
        let told = told.map_err(|error| format!("{error:#}"));
        return Ok(std::fs::write(result, serde_json::to_vec(&told)?)?);
    }
    let history = tell(&Arc::new(Database::new()?), seed, |course| course.aloud = true)?;
    if history.wrong.is_empty() {
        println!("seed {}: nothing was wrong; {}", history.seed, history.tally);
        return Ok(());
    }
    bail!("seed {seed}: {:#?}", history.wrong)
}

/// Seeds that are told twice.
const TOLD_TWICE: [u64; 4] = [3, 8, 21, 34];

#[test]
fn a_seed_tells_the_same_history_again() -> Result<()> {
    let database = Database::new()?;
    for seed in TOLD_TWICE {
        let (one, other) = (apart(&database, seed, None)?, apart(&database, seed, None)?);
        let lines = one.lines.iter().zip(&other.lines).enumerate();
        if let Some((at, (one, other))) = lines.into_iter().find(|(_, (one, other))| one != other) {
            bail!("seed {seed}, line {at}: `{one}` was `{other}` the other time");
        }
        ensure!(one.lines.len() == other.lines.len(), "seed {seed} told more one time");
        ensure!(one.tally == other.tally, "seed {seed}: {} one time, {} the other", one.tally, other.tally);
    }
    Ok(())
}

/// A mutant is caught within so many histories.
const CAUGHT_WITHIN: u64 = 40;

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
