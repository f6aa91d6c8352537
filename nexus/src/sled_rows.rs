//! What sleds say and where they are, between the wire and the rows: the one conversion each way.
//!
//! Not in `agents`, which knows no record, nor in `db`, which knows no wire.

use berth_common::ids::{GenericUuid, LedgerUuid, PoolUuid, SledUuid};
use berth_db::lifecycle::delivery::Due;
use berth_db::lifecycle::disk_work::Reach;
use berth_db::lifecycle::report::{ReportedMigration, ReportedProgress, ReportedReboot, ReportedVmm};
use berth_db::lifecycle::room::{Candidate, Placed};
use berth_db::lifecycle::text::sled_liveness;
use berth_db::models::Sled;
use berth_plan::placement::{Cpu, LocalPool, SledFacts};
use berth_saga_store::StepError;
use berth_sled_agent_api::migration::MigrationReport;
use berth_sled_agent_api::report::VmmReport;
use diesel::QueryResult;

use crate::agents::AgentAddress;

/// The row's shape of a VMM's report.
pub(crate) fn reported(vmm: &VmmReport) -> ReportedVmm {
    ReportedVmm {
        vmm: vmm.vmm,
        generation: vmm.generation.as_i64(),
        state: vmm.state,
        ended_by: vmm.ended_by,
        detail: vmm.detail.clone(),
        unresponsive: vmm.unresponsive,
        stuck: vmm.stuck,
        reboot: vmm.reboot.map(|reboot| ReportedReboot {
            reboot_gen: reboot.reboot_gen.as_i64(),
            kind: reboot.kind,
            phase: reboot.phase,
        }),
        migration: vmm.migration.as_ref().map(reported_migration),
    }
}

fn reported_migration(said: &MigrationReport) -> ReportedMigration {
    let number = |amount: u64| i64::try_from(amount).unwrap_or(i64::MAX);
    ReportedMigration {
        migration: said.migration,
        role: said.role,
        half: said.half,
        phase: said.phase,
        address: said.address.clone(),
        detail: said.detail.clone(),
        progress: said.progress.map(|progress| ReportedProgress {
            sent_bytes: number(progress.sent_bytes),
            remaining_bytes: number(progress.remaining_bytes),
            total_bytes: number(progress.total_bytes),
            dirty_bytes_per_s: number(progress.dirty_bytes_per_s),
            throttle_percent: i64::from(progress.throttle_percent.min(100)),
            elapsed_ms: number(progress.elapsed_ms),
            downtime_ms: progress.downtime_ms.map(number),
        }),
    }
}

/// The sled as it is now: its present ledger, which need not be the one that the VMM was made for.
impl From<&Due> for AgentAddress {
    fn from(due: &Due) -> Self {
        Self {
            sled: SledUuid::from_untyped_uuid(due.sled),
            name: due.sled_name.clone(),
            url: due.url.clone(),
            ledger: LedgerUuid::from_untyped_uuid(due.sled_ledger),
        }
    }
}

impl From<&Reach> for AgentAddress {
    fn from(reach: &Reach) -> Self {
        Self {
            sled: SledUuid::from_untyped_uuid(reach.sled),
            name: reach.sled_name.clone(),
            url: reach.url.clone(),
            ledger: LedgerUuid::from_untyped_uuid(reach.ledger),
        }
    }
}

impl From<&Candidate> for AgentAddress {
    fn from(candidate: &Candidate) -> Self {
        Self {
            sled: SledUuid::from_untyped_uuid(candidate.id),
            name: candidate.name.clone(),
            url: candidate.url.clone(),
            ledger: LedgerUuid::from_untyped_uuid(candidate.ledger),
        }
    }
}

/// Where a sled is; none, if its agent has never registered.
pub(crate) fn registered_address(sled: &Sled) -> Option<AgentAddress> {
    let (url, ledger) = (sled.address.clone()?, sled.ledger_id?);
    Some(AgentAddress { sled: sled.id, name: sled.name.to_string(), url, ledger })
}

/// Where a VMM was placed: the ledger is the one that it was made for.
pub(crate) fn address_of(placed: Placed) -> Result<AgentAddress, StepError> {
    let url = placed.url.ok_or_else(|| StepError::new("the VMM's sled has no address"))?;
    Ok(AgentAddress {
        sled: SledUuid::from_untyped_uuid(placed.sled),
        name: placed.sled_name,
        url,
        ledger: LedgerUuid::from_untyped_uuid(placed.ledger),
    })
}

/// A sled's row as placement sees it.
pub(crate) fn sled_facts(candidate: &Candidate) -> QueryResult<SledFacts> {
    let pool = |id: &uuid::Uuid| PoolUuid::from_untyped_uuid(*id);
    let free = candidate.local_pools.iter().zip(&candidate.local_free_bytes);
    let local_pools = free.map(|(id, free)| Ok(LocalPool { pool: pool(id), free_bytes: count(*free)? }));
    Ok(SledFacts {
        id: SledUuid::from_untyped_uuid(candidate.id),
        name: candidate.name.clone(),
        admission: candidate.admission.parse().map_err(unreadable)?,
        liveness: sled_liveness(candidate.planned_down, candidate.silent_ms),
        hypervisor: Some(candidate.hypervisor.parse().map_err(unreadable)?),
        cpus: count(candidate.cpus)?,
        memory_mib: count(candidate.memory_mib)?,
        reserved_cpus: count(candidate.reserved_cpus)?,
        reserved_memory_mib: count(candidate.reserved_memory_mib)?,
        has_bridge: candidate.has_bridge,
        pools: candidate.pools.iter().map(pool).collect(),
        cpu: Some(Cpu { model: candidate.cpu_model.clone(), machine_type: candidate.machine_type.clone() }),
        local_pools: local_pools.collect::<QueryResult<_>>()?,
    })
}

/// An amount of a row, which its CHECKs keep from being negative.
pub(crate) fn count(value: i64) -> QueryResult<u64> {
    u64::try_from(value).map_err(unreadable)
}

/// A row that holds what this nexus can't read: written by a newer one, or by hand.
fn unreadable(error: impl std::error::Error + Send + Sync + 'static) -> diesel::result::Error {
    diesel::result::Error::DeserializationError(Box::new(error))
}
