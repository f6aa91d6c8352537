//! The choice of the target, from the rows: asked when the request is accepted, and again when the room is taken.

use berth_common::ids::{DiskUuid, GenericUuid, InstanceUuid, PoolUuid, SledUuid};
use berth_db::lifecycle::disk_copy::{self, LocalDisk};
use berth_db::lifecycle::room::{self, Candidate, Need};
use berth_plan::migrate::{TargetRefusal, choose_target};
use berth_plan::placement::{Copied, DiskNeed, Placement, PlacementRequest, SledFacts};
use diesel::QueryResult;
use diesel_async::AsyncPgConnection;

use crate::sled_rows::{count, sled_facts};

/// A sled that takes the guest, and what it needs there.
pub(crate) struct Chosen {
    pub placement: Placement,
    pub sled: Candidate,
    pub facts: SledFacts,
    pub copies: Vec<Copied>,
}

/// Chooses among `candidates` for a guest that leaves `from`.
pub(crate) async fn choose(
    conn: &mut AsyncPgConnection,
    instance: InstanceUuid,
    need: &Need,
    (from, to): (SledUuid, Option<SledUuid>),
    candidates: Vec<Candidate>,
) -> QueryResult<Result<Chosen, TargetRefusal>> {
    let local = disk_copy::to_be_copied(conn, instance).await?;
    let facts = candidates.iter().map(sled_facts).collect::<QueryResult<Vec<_>>>()?;
    let here = facts.iter().find(|sled| sled.id == from);
    let request = request(need, &local, here)?;
    let placement = match choose_target(&request, from, to, &facts) {
        Ok(placement) => placement,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let chosen = |sled: &SledFacts| Some(sled.id) == placement.chosen;
    let found = facts.into_iter().zip(candidates).find(|(facts, _)| chosen(facts));
    let (facts, sled) = found.ok_or(diesel::result::Error::NotFound)?;
    Ok(Ok(Chosen { placement, sled, facts, copies: request.copies }))
}

fn request(need: &Need, local: &[LocalDisk], here: Option<&SledFacts>) -> QueryResult<PlacementRequest> {
    let comes_along = |disk: &room::NeedDisk| local.iter().any(|copied| copied.id == disk.id);
    let disks = need.disks.iter().filter(|disk| !comes_along(disk)).map(|disk| DiskNeed {
        disk: disk.name.clone(),
        pool: PoolUuid::from_untyped_uuid(disk.pool_id),
        pool_name: disk.pool_name.clone(),
    });
    let copies = local.iter().map(|disk| {
        let size_bytes = count(disk.size_bytes)?;
        Ok(Copied { disk: DiskUuid::from_untyped_uuid(disk.id), name: disk.name.clone(), size_bytes })
    });
    Ok(PlacementRequest {
        cpus: count(need.cpus)?,
        memory_mib: count(need.memory_mib)?,
        hypervisor: here.and_then(|here| here.hypervisor),
        cpu: here.and_then(|here| here.cpu.clone()),
        needs_bridge: need.has_nics,
        disks: disks.collect(),
        copies: copies.collect::<QueryResult<_>>()?,
        ..PlacementRequest::default()
    })
}
