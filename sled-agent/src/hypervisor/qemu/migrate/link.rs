//! The connection to the monitor that migrations have for themselves.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::{Mutex, mpsc};

use super::QemuMigrator;
use super::status::Status;
use crate::hypervisor::LaunchError;
use crate::hypervisor::qemu::qmp::{Qmp, QmpError};
use crate::shim::place::{Place, SocketDoor};

/// Longest that one command takes: QEMU connects to the other end's disks in one of them.
const COMMAND_PATIENCE: Duration = Duration::from_secs(10);

/// One connection.
#[derive(Debug)]
pub(super) struct Link {
    qmp: Qmp,
    /// One reader at a time; whoever reads next finds what was not read.
    events: Mutex<mpsc::UnboundedReceiver<Value>>,
}

impl Link {
    pub(super) async fn execute(&self, command: &str, arguments: Value) -> Result<Value, LaunchError> {
        self.qmp.execute(command, arguments).await.map_err(|error| failed(command, &error))
    }

    /// For commands whose outcome shows elsewhere. While it pauses a guest QEMU answers nothing.
    pub(super) fn tell(&self, command: &str, arguments: Value) {
        self.qmp.tell(command, arguments);
    }

    /// For commands that are refused where there is nothing to be done.
    pub(super) async fn execute_if_possible(
        &self,
        command: &str,
        arguments: Value,
    ) -> Result<(), LaunchError> {
        match self.qmp.execute(command, arguments).await {
            Ok(_) | Err(QmpError::Refused { .. }) => Ok(()),
            Err(error) => Err(failed(command, &error)),
        }
    }

    /// The next event. It ends with the connection: QEMU's end is told by its shim.
    pub(super) async fn event(&self) -> Result<Value, LaunchError> {
        let event = self.events.lock().await.recv().await;
        event.ok_or_else(|| LaunchError("QEMU hung up".to_owned()))
    }

    /// What QEMU says of the migration, whichever end it is.
    pub(super) async fn status(&self) -> Result<Status, LaunchError> {
        Ok(Status::read(&self.execute("query-migrate", json!({})).await?))
    }

    pub(super) async fn is_running(&self) -> Result<bool, LaunchError> {
        let status = self.execute("query-status", json!({})).await?;
        Ok(status["running"] == json!(true))
    }

    /// QEMU's word for how its machine is.
    pub(super) async fn run_state(&self) -> Result<String, LaunchError> {
        let status = self.execute("query-status", json!({})).await?;
        Ok(status["status"].as_str().unwrap_or_default().to_owned())
    }
}

impl QemuMigrator {
    /// The connection, a new one if there is none that works.
    pub(super) async fn link(&self) -> Result<Arc<Link>, LaunchError> {
        let mut kept = self.link.lock().await;
        if let Some(link) = &*kept
            && link.qmp.execute("query-status", json!({})).await.is_ok()
        {
            return Ok(link.clone());
        }
        // The monitor takes one connection: the old one must be gone.
        *kept = None;
        let door = SocketDoor::open(&self.place).map_err(|error| LaunchError(error.to_string()))?;
        let connected = Qmp::connect(&door.path(Place::MIGRATION_MONITOR), COMMAND_PATIENCE).await;
        let (qmp, events) = connected.map_err(|error| {
            LaunchError(format!("the monitor for migrations: {error}; a VMM of an older agent has none"))
        })?;
        let link = Arc::new(Link { qmp, events: Mutex::new(events) });
        *kept = Some(link.clone());
        Ok(link)
    }

    /// The connection there is, without asking whether it works: for what can't wait.
    pub(super) async fn standing_link(&self) -> Result<Arc<Link>, LaunchError> {
        let standing = self.link.lock().await.clone();
        match standing {
            Some(link) => Ok(link),
            None => self.link().await,
        }
    }

    /// Lets go of the connection: whoever comes next begins anew.
    pub(super) async fn unlink(&self) {
        *self.link.lock().await = None;
    }
}

fn failed(command: &str, error: &QmpError) -> LaunchError {
    LaunchError(format!("{command}: {error}"))
}
