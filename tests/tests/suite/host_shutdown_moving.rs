//! A host is shut down in the middle of a migration, at either end, with nexus there and with nexus dead: what becomes
//! of the guest is decided, the host goes inside its deadline, and nothing is left.

use super::host_shutdown::{how, shut_down};
use super::migrations::{endlessly_migrating, nothing_is_left_behind};
use anyhow::{Context, Result, ensure};
use berth_common::instance::ShownState;
use berth_common::operation::OperationState;
use berth_tests::{BootImage, Database, Play, Shape, play, until};
use serde_json::json;
use std::time::{Duration, Instant};

const SOON: Duration = Duration::from_secs(60);
const DEADLINE_S: u64 = 60;

/// Which end's host goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Goes {
    Source,
    Target,
}

fn in_mid_migration(goes: Goes, nexus_dies: bool) -> Result<()> {
    play(&Shape { database: Database::Own, ..Shape::simulated(1, 2) }, |play| {
        play.image(BootImage::Small)?;
        let migration = endlessly_migrating(play, "one", json!({}))?;
        let source = play.sled_of("one")?;
        let target = 1 - source;
        let here = play.api.instance("one")?.vmm.context("it runs")?.id;
        let sled = if goes == Goes::Source { source } else { target };
        if nexus_dies {
            play.cluster.nexus[0].kill_hard()?;
        }
        let begun = Instant::now();
        let (status, text) = shut_down(play, sled, DEADLINE_S)?;
        ensure!(begun.elapsed() < Duration::from_secs(DEADLINE_S), "{:?}: {text}", begun.elapsed());
        ensure!(status == 0, "nobody had to be forced: {text}");
        if goes == Goes::Source {
            ensure!(how(&text, here)? == "ended by itself", "{text}");
        }
        if nexus_dies {
            nexus_is_back(play)?;
        }

        let ended = play.api.ended(migration.id, SOON)?;
        ensure!(ended.state == OperationState::Failed && ended.error.is_some(), "{ended:?}");
        let runs_at = if goes == Goes::Source { target } else { source };
        until("it runs where it can", SOON, || {
            let now = play.api.instance("one")?;
            let there = now
                .sled
                .as_ref()
                .is_some_and(|sled| sled.name.as_str() == play.cluster.sleds[runs_at].name());
            let stayed = now.vmm.as_ref().is_some_and(|vmm| vmm.id == here);
            let is_so = now.state == ShownState::Running && there && stayed == (goes == Goes::Target);
            Ok(is_so.then_some(()))
        })
        .with_context(|| format!("{:?}", play.api.instance("one")))?;
        nothing_is_left_behind(play)?;

        play.cluster.sleds[sled].stop()?;
        play.cluster.sleds[sled].start()?;
        until("the host is back", SOON, || {
            // A busy nexus may not answer in time.
            let Ok(shown) = play.cluster.berth().json(&["sled", "list"]) else { return Ok(None) };
            let online =
                shown.as_array().is_some_and(|all| all.iter().all(|sled| sled["liveness"] == "online"));
            Ok(online.then_some(()))
        })?;
        nothing_is_left_behind(play)?;
        play.api.instance_gone("one")
    })
}

fn nexus_is_back(play: &mut Play) -> Result<()> {
    play.cluster.nexus[0].start()?;
    until("nexus opens its door", SOON, || {
        Ok(play.api.get::<serde_json::Value>("/v1/system/nexus").is_ok().then_some(()))
    })
}

#[test]
fn a_source_that_is_shut_down_takes_its_guest_down_and_it_is_started_at_the_other_sled() -> Result<()> {
    in_mid_migration(Goes::Source, false)
}

#[test]
fn a_source_that_is_shut_down_while_nexus_is_dead_is_seen_to_when_nexus_is_back() -> Result<()> {
    in_mid_migration(Goes::Source, true)
}

#[test]
fn a_target_that_is_shut_down_leaves_the_guest_where_it_is() -> Result<()> {
    in_mid_migration(Goes::Target, false)
}

#[test]
fn a_target_that_is_shut_down_while_nexus_is_dead_leaves_the_guest_where_it_is() -> Result<()> {
    in_mid_migration(Goes::Target, true)
}
