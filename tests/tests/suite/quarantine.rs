//! What is on a host and nobody answers for: listed by its sled, kept with it, shown to operators, left alone.

use anyhow::{Result, ensure};
use berth_common::instance::ShownState;
use berth_tests::{BootImage, Shape, play, until};
use serde_json::json;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(60);

#[test]
fn a_machine_nobody_answers_for_is_shown_by_explain_until_it_is_gone() -> Result<()> {
    play(&Shape::simulated(2, 1), |play| {
        play.image(BootImage::Small)?;
        play.api.instance_running("web", "small", &json!({}))?;
        let berth = play.cluster.berth().clone();
        let listed = |expected: usize| {
            let what = format!("explain lists {expected} left alone");
            until(&what, SOON, || {
                // A busy nexus may not answer in time.
                let Ok(why) = berth.json(&["sled", "explain", "sled-1"]) else { return Ok(None) };
                let list = why["quarantined"].as_array().cloned().unwrap_or_default();
                Ok((list.len() == expected).then_some(list))
            })
        };
        ensure!(listed(0)?.is_empty(), "what has an entry is answered for");

        // As if its ledger entry had been lost together with its host's memory of it.
        let stray = "6d0c1c7e-3c5b-4a43-9d0a-0b6f7f6c9f11";
        let place = play.cluster.sleds[0].run_directory().join("vmms").join(stray);
        std::fs::create_dir(&place)?;
        play.cluster.sleds[0].stop()?;
        play.cluster.sleds[0].start()?;
        let list = listed(1)?;
        ensure!(list[0]["vmm"] == stray && list[0]["why"] == "no_entry", "{list:?}");
        let text = berth.text(&["sled", "explain", "sled-1"])?;
        ensure!(text.contains(&format!("left alone the folder {stray} (no entry)")), "{text}");
        ensure!(place.exists(), "it was touched");
        play.api.shown("web", ShownState::Running, SOON)?;

        std::fs::remove_dir(&place)?;
        play.cluster.sleds[0].stop()?;
        play.cluster.sleds[0].start()?;
        listed(0)?;
        play.api.instance_gone("web")
    })
}
