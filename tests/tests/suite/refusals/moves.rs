//! Migrations and force stops that are refused: another sled is a row that nothing answers for.

use super::Met;
use anyhow::Result;
use berth_common::refusal::ErrorCode;
use berth_tests::Play;
use serde_json::{Value, json};

/// A second sled, like the first but for these columns; nobody reports for it, so its last report stays new by itself.
fn second_sled(play: &mut Play, but: &str) -> Result<()> {
    let sql = "INSERT INTO sled SELECT (jsonb_populate_record(s, jsonb_build_object('id', gen_random_uuid(),
            'name', 'sled-2', 'ledger_id', gen_random_uuid(), 'last_report_at', '2100-01-01T00:00:00Z')
            || $1::text::jsonb)).* FROM sled s";
    play.records.client().execute(sql, &[&but])?;
    Ok(())
}

pub(super) fn moves(play: &mut Play, met: &mut Met) -> Result<()> {
    play.api.instance_running("moves", "small", &json!({}))?;
    play.comes_to_rest(std::time::Duration::from_secs(60))?;
    met.refused(play, ErrorCode::NoCapacity, |play| play.api.migration_answered("moves", &json!({})))?;
    met.refused(play, ErrorCode::SameSled, |play| {
        play.api.instance_migrate("moves", json!({"to": "sled-1"}))
    })?;
    met.refused(play, ErrorCode::NotFound, |play| {
        play.api.instance_migrate("moves", json!({"to": "sled-2"}))
    })?;
    for how in [json!({"deadline_s": 0}), json!({"downtime_limit_ms": 60_001})] {
        met.refused(play, ErrorCode::InvalidRequest, |play| play.api.instance_migrate("moves", how.clone()))?;
    }
    let others = [
        (json!({"cpu_model": "another"}), ErrorCode::CpuModelMismatch),
        (json!({"machine_type": "another"}), ErrorCode::CpuModelMismatch),
        (json!({"admission": "cordoned"}), ErrorCode::SledNotInService),
        (json!({"last_report_at": "2000-01-01T00:00:00Z"}), ErrorCode::SledUnreachable),
        (json!({"cpus": 1, "memory_mib": 1}), ErrorCode::NoCapacity),
    ];
    for (but, code) in others {
        second_sled(play, &but.to_string())?;
        // The first sled's report may be late; only where the second one's is, that is the answer.
        let ask = |play: &Play, how: Value| match code {
            ErrorCode::SledUnreachable => play.api.instance_migrate("moves", how),
            _ => play.api.migration_answered("moves", &how),
        };
        met.refused(play, code, |play| ask(play, json!({})))?;
        met.refused(play, code, |play| ask(play, json!({"to": "sled-2"})))?;
        play.records.client().execute("DELETE FROM sled WHERE name = 'sled-2'", &[])?;
    }
    in_mid_migration(play, met)?;
    met.refused(play, ErrorCode::SledNotSilent, |play| {
        play.api.instance_force_stop("moves", json!({"assume_dead": ["sled-1"]}))
    })?;
    met.refused(play, ErrorCode::NotFound, |play| {
        play.api.instance_force_stop("moves", json!({"assume_dead": ["sled-9"]}))
    })?;
    play.api.instance_gone("moves")
}

/// A migration that was accepted, and whose saga nobody runs.
fn in_mid_migration(play: &mut Play, met: &mut Met) -> Result<()> {
    let sql = "INSERT INTO operation (id, kind, subject_kind, subject_id, subject_name, project_id, state, actor, cause)
        SELECT gen_random_uuid(), 'instance_migrate', 'instance', id, name, project_id, 'running', 'nobody', 'a-test'
        FROM instance WHERE name = 'moves'";
    play.records.client().execute(sql, &[])?;
    met.refused(play, ErrorCode::InstanceMigrating, |play| {
        play.api.post(&play.api.here("/v1/instances/moves/reboot"), json!({"mode": "hard"}))
    })?;
    play.records.client().execute("DELETE FROM operation WHERE cause = 'a-test'", &[])?;
    Ok(())
}
