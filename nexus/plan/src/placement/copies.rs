//! Where the copies of disks go that a guest takes along: into local pools of one sled.

use berth_common::ids::{DiskUuid, PoolUuid};

/// A disk that comes along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// The disk.
    pub disk: DiskUuid,
    /// Its name.
    pub name: String,
    /// Its size.
    pub size_bytes: u64,
}

/// A local pool of a sled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalPool {
    /// The pool.
    pub pool: PoolUuid,
    /// Bytes that no disk and no copy has.
    pub free_bytes: u64,
}

/// Puts each copy into a pool, the largest first, into the pool with the most room: as (disk, pool), in the order of
/// `copies`. The same facts in any order of pools give the same answer.
///
/// # Errors
/// The copy that nothing is left for.
pub fn put<'a>(copies: &'a [Copied], pools: &[LocalPool]) -> Result<Vec<(DiskUuid, PoolUuid)>, &'a Copied> {
    let mut pools = pools.to_vec();
    let mut by_size: Vec<&Copied> = copies.iter().collect();
    by_size.sort_by_key(|copy| (std::cmp::Reverse(copy.size_bytes), copy.disk));
    let mut placed = Vec::with_capacity(copies.len());
    for copy in by_size {
        let best = pools.iter_mut().max_by_key(|pool| (pool.free_bytes, std::cmp::Reverse(pool.pool)));
        let Some(best) = best.filter(|pool| pool.free_bytes >= copy.size_bytes) else { return Err(copy) };
        best.free_bytes -= copy.size_bytes;
        placed.push((copy.disk, best.pool));
    }
    let position = |disk: DiskUuid| copies.iter().position(|copy| copy.disk == disk);
    placed.sort_by_key(|(disk, _)| position(*disk));
    Ok(placed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn copy(n: u128, size_bytes: u64) -> Copied {
        Copied { disk: DiskUuid::from_u128(n), name: format!("disk-{n}"), size_bytes }
    }

    fn pool(n: u128, free_bytes: u64) -> LocalPool {
        LocalPool { pool: PoolUuid::from_u128(n), free_bytes }
    }

    #[test]
    fn a_guest_without_local_disks_needs_no_pool() {
        assert_eq!(put(&[], &[]), Ok(vec![]));
    }

    #[test]
    fn the_largest_goes_first_and_a_full_pool_takes_no_more() {
        let copies = [copy(1, 3), copy(2, 5), copy(3, 2)];
        let placed = put(&copies, &[pool(7, 5), pool(8, 5)]);
        let [seven, eight] = [7, 8].map(PoolUuid::from_u128);
        let [one, two, three] = [1, 2, 3].map(DiskUuid::from_u128);
        assert_eq!(placed, Ok(vec![(one, eight), (two, seven), (three, eight)]));
        assert_eq!(put(&copies, &[pool(7, 5), pool(8, 4)]), Err(&copies[2]));
        assert_eq!(put(&copies[..1], &[]), Err(&copies[0]));
    }

    proptest! {
        #[test]
        fn no_pool_takes_more_than_it_has(
            sizes in prop::collection::vec(1_u64..100, 0..6), free in prop::collection::vec(0_u64..200, 0..4),
        ) {
            let copies: Vec<Copied> = (1..).zip(&sizes).map(|(n, size)| copy(n, *size)).collect();
            let pools: Vec<LocalPool> = (1..).zip(&free).map(|(n, free)| pool(n, *free)).collect();
            if let Ok(placed) = put(&copies, &pools) {
                prop_assert_eq!(placed.len(), copies.len());
                for pool in &pools {
                    let taken: u64 = copies.iter().zip(&placed)
                        .filter(|(_, (_, at))| *at == pool.pool).map(|(copy, _)| copy.size_bytes).sum();
                    prop_assert!(taken <= pool.free_bytes);
                }
                let mut reversed = pools.clone();
                reversed.reverse();
                prop_assert_eq!(put(&copies, &reversed), Ok(placed));
            }
        }
    }
}
