//! Lives of instances without guests: how many per second, and what each deed costs the database, by name.

use crate::rows::{Row, median, spread};
use anyhow::{Result, ensure};
use berth_common::ids::GenericUuid;
use berth_nexus_api::operation::Operation;
use berth_tests::{Api, BootImage, Counts, Play, QUIET, Reply, Shape, play};
use serde_json::json;
use std::time::{Duration, Instant};
use uuid::Uuid;

const BENCH: &str = "lifecycle";
const SOON: Duration = Duration::from_secs(60);

/// Lives led one after the other by each of so many users at once.
const LIVES: usize = 5;
const AT_ONCE: [usize; 2] = [1, 8];

/// Rounds in which each number of users has its turn, so that what else the machine does falls on all alike.
const ROUNDS: usize = 5;

pub fn measure() -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    play(&Shape::simulated(2, 3), |play| {
        play.image(BootImage::Small)?;
        live(&play.api, "warm")?;
        let mut rates = AT_ONCE.map(|_| Vec::new());
        for _ in 0..ROUNDS {
            for (users, rates) in AT_ONCE.into_iter().zip(&mut rates) {
                rates.push(lives(&play.api, users)?);
            }
        }
        for (users, rates) in AT_ONCE.into_iter().zip(&rates) {
            rows.extend(life_rows(users, rates));
        }
        Ok(())
    })?;
    let quiet = Shape { nexus_settings: QUIET.to_owned(), ..Shape::simulated(2, 1) };
    play(&quiet, |play| {
        play.image(BootImage::Small)?;
        live(&play.api, "warm")?;
        costs(play, &mut rows)
    })?;
    Ok(rows)
}

fn life_rows(users: usize, rates: &[f64]) -> [Row; 2] {
    let case = format!("{users} at once, {ROUNDS} rounds");
    let row = |subject: &str, value| Row::alone(BENCH, &case, subject, value, "1/s");
    let (lowest, highest) = spread(rates);
    [
        row("created, running, stopped, deleted", median(rates)),
        row("lowest of a round", lowest).beside("highest", highest),
    ]
}

/// created → running → stopped → deleted
fn live(api: &Api, name: &str) -> Result<()> {
    api.instance_running(name, "small", &json!({}))?;
    let stop: Operation = api.instance_stop(name, json!({}))?.into()?;
    api.succeeded(&stop, SOON)?;
    api.instance_gone(name)
}

/// Lives per second.
fn lives(api: &Api, users: usize) -> Result<f64> {
    let begin = Instant::now();
    std::thread::scope(|scope| {
        let users = (0..users).map(|user| {
            scope.spawn(move || (0..LIVES).try_for_each(|life| live(api, &format!("life-{user}-{life}"))))
        });
        for user in users.collect::<Vec<_>>() {
            match user.join() {
                Ok(lived) => lived?,
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        Ok::<_, anyhow::Error>(())
    })?;
    Ok((users * LIVES) as f64 / begin.elapsed().as_secs_f64())
}

fn costs(play: &mut Play, rows: &mut Vec<Row>) -> Result<()> {
    play.api.instance_made("web", "small", &json!({}))?;
    let start = play.counted(|play| done(play, |api| api.instance_start("web")))?;
    shown("a start", &start, rows);
    let stop = play.counted(|play| done(play, |api| api.instance_stop("web", json!({}))))?;
    shown("a stop", &stop, rows);
    play.api.instance_gone("web")?;
    // What the sled says when there is no news, and what comes round by the clock.
    let idle = Duration::from_secs(10);
    let counted = play.counted(|_| {
        std::thread::sleep(idle);
        Ok(())
    })?;
    shown("10 s of nothing", &counted, rows);
    let reports = counted.of("report.store");
    ensure!(reports.transactions > 0, "no sled reported in {idle:?}");
    let each = reports.round_trips as f64 / reports.transactions as f64;
    rows.push(Row::alone(BENCH, "a report without news", "report.store", each, "round trips"));
    Ok(())
}

/// Waits by the records, so that waiting costs nexus nothing.
fn done(play: &mut Play, ask: impl FnOnce(&Api) -> Result<Reply>) -> Result<()> {
    let reply = ask(&play.api)?;
    ensure!(reply.status.is_success(), "refused: {}", reply.text);
    let operation: Uuid = reply.into::<Operation>()?.id.into_untyped_uuid();
    let ended = "SELECT state = 'succeeded' FROM operation WHERE id = $1";
    play.records.until("the operation succeeds", SOON, ended, &[&operation])
}

fn shown(case: &str, counts: &Counts, rows: &mut Vec<Row>) {
    let own = counts.own();
    let mut row = |subject: &str, count: berth_tests::Count| {
        let row = Row::alone(BENCH, case, subject, count.transactions as f64, "transactions");
        rows.push(row.beside("round trips", count.round_trips as f64));
    };
    row("in all", own.total());
    for (name, count) in &own.0 {
        row(name, *count);
    }
    row("meanwhile, by the clock", counts.periodic().total());
}
