//! Ends for certain every VMM whose end is wanted, until its sled has said that it ended.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use berth_common::Generation;
use berth_common::ids::{GenericUuid, InstanceUuid, RequestUuid, VmmUuid};
use berth_common::operation::OperationKind;
use berth_db::DbError;
use berth_db::lifecycle::delivery::{self, Due};
use berth_sled_agent_api::vmm::VmmEndQuery;
use slog::debug;
use uuid::Uuid;

use super::delivery::{BATCH, deliver_each, hear, say_it_waits, update};
use super::task::{Bell, Task, TaskError};
use crate::agents::AgentAddress;
use crate::world::World;

/// The task.
#[derive(Debug)]
pub struct VmmReaper {
    pub period: Duration,
}

#[async_trait]
impl Task for VmmReaper {
    fn name(&self) -> &'static str {
        "vmm_reaper"
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
            .statement("reaper.claim", async |conn| {
                Ok::<_, DbError>(delivery::claim_ends(conn, BATCH).await?)
            })
            .await?;
        Ok(deliver_each(due, "VMMs ended", |due| end(Arc::clone(world), due)).await)
    }
}

/// Ends one VMM; true if its sled said so. The sled's present ledger is the one that is asked: the end is valid for any
/// epoch, and for an id that this ledger has never heard of.
async fn end(world: Arc<World>, due: Due) -> bool {
    let vmm = VmmUuid::from_untyped_uuid(due.vmm);
    let to = AgentAddress::from(&due);
    let query = VmmEndQuery {
        cluster: world.cluster,
        ledger: to.ledger,
        request: RequestUuid::from_untyped_uuid(Uuid::new_v5(&due.vmm, b"end")),
        instance: InstanceUuid::from_untyped_uuid(due.instance),
        epoch: Generation::from(due.epoch),
        erase: None,
    };
    let answer = match world.agents.vmm_end(&to, vmm, &query).await {
        Ok(answer) => answer,
        Err(error) => {
            debug!(world.log, "a VMM wasn't ended; it will be"; "vmm" => %vmm, "sled" => &to.name, "error" => %error);
            if due.is_silent() {
                say_what_is_waited_for(&world, &due).await;
            }
            return false;
        }
    };
    let stored = hear(&world, "reaper.store", to.sled, &answer.vmm, &due).await;
    let ended = stored && answer.vmm.state.is_terminal();
    if ended {
        update(&world, &due).await;
    }
    ended
}

/// What ends only with all VMMs of its instance.
const WAITING: [OperationKind; 3] =
    [OperationKind::InstanceForceStop, OperationKind::InstanceStop, OperationKind::InstanceMigrate];

async fn say_what_is_waited_for(world: &World, due: &Due) {
    let what = format!(
        "confirmation that its VMM has ended, from sled {0}; bring it back, or, if it is dead for certain, force-stop \
         the instance with --assume-dead {0}, which ends all that runs of it",
        due.sled_name
    );
    say_it_waits(world, "reaper.waiting", due, &WAITING, &what).await;
}
