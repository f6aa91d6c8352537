//! Measures the saga engine: no-op sagas of five steps per second, at 1, 8 and 32 at once.
//!
//! `saga-engine-bench --url CONNINFO [--json] [--seconds S] [--rounds N] [--at-once N]`, on an empty database that it
//! may fill.
//!
//! In each round every subject runs for a slice of the same length, one after the other, so that what else the
//! machine does falls on all alike; figures are medians over the rounds, ratios those of the pairs of a round.

mod berth;
mod commits;
mod cpu;
mod plain;
mod rows;

use anyhow::{Context, Result, bail};
use cpu::Meter;
use rows::Row;
use std::time::Duration;

/// Steps of a saga here.
pub const STEPS: usize = 5;
const AT_ONCE: [usize; 3] = [1, 8, 32];
const USAGE: &str = "--url CONNINFO [--json] [--seconds S] [--rounds N] [--at-once N]";
const TABLES: &str = include_str!("../../../../../schema/migrations/0002_saga.sql");

struct Arguments {
    url: String,
    json: bool,
    slice: Duration,
    rounds: usize,
    at_once: Vec<usize>,
}

fn arguments() -> Result<Arguments> {
    let mut given = std::env::args().skip(1);
    let (mut url, mut json, mut seconds, mut rounds) = (None, false, 1.5, 7);
    let mut at_once = AT_ONCE.to_vec();
    while let Some(name) = given.next() {
        let mut value = || given.next().with_context(|| format!("{name} needs a value"));
        match name.as_str() {
            "--url" => url = Some(value()?),
            "--json" => json = true,
            "--seconds" => seconds = value()?.parse().context("--seconds")?,
            "--rounds" => rounds = value()?.parse().context("--rounds")?,
            "--at-once" => at_once = vec![value()?.parse().context("--at-once")?],
            other => bail!("{other} isn't known: {USAGE}"),
        }
    }
    let url = url.context("--url is missing: where the empty database is")?;
    Ok(Arguments { url, json, slice: Duration::from_secs_f64(seconds), rounds, at_once })
}

/// What one subject did in one slice.
#[derive(Clone, Copy, Debug, Default)]
pub struct Slice {
    pub sagas: u64,
    pub seconds: f64,
    pub commits: u64,
    pub durable_waits: u64,
    /// Of this process and of PostgreSQL together.
    pub cpu_ms: f64,
}

impl Slice {
    fn rate(&self) -> f64 {
        self.sagas as f64 / self.seconds
    }

    fn per_saga(&self, amount: f64) -> f64 {
        amount / self.sagas.max(1) as f64
    }
}

/// The slices of all subjects at one number of sagas at once.
#[derive(Default)]
struct Rounds {
    berth: Vec<Slice>,
    berth_in_caller: Vec<Slice>,
    plain: Vec<Slice>,
    commits: Vec<Slice>,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = arguments()?;
    let admin = berth::connect(&arguments.url).await?;
    admin.batch_execute(TABLES).await.context("the database must be empty")?;
    admin.batch_execute(commits::TABLE).await?;
    let meter = Meter::of_server(&admin).await?;
    let berth = berth::Subject::new(&arguments.url)?;
    let plain = plain::Subject::new(&arguments.url)?;
    let commits =
        commits::Subject::new(&arguments.url, arguments.at_once.iter().copied().max().unwrap_or(1)).await?;

    for &at_once in &arguments.at_once {
        let mut rounds = Rounds::default();
        for round in 0..=arguments.rounds {
            let slice = arguments.slice;
            clean(&admin).await?;
            let caller = meter.during(berth.run(at_once, slice, true)).await?;
            clean(&admin).await?;
            let ours = meter.during(berth.run(at_once, slice, false)).await?;
            clean(&admin).await?;
            let theirs = meter.during(plain.run(at_once, slice)).await?;
            clean(&admin).await?;
            let bare = meter.during(commits.run(at_once, slice)).await?;
            // The first round warms caches and connections up.
            if round > 0 {
                rounds.berth_in_caller.push(caller);
                rounds.berth.push(ours);
                rounds.plain.push(theirs);
                rounds.commits.push(bare);
            }
        }
        rows::print(&compared(at_once, &rounds), arguments.json)?;
    }
    Ok(())
}

/// Every slice begins with empty tables and nothing left to write back.
async fn clean(admin: &tokio_postgres::Client) -> Result<()> {
    admin.batch_execute("TRUNCATE saga CASCADE; TRUNCATE bare_commit; ").await?;
    admin.batch_execute("CHECKPOINT").await?;
    Ok(())
}

fn compared(at_once: usize, rounds: &Rounds) -> Vec<Row> {
    const PLAIN: &str = "commit per event";
    let case = format!("{at_once} at once");
    let of = |slices: &[Slice], figure: fn(&Slice) -> f64| slices.iter().map(figure).collect::<Vec<_>>();
    let cpu = |slice: &Slice| slice.per_saga(slice.cpu_ms);
    let commits = |slice: &Slice| slice.per_saga(slice.commits as f64);
    let waits = |slice: &Slice| slice.per_saga(slice.durable_waits as f64);
    let (plain, bare) = (&rounds.plain, of(&rounds.commits, Slice::rate));
    let subjects =
        [("berth", &rounds.berth), ("berth, created in the caller's transaction", &rounds.berth_in_caller)];
    let mut rows = Vec::new();
    for (subject, slices) in subjects {
        let (rate, plain_rate) = (of(slices, Slice::rate), of(plain, Slice::rate));
        rows.push(Row::against(&case, subject, "1/s", &rate, PLAIN, &plain_rate));
        rows.push(Row::spread(&case, subject, &rate, &plain_rate));
        rows.push(Row::against(&case, subject, "1/s", &rate, "PostgreSQL's own commits", &bare));
        let case_of = |what: &str| format!("{case}, {what} per saga");
        rows.push(Row::against(&case_of("CPU"), subject, "ms", &of(slices, cpu), PLAIN, &of(plain, cpu)));
        let (ours, theirs) = (of(slices, commits), of(plain, commits));
        rows.push(Row::against(&case_of("commits"), subject, "commits", &ours, PLAIN, &theirs));
        let (ours, theirs) = (of(slices, waits), of(plain, waits));
        rows.push(Row::against(&case_of("durable waits"), subject, "waits", &ours, PLAIN, &theirs));
    }
    rows
}
