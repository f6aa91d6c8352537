//! Deletes a disk's file for ever, then its row. The row was marked `deleting` when the request was accepted, so that
//! nothing attaches it any more. What it waits for is named in its operation. Nothing of it is taken back; a step that
//! fails all the same ends this saga only, and another one goes on.

use berth_common::ids::{DiskUuid, GenericUuid, OperationUuid, PoolUuid};
use berth_db::lifecycle::disk_work;
use berth_saga_store::{Saga, SagaContext, Step, Steps};
use diesel_async::AsyncPgConnection;
use serde::{Deserialize, Serialize};

use super::begin;
use super::disk_create::erase;
use crate::world::{StepResult, World};

/// Marker of the saga.
#[derive(Debug)]
pub struct DiskDelete;

/// What is to be deleted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DiskDeleteParams {
    pub disk: DiskUuid,
    pub pool: PoolUuid,
    /// The id of its file, where that isn't its own.
    #[serde(default)]
    pub file: Option<DiskUuid>,
    pub operation: OperationUuid,
    pub cause: String,
}

const BEGIN_AGAIN: Step<()> = Step::new("begin_again");
const ERASE: Step<()> = Step::new("erase");
const REMOVE: Step<()> = Step::new("remove");

impl Saga for DiskDelete {
    type World = World;
    type Params = DiskDeleteParams;
    const NAME: &'static str = "disk_delete";
    const VERSION: i32 = 1;

    fn steps(steps: &mut Steps<Self>) {
        steps.undo_only(BEGIN_AGAIN, begin_again);
        steps.step_without_undo(ERASE, async |ctx: SagaContext<DiskDelete>| {
            let params = ctx.params().clone();
            erase(&ctx, params.pool, params.file.unwrap_or(params.disk), params.operation).await
        });
        steps.step_without_undo(REMOVE, remove);
    }
}

/// The last undo: while its operation is open, the delete stays due, so another saga takes it over.
async fn begin_again(ctx: SagaContext<DiskDelete>) -> StepResult<()> {
    let (params, subject) = (ctx.params(), ctx.params().disk.into_untyped_uuid());
    begin::again::<DiskDelete>(&ctx, params, params.operation, subject, &params.cause).await
}

async fn remove(ctx: SagaContext<DiskDelete>) -> StepResult<()> {
    let (disk, operation) = (ctx.params().disk, ctx.params().operation);
    ctx.txn(async |conn: &mut AsyncPgConnection| {
        disk_work::remove(conn, disk).await?;
        berth_db::lifecycle::work::succeed(conn, operation, "deleted").await?;
        Ok(())
    })
    .await?;
    ctx.world().wake.changed();
    Ok(())
}
