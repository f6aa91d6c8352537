//! What a migration meets, at each of its points: its saga is held before each of its nodes, and before its end, while
//! somebody cancels it, stops, force-stops or deletes its instance. Acceptance 11 and 25.

use crate::saga_hold::{Hold, LastWords, Place, places};
use anyhow::{Context, Result, ensure};
use berth_common::instance::ShownState;
use berth_common::operation::OperationState;
use berth_nexus_api::operation::Operation;
use berth_tests::{BootImage, Play, Shape, play};
use serde_json::json;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(60);

/// Who comes.
#[derive(Clone, Copy, Debug)]
enum Comer {
    Cancel,
    Stop,
    ForceStop,
    Delete,
}

impl Comer {
    /// Comes; the operation that says when it is done, where there is one of its own.
    fn comes(self, play: &Play, migration: &Operation) -> Result<Option<Operation>> {
        let operation = match self {
            Comer::Cancel => {
                // What is over, or handed over, is refused.
                play.api.post_nothing(&format!("/v1/operations/{}/cancel", migration.id))?;
                return Ok(None);
            }
            Comer::Stop => play.api.instance_stop("one", json!({"grace_s": 5}))?,
            Comer::ForceStop => play.api.instance_force_stop("one", json!({}))?,
            Comer::Delete => play.api.instance_delete("one")?,
        };
        operation.into().map(Some)
    }

    /// What must be so when all is over.
    fn came(self, play: &mut Play) -> Result<()> {
        match self {
            Comer::Cancel => {
                play.api.shown("one", ShownState::Running, SOON)?;
                lives(play, 1)?;
                play.api.instance_gone("one")
            }
            Comer::Stop | Comer::ForceStop => {
                play.api.shown("one", ShownState::Stopped, SOON)?;
                lives(play, 0)?;
                play.api.instance_gone("one")
            }
            Comer::Delete => play.records.expect_empty(&["instance", "vmm", "migration"]),
        }
    }
}

/// So many VMMs live, each with its room, and no copy of a disk is left.
fn lives(play: &mut Play, expected: i64) -> Result<()> {
    play.records.until("copies of disks are deleted", SOON, "SELECT count(*) = 0 FROM disk_copy", &[])?;
    // Whoever ended gives its room back, some later than they were seen to end.
    let each_has_its_room = "SELECT (SELECT count(*) FROM vmm WHERE ended_by IS NULL) = $1
        AND (SELECT count(*) FROM reservation WHERE role = 'active') = $1
        AND (SELECT count(*) FROM reservation WHERE role <> 'active') = 0";
    play.records.until(
        "as many as are expected live, each with its room",
        SOON,
        each_has_its_room,
        &[&expected],
    )
}

fn met(play: &mut Play, hold: &mut Hold, place: &Place, comer: Comer) -> Result<()> {
    play.api.instance_running("one", "small", &json!({"disks": ["data"]}))?;
    hold.begin(place)?;
    let migration = play.api.migration_accepted("one", &json!({}))?;
    let standing = hold.stands(place)?;
    let came = comer.comes(play, &migration);
    hold.end(&standing, LastWords::Heard)?;
    if let Some(operation) = came? {
        play.api.succeeded(&operation, SOON)?;
    }
    let migration = play.api.ended(migration.id, SOON)?;
    let ends = [OperationState::Cancelled, OperationState::Succeeded];
    ensure!(ends.contains(&migration.state), "the migration ended otherwise: {migration:?}");
    play.comes_to_rest(SOON)?;
    comer.came(play)?;
    play.comes_to_rest(SOON)
}

fn meets(comer: Comer) -> Result<()> {
    play(&Shape::simulated(1, 2), |play| {
        play.image(BootImage::Small)?;
        play.api.disk_made("data", json!({"size_bytes": 1 << 20, "pool": "local"}))?;
        let mut hold = Hold::new(play)?;
        let all = places()?;
        for place in all.iter().filter(|place| place.saga == "instance_migrate") {
            met(play, &mut hold, place, comer).with_context(|| format!("{comer:?} meets {place}"))?;
        }
        let files = play.files_naming(&[".raw".to_owned(), ".incoming".to_owned()])?;
        ensure!(files.len() == 1, "files of one disk: {files:#?}");
        play.records.expect_empty(&["instance", "vmm", "migration", "reservation", "disk_copy"])
    })
}

#[test]
fn acceptance_25_a_migration_is_cancelled_at_each_of_its_points() -> Result<()> {
    meets(Comer::Cancel)
}

#[test]
fn a_stop_meets_a_migration_at_each_of_its_points() -> Result<()> {
    meets(Comer::Stop)
}

#[test]
fn acceptance_11_a_force_stop_meets_a_migration_at_each_of_its_points() -> Result<()> {
    meets(Comer::ForceStop)
}

#[test]
fn a_delete_meets_a_migration_at_each_of_its_points() -> Result<()> {
    meets(Comer::Delete)
}
