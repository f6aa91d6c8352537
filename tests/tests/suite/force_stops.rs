//! Acceptance 11: a force stop in each state. The guest's cord is pulled, everything of it ends for certain, and
//! nothing starts it before that is known.

use anyhow::{Result, ensure};
use berth_common::instance::ShownState;
use berth_common::operation::OperationState;
use berth_nexus_api::operation::Operation;
use berth_tests::{BootImage, Play, Shape, play, until};
use serde_json::json;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(60);

/// Until a silent sled counts as lost, which takes half a minute.
const LOST_WITHIN: Duration = Duration::from_secs(120);

/// Force-stops, and looks at what must be so after it.
fn ends(play: &mut Play, name: &str) -> Result<()> {
    let operation: Operation = play.api.instance_force_stop(name, json!({}))?.into()?;
    play.api.succeeded(&operation, SOON)?;
    play.api.shown(name, ShownState::Stopped, SOON)?;
    let alive: i64 = play.records.one("SELECT count(*) FROM vmm WHERE ended_by IS NULL", &[])?;
    ensure!(alive == 0, "{alive} VMMs live on");
    play.comes_to_rest(SOON)
}

#[test]
fn acceptance_11_force_stop_ends_a_guest_that_ignores_everything_at_once() -> Result<()> {
    play(&Shape::real(), |play| {
        play.image(BootImage::Ignores)?;
        play.api.instance_running("deaf", BootImage::Ignores.name(), &json!({}))?;
        ends(play, "deaf")?;
        ensure!(play.cluster.sleds[0].guests()?.is_empty(), "its process is left");
        let ended: String = play.records.one("SELECT ended_by FROM vmm", &[])?;
        ensure!(ended == "killed", "it ended by {ended}");
        // What was force-stopped can be started again.
        let start: Operation = play.api.instance_start("deaf")?.into()?;
        play.api.succeeded(&start, SOON)?;
        ends(play, "deaf")?;
        play.api.instance_gone("deaf")
    })
}

#[test]
fn acceptance_11_force_stop_wins_in_each_state() -> Result<()> {
    play(&Shape::simulated(2, 2), |play| {
        play.image(BootImage::Small)?;
        // Stopped: already so.
        play.api.instance_made("one", "small", &json!({}))?;
        let stopped: Operation = play.api.instance_force_stop("one", json!({}))?.into()?;
        ensure!(stopped.state == OperationState::Succeeded, "{stopped:?}");
        // Starting, at whatever point that is.
        let start: Operation = play.api.instance_start("one")?.into()?;
        ends(play, "one")?;
        let start = play.api.ended(start.id, SOON)?;
        let over = [OperationState::Cancelled, OperationState::Succeeded];
        ensure!(over.contains(&start.state), "the start ended otherwise: {start:?}");
        // Running, and stopping with a grace that nobody waits for.
        for stopping in [false, true] {
            let start: Operation = play.api.instance_start("one")?.into()?;
            play.api.succeeded(&start, SOON)?;
            if stopping {
                play.api.instance_stop("one", json!({"grace_s": 3600}))?.into::<Operation>()?;
            }
            ends(play, "one")?;
        }
        // Twice at once: one operation.
        let start: Operation = play.api.instance_start("one")?.into()?;
        play.api.succeeded(&start, SOON)?;
        let first: Operation = play.api.instance_force_stop("one", json!({}))?.into()?;
        let second: Operation = play.api.instance_force_stop("one", json!({}))?.into()?;
        play.api.succeeded(&first, SOON)?;
        ensure!(second.id == first.id || second.id.is_nil() || second.state == OperationState::Succeeded);
        play.api.instance_gone("one")
    })
}

#[test]
fn acceptance_11_a_lost_sled_is_waited_for_by_name_until_an_operator_asserts_its_death() -> Result<()> {
    play(&Shape::simulated(1, 1), |play| {
        play.image(BootImage::Small)?;
        play.api.instance_running("one", "small", &json!({}))?;
        play.comes_to_rest(SOON)?;
        play.cluster.sleds[0].process()?.freeze()?;
        let stop: Operation = play.api.instance_force_stop("one", json!({}))?.into()?;
        // A sled that spoke a moment ago isn't dead because somebody says so.
        play.api
            .instance_force_stop("one", json!({"assume_dead": ["sled-1"]}))?
            .expect_refused(409, "sled_not_silent")?;
        let waits = until("the force stop names the sled", SOON, || {
            let now = play.api.operation(stop.id)?;
            Ok(now.waiting_for.filter(|what| what.contains("sled sled-1")))
        })?;
        ensure!(waits.contains("--assume-dead sled-1"), "{waits}");
        // Nothing starts what is disowned.
        play.api.instance_start("one")?.expect_refused(409, "instance_disowned")?;
        until("the sled is lost", LOST_WITHIN, || {
            let sql = "SELECT extract(epoch FROM now() - last_report_at) > 31 FROM sled";
            Ok(play.records.one::<bool>(sql, &[])?.then_some(()))
        })?;
        play.api.instance_force_stop("one", json!({"assume_dead": ["sled-1"]}))?.into::<Operation>()?;
        play.api.succeeded(&stop, SOON)?;
        let proof: String = play.records.one("SELECT ended_by || ' ' || proof FROM vmm", &[])?;
        ensure!(proof == "fenced operator_asserted", "{proof}");
        let told: i64 = play.records.one("SELECT count(*) FROM event WHERE kind = 'vmm_fenced'", &[])?;
        ensure!(told == 1, "{told} events tell of it");
        play.api.shown("one", ShownState::Stopped, SOON)?;
        // It wasn't: what it says of the VMM is stored no more, and it is told to end it.
        play.cluster.sleds[0].process()?.thaw()?;
        play.records.until(
            "the sled reports again",
            SOON,
            "SELECT last_report_at > now() - interval '3 seconds' FROM sled",
            &[],
        )?;
        let still: String = play.records.one("SELECT ended_by FROM vmm", &[])?;
        ensure!(still == "fenced", "a report changed it: {still}");
        play.api.instance_gone("one")
    })
}

#[test]
fn a_delete_wins_over_a_force_stop_that_waits() -> Result<()> {
    play(&Shape::simulated(1, 1), |play| {
        play.image(BootImage::Small)?;
        play.api.instance_running("one", "small", &json!({}))?;
        play.comes_to_rest(SOON)?;
        play.cluster.sleds[0].process()?.freeze()?;
        let stop: Operation = play.api.instance_force_stop("one", json!({}))?.into()?;
        let delete: Operation = play.api.instance_delete("one")?.into()?;
        let stop = play.api.ended(stop.id, SOON)?;
        ensure!(stop.state == OperationState::Cancelled, "{stop:?}");
        play.cluster.sleds[0].process()?.thaw()?;
        play.api.succeeded(&delete, SOON)?;
        play.records.expect_empty(&["instance", "vmm", "reservation"])
    })
}
