//! Requests that are refused whatever the state: malformed, from strangers, or against what is there.

use super::Met;
use anyhow::{Context, Result};
use berth_common::refusal::ErrorCode;
use berth_nexus_api::instance::Instance;
use berth_tests::{Body, Play};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

fn wanted(name: &str) -> Value {
    json!({"name": name, "cpus": 1, "memory_mib": 64, "image": "small"})
}

pub(super) fn malformed(play: &mut Play, met: &mut Met) -> Result<()> {
    let text = |text: &str| Body::Bytes("application/json", text.as_bytes().to_vec());
    for body in ["{", "[]", "\"\"", "{\"name\":\"a\",\"cpus\":1,\"memory_mib\":64,\"colour\":\"red\"}", ""] {
        met.refused(play, ErrorCode::InvalidRequest, |play| {
            play.api.send(&Method::POST, &play.api.here("/v1/instances"), &[], text(body))
        })?;
    }
    for name in ["../../etc", "a/b", "A", ".", "-a", "a\u{0}b", "é"] {
        met.refused(play, ErrorCode::InvalidName, |play| {
            play.api.post(&play.api.here("/v1/instances"), wanted(name))
        })?;
    }
    met.refused(play, ErrorCode::BodyTooLarge, |play| {
        let mut body = wanted("huge");
        body["description"] = json!("x".repeat(1 << 20));
        play.api.post(&play.api.here("/v1/instances"), body)
    })?;
    play.api.image_create("files", "kernel")?;
    for not_a_kernel in [&b"<!DOCTYPE html>"[..], &[0; 4096], b"", b"\x7fELF", &[0x1f, 0x8b, 8, 0]] {
        met.refused(play, ErrorCode::InvalidImage, |play| {
            play.api.image_upload("files", "kernel", not_a_kernel.to_vec())
        })?;
    }
    met.refused(play, ErrorCode::ChecksumMismatch, |play| {
        let path = play.api.here("/v1/images/files/files/kernel") + "&sha256=" + &"0".repeat(64);
        let body = Body::Bytes("application/octet-stream", berth_tests::small_kernel());
        play.api.send(&Method::PUT, &path, &[], body)
    })
}

pub(super) fn strangers(play: &mut Play, met: &mut Met) -> Result<()> {
    for token in [None, Some("garbage"), Some("")] {
        met.refused(play, ErrorCode::Unauthenticated, |play| {
            let stranger = play.api.as_user(token);
            stranger.post(&stranger.here("/v1/instances"), wanted("no"))
        })?;
    }
    play.api.post("/v1/system/users", json!({"name": "guest"}))?.into::<Value>()?;
    let made: Value = play.api.post("/v1/system/tokens", json!({"user": "guest"}))?.into()?;
    let token = made["secret"].as_str().context("a token has a secret")?.to_owned();
    // Somebody without a role doesn't learn that the project exists; a viewer does, and may only look.
    met.refused(play, ErrorCode::NotFound, |play| {
        play.api.as_user(Some(&token)).post(&play.api.here("/v1/instances"), wanted("no"))
    })?;
    play.api
        .post("/v1/system/roles/grant", json!({"user": "guest", "project": "stage", "role": "viewer"}))?
        .into::<Value>()?;
    met.refused(play, ErrorCode::Forbidden, |play| {
        play.api.as_user(Some(&token)).post(&play.api.here("/v1/instances"), wanted("no"))
    })?;
    play.records.client().execute(
        "UPDATE api_token SET expires_at = now() - interval '1 second'
         WHERE user_id = (SELECT id FROM api_user WHERE name = 'guest')",
        &[],
    )?;
    met.refused(play, ErrorCode::Unauthenticated, |play| {
        play.api.as_user(Some(&token)).post(&play.api.here("/v1/instances"), wanted("no"))
    })
}

pub(super) fn contradictions(play: &mut Play, met: &mut Met) -> Result<()> {
    let made: Instance = play.api.instance_made("taken", "small", &json!({}))?;
    met.refused(play, ErrorCode::NotFound, |play| play.api.instance_start("nobody"))?;
    met.refused(play, ErrorCode::NotFound, |play| {
        play.api.post_nothing(&format!("/v1/instances/{}/start", Uuid::new_v4()))
    })?;
    met.refused(play, ErrorCode::NotFound, |play| play.api.instance_create("no", "nothing", &json!({})))?;
    met.refused(play, ErrorCode::NameTaken, |play| play.api.instance_create("taken", "small", &json!({})))?;
    met.refused(play, ErrorCode::GenerationMismatch, |play| {
        let path = format!("/v1/instances/{}", made.id);
        play.api.send(&Method::PATCH, &path, &[("if-match", "4711")], Body::Json(json!({"cpus": 2})))
    })?;
    let key = [("idempotency-key", "one")];
    let path = play.api.here("/v1/instances");
    let first = play.api.send(&Method::POST, &path, &key, Body::Json(wanted("keyed")))?;
    play.api.succeeded(&first.into()?, std::time::Duration::from_secs(30))?;
    met.refused(play, ErrorCode::IdempotencyConflict, |play| {
        play.api.send(&Method::POST, &path, &key, Body::Json(wanted("other")))
    })?;
    play.api.instance_gone("keyed")?;
    let quota = json!({"instances": 0, "cpus": 0, "memory_mib": 0, "disk_bytes": 0});
    play.api.post("/v1/projects", json!({"name": "poor", "quota": quota}))?.into::<Value>()?;
    met.refused(play, ErrorCode::QuotaExceeded, |play| {
        let body = json!({"name": "no", "cpus": 1, "memory_mib": 64});
        play.api.post("/v1/instances?project=poor", body)
    })?;
    met.refused(play, ErrorCode::QuotaExceeded, |play| {
        play.api.in_project("poor").disk_create("no", json!({"size_bytes": 1 << 20}))
    })?;
    play.api.delete("/v1/projects/poor")?;
    met.refused(play, ErrorCode::ProjectNotEmpty, |play| play.api.delete("/v1/projects/stage"))?;
    play.api.instance_gone("taken")
}
