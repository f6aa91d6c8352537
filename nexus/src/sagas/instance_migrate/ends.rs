//! The calls to both ends: the target is made ready, then the source sends.

use std::time::Duration;

use berth_common::Generation;
use berth_common::ids::{DiskUuid, GenericUuid, PoolUuid, RequestUuid, VmmUuid};
use berth_common::refusal::ErrorCode;
use berth_db::lifecycle::disk_copy::{self, Copy};
use berth_db::lifecycle::migration::{self, Migration};
use berth_db::lifecycle::{link, machine};
use berth_saga_store::SagaContext;
use berth_sled_agent_api::envelope::Envelope;
use berth_sled_agent_api::migration::{Incoming, MigrationOrder, MigrationPut};
use berth_sled_agent_api::spec::VmmSpec;
use berth_sled_agent_api::vmm::{VmmAnswer, VmmEnsure};
use diesel_async::AsyncPgConnection;
use tokio::time::Instant;

use super::super::machine_spec::spec;
use super::super::patience::Patience;
use super::super::told;
use super::{AWAIT_ADDRESS, InstanceMigrate, MigrateParams, RESERVE, settle};
use crate::agents::{AgentAddress, AgentError};
use crate::world::StepResult;

/// How long a sled that doesn't answer is asked again before the migration is given up.
const ASK_FOR: Duration = Duration::from_secs(10);
/// From its registration until a target says where it waits for the stream.
const ADDRESS_WITHIN: Duration = Duration::from_secs(60);

fn envelope(ctx: &SagaContext<InstanceMigrate>, to: &AgentAddress, epoch: i64) -> Envelope {
    Envelope {
        cluster: ctx.world().cluster,
        ledger: to.ledger,
        request: RequestUuid::from_untyped_uuid(ctx.request_id()),
        instance: ctx.params().instance,
        epoch: Generation::from(epoch),
        cause: Some(ctx.params().cause.clone()),
    }
}

pub(super) async fn register(ctx: SagaContext<InstanceMigrate>) -> StepResult<()> {
    let (params, reserved) = (ctx.params().clone(), ctx.output(RESERVE)?);
    let found = ctx
        .txn(async |conn: &mut AsyncPgConnection| {
            let stands = link::intent_stands(conn, params.instance, params.intent_gen).await?;
            let found = migration::by_id(conn, params.migration).await?;
            let machine = machine::read(conn, params.instance).await?;
            let copies = disk_copy::of_migration(conn, params.migration).await?;
            Ok(found.zip(machine).filter(|(found, _)| stands && goes_on(found)).map(|both| (both, copies)))
        })
        .await?;
    let Some(((found, machine), copies)) = found else { return Err(settle::superseded()) };
    let spec = match spec(params.instance, &machine) {
        Ok(spec) => with_copies(spec, &copies),
        Err(error) => return Err(settle::failed(&ctx, ErrorCode::MigrationFailed, error.to_string()).await),
    };
    let incoming = Incoming {
        migration: params.migration,
        source_sled: reserved.from.sled,
        source_vmm: params.source,
        copied_disks: disks(&copies),
        deadline_ms: left_ms(&found),
    };
    let body =
        VmmEnsure { envelope: envelope(&ctx, &reserved.to, reserved.epoch), spec, incoming: Some(incoming) };
    insist(&ctx, &reserved.to, params.target, &Ask::Register(Box::new(body))).await
}

/// Undecided, and nobody wants it given up.
fn goes_on(found: &Migration) -> bool {
    found.cancel_why.is_none() && matches!(found.outcome(), Ok(None))
}

fn left_ms(found: &Migration) -> u64 {
    u64::try_from(found.left_ms).unwrap_or(0)
}

fn disks(copies: &[Copy]) -> Vec<DiskUuid> {
    copies.iter().map(|copy| DiskUuid::from_untyped_uuid(copy.disk_id)).collect()
}

/// The target's disks that were copied are other files, in other pools.
fn with_copies(mut spec: VmmSpec, copies: &[Copy]) -> VmmSpec {
    for disk in &mut spec.disks {
        let copy = copies.iter().find(|copy| copy.disk_id == disk.disk.into_untyped_uuid());
        if let Some(copy) = copy {
            disk.pool = PoolUuid::from_untyped_uuid(copy.pool_id);
            disk.file = Some(DiskUuid::from_untyped_uuid(copy.file_id));
        }
    }
    spec
}

/// Waits until the target's sled has said where it waits for the stream.
pub(super) async fn await_address(ctx: SagaContext<InstanceMigrate>) -> StepResult<String> {
    let (id, to) = (ctx.params().migration, ctx.output(RESERVE)?.to);
    let mut changes = ctx.world().wake.on_change();
    let (began, mut patience) = (Instant::now(), Patience::new());
    loop {
        let found =
            ctx.txn(async |conn: &mut AsyncPgConnection| Ok(migration::by_id(conn, id).await?)).await?;
        let Some(found) = found.filter(goes_on) else { return Err(settle::superseded()) };
        if let Some(address) = found.address {
            return Ok(address);
        }
        if found.target()?.is_terminal() {
            let why = found.target_detail.unwrap_or_else(|| "it gave no reason".to_string());
            let why = format!("sled {} couldn't make the target ready: {why}", to.name);
            return Err(settle::failed(&ctx, ErrorCode::MigrationFailed, why).await);
        }
        if began.elapsed() >= ADDRESS_WITHIN {
            let why = format!("sled {} didn't make the target ready within {ADDRESS_WITHIN:?}", to.name);
            return Err(settle::failed(&ctx, ErrorCode::MigrationFailed, why).await);
        }
        changes.wait(patience.pause()).await;
    }
}

pub(super) async fn send(ctx: SagaContext<InstanceMigrate>) -> StepResult<()> {
    let (params, reserved) = (ctx.params().clone(), ctx.output(RESERVE)?);
    let begun = ctx.txn(async |conn: &mut AsyncPgConnection| begin_to_send(conn, &params).await).await?;
    let Some((found, copies)) = begun else { return Err(settle::superseded()) };
    let body = MigrationPut {
        envelope: envelope(&ctx, &reserved.from, reserved.from_epoch),
        migration: params.migration,
        order: MigrationOrder::Send {
            target_sled: reserved.to.sled,
            target_vmm: params.target,
            address: ctx.output(AWAIT_ADDRESS)?,
            copied_disks: disks(&copies),
            deadline_ms: left_ms(&found),
            downtime_limit_ms: u64::try_from(found.downtime_limit_ms).unwrap_or(1),
        },
    };
    insist(&ctx, &reserved.from, params.source, &Ask::Send(Box::new(body))).await
}

/// From this commit on the source may be sending, whatever becomes of the call.
async fn begin_to_send(
    conn: &mut AsyncPgConnection,
    params: &MigrateParams,
) -> StepResult<Option<(Migration, Vec<Copy>)>> {
    let wanted = migration::begin_to_send(conn, params.instance, params.migration, params.intent_gen).await?;
    if !wanted {
        return Ok(None);
    }
    let copies = disk_copy::of_migration(conn, params.migration).await?;
    Ok(migration::by_id(conn, params.migration).await?.map(|found| (found, copies)))
}

/// What a sled is asked.
enum Ask {
    Register(Box<VmmEnsure>),
    Send(Box<MigrationPut>),
}

impl Ask {
    async fn of(&self, ctx: &SagaContext<InstanceMigrate>, to: &AgentAddress, vmm: VmmUuid) -> Answer {
        match self {
            Ask::Register(body) => ctx.world().agents.vmm_ensure(to, vmm, body).await,
            Ask::Send(body) => ctx.world().agents.vmm_put_migration(to, vmm, body).await,
        }
    }
}

type Answer = Result<VmmAnswer, AgentError>;

/// Asks again, under the same request id, while there is no answer. A refusal, or too long a silence, fails the step.
async fn insist(
    ctx: &SagaContext<InstanceMigrate>,
    to: &AgentAddress,
    vmm: VmmUuid,
    ask: &Ask,
) -> StepResult<()> {
    let (began, mut patience) = (Instant::now(), Patience::new());
    loop {
        let error = match ask.of(ctx, to, vmm).await {
            Ok(answer) => return heard(ctx, to, &answer).await,
            Err(error) => error,
        };
        if matches!(error, AgentError::Unknown(_)) && began.elapsed() < ASK_FOR {
            tokio::time::sleep(patience.pause()).await;
            continue;
        }
        let why = format!("sled {}: {error}", to.name);
        return Err(settle::failed(ctx, ErrorCode::MigrationFailed, why).await);
    }
}

/// The answer is the sled's word, sooner than its report.
async fn heard(ctx: &SagaContext<InstanceMigrate>, to: &AgentAddress, answer: &VmmAnswer) -> StepResult<()> {
    let (sled, cause) = (to.sled, ctx.params().cause.clone());
    ctx.txn(async |conn: &mut AsyncPgConnection| told::store(conn, sled, &answer.vmm, &cause).await).await?;
    ctx.world().wake.changed();
    Ok(())
}
