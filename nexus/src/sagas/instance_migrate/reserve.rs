//! Room at the target, for the VMM and for the disks that come along, in one transaction.

use std::time::Duration;

use berth_common::ids::{DiskUuid, GenericUuid};
use berth_db::lifecycle::disk_copy::{self, NewCopy};
use berth_db::lifecycle::migration;
use berth_db::lifecycle::room::{self, Place, Role};
use berth_db::lifecycle::{disk_room, told, work};
use berth_plan::migrate::TargetRefusal;
use berth_plan::placement::{explain, put};
use berth_saga_store::{SagaContext, StepError};
use diesel_async::AsyncPgConnection;
use tokio::time::Instant;
use uuid::Uuid;

use super::target::{Chosen, choose};
use super::{InstanceMigrate, MigrateParams, Reserved, settle};
use crate::agents::AgentAddress;
use crate::sled_rows::address_of;
use crate::world::StepResult;

enum Answer {
    Reserved(Box<Reserved>),
    Superseded,
    Refused(TargetRefusal),
}

/// How long a sled that fits, but hasn't reported lately, is waited for; as a start does.
const REPORTS_WITHIN: Duration = Duration::from_secs(15);
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(500);

pub(super) async fn reserve(ctx: SagaContext<InstanceMigrate>) -> StepResult<Reserved> {
    let params = ctx.params().clone();
    let began = Instant::now();
    loop {
        let answer = ctx.txn(async |conn: &mut AsyncPgConnection| reserve_in(conn, &params).await).await?;
        match answer {
            Answer::Reserved(reserved) => return Ok(*reserved),
            Answer::Superseded => return Err(settle::superseded()),
            Answer::Refused(refusal) if refusal.only_silent && began.elapsed() < REPORTS_WITHIN => {
                tokio::time::sleep(LOOK_AGAIN_AFTER).await;
            }
            Answer::Refused(refusal) => return Err(settle::failed(&ctx, refusal.code, refusal.message).await),
        }
    }
}

async fn reserve_in(conn: &mut AsyncPgConnection, params: &MigrateParams) -> StepResult<Answer> {
    let Some(source) = room::placed(conn, params.source).await? else { return Ok(Answer::Superseded) };
    let (from_epoch, from) = (source.epoch, address_of(source)?);
    if let Some(placed) = room::placed(conn, params.target).await? {
        let epoch = placed.epoch;
        let reserved = Reserved { to: address_of(placed)?, epoch, from, from_epoch };
        return Ok(Answer::Reserved(Box::new(reserved)));
    }
    let Some(need) = room::need(conn, params.instance, params.intent_gen).await? else {
        return Ok(Answer::Superseded);
    };
    // Pools before sleds, as everybody locks them.
    disk_room::lock_pools(conn).await?;
    let candidates = room::lock_candidates(conn).await?;
    let way = (from.sled, params.to);
    let chosen = match choose(conn, params.instance, &need, way, candidates).await? {
        Ok(chosen) => chosen,
        Err(refusal) => return Ok(Answer::Refused(refusal)),
    };
    let to = AgentAddress::from(&chosen.sled);
    let epoch = need.epoch + 1;
    let place = Place {
        vmm: params.target,
        instance: params.instance,
        sled: to.sled,
        ledger: to.ledger,
        epoch,
        cpus: need.cpus,
        memory_mib: need.memory_mib,
        role: Role::Target,
    };
    room::take(conn, &place).await?;
    take_copies(conn, params, &chosen).await?;
    let phase = format!("preparing sled {}", to.name);
    work::progress(conn, params.operation, &phase).await?;
    tell(conn, params, &chosen).await?;
    Ok(Answer::Reserved(Box::new(Reserved { to, epoch, from, from_epoch })))
}

/// A file under a new id for each disk that comes along.
async fn take_copies(
    conn: &mut AsyncPgConnection,
    params: &MigrateParams,
    chosen: &Chosen,
) -> StepResult<()> {
    let placed = put(&chosen.copies, &chosen.facts.local_pools)
        .map_err(|copy| StepError::new(format!("no room for disk {}", copy.name)))?;
    for (copy, (disk, pool)) in chosen.copies.iter().zip(placed) {
        let of = params.migration.into_untyped_uuid();
        let file = Uuid::new_v5(&of, disk.into_untyped_uuid().as_bytes());
        let new = NewCopy {
            file: DiskUuid::from_untyped_uuid(file),
            disk,
            pool,
            size_bytes: i64::try_from(copy.size_bytes)?,
            migration: params.migration,
            vmm: params.target,
        };
        disk_copy::insert(conn, &new).await?;
    }
    Ok(())
}

/// What `explain` shows later: which sled was chosen, and why not the others.
async fn tell(conn: &mut AsyncPgConnection, params: &MigrateParams, chosen: &Chosen) -> StepResult<()> {
    let event = told::NewEvent {
        kind: "instance_placed".to_string(),
        subject_kind: "instance",
        subject_id: params.instance.into_untyped_uuid(),
        subject_name: String::new(),
        project_id: None,
        sled_id: Some(chosen.sled.id),
        actor: "berth".to_string(),
        cause: params.cause.clone(),
        message: explain(&chosen.placement).join("\n"),
        data: serde_json::to_value(&chosen.placement)?,
    };
    told::insert_about_instance(conn, params.instance, event).await?;
    Ok(())
}

/// Gives back what no sled has heard of. A target that was linked is ended by whoever unlinks it, and its room is freed
/// like that of every VMM that ended.
pub(super) async fn release(ctx: SagaContext<InstanceMigrate>) -> StepResult<()> {
    let params = ctx.params().clone();
    ctx.txn(async |conn: &mut AsyncPgConnection| {
        if migration::by_id(conn, params.migration).await?.is_none() {
            room::release(conn, params.target).await?;
            disk_copy::forget(conn, params.migration).await?;
        }
        Ok(())
    })
    .await?;
    ctx.world().wake.changed();
    Ok(())
}
