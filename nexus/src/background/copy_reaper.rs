//! Deletes the files of disks that lost: what a migration left behind where its guest was, or copied in vain. Only when
//! the VMM that had them open has ended, by its sled's word or by proof; for ever, by a sled that has their pool.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use berth_common::ids::{DiskUuid, GenericUuid, PoolUuid, RequestUuid};
use berth_db::DbError;
use berth_db::lifecycle::disk_copy::{self, Copy};
use berth_db::lifecycle::disk_work;
use berth_sled_agent_api::disk::{DiskDeleteQuery, DiskProgress};
use slog::debug;
use uuid::Uuid;

use super::delivery::BATCH;
use super::task::{Bell, Task, TaskError};
use crate::agents::AgentAddress;
use crate::world::World;

/// The task.
#[derive(Debug)]
pub struct CopyReaper {
    pub period: Duration,
}

#[async_trait]
impl Task for CopyReaper {
    fn name(&self) -> &'static str {
        "copy_reaper"
    }

    fn period(&self) -> Duration {
        self.period
    }

    fn bell(&self) -> Bell {
        Bell::Intents
    }

    async fn run(&self, world: &Arc<World>) -> Result<String, TaskError> {
        let doomed = world
            .db
            .statement("copies.claim", async |conn| {
                Ok::<_, DbError>(disk_copy::claim_doomed(conn, BATCH).await?)
            })
            .await?;
        let all = doomed.len();
        let mut deleted = 0;
        for copy in doomed {
            deleted += usize::from(delete(world, copy).await?);
        }
        Ok(if all == 0 { String::new() } else { format!("{deleted} of {all} copies of disks deleted") })
    }
}

/// Deletes one; true if a sled has confirmed it. What isn't confirmed is claimed again.
async fn delete(world: &World, copy: Copy) -> Result<bool, TaskError> {
    let (file, pool) = (DiskUuid::from_untyped_uuid(copy.file_id), PoolUuid::from_untyped_uuid(copy.pool_id));
    let sleds = world
        .db
        .statement("copies.reach", async |conn| Ok::<_, DbError>(disk_work::reach(conn, pool).await?))
        .await?;
    for to in sleds.iter().map(AgentAddress::from) {
        let query = DiskDeleteQuery {
            cluster: world.cluster,
            ledger: to.ledger,
            request: RequestUuid::from_untyped_uuid(Uuid::new_v5(&copy.file_id, b"delete")),
        };
        match world.agents.disk_delete(&to, pool, file, &query).await {
            Ok(answer) if answer.progress == DiskProgress::Deleted => {
                world
                    .db
                    .statement("copies.remove", async |conn| {
                        Ok::<_, DbError>(disk_copy::remove(conn, file).await?)
                    })
                    .await?;
                return Ok(true);
            }
            Ok(_) => {}
            Err(error) => {
                debug!(world.log, "a disk's copy wasn't deleted; it will be"; "file" => %file, "sled" => &to.name,
                    "error" => %error);
            }
        }
    }
    Ok(false)
}
