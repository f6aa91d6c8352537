//! Accepts a delete, in every state.

use berth_common::ids::{GenericUuid, InstanceUuid, OperationUuid};
use berth_common::operation::OperationKind;
use berth_db::lifecycle::intent;
use berth_nexus_api::answer::OperationAnswer;
use berth_plan::Decision;
use berth_plan::delete::delete;
use uuid::Uuid;

use super::actor::Actor;
use super::authorise::Action;
use super::error::AppResult;
use super::find::Which;
use super::instance_answer::{Accepted, answer};
use super::instance_decide::{cancel_open, find, locked, new_operation, refused};
use super::instance_event::accepted_event;
use crate::context::Nexus;
use crate::sagas::begin;
use crate::sagas::instance_delete::{DeleteParams, InstanceDelete};

/// Accepts a delete: from here on nothing else is accepted for this instance.
pub async fn instance_delete(nexus: &Nexus, actor: &Actor, which: &Which) -> AppResult<OperationAnswer> {
    let found = find(nexus, actor, Action::Change, which).await?;
    let (operation, saga) = (OperationUuid::new_v4(), Uuid::new_v4());
    let (accepted, prepared) = nexus
        .db
        .transaction("instance_delete.accept", async |conn| {
            let snapshot = locked(conn, &found).await?;
            match delete(&snapshot.facts()) {
                Decision::Refuse(refusal) => return Err(refused(&refusal, &snapshot.name)),
                Decision::Already => {
                    return Ok((Accepted::already(&snapshot, OperationKind::InstanceDelete), None));
                }
                Decision::Go(_) => {}
            }
            cancel_open(conn, &snapshot, "the instance is being deleted").await?;
            // Marks every VMM that hasn't ended, linked or not: the plan's and those of a start in flight.
            let intent_gen = intent::destroy(conn, snapshot.instance).await?;
            let kind = OperationKind::InstanceDelete;
            let new = new_operation(operation, kind, &snapshot, intent_gen, Some(saga), actor);
            berth_db::lifecycle::work::insert(conn, &new).await?;
            accepted_event(conn, &snapshot, actor, "instance_delete_accepted", "delete accepted").await?;
            let params = DeleteParams {
                instance: snapshot.instance,
                operation,
                actor: actor.name.to_string(),
                cause: actor.cause.clone(),
            };
            let subject = snapshot.instance.into_untyped_uuid();
            let world = &nexus.world;
            let prepared = begin::prepare::<InstanceDelete>(world, saga, &params, subject, &actor.cause)?;
            begin::insert(world, conn, &prepared).await?;
            Ok((Accepted::Now(operation), Some(prepared)))
        })
        .await?;
    if let Some(prepared) = &prepared {
        begin::run(&nexus.world, prepared);
    }
    nexus.world.wake.intent();
    answer(nexus, actor, InstanceUuid::from_untyped_uuid(found.id), accepted).await
}
