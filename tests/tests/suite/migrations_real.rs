//! Live migration of real guests: each goes on with its boot id, its disk and its witness, wherever it is; acceptance
//! 25, a migration that comes to nothing; and acceptance 26, a target that fell silent.

use crate::saga_hold::{Hold, LastWords, Place};
use anyhow::{Context, Result, ensure};
use berth_common::instance::ShownState;
use berth_common::operation::OperationState;
use berth_nexus_api::operation::Operation;
use berth_tests::{BerthFailure, BootImage, Play, Record, Shape, WITNESS_BYTES, dump, play, until};
use nix::sys::signal::{Signal, kill};
use serde_json::{Value, json};
use std::time::Duration;

/// An emulated guest's way to its last line, with another one beside it.
const BOOT_LIMIT: Duration = Duration::from_secs(90);
const SOON: Duration = Duration::from_secs(60);

pub(super) fn two_sleds() -> Shape {
    Shape { sleds: 2, ..Shape::real() }
}

pub(super) fn migrate(play: &Play, name: &str, how: Value) -> Result<Operation> {
    play.api.migration_accepted(name, &how)
}

/// A guest with a witness on its disk.
pub(super) fn booted(play: &Play, name: &str, pool: &str) -> Result<()> {
    play.api.disk_made(name, json!({"size_bytes": WITNESS_BYTES, "pool": pool}))?;
    play.api.instance_running(name, "obeys", &json!({"disks": [name]}))?;
    play.api.printed(name, "berth-guest: witness wrote 1", BOOT_LIMIT).map(drop)
}

/// The guest has written on, in the life that it had, and nobody else has.
pub(super) fn goes_on(play: &mut Play, name: &str, before: &Record) -> Result<()> {
    writes_on(play, name, before)?;
    one_writer(play, name)
}

/// The guest has written on, in the life that it had.
pub(super) fn writes_on(play: &mut Play, name: &str, before: &Record) -> Result<()> {
    let mut last = before.clone();
    until(&format!("the witness of {name} writes on"), SOON, || {
        last = play.witness(name)?;
        ensure!(last.life == before.life, "it booted again: {last:?} after {before:?}");
        Ok((last.counter > before.counter + 2).then_some(()))
    })
    .with_context(|| format!("{last:?} after {before:?}"))
}

/// No guest that ran of it has seen another one write.
pub(super) fn one_writer(play: &Play, name: &str) -> Result<()> {
    let console = play.api.serial(name)?;
    ensure!(!console.contains("TWO WRITERS"), "{console}");
    Ok(())
}

/// So many QEMU processes on each sled.
pub(super) fn processes(play: &Play, expected: [usize; 2]) -> Result<()> {
    until(&format!("guests on the sleds: {expected:?}"), SOON, || {
        let here = [play.cluster.sleds[0].guests()?.len(), play.cluster.sleds[1].guests()?.len()];
        Ok((here == expected).then_some(()))
    })
}

#[test]
fn real_guests_go_on_at_another_sled_with_their_boot_ids_and_disks() -> Result<()> {
    play(&two_sleds(), |play| {
        play.image(BootImage::Obeys)?;
        let names = ["shared", "local"];
        for name in names {
            booted(play, name, name)?;
        }
        let mut expected = [0, 0];
        for name in names {
            let (from, before) = (play.sled_of(name)?, play.witness(name)?);
            let operation = migrate(play, name, json!({}))?;
            play.api.succeeded(&operation, SOON)?;
            ensure!(play.sled_of(name)? == 1 - from, "it didn't move");
            goes_on(play, name, &before)?;
            expected[1 - from] += 1;
        }
        processes(play, expected)?;
        play.comes_to_rest(SOON)?;
        play.records.until("no copy is left", SOON, "SELECT count(*) = 0 FROM disk_copy", &[])?;
        // Stopped where it is now, by the button.
        for name in names {
            let stop: Operation = play.api.instance_stop(name, json!({}))?.into()?;
            play.api.succeeded(&stop, SOON)?;
            play.api.instance_gone(name)?;
        }
        processes(play, [0, 0])
    })
}

/// A migration whose stream the target doesn't take: its source sends for ever.
fn stalled(play: &mut Play, hold: &mut Hold, how: Value) -> Result<Operation> {
    let there = 1 - play.sled_of("web")?;
    let point = Place::before("instance_migrate", "send")?;
    hold.begin(&point)?;
    let operation = migrate(play, "web", how)?;
    let standing = hold.stands(&point)?;
    for (pid, _) in play.cluster.sleds[there].guests()? {
        kill(pid, Signal::SIGSTOP)?;
    }
    hold.end(&standing, LastWords::Heard)?;
    // Or it has sent, and was given up, where its deadline was sooner than this look.
    let sends = "SELECT count(*) > 0 FROM migration
        WHERE operation_id::text = $1 AND (source_state <> 'pending' OR outcome IS NOT NULL)";
    play.records.until("the source sends", SOON, sends, &[&operation.id.to_string()])?;
    Ok(operation)
}

fn kill_guests(play: &Play, sled: usize) -> Result<()> {
    for (pid, _) in play.cluster.sleds[sled].guests()? {
        kill(pid, Signal::SIGKILL)?;
    }
    Ok(())
}

/// The operation ended so, and the guest runs on where it was, alone.
fn came_to_nothing(
    play: &mut Play,
    operation: &Operation,
    as_state: OperationState,
    before: &Record,
) -> Result<()> {
    let ended = play.api.ended(operation.id, SOON)?;
    ensure!(ended.state == as_state, "{ended:?}");
    goes_on(play, "web", before)?;
    let mut expected = [0, 0];
    expected[play.sled_of("web")?] = 1;
    processes(play, expected)?;
    play.comes_to_rest(SOON)
}

#[test]
fn acceptance_25_a_real_guest_survives_every_migration_that_comes_to_nothing() -> Result<()> {
    play(&two_sleds(), |play| {
        play.image(BootImage::Obeys)?;
        booted(play, "web", "shared")?;
        let mut hold = Hold::new(play)?;
        let (here, before) = (play.sled_of("web")?, play.witness("web")?);
        let there = 1 - here;

        let cancelled = stalled(play, &mut hold, json!({}))?;
        play.api.post_nothing(&format!("/v1/operations/{}/cancel", cancelled.id))?.into::<Operation>()?;
        came_to_nothing(play, &cancelled, OperationState::Cancelled, &before).context("cancelled")?;

        let late = stalled(play, &mut hold, json!({"deadline_s": 20}))?;
        came_to_nothing(play, &late, OperationState::Failed, &before).context("timed out")?;

        let killed = stalled(play, &mut hold, json!({}))?;
        kill_guests(play, there)?;
        came_to_nothing(play, &killed, OperationState::Failed, &before).context("target killed")?;

        let cut = stalled(play, &mut hold, json!({}))?;
        play.cluster.sleds[there].kill_hard()?;
        play.cluster.sleds[there].start()?;
        came_to_nothing(play, &cut, OperationState::Failed, &before).context("stream cut")?;

        // With its source the guest is gone: nothing of it is at the target, and it is started again.
        let lost = stalled(play, &mut hold, json!({}))?;
        kill_guests(play, here)?;
        let ended = play.api.ended(lost.id, SOON)?;
        ensure!(ended.state == OperationState::Failed, "{ended:?}");
        play.api.shown("web", ShownState::Running, SOON)?;
        until(
            "it booted again",
            BOOT_LIMIT,
            || Ok((play.witness("web")?.life != before.life).then_some(())),
        )?;
        let after = play.witness("web")?;
        goes_on(play, "web", &after)?;
        play.comes_to_rest(SOON)?;
        play.api.instance_gone("web")
    })
}

/// Waits until nexus shows a sled online, or not.
fn is_shown_online(play: &Play, sled: usize, expected: bool) -> Result<()> {
    let name = play.cluster.sleds[sled].name();
    let mut last = Value::Null;
    until(&format!("{name} is shown online: {expected}"), SOON, || {
        match play.cluster.berth().json(&["sled", "view", name]) {
            Ok(shown) => last = shown,
            // A busy nexus may not answer in time: that is no word about the sled.
            Err(error) => {
                last = Value::String(format!("{error:#}"));
                return Ok(None);
            }
        }
        Ok(((last["liveness"] == "online") == expected).then_some(()))
    })
    .with_context(|| last.to_string())
}

/// Whether a busy machine alone explains this difference: a monitor that answered late, or again.
fn is_a_late_monitor(difference: &str) -> bool {
    difference.contains("vmm_unresponsive") || difference.contains("vmm_responsive")
}

/// Every way to ask for the migration is refused, and leaves the records as they were.
fn is_refused_without_a_trace(play: &mut Play, to: &str) -> Result<()> {
    let berth = play.cluster.berth().in_project(play.api.project());
    until("nothing else changes while it is refused", SOON, || {
        let untouched = dump(&mut play.records)?;
        for words in [&["instance", "migrate", "web", "--to", to][..], &["instance", "migrate", "web"]] {
            let refused = berth.json(words).err().with_context(|| format!("{words:?} was accepted"))?;
            let refused = refused.downcast::<BerthFailure>()?;
            ensure!(refused.code == Some(1) && refused.said.contains("sled_unreachable"), "{refused}");
        }
        play.api.instance_migrate("web", json!({"to": to}))?.expect_refused(409, "sled_unreachable")?;
        let differences = untouched.differences(&dump(&mut play.records)?);
        let by_itself = differences.iter().any(|difference| is_a_late_monitor(difference));
        ensure!(differences.is_empty() || by_itself, "the refusal left a trace: {differences:#?}");
        Ok(differences.is_empty().then_some(()))
    })
}

#[test]
fn acceptance_26_a_target_that_fell_silent_is_refused_before_anything_changed() -> Result<()> {
    play(&two_sleds(), |play| {
        play.image(BootImage::Obeys)?;
        booted(play, "web", "shared")?;
        play.comes_to_rest(SOON)?;
        let (before, there) = (play.witness("web")?, 1 - play.sled_of("web")?);
        let name = play.cluster.sleds[there].name().to_owned();
        let berth = play.cluster.berth().in_project(play.api.project());
        play.cluster.sleds[there].process()?.freeze()?;
        is_shown_online(play, there, false)?;
        is_refused_without_a_trace(play, &name)?;
        is_shown_online(play, there, false)?;
        goes_on(play, "web", &before)?;
        let mut expected = [0, 0];
        expected[1 - there] = 1;
        processes(play, expected)?;
        // It speaks again: there is no other reason.
        play.cluster.sleds[there].process()?.thaw()?;
        is_shown_online(play, there, true)?;
        until("its report is in time", SOON, || {
            match berth.json(&["instance", "migrate", "web", "--to", &name]) {
                Err(error) if format!("{error:#}").contains("sled_unreachable") => Ok(None),
                migrated => migrated.map(Some),
            }
        })?;
        ensure!(play.sled_of("web")? == there, "it didn't move");
        goes_on(play, "web", &before)?;
        play.api.instance_gone("web")
    })
}
