//! What an instance is in the middle of: the row under which a request meets it.
//!
//! "What meets what" has one row for each thing in flight. Reading the row from the facts happens here, once; each verb
//! is then one total match over it, those of migration and reboot included.

use berth_common::instance::{InstanceState, Intent};
use berth_common::operation::OperationKind;
use berth_common::vmm::VmmState;

use crate::course::{Course, Side, course};
use crate::facts::{InstanceFacts, VmmFacts};

/// What is in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Situation {
    /// Its create saga runs.
    Creating,
    /// Nothing runs, nothing is due.
    Idle,
    /// Nothing runs, a start is due or will be after a pause, and nobody has taken it yet.
    Restarting,
    /// A start was accepted; its VMM may not be linked yet.
    Starting,
    /// The guest runs.
    Running,
    /// The guest is being restarted in place, or that was accepted.
    Rebooting,
    /// Two VMMs are linked, or one is sending the guest away.
    Migrating,
    /// A stop is in flight, or the guest is going down for another reason.
    Stopping,
    /// What ran has ended; the update saga hasn't cleared it away yet.
    Ending,
    /// Its VMMs are being ended for certain.
    Disowned,
    /// A delete was accepted.
    Deleting,
    /// It is gone.
    Destroyed,
}

impl Situation {
    /// Every value.
    pub const ALL: &'static [Situation] = &[
        Situation::Creating,
        Situation::Idle,
        Situation::Restarting,
        Situation::Starting,
        Situation::Running,
        Situation::Rebooting,
        Situation::Migrating,
        Situation::Stopping,
        Situation::Ending,
        Situation::Disowned,
        Situation::Deleting,
        Situation::Destroyed,
    ];
}

/// Reads the situation from the facts. Total.
pub fn situation(facts: &InstanceFacts) -> Situation {
    match (facts.state, facts.intent) {
        (InstanceState::Destroyed, _) => Situation::Destroyed,
        (
            InstanceState::Creating
            | InstanceState::NoVmm
            | InstanceState::Vmm
            | InstanceState::Disowned
            | InstanceState::Failed,
            Intent::Destroyed,
        ) => Situation::Deleting,
        (InstanceState::Creating, Intent::Running | Intent::Stopped) => Situation::Creating,
        (InstanceState::Disowned, Intent::Running | Intent::Stopped) => Situation::Disowned,
        (
            InstanceState::NoVmm | InstanceState::Vmm | InstanceState::Failed,
            Intent::Running | Intent::Stopped,
        ) => match facts.active {
            Some(active) if active.is_alive() => of_living(facts, &active),
            Some(_) => of_ended(facts),
            None if facts.target.is_some() || facts.state == InstanceState::Vmm => of_ended(facts),
            None => of_unlinked(facts),
        },
    }
}

fn of_living(facts: &InstanceFacts, active: &VmmFacts) -> Situation {
    if facts.intent == Intent::Stopped {
        return Situation::Stopping;
    }
    match active.state {
        VmmState::Stopping => Situation::Stopping,
        _ if facts.target.is_some() => Situation::Migrating,
        VmmState::Migrating => Situation::Migrating,
        VmmState::Rebooting => Situation::Rebooting,
        VmmState::Creating | VmmState::Starting => Situation::Starting,
        // The guest appeared, and the start's saga hasn't noticed: its operation is still open.
        VmmState::Running if facts.operation == Some(OperationKind::InstanceStart) => Situation::Starting,
        // Accepted, and its sled hasn't said anything of it yet.
        VmmState::Running if facts.operation == Some(OperationKind::InstanceReboot) => Situation::Rebooting,
        // Accepted, and its target isn't linked yet; or it is over, and its saga hasn't noticed.
        VmmState::Running if facts.operation == Some(OperationKind::InstanceMigrate) => Situation::Migrating,
        VmmState::Running => Situation::Running,
        VmmState::Destroyed | VmmState::Failed | VmmState::Unwound => Situation::Ending,
    }
}

/// The active VMM has ended: the guest may already go on at the target.
fn of_ended(facts: &InstanceFacts) -> Situation {
    match course(facts) {
        Course::GoesOn { at: Side::Target, end: false } if facts.intent == Intent::Stopped => {
            Situation::Stopping
        }
        Course::GoesOn { at: Side::Target, end: false } => Situation::Migrating,
        Course::GoesOn { .. }
        | Course::NothingLinked
        | Course::Undecided
        | Course::EndFirst { .. }
        | Course::Nowhere { .. } => Situation::Ending,
    }
}

fn of_unlinked(facts: &InstanceFacts) -> Situation {
    match (facts.intent, facts.operation) {
        (Intent::Running, Some(OperationKind::InstanceStart)) => Situation::Starting,
        _ if facts.start_is_coming() => Situation::Restarting,
        _ => Situation::Idle,
    }
}
