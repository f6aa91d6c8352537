//! What an instance rests in when nothing of it runs any more.
//!
//! | intent | the guest ended by | state | rest | start due |
//! |---|---|---|---|---|
//! | stopped, destroyed | anything | `no_vmm` | none | no |
//! | running | its own power-off | `no_vmm` | guest_shutdown | no: it stays off, unless the policy is *always* |
//! | running | the same, policy *always* | `no_vmm` | back_off | after a pause |
//! | running | fence, lease, host shutdown, hand-over | `no_vmm` | platform | yes |
//! | running | a rung of the stop ladder, or `killed` | `no_vmm` | platform | yes: the stop wasn't the user's last word |
//! | running | crash, or it never started | `failed` | back_off | after a pause, by the restart policy |
//! | running | the same, policy *never* or its budget spent | `failed` | gave_up | no |
//! | running | never started, its start's saga goes on | `no_vmm` | none | no: the saga tries another sled or gives up |
//!
//! An evacuation's hold outlives every end but the guest's own power-off: the way back is the evacuation's restore.
//! [`crate::restart`] decides what the policy says.

use berth_common::instance::{InstanceState, Intent, Rest};
use berth_common::operation::OperationKind;
use berth_common::vmm::EndedBy;

use crate::facts::InstanceFacts;
use crate::restart::{Restart, RestartFacts, after_crash, after_failed_placement, after_power_off};
use crate::start::GIVEN_UP;

/// The record of an instance of which nothing runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// The new stored state.
    pub state: InstanceState,
    /// The new rest.
    pub rest: Rest,
    /// Crashes that count from now on.
    pub crashes: u32,
    /// What lies before the start that is due then; none: it is due at once, or not at all.
    pub pause_ms: Option<u64>,
}

/// Decides what is stored after the last linked VMM ended by `ended_by`. Total.
pub fn settle(facts: &InstanceFacts, ended_by: EndedBy, in_hand_over: bool) -> Settled {
    let restart = &facts.restart;
    match facts.intent {
        Intent::Stopped | Intent::Destroyed => at_rest(InstanceState::NoVmm, Rest::None, restart),
        Intent::Running if in_hand_over => after_platform_fault(facts.rest, restart),
        Intent::Running => match ended_by {
            EndedBy::GuestShutdown => after_own_power_off(restart),
            EndedBy::Fenced
            | EndedBy::LeaseExpired
            | EndedBy::HostShutdown
            | EndedBy::MigratedAway
            | EndedBy::GracefulStop
            | EndedBy::ForcedAtDeadline
            | EndedBy::Killed => after_platform_fault(facts.rest, restart),
            EndedBy::NeverStarted if facts.operation == Some(OperationKind::InstanceStart) => {
                at_rest(InstanceState::NoVmm, Rest::None, restart)
            }
            EndedBy::Crashed | EndedBy::NeverStarted => after_own_fault(facts.rest, restart),
        },
    }
}

/// Whose fault it was that a start came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartFault {
    /// No sled had room, answered, or could make ready what the machine needs.
    Platform,
    /// A sled tried, and the guest never ran.
    Own,
}

/// Decides what is stored after every try of a start failed that nobody asked for. (One that a user asked for gives up: [`given_up`].) Total.
pub fn after_failed_start(rest: Rest, restart: &RestartFacts, fault: StartFault) -> Settled {
    match fault {
        StartFault::Own => after_own_fault(rest, restart),
        StartFault::Platform => {
            let pause_ms = Some(after_failed_placement(restart).ms);
            Settled { pause_ms, ..after_platform_fault(rest, restart) }
        }
    }
}

const fn at_rest(state: InstanceState, rest: Rest, restart: &RestartFacts) -> Settled {
    Settled { state, rest, crashes: restart.crashes, pause_ms: None }
}

/// What a start that a user asked for leaves when its last try failed.
pub const fn given_up(restart: &RestartFacts) -> Settled {
    let (state, rest) = GIVEN_UP;
    at_rest(state, rest, restart)
}

fn after_platform_fault(rest: Rest, restart: &RestartFacts) -> Settled {
    let rest = match rest {
        Rest::HeldByEvacuation => Rest::HeldByEvacuation,
        Rest::None | Rest::GuestShutdown | Rest::BackOff | Rest::GaveUp | Rest::Platform => Rest::Platform,
    };
    at_rest(InstanceState::NoVmm, rest, restart)
}

fn after_own_power_off(restart: &RestartFacts) -> Settled {
    by_policy(after_power_off(restart), InstanceState::NoVmm, Rest::GuestShutdown, restart)
}

/// The place of the restart policy: every fault of the guest's own comes through here, no other does.
pub fn after_own_fault(rest: Rest, restart: &RestartFacts) -> Settled {
    match rest {
        Rest::HeldByEvacuation => at_rest(InstanceState::NoVmm, Rest::HeldByEvacuation, restart),
        Rest::None | Rest::GuestShutdown | Rest::BackOff | Rest::GaveUp | Rest::Platform => {
            by_policy(after_crash(restart), InstanceState::Failed, Rest::GaveUp, restart)
        }
    }
}

/// `stays` is what it rests in where it isn't started again.
fn by_policy(answer: Restart, state: InstanceState, stays: Rest, restart: &RestartFacts) -> Settled {
    match answer {
        Restart::Stay => at_rest(state, stays, restart),
        Restart::GiveUp { crashes } => Settled { crashes, ..at_rest(state, stays, restart) },
        Restart::After(pause) => {
            Settled { state, rest: Rest::BackOff, crashes: pause.crashes, pause_ms: Some(pause.ms) }
        }
    }
}
