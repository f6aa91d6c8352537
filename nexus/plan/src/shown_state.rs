//! What users see: what was observed, and *unknown* where nothing could be.
//!
//! Work in flight is not folded in: an instance that runs is shown running while its stop waits for a lost sled; the
//! operation beside it says the rest. Rule: *stopped* or *failed* is shown only when a start would be admitted.

use berth_common::instance::{InstanceState, Intent, Rest, ShownState};
use berth_common::sled::Liveness;
use berth_common::vmm::{EndedBy, VmmState};

use crate::facts::VmmFacts;

/// Computes the state shown of an instance, from its record and its active VMM (whose sled's liveness is in its
/// facts). Total.
pub fn shown_state(
    intent: Intent,
    state: InstanceState,
    rest: Rest,
    active: Option<&VmmFacts>,
) -> ShownState {
    match (state, active) {
        (InstanceState::Destroyed, _) => ShownState::Destroyed,
        (InstanceState::Disowned, _) => ShownState::Stopping,
        (InstanceState::Creating, _) if intent == Intent::Destroyed => ShownState::Stopping,
        (InstanceState::Creating, _) => ShownState::Creating,
        (InstanceState::NoVmm | InstanceState::Failed | InstanceState::Vmm, Some(vmm)) => linked(intent, vmm),
        // Excluded by the schema, so whatever is shown must not look startable.
        (InstanceState::Vmm, None) => ShownState::Unknown,
        (InstanceState::NoVmm | InstanceState::Failed, None) => unlinked(intent, state, rest),
    }
}

fn linked(intent: Intent, vmm: &VmmFacts) -> ShownState {
    let observed = match vmm.state {
        VmmState::Creating | VmmState::Starting => ShownState::Starting,
        VmmState::Running => ShownState::Running,
        VmmState::Rebooting => ShownState::Rebooting,
        VmmState::Migrating => ShownState::Migrating,
        VmmState::Stopping => ShownState::Stopping,
        // Ended, and not cleared away yet. A guest that was handed off goes on at the target.
        VmmState::Destroyed | VmmState::Failed | VmmState::Unwound => {
            return match (intent, vmm.ended_by) {
                (Intent::Running, Some(EndedBy::MigratedAway)) => ShownState::Migrating,
                (Intent::Running | Intent::Stopped | Intent::Destroyed, _) => ShownState::Stopping,
            };
        }
    };
    match vmm.liveness {
        Liveness::Online | Liveness::Suspect => observed,
        Liveness::Lost | Liveness::Fenced | Liveness::PlannedDown => ShownState::Unknown,
    }
}

fn unlinked(intent: Intent, state: InstanceState, rest: Rest) -> ShownState {
    let as_stored = if state == InstanceState::Failed { ShownState::Failed } else { ShownState::Stopped };
    match (intent, rest) {
        (Intent::Destroyed, _) => ShownState::Stopping,
        (Intent::Stopped, _) => as_stored,
        // A start is due or in flight.
        (Intent::Running, Rest::None | Rest::Platform) => ShownState::Starting,
        (Intent::Running, Rest::GaveUp) => ShownState::Failed,
        // In a pause it is as it ended: nothing starts yet.
        (Intent::Running, Rest::GuestShutdown | Rest::BackOff | Rest::HeldByEvacuation) => as_stored,
    }
}
