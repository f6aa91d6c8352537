//! A start is done when the guest runs.

use std::time::Duration;

use berth_common::vmm::VmmState;
use berth_db::lifecycle::{link, room};
use berth_saga_store::SagaContext;
use diesel_async::AsyncPgConnection;
use tokio::time::Instant;

use super::super::patience::Patience;
use super::{InstanceStart, RESERVE, StartParams, tries};
use crate::world::StepResult;

/// How long a VMM may take from being asked to run until its guest's CPUs run.
const RUNNING_WITHIN: Duration = Duration::from_secs(60);

enum Seen {
    /// It runs, or ran; or the user wants something else by now.
    Done,
    Ended(String),
    NotYet,
}

pub(super) async fn finish(ctx: SagaContext<InstanceStart>) -> StepResult<()> {
    let params = ctx.params().clone();
    let sled = ctx.output(RESERVE)?.to;
    let mut changes = ctx.world().wake.on_change();
    let (began, mut patience) = (Instant::now(), Patience::new());
    loop {
        let seen = ctx.txn(async |conn: &mut AsyncPgConnection| look(conn, &params).await).await?;
        match seen {
            Seen::Done => break,
            Seen::Ended(why) => {
                let why = format!("sled {}: {why}", sled.name);
                return Err(tries::failed(&ctx, Some(sled.sled), "start_failed", why).await);
            }
            Seen::NotYet if began.elapsed() >= RUNNING_WITHIN => {
                let why = format!("sled {}: the guest didn't run within {RUNNING_WITHIN:?}", sled.name);
                return Err(tries::failed(&ctx, Some(sled.sled), "start_failed", why).await);
            }
            Seen::NotYet => changes.wait(patience.pause().max(Duration::from_millis(100))).await,
        }
    }
    ctx.world().wake.changed();
    Ok(())
}

async fn look(conn: &mut AsyncPgConnection, params: &StartParams) -> StepResult<Seen> {
    let vmm = params.vmm()?;
    let Some(placed) = room::placed(conn, vmm).await? else {
        return Ok(Seen::Done);
    };
    let state: VmmState = placed.state.parse()?;
    match state {
        VmmState::Running | VmmState::Rebooting | VmmState::Migrating => {}
        VmmState::Destroyed | VmmState::Failed | VmmState::Unwound if !placed.ran => {
            if !link::intent_stands(conn, params.instance, params.intent_gen).await? {
                return Ok(Seen::Done);
            }
            let ended_by = placed.ended_by.unwrap_or_default();
            let detail = placed.detail.map(|detail| format!(": {detail}")).unwrap_or_default();
            return Ok(Seen::Ended(format!("it ended before its guest ran ({ended_by}){detail}")));
        }
        // It ran, however short.
        VmmState::Destroyed | VmmState::Failed | VmmState::Unwound => {}
        VmmState::Creating | VmmState::Starting | VmmState::Stopping => {
            let stands = link::intent_stands(conn, params.instance, params.intent_gen).await?;
            return Ok(if stands { Seen::NotYet } else { Seen::Done });
        }
    }
    berth_db::lifecycle::work::succeed(conn, params.operation, "running").await?;
    Ok(Seen::Done)
}
