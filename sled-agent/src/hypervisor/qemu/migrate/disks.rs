//! Local disks: each is mirrored to the target's over NBD while the guest runs.

use serde_json::{Value, json};

use super::DISKS_SOCKET;
use super::link::Link;
use crate::hypervisor::LaunchError;

/// How an end of a mirror is called.
pub(super) fn node(slot: u32) -> String {
    format!("disk{slot}")
}

fn copy_node(slot: u32) -> String {
    format!("copy{slot}")
}

fn job(slot: u32) -> String {
    format!("mirror{slot}")
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Copying,
    Equal,
    Ended,
}

/// The mirrors of one migration.
#[derive(Debug)]
pub(super) struct Copies(Vec<(u32, State)>);

impl Copies {
    pub(super) fn new(slots: &[u32]) -> Copies {
        Copies(slots.iter().map(|slot| (*slot, State::Copying)).collect())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every mirror has caught up.
    pub(super) fn are_equal(&self) -> bool {
        self.0.iter().all(|(_, state)| *state == State::Equal)
    }

    pub(super) async fn begin(&self, link: &Link) -> Result<(), LaunchError> {
        for (slot, _) in &self.0 {
            let copy = json!({
                "driver": "nbd",
                "node-name": copy_node(*slot),
                "export": node(*slot),
                "server": { "type": "unix", "path": DISKS_SOCKET },
                // Holes stay holes.
                "discard": "unmap",
                "detect-zeroes": "unmap",
            });
            link.execute("blockdev-add", copy).await?;
            let mirror = json!({
                "job-id": job(*slot),
                "device": node(*slot),
                "target": copy_node(*slot),
                "sync": "full",
                "on-source-error": "report",
                "on-target-error": "report",
            });
            link.execute("blockdev-mirror", mirror).await?;
        }
        Ok(())
    }

    /// Takes an event.
    ///
    /// # Errors
    /// In words, when a mirror has failed.
    pub(super) fn hear(&mut self, event: &Value) -> Result<(), LaunchError> {
        let data = &event["data"];
        let name = data["device"].as_str().unwrap_or_default();
        let Some((slot, state)) = self.0.iter_mut().find(|(slot, _)| job(*slot) == name) else {
            return Ok(());
        };
        let failed =
            |why: &str| Err(LaunchError(format!("the copy of the disk in slot {slot} failed: {why}")));
        match event["event"].as_str() {
            Some("BLOCK_JOB_READY") => *state = State::Equal,
            Some("BLOCK_JOB_COMPLETED") => match data["error"].as_str() {
                Some(why) => return failed(why),
                // It is also told so of one that was finished by order.
                None => *state = State::Ended,
            },
            Some("BLOCK_JOB_ERROR") => return failed("a read or write failed"),
            Some("BLOCK_JOB_CANCELLED") => return failed("it was cancelled"),
            _ => {}
        }
        Ok(())
    }

    /// Ends every mirror with equal disks. The guest must be paused.
    pub(super) async fn finish(&mut self, link: &Link) -> Result<(), LaunchError> {
        for (slot, _) in &self.0 {
            link.execute("block-job-cancel", json!({ "device": job(*slot) })).await?;
        }
        while self.0.iter().any(|(_, state)| *state != State::Ended) {
            self.hear(&link.event().await?)?;
        }
        Ok(())
    }

    /// Closes the connections to the copies.
    pub(super) async fn let_go(&self, link: &Link) -> Result<(), LaunchError> {
        for (slot, _) in &self.0 {
            link.execute("blockdev-del", json!({ "node-name": copy_node(*slot) })).await?;
        }
        Ok(())
    }
}

/// Bytes copied, and to be copied in all, as of now.
pub(super) async fn progress(link: &Link) -> Result<(u64, u64), LaunchError> {
    let jobs = link.execute("query-block-jobs", json!({})).await?;
    let sum = |key: &str| {
        let jobs = jobs.as_array().map(Vec::as_slice).unwrap_or_default();
        jobs.iter().filter_map(|job| job[key].as_u64()).sum()
    };
    Ok((sum("offset"), sum("len")))
}

/// Ends whatever mirrors there are, equal or not, and closes their connections. Nothing of an earlier agent's is left.
pub(super) async fn abandon(link: &Link) -> Result<(), LaunchError> {
    for _ in 0..500 {
        let jobs = link.execute("query-block-jobs", json!({})).await?;
        let jobs = jobs.as_array().cloned().unwrap_or_default();
        let ours = |job: &&Value| job["device"].as_str().is_some_and(|name| name.starts_with("mirror"));
        let mut ours = jobs.iter().filter(ours).peekable();
        if ours.peek().is_none() {
            break;
        }
        for job in ours {
            let cancel = json!({ "device": job["device"], "force": true });
            link.execute_if_possible("block-job-cancel", cancel).await?;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let nodes = link.execute("query-named-block-nodes", json!({ "flat": true })).await?;
    let names = nodes.as_array().into_iter().flatten().filter_map(|node| node["node-name"].as_str());
    for name in names.filter(|name| name.starts_with("copy")) {
        link.execute("blockdev-del", json!({ "node-name": name })).await?;
    }
    Ok(())
}
