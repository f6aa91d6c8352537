//! Acceptance 22 on real guests: the target's host is gone right after the migration completed. What was heard decides:
//! the guest that went on there ended there, and is started again, or not, as its restart policy says; never its source.

use super::migrations_real::{booted, goes_on, migrate, one_writer, processes, two_sleds, writes_on};
use crate::saga_hold::{Hold, LastWords, Place};
use anyhow::{Context, Result, ensure};
use berth_common::instance::{Rest, ShownState};
use berth_common::operation::OperationState;
use berth_nexus_api::operation::Operation;
use berth_tests::{BootImage, Life, Play, Record, Shape, lives, play, until};
use serde_json::json;
use std::time::Duration;

/// An emulated guest's way to its last line.
const BOOT_LIMIT: Duration = Duration::from_secs(90);
const SOON: Duration = Duration::from_secs(60);

const WEB: &str = "web";

/// A migration of the guest that was going on at its target when all of its host's processes were killed.
struct Lost {
    operation: Operation,
    /// The target's sled.
    sled: usize,
    /// The guest before.
    last: Record,
}

/// Its target dies as soon as nexus has heard that the guest runs there.
fn target_is_lost(play: &mut Play) -> Result<Lost> {
    let (last, sled) = (play.witness(WEB)?, 1 - play.sled_of(WEB)?);
    let operation = migrate(play, WEB, json!({}))?;
    let runs_there =
        "SELECT count(*) > 0 FROM migration WHERE operation_id::text = $1 AND target_state = 'completed'";
    play.records.until("the target runs it", SOON, runs_there, &[&operation.id.to_string()])?;
    play.cluster.sleds[sled].kill_all_hard()?;
    Ok(Lost { operation, sled, last })
}

/// The same, but nexus hears nothing from the target once the source is told to send: only the source's word.
fn target_is_lost_unheard(play: &mut Play, hold: &mut Hold) -> Result<Lost> {
    let (last, sled) = (play.witness(WEB)?, 1 - play.sled_of(WEB)?);
    let point = Place::before("instance_migrate", "send")?;
    hold.begin(&point)?;
    let operation = migrate(play, WEB, json!({}))?;
    let standing = hold.stands(&point)?;
    play.cluster.sleds[sled].cut_from_nexus()?;
    hold.end(&standing, LastWords::Heard)?;
    let gave_it_away = "SELECT m.source_state = 'completed' AND coalesce(v.ended_by = 'migrated_away', false)
        FROM migration m JOIN vmm v ON v.id = m.source_vmm_id WHERE m.outcome IS NULL";
    play.records.until("the source gave it away", SOON, gave_it_away, &[])?;
    // Whoever writes now is the target: the source's process is gone.
    let left = play.witness(WEB)?;
    writes_on(play, WEB, &left)?;
    let heard = "SELECT target_state = 'completed' FROM migration WHERE outcome IS NULL";
    ensure!(!play.records.one::<bool>(heard, &[])?, "nexus heard of the target all the same");
    play.cluster.sleds[sled].kill_all_hard()?;
    play.cluster.sleds[sled].mend_to_nexus()?;
    Ok(Lost { operation, sled, last })
}

/// As long as its host is away nothing is started anywhere: silence proves nothing.
fn nothing_is_started(play: &mut Play, lost: &Lost) -> Result<()> {
    let name = play.cluster.sleds[lost.sled].name().to_owned();
    until("its sled is shown silent", SOON, || {
        // A busy nexus may not answer in time.
        let Ok(shown) = play.cluster.berth().json(&["sled", "view", &name]) else { return Ok(None) };
        Ok((shown["liveness"] != "online").then_some(()))
    })?;
    processes(play, [0, 0])?;
    let alive: Vec<String> = play
        .records
        .all("SELECT s.name FROM vmm v JOIN sled s ON s.id = v.sled_id WHERE v.ended_by IS NULL", &[])?;
    ensure!(alive == [name], "VMMs that may run are on {alive:?}");
    Ok(())
}

/// Its host is back: the migration had completed, and the guest ended there by no fault of the source's.
fn host_is_back(play: &mut Play, lost: &Lost) -> Result<()> {
    play.cluster.sleds[lost.sled].start()?;
    let ended = play.api.ended(lost.operation.id, SOON)?;
    ensure!(ended.state == OperationState::Succeeded, "{ended:?}");
    let ends =
        "SELECT coalesce(s.ended_by, 'alive') || ' ' || coalesce(t.ended_by, 'alive') || ' ' || outcome
        FROM migration m JOIN vmm s ON s.id = m.source_vmm_id JOIN vmm t ON t.id = m.target_vmm_id
        WHERE operation_id::text = $1";
    let operation = lost.operation.id.to_string();
    let decided = format!("({ends}) = 'migrated_away crashed completed'");
    play.records
        .until("both ends are known to have ended", SOON, &format!("SELECT {decided}"), &[&operation])
        .with_context(|| format!("{:?}", play.records.one::<String>(ends, &[&operation])))
}

/// Exactly these have written to its disk, one after the other; the last one goes on.
fn wrote(play: &mut Play, expected: &[&Life]) -> Result<()> {
    let wrote = lives(&play.disk_file(WEB)?)?;
    ensure!(wrote.iter().collect::<Vec<_>>() == expected, "they wrote: {wrote:?}, not {expected:?}");
    Ok(())
}

/// It was started again, once: exactly one copy runs, in a life of its own.
fn runs_again(play: &mut Play, before: &[&Life]) -> Result<Record> {
    let last = *before.last().context("a life")?;
    let now = until("it booted again", BOOT_LIMIT, || {
        Ok(play.witness(WEB).ok().filter(|record| record.life != *last))
    })?;
    goes_on(play, WEB, &now)?;
    play.api.shown(WEB, ShownState::Running, SOON)?;
    play.comes_to_rest(SOON)?;
    let mut expected = [0, 0];
    expected[play.sled_of(WEB)?] = 1;
    processes(play, expected)?;
    has(play, 1)?;
    wrote(play, &before.iter().copied().chain([&now.life]).collect::<Vec<_>>())?;
    play.check()?;
    Ok(now)
}

/// So many VMMs live, each with its room.
fn has(play: &mut Play, copies: i64) -> Result<()> {
    let each_has_its_room = "SELECT (SELECT count(*) FROM vmm WHERE ended_by IS NULL) = $1
        AND (SELECT count(*) FROM reservation WHERE role = 'active') = $1
        AND (SELECT count(*) FROM reservation) = $1";
    play.records.until(&format!("{copies} live, with their room"), SOON, each_has_its_room, &[&copies])
}

/// It is deleted, and nothing names what ran of it.
fn leaves_nothing(play: &mut Play) -> Result<()> {
    let ids: Vec<String> = play.records.all("SELECT id::text FROM vmm", &[])?;
    play.api.instance_gone(WEB)?;
    processes(play, [0, 0])?;
    play.comes_to_rest(SOON)?;
    play.names_nothing(&ids)?;
    play.records.expect_empty(&["instance", "vmm", "migration", "reservation", "disk_copy"])
}

#[test]
fn acceptance_22_a_real_guest_whose_target_dies_right_after_completing_is_started_again_by_its_policy_only()
-> Result<()> {
    play(&two_sleds(), |play| {
        play.image(BootImage::Obeys)?;
        booted(play, WEB, "shared")?;
        let lost = target_is_lost(play)?;
        nothing_is_started(play, &lost)?;
        wrote(play, &[&lost.last.life])?;
        host_is_back(play, &lost)?;
        let again = runs_again(play, &[&lost.last.life])?;
        ensure!(play.api.instance(WEB)?.crashes == 1, "{:?}", play.api.instance(WEB));

        let berth = play.cluster.berth().in_project(play.api.project());
        berth.json(&["instance", "update", WEB, "--restart", "never"])?;
        let lost = target_is_lost(play)?;
        ensure!(lost.last.life == again.life, "{:?} is another life than {again:?}", lost.last);
        nothing_is_started(play, &lost)?;
        host_is_back(play, &lost)?;
        let down = play.api.shown(WEB, ShownState::Failed, SOON)?;
        ensure!((down.rest, down.restart_at) == (Rest::GaveUp, None), "{down:?}");
        play.comes_to_rest(SOON)?;
        processes(play, [0, 0])?;
        has(play, 0)?;
        one_writer(play, WEB)?;
        play.check()?;
        // Nothing stands in the way of whoever wants it again.
        let start: Operation = play.api.instance_start(WEB)?.into()?;
        play.api.succeeded(&start, SOON)?;
        leaves_nothing(play)
    })
}

#[test]
fn acceptance_22_a_target_that_dies_before_nexus_heard_of_it_is_believed_when_its_host_is_back() -> Result<()>
{
    play(&Shape { has_hosts: true, ..two_sleds() }, |play| {
        play.image(BootImage::Obeys)?;
        booted(play, WEB, "shared")?;
        let mut hold = Hold::new(play)?;
        let lost = target_is_lost_unheard(play, &mut hold)?;
        nothing_is_started(play, &lost)?;
        let mut open = lost.operation.clone();
        until("it waits, by name", SOON, || {
            open = play.api.operation(lost.operation.id)?;
            ensure!(open.ended_at.is_none(), "it ended without a word of its target's: {open:?}");
            Ok(open.waiting_for.is_some().then_some(()))
        })
        .with_context(|| format!("{open:?}"))?;
        wrote(play, &[&lost.last.life])?;
        host_is_back(play, &lost)?;
        runs_again(play, &[&lost.last.life])?;
        ensure!(play.api.instance(WEB)?.crashes == 1, "{:?}", play.api.instance(WEB));
        leaves_nothing(play)
    })
}
