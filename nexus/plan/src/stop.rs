//! May this instance be stopped, and what does the stop cancel?
//!
//! A stop ends for certain: it is an intent, delivered until the observation matches. Asked again it can only shorten.

use berth_common::instance::Intent;
use berth_common::operation::OperationKind;

use crate::decision::{CREATING, DELETING, DESTROYED, Decision};
use crate::facts::InstanceFacts;
use crate::situation::{Situation, situation};

/// How long the user lets the guest take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grace {
    /// The instance's own grace.
    Default,
    /// So many milliseconds.
    Millis(u64),
    /// None at all (`force`).
    Force,
}

/// Times of stops, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StopTimes {
    /// The instance's own grace.
    pub default_ms: u64,
    /// What is left to the stop in flight; none where no stop is in flight, or its deadline isn't known.
    pub remaining_ms: Option<u64>,
}

/// What a stop writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopPlan {
    /// A new stop: intent *stopped*, deadline in `grace_ms`, a new operation.
    Begin {
        /// Time for the guest to obey, from now.
        grace_ms: u64,
        /// The work in flight whose operation ends `cancelled` in the same transaction.
        cancels: Option<Cancels>,
        /// When it is done.
        done: StopDone,
    },
    /// The stop in flight gets an earlier deadline, in `grace_ms`; its operation goes on.
    Shorten {
        /// Time for the guest to obey, from now: less than what was left.
        grace_ms: u64,
    },
}

/// When a new stop is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopDone {
    /// In the transaction that accepts it: no VMM is linked, and a start in flight can't link one under the new
    /// intent generation.
    AtOnce,
    /// When what is linked, or disowned, has ended and is cleared away.
    WhenEnded,
}

/// Work that a later request cancels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cancels {
    Create,
    Start,
    Reboot,
    Migration,
    Stop,
}

impl Cancels {
    /// What someone who wins over everything cancels.
    pub(crate) fn all_of(facts: &InstanceFacts) -> Option<Cancels> {
        match situation(facts) {
            Situation::Creating => Some(Cancels::Create),
            Situation::Starting => Some(Cancels::Start),
            Situation::Rebooting => Some(Cancels::Reboot),
            Situation::Migrating => Some(Cancels::Migration),
            Situation::Idle
            | Situation::Restarting
            | Situation::Running
            | Situation::Stopping
            | Situation::Ending
            | Situation::Disowned => {
                (facts.operation == Some(OperationKind::InstanceStop)).then_some(Cancels::Stop)
            }
            Situation::Deleting | Situation::Destroyed => None,
        }
    }
}

/// Decides a stop. Total.
pub fn stop(facts: &InstanceFacts, grace: Grace, times: StopTimes) -> Decision<StopPlan> {
    let grace_ms = match grace {
        Grace::Default => times.default_ms,
        Grace::Millis(grace_ms) => grace_ms,
        Grace::Force => 0,
    };
    let begin = |cancels, done| Decision::Go(StopPlan::Begin { grace_ms, cancels, done });
    let asked_before = facts.intent == Intent::Stopped;

    match situation(facts) {
        Situation::Idle => Decision::Already,
        Situation::Restarting => begin(None, StopDone::AtOnce),
        Situation::Starting if facts.is_linked() => begin(Some(Cancels::Start), StopDone::WhenEnded),
        Situation::Starting => begin(Some(Cancels::Start), StopDone::AtOnce),
        Situation::Running => begin(None, StopDone::WhenEnded),
        Situation::Rebooting => begin(Some(Cancels::Reboot), StopDone::WhenEnded),
        Situation::Migrating => begin(Some(Cancels::Migration), StopDone::WhenEnded),
        Situation::Stopping if asked_before => match times.remaining_ms {
            Some(remaining_ms) if remaining_ms <= grace_ms => Decision::Already,
            Some(_) | None => Decision::Go(StopPlan::Shorten { grace_ms }),
        },
        Situation::Ending | Situation::Disowned if asked_before => Decision::Already,
        // Without the user's wish it would be started again.
        Situation::Stopping | Situation::Ending | Situation::Disowned => begin(None, StopDone::WhenEnded),
        Situation::Creating => Decision::Refuse(CREATING),
        Situation::Deleting => Decision::Refuse(DELETING),
        Situation::Destroyed => Decision::Refuse(DESTROYED),
    }
}
