//! Tells both ends of migrations what they must hear: that the guest may run at its target, or that the migration is
//! given up. Whichever nexus accepted a migration, cancelled it or died over it: what is to be told follows from the
//! rows, and every nexus looks.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use berth_common::Generation;
use berth_common::ids::{GenericUuid, InstanceUuid, LedgerUuid, RequestUuid, VmmUuid};
use berth_db::DbError;
use berth_db::lifecycle::migration_delivery::{self, Order};
use berth_db::lifecycle::report;
use berth_db::lifecycle::text::SUSPECT_AFTER_MS;
use berth_sled_agent_api::envelope::Envelope;
use berth_sled_agent_api::migration::{MigrationOrder, MigrationPut};
use futures::StreamExt;
use slog::debug;
use uuid::Uuid;

use super::delivery::BATCH;
use super::task::{Bell, Task, TaskError};
use crate::agents::AgentAddress;
use crate::sagas::begin;
use crate::sled_rows::reported;
use crate::world::World;

/// A sled that hangs holds up this many orders at most.
const AT_ONCE: usize = 32;

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
        let all = due.len();
        let delivering = futures::stream::iter(due)
            .map(|order| deliver(Arc::clone(world), order))
            .buffer_unordered(AT_ONCE);
        let taken = delivering.filter(|taken| std::future::ready(*taken)).count().await;
        Ok(if all == 0 { String::new() } else { format!("{taken} of {all} orders to migrations taken") })
    }
}

/// Delivers one order; true if its sled took it. What isn't taken is claimed again in a second.
async fn deliver(world: Arc<World>, order: Order) -> bool {
    let due = &order.due;
    let (vmm, to) = (VmmUuid::from_untyped_uuid(due.vmm), AgentAddress::from(due));
    let body = MigrationPut {
        envelope: Envelope {
            cluster: world.cluster,
            ledger: LedgerUuid::from_untyped_uuid(due.ledger),
            request: RequestUuid::from_untyped_uuid(Uuid::new_v4()),
            instance: InstanceUuid::from_untyped_uuid(due.instance),
            epoch: Generation::from(due.epoch),
            cause: Some(due.cause.clone()),
        },
        migration: order.migration(),
        order: if order.resume { MigrationOrder::Resume } else { MigrationOrder::Cancel },
    };
    let error = match world.agents.vmm_put_migration(&to, vmm, &body).await {
        Ok(answer) => return heard(&world, &order, &to, &answer.vmm).await,
        Err(error) => error,
    };
    debug!(world.log, "an order to a migration wasn't taken; it will be again"; "vmm" => %vmm, "sled" => &to.name,
        "resume" => order.resume, "error" => %error);
    if due.silent_ms.is_none_or(|ms| ms >= SUSPECT_AFTER_MS) {
        let what =
            if order.resume { "let the guest run, which was sent there" } else { "give the migration up" };
        let what = format!("sled {} to {what} ({error})", to.name);
        let said = world
            .db
            .statement("migration.waiting", async |conn| {
                Ok::<_, DbError>(migration_delivery::waits(conn, &order, &what).await?)
            })
            .await;
        if let Err(error) = said {
            debug!(world.log, "what a migration waits for wasn't written"; "error" => %error);
        }
    }
    false
}

/// The answer is the sled's word, sooner than its report.
async fn heard(
    world: &World,
    order: &Order,
    to: &AgentAddress,
    vmm: &berth_sled_agent_api::report::VmmReport,
) -> bool {
    let (said, cause) = (reported(vmm), order.due.cause.clone());
    let stored = world
        .db
        .statement("migration.store", async |conn| {
            Ok::<_, DbError>(report::store_answer(conn, to.sled, &said, &cause).await?)
        })
        .await;
    world.wake.changed();
    let over = vmm.migration.as_ref().is_some_and(|migration| migration.half.is_terminal());
    let instance = InstanceUuid::from_untyped_uuid(order.due.instance);
    if over && let Err(error) = begin::update(world, instance, &cause).await {
        debug!(world.log, "an update wasn't begun; the updater will"; "instance" => %instance, "error" => %error);
    }
    stored.is_ok()
}
