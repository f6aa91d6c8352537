//! From the API's start to a guest's first line, against the same QEMU run by hand: interleaved pairs.

use crate::rows::{Row, median};
use anyhow::{Context, Result, ensure};
use berth_nexus_api::operation::Operation;
use berth_tests::{BootImage, Play, Shape, play, until};
use camino::{Utf8Path, Utf8PathBuf};
use serde_json::{Value, json};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const BENCH: &str = "real_guest";
const PAIRS: usize = 10;
const FIRST_LINE: &str = "berth-guest: up";
const BOOT_LIMIT: Duration = Duration::from_secs(90);

pub fn measure() -> Result<Vec<Row>> {
    let (mut ours, mut by_hand) = (Vec::new(), Vec::new());
    play(&Shape::real(), |play| {
        play.image(BootImage::Obeys)?;
        play.api.instance_made("web", "obeys", &json!({}))?;
        // The first start also fetches the image to the sled.
        start(play)?;
        for _ in 0..PAIRS {
            let (seconds, order) = start(play)?;
            ours.push(seconds);
            by_hand.push(hand(&order)?);
        }
        play.api.instance_gone("web")
    })?;
    let ratios: Vec<f64> = ours.iter().zip(&by_hand).map(|(ours, hand)| ours / hand).collect();
    let lowest = ratios.iter().copied().fold(f64::INFINITY, f64::min);
    let highest = ratios.iter().copied().fold(0.0, f64::max);
    let case = format!("{PAIRS} pairs");
    let row = |subject: &str, value, unit| Row::alone(BENCH, &case, subject, value, unit);
    Ok(vec![
        row("start to the guest's first line", median(&ours), "s")
            .beside("same QEMU by hand", median(&by_hand))
            .with_ratio(median(&ratios)),
        row("lowest ratio of a pair", lowest, "times").beside("highest", highest),
    ])
}

/// Starts, waits for the line, stops hard. The seconds, and the order that QEMU was run with.
fn start(play: &Play) -> Result<(f64, Value)> {
    let vmms = play.cluster.sleds[0].run_directory().join("vmms");
    let known = folders(&vmms)?;
    let begin = Instant::now();
    let start: Operation = play.api.instance_start("web")?.into()?;
    let folder = until("the VMM's folder is there", BOOT_LIMIT, || {
        Ok(folders(&vmms)?.into_iter().find(|folder| !known.contains(folder)))
    })?;
    says_first_line(&folder.join("serial.log"))?;
    let seconds = begin.elapsed().as_secs_f64();
    play.api.succeeded(&start, BOOT_LIMIT)?;
    let order = std::fs::read(folder.join("launch.json"))
        .with_context(|| format!("reading the order in {folder}"))?;
    let stop: Operation = play.api.instance_stop("web", json!({"force": true}))?.into()?;
    play.api.succeeded(&stop, BOOT_LIMIT)?;
    Ok((seconds, serde_json::from_slice(&order)?))
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
