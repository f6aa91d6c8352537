//! The operation that a lifecycle request is answered with.

use berth_common::ids::{GenericUuid, InstanceUuid, OperationUuid};
use berth_common::operation::{OperationKind, OperationState};
use berth_db::lifecycle::snapshot::Snapshot;
use berth_nexus_api::answer::OperationAnswer;
use berth_nexus_api::operation::{Operation, Progress, Subject};
use chrono::Utc;

use super::actor::Actor;
use super::error::{AppError, AppResult};
use super::operation::shown;
use crate::context::Nexus;

/// What became of a request that wasn't refused.
#[derive(Clone, Debug)]
pub(super) enum Accepted {
    /// Work was accepted now: its operation.
    Now(OperationUuid),
    /// Work that was accepted before does it: its operation, still open.
    Joined(OperationUuid),
    /// It is so, and nothing is at it.
    Done { kind: OperationKind, snapshot: Box<Snapshot> },
}

impl Accepted {
    /// The answer to *already so*: the open operation of this kind, if there is one.
    pub(super) fn already(snapshot: &Snapshot, kind: OperationKind) -> Accepted {
        match &snapshot.operation {
            Some(open) if open.kind == kind => Accepted::Joined(open.operation),
            Some(_) | None => Accepted::Done { kind, snapshot: Box::new(snapshot.clone()) },
        }
    }

    /// The answer to a stop that shortens the one in flight. Without an open operation the guest is going down by itself.
    pub(super) fn joined(snapshot: &Snapshot) -> Accepted {
        Accepted::already(snapshot, OperationKind::InstanceStop)
    }
}

/// Reads the operation and answers with it.
pub(super) async fn answer(
    nexus: &Nexus,
    actor: &Actor,
    instance: InstanceUuid,
    accepted: Accepted,
) -> AppResult<OperationAnswer> {
    let operation = match accepted {
        Accepted::Now(operation) | Accepted::Joined(operation) => operation,
        Accepted::Done { kind, snapshot } => {
            return Ok(OperationAnswer::Already(finished(actor, instance, kind, &snapshot)));
        }
    };
    let found = nexus
        .db
        .statement("operation.read", async |conn| {
            Ok::<_, AppError>(berth_db::lifecycle::work::by_id(conn, operation).await?)
        })
        .await?;
    let found = found.ok_or_else(|| AppError::not_found("operation", operation))?;
    Ok(OperationAnswer::Accepted(shown(found)))
}

/// An operation for what was so before anyone asked: finished, and kept nowhere.
fn finished(actor: &Actor, instance: InstanceUuid, kind: OperationKind, snapshot: &Snapshot) -> Operation {
    let now = Utc::now();
    Operation {
        id: OperationUuid::from_untyped_uuid(uuid::Uuid::nil()),
        kind,
        subject: Subject {
            kind: "instance".to_string(),
            id: instance.into_untyped_uuid(),
            name: snapshot.name.clone(),
        },
        project_id: Some(snapshot.project),
        state: OperationState::Succeeded,
        progress: Progress { done: 1, total: 1, phase: "already so".to_string(), bytes: 0 },
        waiting_for: None,
        error: None,
        cancellable: false,
        parent: None,
        actor: actor.name.to_string(),
        cause: actor.cause.clone(),
        created_at: now,
        updated_at: now,
        ended_at: Some(now),
    }
}
