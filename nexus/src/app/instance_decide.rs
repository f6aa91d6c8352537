//! What every lifecycle request has in common: find the instance, read its facts under a lock, ask the planner, and write
//! everything that follows in that same transaction.

use berth_common::ids::{GenericUuid, InstanceUuid, OperationUuid, ProjectUuid};
use berth_common::operation::OperationKind;
use berth_common::refusal::ErrorCode;
use berth_db::lifecycle::snapshot::{self, Snapshot};
use berth_db::lifecycle::view::{self, Found};
use berth_db::lifecycle::work::{self, NewOperation};
use berth_nexus_api::name_or_id::NameOrId;
use berth_plan::Refusal;
use diesel_async::AsyncPgConnection;
use uuid::Uuid;

use super::actor::Actor;
use super::authorise::{Action, Scope, authorise};
use super::error::{AppError, AppResult};
use super::find::{Which, project_of_name};
use crate::context::Nexus;
use crate::sagas::begin::BeginError;

/// Finds an instance by name (in its project) or id, and checks that the actor may do this to it.
pub async fn find(nexus: &Nexus, actor: &Actor, action: Action, which: &Which) -> AppResult<Found> {
    let project = project_of_name(nexus, actor, which).await?;
    let name_or_id = &which.name_or_id;
    let found = nexus
        .db
        .statement("instance.find", async |conn| {
            let found = match (name_or_id, project) {
                (NameOrId::Name(name), Some(project)) => {
                    view::find_by_name(conn, project, name.as_str()).await?
                }
                (NameOrId::Name(_), None) => None,
                (NameOrId::Id(id), _) => view::find_by_id(conn, *id).await?,
            };
            Ok::<_, AppError>(found)
        })
        .await?;
    let found = found.ok_or_else(|| AppError::not_found("instance", which))?;
    let scope = Scope::Project(ProjectUuid::from_untyped_uuid(found.project_id));
    authorise(actor, action, scope, ("instance", &which.to_string()))?;
    Ok(found)
}

/// Reads an instance's facts and locks its row.
pub(super) async fn locked(conn: &mut AsyncPgConnection, found: &Found) -> AppResult<Snapshot> {
    let id = InstanceUuid::from_untyped_uuid(found.id);
    snapshot::read_locked(conn, id).await?.ok_or_else(|| AppError::not_found("instance", &found.name))
}

/// Reads the facts under the lock, if this operation of the instance can still be given up.
pub(super) async fn locked_if_cancellable(
    conn: &mut AsyncPgConnection,
    instance: InstanceUuid,
    operation: OperationUuid,
) -> AppResult<Option<Snapshot>> {
    let snapshot = snapshot::read_locked(conn, instance).await?;
    let open = work::by_id(conn, operation).await?;
    let can = open.is_some_and(|open| open.cancellable && !open.state.is_terminal());
    Ok(snapshot.filter(|_| can))
}

/// A planner's refusal, in the request's words.
pub(super) fn refused(refusal: &Refusal, name: &str) -> AppError {
    AppError::refused(refusal.code, refusal.message(name))
}

/// The operation of an accepted request.
pub(super) fn new_operation(
    id: OperationUuid,
    kind: OperationKind,
    snapshot: &Snapshot,
    intent_gen: i64,
    saga: Option<Uuid>,
    actor: &Actor,
) -> NewOperation {
    NewOperation {
        id,
        kind,
        subject_kind: "instance",
        subject_id: snapshot.instance.into_untyped_uuid(),
        subject_name: snapshot.name.clone(),
        project_id: Some(snapshot.project),
        intent_gen: Some(intent_gen),
        saga_id: saga,
        actor: actor.name.to_string(),
        cause: actor.cause.clone(),
    }
}

/// Ends the open operations that a later request overtakes.
pub(super) async fn cancel_open(
    conn: &mut AsyncPgConnection,
    snapshot: &Snapshot,
    why: &str,
) -> AppResult<()> {
    work::cancel_open_of(conn, snapshot.instance.into_untyped_uuid(), why).await?;
    Ok(())
}

/// A saga that can't be begun is a fault of ours, or of the database.
impl From<BeginError> for AppError {
    fn from(error: BeginError) -> Self {
        match error {
            BeginError::Database(error) => error.into(),
            other @ (BeginError::NoEngine(_) | BeginError::Prepare(_) | BeginError::Insert(_)) => {
                AppError::refused(ErrorCode::Unavailable, format!("{other}; ask another nexus"))
            }
        }
    }
}
