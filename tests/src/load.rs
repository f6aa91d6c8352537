//! Users who lead lives of instances, one after the other, whatever happens to the database meanwhile.
//!
//! They hold nexus to its word: a request is answered as it should be or refused as *unavailable* with the time to wait,
//! and then nothing may have been lost by asking again; whatever was accepted is kept, and looked for in the end.

use crate::{Api, Body, Reply, until};
use anyhow::{Context, Result, ensure};
use berth_common::operation::OperationState;
use berth_nexus_api::operation::Operation;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// From a request to its end, outages included.
const END_LIMIT: Duration = Duration::from_secs(90);
const PAUSE: Duration = Duration::from_millis(50);

/// What the users have seen so far.
#[derive(Debug, Default)]
pub struct Load {
    over: AtomicBool,
    lives: AtomicU64,
    unavailable: AtomicU64,
    accepted: Mutex<Vec<Operation>>,
}

impl Load {
    /// Lives led to their end.
    pub fn lives(&self) -> u64 {
        self.lives.load(Ordering::Relaxed)
    }

    /// Requests that were refused as unavailable.
    pub fn unavailable(&self) -> u64 {
        self.unavailable.load(Ordering::Relaxed)
    }

    /// Whatever was accepted.
    pub fn accepted(&self) -> Vec<Operation> {
        self.accepted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Lets so many users live while `story` goes on; then each ends the life it is in.
    ///
    /// # Errors
    /// The story's own, or the first thing that was not as promised to a user.
    pub fn during(&self, api: &Api, users: usize, story: impl FnOnce(&Load) -> Result<()>) -> Result<()> {
        std::thread::scope(|scope| {
            let users: Vec<_> = (0..users).map(|user| scope.spawn(move || self.live_on(api, user))).collect();
            // A user who was wronged ends the story, which would wait for lives in vain.
            let told = story(self);
            self.over.store(true, Ordering::Relaxed);
            for user in users {
                match user.join() {
                    Ok(lived) => lived?,
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            told
        })
    }

    /// Waits until so many more lives were led.
    ///
    /// # Errors
    /// When they aren't in time, or a user was wronged.
    pub fn goes_on(&self, lives: u64, limit: Duration) -> Result<()> {
        let wanted = self.lives() + lives;
        until(&format!("{lives} lives are led"), limit, || {
            ensure!(!self.over.load(Ordering::Relaxed), "a user was wronged");
            Ok((self.lives() >= wanted).then_some(()))
        })
    }

    fn live_on(&self, api: &Api, user: usize) -> Result<()> {
        let mut life = 0;
        while !self.over.load(Ordering::Relaxed) {
            let lived = self.live(api, &format!("life-{user}-{life}"));
            if lived.is_err() {
                self.over.store(true, Ordering::Relaxed);
            }
            lived.with_context(|| format!("life {life} of user {user}"))?;
            self.lives.fetch_add(1, Ordering::Relaxed);
            life += 1;
        }
        Ok(())
    }

    /// created → running → stopped → deleted, each step asked for until it is accepted.
    fn live(&self, api: &Api, name: &str) -> Result<()> {
        let key = uuid::Uuid::new_v4().to_string();
        let wanted = json!({"name": name, "cpus": 1, "memory_mib": 64, "image": "small"});
        let here = api.here("/v1/instances");
        let create = || {
            let headers = [(crate::api::KEY_HEADER, key.as_str())];
            api.send(&Method::POST, &here, &headers, Body::Json(wanted.clone()))
        };
        self.succeeds("create", api, create)?;
        self.succeeds("start", api, || api.instance_start(name))?;
        self.succeeds("stop", api, || api.instance_stop(name, json!({"force": true})))?;
        // Asked again after an answer that was lost, the instance may be gone already.
        let delete = self.accepted_or(404, || api.instance_delete(name)).context("delete")?;
        if let Some(delete) = delete {
            self.ended_well(api, &delete)?;
        }
        Ok(())
    }

    fn succeeds(&self, what: &str, api: &Api, ask: impl Fn() -> Result<Reply>) -> Result<()> {
        let accepted = self.accepted_or(0, ask).with_context(|| what.to_owned())?;
        self.ended_well(api, &accepted.context("an accepted request has an operation")?)
            .with_context(|| what.to_owned())
    }

    /// Asks until the request is accepted; `gone` is an answer that says so too, once it was asked before.
    fn accepted_or(&self, gone: u16, ask: impl Fn() -> Result<Reply>) -> Result<Option<Operation>> {
        let (begin, mut asked) = (Instant::now(), 0);
        loop {
            ensure!(begin.elapsed() < END_LIMIT, "not accepted in {END_LIMIT:?}, asked {asked} times");
            let reply = ask()?;
            if reply.status.is_success() {
                // Asked again after an answer that was lost, it may be so already: such an operation is kept nowhere.
                let kept = reply.status == StatusCode::ACCEPTED;
                let operation: Operation = reply.into()?;
                if kept {
                    self.accepted.lock().unwrap_or_else(PoisonError::into_inner).push(operation.clone());
                }
                return Ok(Some(operation));
            }
            if asked > 0 && reply.status.as_u16() == gone {
                return Ok(None);
            }
            self.refused_for_now(&reply)?;
            asked += 1;
            std::thread::sleep(PAUSE);
        }
    }

    fn ended_well(&self, api: &Api, operation: &Operation) -> Result<()> {
        if operation.ended_at.is_some() {
            ensure!(operation.state == OperationState::Succeeded, "it had ended otherwise: {operation:?}");
            return Ok(());
        }
        let (begin, path) = (Instant::now(), format!("/v1/operations/{}?wait=1s", operation.id));
        loop {
            ensure!(begin.elapsed() < END_LIMIT, "not ended in {END_LIMIT:?}: {operation:?}");
            let reply = api.send(&Method::GET, &path, &[], Body::Nothing)?;
            if !reply.status.is_success() {
                self.refused_for_now(&reply)?;
                std::thread::sleep(PAUSE);
                continue;
            }
            let seen: Operation = reply.into()?;
            if seen.ended_at.is_some() {
                ensure!(seen.state == OperationState::Succeeded, "it ended otherwise: {seen:?}");
                return Ok(());
            }
        }
    }

    /// Fails unless the refusal is the one that an outage excuses.
    fn refused_for_now(&self, reply: &Reply) -> Result<()> {
        reply.expect_refused(503, "unavailable")?;
        let wait = reply.retry_after.as_deref().and_then(|seconds| seconds.parse::<u32>().ok());
        ensure!(wait.is_some_and(|seconds| seconds > 0), "no time to wait is named: {:?}", reply.retry_after);
        self.unavailable.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

/// What is known of everything that was accepted, after the storm: each has succeeded, and is known under its id.
///
/// # Errors
/// When one is missing or ended otherwise.
pub fn all_kept(api: &Api, accepted: &[Operation]) -> Result<()> {
    for operation in accepted {
        let kept: Value = api.get(&format!("/v1/operations/{}", operation.id))?;
        ensure!(kept["state"] == "succeeded", "it was accepted, and is: {kept}");
    }
    Ok(())
}
