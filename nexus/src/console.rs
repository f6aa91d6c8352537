//! A guest's serial console, read from the sled that has it: the one thing a request's own time fetches from a sled.
//!
//! It changes nothing and decides nothing, so it needs no saga; it is a room of its own so that `app` stays away from
//! the clients of agents.

use berth_common::ids::{GenericUuid, VmmUuid};
use berth_common::refusal::Denial;
use berth_db::lifecycle::delivery::Due;
use berth_sled_agent_api::vmm::{SerialChunk, SerialQuery};

use crate::agents::{AgentAddress, AgentError};
use crate::world::World;

/// Why there is no output.
#[derive(Debug, thiserror::Error)]
pub enum ConsoleError {
    #[error("sled {sled} no longer keeps the serial output")]
    Gone { sled: String },
    #[error("sled {sled} can't be asked for the serial output now")]
    Unreachable { sled: String, source: AgentError },
}

/// A piece of a VMM's output, kept or still growing.
pub async fn serial(world: &World, of: &Due, part: &SerialQuery) -> Result<SerialChunk, ConsoleError> {
    let to = AgentAddress::from(of);
    let vmm = VmmUuid::from_untyped_uuid(of.vmm);
    world.agents.vmm_serial(&to, vmm, part).await.map_err(|error| match error {
        AgentError::Denied { denial: Denial::NotRegistered, .. } => ConsoleError::Gone { sled: to.name },
        source => ConsoleError::Unreachable { sled: to.name, source },
    })
}
