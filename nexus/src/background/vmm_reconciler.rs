//! Asks sleds themselves about VMMs that their reports lack: what wasn't pushed is pulled.
//!
//! That a report lacks a VMM proves nothing, since it may be older than the VMM. So the sled is asked after the VMM is known
//! to have been registered; only what is missing in *that* answer, under the same ledger and with recovery
//! complete, has ended.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use berth_common::ids::{GenericUuid, SledUuid, VmmUuid};
use berth_db::DbError;
use berth_db::lifecycle::delivery::{self, Due};
use berth_db::lifecycle::{report, update};
use slog::{info, warn};

use super::task::{Bell, Task, TaskError};
use crate::agents::AgentAddress;
use crate::sagas::begin;
use crate::sled_rows::reported;
use crate::world::World;

/// The task.
#[derive(Debug)]
pub struct VmmReconciler;

#[async_trait]
impl Task for VmmReconciler {
    fn name(&self) -> &'static str {
        "vmm_reconciler"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(2)
    }

    fn bell(&self) -> Bell {
        Bell::None
    }

    async fn run(&self, world: &Arc<World>) -> Result<String, TaskError> {
        let mut done = Vec::new();
        // Room of VMMs that lost their link while they lived, and have ended since: no update saga looks at them any more.
        let freed = world
            .db
            .statement("reconciler.free", async |conn| Ok::<_, DbError>(update::free_forgotten(conn).await?))
            .await?;
        if freed > 0 {
            done.push(format!("room of {freed} ended VMMs freed"));
        }
        for sled in world.doubts.take() {
            done.push(reconcile(world, sled).await?);
        }
        Ok(done.join("; "))
    }
}

async fn reconcile(world: &World, sled: SledUuid) -> Result<String, TaskError> {
    // What is believed is read before the sled is asked, so its answer is the younger one.
    let believed: Vec<Due> = world
        .db
        .statement("reconciler.read", async |conn| {
            Ok::<_, DbError>(delivery::believed_on(conn, sled.into_untyped_uuid()).await?)
        })
        .await?;
    let Some(first) = believed.first() else { return Ok(String::new()) };
    let to = AgentAddress::from(first);
    let inventory = match world.agents.vmm_list(&to).await {
        Ok(inventory) => inventory,
        Err(error) => {
            world.doubts.raise(sled);
            return Ok(format!("sled {} wasn't reached: {error}", to.name));
        }
    };
    if inventory.ledger != to.ledger || !inventory.recovered.is_complete() {
        world.doubts.raise(sled);
        return Ok(format!("sled {} hasn't recovered yet", to.name));
    }
    let mut lost = 0;
    for due in &believed {
        let vmm = VmmUuid::from_untyped_uuid(due.vmm);
        match inventory.vmms.iter().find(|report| report.vmm == vmm) {
            Some(found) => {
                let said = reported(found);
                world
                    .db
                    .statement("reconciler.store", async |conn| {
                        Ok::<_, DbError>(report::store_answer(conn, sled, &said, "vmm_reconciler").await?)
                    })
                    .await?;
            }
            // Nobody there answers for it, and yet it may run: it is not gone.
            None if inventory.may_run(vmm) => {
                warn!(world.log, "a VMM's sled has lost its entry, but not its process"; "vmm" => %vmm, "sled" => &to.name);
            }
            None => lost += u32::from(record_loss(world, &to, due).await?),
        }
    }
    world.wake.changed();
    info!(world.log, "reconciled"; "sled" => &to.name, "believed" => believed.len(), "lost" => lost);
    Ok(format!("sled {}: {lost} of {} VMMs are gone", to.name, believed.len()))
}

async fn record_loss(world: &World, to: &AgentAddress, due: &Due) -> Result<bool, TaskError> {
    let vmm = VmmUuid::from_untyped_uuid(due.vmm);
    let detail = format!("sled {} doesn't have it any more", to.name);
    let changed = world
        .db
        .statement("reconciler.lost", async |conn| {
            Ok::<_, DbError>(delivery::lost_by_its_sled(conn, vmm, &detail).await?)
        })
        .await?;
    if changed {
        warn!(world.log, "a VMM is gone from its sled"; "vmm" => %vmm, "sled" => &to.name);
        let instance = berth_common::ids::InstanceUuid::from_untyped_uuid(due.instance);
        begin::update(world, instance, "vmm_reconciler").await?;
    }
    Ok(changed)
}
