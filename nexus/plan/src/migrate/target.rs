//! The sled that a running guest goes to, or the one reason why it can't.

use berth_common::ids::SledUuid;
use berth_common::refusal::ErrorCode;

use crate::placement::{Placement, PlacementRequest, SledFacts, SledReport, Unfit, explain, place};

/// No sled takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetRefusal {
    /// The refusal's name.
    pub code: ErrorCode,
    /// Why each sled that was asked can't, a line each.
    pub message: String,
    /// A sled would take it, were it known to be up.
    pub only_silent: bool,
}

/// Chooses the target: the sled that was named, or the best of all others. Total.
///
/// # Errors
/// Why not; where several sleds can't for different reasons, the reason of the one that comes closest.
pub fn choose_target(
    request: &PlacementRequest,
    from: SledUuid,
    to: Option<SledUuid>,
    sleds: &[SledFacts],
) -> Result<Placement, TargetRefusal> {
    if to == Some(from) {
        let message = "the guest runs on that sled already".to_string();
        return Err(TargetRefusal { code: ErrorCode::SameSled, message, only_silent: false });
    }
    let asked: Vec<SledFacts> =
        sleds.iter().filter(|sled| sled.id != from && to.is_none_or(|to| to == sled.id)).cloned().collect();
    let placement = place(request, &asked);
    if placement.chosen.is_some() {
        return Ok(placement);
    }
    let code = placement.sleds.iter().map(closeness).max().map_or(NO_OTHER, Closeness::code);
    let message = match placement.sleds.is_empty() {
        true if to.is_some() => "the sled that was named has not registered".to_string(),
        true => "there is no other sled".to_string(),
        false => explain(&placement).join("\n"),
    };
    Err(TargetRefusal { code, message, only_silent: only_silent(&placement) })
}

/// Without any sled to ask there is no room.
const NO_OTHER: ErrorCode = ErrorCode::NoCapacity;

fn only_silent(placement: &Placement) -> bool {
    let silent = |reason: &Unfit| matches!(reason, Unfit::NotOnline { .. });
    placement.sleds.iter().any(|sled| !sled.unfit.is_empty() && sled.unfit.iter().all(silent))
}

/// How close a sled came to taking the guest: its worst reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Closeness {
    NotInService,
    Unreachable,
    OtherMachine,
    NoRoom,
}

impl Closeness {
    fn code(self) -> ErrorCode {
        match self {
            Closeness::NotInService => ErrorCode::SledNotInService,
            Closeness::Unreachable => ErrorCode::SledUnreachable,
            Closeness::OtherMachine => ErrorCode::CpuModelMismatch,
            Closeness::NoRoom => ErrorCode::NoCapacity,
        }
    }
}

fn closeness(report: &SledReport) -> Closeness {
    report.unfit.iter().map(of_reason).min().unwrap_or(Closeness::NoRoom)
}

fn of_reason(unfit: &Unfit) -> Closeness {
    match unfit {
        Unfit::NotInService { .. } => Closeness::NotInService,
        Unfit::NotOnline { .. } | Unfit::NotRegistered => Closeness::Unreachable,
        Unfit::OtherHypervisor { .. } | Unfit::OtherCpu { .. } => Closeness::OtherMachine,
        Unfit::TooFewCpus { .. }
        | Unfit::TooLittleMemory { .. }
        | Unfit::NoBridge
        | Unfit::DiskUnreachable { .. }
        | Unfit::NoRoomForCopy { .. }
        | Unfit::TriedBefore { .. } => Closeness::NoRoom,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use berth_common::ids::{DiskUuid, PoolUuid};
    use berth_common::sled::{Admission, Hypervisor, Liveness};

    use super::*;
    use crate::placement::{Copied, Cpu, DiskNeed, LocalPool};

    const SHARED: PoolUuid = PoolUuid::from_u128(50);

    fn sled(n: u128) -> SledFacts {
        SledFacts {
            id: SledUuid::from_u128(n),
            name: format!("sled-{n}"),
            admission: Admission::InService,
            liveness: Liveness::Online,
            hypervisor: Some(Hypervisor::QemuTcg),
            cpus: 8,
            memory_mib: 1000,
            reserved_cpus: 0,
            reserved_memory_mib: 0,
            has_bridge: true,
            pools: BTreeSet::from([SHARED, PoolUuid::from_u128(n)]),
            cpu: Some(Cpu { model: "qemu64".to_string(), machine_type: "q35".to_string() }),
            local_pools: vec![LocalPool { pool: PoolUuid::from_u128(n), free_bytes: 4096 }],
        }
    }

    fn guest() -> PlacementRequest {
        PlacementRequest {
            cpus: 2,
            memory_mib: 500,
            hypervisor: Some(Hypervisor::QemuTcg),
            cpu: sled(1).cpu,
            disks: vec![DiskNeed { disk: "data".into(), pool: SHARED, pool_name: "shared".into() }],
            copies: vec![Copied { disk: DiskUuid::from_u128(9), name: "log".into(), size_bytes: 4096 }],
            ..PlacementRequest::default()
        }
    }

    /// From sled 1 to where the guest would go, or the name of the refusal.
    fn goes(to: Option<u128>, sleds: &[SledFacts]) -> Result<SledUuid, ErrorCode> {
        let (from, to) = (SledUuid::from_u128(1), to.map(SledUuid::from_u128));
        let chosen = choose_target(&guest(), from, to, sleds).map_err(|refusal| refusal.code)?.chosen;
        Ok(chosen.expect("a placement without a chosen sled is a refusal"))
    }

    /// Why the only other sled doesn't take it.
    fn refused_by(change: impl Fn(&mut SledFacts)) -> ErrorCode {
        let mut other = sled(2);
        change(&mut other);
        let by_choice = goes(None, &[sled(1), other.clone()]).expect_err("it doesn't fit");
        let by_name = goes(Some(2), &[sled(1), other]).expect_err("it doesn't fit");
        assert_eq!(by_choice, by_name, "named or not, the reason is the same");
        by_name
    }

    #[test]
    fn another_sled_takes_it_named_or_not_and_never_the_one_it_is_on() {
        assert_eq!(goes(None, &[sled(1), sled(2)]), Ok(sled(2).id));
        assert_eq!(goes(Some(3), &[sled(1), sled(2), sled(3)]), Ok(sled(3).id));
        assert_eq!(goes(Some(1), &[sled(1), sled(2)]), Err(ErrorCode::SameSled));
    }

    #[test]
    fn without_another_sled_there_is_no_room() {
        assert_eq!(goes(None, &[sled(1)]), Err(ErrorCode::NoCapacity));
        assert_eq!(goes(Some(4), &[sled(1), sled(2)]), Err(ErrorCode::NoCapacity));
    }

    #[test]
    fn room_is_cores_memory_pools_bridge_and_a_local_pool_for_each_copy() {
        let no_room = ErrorCode::NoCapacity;
        assert_eq!(refused_by(|sled| sled.reserved_cpus = 7), no_room);
        assert_eq!(refused_by(|sled| sled.reserved_memory_mib = 501), no_room);
        assert_eq!(refused_by(|sled| sled.pools.retain(|pool| *pool != SHARED)), no_room);
        assert_eq!(refused_by(|sled| sled.local_pools[0].free_bytes = 4095), no_room);
        assert_eq!(refused_by(|sled| sled.local_pools.clear()), no_room);
    }

    #[test]
    fn another_machine_is_refused_whichever_part_of_it_differs() {
        let other = ErrorCode::CpuModelMismatch;
        assert_eq!(refused_by(|sled| sled.hypervisor = Some(Hypervisor::QemuKvm)), other);
        assert_eq!(refused_by(|sled| sled.cpu = None), other);
        for change in [
            |cpu: &mut Cpu| cpu.model = "EPYC".to_string(),
            |cpu: &mut Cpu| cpu.machine_type = "q35-8.0".to_string(),
        ] {
            assert_eq!(refused_by(|sled| sled.cpu.iter_mut().for_each(change)), other);
        }
    }

    #[test]
    fn a_sled_that_may_not_take_it_or_is_not_up_is_refused_by_name() {
        for &admission in Admission::ALL.iter().filter(|admission| **admission != Admission::InService) {
            assert_eq!(refused_by(|sled| sled.admission = admission), ErrorCode::SledNotInService);
        }
        for &liveness in Liveness::ALL.iter().filter(|liveness| **liveness != Liveness::Online) {
            assert_eq!(refused_by(|sled| sled.liveness = liveness), ErrorCode::SledUnreachable);
        }
        assert_eq!(refused_by(|sled| sled.hypervisor = None), ErrorCode::SledUnreachable);
    }

    #[test]
    fn of_several_reasons_the_one_of_the_sled_that_comes_closest_is_given() {
        let (mut cordoned, mut full) = (sled(2), sled(3));
        cordoned.admission = Admission::Cordoned;
        full.reserved_cpus = 8;
        let mut silent_and_full = full.clone();
        silent_and_full.liveness = Liveness::Lost;
        assert_eq!(goes(None, &[cordoned.clone(), full]), Err(ErrorCode::NoCapacity));
        assert_eq!(goes(None, &[cordoned, silent_and_full]), Err(ErrorCode::SledUnreachable));
    }

    #[test]
    fn only_a_sled_that_would_fit_is_worth_waiting_for() {
        let mut silent = sled(2);
        silent.liveness = Liveness::Suspect;
        let refused = |sleds: &[SledFacts]| {
            choose_target(&guest(), SledUuid::from_u128(1), None, sleds).expect_err("refused")
        };
        assert!(refused(&[silent.clone()]).only_silent);
        silent.reserved_cpus = 8;
        assert!(!refused(&[silent]).only_silent);
    }
}
