//! Live migration of real guests: each goes on with its boot id, its disk and its witness, wherever it is; and
//! acceptance 25, a migration that comes to nothing.

use crate::saga_hold::{Hold, LastWords, Place};
use anyhow::{Context, Result, ensure};
use berth_common::instance::ShownState;
use berth_common::operation::OperationState;
use berth_nexus_api::operation::Operation;
use berth_tests::{BootImage, Play, Shape, play, until};
use nix::sys::signal::{Signal, kill};
use serde_json::{Value, json};
use std::time::Duration;

/// An emulated guest's way to its last line, with another one beside it.
const BOOT_LIMIT: Duration = Duration::from_secs(90);
const SOON: Duration = Duration::from_secs(60);

fn two_sleds() -> Shape {
    Shape { sleds: 2, ..Shape::real() }
}

/// The sled that an instance runs on, from 0.
fn place(play: &Play, name: &str) -> Result<usize> {
    let here = play.api.instance(name)?.sled.context("it runs nowhere")?.name.to_string();
    play.cluster.sleds.iter().position(|sled| sled.name() == here).context("a sled of ours")
}

fn migrate(play: &Play, name: &str, how: Value) -> Result<Operation> {
    play.api.instance_migrate(name, how)?.into()
}

/// A guest with a witness on its disk.
fn booted(play: &Play, name: &str, pool: &str) -> Result<()> {
    play.api.disk_made(name, json!({"size_bytes": 16 << 20, "pool": pool}))?;
    play.api.instance_running(name, "obeys", &json!({"disks": [name]}))?;
    play.api.printed(name, "berth-guest: witness wrote 1", BOOT_LIMIT).map(drop)
}

/// The last record of the witness: its counter and boot id.
fn witness(play: &mut Play, name: &str) -> Result<(u64, String)> {
    let file: String =
        play.records.one("SELECT coalesce(file_id, id)::text FROM disk WHERE name = $1", &[&name])?;
    let found = play.files_naming(&[format!("{file}.raw")])?;
    ensure!(found.len() == 1, "files of disk {name}: {found:?}");
    let content = std::fs::read(&found[0])?;
    let record = String::from_utf8_lossy(content.get(..512).unwrap_or_default()).into_owned();
    let word = |key: &str| {
        let rest = record.split_once(key)?.1;
        Some(rest.split_whitespace().next()?.trim_end_matches('\0').to_owned())
    };
    let counter = word("counter=").with_context(|| record.clone())?.parse()?;
    Ok((counter, word("boot_id=").with_context(|| record.clone())?))
}

/// The guest has written on, under the boot id that it had, and nobody else has.
fn goes_on(play: &mut Play, name: &str, before: &(u64, String)) -> Result<()> {
    let mut last = before.clone();
    until(&format!("the witness of {name} writes on"), SOON, || {
        last = witness(play, name)?;
        ensure!(last.1 == before.1, "it booted again: {last:?} after {before:?}");
        Ok((last.0 > before.0 + 2).then_some(()))
    })
    .with_context(|| format!("{last:?} after {before:?}"))?;
    let console = play.api.serial(name)?;
    ensure!(!console.contains("TWO WRITERS"), "{console}");
    Ok(())
}

/// So many QEMU processes on each sled.
fn processes(play: &Play, expected: [usize; 2]) -> Result<()> {
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
            let (from, before) = (place(play, name)?, witness(play, name)?);
            let operation = migrate(play, name, json!({}))?;
            play.api.succeeded(&operation, SOON)?;
            ensure!(place(play, name)? == 1 - from, "it didn't move");
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
    let there = 1 - place(play, "web")?;
    let point = Place::before("instance_migrate", "send")?;
    hold.begin(&point)?;
    let operation = migrate(play, "web", how)?;
    let standing = hold.stands(&point)?;
    for (pid, _) in play.cluster.sleds[there].guests()? {
        kill(pid, Signal::SIGSTOP)?;
    }
    hold.end(&standing, LastWords::Heard)?;
    let sends = "SELECT count(*) > 0 FROM migration WHERE source_state = 'in_progress' AND outcome IS NULL";
    play.records.until("the source sends", SOON, sends, &[])?;
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
    before: &(u64, String),
) -> Result<()> {
    let ended = play.api.ended(operation.id, SOON)?;
    ensure!(ended.state == as_state, "{ended:?}");
    goes_on(play, "web", before)?;
    let mut expected = [0, 0];
    expected[place(play, "web")?] = 1;
    processes(play, expected)?;
    play.comes_to_rest(SOON)
}

#[test]
fn acceptance_25_a_real_guest_survives_every_migration_that_comes_to_nothing() -> Result<()> {
    play(&two_sleds(), |play| {
        play.image(BootImage::Obeys)?;
        booted(play, "web", "shared")?;
        let mut hold = Hold::new(play)?;
        let (here, before) = (place(play, "web")?, witness(play, "web")?);
        let there = 1 - here;

        let cancelled = stalled(play, &mut hold, json!({}))?;
        play.api.post_nothing(&format!("/v1/operations/{}/cancel", cancelled.id))?.into::<Operation>()?;
        came_to_nothing(play, &cancelled, OperationState::Cancelled, &before).context("cancelled")?;

        let late = stalled(play, &mut hold, json!({"deadline_s": 3}))?;
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
        until("it booted again", BOOT_LIMIT, || Ok((witness(play, "web")?.1 != before.1).then_some(())))?;
        let after = witness(play, "web")?;
        goes_on(play, "web", &after)?;
        play.comes_to_rest(SOON)?;
        play.api.instance_gone("web")
    })
}
