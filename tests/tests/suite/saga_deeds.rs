//! For each saga, a user's request that begins it: what must be there before, what is asked for, and what must be so in
//! the end. A saga without one fails the suite.

use anyhow::{Result, ensure};
use berth_common::instance::ShownState;
use berth_nexus_api::operation::Operation;
use berth_tests::Play;
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(60);

type Act = fn(&mut Play) -> Result<()>;

/// One saga's deed.
#[derive(Clone, Copy, Debug)]
pub struct Deed {
    pub prepare: Act,
    pub ask: Act,
    /// Looks at what came of it, and removes it.
    pub done: Act,
}

/// By the saga's name.
pub fn deeds() -> BTreeMap<&'static str, Deed> {
    BTreeMap::from([
        ("instance_create", Deed { prepare: nothing, ask: create, done: created }),
        ("instance_start", Deed { prepare: made, ask: start, done: started }),
        ("instance_migrate", Deed { prepare: running, ask: migrate, done: started }),
        ("instance_update", Deed { prepare: running, ask: force, done: stopped }),
        ("instance_delete", Deed { prepare: running, ask: delete, done: deleted }),
        ("disk_create", Deed { prepare: nothing, ask: disk_create, done: disk_created }),
        ("disk_delete", Deed { prepare: disk_made, ask: disk_delete, done: disk_deleted }),
    ])
}

fn nothing(_: &mut Play) -> Result<()> {
    Ok(())
}

fn made(play: &mut Play) -> Result<()> {
    play.api.instance_made("one", "small", &json!({})).map(drop)
}

fn running(play: &mut Play) -> Result<()> {
    play.api.instance_running("one", "small", &json!({})).map(drop)
}

fn create(play: &mut Play) -> Result<()> {
    play.api.instance_create("one", "small", &json!({"nics": 1}))?.into::<Operation>().map(drop)
}

fn created(play: &mut Play) -> Result<()> {
    play.api.shown("one", ShownState::Stopped, SOON)?;
    play.api.instance_gone("one")
}

fn start(play: &mut Play) -> Result<()> {
    play.api.instance_start("one")?.into::<Operation>().map(drop)
}

fn started(play: &mut Play) -> Result<()> {
    play.api.shown("one", ShownState::Running, SOON)?;
    // It may be shown where it runs before the end of where it was is known.
    let one_lives = "SELECT count(*) = 1 FROM vmm WHERE ended_by IS NULL";
    play.records.until("one VMM lives", SOON, one_lives, &[])?;
    play.api.instance_gone("one")
}

fn migrate(play: &mut Play) -> Result<()> {
    play.api.migration_accepted("one", &json!({})).map(drop)
}

fn force(play: &mut Play) -> Result<()> {
    play.api.instance_stop("one", json!({"force": true}))?.into::<Operation>().map(drop)
}

fn stopped(play: &mut Play) -> Result<()> {
    play.api.shown("one", ShownState::Stopped, SOON)?;
    play.api.instance_gone("one")
}

fn delete(play: &mut Play) -> Result<()> {
    play.api.instance_delete("one")?.into::<Operation>().map(drop)
}

fn deleted(play: &mut Play) -> Result<()> {
    play.records.expect_empty(&["instance", "vmm", "reservation", "nic"])
}

fn disk_create(play: &mut Play) -> Result<()> {
    play.api.disk_create("one", json!({"size_bytes": 1 << 20}))?.into::<Operation>().map(drop)
}

fn disk_made(play: &mut Play) -> Result<()> {
    play.api.disk_made("one", json!({"size_bytes": 1 << 20})).map(drop)
}

fn disk_created(play: &mut Play) -> Result<()> {
    let state: String = play.records.one("SELECT state FROM disk", &[])?;
    ensure!(state == "ready", "the disk is {state}");
    disk_delete(play)?;
    play.comes_to_rest(SOON)?;
    disk_deleted(play)
}

fn disk_delete(play: &mut Play) -> Result<()> {
    play.api.disk_delete("one")?.into::<Operation>().map(drop)
}

fn disk_deleted(play: &mut Play) -> Result<()> {
    play.records.expect_empty(&["disk"])
}
