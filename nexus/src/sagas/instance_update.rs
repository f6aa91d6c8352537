//! The one saga that changes an instance's record after a report, under the updater lock.
//!
//! ```text
//! lock (taken with the saga's row) → plan → commit and unlock, one UPDATE → free → look once more
//! ```
//! Forward only: it catches the record up with what has happened; the only undo is the lock. A record that moved on
//! between plan and commit fails the commit, and the unwinding looks once more as well.
//! No remote call in here.

use berth_common::ids::{GenericUuid, InstanceUuid, VmmUuid};
use berth_common::instance::InstanceState;
use berth_common::migration::MigrationOutcome;
use berth_common::refusal::ErrorCode;
use berth_db::lifecycle::migration;
use berth_db::lifecycle::snapshot::{self, Snapshot};
use berth_db::lifecycle::update::{self, Committed};
use berth_plan::course::outcome_in_retrospect;
use berth_plan::follow_up::{Change, FollowUp, Happened, OperationEnd, follow_up};
use berth_saga_store::{PreparedSaga, Saga, SagaContext, Step, StepError, Steps};
use diesel_async::AsyncPgConnection;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::begin;
use super::instance_start;
use crate::world::{StepResult, World};

/// Marker of the saga.
#[derive(Debug)]
pub struct InstanceUpdate;

/// What it is about.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UpdateParams {
    pub instance: InstanceUuid,
    pub cause: String,
}

/// The plan as it was made, kept in the log: what the commit is guarded by, and what it writes.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Planned {
    planned_on: (i64, i64),
    operation: Option<Uuid>,
    about: About,
    change: Option<Change>,
    /// The migration that ends with this change, and how.
    #[serde(default)]
    migration_end: Option<MigrationEnd>,
}

/// What is decided about a migration.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct MigrationEnd {
    migration: Uuid,
    outcome: MigrationOutcome,
    disks_moved: bool,
}

/// What events say about the instance.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct About {
    name: String,
    project: Uuid,
}

const LOCK: Step<()> = Step::new("lock");
const PLAN: Step<Option<Planned>> = Step::new("plan");
const COMMIT: Step<Vec<VmmUuid>> = Step::new("commit");
const FREE: Step<()> = Step::new("free");
const LOOK_ONCE_MORE: Step<()> = Step::new("look_once_more");

impl Saga for InstanceUpdate {
    type World = World;
    type Params = UpdateParams;
    const NAME: &'static str = "instance_update";
    const VERSION: i32 = 1;

    fn steps(steps: &mut Steps<Self>) {
        steps.undo_only(LOCK, unlock);
        steps.step_without_undo(PLAN, plan);
        steps.step_without_undo(COMMIT, commit);
        steps.step_without_undo(FREE, free);
        steps.step_without_undo(LOOK_ONCE_MORE, look_once_more);
    }
}

async fn unlock(ctx: SagaContext<InstanceUpdate>) -> StepResult<()> {
    let instance = ctx.params().instance;
    let saga = ctx.saga_id();
    ctx.txn(async |conn: &mut AsyncPgConnection| Ok(update::unlock(conn, instance, saga).await?)).await?;
    // What made the commit stale may need an update itself; the updater task is woken to look.
    ctx.world().wake.changed();
    Ok(())
}

async fn plan(ctx: SagaContext<InstanceUpdate>) -> StepResult<Option<Planned>> {
    let instance = ctx.params().instance;
    let found =
        ctx.txn(async |conn: &mut AsyncPgConnection| Ok(snapshot::read(conn, instance).await?)).await?;
    Ok(found.map(|snapshot| planned(&snapshot)))
}

fn planned(snapshot: &Snapshot) -> Planned {
    let change = match follow_up(&snapshot.facts()) {
        FollowUp::Nothing => None,
        FollowUp::Change(change) => Some(change),
    };
    Planned {
        planned_on: update::planned_on(snapshot),
        operation: snapshot.operation.as_ref().map(|operation| operation.operation.into_untyped_uuid()),
        about: About { name: snapshot.name.clone(), project: snapshot.project.into_untyped_uuid() },
        migration_end: change.as_ref().and_then(|change| migration_end(snapshot, change)),
        change,
    }
}

/// A migration that is linked ends with its outcome. One that lost its link when its instance was disowned is decided in
/// retrospect, once everything of the instance has ended.
fn migration_end(snapshot: &Snapshot, change: &Change) -> Option<MigrationEnd> {
    if let (Some(linked), Some(outcome)) = (snapshot.migration, change.outcome) {
        let (migration, disks_moved) = (linked.migration.into_untyped_uuid(), change.disks_moved);
        return Some(MigrationEnd { migration, outcome, disks_moved });
    }
    let cleared = match change.state {
        InstanceState::NoVmm | InstanceState::Failed | InstanceState::Destroyed => change.end.is_empty(),
        InstanceState::Creating | InstanceState::Vmm | InstanceState::Disowned => false,
    };
    let left = snapshot.undecided.filter(|_| cleared && !snapshot.unlinked_alive)?;
    let (outcome, disks_moved) = outcome_in_retrospect(left.facts);
    Some(MigrationEnd { migration: left.migration.into_untyped_uuid(), outcome, disks_moved })
}

/// Commits and unlocks. Gives the VMMs whose room is to be freed.
async fn commit(ctx: SagaContext<InstanceUpdate>) -> StepResult<Vec<VmmUuid>> {
    let instance = ctx.params().instance;
    let cause = ctx.params().cause.clone();
    let saga = ctx.saga_id();
    let Some(planned) = ctx.output(PLAN)? else {
        return Ok(Vec::new());
    };
    let Some(change) = planned.change.clone() else {
        ctx.txn(async |conn: &mut AsyncPgConnection| Ok(update::unlock(conn, instance, saga).await?)).await?;
        return Ok(Vec::new());
    };
    let freed = change.free.clone();
    ctx.txn(async |conn: &mut AsyncPgConnection| {
        match update::commit(conn, instance, saga, planned.planned_on, &change).await? {
            Committed::Now => {
                update::want_ends(conn, &change).await?;
                if let Some(end) = planned.migration_end {
                    migration::decide(conn, end.migration, end.outcome, end.disks_moved).await?;
                }
                tell(conn, instance, &cause, &planned, &change).await
            }
            Committed::Before => Ok(()),
            Committed::Stale => Err(StepError::new("the record moved on since the plan was made")),
        }
    })
    .await?;
    let wake = &ctx.world().wake;
    wake.changed();
    wake.intent();
    Ok(freed)
}

/// Events, and the end of the operation that this change ends.
async fn tell(
    conn: &mut AsyncPgConnection,
    instance: InstanceUuid,
    cause: &str,
    planned: &Planned,
    change: &Change,
) -> StepResult<()> {
    let message = match &change.happened[..] {
        [] => format!("record is now {}", change.state),
        happened => happened.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
    };
    let event = berth_db::lifecycle::told::NewEvent {
        kind: format!("instance_{}", change.state),
        subject_kind: "instance",
        subject_id: instance.into_untyped_uuid(),
        subject_name: planned.about.name.clone(),
        project_id: Some(planned.about.project),
        sled_id: None,
        actor: "berth".to_string(),
        cause: cause.to_string(),
        message,
        data: serde_json::json!({ "state": change.state, "rest": change.rest, "happened": change.happened }),
    };
    berth_db::lifecycle::told::insert(conn, &event).await?;
    if let (Some(operation), Some(end)) = (planned.operation, change.operation) {
        end_operation(conn, operation, end).await?;
    }
    Ok(())
}

async fn end_operation(conn: &mut AsyncPgConnection, operation: Uuid, end: OperationEnd) -> StepResult<()> {
    let operation = berth_common::ids::OperationUuid::from_untyped_uuid(operation);
    match end {
        OperationEnd::Stopped { ended_by } => {
            let phase = ended_by.map_or_else(|| "stopped".to_string(), |by| by.to_string());
            berth_db::lifecycle::work::succeed(conn, operation, &phase).await?;
        }
        OperationEnd::RebootSuperseded { ended_by } => {
            let by = ended_by.map(|by| format!(" ({by})")).unwrap_or_default();
            let message = format!(
                "the VMM that it was asked of ended first{by}; a reboot isn't carried to the next one"
            );
            berth_db::lifecycle::work::fail(conn, operation, ErrorCode::RebootSuperseded, &message).await?;
        }
        OperationEnd::ForceStopped => {
            berth_db::lifecycle::work::succeed(conn, operation, "ended for certain").await?;
        }
        OperationEnd::Cancelled => {
            berth_db::lifecycle::work::cancel(conn, operation, "the instance was stopped").await?;
        }
    }
    Ok(())
}

/// What was linked until now; and where nothing of it is left, what a force stop had unlinked before.
async fn free(ctx: SagaContext<InstanceUpdate>) -> StepResult<()> {
    let instance = ctx.params().instance;
    let change = ctx.output(PLAN)?.and_then(|planned| planned.change);
    let cleared = change.is_some_and(|change| change.happened.contains(&Happened::Cleared));
    if cleared || !ctx.output(COMMIT)?.is_empty() {
        ctx.txn(async |conn: &mut AsyncPgConnection| Ok(update::free(conn, instance).await?)).await?;
    }
    Ok(())
}

/// Whoever found the lock taken left it to this: what came in the meantime, and what the change made due.
async fn look_once_more(ctx: SagaContext<InstanceUpdate>) -> StepResult<()> {
    let world = ctx.world().clone();
    let params = ctx.params().clone();
    let (update_id, start_id) =
        (begin::successor(ctx.saga_id(), "update"), begin::successor(ctx.saga_id(), "start"));
    let begun = ctx
        .txn(async |conn: &mut AsyncPgConnection| {
            let Some(snapshot) = snapshot::read_locked(conn, params.instance).await? else {
                return Ok(None);
            };
            if snapshot.facts().start_is_due() && snapshot.updater.is_none() {
                return Ok(Some(
                    instance_start::begin_due(&world, conn, start_id, &snapshot, &params.cause)
                        .await
                        .map_err(begin::as_step)?,
                ));
            }
            if matches!(follow_up(&snapshot.facts()), FollowUp::Nothing) || snapshot.updater.is_some() {
                return Ok(None);
            }
            begin::update_in(&world, conn, update_id, params.instance, &params.cause)
                .await
                .map_err(begin::as_step)
        })
        .await?;
    run_if_begun(ctx.world(), begun);
    Ok(())
}

fn run_if_begun(world: &World, begun: Option<PreparedSaga>) {
    if let Some(prepared) = begun {
        begin::run(world, &prepared);
    }
}
