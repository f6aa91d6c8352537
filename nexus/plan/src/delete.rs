//! Delete always wins: accepted in any state, it cancels what is in flight and ends what runs.

use berth_common::ids::VmmUuid;
use berth_common::instance::{InstanceState, Intent};

use crate::decision::Decision;
use crate::facts::InstanceFacts;
use crate::situation::{Situation, situation};
use crate::stop::Cancels;

/// What a delete writes beside operation and saga: intent *destroyed*, and this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeletePlan {
    /// The work in flight whose operation ends `cancelled` in the same transaction.
    pub cancels: Option<Cancels>,
    /// The linked VMMs that aren't terminal: each is to be ended for certain.
    pub ends: Vec<VmmUuid>,
}

/// Decides a delete. Total; never refuses.
pub fn delete(facts: &InstanceFacts) -> Decision<DeletePlan> {
    if matches!(situation(facts), Situation::Deleting | Situation::Destroyed) {
        return Decision::Already;
    }
    let cancels = Cancels::all_of(facts);
    let ends = facts.linked().filter(|vmm| vmm.is_alive()).map(|vmm| vmm.id).collect();
    Decision::Go(DeletePlan { cancels, ends })
}

/// The delete's saga may tear down what belongs to the instance: no VMM of it is linked, none may still run. What was
/// disowned in mid-migration is decided first: which copy of its disks is the disk outlives the instance.
pub fn delete_may_go_on(facts: &InstanceFacts) -> bool {
    facts.intent == Intent::Destroyed
        && facts.state != InstanceState::Disowned
        && !facts.is_linked()
        && !facts.unlinked_alive
}
