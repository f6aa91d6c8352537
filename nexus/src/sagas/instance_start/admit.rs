//! The calls to the sled: register, run, and the end for certain that undoes both.

use std::time::Duration;

use berth_common::Generation;
use berth_common::ids::{GenericUuid, RequestUuid, VmmUuid};
use berth_db::lifecycle::delivery::{self, Due};
use berth_db::lifecycle::{link, machine, room};
use berth_saga_store::SagaContext;
use berth_sled_agent_api::envelope::Envelope;
use berth_sled_agent_api::vmm::{VmmDesired, VmmEndQuery, VmmEnsure, VmmStatePut};
use diesel_async::AsyncPgConnection;
use tokio::time::Instant;

use super::super::machine_spec::spec;
use super::super::patience::Patience;
use super::super::told;
use super::{InstanceStart, RESERVE, Reserved, tries};
use crate::agents::{AgentAddress, AgentError};
use crate::world::StepResult;

/// How long a sled that doesn't answer is asked again before another sled is tried.
const ASK_FOR: Duration = Duration::from_secs(10);

fn envelope(ctx: &SagaContext<InstanceStart>, reserved: &Reserved) -> Envelope {
    Envelope {
        cluster: ctx.world().cluster,
        ledger: reserved.to.ledger,
        request: RequestUuid::from_untyped_uuid(ctx.request_id()),
        instance: ctx.params().instance,
        epoch: Generation::from(reserved.epoch),
        cause: Some(ctx.params().cause.clone()),
    }
}

pub(super) async fn register(ctx: SagaContext<InstanceStart>) -> StepResult<()> {
    let params = ctx.params().clone();
    let (vmm, reserved) = (params.vmm()?, ctx.output(RESERVE)?);
    let machine = ctx
        .txn(async |conn: &mut AsyncPgConnection| {
            if !link::intent_stands(conn, params.instance, params.intent_gen).await? {
                return Ok(None);
            }
            Ok(machine::read(conn, params.instance).await?)
        })
        .await?;
    let Some(machine) = machine else { return Err(tries::superseded()) };
    let spec = match spec(ctx.params().instance, &machine) {
        Ok(spec) => spec,
        Err(error) => return Err(tries::failed(&ctx, None, "start_failed", error.to_string()).await),
    };
    let body = VmmEnsure { envelope: envelope(&ctx, &reserved), spec, incoming: None };
    insist(&ctx, &reserved.to, vmm, &Ask::Register(Box::new(body))).await
}

pub(super) async fn run(ctx: SagaContext<InstanceStart>) -> StepResult<()> {
    let params = ctx.params().clone();
    let (vmm, reserved) = (params.vmm()?, ctx.output(RESERVE)?);
    let stands = ctx
        .txn(async |conn: &mut AsyncPgConnection| {
            Ok(link::intent_stands(conn, params.instance, params.intent_gen).await?)
        })
        .await?;
    if !stands {
        return Err(tries::superseded());
    }
    let body = VmmStatePut { envelope: envelope(&ctx, &reserved), desired: VmmDesired::Running };
    insist(&ctx, &reserved.to, vmm, &Ask::Run(body)).await
}

/// What a sled is asked.
enum Ask {
    Register(Box<VmmEnsure>),
    Run(VmmStatePut),
}

/// Asks again, under the same request id, while there is no answer. A refusal, or too long a silence, fails the try.
async fn insist(
    ctx: &SagaContext<InstanceStart>,
    to: &AgentAddress,
    vmm: VmmUuid,
    ask: &Ask,
) -> StepResult<()> {
    let agents = &ctx.world().agents;
    let (began, mut patience) = (Instant::now(), Patience::new());
    loop {
        let answer = match ask {
            Ask::Register(body) => agents.vmm_ensure(to, vmm, body).await,
            Ask::Run(body) => agents.vmm_put_state(to, vmm, body).await,
        };
        let Err(error) = answer else { return Ok(()) };
        if matches!(error, AgentError::Unknown(_)) && began.elapsed() < ASK_FOR {
            tokio::time::sleep(patience.pause()).await;
            continue;
        }
        let why = format!("sled {}: {error}", to.name);
        return Err(tries::failed(ctx, Some(to.sled), error.code(), why).await);
    }
}

/// What is left to do about a VMM whose end is wanted.
enum Left {
    Nothing,
    /// Its sled is to be told.
    Tell(Due),
}

/// Ends the VMM for certain: returns only when its sled has confirmed the end (or it is recorded dead by proof).
pub(super) async fn end_for_certain(ctx: SagaContext<InstanceStart>) -> StepResult<()> {
    let vmm = ctx.params().vmm()?;
    let mut changes = ctx.world().wake.on_change();
    let mut patience = Patience::new();
    let mut silent_since = None::<Instant>;
    loop {
        let left = ctx.txn(async |conn: &mut AsyncPgConnection| left_to_do(conn, vmm).await).await?;
        let Left::Tell(due) = left else { return Ok(()) };
        let (to, query) = end_request(&ctx, &due);
        match ctx.world().agents.vmm_end(&to, vmm, &query).await {
            Ok(answer) => {
                let cause = ctx.params().cause.clone();
                ctx.txn(async |conn: &mut AsyncPgConnection| {
                    told::store(conn, to.sled, &answer.vmm, &cause).await
                })
                .await?;
                ctx.world().wake.changed();
                silent_since = None;
            }
            Err(error) => {
                let since = *silent_since.get_or_insert_with(Instant::now);
                if since.elapsed() >= Duration::from_secs(2) {
                    say_what_is_waited_for(&ctx, &to.name, &error).await?;
                }
            }
        }
        changes.wait(patience.pause()).await;
    }
}

async fn left_to_do(conn: &mut AsyncPgConnection, vmm: VmmUuid) -> StepResult<Left> {
    let ended = room::placed(conn, vmm).await?.is_none_or(|placed| placed.ended_by.is_some());
    if ended {
        return Ok(Left::Nothing);
    }
    delivery::want_end(conn, vmm).await?;
    Ok(delivery::one(conn, vmm).await?.map_or(Left::Nothing, Left::Tell))
}

fn end_request(ctx: &SagaContext<InstanceStart>, due: &Due) -> (AgentAddress, VmmEndQuery) {
    let to = AgentAddress::from(due);
    let query = VmmEndQuery {
        cluster: ctx.world().cluster,
        ledger: to.ledger,
        request: RequestUuid::from_untyped_uuid(ctx.request_id()),
        instance: ctx.params().instance,
        epoch: Generation::from(due.epoch),
        erase: None,
    };
    (to, query)
}

async fn say_what_is_waited_for(
    ctx: &SagaContext<InstanceStart>,
    sled: &str,
    error: &AgentError,
) -> StepResult<()> {
    let operation = ctx.params().operation;
    let what = format!("sled {sled} to confirm that the VMM of a failed try has ended ({error})");
    ctx.txn(async |conn: &mut AsyncPgConnection| {
        berth_db::lifecycle::work::wait(conn, operation, &what).await?;
        Ok(())
    })
    .await
}
