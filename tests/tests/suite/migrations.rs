//! Live migration through the whole system: a guest goes on elsewhere, or where it was, and nothing is left behind.
//! Acceptance 11, 25 and 26.

use anyhow::{Context, Result, ensure};
use berth_common::instance::ShownState;
use berth_common::operation::OperationState;
use berth_nexus_api::explain::InstanceExplanation;
use berth_nexus_api::operation::Operation;
use berth_tests::{BootImage, Play, Shape, dump, play, until};
use serde_json::{Value, json};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(60);

/// A simulated guest whose memory never stops changing.
const ENDLESS: &str = "berth.sim=endless_migration";

const ALIVE: &str = "SELECT count(*) FROM vmm WHERE ended_by IS NULL";

fn migrate(play: &Play, name: &str, how: Value) -> Result<Operation> {
    play.api.migration_accepted(name, &how)
}

/// Migrates, and waits until it is done.
fn migrated(play: &mut Play, name: &str) -> Result<()> {
    let operation = migrate(play, name, json!({}))?;
    play.api.succeeded(&operation, SOON)?;
    play.comes_to_rest(SOON)
}

/// One VMM lives, with one reservation of an active one, and no file waits to be deleted.
pub(super) fn nothing_is_left_behind(play: &mut Play) -> Result<()> {
    let left = "SELECT format('%s VMMs live, %s reservations, %s for targets, %s copies',
        (SELECT count(*) FROM vmm WHERE ended_by IS NULL), (SELECT count(*) FROM reservation),
        (SELECT count(*) FROM reservation WHERE role = 'target'), (SELECT count(*) FROM disk_copy))";
    let mut last = String::new();
    until("nothing is left behind", SOON, || {
        last = play.records.one(left, &[])?;
        Ok((last == "1 VMMs live, 1 reservations, 0 for targets, 0 copies").then_some(()))
    })
    .with_context(|| last.clone())?;
    play.comes_to_rest(SOON)
}

/// An instance whose migration is under way and doesn't end by itself; the operation.
pub(super) fn endlessly_migrating(play: &mut Play, name: &str, how: Value) -> Result<Operation> {
    play.api.instance_running(name, "small", &json!({"command_line": ENDLESS}))?;
    let operation = migrate(play, name, how)?;
    play.records.until(
        "the source sends",
        SOON,
        "SELECT count(*) > 0 FROM migration WHERE source_state = 'in_progress' AND outcome IS NULL",
        &[],
    )?;
    Ok(operation)
}

#[test]
fn a_guest_goes_on_at_another_sled_and_its_source_migrated_away() -> Result<()> {
    play(&Shape::simulated(2, 2), |play| {
        play.image(BootImage::Small)?;
        play.api.instance_running("one", "small", &json!({}))?;
        let from = play.sled_of("one")?;
        migrated(play, "one")?;
        ensure!(play.sled_of("one")? == 1 - from, "it didn't move");
        nothing_is_left_behind(play)?;
        let ended: String = play.records.one("SELECT ended_by FROM vmm WHERE ended_by IS NOT NULL", &[])?;
        ensure!(ended == "migrated_away", "the source ended by {ended}");
        let why: InstanceExplanation = play.api.get(&play.api.here("/v1/instances/one/explain"))?;
        let migration = why.migration.context("explain tells of it")?;
        let is_so = migration.from == play.cluster.sleds[from].name() && migration.sent_bytes > 0;
        ensure!(is_so, "{migration:?}");
        migrated(play, "one")?;
        ensure!(play.sled_of("one")? == from, "it didn't come back");
        play.api.instance_gone("one")
    })
}

/// The files of disks in each sled's own pool.
fn files(play: &Play) -> Result<Vec<usize>> {
    let raw = |entry: &std::fs::DirEntry| entry.path().extension().is_some_and(|kind| kind == "raw");
    let mut counts = Vec::new();
    for sled in &play.cluster.sleds {
        let found = std::fs::read_dir(sled.pool_directory())?.collect::<Result<Vec<_>, _>>()?;
        counts.push(found.iter().filter(|entry| raw(entry)).count());
    }
    Ok(counts)
}

#[test]
fn a_disk_on_a_local_pool_comes_along_there_and_back_and_no_file_stays() -> Result<()> {
    play(&Shape::simulated(1, 2), |play| {
        play.image(BootImage::Small)?;
        play.api.disk_made("data", json!({"size_bytes": 1 << 20, "pool": "local"}))?;
        play.api.instance_running("one", "small", &json!({"disks": ["data"]}))?;
        let pool = "SELECT pool_id::text FROM disk";
        for _ in 0..2 {
            let from = play.sled_of("one")?;
            let before: String = play.records.one(pool, &[])?;
            migrated(play, "one")?;
            nothing_is_left_behind(play)?;
            ensure!(play.sled_of("one")? == 1 - from, "it didn't move");
            ensure!(play.records.one::<String>(pool, &[])? != before, "the disk didn't move");
            let files = files(play)?;
            ensure!(files.iter().sum::<usize>() == 1, "files of disks on the sleds: {files:?}");
        }
        play.api.instance_gone("one")?;
        play.api.succeeded(&play.api.disk_delete("data")?.into()?, SOON)?;
        ensure!(files(play)?.iter().all(|count| *count == 0), "its file is left");
        Ok(())
    })
}

#[test]
fn acceptance_25_a_migration_that_is_cancelled_late_or_fails_leaves_the_guest_where_it_was() -> Result<()> {
    play(&Shape::simulated(2, 2), |play| {
        play.image(BootImage::Small)?;
        let operation = endlessly_migrating(play, "one", json!({}))?;
        let from = play.sled_of("one")?;
        play.api.post_nothing(&format!("/v1/operations/{}/cancel", operation.id))?.into::<Operation>()?;
        let ended = play.api.ended(operation.id, SOON)?;
        ensure!(ended.state == OperationState::Cancelled, "{ended:?}");
        nothing_is_left_behind(play)?;
        ensure!(play.sled_of("one")? == from, "it moved all the same");
        let late = migrate(play, "one", json!({"deadline_s": 1}))?;
        let ended = play.api.ended(late.id, SOON)?;
        ensure!(ended.state == OperationState::Failed, "{ended:?}");
        nothing_is_left_behind(play)?;
        play.api.shown("one", ShownState::Running, SOON)?;
        play.api.instance_gone("one")?;
        play.api.instance_running("two", "small", &json!({"command_line": "berth.sim=fail_migration"}))?;
        let fails = migrate(play, "two", json!({}))?;
        let ended = play.api.ended(fails.id, SOON)?;
        let code = ended.error.as_ref().map(|error| error.error_code.as_str());
        ensure!(code == Some("migration_failed"), "{ended:?}");
        nothing_is_left_behind(play)?;
        play.api.shown("two", ShownState::Running, SOON)?;
        play.api.instance_gone("two")
    })
}

#[test]
fn a_stop_in_mid_migration_cancels_it_and_ends_stopped() -> Result<()> {
    play(&Shape::simulated(2, 2), |play| {
        play.image(BootImage::Small)?;
        let operation = endlessly_migrating(play, "one", json!({}))?;
        let stop: Operation = play.api.instance_stop("one", json!({"grace_s": 5}))?.into()?;
        play.api.succeeded(&stop, SOON)?;
        let ended = play.api.ended(operation.id, SOON)?;
        ensure!(ended.state == OperationState::Cancelled, "{ended:?}");
        play.api.shown("one", ShownState::Stopped, SOON)?;
        let alive: i64 = play.records.one(ALIVE, &[])?;
        ensure!(alive == 0, "{alive} VMMs live on");
        play.api.instance_gone("one")
    })
}

/// Force-stops and sees that nothing lives on.
fn cord_is_pulled(play: &mut Play) -> Result<()> {
    let stop: Operation = play.api.instance_force_stop("one", json!({}))?.into()?;
    play.api.succeeded(&stop, SOON)?;
    play.comes_to_rest(SOON)?;
    let alive: i64 = play.records.one(ALIVE, &[])?;
    ensure!(alive == 0, "{alive} VMMs live on");
    Ok(())
}

#[test]
fn acceptance_11_a_force_stop_in_mid_migration_ends_both_ends() -> Result<()> {
    play(&Shape::simulated(2, 2), |play| {
        play.image(BootImage::Small)?;
        let operation = endlessly_migrating(play, "one", json!({}))?;
        cord_is_pulled(play)?;
        let ended = play.api.ended(operation.id, SOON)?;
        ensure!(ended.state == OperationState::Cancelled, "{ended:?}");
        play.api.instance_gone("one")?;
        // At whatever point a migration is that goes on by itself.
        play.api.instance_made("one", "small", &json!({}))?;
        for _ in 0..5 {
            let start: Operation = play.api.instance_start("one")?.into()?;
            play.api.succeeded(&start, SOON)?;
            migrate(play, "one", json!({}))?;
            cord_is_pulled(play)?;
        }
        play.api.instance_gone("one")
    })
}

#[test]
fn a_delete_in_mid_migration_wins_and_leaves_nothing() -> Result<()> {
    play(&Shape::simulated(2, 2), |play| {
        play.image(BootImage::Small)?;
        play.api.disk_made("data", json!({"size_bytes": 1 << 20, "pool": "local"}))?;
        play.api.instance_running("one", "small", &json!({"command_line": ENDLESS, "disks": ["data"]}))?;
        migrate(play, "one", json!({}))?;
        play.records.until("a target is there", SOON, "SELECT count(*) > 0 FROM migration", &[])?;
        let delete: Operation = play.api.instance_delete("one")?.into()?;
        play.api.succeeded(&delete, SOON)?;
        play.comes_to_rest(SOON)?;
        play.records.until("copies are deleted", SOON, "SELECT count(*) = 0 FROM disk_copy", &[])?;
        play.records.expect_empty(&["instance", "vmm", "migration", "reservation"])?;
        play.api.succeeded(&play.api.disk_delete("data")?.into()?, SOON).map(drop)
    })
}

/// Arranges the other sled's row, and sees that the refusal changed nothing.
fn refused(play: &mut Play, there: &str, arrange: &str, how: Value, code: &str) -> Result<()> {
    let row = "SELECT format('%s %s %s', cpus, cpu_model, admission) FROM sled WHERE name = $1";
    let before: String = play.records.one(row, &[&there])?;
    play.records.client().execute(arrange, &[&there])?;
    let untouched = dump(&mut play.records)?;
    play.api.migration_answered("one", &how)?.expect_refused(409, code)?;
    let differences = untouched.differences(&dump(&mut play.records)?);
    ensure!(differences.is_empty(), "{code} changed {differences:#?}");
    let back: Vec<&str> = before.split(' ').collect();
    play.records.client().execute(
        "UPDATE sled SET cpus = $2::text::bigint, cpu_model = $3, admission = $4 WHERE name = $1",
        &[&there, &back[0], &back[1], &back[2]],
    )?;
    Ok(())
}

#[test]
fn acceptance_26_no_room_or_another_machine_is_refused_before_anything_changed() -> Result<()> {
    play(&Shape::simulated(1, 2), |play| {
        play.image(BootImage::Small)?;
        play.api.instance_running("one", "small", &json!({}))?;
        play.api.instance_made("idle", "small", &json!({}))?;
        play.comes_to_rest(SOON)?;
        let from = play.sled_of("one")?;
        let name = |sled: usize| play.cluster.sleds[sled].name().to_owned();
        let (from, there) = (name(from), name(1 - from));
        let (cpus, cpu) = (
            "UPDATE sled SET cpus = 0 WHERE name = $1",
            "UPDATE sled SET cpu_model = 'another' WHERE name = $1",
        );
        refused(play, &there, cpus, json!({}), "no_capacity")?;
        refused(play, &there, cpu, json!({}), "cpu_model_mismatch")?;
        refused(play, &there, cpu, json!({"to": there}), "cpu_model_mismatch")?;
        let cordon = "UPDATE sled SET admission = 'cordoned' WHERE name = $1";
        refused(play, &there, cordon, json!({"to": there}), "sled_not_in_service")?;
        let nothing = "UPDATE sled SET cpus = cpus WHERE name = $1";
        refused(play, &there, nothing, json!({"to": from}), "same_sled")?;
        play.api.instance_migrate("idle", json!({}))?.expect_refused(409, "instance_not_running")?;
        migrated(play, "one")?;
        play.api.instance_gone("one")?;
        play.api.instance_gone("idle")
    })
}
