//! Metrics as `berth` prints them: of nexus, and of a sled's agent by way of nexus.

use anyhow::{Context, Result, ensure};
use berth_tests::{BerthFailure, BootImage, Shape, play};
use serde_json::json;

#[test]
fn berth_prints_the_page_of_a_sleds_agent_and_says_so_when_it_does_not_answer() -> Result<()> {
    play(&Shape::simulated(1, 1), |play| {
        play.image(BootImage::Small)?;
        play.api.instance_running("web", "small", &json!({}))?;
        let page = play.cluster.berth().text(&["sled", "metrics", "sled-1"])?;
        let running = "berth_sled_vmms{name=\"running\"} 1";
        ensure!(page.lines().any(|line| line == running) && page.ends_with("# EOF\n"), "{page}");
        play.cluster.sleds[0].kill_hard()?;
        let refused = play.cluster.berth().text(&["sled", "metrics", "sled-1"]).err().context("no agent")?;
        let refused = refused.downcast::<BerthFailure>()?;
        ensure!(refused.code == Some(1) && refused.said.contains("sled_unreachable"), "{refused}");
        play.cluster.sleds[0].start()?;
        play.api.instance_gone("web")
    })
}

#[test]
fn operations_that_ended_are_counted_on_the_page_that_berth_prints() -> Result<()> {
    play(&Shape::simulated(1, 1), |play| {
        play.image(BootImage::Small)?;
        play.api.instance_running("web", "small", &json!({}))?;
        play.api.instance_gone("web")?;
        let page = play.cluster.berth().text(&["nexus", "metrics"])?;
        let started = "berth_operations_ended{kind=\"instance_start\",outcome=\"succeeded\"} 1";
        ensure!(page.lines().any(|line| line == started), "{page}");
        let took = "berth_operations_ended_seconds{kind=\"instance_start\",outcome=\"succeeded\"} ";
        let took_s =
            page.lines().find_map(|line| line.strip_prefix(took)).and_then(|s| s.parse::<f64>().ok());
        ensure!(took_s.is_some_and(|took_s| took_s > 0.0), "{page}");
        Ok(())
    })
}
