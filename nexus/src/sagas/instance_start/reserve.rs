//! Room on a sled: placement and reservation in one transaction.

use std::collections::BTreeMap;
use std::time::Duration;

use berth_common::ids::{GenericUuid, PoolUuid, SledUuid};
use berth_db::lifecycle::room::{self, Candidate, Need, Place, Role, Tried};
use berth_plan::placement::{DiskNeed, Placement, PlacementRequest, Unfit, explain, place};
use berth_saga_store::SagaContext;
use diesel_async::AsyncPgConnection;
use tokio::time::Instant;

use super::{InstanceStart, Reserved, StartParams, tries};
use crate::agents::AgentAddress;
use crate::sled_rows::{address_of, count, sled_facts};
use crate::world::StepResult;

enum Answer {
    Reserved(Reserved),
    Superseded,
    NoRoom { why: String, only_silent: bool, untried: bool },
}

/// How long a sled that fits, but hasn't reported lately, is waited for: after an outage of the database every sled looks
/// silent, because nobody could store what it said.
const REPORTS_WITHIN: Duration = Duration::from_secs(15);
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(500);
/// A sled that comes back rings no bell.
const ROOM_LOOKED_FOR_EVERY: Duration = Duration::from_secs(5);

pub(super) async fn reserve(ctx: SagaContext<InstanceStart>) -> StepResult<Reserved> {
    let params = ctx.params().clone();
    let mut changes = ctx.world().wake.on_change();
    let began = Instant::now();
    loop {
        let answer = ctx.txn(async |conn: &mut AsyncPgConnection| reserve_in(conn, &params).await).await?;
        match answer {
            Answer::Reserved(reserved) => return Ok(reserved),
            Answer::Superseded => return Err(tries::superseded()),
            Answer::NoRoom { only_silent: true, .. } if began.elapsed() < REPORTS_WITHIN => {
                tokio::time::sleep(LOOK_AGAIN_AFTER).await;
            }
            // Nobody is there to be told no: it waits, by name, until there is room or its user wants otherwise.
            Answer::NoRoom { untried: true, why, .. } if params.due => {
                let what = format!("room on a sled (a stop takes the start back): {why}");
                ctx.txn(async |conn: &mut AsyncPgConnection| {
                    Ok(berth_db::lifecycle::work::wait(conn, params.operation, &what).await?)
                })
                .await?;
                tokio::time::sleep(LOOK_AGAIN_AFTER).await;
                changes.wait(ROOM_LOOKED_FOR_EVERY).await;
            }
            Answer::NoRoom { why, .. } => return Err(tries::failed(&ctx, None, "no_capacity", why).await),
        }
    }
}

/// A sled would take it, were it known to be up.
fn only_silent(placement: &Placement) -> bool {
    let silent = |reason: &Unfit| matches!(reason, Unfit::NotOnline { .. });
    placement.sleds.iter().any(|sled| !sled.unfit.is_empty() && sled.unfit.iter().all(silent))
}

async fn reserve_in(conn: &mut AsyncPgConnection, params: &StartParams) -> StepResult<Answer> {
    let vmm = params.vmm()?;
    if let Some(placed) = room::placed(conn, vmm).await? {
        return Ok(Answer::Reserved(Reserved { epoch: placed.epoch, to: address_of(placed)? }));
    }
    let Some(need) = room::need(conn, params.instance, params.intent_gen).await? else {
        return Ok(Answer::Superseded);
    };
    let tried = room::tried(conn, params.operation).await?;
    let candidates = room::lock_candidates(conn).await?;
    let placement = choose(&need, &tried, &candidates)?;
    let chosen = placement.chosen.and_then(|id| candidates.iter().find(|c| c.id == id.into_untyped_uuid()));
    let Some(chosen) = chosen else {
        let only_silent = only_silent(&placement);
        let why = explain(&placement).join("\n");
        return Ok(Answer::NoRoom { why, only_silent, untried: tried.is_empty() });
    };
    let reserved = Reserved { to: AgentAddress::from(chosen), epoch: need.epoch + 1 };
    let taken = Place {
        vmm,
        instance: params.instance,
        sled: reserved.to.sled,
        ledger: reserved.to.ledger,
        epoch: reserved.epoch,
        cpus: need.cpus,
        memory_mib: need.memory_mib,
        role: Role::Active,
    };
    room::take(conn, &taken).await?;
    let phase = format!("starting on sled {}", chosen.name);
    berth_db::lifecycle::work::progress(conn, params.operation, &phase).await?;
    placed_event(conn, params, chosen, &placement).await?;
    Ok(Answer::Reserved(reserved))
}

/// What `explain` shows later: which sled was chosen, and why not the others.
async fn placed_event(
    conn: &mut AsyncPgConnection,
    params: &StartParams,
    chosen: &Candidate,
    placement: &Placement,
) -> StepResult<()> {
    let data = serde_json::to_value(placement)?;
    let told = berth_db::lifecycle::told::NewEvent {
        kind: "instance_placed".to_string(),
        subject_kind: "instance",
        subject_id: params.instance.into_untyped_uuid(),
        subject_name: String::new(),
        project_id: None,
        sled_id: Some(chosen.id),
        actor: "berth".to_string(),
        cause: params.cause.clone(),
        message: explain(placement).join("\n"),
        data,
    };
    berth_db::lifecycle::told::insert_about_instance(conn, params.instance, told).await?;
    Ok(())
}

fn choose(need: &Need, tried: &[Tried], candidates: &[Candidate]) -> StepResult<Placement> {
    let excluded: BTreeMap<SledUuid, String> = tried
        .iter()
        .filter_map(|tried| Some((SledUuid::from_untyped_uuid(tried.sled_id?), tried.message.clone())))
        .collect();
    let request = PlacementRequest {
        cpus: count(need.cpus)?,
        memory_mib: count(need.memory_mib)?,
        hypervisor: None,
        needs_bridge: need.has_nics,
        disks: need
            .disks
            .iter()
            .map(|disk| DiskNeed {
                disk: disk.name.clone(),
                pool: PoolUuid::from_untyped_uuid(disk.pool_id),
                pool_name: disk.pool_name.clone(),
            })
            .collect(),
        excluded,
        ..PlacementRequest::default()
    };
    let sleds = candidates.iter().map(sled_facts).collect::<diesel::QueryResult<Vec<_>>>()?;
    Ok(place(&request, &sleds))
}

/// Gives the room back. Reached only when no sled has heard of the VMM, or the one that had has confirmed its end.
pub(super) async fn release(ctx: SagaContext<InstanceStart>) -> StepResult<()> {
    let vmm = ctx.params().vmm()?;
    ctx.txn(async |conn: &mut AsyncPgConnection| Ok(room::release(conn, vmm).await?)).await
}
