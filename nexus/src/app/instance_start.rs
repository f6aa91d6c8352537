//! Accepts a start.

use berth_common::ids::{GenericUuid, InstanceUuid, OperationUuid};
use berth_common::operation::OperationKind;
use berth_db::lifecycle::intent;
use berth_db::lifecycle::snapshot::Snapshot;
use berth_nexus_api::answer::OperationAnswer;
use berth_plan::Decision;
use berth_plan::start::{StartPlan, start};
use berth_saga_store::PreparedSaga;
use diesel_async::AsyncPgConnection;
use uuid::Uuid;

use super::actor::Actor;
use super::authorise::Action;
use super::error::AppResult;
use super::find::Which;
use super::instance_answer::{Accepted, answer};
use super::instance_decide::{find, locked, new_operation, refused};
use super::instance_event::accepted_event;
use crate::context::Nexus;
use crate::sagas::begin;
use crate::sagas::instance_start::{StartParams, begin_in};

/// Accepts a start: intent, operation and saga in one transaction.
pub async fn instance_start(nexus: &Nexus, actor: &Actor, which: &Which) -> AppResult<OperationAnswer> {
    let found = find(nexus, actor, Action::Change, which).await?;
    let (operation, saga) = (OperationUuid::new_v4(), Uuid::new_v4());
    let (accepted, prepared) = nexus
        .db
        .transaction("instance_start.accept", async |conn| {
            let snapshot = locked(conn, &found).await?;
            match start(&snapshot.facts()) {
                Decision::Refuse(refusal) => Err(refused(&refusal, &snapshot.name)),
                Decision::Already => Ok((Accepted::already(&snapshot, OperationKind::InstanceStart), None)),
                Decision::Go(plan) => {
                    let prepared = accept(nexus, actor, conn, &snapshot, plan, (operation, saga)).await?;
                    Ok((Accepted::Now(operation), Some(prepared)))
                }
            }
        })
        .await?;
    if let Some(prepared) = &prepared {
        begin::run(&nexus.world, prepared);
        nexus.world.wake.changed();
    }
    answer(nexus, actor, InstanceUuid::from_untyped_uuid(found.id), accepted).await
}

async fn accept(
    nexus: &Nexus,
    actor: &Actor,
    conn: &mut AsyncPgConnection,
    snapshot: &Snapshot,
    plan: StartPlan,
    (operation, saga): (OperationUuid, Uuid),
) -> AppResult<PreparedSaga> {
    if plan.finishes_stop
        && let Some(open) = &snapshot.operation
    {
        berth_db::lifecycle::work::succeed(conn, open.operation, "stopped").await?;
    }
    let intent_gen = intent::run(conn, snapshot.instance, plan.state, plan.rest).await?;
    let new = new_operation(operation, OperationKind::InstanceStart, snapshot, intent_gen, Some(saga), actor);
    berth_db::lifecycle::work::insert(conn, &new).await?;
    accepted_event(conn, snapshot, actor, "instance_start_accepted", "start accepted").await?;
    let params = StartParams::new(snapshot.instance, operation, intent_gen, &actor.cause);
    Ok(begin_in(&nexus.world, conn, saga, &params).await?)
}
