//! Makes an accepted instance whole: disks attached, interfaces given their MACs, then startable; started, if wished.
//!
//! The instance's row and its quota were written when the request was accepted. Undone, the row goes again: a
//! create that failed leaves nothing but its operation and events. Once the last step is committed the instance is the
//! user's, who was told so, and may have started it: no undo takes anything of it back.

use berth_common::ids::{GenericUuid, InstanceUuid, NicUuid, OperationUuid};
use berth_common::instance::{InstanceState, Intent};
use berth_common::operation::OperationKind;
use berth_common::refusal::ErrorCode;
use berth_db::lifecycle::snapshot::{self, Snapshot};
use berth_db::lifecycle::{creation, removal, work};
use berth_saga_store::{PreparedSaga, Saga, SagaContext, Step, StepError, Steps};
use diesel_async::AsyncPgConnection;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::begin;
use super::instance_start::{StartParams, begin_in};
use crate::world::{StepResult, World};

/// Marker of the saga.
#[derive(Debug)]
pub struct InstanceCreate;

/// What was accepted beyond the instance's row.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CreateParams {
    pub instance: InstanceUuid,
    pub operation: OperationUuid,
    /// Disks in the order of their slots.
    pub disks: Vec<Uuid>,
    /// Interfaces in the order of their slots.
    pub nics: Vec<NicUuid>,
    /// Started when created: that start's operation.
    pub start: Option<OperationUuid>,
    pub actor: String,
    pub cause: String,
}

const SETTLE: Step<()> = Step::new("settle");
const ATTACH: Step<()> = Step::new("attach");
const INTERFACES: Step<()> = Step::new("interfaces");
const FINISH: Step<()> = Step::new("finish");

impl Saga for InstanceCreate {
    type World = World;
    type Params = CreateParams;
    const NAME: &'static str = "instance_create";
    const VERSION: i32 = 1;

    fn steps(steps: &mut Steps<Self>) {
        steps.undo_only(SETTLE, settle);
        steps.step(ATTACH, attach, detach);
        steps.step_without_undo(INTERFACES, interfaces);
        steps.step_without_undo(FINISH, finish);
    }
}

/// The user deleted it meanwhile: the delete's saga tears down what there is, so this one only ends.
fn is_wanted(snapshot: &Option<Snapshot>) -> bool {
    snapshot.as_ref().is_some_and(|snapshot| snapshot.intent != Intent::Destroyed)
}

/// Its last step was committed: nothing can be taken back.
fn is_finished(snapshot: &Option<Snapshot>) -> bool {
    snapshot.as_ref().is_some_and(|snapshot| snapshot.state != InstanceState::Creating)
}

async fn attach(ctx: SagaContext<InstanceCreate>) -> StepResult<()> {
    let params = ctx.params().clone();
    ctx.txn(async |conn: &mut AsyncPgConnection| {
        if !is_wanted(&snapshot::read_locked(conn, params.instance).await?) {
            return Ok(());
        }
        for (slot, disk) in (0i64..).zip(&params.disks) {
            if !creation::attach(conn, params.instance, *disk, slot).await? {
                return Err(StepError::with_detail(
                    format!("disk {disk} can't be attached: it is gone, not ready, or attached elsewhere"),
                    &ErrorCode::DiskAttached,
                ));
            }
        }
        Ok(())
    })
    .await
}

async fn detach(ctx: SagaContext<InstanceCreate>) -> StepResult<()> {
    let instance = ctx.params().instance;
    ctx.txn(async |conn: &mut AsyncPgConnection| {
        if !is_finished(&snapshot::read_locked(conn, instance).await?) {
            removal::detach_disks(conn, instance).await?;
        }
        Ok(())
    })
    .await
}

async fn interfaces(ctx: SagaContext<InstanceCreate>) -> StepResult<()> {
    let params = ctx.params().clone();
    ctx.txn(async |conn: &mut AsyncPgConnection| {
        if !is_wanted(&snapshot::read_locked(conn, params.instance).await?) {
            return Ok(());
        }
        for (slot, nic) in (0i64..).zip(&params.nics) {
            add_interface(conn, params.instance, *nic, slot).await?;
        }
        Ok(())
    })
    .await
}

/// MACs tried before giving up: with a million interfaces in 2^40 addresses, a second try is one in a million.
const MAC_TRIES: u8 = 16;

async fn add_interface(
    conn: &mut AsyncPgConnection,
    instance: InstanceUuid,
    nic: NicUuid,
    slot: i64,
) -> StepResult<()> {
    for attempt in 0..MAC_TRIES {
        if creation::add_nic(conn, instance, nic, slot, &mac(nic, attempt)).await? {
            return Ok(());
        }
    }
    Err(StepError::new(format!("no free MAC address was found for interface {nic} in {MAC_TRIES} tries")))
}

/// A locally administered MAC out of the interface's own random id: the same for every repetition of the step.
fn mac(nic: NicUuid, attempt: u8) -> String {
    let bytes = *nic.into_untyped_uuid().as_bytes();
    // Bytes 11 to 15 of a v4 id are random throughout.
    format!(
        "02:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}",
        bytes[11].wrapping_add(attempt),
        bytes[12],
        bytes[13],
        bytes[14],
        bytes[15]
    )
}

async fn finish(ctx: SagaContext<InstanceCreate>) -> StepResult<()> {
    let (world, params) = (ctx.world().clone(), ctx.params().clone());
    let start_saga = begin::successor(ctx.saga_id(), "start");
    let begun = ctx
        .txn(async |conn: &mut AsyncPgConnection| {
            let Some(snapshot) = snapshot::read_locked(conn, params.instance).await? else {
                return Ok(None);
            };
            creation::finish(conn, params.instance).await?;
            work::succeed(conn, params.operation, "created").await?;
            let Some(operation) = params.start.filter(|_| snapshot.intent == Intent::Running) else {
                return Ok(None);
            };
            // Run again, the step finds the start that it began, at work or over. Recovery runs what nobody does.
            if work::by_id(conn, operation).await?.is_some() {
                return Ok(None);
            }
            Ok(Some(start(&world, conn, &params, &snapshot, operation, start_saga).await?))
        })
        .await?;
    if let Some(prepared) = begun {
        begin::run(&world, &prepared);
    }
    world.wake.changed();
    Ok(())
}

async fn start(
    world: &World,
    conn: &mut AsyncPgConnection,
    params: &CreateParams,
    snapshot: &Snapshot,
    operation: OperationUuid,
    saga: Uuid,
) -> StepResult<PreparedSaga> {
    let new = work::NewOperation {
        id: operation,
        kind: OperationKind::InstanceStart,
        subject_kind: "instance",
        subject_id: snapshot.instance.into_untyped_uuid(),
        subject_name: snapshot.name.clone(),
        project_id: Some(snapshot.project),
        intent_gen: Some(snapshot.intent_gen),
        saga_id: Some(saga),
        actor: params.actor.clone(),
        cause: params.cause.clone(),
    };
    work::insert(conn, &new).await?;
    let start = StartParams::new(snapshot.instance, operation, snapshot.intent_gen, &params.cause);
    begin_in(world, conn, saga, &start).await.map_err(begin::as_step)
}

/// The last undo: of what wasn't finished nothing is left but its operation.
async fn settle(ctx: SagaContext<InstanceCreate>) -> StepResult<()> {
    let params = ctx.params().clone();
    ctx.txn(async |conn: &mut AsyncPgConnection| {
        let snapshot = snapshot::read_locked(conn, params.instance).await?;
        if is_finished(&snapshot) {
            return Ok(());
        }
        if is_wanted(&snapshot) {
            removal::remove(conn, params.instance).await?;
        } else if snapshot.is_some() {
            // The delete's saga waits for this.
            creation::finish(conn, params.instance).await?;
        }
        let message = "a disk couldn't be attached or no interface could be made: each disk must exist in the \
                       project, be ready, and be attached to nothing else";
        work::fail(conn, params.operation, ErrorCode::DiskAttached, message).await?;
        Ok(())
    })
    .await?;
    ctx.world().wake.changed();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn macs_are_local_and_differ_by_try() {
        let nic = NicUuid::new_v4();
        assert!(mac(nic, 0).starts_with("02:"));
        assert_eq!(mac(nic, 0).len(), 17);
        assert_ne!(mac(nic, 0), mac(nic, 1));
        assert_eq!(mac(nic, 3), mac(nic, 3));
    }
}
