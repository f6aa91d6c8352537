//! What becomes of a guest that ended by itself: its restart policy, with real processes.

use anyhow::{Context, Result, ensure};
use berth_common::instance::{Rest, ShownState};
use berth_common::operation::OperationState;
use berth_common::vmm::EndedBy;
use berth_nexus_api::event::EventPage;
use berth_nexus_api::explain::InstanceExplanation;
use berth_nexus_api::instance::Instance;
use berth_nexus_api::operation::Operation;
use berth_tests::{BootImage, Play, Shape, play, until};
use nix::sys::signal::{Signal, kill};
use serde_json::{Value, json};
use std::time::Duration;

/// An emulated guest's way to its last line, with another one beside it.
const BOOT_LIMIT: Duration = Duration::from_secs(60);
const SOON: Duration = Duration::from_secs(60);

/// A pause before a restart lasts until the test lets it be over ([`let_time_pass`]): by the clock the first ones are
/// over sooner than a busy machine looks.
const PAUSES_LAST: &str = "
    CREATE SCHEMA hold;
    CREATE FUNCTION hold.pause() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        NEW.restart_at := now() + interval '1 hour';
        RETURN NEW; END $$;
    CREATE TRIGGER hold BEFORE UPDATE ON public.instance FOR EACH ROW
        WHEN (NEW.rest = 'back_off' AND OLD.rest IS DISTINCT FROM 'back_off') EXECUTE FUNCTION hold.pause();";

fn until_instance(play: &Play, what: &str, is_so: impl Fn(&Instance) -> bool) -> Result<Instance> {
    let mut last = String::new();
    until(what, SOON, || {
        let instance = play.api.instance("web")?;
        last = format!("{instance:?}");
        Ok(is_so(&instance).then_some(instance))
    })
    .with_context(|| format!("last seen: {last}"))
}

fn explained(play: &Play) -> Result<InstanceExplanation> {
    play.api.get(&play.api.here("/v1/instances/web/explain"))
}

/// A simulated guest that runs for a moment and crashes, each time; from now on the test lets pauses be over.
fn crashes_again_and_again(play: &mut Play, more: &Value) -> Result<Instance> {
    play.records.client().batch_execute(PAUSES_LAST)?;
    play.image(BootImage::Small)?;
    let mut body = json!({"command_line": "berth.sim.crash=0.3"});
    if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
        body.extend(more.clone());
    }
    play.api.instance_running("web", "small", &body)
}

/// Lets the pause in which the instance is be over.
fn let_time_pass(play: &mut Play) -> Result<()> {
    let over = "UPDATE instance SET restart_at = now() WHERE rest = 'back_off'";
    play.records.client().execute(over, &[])?;
    Ok(())
}

#[test]
fn acceptance_10_a_guest_whose_qemu_is_killed_is_started_again_after_a_pause() -> Result<()> {
    play(&Shape::real(), |play| {
        play.image(BootImage::Obeys)?;
        let first = play.api.instance_running("web", "obeys", &json!({}))?;
        play.api.printed("web", "berth-guest: ready", BOOT_LIMIT)?;
        let guests = play.cluster.sleds[0].guests()?;
        ensure!(guests.len() == 1, "one guest, one process: {guests:?}");
        kill(guests[0].0, Signal::SIGKILL)?;

        let down = until_instance(play, "its crash is shown", |seen| seen.last_end.is_some())?;
        let end = down.last_end.as_ref().map(|end| end.ended_by);
        ensure!(end == Some(EndedBy::Crashed), "ended by {end:?}");
        let again = until_instance(play, "it runs again", |seen| {
            seen.state == ShownState::Running
                && seen.vmm.as_ref().map(|v| v.id) != first.vmm.as_ref().map(|v| v.id)
        })?;
        ensure!((again.crashes, again.restart_at) == (1, None), "{again:?}");
        play.api.printed("web", "berth-guest: ready", BOOT_LIMIT)?;
        let pause_ms: i64 = play.records.one(
            "SELECT (extract(epoch FROM b.created_at - a.ended_at) * 1000)::bigint
             FROM vmm a JOIN vmm b ON b.epoch = a.epoch + 1 WHERE a.ended_by = 'crashed'",
            &[],
        )?;
        ensure!(pause_ms >= 1_000, "it was started again after {pause_ms} ms");
        let now = play.cluster.sleds[0].guests()?;
        ensure!(now.len() == 1 && now[0].0 != guests[0].0, "{now:?} after {guests:?}");

        let stop: Operation = play.api.instance_stop("web", json!({"force": true}))?.into()?;
        play.api.succeeded(&stop, SOON)?;
        ensure!(play.api.shown("web", ShownState::Stopped, SOON)?.crashes == 0, "a stop forgets crashes");
        play.api.instance_gone("web")
    })
}

#[test]
fn acceptance_10_ten_crashes_in_a_row_give_up_visibly() -> Result<()> {
    play(&Shape::simulated(2, 1), |play| {
        crashes_again_and_again(play, &json!({"restart_policy": "on_failure"}))?;
        for crash in 1..10 {
            let down = until_instance(play, "it waits for its restart", |seen| {
                seen.rest == Rest::BackOff && seen.crashes == crash
            })?;
            ensure!(down.state == ShownState::Failed && down.restart_at.is_some(), "{down:?}");
            // The start whose guest crashed may have its last look before it.
            play.comes_to_rest(SOON)?;
            let why = explained(play)?;
            ensure!(why.summary.contains(&format!("{crash} of 10 crashes count")), "{}", why.summary);
            ensure!(why.waiting.iter().any(|waiting| waiting.what.contains("start that is due")), "{why:?}");
            let_time_pass(play)?;
        }
        let given_up = until_instance(play, "it gives up", |seen| seen.rest == Rest::GaveUp)?;
        ensure!(given_up.state == ShownState::Failed && given_up.crashes == 10, "{given_up:?}");
        let events: EventPage = play.api.get(&play.api.here("/v1/instances/web/events"))?;
        let told = events.items.iter().any(|event| event.message.contains("gave up after 10 crashes"));
        ensure!(told, "no event tells of it: {events:?}");
        let vmms: i64 = play.records.one("SELECT count(*) FROM vmm", &[])?;
        ensure!(vmms == 10, "{vmms} VMMs for ten crashes");

        let start: Operation = play.api.instance_start("web")?.into()?;
        play.api.succeeded(&start, SOON)?;
        until_instance(play, "a user's start forgets crashes", |seen| seen.crashes <= 1)?;
        play.api.instance_gone("web")
    })
}

#[test]
fn a_stop_takes_back_a_restart_that_waits_for_its_pause_to_end() -> Result<()> {
    play(&Shape::simulated(1, 1), |play| {
        crashes_again_and_again(play, &json!({}))?;
        until_instance(play, "it waits for its restart", |seen| seen.rest == Rest::BackOff)?;
        let stop: Operation = play.api.instance_stop("web", json!({}))?.into()?;
        ensure!(play.api.ended(stop.id, SOON)?.state == OperationState::Succeeded, "{stop:?}");
        let stopped = play.api.shown("web", ShownState::Stopped, SOON)?;
        ensure!((stopped.rest, stopped.restart_at) == (Rest::None, None), "{stopped:?}");
        let vmms = "SELECT count(*) FROM vmm";
        let before: i64 = play.records.one(vmms, &[])?;
        let_time_pass(play)?;
        play.comes_to_rest(SOON)?;
        ensure!(play.records.one::<i64>(vmms, &[])? == before, "it was started again");
        play.api.instance_gone("web")
    })
}

#[test]
fn a_policy_that_becomes_never_takes_back_a_restart_that_waits() -> Result<()> {
    play(&Shape::simulated(2, 1), |play| {
        crashes_again_and_again(play, &json!({"restart_policy": "on_failure"}))?;
        until_instance(play, "it waits for its restart", |seen| seen.rest == Rest::BackOff)?;
        let berth = play.cluster.berth().in_project("stage");
        berth.json(&["instance", "update", "web", "--restart", "always"])?;
        let waits = play.api.instance("web")?;
        ensure!(waits.rest == Rest::BackOff && waits.restart_at.is_some(), "always wants it, too: {waits:?}");
        berth.json(&["instance", "update", "web", "--restart", "never"])?;
        let down = play.api.instance("web")?;
        ensure!(
            (down.state, down.rest, down.restart_at) == (ShownState::Failed, Rest::GaveUp, None),
            "{down:?}"
        );
        let why = explained(play)?;
        ensure!(why.waiting.is_empty() && why.summary.contains("isn't tried again"), "{why:?}");
        let told = why.recent.iter().find(|event| event.kind == "instance_restart_cancelled");
        let told = told.context("no event tells of it")?;
        ensure!(told.message == "not started again: its restart policy is never now", "{told:?}");
        ensure!(told.actor == "admin", "{told:?}");

        let vmms = "SELECT count(*) FROM vmm";
        let before: i64 = play.records.one(vmms, &[])?;
        play.comes_to_rest(SOON)?;
        ensure!(play.records.one::<i64>(vmms, &[])? == before, "it was started again");
        let start: Operation = play.api.instance_start("web")?.into()?;
        play.api.succeeded(&start, SOON)?;
        play.api.instance_gone("web")
    })
}

#[test]
fn under_never_a_crash_stays_and_under_always_a_power_off_does_not() -> Result<()> {
    play(&Shape::simulated(1, 1), |play| {
        crashes_again_and_again(play, &json!({"restart_policy": "never"}))?;
        let down = until_instance(play, "it stays down", |seen| seen.rest == Rest::GaveUp)?;
        ensure!(down.state == ShownState::Failed && down.restart_at.is_none(), "{down:?}");
        play.api.instance_gone("web")?;

        let off = json!({"restart_policy": "always", "command_line": "berth.off=0.3"});
        play.api.instance_running("web", "small", &off)?;
        let down = until_instance(play, "it waits for its restart", |seen| seen.rest == Rest::BackOff)?;
        ensure!(
            (down.state, down.crashes) == (ShownState::Stopped, 0),
            "a power-off is no failure: {down:?}"
        );
        let first = down.last_end.as_ref().map(|end| end.vmm_id);
        ensure!(first.is_some(), "its end is shown: {down:?}");
        let_time_pass(play)?;
        until_instance(play, "it is started again", |seen| {
            seen.last_end.as_ref().is_some_and(|end| Some(end.vmm_id) != first)
        })?;
        play.api.instance_gone("web")
    })
}
