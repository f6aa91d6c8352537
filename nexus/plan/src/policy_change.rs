//! What a new restart policy means to an instance that waits for its restart.
//!
//! | in a pause after | `never` | `on_failure` | `always` |
//! |---|---|---|---|
//! | a crash | gave_up, shown as failed | waits on | waits on |
//! | its own power-off | stays off | stays off | waits on |
//!
//! A start that has begun isn't taken back, and what rests already isn't started: for both there are requests.

use berth_common::instance::{InstanceState, Rest, RestartPolicy};

use crate::facts::InstanceFacts;
use crate::settle::Settled;

/// Decides what is stored when the policy becomes `next`; none: the record stays as it is. Total.
pub fn policy_changed(facts: &InstanceFacts, next: RestartPolicy) -> Option<Settled> {
    if facts.rest != Rest::BackOff || !facts.start_is_coming() {
        return None;
    }
    // A crash left the instance failed, a power-off didn't.
    let rest = match (facts.state, next) {
        (InstanceState::Failed, RestartPolicy::Never) => Rest::GaveUp,
        (InstanceState::NoVmm, RestartPolicy::Never | RestartPolicy::OnFailure) => Rest::GuestShutdown,
        (InstanceState::Failed, RestartPolicy::OnFailure | RestartPolicy::Always)
        | (InstanceState::NoVmm, RestartPolicy::Always) => return None,
        (
            InstanceState::Creating | InstanceState::Vmm | InstanceState::Disowned | InstanceState::Destroyed,
            _,
        ) => return None,
    };
    Some(Settled { state: facts.state, rest, crashes: facts.restart.crashes, pause_ms: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::every_case::{for_every_restart, with_ended};
    use crate::follow_up::{FollowUp, follow_up};
    use crate::restart::RestartFacts;
    use crate::settle::settle;
    use berth_common::instance::Intent;
    use berth_common::vmm::EndedBy;

    fn stored(facts: &InstanceFacts, settled: Settled, policy: RestartPolicy) -> InstanceFacts {
        let Settled { state, rest, crashes, pause_ms } = settled;
        let restart = RestartFacts { policy, crashes, pausing: pause_ms.is_some(), ..facts.restart };
        InstanceFacts { state, rest, restart, active: None, ..*facts }
    }

    #[test]
    fn a_pause_is_taken_back_exactly_where_the_new_policy_would_not_have_made_it() {
        for ended_by in [EndedBy::Crashed, EndedBy::NeverStarted, EndedBy::GuestShutdown] {
            for &before in RestartPolicy::ALL {
                for &next in RestartPolicy::ALL {
                    let mut ended = with_ended(ended_by);
                    ended.restart.policy = before;
                    let waits = stored(&ended, settle(&ended, ended_by, false), before);
                    ended.restart.policy = next;
                    let instead = settle(&ended, ended_by, false);
                    let expected = (waits.rest == Rest::BackOff && instead.rest != Rest::BackOff)
                        .then_some((instead.state, instead.rest, None));
                    let answer = policy_changed(&waits, next);
                    let answer = answer.map(|settled| (settled.state, settled.rest, settled.pause_ms));
                    assert_eq!(answer, expected, "{ended_by}, {before} becomes {next}");
                }
            }
        }
    }

    #[test]
    fn whatever_the_record_holds_what_is_taken_back_rests_and_nothing_else_is_touched() {
        let (mut taken_back, mut untouched) = (0, 0);
        for &intent in Intent::ALL {
            for_every_restart(intent, |facts| {
                for &next in RestartPolicy::ALL {
                    let Some(settled) = policy_changed(facts, next) else {
                        let left = facts.rest == Rest::BackOff && facts.start_is_coming();
                        assert!(!left || next != RestartPolicy::Never, "it would still start: {facts:?}");
                        untouched += 1;
                        continue;
                    };
                    taken_back += 1;
                    assert!(facts.rest == Rest::BackOff && facts.start_is_coming(), "{facts:?}");
                    let after = stored(facts, settled, next);
                    assert!(!after.start_is_coming() && settled.state == facts.state, "{after:?}");
                    assert_eq!(settled.crashes, facts.restart.crashes, "{facts:?}");
                    assert_eq!(policy_changed(&after, next), None, "once is enough: {after:?}");
                    if facts.operation.is_none() {
                        assert_eq!(follow_up(&after), FollowUp::Nothing, "{after:?}");
                    }
                }
            });
        }
        assert!(taken_back > 0 && untouched > 0);
    }
}
