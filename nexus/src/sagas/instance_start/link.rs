//! The link between the instance's record and the VMM: from here on it is what runs.

use berth_db::lifecycle::link::{self, Linked};
use berth_saga_store::SagaContext;
use diesel_async::AsyncPgConnection;

use super::{InstanceStart, RESERVE, tries};
use crate::world::StepResult;

pub(super) async fn link(ctx: SagaContext<InstanceStart>) -> StepResult<()> {
    let params = ctx.params().clone();
    let vmm = params.vmm()?;
    let reserved = ctx.output(RESERVE)?;
    let epoch = reserved.epoch;
    let (linked, stands) = ctx
        .txn(async |conn: &mut AsyncPgConnection| {
            let linked = link::link(conn, params.instance, vmm, epoch, params.intent_gen).await?;
            let stands = link::intent_stands(conn, params.instance, params.intent_gen).await?;
            Ok((linked, stands))
        })
        .await?;
    match linked {
        Linked::Yes => {
            ctx.world().wake.changed();
            Ok(())
        }
        Linked::No if stands => {
            let why = "the instance's record changed under the start".to_string();
            Err(tries::failed(&ctx, Some(reserved.to.sled), "start_failed", why).await)
        }
        Linked::No => Err(tries::superseded()),
    }
}

pub(super) async fn unlink(ctx: SagaContext<InstanceStart>) -> StepResult<()> {
    let (instance, vmm) = (ctx.params().instance, ctx.params().vmm()?);
    ctx.txn(async |conn: &mut AsyncPgConnection| Ok(link::unlink(conn, instance, vmm).await?)).await
}
