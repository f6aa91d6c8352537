//! Which sled takes a VMM, and why each other one doesn't.
//!
//! Filter first: every sled is asked every question, so that the report names all reasons at once. Then score: the
//! largest free share of memory after the VMM is there, ties by id. The same facts in any order give the same answer.
//! Nothing is overcommitted: what is reserved and what is asked for never exceed what a sled offers.

use std::collections::{BTreeMap, BTreeSet};

use berth_common::ids::{PoolUuid, SledUuid};
use berth_common::sled::{Admission, Hypervisor, Liveness};

/// One sled as placement sees it. Ids are unique in a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SledFacts {
    /// Its id.
    pub id: SledUuid,
    /// Its name.
    pub name: String,
    /// What the operator allows.
    pub admission: Admission,
    /// What is known of the host.
    pub liveness: Liveness,
    /// What runs its guests; none until its agent registered.
    pub hypervisor: Option<Hypervisor>,
    /// Virtual CPUs that may be given to guests.
    pub cpus: u64,
    /// Memory in MiB that may be given to guests.
    pub memory_mib: u64,
    /// Sum of its reservations.
    pub reserved_cpus: u64,
    /// Sum of its reservations, in MiB.
    pub reserved_memory_mib: u64,
    /// Whether a bridge for guests' interfaces is configured.
    pub has_bridge: bool,
    /// The pools it has mounted.
    pub pools: BTreeSet<PoolUuid>,
    /// What its guests see; none until its agent registered.
    pub cpu: Option<Cpu>,
    /// Room in the local ones of its pools.
    pub local_pools: Vec<LocalPool>,
}

/// The machine that guests see: a running guest is only taken where it is the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cpu {
    /// CPU model.
    pub model: String,
    /// Machine type.
    pub machine_type: String,
}

/// What is to be placed.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct PlacementRequest {
    /// Virtual CPUs.
    pub cpus: u64,
    /// Memory in MiB.
    pub memory_mib: u64,
    /// The hypervisor it needs; none: any.
    pub hypervisor: Option<Hypervisor>,
    /// It has a network interface.
    pub needs_bridge: bool,
    /// It runs already, and must see the same machine.
    pub cpu: Option<Cpu>,
    /// Its disks that stay where they are.
    pub disks: Vec<DiskNeed>,
    /// Its disks that come along, each into a local pool.
    pub copies: Vec<Copied>,
    /// Sleds that are out of the question, each with its reason: a former try failed there.
    pub excluded: BTreeMap<SledUuid, String>,
}

/// A disk that must be reachable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiskNeed {
    /// The disk's name.
    pub disk: String,
    /// The pool it is in: a local pool is mounted on one sled, a shared one on several.
    pub pool: PoolUuid,
    /// The pool's name.
    pub pool_name: String,
}

mod copies;
mod report;
#[cfg(test)]
mod tests;

pub use copies::{Copied, LocalPool, put};
pub use report::{Placement, SledReport, Unfit, explain};

/// Chooses a sled. Total.
pub fn place(request: &PlacementRequest, sleds: &[SledFacts]) -> Placement {
    let mut reports: Vec<SledReport> = sleds.iter().map(|sled| judge(request, sled)).collect();
    reports.sort_by(|a, b| match (a.score, b.score) {
        (Some(x), Some(y)) => y.cmp(&x).then(a.sled.cmp(&b.sled)),
        (Some(_), None) => std::cmp::Ordering::Less,
        (None, Some(_)) => std::cmp::Ordering::Greater,
        (None, None) => a.name.cmp(&b.name).then(a.sled.cmp(&b.sled)),
    });
    let chosen = reports.first().filter(|report| report.score.is_some()).map(|report| report.sled);
    Placement { chosen, sleds: reports }
}

fn judge(request: &PlacementRequest, sled: &SledFacts) -> SledReport {
    let free_cpus = sled.cpus.saturating_sub(sled.reserved_cpus);
    let free_mib = sled.memory_mib.saturating_sub(sled.reserved_memory_mib);
    let mut unfit = unfit_host(request, sled);
    if request.cpus > free_cpus {
        unfit.push(Unfit::TooFewCpus { wanted: request.cpus, free: free_cpus });
    }
    if request.memory_mib > free_mib {
        unfit.push(Unfit::TooLittleMemory { wanted_mib: request.memory_mib, free_mib });
    }
    if request.needs_bridge && !sled.has_bridge {
        unfit.push(Unfit::NoBridge);
    }
    for need in request.disks.iter().filter(|need| !sled.pools.contains(&need.pool)) {
        unfit.push(Unfit::DiskUnreachable { disk: need.disk.clone(), pool: need.pool_name.clone() });
    }
    if let Err(copy) = put(&request.copies, &sled.local_pools) {
        unfit.push(Unfit::NoRoomForCopy { disk: copy.name.clone(), size_bytes: copy.size_bytes });
    }
    let score = unfit.is_empty().then(|| free_share(free_mib, request.memory_mib, sled.memory_mib));
    SledReport { sled: sled.id, name: sled.name.clone(), score, unfit }
}

fn unfit_host(request: &PlacementRequest, sled: &SledFacts) -> Vec<Unfit> {
    let mut unfit = Vec::new();
    match sled.admission {
        Admission::InService => {}
        admission @ (Admission::Cordoned
        | Admission::Evacuating
        | Admission::Evacuated
        | Admission::Restoring
        | Admission::Expunged) => unfit.push(Unfit::NotInService { admission }),
    }
    match sled.liveness {
        Liveness::Online => {}
        liveness @ (Liveness::Suspect | Liveness::Lost | Liveness::Fenced | Liveness::PlannedDown) => {
            unfit.push(Unfit::NotOnline { liveness });
        }
    }
    match (request.hypervisor, sled.hypervisor) {
        (_, None) => unfit.push(Unfit::NotRegistered),
        (Some(wanted), Some(found)) if wanted != found => {
            unfit.push(Unfit::OtherHypervisor { wanted, found })
        }
        (Some(_) | None, Some(_)) => {}
    }
    match (&request.cpu, &sled.cpu) {
        (Some(wanted), found) if Some(wanted) != found.as_ref() => {
            unfit.push(Unfit::OtherCpu { wanted: wanted.to_string(), found: of_cpu(found.as_ref()) });
        }
        (Some(_) | None, _) => {}
    }
    if let Some(reason) = request.excluded.get(&sled.id) {
        unfit.push(Unfit::TriedBefore { reason: reason.clone() });
    }
    unfit
}

fn of_cpu(cpu: Option<&Cpu>) -> String {
    cpu.map_or_else(|| "none that is known".to_string(), Cpu::to_string)
}

impl std::fmt::Display for Cpu {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} in a {} machine", self.model, self.machine_type)
    }
}

/// Millionths of `capacity` that stay free when `wanted` of `free` is taken.
fn free_share(free: u64, wanted: u64, capacity: u64) -> u32 {
    let left = u128::from(free.saturating_sub(wanted));
    let share = (left * 1_000_000).checked_div(u128::from(capacity)).unwrap_or(0);
    u32::try_from(share).unwrap_or(u32::MAX)
}
