//! Delivers stops to sleds until what is observed matches what is wished.
//!
//! A nexus that dies after a stop was accepted changes nothing: the wish is in the row, and every nexus looks.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use berth_common::ids::{GenericUuid, VmmUuid};
use berth_common::operation::OperationKind;
use berth_common::refusal::Denial;
use berth_db::DbError;
use berth_db::lifecycle::delivery::{self, Due};
use berth_sled_agent_api::vmm::{VmmDesired, VmmStatePut};
use slog::debug;

use super::delivery::{BATCH, deliver_each, envelope, say_it_waits};
use super::task::{Bell, Task, TaskError};
use crate::agents::{AgentAddress, AgentError};
use crate::world::World;

/// The task.
#[derive(Debug)]
pub struct IntentDriver {
    pub period: Duration,
}

#[async_trait]
impl Task for IntentDriver {
    fn name(&self) -> &'static str {
        "intent_driver"
    }

    fn period(&self) -> Duration {
        self.period
    }

    fn bell(&self) -> Bell {
        Bell::Intents
    }

    async fn run(&self, world: &Arc<World>) -> Result<String, TaskError> {
        let due = world
            .db
            .statement("intent.claim", async |conn| {
                Ok::<_, DbError>(delivery::claim_stops(conn, BATCH).await?)
            })
            .await?;
        Ok(deliver_each(due, "stops delivered", |due| deliver(Arc::clone(world), due)).await)
    }
}

/// Delivers one stop; true if its sled acknowledged it. What isn't acknowledged is claimed again in a second.
async fn deliver(world: Arc<World>, due: Due) -> bool {
    let vmm = VmmUuid::from_untyped_uuid(due.vmm);
    let to = AgentAddress::from(&due);
    let body = VmmStatePut {
        envelope: envelope(&world, &due),
        desired: VmmDesired::Stopped { grace_ms: u64::try_from(due.grace_ms).unwrap_or(0) },
    };
    match world.agents.vmm_put_state(&to, vmm, &body).await {
        Ok(_) => {
            let grace_ms = due.grace_ms;
            let noted = world
                .db
                .statement("intent.acknowledged", async |conn| {
                    Ok::<_, DbError>(delivery::stop_acknowledged(conn, vmm, grace_ms).await?)
                })
                .await;
            noted.is_ok()
        }
        // Its start hasn't come so far, and won't: the start's saga sees the new intent.
        Err(error) if error.is_denial(Denial::NotRegistered) => false,
        Err(error) => {
            debug!(world.log, "a stop wasn't delivered; it will be again"; "vmm" => %vmm, "sled" => &to.name,
                "error" => %error);
            if due.is_silent() {
                say_what_is_waited_for(&world, &due, &error).await;
            }
            false
        }
    }
}

/// A sled that doesn't answer may stay away for long: the stop's operation names it.
async fn say_what_is_waited_for(world: &World, due: &Due, error: &AgentError) {
    let what =
        format!("sled {} to take the stop ({error}); cancel it, or bring the sled back", due.sled_name);
    let kinds = [OperationKind::InstanceStop];
    say_it_waits(world, "intent.waiting", due, &kinds, &what).await;
}
