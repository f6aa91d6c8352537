//! Placement: by name what is chosen and why not, by properties that nothing is overcommitted.

use proptest::prelude::*;

use super::*;

fn sled(n: u128, reserved_memory_mib: u64) -> SledFacts {
    SledFacts {
        id: SledUuid::from_u128(n),
        name: format!("sled-{n}"),
        admission: Admission::InService,
        liveness: Liveness::Online,
        hypervisor: Some(Hypervisor::QemuTcg),
        cpus: 8,
        memory_mib: 1000,
        reserved_cpus: 0,
        reserved_memory_mib,
        has_bridge: true,
        pools: BTreeSet::from([pool(n)]),
        cpu: Some(cpu("qemu64")),
        local_pools: vec![LocalPool { pool: pool(n), free_bytes: 4096 }],
    }
}

fn cpu(model: &str) -> Cpu {
    Cpu { model: model.to_string(), machine_type: "q35".to_string() }
}

fn pool(n: u128) -> PoolUuid {
    PoolUuid::from_u128(1000 + n)
}

fn wants(cpus: u64, memory_mib: u64) -> PlacementRequest {
    PlacementRequest { cpus, memory_mib, ..PlacementRequest::default() }
}

fn unfit(placement: &Placement, n: u128) -> &[Unfit] {
    let id = SledUuid::from_u128(n);
    &placement.sleds.iter().find(|report| report.sled == id).expect("every sled is reported").unfit
}

#[test]
fn the_sled_with_the_largest_free_share_of_memory_wins() {
    let mut small = sled(1, 0);
    small.memory_mib = 200; // half of it would stay free
    let large = sled(2, 300); // six tenths would
    assert_eq!(place(&wants(1, 100), &[small, large.clone()]).chosen, Some(large.id));
}

#[test]
fn a_tie_goes_to_the_lowest_id() {
    let placement = place(&wants(1, 100), &[sled(3, 0), sled(2, 0), sled(4, 0)]);
    assert_eq!(placement.chosen, Some(sled(2, 0).id));
}

#[test]
fn a_sled_that_is_filled_exactly_still_fits() {
    assert!(place(&wants(8, 1000), &[sled(1, 0)]).chosen.is_some());
    assert!(place(&wants(8, 1001), &[sled(1, 0)]).chosen.is_none());
    assert!(place(&wants(9, 1000), &[sled(1, 0)]).chosen.is_none());
}

#[test]
fn every_reason_against_a_sled_is_named_at_once() {
    let mut away = sled(1, 950);
    away.admission = Admission::Cordoned;
    away.liveness = Liveness::Suspect;
    away.has_bridge = false;
    let request = PlacementRequest {
        hypervisor: Some(Hypervisor::QemuKvm),
        needs_bridge: true,
        cpu: Some(cpu("EPYC")),
        disks: vec![DiskNeed { disk: "data".into(), pool: pool(7), pool_name: "fast".into() }],
        copies: vec![Copied {
            disk: berth_common::ids::DiskUuid::from_u128(1),
            name: "log".into(),
            size_bytes: 8192,
        }],
        excluded: BTreeMap::from([(away.id, "the agent denied it: ledger_full".into())]),
        ..wants(9, 100)
    };
    let placement = place(&request, &[away]);
    assert_eq!(placement.chosen, None);
    assert_eq!(
        unfit(&placement, 1),
        [
            Unfit::NotInService { admission: Admission::Cordoned },
            Unfit::NotOnline { liveness: Liveness::Suspect },
            Unfit::OtherHypervisor { wanted: Hypervisor::QemuKvm, found: Hypervisor::QemuTcg },
            Unfit::OtherCpu {
                wanted: "EPYC in a q35 machine".into(),
                found: "qemu64 in a q35 machine".into()
            },
            Unfit::TriedBefore { reason: "the agent denied it: ledger_full".into() },
            Unfit::TooFewCpus { wanted: 9, free: 8 },
            Unfit::TooLittleMemory { wanted_mib: 100, free_mib: 50 },
            Unfit::NoBridge,
            Unfit::DiskUnreachable { disk: "data".into(), pool: "fast".into() },
            Unfit::NoRoomForCopy { disk: "log".into(), size_bytes: 8192 },
        ]
    );
}

#[test]
fn a_sled_that_never_registered_takes_nothing() {
    let mut new = sled(1, 0);
    new.hypervisor = None;
    assert_eq!(unfit(&place(&wants(1, 1), &[new]), 1), [Unfit::NotRegistered]);
}

#[test]
fn explain_has_a_line_per_sled_best_first() {
    let mut cordoned = sled(3, 0);
    cordoned.admission = Admission::Cordoned;
    let lines = explain(&place(&wants(1, 100), &[cordoned, sled(2, 500), sled(1, 0)]));
    assert_eq!(
        lines,
        [
            "sled sled-1: chosen, 90.0% of its memory would stay free",
            "sled sled-2: fits, 40.0% of its memory would stay free",
            "sled sled-3: takes nothing new: cordoned",
        ]
    );
    assert_eq!(explain(&place(&wants(1, 1), &[])), ["there is no sled"]);
}

fn any_sled() -> impl Strategy<Value = SledFacts> {
    let axes = (0..Admission::ALL.len() * 2, 0..Liveness::ALL.len() * 2, 0..=Hypervisor::ALL.len());
    // Small numbers so that limits are met, and the largest ones so that sums overflow.
    let amount = prop_oneof![0..20u64, Just(u64::MAX)];
    let amounts = (amount.clone(), amount.clone(), amount.clone(), amount);
    (axes, amounts, any::<bool>(), prop::collection::btree_set(0..3u128, 0..3)).prop_map(
        |(
            (admission, liveness, hypervisor),
            (cpus, memory_mib, reserved_cpus, reserved_mib),
            has_bridge,
            pools,
        )| {
            SledFacts {
                admission: *Admission::ALL.get(admission).unwrap_or(&Admission::InService),
                liveness: *Liveness::ALL.get(liveness).unwrap_or(&Liveness::Online),
                hypervisor: Hypervisor::ALL.get(hypervisor).copied(),
                cpus,
                memory_mib,
                reserved_cpus,
                has_bridge,
                pools: pools.into_iter().map(pool).collect(),
                ..sled(0, reserved_mib)
            }
        },
    )
}

fn any_request() -> impl Strategy<Value = PlacementRequest> {
    let amount = prop_oneof![1..8u64, Just(u64::MAX)];
    let disks = prop::collection::vec(0..3u128, 0..2);
    let excluded = prop::collection::btree_set(1..6u128, 0..2);
    let hypervisor = 0..Hypervisor::ALL.len() * 3;
    (amount.clone(), amount, hypervisor, any::<bool>(), disks, excluded).prop_map(
        |(cpus, memory_mib, hypervisor, needs_bridge, disks, excluded)| PlacementRequest {
            cpus,
            memory_mib,
            hypervisor: Hypervisor::ALL.get(hypervisor).copied(),
            needs_bridge,
            disks: disks
                .into_iter()
                .map(|n| DiskNeed { disk: "d".into(), pool: pool(n), pool_name: "p".into() })
                .collect(),
            excluded: excluded.into_iter().map(|n| (sled(n, 0).id, "tried".into())).collect(),
            ..PlacementRequest::default()
        },
    )
}

/// The filter, said again in other words.
fn takes(request: &PlacementRequest, sled: &SledFacts) -> bool {
    let within =
        |reserved: u64, wanted: u64, all: u64| reserved.checked_add(wanted).is_some_and(|sum| sum <= all);
    sled.admission == Admission::InService
        && sled.liveness == Liveness::Online
        && sled.hypervisor.is_some_and(|found| request.hypervisor.is_none_or(|wanted| wanted == found))
        && within(sled.reserved_cpus, request.cpus, sled.cpus)
        && within(sled.reserved_memory_mib, request.memory_mib, sled.memory_mib)
        && (sled.has_bridge || !request.needs_bridge)
        && request.disks.iter().all(|need| sled.pools.contains(&need.pool))
        && !request.excluded.contains_key(&sled.id)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn what_is_chosen_fits_and_something_is_chosen_whenever_anything_fits(
        mut sleds in prop::collection::vec(any_sled(), 0..6),
        request in any_request(),
        rotate_by in 0..6usize,
    ) {
        for (n, sled) in sleds.iter_mut().enumerate() {
            sled.id = SledUuid::from_u128(n as u128 + 1);
        }
        let placement = place(&request, &sleds);
        prop_assert_eq!(placement.sleds.len(), sleds.len());
        for report in &placement.sleds {
            let sled = sleds.iter().find(|sled| sled.id == report.sled).expect("a sled that exists");
            prop_assert_eq!(report.unfit.is_empty(), takes(&request, sled));
            prop_assert_eq!(report.score.is_some(), report.unfit.is_empty());
        }
        let best = placement.sleds.iter().filter_map(|report| report.score).max();
        let chosen = placement.sleds.iter().find(|report| Some(report.sled) == placement.chosen);
        prop_assert_eq!(chosen.and_then(|report| report.score), best);

        let count = sleds.len().max(1);
        sleds.rotate_left(rotate_by % count);
        prop_assert_eq!(placement, place(&request, &sleds));
    }
}
