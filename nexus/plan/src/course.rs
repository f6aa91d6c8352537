//! Where a guest goes on: decided from the two VMMs and the two halves of a migration alone.
//!
//! The guest was **handed over** as soon as one of these says so: the source's half completed (its agent wrote
//! `handed_off`), the target's half completed (it was let run), the source ended `migrated_away`. From then on the
//! source never runs again, whatever becomes of the target: the target may have written to the disks.
//!
//! | handed over | source | target | target's half | course |
//! |---|---|---|---|---|
//! | - | alive | none, no migration | - | goes on at the source |
//! | - | ended | none, no migration | - | nowhere: the source's cause |
//! | no | alive | ended | not completed | goes on at the source; the migration failed |
//! | no | alive | alive | either half failed | the target must end first; then the row above |
//! | no | alive | alive | no half failed | undecided: in progress |
//! | no | fenced | alive | no half failed | undecided: the hand-over may be under way, the target's half will say |
//! | no | ended, fenced or not | alive | otherwise | the target must end first: it holds no whole guest |
//! | no | ended | ended | not completed | nowhere: the source's cause (both hosts lost: restart) |
//! | yes | any | alive | completed | goes on at the target; a source still alive is to be ended |
//! | yes | any | alive | failed | both must end first: the guest is in neither |
//! | yes | any | alive | pending, in progress | undecided: the target is about to run, or to fail |
//! | yes | alive | ended | any | the source must end first: it may not go on |
//! | yes | ended | ended | completed | nowhere: the target's cause (it died after it reported completed) |
//! | yes | ended | ended | not completed | nowhere, lost in the hand-over: nobody ran |
//!
//! A target that holds the whole guest is never let run because its source is proven dead: the source may have taken the
//! guest back, and written to the disks, before it died. Only the source's word is a hand-over, heard by nexus in a report
//! or by the target's agent, which refuses to give up once it has heard it.
//!
//! *Undecided* is bounded from outside: at the migration's deadline, and as soon as its source was declared dead, the target
//! is told to give up, so that its half says which of both it was; a lost sled's VMM is declared dead by proof. Links that the schema excludes (a target without a migration, a migration
//! without a target, a target without an active VMM) are repaired: what is alive and may hold the guest is kept as the
//! active VMM, and ended where it isn't known to hold a whole one; the rest is unlinked.

use berth_common::migration::{MigrationHalf, MigrationOutcome};
use berth_common::vmm::EndedBy;

use crate::facts::{InstanceFacts, MigrationFacts, VmmFacts};

/// One of the two linked VMMs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Active,
    Target,
}

/// What becomes of the guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    /// No VMM is linked.
    NothingLinked,
    /// More must be reported first.
    Undecided,
    /// These linked VMMs must have ended before anything else is decided; the links stay.
    EndFirst { active: bool, target: bool },
    /// That VMM is the only one left, the other loses its link. `end`: it may not go on either, but is alive.
    GoesOn { at: Side, end: bool },
    /// All linked VMMs have ended.
    Nowhere {
        /// Why the one that had the guest ended.
        ended_by: EndedBy,
        /// The guest was lost between source and target: a fault of the platform, whatever ended the VMMs.
        in_hand_over: bool,
    },
}

/// The guest has left the source for good.
pub fn handed_over(facts: &InstanceFacts) -> bool {
    let halves_say_so = facts.migration.is_some_and(|halves| {
        halves.source == MigrationHalf::Completed || halves.target == MigrationHalf::Completed
    });
    let left = facts.active.is_some_and(|vmm| vmm.cause_of_end() == Some(EndedBy::MigratedAway));
    halves_say_so || left
}

/// The disks that were copied are where the target is: the guest was handed over, and may have written to them there.
/// A target whose half failed never let it run: the source's files are the disks, as the guest left them. Sleds throw
/// no copy away by themselves: this decides, also against what a target's sled says that comes back later.
pub fn disks_moved(facts: &InstanceFacts) -> bool {
    handed_over(facts) && facts.migration.is_none_or(|halves| halves.target != MigrationHalf::Failed)
}

/// What became of a migration that isn't linked any more, once everything of its instance has ended: its outcome, and
/// whether the disks moved, as [`disks_moved`] says. Total.
pub fn outcome_in_retrospect(halves: MigrationFacts) -> (MigrationOutcome, bool) {
    match halves.target {
        MigrationHalf::Completed => (MigrationOutcome::Completed, true),
        MigrationHalf::Pending | MigrationHalf::InProgress => {
            (MigrationOutcome::Failed, halves.source == MigrationHalf::Completed)
        }
        MigrationHalf::Failed => (MigrationOutcome::Failed, false),
    }
}

/// Decides where the guest goes on. Total.
pub fn course(facts: &InstanceFacts) -> Course {
    match (facts.active, facts.target, facts.migration) {
        (None, None, _) => Course::NothingLinked,
        (Some(active), None, None) => alone(&active),
        (Some(active), Some(target), Some(halves)) => migrating(facts, &active, &target, halves),
        (Some(active), Some(target), None) => without_migration(&active, &target),
        (Some(active), None, Some(_)) => without_target(facts, &active),
        (None, Some(target), halves) => without_active(&target, halves),
    }
}

fn alone(active: &VmmFacts) -> Course {
    match active.cause_of_end() {
        None => Course::GoesOn { at: Side::Active, end: false },
        Some(ended_by) => Course::Nowhere { ended_by, in_hand_over: false },
    }
}

fn migrating(facts: &InstanceFacts, active: &VmmFacts, target: &VmmFacts, halves: MigrationFacts) -> Course {
    if handed_over(facts) {
        after_hand_over(active, target, halves)
    } else {
        before_hand_over(active, target, halves)
    }
}

fn before_hand_over(active: &VmmFacts, target: &VmmFacts, halves: MigrationFacts) -> Course {
    let failed = halves.source == MigrationHalf::Failed || halves.target == MigrationHalf::Failed;
    match (active.cause_of_end(), target.is_alive()) {
        (None, false) => Course::GoesOn { at: Side::Active, end: false },
        (None, true) if failed => Course::EndFirst { active: false, target: true },
        (None, true) => Course::Undecided,
        // Declared dead without a last word: its half may be older than the hand-over.
        (Some(EndedBy::Fenced), true) if !failed => Course::Undecided,
        (Some(_), true) => Course::EndFirst { active: false, target: true },
        (Some(ended_by), false) => Course::Nowhere { ended_by, in_hand_over: false },
    }
}

fn after_hand_over(active: &VmmFacts, target: &VmmFacts, halves: MigrationFacts) -> Course {
    match (target.cause_of_end(), halves.target) {
        (None, MigrationHalf::Completed) => Course::GoesOn { at: Side::Target, end: false },
        (None, MigrationHalf::Failed) => Course::EndFirst { active: active.is_alive(), target: true },
        (None, MigrationHalf::Pending | MigrationHalf::InProgress) => Course::Undecided,
        (Some(_), _) if active.is_alive() => Course::EndFirst { active: true, target: false },
        (Some(ended_by), MigrationHalf::Completed) => Course::Nowhere { ended_by, in_hand_over: false },
        (Some(ended_by), MigrationHalf::Pending | MigrationHalf::InProgress | MigrationHalf::Failed) => {
            Course::Nowhere { ended_by, in_hand_over: true }
        }
    }
}

/// Repair: nobody can have told the target to run.
fn without_migration(active: &VmmFacts, target: &VmmFacts) -> Course {
    match (active.cause_of_end(), target.is_alive()) {
        (None, _) => Course::GoesOn { at: Side::Active, end: false },
        (Some(_), true) => Course::GoesOn { at: Side::Target, end: true },
        (Some(ended_by), false) => Course::Nowhere { ended_by, in_hand_over: false },
    }
}

/// Repair: the target's row is gone, so it has ended.
fn without_target(facts: &InstanceFacts, active: &VmmFacts) -> Course {
    match active.cause_of_end() {
        None => Course::GoesOn { at: Side::Active, end: handed_over(facts) },
        Some(ended_by) => Course::Nowhere { ended_by, in_hand_over: handed_over(facts) },
    }
}

/// Repair: the source's row is gone, so it has ended.
fn without_active(target: &VmmFacts, halves: Option<MigrationFacts>) -> Course {
    let completed = halves.is_some_and(|halves| halves.target == MigrationHalf::Completed);
    match target.cause_of_end() {
        None => Course::GoesOn { at: Side::Target, end: !completed },
        Some(ended_by) => Course::Nowhere { ended_by, in_hand_over: !completed },
    }
}
