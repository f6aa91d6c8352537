//! Requests that the present state forbids: each state is arranged by requests where they can, else in the rows.

use super::Met;
use anyhow::{Context, Result};
use berth_common::refusal::ErrorCode;
use berth_nexus_api::operation::Operation;
use berth_tests::{Body, Play, small_initrd};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(60);

fn patch(play: &Play, name: &str, body: Value) -> Result<berth_tests::Reply> {
    play.api.send(&Method::PATCH, &play.api.here(&format!("/v1/instances/{name}")), &[], Body::Json(body))
}

pub(super) fn instances(play: &mut Play, met: &mut Met) -> Result<()> {
    in_another_state(play, met)?;
    play.api.instance_running("up", "small", &json!({"command_line": "berth.button=ignore"}))?;
    met.refused(play, ErrorCode::InstanceNotStopped, |play| patch(play, "up", json!({"cpus": 2})))?;
    reboots(play, met)?;
    let stop: Operation = play.api.instance_stop("up", json!({"grace_s": 86400}))?.into()?;
    play.records.until(
        "its sled has taken the stop",
        SOON,
        "SELECT count(*) > 0 FROM stop_delivery WHERE delivered_at IS NOT NULL",
        &[],
    )?;
    met.refused(play, ErrorCode::InstanceStopping, |play| play.api.instance_start("up"))?;
    met.refused(play, ErrorCode::OperationNotCancellable, |play| {
        play.api.post_nothing(&format!("/v1/operations/{}/cancel", stop.id))
    })?;
    play.api.instance_stop("up", json!({"force": true}))?;
    play.api.succeeded(&stop, SOON)?;
    met.refused(play, ErrorCode::OperationEnded, |play| {
        play.api.post_nothing(&format!("/v1/operations/{}/cancel", stop.id))
    })?;
    play.api.instance_gone("up")
}

/// Of a guest that ignores the button and has an hour for that.
fn reboots(play: &mut Play, met: &mut Met) -> Result<()> {
    let reboot = |play: &Play| {
        let body = json!({"mode": "soft", "grace_s": 3600});
        play.api.post(&play.api.here("/v1/instances/up/reboot"), body)
    };
    reboot(play)?.into::<Operation>()?;
    let taken = "SELECT count(*) > 0 FROM reboot b JOIN vmm v ON v.id = b.vmm_id
        WHERE b.seen_phase = 'shutting_down' AND b.delivered_gen = b.asked_gen AND v.detail LIKE 'pressed%'";
    play.records.until("its sled is at the reboot", SOON, taken, &[])?;
    met.refused(play, ErrorCode::InstanceRebooting, reboot)
}

/// States that last only moments, or that nothing brings about yet.
fn in_another_state(play: &mut Play, met: &mut Met) -> Result<()> {
    play.api.instance_made("still", "small", &json!({}))?;
    set_state(play, "still", "creating", "stopped")?;
    met.refused(play, ErrorCode::InstanceCreating, |play| play.api.instance_start("still"))?;
    // The silence of its sled keeps a delete waiting.
    set_state(play, "still", "no_vmm", "stopped")?;
    met.refused(play, ErrorCode::InstanceNotRunning, |play| {
        play.api.post(&play.api.here("/v1/instances/still/reboot"), json!({"mode": "hard"}))
    })?;
    play.api.instance_running("ending", "small", &json!({}))?;
    play.comes_to_rest(SOON)?;
    play.cluster.sleds[0].process()?.freeze()?;
    let delete: Operation = play.api.instance_delete("ending")?.into()?;
    play.records.until(
        "the delete says what it waits for",
        SOON,
        "SELECT count(*) > 0 FROM operation WHERE state = 'waiting'",
        &[],
    )?;
    met.refused(play, ErrorCode::Deleting, |play| play.api.instance_start("ending"))?;
    met.refused(play, ErrorCode::Deleting, |play| play.api.instance_stop("ending", json!({})))?;
    met.refused(play, ErrorCode::Deleting, |play| patch(play, "ending", json!({"cpus": 2})))?;
    play.cluster.sleds[0].process()?.thaw()?;
    play.api.succeeded(&delete, SOON)?;
    play.api.instance_gone("still")
}

fn set_state(play: &mut Play, name: &str, state: &str, intent: &str) -> Result<()> {
    let sql = "UPDATE instance SET state = $2, intent = $3 WHERE name = $1";
    play.records.client().execute(sql, &[&name, &state, &intent])?;
    Ok(())
}

pub(super) fn storage(play: &mut Play, met: &mut Met) -> Result<()> {
    disks(play, met)?;
    met.refused(play, ErrorCode::ImageNotReady, |play| play.api.instance_create("no", "files", &json!({})))?;
    play.api.instance_made("user", "small", &json!({}))?;
    met.refused(play, ErrorCode::ImageInUse, |play| play.api.delete(&play.api.here("/v1/images/small")))?;
    play.api.instance_gone("user")?;
    met.refused(play, ErrorCode::ImageFileComplete, |play| {
        let mut other = small_initrd();
        other.push(0);
        play.api.image_upload("small", "initrd", other)
    })?;
    play.api.delete(&play.api.here("/v1/images/files"))?;
    Ok(())
}

fn disks(play: &mut Play, met: &mut Met) -> Result<()> {
    let attach = |play: &Play, disk: &str, instance: &str| {
        play.api.post(&play.api.here(&format!("/v1/disks/{disk}/attach")), json!({"instance": instance}))
    };
    play.api.disk_made("data", json!({"size_bytes": 1 << 20}))?;
    play.api.disk_image("raw", vec![7; 8192])?;
    for n in 0..8 {
        play.api.disk_made(&format!("slot-{n}"), json!({"size_bytes": 512}))?;
    }
    let all: Vec<String> = (0..8).map(|n| format!("slot-{n}")).collect();
    play.api.instance_made("owner", "small", &json!({"disks": all}))?;
    play.api.instance_made("other", "small", &json!({}))?;
    met.refused(play, ErrorCode::LimitExceeded, |play| attach(play, "data", "owner"))?;
    met.refused(play, ErrorCode::DiskAttached, |play| attach(play, "slot-0", "other"))?;
    met.refused(play, ErrorCode::DiskAttached, |play| play.api.disk_delete("slot-0"))?;
    play.records.client().execute("UPDATE disk SET state = 'creating' WHERE name = 'data'", &[])?;
    met.refused(play, ErrorCode::DiskNotReady, |play| attach(play, "data", "other"))?;
    met.refused(play, ErrorCode::DiskNotReady, |play| play.api.disk_delete("data"))?;
    play.records.client().execute("UPDATE disk SET state = 'ready' WHERE name = 'data'", &[])?;
    met.refused(play, ErrorCode::DiskTooSmall, |play| {
        play.api.disk_create("no", json!({"size_bytes": 512, "image": "raw"}))
    })?;
    met.refused(play, ErrorCode::PoolNotFound, |play| {
        play.api.disk_create("no", json!({"size_bytes": 512, "pool": "nothing"}))
    })?;
    // The pool's room, not the project's quota, is what it doesn't fit into.
    play.records.client().execute("UPDATE pool SET capacity_bytes = 1 << 30", &[])?;
    met.refused(play, ErrorCode::DiskTooLarge, |play| {
        play.api.disk_create("no", json!({"size_bytes": 1_u64 << 31}))
    })?;
    play.api.instance_gone("owner")?;
    play.api.instance_gone("other")?;
    for name in all.iter().map(String::as_str).chain(["data"]) {
        play.api.succeeded(&play.api.disk_delete(name)?.into()?, SOON)?;
    }
    Ok(())
}

pub(super) fn system(play: &mut Play, met: &mut Met) -> Result<()> {
    let saga: String = play.records.one("SELECT id::text FROM saga WHERE state = 'done' LIMIT 1", &[])?;
    for deed in ["retry", "resolve"] {
        met.refused(play, ErrorCode::SagaNotStuck, |play| {
            play.api.post_nothing(&format!("/v1/system/sagas/{saga}/{deed}"))
        })?;
    }
    let stuck = "UPDATE saga SET state = $2, name = $3 WHERE id = $1::text::uuid";
    let name: String = play.records.one("SELECT name FROM saga WHERE id = $1::text::uuid", &[&saga])?;
    play.records.client().execute(stuck, &[&saga, &"stuck", &"of_another_program"])?;
    met.refused(play, ErrorCode::SagaNotRunnable, |play| {
        play.api.post_nothing(&format!("/v1/system/sagas/{saga}/retry"))
    })?;
    play.records.client().execute(stuck, &[&saga, &"done", &name])?;
    play.records.client().execute("UPDATE sled SET admission = 'expunged'", &[])?;
    for deed in ["cordon", "uncordon"] {
        met.refused(play, ErrorCode::SledNotInService, |play| {
            play.api.post_nothing(&format!("/v1/system/sleds/sled-1/{deed}"))
        })?;
    }
    play.records.client().execute("UPDATE sled SET admission = 'in_service'", &[])?;
    let used: String = play.records.one("SELECT id::text FROM join_token WHERE sled_id IS NOT NULL", &[])?;
    met.refused(play, ErrorCode::JoinTokenUsed, |play| {
        play.api.delete(&format!("/v1/system/join-tokens/{used}"))
    })?;
    let door = format!("https://{}", play.cluster.nexus[0].internal());
    let ca_pem = std::fs::read_to_string(play.cluster.directory().join("ca.pem")).context("the authority")?;
    let sleds_door =
        berth_tests::Api::new(std::sync::Arc::clone(play.runtime()), &ca_pem, vec![door], "", "")?;
    met.refused(play, ErrorCode::JoinTokenInvalid, |_| {
        let body = json!({"token": "nobody-gave-this", "name": "sled-9", "csr_pem": "none"});
        sleds_door.as_user(None).post("/internal/join", body)
    })
}
