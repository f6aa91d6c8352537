//! Pools: what is chosen, what is refused and by which name.

use proptest::prelude::*;

use super::*;

const GIB: u64 = 1 << 30;

fn pool(n: u128, kind: PoolKind, capacity_gib: u64, used_gib: u64) -> PoolFacts {
    PoolFacts {
        id: PoolUuid::from_u128(n),
        name: format!("pool-{n}"),
        kind,
        capacity_bytes: capacity_gib * GIB,
        provisioned_bytes: used_gib * GIB,
        sleds: vec![sled(n)],
    }
}

fn sled(n: u128) -> PoolSled {
    let id = SledUuid::from_u128(100 + n);
    PoolSled { id, admission: Admission::InService, liveness: Liveness::Online }
}

fn wants(size_gib: u64) -> DiskRequest {
    DiskRequest { size_bytes: size_gib * GIB, pool: None, kind: None, reachable_from: None }
}

fn code(result: Result<DiskPlacement, DiskRefusal>) -> ErrorCode {
    result.expect_err("it can't be placed").code
}

#[test]
fn the_largest_free_share_wins() {
    let pools = [pool(1, PoolKind::Local, 100, 60), pool(2, PoolKind::Local, 10, 2)];
    let placed = place_disk(&wants(1), &pools).expect("both have room");
    assert_eq!((placed.pool, placed.sled), (pools[1].id, sled(2).id));
}

#[test]
fn a_tie_goes_to_the_lowest_id() {
    let pools = [pool(2, PoolKind::Shared, 10, 0), pool(1, PoolKind::Shared, 10, 0)];
    assert_eq!(place_disk(&wants(1), &pools).expect("both have room").pool, pools[1].id);
}

#[test]
fn larger_than_any_pool_is_too_large_and_full_pools_are_no_capacity() {
    let pools = [pool(1, PoolKind::Local, 10, 9), pool(2, PoolKind::Shared, 20, 15)];
    assert_eq!(code(place_disk(&wants(21), &pools)), ErrorCode::DiskTooLarge);
    assert_eq!(code(place_disk(&wants(6), &pools)), ErrorCode::NoCapacity);
    let local = DiskRequest { kind: Some(PoolKind::Local), ..wants(15) };
    assert_eq!(code(place_disk(&local, &pools)), ErrorCode::DiskTooLarge, "shared pools are not asked for");
}

#[test]
fn a_kind_that_nobody_offers_is_not_found() {
    let pools = [pool(1, PoolKind::Local, 10, 0)];
    let shared = DiskRequest { kind: Some(PoolKind::Shared), ..wants(1) };
    assert_eq!(code(place_disk(&shared, &pools)), ErrorCode::PoolNotFound);
    assert_eq!(code(place_disk(&wants(1), &[])), ErrorCode::PoolNotFound);
}

#[test]
fn a_disk_stays_within_reach_of_its_instance() {
    let pools = [pool(1, PoolKind::Local, 100, 0), pool(2, PoolKind::Local, 100, 90)];
    let there = DiskRequest { reachable_from: Some(sled(2).id), ..wants(5) };
    assert_eq!(place_disk(&there, &pools).expect("it has room").pool, pools[1].id);
}

#[test]
fn a_pool_whose_sleds_are_all_away_takes_nothing_and_says_so() {
    let mut away = pool(1, PoolKind::Local, 100, 0);
    away.sleds[0].liveness = Liveness::Lost;
    let refusal = place_disk(&wants(1), &[away]).expect_err("its sled is lost");
    assert_eq!(refusal.code, ErrorCode::NoCapacity);
    assert!(refusal.message.contains("no sled that has pool pool-1 mounted is online"), "{refusal}");
}

fn any_pool() -> impl Strategy<Value = (u64, u64, usize, usize, bool)> {
    (0..200u64, 0..200u64, 0..Admission::ALL.len(), 0..Liveness::ALL.len(), any::<bool>())
}

proptest! {
    #[test]
    fn never_overcommits_never_uses_what_is_away_and_order_does_not_matter(
        shapes in prop::collection::vec(any_pool(), 0..8),
        size_gib in 1..120u64,
        rotate_by in 0..8usize,
    ) {
        let pools: Vec<PoolFacts> = shapes.iter().enumerate().map(|(n, shape)| {
            let &(capacity_gib, used_gib, admission, liveness, shared) = shape;
            let kind = if shared { PoolKind::Shared } else { PoolKind::Local };
            let mut pool = pool(n as u128 + 1, kind, capacity_gib, used_gib);
            pool.sleds[0].admission = Admission::ALL[admission];
            pool.sleds[0].liveness = Liveness::ALL[liveness];
            pool
        }).collect();
        let mut rotated = pools.clone();
        rotated.rotate_left(rotate_by % pools.len().max(1));

        let placed = place_disk(&wants(size_gib), &pools);
        prop_assert_eq!(&placed, &place_disk(&wants(size_gib), &rotated));
        let fits = |pool: &&PoolFacts| {
            pool.provisioned_bytes + size_gib * GIB <= pool.capacity_bytes && serves(&pool.sleds[0])
        };
        match placed {
            Ok(placed) => {
                let pool = pools.iter().find(|pool| pool.id == placed.pool).expect("a pool that exists");
                prop_assert!(fits(&pool));
            }
            Err(refusal) => {
                prop_assert_eq!(pools.iter().filter(fits).count(), 0, "{}", refusal);
            }
        }
    }
}
