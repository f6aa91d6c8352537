//! A sled's page of metrics, read from its agent for a request: like a console it changes no record and decides nothing,
//! so it needs no saga, and is a room of its own so that `app` stays away from the clients of agents.

use berth_db::models::Sled;

use crate::agents::{AgentAddress, AgentError};
use crate::world::World;

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    #[error("its agent has never registered")]
    NeverRegistered,
    #[error("{0}")]
    Unreachable(AgentError),
}

/// The page, as the agent wrote it.
///
/// # Errors
/// When the agent gives none.
pub async fn metrics(world: &World, sled: &Sled) -> Result<String, PageError> {
    let to = address(sled).ok_or(PageError::NeverRegistered)?;
    world.agents.metrics(&to).await.map_err(PageError::Unreachable)
}

fn address(sled: &Sled) -> Option<AgentAddress> {
    let (url, ledger) = (sled.address.clone()?, sled.ledger_id?);
    Some(AgentAddress { sled: sled.id, name: sled.name.to_string(), url, ledger })
}
