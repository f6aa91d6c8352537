//! The target: waits, receives, and lets the guest go on when it is told.

use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::sleep;

use super::disks::node;
use super::link::Link;
use super::status::Stage;
use super::{INCOMING_SOCKET, NBD_SOCKET, QemuMigrator};
use crate::hypervisor::LaunchError;

/// How often is looked whether a closed export is gone, and how often at most. It takes a millisecond.
const CLOSE_POLL: Duration = Duration::from_millis(1);
const CLOSE_POLLS: u32 = 3000;

impl QemuMigrator {
    pub(super) async fn listen_for_guest(&self, copied_slots: &[u32]) -> Result<bool, LaunchError> {
        let link = self.link().await?;
        let stage = link.status().await?.stage;
        if stage != Stage::None {
            // A former agent did all this.
            return Ok(stage == Stage::Completed);
        }
        let capabilities = [("events", true), ("late-block-activate", true)];
        let capabilities: Vec<Value> =
            capabilities.iter().map(|(name, state)| json!({ "capability": name, "state": state })).collect();
        link.execute("migrate-set-capabilities", json!({ "capabilities": capabilities })).await?;
        if !copied_slots.is_empty() {
            open_exports(&link, copied_slots).await?;
        }
        let uri = format!("unix:{INCOMING_SOCKET}");
        link.execute("migrate-incoming", json!({ "uri": uri })).await?;
        Ok(false)
    }

    pub(super) async fn close_exports(&self) -> Result<(), LaunchError> {
        let link = self.standing_link().await?;
        let mut exports = exports(&link).await?;
        for id in &exports {
            link.execute_if_possible("block-export-del", json!({ "id": id, "mode": "hard" })).await?;
        }
        let mut polls = 0;
        while !exports.is_empty() {
            if polls == CLOSE_POLLS {
                return Err(LaunchError("QEMU doesn't close its disks to the source".to_owned()));
            }
            polls += 1;
            exports = self::exports(&link).await?;
            if !exports.is_empty() {
                sleep(CLOSE_POLL).await;
            }
        }
        link.execute_if_possible("nbd-server-stop", json!({})).await
    }

    pub(super) async fn wait_for_guest(&self) -> Result<(), LaunchError> {
        let link = self.standing_link().await?;
        // An agent that comes after the event finds the status.
        let mut stage = link.status().await?.stage;
        loop {
            match stage {
                Stage::Completed => break,
                Stage::Failed => return Err(LaunchError("QEMU couldn't take the guest in".to_owned())),
                Stage::None | Stage::Active | Stage::PreSwitchover => {}
            }
            let event = link.event().await?;
            if event["event"] == json!("MIGRATION") {
                stage =
                    Stage::read(event.pointer("/data/status").and_then(Value::as_str).unwrap_or_default());
            }
        }
        self.has_arrived.store(true, Ordering::Release);
        Ok(())
    }

    pub(super) async fn let_guest_go_on(&self) -> Result<(), LaunchError> {
        let link = self.standing_link().await?;
        // Told `cont` too early, QEMU would go on by itself as soon as the guest is there.
        if !self.has_arrived.load(Ordering::Acquire) && link.status().await?.stage != Stage::Completed {
            return Err(LaunchError("the guest isn't here yet".to_owned()));
        }
        link.execute("cont", json!({})).await?;
        for name in [INCOMING_SOCKET, NBD_SOCKET] {
            drop(std::fs::remove_file(self.place.directory().join(name)));
        }
        Ok(())
    }
}

async fn open_exports(link: &Link, slots: &[u32]) -> Result<(), LaunchError> {
    // What a former agent began is begun anew.
    link.execute_if_possible("nbd-server-stop", json!({})).await?;
    let address = json!({ "addr": { "type": "unix", "data": { "path": NBD_SOCKET } } });
    link.execute("nbd-server-start", address).await?;
    for slot in slots {
        let export = json!({
            "type": "nbd", "id": node(*slot), "name": node(*slot), "node-name": node(*slot), "writable": true,
        });
        link.execute("block-export-add", export).await?;
    }
    Ok(())
}

async fn exports(link: &Link) -> Result<Vec<String>, LaunchError> {
    let answer = link.execute("query-block-exports", json!({})).await?;
    let ids = answer.as_array().into_iter().flatten().filter_map(|export| export["id"].as_str());
    Ok(ids.map(str::to_owned).collect())
}
