//! Waiting for accepted work.

use super::Api;
use anyhow::{Result, ensure};
use berth_common::operation::OperationState;
use berth_nexus_api::Page;
use berth_nexus_api::operation::Operation;
use std::time::{Duration, Instant};
use uuid::Uuid;

impl Api {
    /// An operation as it is now.
    pub fn operation(&self, id: impl std::fmt::Display) -> Result<Operation> {
        self.get(&format!("/v1/operations/{id}"))
    }

    /// Waits until an operation has ended. A door that is shut meanwhile is knocked at again.
    pub fn ended(&self, id: impl std::fmt::Display, limit: Duration) -> Result<Operation> {
        let begin = Instant::now();
        loop {
            let asked = self.get::<Operation>(&format!("/v1/operations/{id}?wait=1s"));
            let late = begin.elapsed() >= limit;
            match asked {
                Ok(operation) if operation.ended_at.is_some() => return Ok(operation),
                Ok(operation) => ensure!(!late, "not ended after {limit:?}: {operation:?}"),
                Err(error) if late => return Err(error),
                Err(_) => std::thread::sleep(Duration::from_millis(50)),
            }
        }
    }

    /// Waits until an operation has ended, and fails unless it succeeded.
    pub fn succeeded(&self, operation: &Operation, limit: Duration) -> Result<Operation> {
        let ended = self.ended(operation.id, limit)?;
        ensure!(ended.state == OperationState::Succeeded, "it ended otherwise: {ended:?}");
        Ok(ended)
    }

    /// The operations about a thing, newest first.
    pub fn operations_about(&self, subject: Uuid) -> Result<Vec<Operation>> {
        Ok(self.get::<Page<Operation>>(&format!("/v1/operations?subject={subject}"))?.items)
    }
}
