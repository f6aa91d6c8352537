//! A sled's page of metrics, read from its agent for a request: like a console it changes no record and decides nothing,
//! so it needs no saga, and is a room of its own so that `app` stays away from the clients of agents.

use berth_db::models::Sled;

use crate::agents::AgentError;
use crate::sled_rows::registered_address;
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
    let to = registered_address(sled).ok_or(PageError::NeverRegistered)?;
    world.agents.metrics(&to).await.map_err(PageError::Unreachable)
}
