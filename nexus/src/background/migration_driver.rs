//! Tells both ends of migrations what they must hear: that the guest may run at its target, or that the migration is
//! given up. Whichever nexus accepted a migration, cancelled it or died over it: what is to be told follows from the
//! rows, and every nexus looks.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use berth_common::ids::{GenericUuid, SledUuid, VmmUuid};
use berth_common::operation::OperationKind;
use berth_db::DbError;
use berth_db::lifecycle::delivery::Due;
use berth_db::lifecycle::migration_delivery::{self, Order};
use berth_sled_agent_api::migration::{MigrationOrder, MigrationPut};
use berth_sled_agent_api::report::VmmReport;
use slog::debug;

use super::delivery::{BATCH, deliver_each, envelope, hear, say_it_waits, update};
use super::task::{Bell, Task, TaskError};
use crate::agents::AgentAddress;
use crate::world::World;

/// The task.
#[derive(Debug)]
pub struct MigrationDriver {
    pub period: Duration,
}

#[async_trait]
impl Task for MigrationDriver {
    fn name(&self) -> &'static str {
        "migration_driver"
    }

    fn period(&self) -> Duration {
        self.period
    }

    fn bell(&self) -> Bell {
        Bell::Intents
    }

    async fn run(&self, world: &Arc<World>) -> Result<String, TaskError> {
        let (ended, due) = world
            .db
            .transaction("migration.claim", async |conn| {
                migration_delivery::give_up_lost(conn).await?;
                let ended = migration_delivery::end_targets_of_stops(conn).await?;
                Ok::<_, DbError>((ended, migration_delivery::claim(conn, BATCH).await?))
            })
            .await?;
        if !ended.is_empty() {
            world.wake.intent();
        }
        let deliver = |order| deliver(Arc::clone(world), order);
        Ok(deliver_each(due, "orders to migrations taken", deliver).await)
    }
}

/// What ends only when the guest is in one place: a stop has taken the migration's own operation over.
const WAITING: [OperationKind; 2] = [OperationKind::InstanceMigrate, OperationKind::InstanceStop];

/// Delivers one order; true if its sled took it. What isn't taken is claimed again in a second.
async fn deliver(world: Arc<World>, order: Order) -> bool {
    let due = &order.due;
    let (vmm, to) = (VmmUuid::from_untyped_uuid(due.vmm), AgentAddress::from(due));
    let body = MigrationPut {
        envelope: envelope(&world, due),
        migration: order.migration(),
        order: if order.resume { MigrationOrder::Resume } else { MigrationOrder::Cancel },
    };
    let error = match world.agents.vmm_put_migration(&to, vmm, &body).await {
        Ok(answer) => return taken(&world, due, to.sled, &answer.vmm).await,
        Err(error) => error,
    };
    debug!(world.log, "an order to a migration wasn't taken; it will be again"; "vmm" => %vmm, "sled" => &to.name,
        "resume" => order.resume, "error" => %error);
    if due.is_silent() {
        let what =
            if order.resume { "let the guest run, which was sent there" } else { "give the migration up" };
        let what = format!("sled {} to {what} ({error})", to.name);
        say_it_waits(&world, "migration.waiting", due, &WAITING, &what).await;
    }
    false
}

async fn taken(world: &World, due: &Due, sled: SledUuid, vmm: &VmmReport) -> bool {
    let stored = hear(world, "migration.store", sled, vmm, due).await;
    if vmm.migration.as_ref().is_some_and(|migration| migration.half.is_terminal()) {
        update(world, due).await;
    }
    stored
}
