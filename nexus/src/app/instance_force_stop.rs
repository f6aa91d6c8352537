//! Accepts a force stop: from here on nothing of the instance is started, linked or let run, and everything of it is
//! ended for certain. The update saga disowns it, under its lock, and clears it when the last VMM has ended.

use berth_common::Name;
use berth_common::ids::{GenericUuid, InstanceUuid, OperationUuid};
use berth_common::operation::OperationKind;
use berth_common::refusal::ErrorCode;
use berth_common::sled::Liveness;
use berth_db::lifecycle::snapshot::Snapshot;
use berth_db::lifecycle::told::{self, NewEvent};
use berth_db::lifecycle::{dead, intent, migration, work};
use berth_db::sled::SledSeen;
use berth_nexus_api::NameOrId;
use berth_nexus_api::answer::OperationAnswer;
use berth_nexus_api::instance::InstanceForceStop;
use berth_nexus_api::limits::ASSUME_DEAD_MAX;
use berth_plan::Decision;
use berth_plan::force_stop::{ForceStopPlan, force_stop};
use berth_plan::stop::StopDone;
use berth_saga_store::PreparedSaga;
use diesel_async::AsyncPgConnection;
use uuid::Uuid;

use super::actor::Actor;
use super::authorise::{Action, authorise_fleet};
use super::error::{AppError, AppResult};
use super::find::{Which, sled_in};
use super::instance_answer::{Accepted, answer};
use super::instance_decide::{cancel_open, find, locked, new_operation, refused};
use super::instance_event::accepted_event;
use crate::context::Nexus;
use crate::sagas::begin;

/// Accepts a force stop, or takes further proof for the one in flight.
pub async fn instance_force_stop(
    nexus: &Nexus,
    actor: &Actor,
    which: &Which,
    asked: InstanceForceStop,
) -> AppResult<OperationAnswer> {
    let found = find(nexus, actor, Action::Change, which).await?;
    if asked.assume_dead.len() > ASSUME_DEAD_MAX {
        let count = asked.assume_dead.len();
        return Err(AppError::invalid(format!("`assume_dead` has {count}; at most {ASSUME_DEAD_MAX}")));
    }
    if !asked.assume_dead.is_empty() {
        authorise_fleet(actor, Action::OperateFleet)?;
    }
    let (operation, update) = (OperationUuid::new_v4(), Uuid::new_v4());
    let (accepted, prepared) = nexus
        .db
        .transaction("instance_force_stop.accept", async |conn| {
            let snapshot = locked(conn, &found).await?;
            let plan = match force_stop(&snapshot.facts()) {
                Decision::Refuse(refusal) => return Err(refused(&refusal, &snapshot.name)),
                Decision::Already => None,
                Decision::Go(plan) => Some(plan),
            };
            // Refused before anything is written.
            let dead = silent_sleds(conn, &asked.assume_dead).await?;
            let accepted = match plan {
                None => Accepted::already(&snapshot, OperationKind::InstanceForceStop),
                Some(plan) => accept(conn, actor, &snapshot, plan, operation).await?,
            };
            for sled in &dead {
                assume_dead(conn, actor, &snapshot, sled).await?;
            }
            Ok((accepted, disown(nexus, actor, conn, &snapshot, update).await?))
        })
        .await?;
    if let Some(prepared) = &prepared {
        begin::run(&nexus.world, prepared);
    }
    nexus.world.wake.intent();
    answer(nexus, actor, InstanceUuid::from_untyped_uuid(found.id), accepted).await
}

async fn accept(
    conn: &mut AsyncPgConnection,
    actor: &Actor,
    snapshot: &Snapshot,
    plan: ForceStopPlan,
    operation: OperationUuid,
) -> AppResult<Accepted> {
    if plan.cancels.is_some() {
        cancel_open(conn, snapshot, "the instance was force-stopped").await?;
    }
    migration::give_up(conn, snapshot.instance, "the instance was force-stopped").await?;
    // Marks every VMM that hasn't ended, linked or not: those of a start or migration in flight, too.
    let intent_gen = intent::force_stop(conn, snapshot.instance).await?;
    let kind = OperationKind::InstanceForceStop;
    work::insert(conn, &new_operation(operation, kind, snapshot, intent_gen, None, actor)).await?;
    let message = "force stop accepted: everything of it is ended for certain";
    accepted_event(conn, snapshot, actor, "instance_force_stop_accepted", message).await?;
    match plan.done {
        StopDone::AtOnce => work::succeed(conn, operation, "nothing ran").await?,
        StopDone::WhenEnded => work::progress(conn, operation, "ending everything for certain").await?,
    }
    Ok(Accepted::Now(operation))
}

/// Begins the update that disowns, unless one holds the lock: that one looks once more before it ends.
async fn disown(
    nexus: &Nexus,
    actor: &Actor,
    conn: &mut AsyncPgConnection,
    snapshot: &Snapshot,
    update: Uuid,
) -> AppResult<Option<PreparedSaga>> {
    let facts = snapshot.facts();
    if snapshot.updater.is_some() || !facts.is_linked() && !facts.unlinked_alive {
        return Ok(None);
    }
    Ok(begin::update_in(&nexus.world, conn, update, snapshot.instance, &actor.cause).await?)
}

/// The sleds that an operator takes for dead. Refused unless each of them is lost.
async fn silent_sleds(conn: &mut AsyncPgConnection, names: &[Name]) -> AppResult<Vec<SledSeen>> {
    let mut sleds = Vec::new();
    for name in names {
        let sled = sled_in(conn, &NameOrId::Name(name.clone())).await?;
        match sled.liveness() {
            Liveness::Lost | Liveness::Fenced | Liveness::PlannedDown => sleds.push(sled),
            liveness @ (Liveness::Online | Liveness::Suspect) => {
                let message = format!(
                    "sled {name} is {liveness} and can't be assumed dead; what runs there is ended by itself, or wait \
                     until the sled is lost"
                );
                return Err(AppError::refused(ErrorCode::SledNotSilent, message));
            }
        }
    }
    Ok(sleds)
}

/// Takes an operator's word for the death of what the instance had on a sled.
async fn assume_dead(
    conn: &mut AsyncPgConnection,
    actor: &Actor,
    snapshot: &Snapshot,
    sled: &SledSeen,
) -> AppResult<()> {
    let name = &sled.sled.name;
    let words = format!("{} asserted that sled {name} is dead", actor.name);
    for vmm in dead::assert_dead(conn, snapshot.instance, sled.sled.id, &words).await? {
        let event = NewEvent {
            kind: "vmm_fenced".to_string(),
            subject_kind: "instance",
            subject_id: snapshot.instance.into_untyped_uuid(),
            subject_name: snapshot.name.clone(),
            project_id: Some(snapshot.project.into_untyped_uuid()),
            sled_id: Some(sled.sled.id.into_untyped_uuid()),
            actor: actor.name.to_string(),
            cause: actor.cause.clone(),
            message: format!("VMM {vmm} is declared dead: {words}"),
            data: serde_json::json!({"vmm": vmm, "proof": "operator_asserted"}),
        };
        told::insert(conn, &event).await?;
    }
    Ok(())
}
