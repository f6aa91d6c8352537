//! The life of a real guest, whoever dies beside it.
//!
//! A deadline that holds is told from one that doesn't by minutes: where a request brings its own grace, the instance's
//! is ten minutes, and the guest must be gone within one.

use anyhow::{Context, Result, ensure};
use berth_common::instance::ShownState;
use berth_common::operation::OperationState;
use berth_common::vmm::EndedBy;
use berth_nexus_api::instance::Instance;
use berth_nexus_api::operation::Operation;
use berth_tests::{BootImage, Play, Shape, play, until};
use nix::sys::signal::{Signal, kill};
use serde_json::json;
use std::time::{Duration, Instant};

/// An emulated guest's way to its last line, with another one beside it.
const BOOT_LIMIT: Duration = Duration::from_secs(60);
const SOON: Duration = Duration::from_secs(60);

/// What the scenarios of the deadline ask for, and what the instance itself would be left.
const GRACE: Duration = Duration::from_secs(3);
const OWN_GRACE_S: u64 = 600;

/// Its tables after everything was deleted: nothing of an instance or a disk is left in them.
const EMPTY_IN_THE_END: [&str; 8] =
    ["instance", "nic", "disk", "vmm", "reservation", "quota_use", "stop_delivery", "end_delivery"];

fn booted(play: &Play, name: &str, image: BootImage, more: &serde_json::Value) -> Result<Instance> {
    play.image(image)?;
    let instance = play.api.instance_running(name, image.name(), more)?;
    play.api.printed(name, "berth-guest: ready", BOOT_LIMIT)?;
    Ok(instance)
}

/// One that would have [`OWN_GRACE_S`] for a stop.
fn patient(play: &Play, name: &str, image: BootImage) -> Result<Instance> {
    booted(play, name, image, &json!({"stop_grace_s": OWN_GRACE_S}))
}

/// Asks for a stop with [`GRACE`], which can't have begun before the moment that is returned.
fn ask_to_stop(api: &berth_tests::Api, name: &str) -> Result<(Operation, Instant)> {
    let asked = Instant::now();
    let reply = api.instance_stop(name, json!({"grace_s": GRACE.as_secs()}))?;
    Ok((reply.into()?, asked))
}

/// Waits for the end of the guest's process, and fails unless it was left its grace, and no other.
fn gone_in_time(play: &Play, asked: Instant) -> Result<()> {
    until("the guest's process ends", SOON, || Ok(play.cluster.sleds[0].guests()?.is_empty().then_some(())))?;
    let took = asked.elapsed();
    println!("gone {took:?} after it was asked for, with a grace of {GRACE:?}");
    ensure!(took >= GRACE.mul_f32(0.9), "it took {took:?} only: the guest wasn't left its {GRACE:?}");
    Ok(())
}

fn ended_by(play: &Play, name: &str, rung: EndedBy) -> Result<()> {
    let instance = play.api.shown(name, ShownState::Stopped, SOON)?;
    let end = instance.last_end.map(|end| end.ended_by);
    ensure!(end == Some(rung), "ended by {end:?}, not {rung}");
    Ok(())
}

fn delete_all(play: &mut Play, name: &str) -> Result<()> {
    play.api.instance_gone(name)?;
    play.comes_to_rest(SOON)
}

#[test]
fn acceptance_01_a_guest_is_created_started_stopped_gracefully_and_deleted_without_a_trace() -> Result<()> {
    play(&Shape::real(), |play| {
        let disk = play.api.disk_made("data", json!({"size_bytes": 16 << 20}))?;
        let made = booted(play, "web", BootImage::Obeys, &json!({"disks": ["data"]}))?;
        let console = play.api.printed("web", "berth-guest: witness wrote 1", BOOT_LIMIT)?;
        ensure!(console.contains("berth-guest: up boot_id="), "{console}");
        let vmm = made.vmm.as_ref().map(|vmm| vmm.id.to_string()).unwrap_or_default();
        ensure!(play.cluster.sleds[0].guests()?.len() == 1, "one guest, one process");

        let stop: Operation = play.api.instance_stop("web", json!({}))?.into()?;
        play.api.succeeded(&stop, SOON)?;
        ended_by(play, "web", EndedBy::GracefulStop)?;
        let console = play.api.serial("web")?;
        ensure!(console.contains("berth-guest: power button pressed"), "{console}");
        ensure!(console.contains("berth-guest: farewell"), "{console}");

        delete_all(play, "web")?;
        let delete: Operation = play.api.disk_delete("data")?.into()?;
        play.api.succeeded(&delete, SOON)?;
        play.comes_to_rest(SOON)?;
        play.records.expect_empty(&EMPTY_IN_THE_END)?;
        // Whoever stood by the guest may still be on its way out.
        let mut processes = Vec::new();
        until("one nexus and one agent are left", SOON, || {
            processes = play.cluster.processes()?;
            Ok((processes.len() == 2).then_some(()))
        })
        .with_context(|| format!("{processes:#?}"))?;
        let ids = [vmm, made.id.to_string(), disk.id.to_string()];
        play.names_nothing(&ids)
    })
}

#[test]
fn acceptance_02_a_guest_that_ignores_the_button_is_gone_at_its_deadline() -> Result<()> {
    play(&Shape::real(), |play| {
        patient(play, "deaf", BootImage::Ignores)?;
        let (stop, asked) = ask_to_stop(&play.api, "deaf")?;
        gone_in_time(play, asked)?;
        play.api.succeeded(&stop, SOON)?;
        ended_by(play, "deaf", EndedBy::ForcedAtDeadline)?;
        let console = play.api.serial("deaf")?;
        ensure!(console.contains("berth-guest: power button pressed; ignored"), "{console}");
        delete_all(play, "deaf")
    })
}

#[test]
fn acceptance_03_the_deadline_holds_when_nexus_is_killed_right_after_accepting() -> Result<()> {
    play(&Shape { nexus: 2, ..Shape::real() }, |play| {
        patient(play, "deaf", BootImage::Ignores)?;
        let (stop, asked) = ask_to_stop(&play.api.at(0), "deaf")?;
        play.cluster.nexus[0].kill_hard()?;
        gone_in_time(play, asked)?;
        play.api.succeeded(&stop, SOON)?;
        ended_by(play, "deaf", EndedBy::ForcedAtDeadline)?;
        // Sagas of the killed one go on when it is back.
        play.cluster.nexus[0].start()?;
        delete_all(play, "deaf")
    })
}

#[test]
fn acceptance_04_the_deadline_holds_when_qemu_is_frozen() -> Result<()> {
    play(&Shape::real(), |play| {
        patient(play, "deaf", BootImage::Obeys)?;
        for (pid, _) in play.cluster.sleds[0].guests()? {
            kill(pid, Signal::SIGSTOP)?;
        }
        let (stop, asked) = ask_to_stop(&play.api, "deaf")?;
        gone_in_time(play, asked)?;
        play.api.succeeded(&stop, SOON)?;
        ended_by(play, "deaf", EndedBy::ForcedAtDeadline)?;
        delete_all(play, "deaf")
    })
}

#[test]
fn acceptance_05_the_deadline_holds_when_the_agent_is_killed_right_after_accepting() -> Result<()> {
    play(&Shape::real(), |play| {
        patient(play, "deaf", BootImage::Ignores)?;
        let (stop, asked) = ask_to_stop(&play.api, "deaf")?;
        let taken = "SELECT count(*) > 0 FROM stop_delivery WHERE delivered_at IS NOT NULL";
        play.records.until("the agent accepts the stop", SOON, taken, &[])?;
        play.cluster.sleds[0].kill_hard()?;
        gone_in_time(play, asked)?;
        play.cluster.sleds[0].start()?;
        play.api.succeeded(&stop, SOON)?;
        ended_by(play, "deaf", EndedBy::ForcedAtDeadline)?;
        delete_all(play, "deaf")
    })
}

#[test]
fn acceptance_07_a_start_that_is_stopped_at_once_stops_within_its_grace() -> Result<()> {
    play(&Shape::real(), |play| {
        play.image(BootImage::Obeys)?;
        play.api.instance_made("brief", "obeys", &json!({"stop_grace_s": OWN_GRACE_S}))?;
        let start: Operation = play.api.instance_start("brief")?.into()?;
        let (stop, _) = ask_to_stop(&play.api, "brief")?;
        play.api.succeeded(&stop, SOON)?;
        let started = play.api.ended(start.id, SOON)?;
        // The guest may run by the time the stop is there.
        let over = [OperationState::Cancelled, OperationState::Succeeded];
        ensure!(over.contains(&started.state), "the start ended otherwise: {started:?}");
        play.api.shown("brief", ShownState::Stopped, SOON)?;
        ensure!(play.cluster.sleds[0].guests()?.is_empty(), "its guest lives on");
        delete_all(play, "brief")
    })
}
