//! The life of an instance, as a user asks for it.

use super::{Api, Body, KEY_HEADER, Reply};
use anyhow::{Context, Result};
use berth_common::instance::ShownState;
use berth_common::refusal::ErrorCode;
use berth_launcher::until;
use berth_nexus_api::instance::Instance;
use berth_nexus_api::operation::Operation;
use berth_nexus_api::serial::SerialHistory;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

/// From a request to its effect, on a machine that emulates several guests at once.
const SOON: Duration = Duration::from_secs(60);

impl Api {
    /// Asks for an instance of one CPU and 128 MiB that boots this image, with more of the request's fields.
    pub fn instance_create(&self, name: &str, image: &str, more: &Value) -> Result<Reply> {
        let mut body = json!({"name": name, "cpus": 1, "memory_mib": 128, "image": image});
        body["command_line"] = json!("console=ttyS0 quiet");
        if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
            body.extend(more.clone());
        }
        let key = uuid::Uuid::new_v4().to_string();
        self.send(&Method::POST, &self.here("/v1/instances"), &[(KEY_HEADER, &key)], Body::Json(body))
    }

    /// Makes an instance and waits until it is there.
    pub fn instance_made(&self, name: &str, image: &str, more: &Value) -> Result<Instance> {
        let operation: Operation = self.instance_create(name, image, more)?.into()?;
        self.succeeded(&operation, SOON)?;
        self.instance(name)
    }

    /// Makes an instance and waits until it runs.
    pub fn instance_running(&self, name: &str, image: &str, more: &Value) -> Result<Instance> {
        self.instance_made(name, image, more)?;
        let operation: Operation = self.instance_start(name)?.into()?;
        self.succeeded(&operation, SOON)?;
        self.instance(name)
    }

    /// An instance as it is shown now.
    pub fn instance(&self, name: &str) -> Result<Instance> {
        self.get(&self.here(&format!("/v1/instances/{name}")))
    }

    pub fn instance_start(&self, name: &str) -> Result<Reply> {
        self.post_nothing(&self.here(&format!("/v1/instances/{name}/start")))
    }

    /// `how`: `{}`, `{"grace_s": …}` or `{"force": true}`.
    pub fn instance_stop(&self, name: &str, how: Value) -> Result<Reply> {
        self.post(&self.here(&format!("/v1/instances/{name}/stop")), how)
    }

    /// `how`: `{}`, or with `to`, `deadline_s`, `downtime_limit_ms`.
    pub fn instance_migrate(&self, name: &str, how: Value) -> Result<Reply> {
        self.post(&self.here(&format!("/v1/instances/{name}/migrate")), how)
    }

    /// The answer to a migration's request; it is asked for again while a sled that has a part in it counts as silent:
    /// one whose report is late is refused, rightly, and reports again.
    pub fn migration_answered(&self, name: &str, how: &Value) -> Result<Reply> {
        let late = ErrorCode::SledUnreachable.as_str();
        let mut last = String::new();
        until(&format!("the sleds of {name}'s migration report"), SOON, || {
            let reply = self.instance_migrate(name, how.clone())?;
            last.clone_from(&reply.text);
            Ok((reply.code() != late).then_some(reply))
        })
        .with_context(|| format!("answered last: {last}"))
    }

    /// Asks for a migration until it is accepted.
    pub fn migration_accepted(&self, name: &str, how: &Value) -> Result<Operation> {
        self.migration_answered(name, how)?.into()
    }

    /// `how`: `{}`, or `{"assume_dead": [sled, …]}`.
    pub fn instance_force_stop(&self, name: &str, how: Value) -> Result<Reply> {
        self.post(&self.here(&format!("/v1/instances/{name}/force-stop")), how)
    }

    pub fn instance_delete(&self, name: &str) -> Result<Reply> {
        self.delete(&self.here(&format!("/v1/instances/{name}")))
    }

    /// Deletes an instance and waits until it is gone.
    pub fn instance_gone(&self, name: &str) -> Result<()> {
        let operation: Operation = self.instance_delete(name)?.into()?;
        self.succeeded(&operation, SOON)?;
        self.send(
            &reqwest::Method::GET,
            &self.here(&format!("/v1/instances/{name}")),
            &[],
            super::Body::Nothing,
        )?
        .expect_refused(404, "not_found")
    }

    /// Waits until the instance is shown so.
    pub fn shown(&self, name: &str, state: ShownState, limit: Duration) -> Result<Instance> {
        let mut last = String::new();
        until(&format!("instance {name} is shown {state}"), limit, || {
            match self.instance(name) {
                Ok(instance) if instance.state == state => return Ok(Some(instance)),
                Ok(instance) => last = format!("{instance:?}"),
                // A door may be shut for a moment in which a nexus was killed.
                Err(error) => last = format!("{error:#}"),
            }
            Ok(None)
        })
        .with_context(|| format!("last seen: {last}"))
    }

    /// All that the guest has printed.
    pub fn serial(&self, name: &str) -> Result<String> {
        let path = self.here(&format!("/v1/instances/{name}/serial-console"));
        let history: SerialHistory = self.get(&format!("{path}&from=0&max_bytes=1048576"))?;
        let data = history.data().context("the console's bytes are base64")?;
        Ok(String::from_utf8_lossy(&data).into_owned())
    }

    /// Waits until the guest has printed this.
    pub fn printed(&self, name: &str, text: &str, limit: Duration) -> Result<String> {
        let mut last = String::new();
        until(&format!("instance {name} prints {text:?}"), limit, || {
            last = self.serial(name).unwrap_or_else(|error| format!("{error:#}"));
            Ok(last.contains(text).then(|| last.clone()))
        })
        .with_context(|| format!("printed so far: {last}"))
    }
}
