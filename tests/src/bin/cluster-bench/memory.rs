//! What each process takes: memory, and CPU while nothing happens.

use crate::rows::Row;
use anyhow::{Context, Result, ensure};
use berth_tests::{BootImage, Play, Shape, play};
use nix::unistd::Pid;
use serde_json::json;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

const BENCH: &str = "memory";
const BOOT_LIMIT: Duration = Duration::from_secs(90);
const IDLE: Duration = Duration::from_secs(10);
const GUESTS: usize = 2;

pub fn measure() -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    play(&Shape { nexus: 2, ..Shape::real() }, |play| {
        play.image(BootImage::Obeys)?;
        for number in 0..GUESTS {
            let name = format!("web-{number}");
            play.api.instance_running(&name, "obeys", &json!({}))?;
            play.api.printed(&name, "berth-guest: ready", BOOT_LIMIT)?;
        }
        play.comes_to_rest(BOOT_LIMIT)?;
        rows = look(play)?;
        (0..GUESTS).try_for_each(|number| play.api.instance_gone(&format!("web-{number}")))
    })?;
    Ok(rows)
}

fn look(play: &Play) -> Result<Vec<Row>> {
    let mut processes = BTreeMap::<&str, Vec<Pid>>::new();
    for (pid, arguments) in play.cluster.processes()? {
        processes.entry(kind(&arguments)).or_default().push(pid);
    }
    for kind in ["nexus", "agent", "shim", "QEMU"] {
        ensure!(processes.contains_key(kind), "no {kind} is among {processes:?}");
    }
    let cpu_before = seconds_of_all(&processes)?;
    let begin = Instant::now();
    std::thread::sleep(IDLE);
    let idle_s = begin.elapsed().as_secs_f64();
    let cpu_after = seconds_of_all(&processes)?;
    let mut rows = Vec::new();
    for (kind, pids) in &processes {
        let each = pids.len() as f64;
        let case = format!("each of {} {kind}", pids.len());
        for (field, subject) in
            [("Rss:", "resident"), ("Pss:", "proportional"), ("Private_Dirty:", "private and dirty")]
        {
            let kib = pids.iter().map(|pid| rollup_kib(*pid, field)).sum::<Result<u64>>()?;
            rows.push(Row::alone(BENCH, &case, subject, kib as f64 / 1024.0 / each, "MiB"));
        }
        let spent = cpu_after.get(kind).copied().unwrap_or_default()
            - cpu_before.get(kind).copied().unwrap_or_default();
        rows.push(Row::alone(BENCH, &case, "CPU while idle", 100.0 * spent / idle_s / each, "% of a core"));
    }
    Ok(rows)
}

fn kind(arguments: &str) -> &'static str {
    let mut words = arguments.split(' ');
    let program = words.next().unwrap_or_default();
    match (program.rsplit('/').next().unwrap_or_default(), words.next()) {
        ("nexus", _) => "nexus",
        ("sled-agent", Some("run")) => "agent",
        (name, _) if name.starts_with("qemu-") => "QEMU",
        _ => "shim",
    }
}

/// A field of the kernel's own sums over all mappings of a process.
fn rollup_kib(pid: Pid, field: &str) -> Result<u64> {
    let path = format!("/proc/{pid}/smaps_rollup");
    let text = std::fs::read_to_string(&path).with_context(|| format!("reading {path}"))?;
    let line = text
        .lines()
        .find(|line| line.starts_with(field))
        .with_context(|| format!("{path} has no {field}"))?;
    Ok(line.split_whitespace().nth(1).context("a field has a value")?.parse()?)
}

fn seconds_of_all<'k>(processes: &BTreeMap<&'k str, Vec<Pid>>) -> Result<BTreeMap<&'k str, f64>> {
    let of_kind = |pids: &Vec<Pid>| pids.iter().map(|pid| cpu_s(*pid)).sum::<Result<f64>>();
    processes.iter().map(|(kind, pids)| Ok((*kind, of_kind(pids)?))).collect()
}

/// Time on a CPU, of all threads.
fn cpu_s(pid: Pid) -> Result<f64> {
    let ticks_per_second =
        nix::unistd::sysconf(nix::unistd::SysconfVar::CLK_TCK)?.context("a clock has ticks")?;
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name, in parentheses, may contain anything; user and system time are the 12th and 13th word behind it.
    let (_, behind) = stat.rsplit_once(')').context("a process has a name")?;
    let words: Vec<&str> = behind.split_whitespace().collect();
    let ticks = |word: usize| words.get(word).and_then(|ticks| ticks.parse::<f64>().ok());
    let (user, system) = ticks(11).zip(ticks(12)).context("a process has times")?;
    Ok((user + system) / ticks_per_second as f64)
}
