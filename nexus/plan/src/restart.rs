//! Whether, and when, a guest that ended by itself is started again.
//!
//! | the guest | `never` | `on_failure` | `always` |
//! |---|---|---|---|
//! | crashed, or never came up | stays, shown as failed | again after a pause | again after a pause |
//! | the same, its budget spent | stays | gives up | gives up |
//! | powered itself off | stays off | stays off | again after a pause; spends nothing |
//!
//! **Budget**: [`CRASHES_MAX`] crashes in a row; the last of them gives up. Each [`HEALS_ONE_MS`] that a guest ran makes
//! good one crash, so a guest that crashes once a day is started again for ever, one that can't boot for a few minutes.
//! **Pause**: doubles with each crash that counts, from [`FIRST_PAUSE_MS`] to [`LONGEST_PAUSE_MS`], and is stretched by
//! up to a quarter: a thousand guests that fell together don't come back together.
//!
//! Faults of the platform (fencing, a lost sled, a host that is shut down) don't come here: what they ended is started
//! again at once under every policy, and spends nothing.

use berth_common::instance::RestartPolicy;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// So many crashes in a row, and it isn't tried again.
pub const CRASHES_MAX: u32 = 10;
/// A guest that ran for so long has made good one crash.
pub const HEALS_ONE_MS: u64 = 5 * 60 * 1_000;
/// Before the first restart: a kernel that panics at once shall not turn in circles.
pub const FIRST_PAUSE_MS: u64 = 1_000;
/// Before the last: the whole row of pauses stays below six minutes.
pub const LONGEST_PAUSE_MS: u64 = 60_000;
/// A guest that powers itself off is started at most once in this time.
pub const POWER_OFF_TURN_MS: u64 = 30_000;
/// A start that nobody asked for, and that the platform let fail, is tried again after this.
pub const PLATFORM_PAUSE_MS: u64 = 10_000;

/// What is known when a guest has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestartFacts {
    /// What the user wishes.
    pub policy: RestartPolicy,
    /// Crashes that count so far.
    pub crashes: u32,
    /// How long the guest that ended now ran, in milliseconds.
    pub ran_ms: u64,
    /// A random number for the pause: thousandths.
    pub jitter: u16,
    /// A pause isn't over yet.
    pub pausing: bool,
}

/// The policy's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restart {
    /// It stays as it is: that is what the policy wants.
    Stay,
    /// It is started again.
    After(Pause),
    /// Its budget is spent.
    GiveUp {
        /// Crashes that counted.
        crashes: u32,
    },
}

/// Before a restart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Pause {
    /// Crashes that count from now on.
    pub crashes: u32,
    /// How long it is.
    pub ms: u64,
}

/// Decides what follows from a fault of the guest's own. Total.
pub fn after_crash(facts: &RestartFacts) -> Restart {
    let crashes = counting(facts).saturating_add(1);
    match facts.policy {
        RestartPolicy::Never => Restart::Stay,
        RestartPolicy::OnFailure | RestartPolicy::Always if crashes >= CRASHES_MAX => {
            Restart::GiveUp { crashes }
        }
        RestartPolicy::OnFailure | RestartPolicy::Always => {
            Restart::After(Pause { crashes, ms: stretched(doubled(crashes), facts.jitter) })
        }
    }
}

/// Decides what follows when the guest powered itself off. Total.
pub fn after_power_off(facts: &RestartFacts) -> Restart {
    match facts.policy {
        RestartPolicy::Never | RestartPolicy::OnFailure => Restart::Stay,
        RestartPolicy::Always => {
            let ms = POWER_OFF_TURN_MS.saturating_sub(facts.ran_ms).max(FIRST_PAUSE_MS);
            Restart::After(Pause { crashes: counting(facts), ms: stretched(ms, facts.jitter) })
        }
    }
}

/// The pause after a start by Berth itself that failed for reasons of the platform: under every policy.
pub fn after_failed_placement(facts: &RestartFacts) -> Pause {
    Pause { crashes: facts.crashes, ms: stretched(PLATFORM_PAUSE_MS, facts.jitter) }
}

/// Crashes that still count after the guest ran as long as it did.
fn counting(facts: &RestartFacts) -> u32 {
    let healed = u32::try_from(facts.ran_ms / HEALS_ONE_MS).unwrap_or(u32::MAX);
    facts.crashes.saturating_sub(healed)
}

fn doubled(crashes: u32) -> u64 {
    let factor = 1u64.checked_shl(crashes.saturating_sub(1)).unwrap_or(u64::MAX);
    FIRST_PAUSE_MS.saturating_mul(factor).min(LONGEST_PAUSE_MS)
}

fn stretched(ms: u64, jitter: u16) -> u64 {
    ms.saturating_add(ms.saturating_mul(u64::from(jitter.min(1_000))) / 4_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn facts(policy: RestartPolicy, crashes: u32) -> RestartFacts {
        RestartFacts { policy, crashes, ran_ms: 0, jitter: 0, pausing: false }
    }

    /// Crashes in a row until it is given up, with the pauses between them.
    fn row(policy: RestartPolicy, ran_ms: u64, most: usize) -> (Vec<u64>, Option<u32>) {
        let (mut known, mut pauses) = (RestartFacts { ran_ms, ..facts(policy, 0) }, Vec::new());
        for _ in 0..most {
            match after_crash(&known) {
                Restart::Stay => return (pauses, None),
                Restart::GiveUp { crashes } => return (pauses, Some(crashes)),
                Restart::After(pause) => {
                    pauses.push(pause.ms);
                    known.crashes = pause.crashes;
                }
            }
        }
        (pauses, None)
    }

    #[test]
    fn the_tenth_crash_in_a_row_gives_up_and_the_pauses_before_it_double() {
        for policy in [RestartPolicy::OnFailure, RestartPolicy::Always] {
            let (pauses, given_up) = row(policy, 0, 100);
            assert_eq!(given_up, Some(CRASHES_MAX), "{policy}");
            let seconds: Vec<u64> = pauses.iter().map(|ms| ms / 1_000).collect();
            assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
        }
    }

    #[test]
    fn under_never_nothing_is_started_again() {
        assert_eq!(after_crash(&facts(RestartPolicy::Never, 0)), Restart::Stay);
        assert_eq!(after_power_off(&facts(RestartPolicy::Never, 0)), Restart::Stay);
    }

    #[test]
    fn a_guest_that_runs_between_its_crashes_is_never_given_up() {
        let (pauses, given_up) = row(RestartPolicy::OnFailure, HEALS_ONE_MS, 1_000);
        assert_eq!(given_up, None);
        assert!(pauses.iter().all(|&ms| ms == FIRST_PAUSE_MS), "{pauses:?}");
    }

    #[test]
    fn a_power_off_is_no_failure() {
        assert_eq!(after_power_off(&facts(RestartPolicy::OnFailure, 3)), Restart::Stay);
        let spent = facts(RestartPolicy::Always, CRASHES_MAX);
        let Restart::After(pause) = after_power_off(&spent) else { panic!("it is started again") };
        assert_eq!(pause, Pause { crashes: CRASHES_MAX, ms: POWER_OFF_TURN_MS });
        let long = RestartFacts { ran_ms: POWER_OFF_TURN_MS, ..facts(RestartPolicy::Always, 0) };
        assert_eq!(after_power_off(&long), Restart::After(Pause { crashes: 0, ms: FIRST_PAUSE_MS }));
    }

    proptest! {
        #[test]
        fn every_answer_is_within_its_bounds(
            policy in prop::sample::select(RestartPolicy::ALL),
            crashes in any::<u32>(),
            ran_ms in any::<u64>(),
            jitter in any::<u16>(),
        ) {
            let facts = RestartFacts { policy, crashes, ran_ms, jitter, pausing: false };
            for answer in [after_crash(&facts), after_power_off(&facts)] {
                match answer {
                    Restart::Stay => prop_assert_ne!(policy, RestartPolicy::Always),
                    Restart::GiveUp { crashes: counted } => {
                        prop_assert!(counted >= CRASHES_MAX && counted <= crashes.saturating_add(1));
                    }
                    Restart::After(pause) => {
                        prop_assert!((FIRST_PAUSE_MS..=LONGEST_PAUSE_MS * 5 / 4).contains(&pause.ms));
                        prop_assert!(pause.crashes <= crashes.saturating_add(1));
                    }
                }
            }
        }

        #[test]
        fn a_longer_run_never_makes_it_worse(crashes in 0..20u32, ran_ms in 0..HEALS_ONE_MS * 20, more in 0..HEALS_ONE_MS * 20) {
            let counted = |ran_ms| {
                match after_crash(&RestartFacts { ran_ms, ..facts(RestartPolicy::OnFailure, crashes) }) {
                    Restart::Stay => 0,
                    Restart::After(pause) => pause.crashes,
                    Restart::GiveUp { crashes } => crashes,
                }
            };
            prop_assert!(counted(ran_ms + more) <= counted(ran_ms));
        }
    }
}
