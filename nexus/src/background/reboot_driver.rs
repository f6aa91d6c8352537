//! Delivers reboots to sleds until they have said that they began them.
//!
//! A nexus that dies after a reboot was accepted changes nothing: the wish is in the row, and every nexus looks. What is
//! delivered twice is done once, because it is numbered; what the VMM's end overtakes is ended by its update.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use berth_common::Generation;
use berth_common::ids::{GenericUuid, InstanceUuid, OperationUuid, VmmUuid};
use berth_common::reboot::RebootKind;
use berth_common::refusal::Denial;
use berth_db::DbError;
use berth_db::lifecycle::reboot::{self, DueReboot};
use berth_db::lifecycle::{machine, report, work};
use berth_sled_agent_api::vmm::{RebootOrder, VmmAnswer, VmmDesired, VmmStatePut};
use slog::{debug, warn};

use super::delivery::{BATCH, deliver_each, envelope};
use super::task::{Bell, Task, TaskError};
use crate::agents::{AgentAddress, AgentError};
use crate::sagas::machine_spec::spec;
use crate::sled_rows::reported;
use crate::world::World;

/// The task.
#[derive(Debug)]
pub struct RebootDriver {
    pub period: Duration,
}

#[async_trait]
impl Task for RebootDriver {
    fn name(&self) -> &'static str {
        "reboot_driver"
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
            .statement("reboot.claim", async |conn| Ok::<_, DbError>(reboot::claim(conn, BATCH).await?))
            .await?;
        Ok(deliver_each(due, "reboots delivered", |due| deliver(Arc::clone(world), due)).await)
    }
}

/// Delivers one; true if its sled took it. What isn't taken is claimed again in a second.
async fn deliver(world: Arc<World>, due: DueReboot) -> bool {
    let done = match try_deliver(&world, &due).await {
        Ok(taken) => Ok(taken),
        Err(error) => Err(error.to_string()),
    };
    done.unwrap_or_else(|error| {
        debug!(world.log, "a reboot wasn't delivered; it will be again"; "vmm" => %due.due.vmm, "error" => error);
        false
    })
}

async fn try_deliver(world: &World, due: &DueReboot) -> Result<bool, TaskError> {
    let vmm = VmmUuid::from_untyped_uuid(due.due.vmm);
    let order = match order(world, due).await? {
        Ok(order) => order,
        Err(why) => return refused(world, due, &why).await,
    };
    let to = AgentAddress::from(&due.due);
    let body = VmmStatePut {
        envelope: envelope(world, &due.due),
        desired: VmmDesired::Rebooted { order: Box::new(order) },
    };
    match world.agents.vmm_put_state(&to, vmm, &body).await {
        Ok(answer) => taken(world, due, &to, &answer).await,
        Err(AgentError::Denied { denial, message }) if is_final(denial) => {
            refused(world, due, &format!("sled {}: {message} ({denial})", to.name)).await
        }
        // Its VMM is about to end, or its ledger is full: asked again, or ended by the VMM's update.
        Err(error) => {
            say_what_is_waited_for(world, due, &error).await?;
            Ok(false)
        }
    }
}

/// The machine as it is configured now; an error is what keeps it from being one.
async fn order(world: &World, due: &DueReboot) -> Result<Result<RebootOrder, String>, TaskError> {
    let instance = InstanceUuid::from_untyped_uuid(due.due.instance);
    let machine = world
        .db
        .statement("reboot.machine", async |conn| Ok::<_, DbError>(machine::read(conn, instance).await?))
        .await?;
    let Some(machine) = machine else { return Ok(Err("the instance is gone".to_string())) };
    let kind: RebootKind = due.kind.parse()?;
    Ok(spec(instance, &machine).map_err(|error| error.to_string()).map(|spec| RebootOrder {
        reboot_gen: Generation::from(due.asked_gen),
        kind,
        grace_ms: u64::try_from(due.reboot_grace_ms).unwrap_or(0),
        spec,
    }))
}

/// What the sled answered is what it would report, sooner.
async fn taken(
    world: &World,
    due: &DueReboot,
    to: &AgentAddress,
    answer: &VmmAnswer,
) -> Result<bool, TaskError> {
    let vmm = VmmUuid::from_untyped_uuid(due.due.vmm);
    let (asked_gen, said, cause) = (due.asked_gen, reported(&answer.vmm), due.due.cause.clone());
    world
        .db
        .transaction("reboot.taken", async |conn| {
            reboot::delivered(conn, vmm, asked_gen).await?;
            report::store_answer(conn, to.sled, &said, &cause).await?;
            Ok::<_, DbError>(())
        })
        .await?;
    world.wake.changed();
    Ok(true)
}

/// What no later delivery would change.
const fn is_final(denial: Denial) -> bool {
    match denial {
        Denial::SpecMismatch
        | Denial::Rebooting
        | Denial::WrongMigration
        | Denial::DiskMissing
        | Denial::ImageUnavailable
        | Denial::NetworkUnavailable
        | Denial::PoolUnavailable
        | Denial::NoCapacity
        | Denial::HypervisorFailed => true,
        Denial::WrongCluster
        | Denial::WrongLedger
        | Denial::StaleEpoch
        | Denial::Tombstoned
        | Denial::NotRegistered
        | Denial::WrongState
        | Denial::LedgerFull
        | Denial::ShuttingDown => false,
    }
}

async fn refused(world: &World, due: &DueReboot, why: &str) -> Result<bool, TaskError> {
    let vmm = VmmUuid::from_untyped_uuid(due.due.vmm);
    warn!(world.log, "a reboot was refused"; "vmm" => %vmm, "sled" => &due.due.sled_name, "why" => why);
    let asked_gen = due.asked_gen;
    world
        .db
        .statement("reboot.refused", async |conn| {
            Ok::<_, DbError>(reboot::refused(conn, vmm, asked_gen, why).await?)
        })
        .await?;
    world.wake.changed();
    Ok(false)
}

/// A sled that doesn't take it may stay away for long: the operation names it.
async fn say_what_is_waited_for(world: &World, due: &DueReboot, error: &AgentError) -> Result<(), TaskError> {
    let operation = OperationUuid::from_untyped_uuid(due.operation);
    let what =
        format!("sled {} to take the reboot ({error}); cancel it, or bring the sled back", due.due.sled_name);
    world.db.statement("reboot.waiting", async |conn| work::wait(conn, operation, &what).await).await?;
    Ok(())
}
