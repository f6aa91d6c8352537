//! Makes a disk's file on a sled that reaches its pool. The disk's row, its room in the pool and its quota were taken
//! when the request was accepted; undone, the row goes again, after the file is known to be gone for ever.

use std::time::Duration;

use berth_common::ids::{DiskUuid, GenericUuid, OperationUuid, PoolUuid, RequestUuid};
use berth_common::refusal::ErrorCode;
use berth_db::lifecycle::disk_work;
use berth_saga_store::{Saga, SagaContext, Step, StepError, Steps};
use berth_sled_agent_api::disk::{DiskDeleteQuery, DiskEnsure, DiskProgress, DiskSource};
use berth_sled_agent_api::envelope::DiskEnvelope;
use diesel_async::AsyncPgConnection;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::patience::Patience;
use crate::agents::{AgentAddress, AgentError};
use crate::world::{StepResult, World};

/// Marker of the saga.
#[derive(Debug)]
pub struct DiskCreate;

/// What is to be made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DiskCreateParams {
    pub disk: DiskUuid,
    pub pool: PoolUuid,
    pub operation: OperationUuid,
    pub size_bytes: u64,
    pub source: DiskSource,
    pub cause: String,
}

const SETTLE: Step<()> = Step::new("settle");
const CLEAR: Step<()> = Step::new("clear");
const MAKE: Step<()> = Step::new("make");
const FINISH: Step<()> = Step::new("finish");

impl Saga for DiskCreate {
    type World = World;
    type Params = DiskCreateParams;
    const NAME: &'static str = "disk_create";
    const VERSION: i32 = 1;

    fn steps(steps: &mut Steps<Self>) {
        steps.undo_only(SETTLE, settle);
        // Before the step that it undoes: a failed step isn't undone, and this one may fail half-way.
        steps.undo_only(CLEAR, clear);
        steps.step_without_undo(MAKE, make);
        steps.step_without_undo(FINISH, finish);
    }
}

/// How long sleds that don't answer are asked before the disk is given up.
const ASK_FOR: Duration = Duration::from_secs(60);

async fn make(ctx: SagaContext<DiskCreate>) -> StepResult<()> {
    let params = ctx.params().clone();
    let mut patience = Patience::new();
    let mut last_answer = tokio::time::Instant::now();
    loop {
        let mut why = "no sled that has its pool is online".to_string();
        for to in reach(&ctx, params.pool).await? {
            let body = DiskEnsure {
                envelope: envelope(&ctx, &to),
                size_bytes: params.size_bytes,
                source: params.source.clone(),
            };
            match ctx.world().agents.disk_ensure(&to, params.pool, params.disk, &body).await {
                Ok(answer) => match answer.progress {
                    DiskProgress::Ready => return Ok(()),
                    DiskProgress::Creating { done_bytes, total_bytes } => {
                        last_answer = tokio::time::Instant::now();
                        show(&ctx, done_bytes, total_bytes).await?;
                        why = format!("sled {} doesn't go on", to.name);
                        break;
                    }
                    DiskProgress::Failed { message } => return Err(failed(&ctx, message).await),
                    DiskProgress::Deleted => {
                        return Err(failed(&ctx, "the disk was deleted meanwhile".to_string()).await);
                    }
                },
                Err(error @ AgentError::Denied { .. }) => {
                    return Err(failed(&ctx, format!("sled {}: {error}", to.name)).await);
                }
                Err(error) => why = format!("sled {}: {error}", to.name),
            }
        }
        if last_answer.elapsed() >= ASK_FOR {
            return Err(failed(&ctx, why).await);
        }
        tokio::time::sleep(patience.pause()).await;
    }
}

fn envelope(ctx: &SagaContext<DiskCreate>, to: &AgentAddress) -> DiskEnvelope {
    DiskEnvelope {
        cluster: ctx.world().cluster,
        ledger: to.ledger,
        request: RequestUuid::from_untyped_uuid(ctx.request_id()),
        cause: Some(ctx.params().cause.clone()),
    }
}

async fn reach(ctx: &SagaContext<DiskCreate>, pool: PoolUuid) -> StepResult<Vec<AgentAddress>> {
    let sleds = ctx.txn(async |conn: &mut AsyncPgConnection| Ok(disk_work::reach(conn, pool).await?)).await?;
    Ok(sleds.iter().map(AgentAddress::from).collect())
}

async fn show(ctx: &SagaContext<DiskCreate>, done: u64, total: u64) -> StepResult<()> {
    let operation = ctx.params().operation;
    ctx.txn(async |conn: &mut AsyncPgConnection| {
        berth_db::lifecycle::work::progress_bytes(conn, operation, "writing", done, total).await?;
        Ok(())
    })
    .await
}

/// Ends the operation with the reason now: the undo that follows can't see it.
async fn failed(ctx: &SagaContext<DiskCreate>, message: String) -> StepError {
    let operation = ctx.params().operation;
    let words = message.clone();
    let told = ctx
        .txn(async |conn: &mut AsyncPgConnection| {
            disk_work::note_failure(conn, operation, &words).await?;
            Ok(())
        })
        .await;
    told.err().unwrap_or_else(|| StepError::new(message))
}

async fn finish(ctx: SagaContext<DiskCreate>) -> StepResult<()> {
    let (disk, operation) = (ctx.params().disk, ctx.params().operation);
    ctx.txn(async |conn: &mut AsyncPgConnection| {
        disk_work::ready(conn, disk).await?;
        berth_db::lifecycle::work::succeed(conn, operation, "ready").await?;
        Ok(())
    })
    .await?;
    ctx.world().wake.changed();
    Ok(())
}

/// Whatever was made is gone for ever, by a sled's own word.
async fn clear(ctx: SagaContext<DiskCreate>) -> StepResult<()> {
    let params = ctx.params();
    erase(&ctx, params.pool, params.disk, params.operation).await
}

/// Deletes a disk's file through any sled that reaches the pool; asks until one has confirmed it.
pub(super) async fn erase<S>(
    ctx: &SagaContext<S>,
    pool: PoolUuid,
    disk: DiskUuid,
    operation: OperationUuid,
) -> StepResult<()>
where
    S: Saga<World = World>,
{
    let mut patience = Patience::new();
    let mut said = None;
    loop {
        let sleds =
            ctx.txn(async |conn: &mut AsyncPgConnection| Ok(disk_work::reach(conn, pool).await?)).await?;
        let mut what = "a sled that has the disk's pool to come online".to_string();
        for to in sleds.iter().map(AgentAddress::from) {
            let query = DiskDeleteQuery {
                cluster: ctx.world().cluster,
                ledger: to.ledger,
                request: RequestUuid::from_untyped_uuid(ctx.request_id()),
            };
            match ctx.world().agents.disk_delete(&to, pool, disk, &query).await {
                Ok(answer) if answer.progress == DiskProgress::Deleted => return Ok(()),
                Ok(_) => what = format!("sled {} to delete the disk's file", to.name),
                Err(error) => what = format!("sled {} to delete the disk's file ({error})", to.name),
            }
        }
        if said.as_ref() != Some(&what) {
            let words = what.clone();
            ctx.txn(async |conn: &mut AsyncPgConnection| {
                berth_db::lifecycle::work::wait(conn, operation, &words).await?;
                Ok(())
            })
            .await?;
            said = Some(what);
        }
        tokio::time::sleep(patience.pause()).await;
    }
}

async fn settle(ctx: SagaContext<DiskCreate>) -> StepResult<()> {
    let (disk, operation) = (ctx.params().disk, ctx.params().operation);
    ctx.txn(async |conn: &mut AsyncPgConnection| {
        disk_work::remove(conn, disk).await?;
        let why = disk_work::noted_failure(conn, operation).await?;
        let why = why.unwrap_or_else(|| "the disk couldn't be made".to_string());
        berth_db::lifecycle::work::fail(conn, operation, ErrorCode::StorageFailed, &why).await?;
        Ok(())
    })
    .await?;
    ctx.world().wake.changed();
    Ok(())
}

/// The id under which a disk's saga is known: one create for a disk, ever.
pub fn saga_id(disk: DiskUuid) -> Uuid {
    Uuid::new_v5(&disk.into_untyped_uuid(), b"disk_create")
}
