//! Reboots of real guests, whoever dies beside them, and all that a reboot can meet.

use anyhow::{Context, Result, ensure};
use berth_common::instance::ShownState;
use berth_common::operation::OperationState;
use berth_common::refusal::ErrorCode;
use berth_common::vmm::EndedBy;
use berth_nexus_api::instance::Instance;
use berth_nexus_api::operation::Operation;
use berth_tests::{BootImage, Play, Reply, Shape, play, until};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// An emulated guest's way to its last line, with another one beside it.
const BOOT_LIMIT: Duration = Duration::from_secs(90);
const SOON: Duration = Duration::from_secs(60);

/// What the scenarios of the deadline ask for. That it holds is told by minutes: a grace that could be taken for it is
/// [`LONG_GRACE_S`], and what is waited for comes within one.
const GRACE: Duration = Duration::from_secs(3);
const LONG_GRACE_S: u64 = 600;

fn booted(play: &Play, image: BootImage, more: &Value) -> Result<Instance> {
    play.image(image)?;
    let instance = play.api.instance_running("web", image.name(), more)?;
    boots(play, 1)?;
    Ok(instance)
}

/// Waits until the guest has come up for the `count`th time, and gives the boot ids it has printed.
fn boots(play: &Play, count: usize) -> Result<Vec<String>> {
    let mut seen = Vec::new();
    until(&format!("boot {count}"), BOOT_LIMIT, || {
        // The agent may be away, and the machine busy.
        let Ok(text) = play.api.serial("web") else { return Ok(None) };
        let ids = text.split("berth-guest: up boot_id=").skip(1);
        seen = ids.map(|rest| rest.split_whitespace().next().unwrap_or_default().to_owned()).collect();
        Ok((text.matches("berth-guest: ready").count() >= count).then_some(()))
    })
    .with_context(|| format!("booted so far: {seen:?}"))?;
    Ok(seen)
}

fn reboot(play: &Play, how: Value) -> Result<Reply> {
    play.api.post(&play.api.here("/v1/instances/web/reboot"), how)
}

fn pid(play: &Play) -> Result<Option<i32>> {
    let guests = play.cluster.sleds[0].guests()?;
    ensure!(guests.len() <= 1, "two processes of one guest: {guests:?}");
    Ok(guests.first().map(|(pid, _)| pid.as_raw()))
}

/// Waits until the sled says that the reboot is in this phase, or beyond.
fn in_phase(play: &mut Play, phases: &str) -> Result<()> {
    let sql = format!("SELECT count(*) > 0 FROM reboot WHERE seen_phase = ANY ('{{{phases}}}')");
    play.records.until(&format!("a phase of {phases}"), SOON, &sql, &[])
}

/// The same incarnation, in another process that booted afresh.
fn is_rebooted(play: &Play, before: &Instance, old_pid: Option<i32>) -> Result<()> {
    let ids = boots(play, 2)?;
    ensure!(ids.len() == 2 && ids[0] != ids[1], "not two boots: {ids:?}");
    let now = play.api.shown("web", ShownState::Running, SOON)?;
    let vmm = |instance: &Instance| instance.vmm.as_ref().map(|vmm| vmm.id);
    ensure!(vmm(&now) == vmm(before), "another incarnation: {:?}, not {:?}", vmm(&now), vmm(before));
    ensure!(pid(play)? != old_pid, "the same process: {old_pid:?}");
    Ok(())
}

#[test]
fn acceptance_06_a_second_stop_with_less_grace_shortens_and_with_more_changes_nothing() -> Result<()> {
    play(&Shape::real(), |play| {
        booted(play, BootImage::Ignores, &json!({}))?;
        let first: Operation = play.api.instance_stop("web", json!({"grace_s": LONG_GRACE_S}))?.into()?;
        let taken = "SELECT count(*) > 0 FROM stop_delivery WHERE delivered_at IS NOT NULL";
        play.records.until("the sled takes the stop", SOON, taken, &[])?;
        let longer: Operation = play.api.instance_stop("web", json!({"grace_s": 3_600}))?.into()?;
        ensure!(longer.id == first.id, "more grace is no new stop: {longer:?}");
        ensure!(pid(play)?.is_some(), "it was to have ten minutes");
        let asked = Instant::now();
        let shorter: Operation =
            play.api.instance_stop("web", json!({"grace_s": GRACE.as_secs()}))?.into()?;
        ensure!(shorter.id == first.id, "less grace is no new stop: {shorter:?}");
        until("the guest's process ends", SOON, || Ok(pid(play)?.is_none().then_some(())))?;
        let took = asked.elapsed();
        ensure!(took >= GRACE.mul_f32(0.9), "it took {took:?} only: the guest wasn't left its {GRACE:?}");
        play.api.succeeded(&first, SOON)?;
        play.api.instance_gone("web")
    })
}

#[test]
fn acceptance_08_a_stop_during_a_soft_reboot_ends_stopped_and_it_never_boots_again() -> Result<()> {
    play(&Shape::real(), |play| {
        booted(play, BootImage::Ignores, &json!({}))?;
        let soft: Operation = reboot(play, json!({"mode": "soft", "grace_s": LONG_GRACE_S}))?.into()?;
        in_phase(play, "shutting_down")?;
        let stop: Operation = play.api.instance_stop("web", json!({"grace_s": GRACE.as_secs()}))?.into()?;
        ensure!(play.api.ended(soft.id, SOON)?.state == OperationState::Cancelled, "the stop wins");
        play.api.succeeded(&stop, SOON)?;
        let stopped = play.api.shown("web", ShownState::Stopped, SOON)?;
        let end = stopped.last_end.map(|end| end.ended_by);
        ensure!(end == Some(EndedBy::ForcedAtDeadline), "ended by {end:?}");
        play.comes_to_rest(SOON)?;
        ensure!(pid(play)?.is_none(), "its guest lives on");
        let booted = play.api.serial("web")?.matches("berth-guest: up").count();
        ensure!(booted == 1, "it booted {booted} times");
        play.api.instance_gone("web")
    })
}

#[test]
fn acceptance_09_a_guest_that_powers_itself_off_while_the_agent_is_down_stays_off() -> Result<()> {
    play(&Shape::real(), |play| {
        let words = "console=ttyS0 quiet berth.off=8";
        booted(play, BootImage::Obeys, &json!({"command_line": words}))?;
        play.cluster.sleds[0].kill_hard()?;
        until("the guest powers itself off", SOON, || Ok(pid(play)?.is_none().then_some(())))?;
        play.cluster.sleds[0].start()?;
        let stopped = play.api.shown("web", ShownState::Stopped, SOON)?;
        let end = stopped.last_end.as_ref().map(|end| end.ended_by);
        ensure!(end == Some(EndedBy::GuestShutdown), "ended by {end:?}");
        play.comes_to_rest(SOON)?;
        ensure!(play.records.one::<i64>("SELECT count(*) FROM vmm", &[])? == 1, "it was started again");
        play.api.instance_gone("web")
    })
}

#[test]
fn acceptance_12_a_soft_reboot_is_the_same_vmm_in_a_new_process_that_boots_afresh() -> Result<()> {
    play(&Shape::real(), |play| {
        let before = booted(play, BootImage::Obeys, &json!({}))?;
        let old = pid(play)?;
        let soft: Operation = reboot(play, json!({"mode": "soft"}))?.into()?;
        let done = play.api.succeeded(&soft, SOON)?;
        ensure!(done.progress.phase == "rebooted", "{done:?}");
        is_rebooted(play, &before, old)?;
        ensure!(play.api.serial("web")?.contains("berth-guest: farewell"), "it wasn't asked to go down");
        play.api.instance_gone("web")
    })
}

#[test]
fn acceptance_13_a_soft_reboot_of_a_guest_that_ignores_it_becomes_hard_at_its_deadline() -> Result<()> {
    play(&Shape::real(), |play| {
        let before = booted(play, BootImage::Ignores, &json!({"stop_grace_s": LONG_GRACE_S}))?;
        let old = pid(play)?;
        let asked = Instant::now();
        let soft: Operation = reboot(play, json!({"mode": "soft", "grace_s": GRACE.as_secs()}))?.into()?;
        until("the old process ends", SOON, || Ok((pid(play)? != old).then_some(())))?;
        let took = asked.elapsed();
        ensure!(took >= GRACE.mul_f32(0.9), "the old process had {took:?} only, not its {GRACE:?}");
        play.api.succeeded(&soft, SOON)?;
        is_rebooted(play, &before, old)?;
        play.api.instance_gone("web")
    })
}

#[test]
fn acceptance_14_an_agent_killed_when_the_guest_is_down_finishes_the_reboot_when_it_is_back() -> Result<()> {
    play(&Shape::real(), |play| {
        // Its agent is dead long before it goes down, and it is down long before its deadline.
        let words = "console=ttyS0 quiet berth.button=slow berth.slow=25";
        let before = booted(play, BootImage::Obeys, &json!({"command_line": words}))?;
        let old = pid(play)?;
        let soft: Operation = reboot(play, json!({"mode": "soft", "grace_s": 120}))?.into()?;
        in_phase(play, "shutting_down")?;
        play.cluster.sleds[0].kill_hard()?;
        until("the guest goes down by itself", SOON, || Ok(pid(play)?.is_none().then_some(())))?;
        play.cluster.sleds[0].start()?;
        let back = Instant::now();
        until("a new process is begun", SOON, || Ok(pid(play)?.is_some().then_some(())))?;
        println!("begun {:?} after the agent was started", back.elapsed());
        play.api.succeeded(&soft, SOON)?;
        is_rebooted(play, &before, old)?;
        play.api.instance_gone("web")
    })
}

#[test]
fn acceptance_15_an_agent_killed_when_the_guest_was_started_again_reboots_it_no_second_time() -> Result<()> {
    play(&Shape::real(), |play| {
        let before = booted(play, BootImage::Obeys, &json!({}))?;
        let old = pid(play)?;
        let hard: Operation = reboot(play, json!({"mode": "hard"}))?.into()?;
        until("a new process is begun", SOON, || {
            Ok(pid(play)?.is_some_and(|now| Some(now) != old).then_some(()))
        })?;
        let new = pid(play)?;
        play.cluster.sleds[0].kill_hard()?;
        play.cluster.sleds[0].start()?;
        play.api.succeeded(&hard, SOON)?;
        is_rebooted(play, &before, old)?;
        ensure!(pid(play)? == new, "it was rebooted a second time: {:?}, not {new:?}", pid(play)?);
        play.api.instance_gone("web")
    })
}

#[test]
fn acceptance_16_hard_and_soft_meet_each_other_a_stop_and_a_delete() -> Result<()> {
    play(&Shape::simulated(2, 1), |play| {
        play.image(BootImage::Small)?;
        let deaf = json!({"command_line": "berth.button=ignore"});
        let soft = || json!({"mode": "soft", "grace_s": 3_600});
        let hard = || json!({"mode": "hard"});
        let code = ErrorCode::InstanceRebooting.as_str();

        // Soft over soft is refused; hard over soft takes over the same operation, which says so.
        play.api.instance_running("web", "small", &deaf)?;
        let first: Operation = reboot(play, soft())?.into()?;
        reboot(play, soft())?.expect_refused(409, code)?;
        in_phase(play, "shutting_down")?;
        reboot(play, soft())?.expect_refused(409, code)?;
        let over: Operation = reboot(play, hard())?.into()?;
        ensure!(over.id == first.id, "hard takes over the same operation: {over:?}");
        ensure!(play.api.succeeded(&first, SOON)?.progress.phase == "rebooted", "it went on as a hard one");
        let kinds: Vec<String> = play.records.all("SELECT kind FROM event ORDER BY id", &[])?;
        for kind in ["instance_reboot_accepted", "instance_reboot_taken_over", "instance_rebooted"] {
            ensure!(kinds.iter().any(|told| told == kind), "no {kind} among {kinds:?}");
        }

        // Hard over hard is the one in flight, or a new one where that has ended already.
        let one: Operation = reboot(play, hard())?.into()?;
        let same: Operation = reboot(play, hard())?.into()?;
        play.api.succeeded(&one, SOON)?;
        if same.id != one.id {
            play.api.succeeded(&same, SOON)?;
        }

        // A stop wins over both, and a reboot of what stops, or is stopped, is refused by name.
        let soft_one: Operation = reboot(play, soft())?.into()?;
        let stop: Operation = play.api.instance_stop("web", json!({"grace_s": 1}))?.into()?;
        ensure!(
            play.api.ended(soft_one.id, SOON)?.state == OperationState::Cancelled,
            "a stop wins over soft"
        );
        play.api.succeeded(&stop, SOON)?;
        reboot(play, hard())?.expect_refused(409, ErrorCode::InstanceNotRunning.as_str())?;
        let start: Operation = play.api.instance_start("web")?.into()?;
        play.api.succeeded(&start, SOON)?;
        let hard_one: Operation = reboot(play, hard())?.into()?;
        let stop: Operation = play.api.instance_stop("web", json!({"force": true}))?.into()?;
        let ended = play.api.ended(hard_one.id, SOON)?;
        ensure!(ended.state != OperationState::Failed, "a stop wins over hard, or comes after it: {ended:?}");
        play.api.succeeded(&stop, SOON)?;

        // So does a delete.
        let start: Operation = play.api.instance_start("web")?.into()?;
        play.api.succeeded(&start, SOON)?;
        let soft_one: Operation = reboot(play, soft())?.into()?;
        play.api.instance_gone("web")?;
        let ended = play.api.ended(soft_one.id, SOON)?;
        ensure!(ended.state == OperationState::Cancelled, "a delete wins over soft: {ended:?}");
        play.comes_to_rest(SOON)?;
        play.records.expect_empty(&["reboot", "vmm", "reservation"])
    })
}

#[test]
fn a_reboot_that_no_sled_has_taken_can_be_given_up_and_is_superseded_when_its_guest_crashes_first()
-> Result<()> {
    play(&Shape::simulated(1, 1), |play| {
        play.image(BootImage::Small)?;
        let brief =
            json!({"command_line": "berth.button=ignore berth.sim.crash=30", "restart_policy": "never"});
        play.api.instance_running("web", "small", &brief)?;
        play.cluster.sleds[0].kill_hard()?;
        let soft: Operation = reboot(play, json!({"mode": "soft"}))?.into()?;
        play.api.post_nothing(&format!("/v1/operations/{}/cancel", soft.id))?;
        let ended = play.api.ended(soft.id, SOON)?;
        ensure!(ended.state == OperationState::Cancelled, "nobody has taken it: {ended:?}");

        let soft: Operation = reboot(play, json!({"mode": "soft"}))?.into()?;
        let crashed = "SELECT now() > running_at + interval '31 seconds' FROM vmm";
        play.records.until("the guest has crashed unseen", SOON, crashed, &[])?;
        play.cluster.sleds[0].start()?;
        let ended = play.api.ended(soft.id, SOON)?;
        let code = ended.error.as_ref().map(|error| error.error_code.as_str());
        ensure!(code == Some(ErrorCode::RebootSuperseded.as_str()), "{ended:?}");
        play.api.shown("web", ShownState::Failed, SOON)?;
        play.api.instance_gone("web")
    })
}
