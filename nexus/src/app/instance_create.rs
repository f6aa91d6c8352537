//! Accepts a new instance: row, quota, operation and saga in one transaction.

use berth_common::ids::{GenericUuid, ImageUuid, InstanceUuid, NicUuid, OperationUuid, ProjectUuid};
use berth_common::instance::Intent;
use berth_common::operation::OperationKind;
use berth_common::refusal::ErrorCode;
use berth_common::storage::{ImageKind, ImageState};
use berth_db::lifecycle::creation::{self, NewInstance};
use berth_db::lifecycle::told::NewEvent;
use berth_db::lifecycle::work::NewOperation;
use berth_nexus_api::answer::OperationAnswer;
use berth_nexus_api::instance::InstanceCreate;
use berth_nexus_api::limits;
use berth_nexus_api::name_or_id::NameOrId;
use berth_saga_store::PreparedSaga;
use diesel_async::AsyncPgConnection;
use uuid::Uuid;

use super::actor::Actor;
use super::authorise::{Action, Scope, authorise};
use super::error::{AppError, AppResult};
use super::find::{disk_in, image_in, project_of};
use super::idempotent::{Claim, Keyed, claim};
use super::instance_answer::{Accepted, answer};
use super::quota::take_instance_quota;
use crate::context::Nexus;
use crate::sagas::begin;
use crate::sagas::instance_create::{CreateParams, InstanceCreate as CreateSaga};

/// Ids are chosen before the transaction, so that its repetition makes the same things.
struct Ids {
    instance: InstanceUuid,
    operation: OperationUuid,
    start: OperationUuid,
    saga: Uuid,
    nics: Vec<NicUuid>,
}

/// Accepts a new instance. The same key with the same request gives the first answer again.
pub async fn instance_create(
    nexus: &Nexus,
    actor: &Actor,
    project: NameOrId,
    wanted: InstanceCreate,
    key: Option<Keyed>,
) -> AppResult<OperationAnswer> {
    let project = project_of(nexus, actor, Some(&project)).await?;
    authorise(actor, Action::Change, Scope::Project(project), ("project", &project.to_string()))?;
    check(&wanted)?;
    let ids = Ids {
        instance: InstanceUuid::new_v4(),
        operation: OperationUuid::new_v4(),
        start: OperationUuid::new_v4(),
        saga: Uuid::new_v4(),
        nics: (0..wanted.nics).map(|_| NicUuid::new_v4()).collect(),
    };
    let (instance, operation, prepared) = nexus
        .db
        .transaction("instance_create.accept", async |conn| {
            let subject = ids.instance.into_untyped_uuid();
            match claim(conn, actor, key.as_ref(), subject, Some(ids.operation)).await? {
                Claim::First => {
                    let prepared = accept(nexus, actor, conn, project, &wanted, &ids).await?;
                    Ok((ids.instance, ids.operation, Some(prepared)))
                }
                Claim::Before { subject, operation } => {
                    let gone = || AppError::not_found("operation", "of the first request with this key");
                    Ok((InstanceUuid::from_untyped_uuid(subject), operation.ok_or_else(gone)?, None))
                }
            }
        })
        .await
        .map_err(|error: AppError| {
            error.or_if_conflict("instance_name", || {
                let name = &wanted.name;
                AppError::refused(
                    ErrorCode::NameTaken,
                    format!("an instance {name} exists in this project; choose another name"),
                )
            })
        })?;
    if let Some(prepared) = &prepared {
        begin::run(&nexus.world, prepared);
    }
    answer(nexus, actor, instance, Accepted::Now(operation)).await
}

/// A number within its limits.
pub(super) fn range(what: &str, value: u64, least: u64, most: u64) -> AppResult<()> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(AppError::invalid(format!("`{what}` is {value}; it must be {least} to {most}")))
}

fn check(wanted: &InstanceCreate) -> AppResult<()> {
    range("cpus", wanted.cpus.into(), 1, limits::CPUS_MAX.into())?;
    range(
        "memory_mib",
        wanted.memory_mib.into(),
        limits::MEMORY_MIN_MIB.into(),
        limits::MEMORY_MAX_MIB.into(),
    )?;
    range("nics", wanted.nics.into(), 0, limits::SLOTS_MAX.into())?;
    range(
        "stop_grace_s",
        wanted.stop_grace_s.unwrap_or(limits::STOP_GRACE_DEFAULT_S),
        0,
        limits::STOP_GRACE_MAX_S,
    )?;
    if let Some(priority) = wanted.stop_priority {
        range("stop_priority", priority.into(), 0, limits::STOP_PRIORITY_MAX.into())?;
    }
    range("disks", wanted.disks.len() as u64, 0, limits::SLOTS_MAX.into())?;
    text("description", &wanted.description, limits::DESCRIPTION_MAX_BYTES)?;
    text("command_line", &wanted.command_line, limits::COMMAND_LINE_MAX_BYTES)?;
    if wanted.image.is_none() && wanted.disks.is_empty() && wanted.start {
        return Err(AppError::invalid(
            "it has neither an image nor a disk to boot from; give it one, or leave `start` out",
        ));
    }
    Ok(())
}

/// Text that is kept: bounded, and without NUL, which neither PostgreSQL nor a command line can hold.
pub(super) fn text(what: &str, value: &str, most_bytes: usize) -> AppResult<()> {
    if value.len() > most_bytes {
        return Err(AppError::invalid(format!(
            "`{what}` has {} bytes; at most {most_bytes} are kept",
            value.len()
        )));
    }
    if value.contains('\0') {
        return Err(AppError::invalid(format!("`{what}` contains a NUL character; remove it")));
    }
    Ok(())
}

async fn accept(
    nexus: &Nexus,
    actor: &Actor,
    conn: &mut AsyncPgConnection,
    project: ProjectUuid,
    wanted: &InstanceCreate,
    ids: &Ids,
) -> AppResult<PreparedSaga> {
    let image = boot_image(conn, project, wanted.image.as_ref()).await?;
    let mut disks = Vec::new();
    for which in &wanted.disks {
        let disk = disk_in(conn, project, which).await?;
        if disks.contains(&disk) {
            return Err(AppError::invalid(format!("disk {which} is named twice")));
        }
        disks.push(disk);
    }
    let grace_ms = wanted.stop_grace_s.unwrap_or(limits::STOP_GRACE_DEFAULT_S).saturating_mul(1_000);
    let new = NewInstance {
        id: ids.instance,
        project,
        name: wanted.name.as_str(),
        description: &wanted.description,
        cpus: wanted.cpus.into(),
        memory_mib: wanted.memory_mib.into(),
        image,
        command_line: &wanted.command_line,
        stop_grace_ms: i64::try_from(grace_ms).unwrap_or(i64::MAX),
        stop_priority: wanted.stop_priority.unwrap_or_default().into(),
        restart_policy: wanted.restart_policy.unwrap_or(limits::RESTART_POLICY_DEFAULT),
        intent: if wanted.start { Intent::Running } else { Intent::Stopped },
    };
    creation::insert(conn, &new).await?;
    take_instance_quota(conn, project, ids.instance, wanted.cpus, wanted.memory_mib).await?;
    let operation = NewOperation {
        id: ids.operation,
        kind: OperationKind::InstanceCreate,
        subject_kind: "instance",
        subject_id: ids.instance.into_untyped_uuid(),
        subject_name: wanted.name.to_string(),
        project_id: Some(project),
        intent_gen: Some(1),
        saga_id: Some(ids.saga),
        actor: actor.name.to_string(),
        cause: actor.cause.clone(),
    };
    berth_db::lifecycle::work::insert(conn, &operation).await?;
    berth_db::lifecycle::told::insert(conn, &created_event(actor, project, wanted, ids)).await?;
    let params = CreateParams {
        instance: ids.instance,
        operation: ids.operation,
        disks,
        nics: ids.nics.clone(),
        start: wanted.start.then_some(ids.start),
        actor: actor.name.to_string(),
        cause: actor.cause.clone(),
    };
    let subject = ids.instance.into_untyped_uuid();
    let prepared = begin::prepare::<CreateSaga>(&nexus.world, ids.saga, &params, subject, &actor.cause)?;
    begin::insert(&nexus.world, conn, &prepared).await?;
    Ok(prepared)
}

fn created_event(actor: &Actor, project: ProjectUuid, wanted: &InstanceCreate, ids: &Ids) -> NewEvent {
    NewEvent {
        kind: "instance_create_accepted".to_string(),
        subject_kind: "instance",
        subject_id: ids.instance.into_untyped_uuid(),
        subject_name: wanted.name.to_string(),
        project_id: Some(project.into_untyped_uuid()),
        sled_id: None,
        actor: actor.name.to_string(),
        cause: actor.cause.clone(),
        message: format!("create accepted: {} CPUs, {} MiB", wanted.cpus, wanted.memory_mib),
        data: serde_json::json!({}),
    }
}

/// The kernel image it boots. A disk image is booted by making a disk from it.
pub(super) async fn boot_image(
    conn: &mut AsyncPgConnection,
    project: ProjectUuid,
    which: Option<&NameOrId>,
) -> AppResult<Option<ImageUuid>> {
    let Some(which) = which else { return Ok(None) };
    let image = image_in(conn, project, which).await?;
    if image.kind != ImageKind::Kernel {
        return Err(AppError::invalid(format!(
            "image {which} is a disk image; make a disk from it and attach that, or name a kernel image"
        )));
    }
    if image.state != ImageState::Ready {
        return Err(AppError::refused(
            ErrorCode::ImageNotReady,
            format!("image {which} isn't complete; upload its missing files first"),
        ));
    }
    Ok(Some(image.id))
}
