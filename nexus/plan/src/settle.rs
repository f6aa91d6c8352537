//! What an instance rests in when nothing of it runs any more.
//!
//! | intent | the guest ended by | state | rest | start due |
//! |---|---|---|---|---|
//! | stopped, destroyed | anything | `no_vmm` | none | no |
//! | running | its own power-off | `no_vmm` | guest_shutdown | no: a guest that powers itself off stays off |
//! | running | fence, lease, host shutdown, hand-over | `no_vmm` | platform | yes |
//! | running | a rung of the stop ladder, or `killed` | `no_vmm` | platform | yes: the stop wasn't the user's last word |
//! | running | crash, or it never started | `failed` | gave_up | no |
//! | running | never started, its start's saga goes on | `no_vmm` | none | no: the saga tries another sled or gives up |
//!
//! An evacuation's hold outlives every end but the guest's own power-off: the way back is the evacuation's restore.

use berth_common::instance::{InstanceState, Intent, Rest};
use berth_common::operation::OperationKind;
use berth_common::vmm::EndedBy;

use crate::facts::InstanceFacts;

/// The record of an instance of which nothing runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// The new stored state.
    pub state: InstanceState,
    /// The new rest.
    pub rest: Rest,
}

/// Decides what is stored after the last linked VMM ended by `ended_by`. Total.
pub fn settle(facts: &InstanceFacts, ended_by: EndedBy, in_hand_over: bool) -> Settled {
    match facts.intent {
        Intent::Stopped | Intent::Destroyed => Settled { state: InstanceState::NoVmm, rest: Rest::None },
        Intent::Running if in_hand_over => after_platform_fault(facts.rest),
        Intent::Running => match ended_by {
            EndedBy::GuestShutdown => Settled { state: InstanceState::NoVmm, rest: Rest::GuestShutdown },
            EndedBy::Fenced
            | EndedBy::LeaseExpired
            | EndedBy::HostShutdown
            | EndedBy::MigratedAway
            | EndedBy::GracefulStop
            | EndedBy::ForcedAtDeadline
            | EndedBy::Killed => after_platform_fault(facts.rest),
            EndedBy::NeverStarted if facts.operation == Some(OperationKind::InstanceStart) => {
                Settled { state: InstanceState::NoVmm, rest: Rest::None }
            }
            EndedBy::Crashed | EndedBy::NeverStarted => after_own_fault(facts.rest),
        },
    }
}

fn after_platform_fault(rest: Rest) -> Settled {
    let rest = match rest {
        Rest::HeldByEvacuation => Rest::HeldByEvacuation,
        Rest::None | Rest::GuestShutdown | Rest::GaveUp | Rest::Platform => Rest::Platform,
    };
    Settled { state: InstanceState::NoVmm, rest }
}

/// The place of the restart policy: every fault of the guest's own comes through here, no other does. The policy is
/// *never*: a fault is shown as failed, and a start by the user clears it.
fn after_own_fault(rest: Rest) -> Settled {
    match rest {
        Rest::HeldByEvacuation => Settled { state: InstanceState::NoVmm, rest: Rest::HeldByEvacuation },
        Rest::None | Rest::GuestShutdown | Rest::GaveUp | Rest::Platform => {
            Settled { state: InstanceState::Failed, rest: Rest::GaveUp }
        }
    }
}
