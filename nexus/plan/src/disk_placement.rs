//! Which pool takes a new disk, and which sled makes it there.
//!
//! A disk fits if the sum of all disks' sizes stays within the pool's capacity: nothing is overcommitted, however little
//! of it is written. Among the pools that fit, the largest free share afterwards wins, ties by id.

use berth_common::ids::{PoolUuid, SledUuid};
use berth_common::refusal::ErrorCode;
use berth_common::sled::{Admission, Liveness};
use berth_common::storage::PoolKind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolFacts {
    /// Its id.
    pub id: PoolUuid,
    /// Its name.
    pub name: String,
    /// Where its bytes are.
    pub kind: PoolKind,
    /// Bytes that disks may take in all.
    pub capacity_bytes: u64,
    /// Sum of the sizes of its disks.
    pub provisioned_bytes: u64,
    /// The sleds that have it mounted: one of a local pool.
    pub sleds: Vec<PoolSled>,
}

/// A sled that has a pool mounted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolSled {
    /// Its id.
    pub id: SledUuid,
    /// What the operator allows.
    pub admission: Admission,
    /// What is known of the host.
    pub liveness: Liveness,
}

/// What is to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiskRequest {
    /// Size in bytes.
    pub size_bytes: u64,
    /// The pool the user named.
    pub pool: Option<PoolUuid>,
    /// The kind of pool the user asked for.
    pub kind: Option<PoolKind>,
    /// The sled that must reach it, because other disks of the same instance are there.
    pub reachable_from: Option<SledUuid>,
}

/// Where the disk is to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DiskPlacement {
    /// The pool.
    pub pool: PoolUuid,
    /// The sled that makes it.
    pub sled: SledUuid,
}

/// No pool takes the disk.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct DiskRefusal {
    /// `pool_not_found`, `disk_too_large` (no pool of this kind could ever take it), or `no_capacity` (not now).
    pub code: ErrorCode,
    /// The reason, and what would help.
    pub message: String,
}

/// Chooses a pool. Total; the order of `pools` doesn't matter.
pub fn place_disk(request: &DiskRequest, pools: &[PoolFacts]) -> Result<DiskPlacement, DiskRefusal> {
    let mut candidates: Vec<&PoolFacts> = pools.iter().filter(|pool| is_asked_for(request, pool)).collect();
    candidates.sort_by_key(|pool| pool.id);
    let Some(largest) = candidates.iter().map(|pool| pool.capacity_bytes).max() else {
        return Err(none_asked_for(request));
    };
    if request.size_bytes > largest {
        return Err(DiskRefusal {
            code: ErrorCode::DiskTooLarge,
            message: format!(
                "a disk of {} bytes is larger than any pool it may be in (the largest has {largest} bytes); \
                 ask for a smaller one",
                request.size_bytes
            ),
        });
    }
    let mut best: Option<(u128, DiskPlacement)> = None;
    for pool in &candidates {
        let Ok((score, placement)) = judge(request, pool) else { continue };
        // Only a better score takes over: the lowest id keeps a tie.
        if best.is_none_or(|(best_score, _)| score > best_score) {
            best = Some((score, placement));
        }
    }
    best.map(|(_, placement)| placement).ok_or_else(|| no_room(request, &candidates))
}

fn is_asked_for(request: &DiskRequest, pool: &PoolFacts) -> bool {
    request.pool.is_none_or(|id| id == pool.id)
        && request.kind.is_none_or(|kind| kind == pool.kind)
        && request.reachable_from.is_none_or(|sled| pool.sleds.iter().any(|other| other.id == sled))
}

/// The pool's free share with the disk in it, in units of 2^-64 of its capacity, or why it doesn't take the disk.
fn judge(request: &DiskRequest, pool: &PoolFacts) -> Result<(u128, DiskPlacement), String> {
    let free = pool.capacity_bytes.saturating_sub(pool.provisioned_bytes);
    let Some(left) = free.checked_sub(request.size_bytes) else {
        return Err(format!("pool {} has {free} bytes free", pool.name));
    };
    let Some(sled) = pool.sleds.iter().filter(|sled| serves(sled)).map(|sled| sled.id).min() else {
        return Err(format!("no sled that has pool {} mounted is online and in service", pool.name));
    };
    let score = (u128::from(left) << 64).checked_div(u128::from(pool.capacity_bytes)).unwrap_or(0);
    Ok((score, DiskPlacement { pool: pool.id, sled }))
}

fn serves(sled: &PoolSled) -> bool {
    sled.admission == Admission::InService && sled.liveness == Liveness::Online
}

fn none_asked_for(request: &DiskRequest) -> DiskRefusal {
    let kind = request.kind.map_or(String::new(), |kind| format!(" {kind}"));
    let place = match request.reachable_from {
        Some(sled) => format!(" mounted on sled {sled}, where its instance's other disks are"),
        None => String::new(),
    };
    DiskRefusal {
        code: ErrorCode::PoolNotFound,
        message: format!("there is no{kind} pool{place}; list the pools of the sleds and name one of them"),
    }
}

fn no_room(request: &DiskRequest, candidates: &[&PoolFacts]) -> DiskRefusal {
    let reasons: Vec<String> = candidates.iter().filter_map(|pool| judge(request, pool).err()).collect();
    DiskRefusal {
        code: ErrorCode::NoCapacity,
        message: format!(
            "no pool takes {} bytes now: {}; delete disks, or ask for a smaller one",
            request.size_bytes,
            reasons.join("; ")
        ),
    }
}

#[cfg(test)]
mod tests;
