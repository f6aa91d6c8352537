//! How soon everything is as it should be after a death: an agent's with many VMMs, with reboots left down, a nexus'
//! with sagas.
//!
//! Each time is from the start of the new agent's process, or from the death of nexus, until the records say so: the
//! way of the news to nexus is in it.

use crate::rows::Row;
use anyhow::{Context, Result, ensure};
use berth_nexus_api::operation::Operation;
use berth_tests::{Api, BootImage, Play, Shape, play, until};
use serde_json::json;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const BENCH: &str = "recovery";
/// So many VMMs on one sled.
const MANY: usize = 500;
/// Instances whose starts are under way when their nexus dies.
const STARTS: usize = 50;
/// Projects that share them: each has room for a hundred.
const PROJECTS: usize = 6;
/// Requests at a time.
const AT_ONCE: usize = 8;
/// From the power button to the guest's power-off: all are asked, and their agent is dead, before the first goes down.
const GOES_DOWN: Duration = Duration::from_secs(45);
const LIMIT: Duration = Duration::from_secs(300);

const ASKED: &str =
    "SELECT count(*) = $1 FROM reboot WHERE seen_gen = asked_gen AND seen_phase = 'shutting_down'";
const BEGUN: &str =
    "SELECT count(*) FROM reboot WHERE seen_gen = asked_gen AND seen_phase IN ('starting', 'done')";

pub fn measure() -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    play(&Shape { sled_cpus: 1024, ..Shape::simulated(2, 1) }, |play| {
        play.image(BootImage::Small)?;
        let homes = homes(play)?;
        run(&homes[..1], 0..1)?;
        left_down(play, &homes, 1, &mut rows)?;
        run(&homes, 1..MANY)?;
        adopted(play, &mut rows)?;
        left_down(play, &homes, MANY, &mut rows)
    })?;
    play(&Shape { sled_cpus: 1024, ..Shape::simulated(2, 1) }, |play| {
        play.image(BootImage::Small)?;
        nexus_death(play, &mut rows)
    })?;
    Ok(rows)
}

/// A project each, with its own image.
fn homes(play: &Play) -> Result<Vec<Api>> {
    let mut homes = vec![play.api.clone()];
    for number in 1..PROJECTS {
        let name = format!("stage-{number}");
        let made = play.api.post("/v1/projects", json!({"name": name}))?;
        ensure!(made.status.is_success(), "no project: {}", made.text);
        let home = play.api.in_project(&name);
        let (kernel, initrd) = BootImage::Small.files()?;
        home.kernel_image(BootImage::Small.name(), kernel, initrd)?;
        homes.push(home);
    }
    Ok(homes)
}

fn name(number: usize) -> String {
    format!("web-{number}")
}

/// Does something for each of these, several at a time.
fn each(numbers: std::ops::Range<usize>, deed: impl Fn(usize) -> Result<()> + Sync) -> Result<()> {
    let next = AtomicUsize::new(numbers.start);
    let work = || -> Result<()> {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= numbers.end {
                return Ok(());
            }
            deed(number)?;
        }
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| match worker.join() {
            Ok(done) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        })
    })
}

/// Guests that run, and take their time to go down.
fn run(homes: &[Api], numbers: std::ops::Range<usize>) -> Result<()> {
    let words = format!("berth.button=slow berth.slow={}", GOES_DOWN.as_secs());
    let more = json!({"cpus": 1, "memory_mib": 64, "stop_grace_s": 600, "command_line": words});
    each(numbers, |number| {
        homes[number % homes.len()].instance_running(&name(number), "small", &more).map(drop)
    })
}

/// The agent is killed and started again; the time from its new start until `is_so` is true.
fn restarted(
    play: &mut Play,
    meanwhile: Duration,
    mut is_so: impl FnMut(&mut Play, Instant) -> Result<bool>,
) -> Result<f64> {
    play.cluster.sleds[0].kill_hard()?;
    std::thread::sleep(meanwhile);
    play.cluster.sleds[0].start()?;
    let begin = Instant::now();
    until("what its agent found is seen to", LIMIT, || Ok(is_so(play, begin)?.then_some(())))?;
    Ok(begin.elapsed().as_secs_f64())
}

fn adopted(play: &mut Play, rows: &mut Vec<Row>) -> Result<()> {
    let before = play.records.one::<String>("SELECT now()::text", &[])?;
    let recovered = "SELECT recovered_total >= $1 AND recovered_done = recovered_total
                         AND last_report_at > $2::text::timestamptz FROM sled";
    let many = i64::try_from(MANY)?;
    let took_s = restarted(play, Duration::ZERO, |play, _| play.records.one(recovered, &[&many, &before]))?;
    rows.push(Row::alone(BENCH, &format!("agent restart, {MANY} VMMs"), "all adopted and told", took_s, "s"));
    let ended = "SELECT count(*) FROM vmm WHERE ended_by IS NOT NULL";
    ensure!(play.records.one::<i64>(ended, &[])? == 0, "a restart ends nothing");
    Ok(())
}

/// Soft reboots of the first `count`, whose guests all go down while their agent is dead.
fn left_down(play: &mut Play, homes: &[Api], count: usize, rows: &mut Vec<Row>) -> Result<()> {
    let begin = Instant::now();
    each(0..count, |number| {
        let home = &homes[number % homes.len()];
        let path = home.here(&format!("/v1/instances/{}/reboot", name(number)));
        let asked = home.post(&path, json!({"mode": "soft"}))?;
        ensure!(asked.status.is_success(), "no reboot: {}", asked.text);
        Ok(())
    })?;
    let all = i64::try_from(count)?;
    play.records.until("every guest is asked to go down", LIMIT, ASKED, &[&all])?;
    ensure!(begin.elapsed() < GOES_DOWN, "asking took {:?}: some are up again", begin.elapsed());
    let (mut first, mut begun) = (None, 0);
    let took_s = restarted(play, GOES_DOWN, |play, begin| {
        begun = play.records.one::<i64>(BEGUN, &[])?;
        if begun > 0 {
            first.get_or_insert_with(|| begin.elapsed().as_secs_f64());
        }
        Ok(begun == all)
    })
    .with_context(|| format!("{begun} of {count} were begun"))?;
    let hard = "SELECT count(*) = $1 FROM reboot WHERE seen_kind = 'hard'";
    ensure!(play.records.one::<bool>(hard, &[&all])?, "each is finished as a hard reboot");
    let case = format!("{count} reboots left down");
    if let Some(first_s) = first.filter(|_| count > 1) {
        rows.push(Row::alone(BENCH, &case, "first begun and told", first_s, "s"));
    }
    rows.push(Row::alone(BENCH, &case, "all begun and told", took_s, "s"));
    play.comes_to_rest(LIMIT)
}

fn nexus_death(play: &mut Play, rows: &mut Vec<Row>) -> Result<()> {
    let dying = play.api.at(0);
    each(0..STARTS, |number| play.api.instance_made(&name(number), "small", &json!({})).map(drop))?;
    // All it takes on it has begun, and little of it is done, when it dies.
    each(0..STARTS, |number| dying.instance_start(&name(number))?.into::<Operation>().map(drop))?;
    play.cluster.nexus[0].kill_hard()?;
    let begin = Instant::now();
    let open = "SELECT count(*) FROM saga WHERE state <> 'done'";
    let left: i64 = play.records.one(open, &[])?;
    let none = format!("{open} HAVING count(*) = 0");
    until("its sagas are done", LIMIT, || {
        Ok((!play.records.all::<i64>(&none, &[])?.is_empty()).then_some(()))
    })?;
    let took_s = begin.elapsed().as_secs_f64();
    let running = "SELECT count(*) FROM vmm WHERE state = 'running'";
    play.records.until("all run", LIMIT, &format!("SELECT ({running}) = $1"), &[&i64::try_from(STARTS)?])?;
    let row = Row::alone(BENCH, "nexus death", "its sagas are done", took_s, "s");
    rows.push(row.beside("sagas it left", left as f64));
    play.cluster.nexus[0].start()
}
