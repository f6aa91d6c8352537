//! Hosts that are lost in mid-migration. Acceptance 21 and 22: the guest goes on at one place, or is started again; what
//! the lost hosts still have is ended when they are back.
//!
//! The agents of both ends are killed, and what their hosts found when they came up again is said by hand.

use anyhow::{Context, Result, ensure};
use berth_common::Generation;
use berth_common::ids::{GenericUuid, InstanceUuid, MigrationUuid, VmmUuid};
use berth_common::instance::ShownState;
use berth_common::migration::{MigrationHalf, MigrationPhase, MigrationRole};
use berth_common::operation::OperationState;
use berth_common::vmm::{EndedBy, VmmState};
use berth_nexus_api::operation::Operation;
use berth_sled_agent_api::migration::MigrationReport;
use berth_sled_agent_api::report::VmmReport;
use berth_tests::{BootImage, Play, Shape, play};
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

const SOON: Duration = Duration::from_secs(60);

/// One end of a migration as the records know it.
#[derive(Debug)]
struct End {
    role: MigrationRole,
    migration: Uuid,
    vmm: Uuid,
    instance: Uuid,
    epoch: i64,
    generation: i64,
    sled: usize,
}

/// What a host found of its VMM when it came up.
#[derive(Clone, Copy, Debug)]
struct Found {
    state: VmmState,
    ended_by: Option<EndedBy>,
    half: MigrationHalf,
}

const GONE: Found =
    Found { state: VmmState::Failed, ended_by: Some(EndedBy::Crashed), half: MigrationHalf::Failed };
const HANDED_OFF: Found = Found {
    state: VmmState::Destroyed,
    ended_by: Some(EndedBy::MigratedAway),
    half: MigrationHalf::Completed,
};
const TOOK_OVER: Found = Found { state: VmmState::Running, ended_by: None, half: MigrationHalf::Completed };
const TOOK_OVER_AND_DIED: Found = Found { half: MigrationHalf::Completed, ..GONE };

fn end(play: &mut Play, role: MigrationRole) -> Result<End> {
    let sql = format!(
        "SELECT m.id, v.id, v.instance_id, v.epoch, v.gen, s.name FROM migration m
         JOIN vmm v ON v.id = m.{role}_vmm_id JOIN sled s ON s.id = v.sled_id WHERE m.outcome IS NULL"
    );
    let row = play.records.client().query_one(&sql, &[])?;
    let name: String = row.get(5);
    let sled = play.cluster.sleds.iter().position(|sled| sled.name() == name).context("a sled of ours")?;
    Ok(End {
        role,
        migration: row.get(0),
        vmm: row.get(1),
        instance: row.get(2),
        epoch: row.get(3),
        generation: row.get(4),
        sled,
    })
}

impl End {
    /// Its host says so, `later` generations after the last that is known.
    fn says(&self, play: &mut Play, later: i64, found: Found) -> Result<()> {
        let half = MigrationReport {
            migration: MigrationUuid::from_untyped_uuid(self.migration),
            role: self.role,
            half: found.half,
            phase: MigrationPhase::Over,
            address: None,
            progress: None,
            detail: None,
        };
        let report = VmmReport {
            vmm: VmmUuid::from_untyped_uuid(self.vmm),
            instance: InstanceUuid::from_untyped_uuid(self.instance),
            epoch: Generation::from(self.epoch),
            generation: Generation::from(self.generation + later),
            state: found.state,
            ended_by: found.ended_by,
            detail: None,
            stop_remaining_ms: None,
            unresponsive: false,
            stuck: false,
            reboot: None,
            migration: Some(half),
        };
        let mut voice = play.voice(self.sled)?;
        let report = voice.report(vec![report])?;
        voice.say(0, &report).map(drop)
    }
}

/// An instance in mid-migration, both of whose agents were killed; its operation, source and target.
fn both_lost(play: &mut Play) -> Result<(Operation, End, End)> {
    let endless = json!({"command_line": "berth.sim=endless_migration"});
    play.api.instance_running("one", "small", &endless)?;
    let operation = play.api.migration_accepted("one", &json!({}))?;
    let sends = "SELECT count(*) > 0 FROM migration WHERE source_state = 'in_progress' AND outcome IS NULL";
    play.records.until("the source sends", SOON, sends, &[])?;
    for sled in &mut play.cluster.sleds {
        sled.kill_hard()?;
    }
    let (source, target) = (end(play, MigrationRole::Source)?, end(play, MigrationRole::Target)?);
    Ok((operation, source, target))
}

/// The outcome was decided so.
fn decided(play: &mut Play, of: &End, outcome: &str) -> Result<()> {
    let sql = "SELECT count(*) > 0 FROM migration WHERE id = $1 AND outcome = $2";
    play.records.until(&format!("decided: {outcome}"), SOON, sql, &[&of.migration, &outcome])
}

/// The hosts are back: the guest runs, once; what they still had is ended.
fn runs_once(play: &mut Play) -> Result<()> {
    for sled in &mut play.cluster.sleds {
        sled.start()?;
    }
    play.records
        .client()
        .execute("UPDATE instance SET restart_at = now() WHERE restart_at IS NOT NULL", &[])?;
    play.api.shown("one", ShownState::Running, SOON)?;
    play.comes_to_rest(SOON)?;
    // Whoever ended gives its room back, some later than they were seen to end.
    let once = "SELECT (SELECT count(*) FROM vmm WHERE ended_by IS NULL) = 1
        AND (SELECT count(*) FROM reservation) = 1";
    play.records.until("one lives, with its room", SOON, once, &[])?;
    play.check()
}

fn crashes(play: &mut Play) -> Result<i64> {
    play.records.one("SELECT crashes FROM instance", &[])
}

#[test]
fn acceptance_21_both_hosts_of_a_migration_are_lost_and_the_guest_is_started_again() -> Result<()> {
    play(&Shape::simulated(1, 2), |play| {
        play.image(BootImage::Small)?;
        for source_first in [true, false] {
            let (operation, source, target) = both_lost(play)?;
            let (first, second) = if source_first { (&source, &target) } else { (&target, &source) };
            first.says(play, 10, GONE)?;
            second.says(play, 10, GONE)?;
            decided(play, &source, "failed")?;
            let ended = play.api.ended(operation.id, SOON)?;
            ensure!(ended.state == OperationState::Failed, "{ended:?}");
            play.records.until("the crash counts", SOON, "SELECT crashes = 1 FROM instance", &[])?;
            runs_once(play)?;
            play.api.instance_gone("one")?;
        }
        Ok(())
    })
}

#[test]
fn acceptance_21_a_guest_that_is_lost_in_the_hand_over_is_started_again_and_nobody_is_to_blame() -> Result<()>
{
    play(&Shape::simulated(1, 2), |play| {
        play.image(BootImage::Small)?;
        let (operation, source, target) = both_lost(play)?;
        source.says(play, 10, HANDED_OFF)?;
        target.says(play, 10, GONE)?;
        decided(play, &source, "failed")?;
        ensure!(play.api.ended(operation.id, SOON)?.state == OperationState::Failed);
        ensure!(crashes(play)? == 0, "the platform's fault was counted as the guest's");
        runs_once(play)?;
        play.api.instance_gone("one")
    })
}

#[test]
fn acceptance_22_a_target_that_dies_right_after_completing_is_started_again_and_its_source_is_not()
-> Result<()> {
    play(&Shape::simulated(1, 2), |play| {
        play.image(BootImage::Small)?;
        // Said at once, or one after the other; and before the source said anything.
        for (target_first, at_once) in [(false, true), (false, false), (true, true), (true, false)] {
            let (operation, source, target) = both_lost(play)?;
            if !target_first {
                source.says(play, 10, HANDED_OFF)?;
            }
            if !at_once {
                target.says(play, 10, TOOK_OVER)?;
            }
            target.says(play, 20, TOOK_OVER_AND_DIED)?;
            if target_first {
                source.says(play, 10, HANDED_OFF)?;
            }
            decided(play, &source, "completed")?;
            ensure!(play.api.ended(operation.id, SOON)?.state == OperationState::Succeeded);
            let active =
                "SELECT count(*) = 0 FROM instance i JOIN vmm v ON v.id = i.active_vmm_id WHERE v.id = $1";
            ensure!(play.records.one::<bool>(active, &[&source.vmm])?, "the source is active again");
            runs_once(play)?;
            play.api.instance_gone("one")?;
        }
        Ok(())
    })
}
