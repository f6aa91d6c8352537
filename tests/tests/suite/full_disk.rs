//! Acceptance 31: the disk under a sled's state is full while real guests run. They go on, and are stopped as ever, with
//! or without an agent's restart; nothing new is taken on, which says why; and when there is room again, it is.

use anyhow::{Context, Result, ensure};
use berth_common::instance::ShownState;
use berth_common::operation::OperationState;
use berth_common::refusal::ErrorCode;
use berth_nexus_api::operation::Operation;
use berth_tests::{BootImage, Play, Shape, WITNESS_BYTES, play, until};
use nix::unistd::Pid;
use serde_json::json;
use std::time::Duration;

/// An emulated guest's way to its last line, with others beside it.
const BOOT_LIMIT: Duration = Duration::from_secs(120);
const SOON: Duration = Duration::from_secs(60);

/// Enough for one image, which takes the most, and a ledger.
const STATE_MIB: u32 = 96;

/// A guest that has booted, with its process.
fn booted(play: &Play, name: &str, more: serde_json::Value) -> Result<(Pid, String)> {
    let before = play.cluster.sleds[0].guests()?;
    play.api.instance_running(name, "obeys", &more)?;
    play.api.printed(name, "berth-guest: ready", BOOT_LIMIT)?;
    let new = play.cluster.sleds[0].guests()?.into_iter().find(|guest| !before.contains(guest));
    new.with_context(|| format!("{name} has no process"))
}

/// The process is the one that it was, and what its guest prints is heard.
fn runs_on(play: &mut Play, process: &(Pid, String)) -> Result<()> {
    let known = play.api.serial("web")?;
    until("its console goes on", SOON, || {
        // A busy nexus, or agent, may not answer in time.
        let Ok(now) = play.api.serial("web") else { return Ok(None) };
        let new = now.strip_prefix(&known).context("what it had printed is another text now")?;
        Ok(new.contains("berth-guest: witness wrote").then_some(()))
    })?;
    ensure!(play.cluster.sleds[0].guests()?.contains(process), "its process is another one");
    play.api.shown("web", ShownState::Running, SOON).map(drop)
}

/// A start is refused by the sled, and the operation says why; nothing of it is left.
fn is_refused(play: &mut Play, name: &str) -> Result<()> {
    let start: Operation = play.api.instance_start(name)?.into()?;
    let ended = play.api.ended(start.id, SOON)?;
    ensure!(ended.state == OperationState::Failed, "{ended:?}");
    let error = ended.error.as_ref().context("a failed operation has an error")?;
    let says_why =
        ["ledger_full", "the disk under the ledger is full"].map(|word| error.message.contains(word));
    ensure!(error.error_code == ErrorCode::StartFailed.as_str() && says_why == [true, true], "{ended:?}");
    let room = "SELECT count(*) = 0 FROM reservation r JOIN vmm v ON v.id = r.vmm_id
        JOIN instance i ON i.id = v.instance_id WHERE i.name = $1";
    ensure!(play.records.one::<bool>(room, &[&name])?, "it keeps its room");
    play.comes_to_rest(SOON)
}

/// A stop succeeds, and that is how the guest ended.
fn stops(play: &mut Play, name: &str, how: serde_json::Value, expected: &str) -> Result<()> {
    let stop: Operation = play.api.instance_stop(name, how)?.into()?;
    play.api.succeeded(&stop, SOON)?;
    let sql = "SELECT v.ended_by FROM vmm v JOIN instance i ON i.id = v.instance_id WHERE i.name = $1";
    let ended: String = play.records.one(sql, &[&name])?;
    ensure!(ended == expected, "{name} ended by {ended}");
    Ok(())
}

/// The agent is killed and started again, and knows everything that it knew.
fn agent_comes_back(play: &mut Play) -> Result<()> {
    play.cluster.sleds[0].kill_hard()?;
    let killed_at: String = play.records.one("SELECT clock_timestamp()::text", &[])?;
    let reported = "SELECT last_report_at > $1::text::timestamptz FROM sled";
    play.cluster.sleds[0].start()?;
    let mut last = serde_json::Value::Null;
    until("the agent has looked at all it has", SOON, || {
        match play.cluster.berth().json(&["sled", "view", "sled-1"]) {
            Ok(shown) => last = shown,
            // A busy nexus may not answer in time.
            Err(error) => {
                last = serde_json::Value::String(format!("{error:#}"));
                return Ok(None);
            }
        }
        let (done, total) = (&last["readiness"]["recovered_done"], &last["readiness"]["recovered_total"]);
        let reported = play.records.one::<bool>(reported, &[&killed_at])?;
        Ok((reported && last["liveness"] == "online" && done == total).then_some(()))
    })
    .with_context(|| last.to_string())
}

#[test]
fn acceptance_31_a_full_disk_costs_no_real_guest_anything_and_takes_nothing_new() -> Result<()> {
    play(&Shape { state_mib: Some(STATE_MIB), ..Shape::real() }, |play| {
        play.image(BootImage::Obeys)?;
        play.api.disk_made("data", json!({"size_bytes": WITNESS_BYTES, "pool": "local"}))?;
        let deaf = json!({"command_line": "console=ttyS0 quiet berth.button=ignore"});
        let web = booted(play, "web", json!({"disks": ["data"]}))?;
        booted(play, "gentle", json!({"stop_grace_s": 60}))?;
        booted(play, "deaf", deaf.clone())?;
        booted(play, "deaf-too", deaf)?;
        play.api.instance_made("late", "obeys", &json!({}))?;

        play.cluster.sleds[0].state_disk()?.fill()?;
        is_refused(play, "late")?;
        runs_on(play, &web)?;
        stops(play, "gentle", json!({}), "graceful_stop")?;
        stops(play, "deaf", json!({"grace_s": 3}), "forced_at_deadline")?;
        agent_comes_back(play)?;
        runs_on(play, &web)?;
        is_refused(play, "late")?;
        stops(play, "deaf-too", json!({"grace_s": 3}), "forced_at_deadline")?;
        play.check()?;

        play.cluster.sleds[0].state_disk()?.relieve()?;
        let start: Operation = play.api.instance_start("late")?.into()?;
        play.api.succeeded(&start, SOON)?;
        agent_comes_back(play)?;
        runs_on(play, &web)?;
        play.api.shown("late", ShownState::Running, SOON)?;
        ensure!(play.cluster.sleds[0].guests()?.len() == 2, "two run");
        let spoiled = play.files_naming(&[".corrupt".to_owned(), ".foreign".to_owned()])?;
        ensure!(spoiled.is_empty(), "the ledger isn't whole: {spoiled:?}");

        let ids: Vec<String> = play.records.all("SELECT id::text FROM vmm", &[])?;
        for name in ["web", "gentle", "deaf", "deaf-too", "late"] {
            play.api.instance_gone(name)?;
        }
        play.comes_to_rest(SOON)?;
        play.names_nothing(&ids)
    })
}
