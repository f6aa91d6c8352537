//! How what was claimed is delivered to sleds: many at once, each by itself, and counted.

use berth_common::Generation;
use berth_common::ids::{GenericUuid, InstanceUuid, LedgerUuid, RequestUuid, SledUuid};
use berth_common::operation::OperationKind;
use berth_db::DbError;
use berth_db::lifecycle::delivery::Due;
use berth_db::lifecycle::{report, work};
use berth_sled_agent_api::envelope::Envelope;
use berth_sled_agent_api::report::VmmReport;
use futures::StreamExt;
use slog::debug;
use uuid::Uuid;

use crate::sagas::begin;
use crate::sled_rows::reported;
use crate::world::World;

/// Claimed in one run. What is left is claimed by the next, or by another nexus.
pub(super) const BATCH: i64 = 100;

/// A sled that hangs holds up this many at most.
const AT_ONCE: usize = 32;

/// Delivers each; says how many were taken, or nothing where nothing was due. What wasn't taken is claimed again.
pub(super) async fn deliver_each<D, F>(due: Vec<D>, what: &str, deliver: impl Fn(D) -> F) -> String
where
    F: Future<Output = bool>,
{
    let all = due.len();
    if all == 0 {
        return String::new();
    }
    let delivering = futures::stream::iter(due).map(deliver).buffer_unordered(AT_ONCE);
    let taken = delivering.filter(|taken| std::future::ready(*taken)).count().await;
    format!("{taken} of {all} {what}")
}

/// Around what a VMM's sled is told. Delivered again, it is the same wish with less time left: each delivery is a request
/// of its own. A sled that lost its memory has none of the VMM, and says so.
pub(super) fn envelope(world: &World, due: &Due) -> Envelope {
    Envelope {
        cluster: world.cluster,
        ledger: LedgerUuid::from_untyped_uuid(due.ledger),
        request: RequestUuid::from_untyped_uuid(Uuid::new_v4()),
        instance: InstanceUuid::from_untyped_uuid(due.instance),
        epoch: Generation::from(due.epoch),
        cause: Some(due.cause.clone()),
    }
}

/// Stores what a sled answered: its word, sooner than its report. True if it is stored.
pub(super) async fn hear(
    world: &World,
    transaction: &'static str,
    sled: SledUuid,
    vmm: &VmmReport,
    due: &Due,
) -> bool {
    let said = reported(vmm);
    let stored = world
        .db
        .statement(transaction, async |conn| {
            Ok::<_, DbError>(report::store_answer(conn, sled, &said, &due.cause).await?)
        })
        .await;
    world.wake.changed();
    stored.is_ok()
}

/// A sled that doesn't answer may stay away for long: what is open of these kinds about the instance names it.
pub(super) async fn say_it_waits(
    world: &World,
    statement: &'static str,
    due: &Due,
    kinds: &[OperationKind],
    what: &str,
) {
    let said = world
        .db
        .statement(statement, async |conn| work::instance_waits(conn, due.instance, kinds, what).await);
    if let Err(error) = said.await {
        debug!(world.log, "what is waited for wasn't written"; "statement" => statement, "error" => %error);
    }
}

/// Begins the update that follows from what a sled answered.
pub(super) async fn update(world: &World, due: &Due) {
    let instance = InstanceUuid::from_untyped_uuid(due.instance);
    if let Err(error) = begin::update(world, instance, &due.cause).await {
        debug!(world.log, "an update wasn't begun; the updater will"; "instance" => %instance, "error" => %error);
    }
}
