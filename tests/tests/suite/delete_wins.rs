//! Delete always wins: over each state that an instance can be in, and each thing that is in flight. It ends with no
//! row, no file, no reservation, and nothing that runs.

use crate::saga_hold::{Hold, LastWords, Place};
use anyhow::{Context, Result, ensure};
use berth_common::instance::{Rest, ShownState};
use berth_nexus_api::instance::Instance;
use berth_nexus_api::operation::Operation;
use berth_tests::{BootImage, Play, Shape, play, until};
use serde_json::{Value, json};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(60);

/// Nothing of an instance is left in them.
const EMPTY_IN_THE_END: [&str; 8] =
    ["instance", "nic", "vmm", "migration", "reservation", "stop_delivery", "end_delivery", "disk_copy"];

/// What an instance is in the middle of when its delete comes.
struct Case {
    what: &'static str,
    /// Its kernel's command line.
    words: &'static str,
    /// More of the request that makes it.
    more: fn() -> Value,
    arrange: fn(&mut Play) -> Result<()>,
}

fn plain() -> Value {
    json!({})
}

fn with_disk() -> Value {
    json!({"disks": ["data"]})
}

fn never_restarted() -> Value {
    json!({"restart_policy": "never"})
}

const CASES: &[Case] = &[
    Case { what: "it is being created", words: "", more: with_disk, arrange: |_| Ok(()) },
    Case { what: "it is stopped", words: "", more: with_disk, arrange: made },
    Case { what: "a start was accepted just now", words: "", more: plain, arrange: starting },
    Case { what: "its guest starts for ever", words: "berth.sim=never_runs", more: plain, arrange: starts },
    Case { what: "it runs", words: "", more: with_disk, arrange: running },
    Case { what: "its monitor is silent", words: "berth.sim=silent", more: plain, arrange: running },
    Case { what: "a stop waits for its guest", words: DEAF, more: plain, arrange: stopping },
    Case {
        what: "a soft reboot waits for its guest",
        words: DEAF,
        more: plain,
        arrange: |play| rebooting(play, "soft"),
    },
    Case {
        what: "a hard reboot was accepted",
        words: "",
        more: plain,
        arrange: |play| rebooting(play, "hard"),
    },
    Case {
        what: "it waits for its restart",
        words: CRASHES,
        more: plain,
        arrange: |play| rests(play, Rest::BackOff),
    },
    Case {
        what: "it gave up",
        words: CRASHES,
        more: never_restarted,
        arrange: |play| rests(play, Rest::GaveUp),
    },
    Case {
        what: "it powered itself off",
        words: "berth.off=0.3",
        more: plain,
        arrange: |play| rests(play, Rest::GuestShutdown),
    },
    Case { what: "its start failed", words: "berth.sim=fail_launch", more: plain, arrange: start_failed },
    Case { what: "a migration was accepted just now", words: "", more: with_disk, arrange: migrating },
    Case {
        what: "the target of its migration doesn't answer",
        words: "",
        more: plain,
        arrange: target_is_silent,
    },
    Case { what: "its migration goes on for ever", words: ENDLESS, more: with_disk, arrange: sending },
    Case { what: "its migration is being cancelled", words: ENDLESS, more: plain, arrange: cancelled },
    Case {
        what: "a stop cancels its migration",
        words: ENDLESS,
        more: plain,
        arrange: stopped_in_mid_migration,
    },
    Case { what: "its guest was handed over", words: "", more: with_disk, arrange: handed_over },
    Case { what: "it has just migrated", words: "", more: with_disk, arrange: migrated },
    Case { what: "a force stop was accepted just now", words: "", more: plain, arrange: force_stopped },
    Case { what: "a force stop waits for a silent sled", words: "", more: plain, arrange: force_stop_waits },
    Case {
        what: "a force stop of a migration waits",
        words: ENDLESS,
        more: plain,
        arrange: force_stop_of_migration_waits,
    },
];

const DEAF: &str = "berth.button=ignore";
const CRASHES: &str = "berth.sim.crash=0.3";
const ENDLESS: &str = "berth.sim=endless_migration";

fn made(play: &mut Play) -> Result<()> {
    until("it is made", SOON, || Ok((play.api.instance("one")?.state == ShownState::Stopped).then_some(())))
}

fn starting(play: &mut Play) -> Result<()> {
    made(play)?;
    play.api.instance_start("one")?.into::<Operation>().map(drop)
}

fn starts(play: &mut Play) -> Result<()> {
    starting(play)?;
    let sql = "SELECT count(*) > 0 FROM vmm WHERE state = 'starting'";
    play.records.until("its guest starts", SOON, sql, &[])
}

fn running(play: &mut Play) -> Result<()> {
    made(play)?;
    let start: Operation = play.api.instance_start("one")?.into()?;
    play.api.succeeded(&start, SOON).map(drop)
}

fn stopping(play: &mut Play) -> Result<()> {
    running(play)?;
    play.api.instance_stop("one", json!({"grace_s": 3600}))?.into::<Operation>()?;
    let taken = "SELECT count(*) > 0 FROM stop_delivery WHERE delivered_at IS NOT NULL";
    play.records.until("its sled has taken the stop", SOON, taken, &[])
}

fn rebooting(play: &mut Play, mode: &str) -> Result<()> {
    running(play)?;
    let path = play.api.here("/v1/instances/one/reboot");
    play.api.post(&path, json!({"mode": mode}))?.into::<Operation>().map(drop)
}

fn rests(play: &mut Play, rest: Rest) -> Result<()> {
    starting(play)?;
    until(&format!("it rests: {rest}"), SOON, || Ok((play.api.instance("one")?.rest == rest).then_some(())))
}

fn start_failed(play: &mut Play) -> Result<()> {
    made(play)?;
    let start: Operation = play.api.instance_start("one")?.into()?;
    ensure!(play.api.ended(start.id, SOON)?.error.is_some(), "it started");
    Ok(())
}

fn migrate(play: &Play) -> Result<Operation> {
    play.api.migration_accepted("one", &json!({}))
}

fn migrating(play: &mut Play) -> Result<()> {
    running(play)?;
    migrate(play).map(drop)
}

fn target_is_silent(play: &mut Play) -> Result<()> {
    running(play)?;
    let other = 1 - play.sled_of("one")?;
    // It falls silent when it was chosen, and not asked yet: sooner, it might be refused.
    let mut hold = Hold::new(play)?;
    let point = Place::before("instance_migrate", "register")?;
    hold.begin(&point)?;
    migrate(play)?;
    let standing = hold.stands(&point)?;
    play.cluster.sleds[other].process()?.freeze()?;
    hold.end(&standing, LastWords::Heard)?;
    play.records.until("a target is linked", SOON, "SELECT count(*) > 0 FROM migration", &[])
}

fn sending(play: &mut Play) -> Result<()> {
    migrating(play)?;
    let sends = "SELECT count(*) > 0 FROM migration WHERE source_state = 'in_progress'";
    play.records.until("the source sends", SOON, sends, &[])
}

fn cancelled(play: &mut Play) -> Result<()> {
    sending(play)?;
    let operation: String = play.records.one("SELECT operation_id::text FROM migration", &[])?;
    play.api.post_nothing(&format!("/v1/operations/{operation}/cancel"))?.into::<Operation>().map(drop)
}

fn stopped_in_mid_migration(play: &mut Play) -> Result<()> {
    sending(play)?;
    play.api.instance_stop("one", json!({"grace_s": 3600}))?.into::<Operation>().map(drop)
}

fn handed_over(play: &mut Play) -> Result<()> {
    migrating(play)?;
    let sql = "SELECT count(*) > 0 FROM migration WHERE 'completed' IN (source_state, target_state)";
    play.records.until("its guest is handed over", SOON, sql, &[])
}

fn migrated(play: &mut Play) -> Result<()> {
    running(play)?;
    let operation = migrate(play)?;
    play.api.succeeded(&operation, SOON).map(drop)
}

fn force_stop(play: &Play) -> Result<()> {
    play.api.instance_force_stop("one", json!({}))?.into::<Operation>().map(drop)
}

fn force_stopped(play: &mut Play) -> Result<()> {
    running(play)?;
    force_stop(play)
}

fn force_stop_waits(play: &mut Play) -> Result<()> {
    running(play)?;
    let here = play.sled_of("one")?;
    play.cluster.sleds[here].process()?.freeze()?;
    force_stop(play)?;
    is_disowned(play)
}

fn force_stop_of_migration_waits(play: &mut Play) -> Result<()> {
    sending(play)?;
    for sled in &mut play.cluster.sleds {
        sled.process()?.freeze()?;
    }
    force_stop(play)?;
    is_disowned(play)
}

fn is_disowned(play: &mut Play) -> Result<()> {
    play.records.until("it is disowned", SOON, "SELECT state = 'disowned' FROM instance", &[])
}

/// Deletes it in the middle of that, and looks whether anything is left.
fn delete_wins(play: &mut Play, case: &Case) -> Result<()> {
    let mut more = (case.more)();
    more["command_line"] = json!(case.words);
    play.api.instance_create("one", "small", &more)?.into::<Operation>()?;
    let made: Instance = play.api.instance("one")?;
    (case.arrange)(play)?;
    let delete: Operation = play.api.instance_delete("one")?.into()?;
    let mut ids: Vec<String> = play.records.all("SELECT id::text FROM vmm", &[])?;
    ids.push(made.id.to_string());
    for sled in &mut play.cluster.sleds {
        sled.process()?.thaw()?;
    }
    play.api.succeeded(&delete, SOON)?;
    play.comes_to_rest(SOON)?;
    play.records.until("copies of disks are deleted", SOON, "SELECT count(*) = 0 FROM disk_copy", &[])?;
    play.records.expect_empty(&EMPTY_IN_THE_END)?;
    let used = "SELECT count(*) FROM quota_use WHERE kind = 'instance'";
    ensure!(play.records.one::<i64>(used, &[])? == 0, "its quota is used");
    play.names_nothing(&ids)?;
    // Its disk is free, and its only file is its own.
    let disk: String = play.records.one("SELECT coalesce(file_id, id)::text FROM disk", &[])?;
    let files = play.files_naming(&[".raw".to_owned()])?;
    ensure!(files.len() == 1 && files[0].contains(&disk), "files of disks: {files:#?}, not {disk}");
    play.check()
}

fn delete_wins_over(cases: &[Case]) -> Result<()> {
    play(&Shape::simulated(2, 2), |play| {
        play.image(BootImage::Small)?;
        play.api.disk_made("data", json!({"size_bytes": 1 << 20, "pool": "local"}))?;
        for case in cases {
            delete_wins(play, case).with_context(|| format!("deleted while {}", case.what))?;
        }
        Ok(())
    })
}

#[test]
fn a_delete_wins_over_a_create_a_start_and_a_running_guest() -> Result<()> {
    delete_wins_over(&CASES[..7])
}

#[test]
fn a_delete_wins_over_a_reboot_and_over_what_a_guest_ended_in() -> Result<()> {
    delete_wins_over(&CASES[7..13])
}

#[test]
fn a_delete_wins_over_a_migration_that_is_under_way() -> Result<()> {
    delete_wins_over(&CASES[13..18])
}

#[test]
fn a_delete_wins_over_a_migration_that_is_over_and_over_a_force_stop() -> Result<()> {
    delete_wins_over(&CASES[18..])
}
