//! Operations: viewed, waited for, listed, cancelled.

use berth_common::ids::{GenericUuid, InstanceUuid, OperationUuid, ProjectUuid};
use berth_common::operation::OperationKind;
use berth_common::refusal::ErrorCode;
use berth_db::models;
use berth_db::operation::{self, OperationFilter};
use berth_nexus_api::Page;
use berth_nexus_api::duration::Wait;
use berth_nexus_api::operation::{Operation, OperationError, OperationListQuery, Progress, Subject};

use super::actor::Actor;
use super::authorise::{Action, Scope, authorise, authorise_fleet};
use super::error::{AppError, AppResult};
use super::find::project_of;
use super::page::{self, paging};
use super::unreadable::amount;
use super::wait::until;
use super::{instance_migrate, instance_reboot, instance_stop};
use crate::context::Nexus;

/// Operations, newest first.
pub async fn operation_list(
    nexus: &Nexus,
    actor: &Actor,
    query: OperationListQuery,
) -> AppResult<Page<Operation>> {
    let project = match &query.project {
        Some(which) => Some(project_of(nexus, actor, Some(which)).await?),
        None => None,
    };
    let everything = project.is_none() && actor.fleet_role.is_some();
    let filter = OperationFilter {
        project,
        subject: query.subject,
        open: query.open,
        visible_to: (project.is_none() && !everything).then_some(actor.user_id),
    };
    let paging = paging(query.limit, query.page_token.as_deref())?;
    let rows = nexus
        .db
        .statement("operation.list", async |conn| {
            Ok::<_, AppError>(operation::list(conn, &filter, &paging).await?)
        })
        .await?;
    Ok(page::shown(rows, shown))
}

/// One operation; with a time to wait, when it has ended.
pub async fn operation_view(
    nexus: &Nexus,
    actor: &Actor,
    id: OperationUuid,
    wait: Option<Wait>,
) -> AppResult<Operation> {
    let look = || visible(nexus, actor, Action::View, id);
    Ok(shown(until(nexus, wait, look, |seen| seen.state.is_terminal()).await?))
}

/// Asks for an operation to be given up. Asked twice, it is asked once.
pub async fn operation_cancel(nexus: &Nexus, actor: &Actor, id: OperationUuid) -> AppResult<Operation> {
    let found = visible(nexus, actor, Action::Change, id).await?;
    let wanted = nexus
        .db
        .statement("operation.cancel", async |conn| {
            Ok::<_, AppError>(operation::want_cancel(conn, id).await?)
        })
        .await?;
    if wanted.is_changed() {
        let instance = InstanceUuid::from_untyped_uuid(found.subject_id);
        match found.kind {
            OperationKind::InstanceStop => instance_stop::give_up(nexus, actor, id, instance).await?,
            OperationKind::InstanceReboot => instance_reboot::give_up(nexus, actor, id, instance).await?,
            OperationKind::InstanceMigrate => instance_migrate::give_up(nexus, instance).await?,
            OperationKind::InstanceCreate
            | OperationKind::InstanceStart
            | OperationKind::InstanceForceStop
            | OperationKind::InstanceDelete
            | OperationKind::DiskCreate
            | OperationKind::DiskDelete => {}
        }
        nexus.world.wake.intent();
        return Ok(shown(visible(nexus, actor, Action::View, id).await?));
    }
    let now = visible(nexus, actor, Action::View, id).await?;
    if now.state.is_terminal() {
        return Err(AppError::refused(
            ErrorCode::OperationEnded,
            format!("operation {id} has ended: {}", now.state),
        ));
    }
    Err(AppError::refused(
        ErrorCode::OperationNotCancellable,
        format!("{} of {} can't be cancelled; it ends by itself", found.kind, found.subject_name),
    ))
}

async fn visible(
    nexus: &Nexus,
    actor: &Actor,
    action: Action,
    id: OperationUuid,
) -> AppResult<models::Operation> {
    let found = nexus
        .db
        .statement("operation.view", async |conn| Ok::<_, AppError>(operation::by_id(conn, id).await?))
        .await?;
    let found = found.ok_or_else(|| AppError::not_found("operation", id))?;
    may(actor, action, found.project_id, id)?;
    Ok(found)
}

fn may(actor: &Actor, action: Action, project: Option<ProjectUuid>, id: OperationUuid) -> AppResult<()> {
    match project {
        Some(project) => authorise(actor, action, Scope::Project(project), ("operation", &id.to_string())),
        None => authorise_fleet(actor, Action::ViewFleet),
    }
}

/// As users see it.
pub(super) fn shown(row: models::Operation) -> Operation {
    let error = row.error_code.zip(row.error_message);
    Operation {
        id: row.id,
        kind: row.kind,
        subject: Subject { kind: row.subject_kind, id: row.subject_id, name: row.subject_name },
        project_id: row.project_id,
        state: row.state,
        progress: Progress {
            done: amount(row.done),
            total: amount(row.total),
            phase: row.phase,
            bytes: amount(row.bytes),
        },
        waiting_for: row.waiting_for,
        error: error.map(|(error_code, message)| OperationError { error_code, message }),
        cancellable: row.cancellable,
        parent: row.parent_id,
        actor: row.actor,
        cause: row.cause,
        created_at: row.created_at,
        updated_at: row.updated_at,
        ended_at: row.ended_at,
    }
}
