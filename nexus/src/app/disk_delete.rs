//! Accepts a disk's delete: from then on nothing attaches it any more.

use berth_common::ids::{GenericUuid, OperationUuid};
use berth_common::operation::OperationKind;
use berth_common::refusal::ErrorCode;
use berth_common::storage::DiskState;
use berth_db::lifecycle::disk_room::{self, LockedDisk};
use berth_db::lifecycle::work::NewOperation;
use berth_db::models::Disk;
use berth_nexus_api::answer::OperationAnswer;
use uuid::Uuid;

use super::actor::Actor;
use super::authorise::Action;
use super::disk_answer::answer;
use super::error::{AppError, AppResult};
use super::find::{Which, disk};
use crate::context::Nexus;
use crate::sagas::begin;
use crate::sagas::disk_delete::{DiskDelete, DiskDeleteParams};

/// Deletes a disk that is attached to nothing, with all that is on it.
pub async fn disk_delete(nexus: &Nexus, actor: &Actor, which: &Which) -> AppResult<OperationAnswer> {
    let found = disk(nexus, actor, Action::Change, which).await?;
    let (operation, saga) = (OperationUuid::new_v4(), Uuid::new_v4());
    let (operation, prepared) = nexus
        .db
        .transaction("disk_delete.accept", async |conn| {
            let locked = disk_room::lock(conn, found.id).await?;
            let locked = locked.ok_or_else(|| AppError::not_found("disk", which))?;
            if let Some(running) = refusal(&found, &locked)? {
                return Ok((running, None));
            }
            disk_room::mark_deleting(conn, found.id).await?;
            berth_db::lifecycle::work::insert(conn, &new_operation(&found, actor, operation, saga)).await?;
            let cause = actor.cause.clone();
            let (pool, file) = (locked.pool(), locked.file());
            let params = DiskDeleteParams { disk: found.id, pool, file, operation, cause };
            let subject = found.id.into_untyped_uuid();
            let prepared = begin::prepare::<DiskDelete>(&nexus.world, saga, &params, subject, &actor.cause)?;
            begin::insert(&nexus.world, conn, &prepared).await?;
            Ok((operation, Some(prepared)))
        })
        .await
        .map_err(|error: AppError| error)?;
    if let Some(prepared) = &prepared {
        begin::run(&nexus.world, prepared);
    }
    answer(nexus, operation).await
}

/// Refuses what can't be deleted now; gives the operation of a delete that is on its way already.
fn refusal(disk: &Disk, locked: &LockedDisk) -> AppResult<Option<OperationUuid>> {
    let name = &disk.name;
    if let Some(instance) = &locked.attached_to {
        return Err(AppError::refused(
            ErrorCode::DiskAttached,
            format!(
                "disk {name} is attached to instance {instance}; detach it, or delete the instance first"
            ),
        ));
    }
    let state: DiskState =
        locked.state.parse().map_err(|_| AppError::invalid("the disk's state is unknown"))?;
    match (state, locked.operation_id) {
        (DiskState::Ready | DiskState::Failed, _) => Ok(None),
        (DiskState::Deleting, Some(operation)) => Ok(Some(OperationUuid::from_untyped_uuid(operation))),
        (DiskState::Deleting, None) => Err(AppError::not_found("disk", name)),
        (DiskState::Creating, _) => Err(AppError::refused(
            ErrorCode::DiskNotReady,
            format!("disk {name} is still being made; wait for its operation, then delete it"),
        )),
    }
}

fn new_operation(disk: &Disk, actor: &Actor, operation: OperationUuid, saga: Uuid) -> NewOperation {
    NewOperation {
        id: operation,
        kind: OperationKind::DiskDelete,
        subject_kind: "disk",
        subject_id: disk.id.into_untyped_uuid(),
        subject_name: disk.name.to_string(),
        project_id: Some(disk.project_id),
        intent_gen: None,
        saga_id: Some(saga),
        actor: actor.name.to_string(),
        cause: actor.cause.clone(),
    }
}
