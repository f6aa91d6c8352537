//! What an instance record needs after a report: the update saga's plan.
//!
//! Total over active VMM × target VMM × both halves of a migration × intent × stored state × rest, and idempotent: the
//! plan applied to the facts yields *nothing* when asked again. [`crate::course`] says where the guest goes on,
//! [`crate::settle`] what is stored when it goes on nowhere; here both become new values of one record.
//!
//! | stored state | course | outcome |
//! |---|---|---|
//! | `destroyed` | any | final: what is still linked is unlinked, and ended if alive |
//! | other, and a force stop is open | something is linked or alive | `disowned`, as below |
//! | `disowned` | any | links cleared, what is alive is ended; all ended → `no_vmm`, and the operation succeeds |
//! | other | nothing linked | nothing, but a stop still open is done, a start still open under intent *stopped* is cancelled |
//! | other | undecided | nothing: more must be reported |
//! | other | these must end first | their end is wanted (the reaper delivers it); the links stay until they have ended |
//! | other | goes on at one VMM | `vmm` with it as the active one; the other unlinked, freed if ended, else ended; migration's outcome |
//! | other | nowhere | unlinked, freed, settled; a stop's operation succeeds; a start is due, or not |
//!
//! Under intent *destroyed* the outcomes are the same, nothing becomes due, and the delete's saga goes on when
//! [`crate::delete::delete_may_go_on`] says so.
//!
//! Who ends which operation: a stop has no saga, so the stop's operation ends here. A reboot ends by its sled's report,
//! or here, when its VMM ended first. An open start belongs to its saga,
//! which sees the same terminal VMM: it alone knows whether another sled is left to try.
//!
//! A VMM that loses its link while alive is always marked `end_wanted`. It is either a source whose guest went on at
//! the target, a VMM of a disowned or deleted instance, or a link that the schema excludes.

use berth_common::ids::VmmUuid;
use berth_common::instance::{InstanceState, Intent, Rest};
use berth_common::migration::{MigrationHalf, MigrationOutcome};
use berth_common::operation::OperationKind;
use berth_common::vmm::EndedBy;

use crate::course::{Course, Side, course, disks_moved};
use crate::facts::{InstanceFacts, VmmFacts};
use crate::restart::RestartFacts;
use crate::settle::{Settled, settle};

mod change;
#[cfg(test)]
mod tests;

pub use change::{Change, FollowUp, Happened, OperationEnd};

/// Decides what the record needs. Total.
pub fn follow_up(facts: &InstanceFacts) -> FollowUp {
    let mut change = match facts.state {
        InstanceState::Destroyed => unlinked(facts, InstanceState::Destroyed, facts.rest),
        InstanceState::Disowned => disowned(facts),
        InstanceState::Creating | InstanceState::NoVmm | InstanceState::Vmm | InstanceState::Failed
            if is_to_be_disowned(facts) =>
        {
            disowned(facts)
        }
        InstanceState::Creating | InstanceState::NoVmm | InstanceState::Vmm | InstanceState::Failed => {
            by_course(facts, course(facts))
        }
    };
    change.operation = operation_end(facts, &change);
    if !changes_anything(facts, &change) {
        return FollowUp::Nothing;
    }
    change.start_due = after(facts, &change).start_is_due();
    change.happened = happened(facts, &change);
    FollowUp::Change(change)
}

fn by_course(facts: &InstanceFacts, course: Course) -> Change {
    let vmms = [facts.active, facts.target];
    match course {
        Course::NothingLinked => {
            let repair = facts.state == InstanceState::Vmm;
            let state = if repair { InstanceState::NoVmm } else { facts.state };
            unlinked(facts, state, facts.rest)
        }
        Course::Undecided => linked(facts, vmms, &[]),
        Course::EndFirst { active, target } => {
            let wanted = [facts.active.filter(|_| active), facts.target.filter(|_| target)];
            linked(facts, vmms, &wanted.into_iter().flatten().collect::<Vec<_>>())
        }
        Course::GoesOn { at, end } => {
            let stays = match at {
                Side::Active => facts.active,
                Side::Target => facts.target,
            };
            let wanted = stays.filter(|_| end);
            let mut change = linked(facts, [stays, None], wanted.as_slice());
            change.outcome = facts.migration.map(|_| match at {
                Side::Target if !end => MigrationOutcome::Completed,
                Side::Active | Side::Target => MigrationOutcome::Failed,
            });
            change.disks_moved = change.outcome.is_some() && disks_moved(facts);
            change
        }
        Course::Nowhere { ended_by, in_hand_over } => {
            let settled = settle(facts, ended_by, in_hand_over);
            // The create's saga says when it is created.
            let creating = facts.state == InstanceState::Creating;
            let state = if creating { InstanceState::Creating } else { settled.state };
            let mut change = at_rest(facts, &settled, state);
            change.outcome = facts.migration.map(|halves| match halves.target {
                MigrationHalf::Completed => MigrationOutcome::Completed,
                MigrationHalf::Pending | MigrationHalf::InProgress | MigrationHalf::Failed => {
                    MigrationOutcome::Failed
                }
            });
            change.disks_moved = change.outcome.is_some() && disks_moved(facts);
            change
        }
    }
}

/// The user pulls the cord: nothing of it may run, be linked or let run again before all of it has ended.
fn is_to_be_disowned(facts: &InstanceFacts) -> bool {
    let may_run = facts.is_linked() || facts.unlinked_alive && facts.state != InstanceState::Creating;
    facts.operation == Some(OperationKind::InstanceForceStop) && may_run
}

/// Links cleared; `no_vmm` as soon as nothing of it is alive.
fn disowned(facts: &InstanceFacts) -> Change {
    let alive = facts.unlinked_alive || facts.linked().any(|vmm| vmm.is_alive());
    if alive {
        return unlinked(facts, InstanceState::Disowned, facts.rest);
    }
    // Nobody but the user disowns, and then wants it stopped; under another intent the platform made it end.
    let settled = settle(facts, EndedBy::Killed, false);
    at_rest(facts, &settled, settled.state)
}

/// A change to a record without links, as it was settled.
fn at_rest(facts: &InstanceFacts, settled: &Settled, state: InstanceState) -> Change {
    Change { crashes: settled.crashes, pause_ms: settled.pause_ms, ..unlinked(facts, state, settled.rest) }
}

/// A change to a record that links `[active, target]` and wants the end of `wanted`, too.
fn linked(facts: &InstanceFacts, [active, target]: [Option<VmmFacts>; 2], wanted: &[VmmFacts]) -> Change {
    let mut change = unlinked_from(facts, &[active, target]);
    change.end.extend(wanted.iter().filter(|vmm| vmm.is_alive() && !vmm.end_wanted).map(|vmm| vmm.id));
    change.state = InstanceState::Vmm;
    change.active = active.map(|vmm| vmm.id);
    change.target = target.map(|vmm| vmm.id);
    change
}

/// A change to a record without links.
fn unlinked(facts: &InstanceFacts, state: InstanceState, rest: Rest) -> Change {
    Change { state, rest, ..unlinked_from(facts, &[]) }
}

/// What happens to the linked VMMs that aren't among those that stay: freed if ended, ended if alive.
fn unlinked_from(facts: &InstanceFacts, stay: &[Option<VmmFacts>]) -> Change {
    let stays = |vmm: &VmmFacts| stay.iter().flatten().any(|other| other.id == vmm.id);
    let (alive, ended): (Vec<VmmFacts>, Vec<VmmFacts>) =
        facts.linked().filter(|vmm| !stays(vmm)).partition(VmmFacts::is_alive);
    Change {
        state: facts.state,
        rest: facts.rest,
        active: None,
        target: None,
        outcome: None,
        disks_moved: false,
        end: alive.iter().filter(|vmm| !vmm.end_wanted).map(|vmm| vmm.id).collect(),
        free: ended.iter().map(|vmm| vmm.id).collect(),
        operation: None,
        crashes: facts.restart.crashes,
        pause_ms: None,
        start_due: false,
        happened: Vec::new(),
    }
}

fn operation_end(facts: &InstanceFacts, change: &Change) -> Option<OperationEnd> {
    if facts.operation == Some(OperationKind::InstanceReboot) {
        return reboot_end(facts, change);
    }
    let settled = match change.state {
        InstanceState::NoVmm | InstanceState::Failed => true,
        InstanceState::Creating | InstanceState::Vmm | InstanceState::Disowned | InstanceState::Destroyed => {
            false
        }
    };
    if !settled || facts.intent != Intent::Stopped {
        return None;
    }
    match facts.operation? {
        OperationKind::InstanceStop => {
            let ended_by = match course(facts) {
                Course::Nowhere { ended_by, .. } => Some(ended_by),
                Course::NothingLinked
                | Course::Undecided
                | Course::EndFirst { .. }
                | Course::GoesOn { .. } => None,
            };
            Some(OperationEnd::Stopped { ended_by })
        }
        OperationKind::InstanceForceStop => Some(OperationEnd::ForceStopped),
        OperationKind::InstanceStart => Some(OperationEnd::Cancelled),
        OperationKind::InstanceCreate
        | OperationKind::InstanceReboot
        | OperationKind::InstanceMigrate
        | OperationKind::InstanceDelete
        | OperationKind::DiskCreate
        | OperationKind::DiskDelete => None,
    }
}

/// A reboot ends by its report, or here, when the VMM that it was asked of isn't the active one any more.
fn reboot_end(facts: &InstanceFacts, change: &Change) -> Option<OperationEnd> {
    let goes_on = change.active.is_some() && change.active == facts.active.map(|vmm| vmm.id);
    if goes_on {
        return None;
    }
    let ended_by = facts.active.and_then(|vmm| vmm.cause_of_end());
    match facts.intent {
        Intent::Running => Some(OperationEnd::RebootSuperseded { ended_by }),
        Intent::Stopped | Intent::Destroyed => Some(OperationEnd::Cancelled),
    }
}

fn changes_anything(facts: &InstanceFacts, change: &Change) -> bool {
    change.state != facts.state
        || change.rest != facts.rest
        || change.active != facts.active.map(|vmm| vmm.id)
        || change.target != facts.target.map(|vmm| vmm.id)
        || facts.migration.is_some() && change.target.is_none()
        || !change.end.is_empty()
        || change.operation.is_some()
}

/// The facts as they are once the change is committed.
pub fn after(facts: &InstanceFacts, change: &Change) -> InstanceFacts {
    let find = |id: Option<VmmUuid>| {
        let vmm = facts.linked().find(|vmm| Some(vmm.id) == id)?;
        Some(VmmFacts { end_wanted: vmm.end_wanted || change.end.contains(&vmm.id), ..vmm })
    };
    let stays = |vmm: &VmmFacts| change.active == Some(vmm.id) || change.target == Some(vmm.id);
    InstanceFacts {
        intent: facts.intent,
        state: change.state,
        rest: change.rest,
        active: find(change.active),
        target: find(change.target),
        migration: facts.migration.filter(|_| change.target.is_some()),
        unlinked_alive: facts.unlinked_alive || facts.linked().any(|vmm| vmm.is_alive() && !stays(&vmm)),
        operation: facts.operation.filter(|_| change.operation.is_none()),
        reboot: facts.reboot.filter(|_| change.operation.is_none()),
        restart: RestartFacts {
            crashes: change.crashes,
            pausing: change.pause_ms.is_some() || facts.restart.pausing && change.rest == facts.rest,
            ..facts.restart
        },
    }
}

fn happened(facts: &InstanceFacts, change: &Change) -> Vec<Happened> {
    let mut happened = Vec::new();
    if !facts.is_sound() {
        happened.push(Happened::LinksRepaired);
    }
    happened.extend(change.end.iter().map(|&vmm| Happened::EndWanted { vmm }));
    match change.outcome {
        Some(MigrationOutcome::Completed) => {
            happened.extend(facts.target.map(|vmm| Happened::Migrated { vmm: vmm.id }));
        }
        Some(MigrationOutcome::Failed) => happened.push(Happened::MigrationFailed),
        None => {}
    }
    for vmm in facts.linked().filter(|vmm| change.free.contains(&vmm.id)) {
        let ended_by = vmm.cause_of_end();
        happened.extend(ended_by.map(|ended_by| Happened::Ended { vmm: vmm.id, ended_by }));
    }
    if facts.state == InstanceState::Disowned && change.state != InstanceState::Disowned {
        happened.push(Happened::Cleared);
    }
    if change.rest == Rest::GaveUp && facts.rest != Rest::GaveUp {
        happened.push(Happened::GaveUp { crashes: change.crashes });
    }
    if let Some(pause_ms) = change.pause_ms {
        happened.push(Happened::RestartPlanned { crashes: change.crashes, pause_ms });
    }
    happened
}
