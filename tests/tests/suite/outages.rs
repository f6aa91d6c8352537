//! The database away, a nexus away: what was accepted goes on, and who is left serves.

use anyhow::{Result, ensure};
use berth_common::instance::ShownState;
use berth_nexus_api::nexus::NexusView;
use berth_nexus_api::operation::Operation;
use berth_tests::{BootImage, Database, Play, Shape, play, until};
use serde_json::json;
use std::time::{Duration, Instant};

const SOON: Duration = Duration::from_secs(60);

/// How long the saga store is away.
const AWAY: Duration = Duration::from_secs(30);

#[test]
fn acceptance_23_everything_accepted_ends_after_the_saga_store_was_away_for_30_s() -> Result<()> {
    play(&Shape { database: Database::Own, ..Shape::simulated(2, 2) }, |play| {
        play.image(BootImage::Small)?;
        for n in 0..3 {
            play.api.instance_running(&format!("up-{n}"), "small", &json!({}))?;
            play.api.instance_made(&format!("down-{n}"), "small", &json!({}))?;
        }
        let mut accepted = Vec::<Operation>::new();
        for n in 0..3 {
            accepted.push(play.api.instance_start(&format!("down-{n}"))?.into()?);
            accepted.push(play.api.instance_stop(&format!("up-{n}"), json!({"grace_s": 1}))?.into()?);
            accepted.push(
                play.api.instance_create(&format!("new-{n}"), "small", &json!({"start": true}))?.into()?,
            );
        }
        kill_database(play)?;
        let gone = Instant::now();
        let refused = play.api.instance_start("new-0")?;
        refused.expect_refused(503, "unavailable")?;
        until("the outage is over", AWAY * 2, || Ok((gone.elapsed() >= AWAY).then_some(())))?;
        let Some(postgres) = play.cluster.postgres() else {
            anyhow::bail!("the cluster has a server of its own")
        };
        postgres.come_up()?;
        for operation in &accepted {
            play.api.succeeded(operation, SOON)?;
        }
        for n in 0..3 {
            play.api.shown(&format!("down-{n}"), ShownState::Running, SOON)?;
            play.api.shown(&format!("new-{n}"), ShownState::Running, SOON)?;
            play.api.shown(&format!("up-{n}"), ShownState::Stopped, SOON)?;
        }
        play.records = play.more_records()?;
        play.comes_to_rest(SOON)
    })
}

fn kill_database(play: &mut Play) -> Result<()> {
    let Some(postgres) = play.cluster.postgres() else {
        anyhow::bail!("the cluster has a server of its own")
    };
    postgres.kill_hard()
}

#[test]
fn acceptance_of_two_nexus_whoever_is_left_serves_clients_and_sleds() -> Result<()> {
    play(&Shape::simulated(2, 2), |play| {
        play.image(BootImage::Small)?;
        until("both nexus answer", SOON, || {
            let active = play.api.get::<Vec<NexusView>>("/v1/system/nexus")?;
            Ok((active.iter().filter(|nexus| nexus.answering).count() == 2).then_some(()))
        })?;
        for victim in [0, 1] {
            let name = format!("through-{victim}");
            play.api.instance_running(&name, "small", &json!({}))?;
            play.cluster.nexus[victim].kill_hard()?;
            // Clients: the same list of doors, one of them shut.
            let second = format!("second-{victim}");
            play.api.instance_running(&second, "small", &json!({}))?;
            let listed = play.cluster.berth().json(&["--project", "stage", "instance", "list"])?;
            ensure!(listed.as_array().is_some_and(|all| all.len() == 2 * (victim + 1)), "{listed}");
            // Sleds: each reports to the one that is left.
            let killed_at: chrono::DateTime<chrono::Utc> = play.records.one("SELECT now()", &[])?;
            let all = "SELECT bool_and(last_report_at > $1::text::timestamptz) FROM sled";
            play.records.until("every sled reports again", SOON, all, &[&killed_at.to_rfc3339()])?;
            let stop: Operation = play.api.instance_stop(&name, json!({"force": true}))?.into()?;
            play.api.succeeded(&stop, SOON)?;
            play.cluster.nexus[victim].start()?;
            let door = play.api.at(victim);
            until("it is back", SOON, || Ok(door.instance(&second).is_ok().then_some(())))?;
        }
        play.comes_to_rest(SOON)
    })
}
