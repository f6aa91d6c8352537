//! Reports that come twice, late, or in another order.

use anyhow::{Result, ensure};
use berth_common::ids::GenericUuid;
use berth_common::instance::ShownState;
use berth_common::vmm::{EndedBy, VmmState};
use berth_tests::{BootImage, Play, Shape, SledVoice, play};
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

const SOON: Duration = Duration::from_secs(60);

/// An instance that runs on a sled whose agent is silent from now on; it rests where its end leaves it.
fn running_on_a_silent_sled(play: &mut Play) -> Result<Uuid> {
    play.image(BootImage::Small)?;
    let instance = play.api.instance_running("web", "small", &json!({"restart_policy": "never"}))?;
    play.comes_to_rest(SOON)?;
    play.cluster.sleds[0].process()?.freeze()?;
    Ok(instance.id.into_untyped_uuid())
}

fn gone_when_the_agent_speaks_again(play: &mut Play) -> Result<()> {
    play.cluster.sleds[0].process()?.thaw()?;
    play.api.instance_gone("web")?;
    play.comes_to_rest(SOON)?;
    play.records.expect_empty(&["vmm", "reservation"])
}

#[test]
fn acceptance_18_the_same_report_to_two_nexus_at_once_makes_one_update() -> Result<()> {
    play(&Shape::simulated(2, 1), |play| {
        let instance = running_on_a_silent_sled(play)?;
        let counts = "SELECT format('%s %s %s', i.state_gen, i.updater_gen,
                          (SELECT count(*) FROM saga WHERE name = 'instance_update' AND subject_id = i.id))
                      FROM instance i WHERE i.id = $1";
        let numbers =
            |text: String| text.split(' ').map(|n| Ok(n.parse::<i64>()?)).collect::<Result<Vec<i64>>>();
        let before = numbers(play.records.one(counts, &[&instance])?)?;
        let known = SledVoice::known(&mut play.records, instance)?;
        let mut voice = play.voice(0)?;
        let off = SledVoice::of_vmm(known, 1, VmmState::Destroyed, Some(EndedBy::GuestShutdown));
        let report = voice.report(vec![off])?;
        voice.say_everywhere(&report)?;
        let shown = play.api.shown("web", ShownState::Stopped, SOON)?;
        ensure!(shown.last_end.map(|end| end.ended_by) == Some(EndedBy::GuestShutdown));
        // Said once more, when all is done: nothing follows.
        voice.say_everywhere(&report)?;
        play.comes_to_rest(SOON)?;
        let after = numbers(play.records.one(counts, &[&instance])?)?;
        ensure!(after[0] == before[0] + 1, "the record changed {} times, not once", after[0] - before[0]);
        // Another one may have been begun, and have found nothing to do.
        ensure!(after[2] > before[2], "no update saga ran");
        let told: i64 = play.records.one(
            "SELECT count(*) FROM event WHERE subject_id = $1 AND kind = 'instance_no_vmm'",
            &[&instance],
        )?;
        ensure!(told == 1, "told {told} times");
        gone_when_the_agent_speaks_again(play)
    })
}

#[test]
fn acceptance_19_of_late_and_reordered_reports_the_newest_wins() -> Result<()> {
    play(&Shape::simulated(2, 1), |play| {
        let instance = running_on_a_silent_sled(play)?;
        let known = SledVoice::known(&mut play.records, instance)?;
        let mut voice = play.voice(0)?;
        let mut said =
            |later, state, ended_by| voice.report(vec![SledVoice::of_vmm(known, later, state, ended_by)]);
        let oldest = said(1, VmmState::Stopping, None)?;
        let older = said(2, VmmState::Rebooting, None)?;
        let newer = said(3, VmmState::Running, None)?;
        let late = said(4, VmmState::Stopping, None)?;
        let last = said(5, VmmState::Failed, Some(EndedBy::Crashed))?;
        let voice = play.voice(0)?;
        let mut row = |expected: &str| -> Result<()> {
            let row = "SELECT format('%s %s', state, gen - $2) FROM vmm WHERE id = $1";
            let is: String = play.records.one(row, &[&known.vmm, &known.generation])?;
            ensure!(is == expected, "the row says {is}, not {expected}");
            Ok(())
        };
        voice.say(0, &older)?;
        row("rebooting 2")?;
        voice.say(1, &oldest)?;
        row("rebooting 2")?;
        voice.say(1, &newer)?;
        voice.say(0, &newer)?;
        row("running 3")?;
        voice.say(0, &last)?;
        voice.say(1, &late)?;
        row("failed 5")?;
        play.api.shown("web", ShownState::Failed, SOON)?;
        play.comes_to_rest(SOON)?;
        gone_when_the_agent_speaks_again(play)
    })
}
