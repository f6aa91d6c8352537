//! How a shutdown's one deadline is shared among the priorities that haven't had their turn: pure.
//!
//! Who asks for little gets it; what is left is shared evenly among those who ask for more (water is poured into
//! vessels of different heights). So the last priority gets its part whatever the first ones ask for, and time that
//! one doesn't use falls to those after it: [`share`] is asked anew at each turn.

/// From a guest's deadline to its certain end: QMP quit has 2 s, then comes SIGKILL, then its record is written.
pub const FORCE_MS: u64 = 2500;

/// Left at the end for what even then didn't go.
pub const LAST_MS: u64 = 1500;

/// One priority's part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// The longest grace that any of its guests gets.
    pub grace_ms: u64,
    /// When its turn is over: what remains then is killed, and the next turn begins.
    pub turn_ms: u64,
}

/// The part of the first of `wants`: the longest grace wanted by each priority that is still to come, in their order.
/// `left_ms`: until the global deadline.
pub fn share(left_ms: u64, wants: &[u64]) -> Share {
    let turns = u64::try_from(wants.len()).unwrap_or(u64::MAX).max(1);
    let usable_ms = left_ms.saturating_sub(LAST_MS);
    let force_ms = FORCE_MS.min(usable_ms / turns);
    let level_ms = level(usable_ms - force_ms * turns, wants);
    let grace_ms = wants.first().map_or(0, |want| (*want).min(level_ms));
    Share { grace_ms, turn_ms: grace_ms + force_ms }
}

/// The most that anyone gets, so that all together get no more than there is.
fn level(budget_ms: u64, wants: &[u64]) -> u64 {
    let mut wants = wants.to_vec();
    wants.sort_unstable();
    let (mut left_ms, mut sharing) = (budget_ms, u64::try_from(wants.len()).unwrap_or(u64::MAX));
    for want in wants {
        if want > left_ms / sharing {
            return left_ms / sharing;
        }
        left_ms -= want;
        sharing -= 1;
    }
    u64::MAX
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Every priority's grace when each uses all that it gets, and the time at the end.
    fn worst_course(deadline_ms: u64, wants: &[u64]) -> (Vec<u64>, u64) {
        let (mut now_ms, mut graces) = (0, Vec::new());
        for turn in 0..wants.len() {
            let share = share(deadline_ms - now_ms, &wants[turn..]);
            graces.push(share.grace_ms);
            now_ms += share.turn_ms;
        }
        (graces, now_ms)
    }

    #[test]
    fn whoever_can_have_all_gets_all() {
        let (graces, end_ms) = worst_course(100_000, &[30_000, 10_000, 0]);
        assert_eq!(graces, [30_000, 10_000, 0]);
        assert_eq!(end_ms, 40_000 + 3 * FORCE_MS);
    }

    #[test]
    fn the_small_get_what_they_ask_for_and_the_great_share_evenly() {
        let deadline_ms = LAST_MS + 3 * FORCE_MS + 21_000;
        assert_eq!(worst_course(deadline_ms, &[600_000, 1000, 600_000]).0, [10_000, 1000, 10_000]);
        assert_eq!(worst_course(deadline_ms, &[600_000, 600_000, 600_000]).0, [7000, 7000, 7000]);
    }

    #[test]
    fn without_time_all_are_forced_at_once_and_still_in_their_order() {
        assert_eq!(share(0, &[30_000]), Share { grace_ms: 0, turn_ms: 0 });
        let (graces, end_ms) = worst_course(LAST_MS + 3000, &[30_000, 30_000, 30_000]);
        assert_eq!((graces, end_ms), (vec![0, 0, 0], 3000));
    }

    /// Every deadline and every three wants out of a small world, so that no corner is left to luck.
    #[test]
    fn in_a_small_world_the_promises_hold_for_every_case() {
        let steps = [0, 1, 500, 1499, 1500, 1501, 4000, 6500, 9000, 9001, 12_000, 30_000, 90_000];
        for deadline_ms in steps {
            for first in steps {
                for second in steps {
                    for third in steps {
                        promises(deadline_ms, &[first, second, third]);
                    }
                }
            }
        }
    }

    fn promises(deadline_ms: u64, wants: &[u64]) {
        let case = format!("{deadline_ms} {wants:?}");
        let (graces, end_ms) = worst_course(deadline_ms, wants);
        let usable_ms = deadline_ms.saturating_sub(LAST_MS);
        assert!(end_ms <= usable_ms, "it is over in time: {case}");
        let turns = u64::try_from(wants.len()).expect("few");
        let fair_ms = usable_ms.saturating_sub(FORCE_MS * turns) / turns;
        for (grace, want) in graces.iter().zip(wants) {
            assert!(grace <= want, "nobody gets more than it wants: {case}");
            assert!(*grace >= fair_ms.min(*want), "everybody gets its part, however late its turn: {case}");
        }
        let unmet = graces.iter().zip(wants).any(|(grace, want)| grace < want);
        let spare_ms = usable_ms.saturating_sub(end_ms);
        assert!(!unmet || spare_ms < turns * turns, "no time is kept from those who want it: {case}");
    }

    proptest! {
        #[test]
        fn the_promises_hold_whatever_is_wanted(
            deadline_ms in 0_u64..2_000_000,
            wants in prop::collection::vec(0_u64..700_000, 1..12),
        ) {
            promises(deadline_ms, &wants);
        }

        #[test]
        fn time_that_one_leaves_over_is_never_lost_to_the_next(
            deadline_ms in 0_u64..500_000,
            wants in prop::collection::vec(0_u64..200_000, 2..8),
            used_permille in 0_u64..1000,
        ) {
            let first = share(deadline_ms, &wants);
            let planned = share(deadline_ms - first.turn_ms, &wants[1..]);
            let earlier = share(deadline_ms - first.turn_ms * used_permille / 1000, &wants[1..]);
            prop_assert!(earlier.grace_ms >= planned.grace_ms);
        }

        #[test]
        fn more_time_never_shortens_a_grace(
            deadline_ms in 0_u64..500_000,
            more_ms in 0_u64..500_000,
            wants in prop::collection::vec(0_u64..200_000, 1..8),
        ) {
            prop_assert!(share(deadline_ms + more_ms, &wants).grace_ms >= share(deadline_ms, &wants).grace_ms);
        }
    }
}
