//! From the API's start to a guest's first line, against the same QEMU run by hand: interleaved pairs.

use crate::rows::{Row, median, spread};
use anyhow::{Context, Result, ensure};
use berth_nexus_api::operation::Operation;
use berth_tests::{BootImage, Play, Shape, play, until};
use camino::{Utf8Path, Utf8PathBuf};
use serde_json::{Value, json};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

const BENCH: &str = "real_guest";
const PAIRS: usize = 10;
const FIRST_LINE: &str = "berth-guest: up";
const BOOT_LIMIT: Duration = Duration::from_secs(90);

/// One start through the API, in seconds.
struct Start {
    /// Until the agent had ordered QEMU from its shim.
    to_order: f64,
    to_line: f64,
}

pub fn measure() -> Result<Vec<Row>> {
    let (mut ours, mut by_hand) = (Vec::new(), Vec::new());
    play(&Shape::real(), |play| {
        play.image(BootImage::Obeys)?;
        play.api.instance_made("web", "obeys", &json!({}))?;
        // The first start also fetches the image to the sled.
        let (_, mut order) = start(play)?;
        for pair in 0..PAIRS {
            // Who is second finds the files in memory that the first one left there, so they take turns.
            let hand_first = pair % 2 == 1;
            if hand_first {
                by_hand.push(hand(&order)?);
            }
            let (seconds, latest) = start(play)?;
            ours.push(seconds);
            order = latest;
            if !hand_first {
                by_hand.push(hand(&order)?);
            }
        }
        play.api.instance_gone("web")
    })?;
    Ok(rows(&ours, &by_hand))
}

fn rows(ours: &[Start], by_hand: &[f64]) -> Vec<Row> {
    let to_line: Vec<f64> = ours.iter().map(|start| start.to_line).collect();
    let to_order: Vec<f64> = ours.iter().map(|start| start.to_order).collect();
    let ratios: Vec<f64> = to_line.iter().zip(by_hand).map(|(ours, hand)| ours / hand).collect();
    let more: Vec<f64> = to_line.iter().zip(by_hand).map(|(ours, hand)| ours - hand).collect();
    let case = format!("{PAIRS} pairs, who goes first takes turns");
    let row = |subject: &str, value, unit| Row::alone(BENCH, &case, subject, value, unit);
    let ((lowest, highest), (soonest, latest)) = (spread(&ratios), spread(&to_order));
    vec![
        row("start to the guest's first line", median(&to_line), "s")
            .beside("same QEMU by hand", median(by_hand))
            .with_ratio(median(&ratios)),
        row("lowest ratio of a pair", lowest, "times").beside("highest", highest),
        row("what it takes longer", median(&more), "s"),
        row("start to the order for QEMU", median(&to_order), "s"),
        row("soonest order", soonest, "s").beside("latest", latest),
    ]
}

/// Starts, waits for the line, stops hard. The seconds, and the order that QEMU was run with.
fn start(play: &Play) -> Result<(Start, Value)> {
    let vmms = play.cluster.sleds[0].run_directory().join("vmms");
    let known = folders(&vmms)?;
    let (begin, begin_time) = (Instant::now(), SystemTime::now());
    let start: Operation = play.api.instance_start("web")?.into()?;
    let folder = until("the VMM's folder is there", BOOT_LIMIT, || {
        Ok(folders(&vmms)?.into_iter().find(|folder| !known.contains(folder)))
    })?;
    says_first_line(&folder.join("serial.log"))?;
    let to_line = begin.elapsed().as_secs_f64();
    play.api.succeeded(&start, BOOT_LIMIT)?;
    let file = folder.join("launch.json");
    let order = std::fs::read(&file).with_context(|| format!("reading {file}"))?;
    // Some file systems' clock ticks seldom: an order can look as if it came a moment before it was asked for.
    let to_order = std::fs::metadata(&file)?.modified()?.duration_since(begin_time).unwrap_or_default();
    let stop: Operation = play.api.instance_stop("web", json!({"force": true}))?.into()?;
    play.api.succeeded(&stop, BOOT_LIMIT)?;
    Ok((Start { to_order: to_order.as_secs_f64(), to_line }, serde_json::from_slice(&order)?))
}

fn folders(vmms: &Utf8Path) -> Result<Vec<Utf8PathBuf>> {
    if !vmms.is_dir() {
        return Ok(Vec::new());
    }
    vmms.read_dir_utf8()?.map(|entry| Ok(entry?.into_path())).collect()
}

/// The same arguments, but for what only a shim can hand over: the sockets of monitor and serial line.
fn hand(order: &Value) -> Result<f64> {
    let keeper = tempfile::tempdir()?;
    let directory = Utf8PathBuf::try_from(keeper.path().to_owned())?;
    let program = order["program"].as_str().context("an order names its program")?;
    let arguments = order["arguments"].as_array().context("an order has arguments")?;
    let arguments: Vec<String> = arguments.iter().filter_map(Value::as_str).map(by_path).collect();
    ensure!(
        arguments.iter().any(|argument| argument.contains("path=serial.log")),
        "no serial line: {arguments:?}"
    );
    let begin = Instant::now();
    let mut qemu = Command::new(program)
        .args(&arguments)
        .current_dir(&directory)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .with_context(|| format!("starting {program}"))?;
    let said = says_first_line(&directory.join("serial.log"));
    let seconds = begin.elapsed().as_secs_f64();
    qemu.kill()?;
    qemu.wait()?;
    said.map(|()| seconds)
}

fn by_path(argument: &str) -> String {
    match argument {
        "socket,id=serial,fd=@serial" => "file,id=serial,path=serial.log".to_owned(),
        "socket,id=shim-monitor,fd=@shim-monitor" => {
            "socket,id=shim-monitor,path=shim-qmp.sock,server=on,wait=off".to_owned()
        }
        other => other.to_owned(),
    }
}

fn says_first_line(log: &Utf8Path) -> Result<()> {
    until("the guest says its first line", BOOT_LIMIT, || {
        let said = std::fs::read(log).unwrap_or_default();
        Ok(String::from_utf8_lossy(&said).contains(FIRST_LINE).then_some(()))
    })
}
