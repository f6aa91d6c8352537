//! One end of a migration as a pure machine: (stage, event) → stage and effects; and what becomes of an order to it.
//!
//! ```text
//! source:  Sending ──▶ HandedOff ──▶ Settled          target:  Awaiting ─▶ Holding ─▶ Released ─▶ Resumed
//!             │        (ledger, then said)                         │           │
//!             ▼                                                    └─▶ Dropped ◀┘
//!         TakingBack ─▶ Kept
//! ```
//! It runs beside the VMM's own machine ([`super::machine`]), which knows nothing of migrations: a source that hands
//! off is killed like any other, a target that is released begins to run like any other.
//!
//! Why the guest is never in two places: only [`Stage::HandedOff`] in the source's ledger gives it away, and nobody is
//! told before it is there. A source in any other stage may take its guest back at any time, because no target was
//! released. A target runs nothing before [`Stage::Released`], which takes the source's word, or nexus' (who has read it
//! in a report).
//!
//! Why it is never lost in between: a target that has the whole guest ([`Stage::Holding`]) can't know whether it was
//! handed off. Neither a broken stream nor a deadline ends it any more, only an order or the end of its process.

use berth_common::migration::{MigrationHalf, MigrationRole};
use berth_common::refusal::Denial;
use berth_sled_agent_api::vmm::Admitted;
use serde::{Deserialize, Serialize};

use super::machine::Phase;

/// How far one end is, as far as anything is decided by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Source: being copied; the guest runs here, or is paused for the last part.
    Sending,
    /// Source: given up; the guest is being brought back.
    TakingBack,
    /// Source: the guest is here for good, or ended here. Final.
    Kept,
    /// Source: given away for good; the target may not know yet.
    HandedOff,
    /// Source: the target runs the guest, and said so. Final.
    Settled,
    /// Target: the guest isn't all here.
    Awaiting,
    /// Target: all of it is here, and doesn't run.
    Holding,
    /// Target: the guest is ours.
    Released,
    /// Target: the guest went on here. Final.
    Resumed,
    /// Target: nothing came of it. Final.
    Dropped,
}

impl Stage {
    /// Every stage.
    pub const ALL: &[Stage] = &[
        Stage::Sending,
        Stage::TakingBack,
        Stage::Kept,
        Stage::HandedOff,
        Stage::Settled,
        Stage::Awaiting,
        Stage::Holding,
        Stage::Released,
        Stage::Resumed,
        Stage::Dropped,
    ];

    /// Which end it is of.
    pub const fn role(self) -> MigrationRole {
        match self {
            Stage::Sending | Stage::TakingBack | Stage::Kept | Stage::HandedOff | Stage::Settled => {
                MigrationRole::Source
            }
            Stage::Awaiting | Stage::Holding | Stage::Released | Stage::Resumed | Stage::Dropped => {
                MigrationRole::Target
            }
        }
    }

    /// What nexus is told.
    pub const fn half(self) -> MigrationHalf {
        match self {
            Stage::Sending | Stage::TakingBack | Stage::Awaiting | Stage::Holding | Stage::Released => {
                MigrationHalf::InProgress
            }
            Stage::HandedOff | Stage::Settled | Stage::Resumed => MigrationHalf::Completed,
            Stage::Kept | Stage::Dropped => MigrationHalf::Failed,
        }
    }

    /// Nothing leads out of it: another migration may begin.
    pub const fn is_final(self) -> bool {
        matches!(self, Stage::Kept | Stage::Settled | Stage::Resumed | Stage::Dropped)
    }

    /// The guest isn't this VMM's (yet, or any more, or never): its process may end at any time, and must not run.
    pub const fn is_guestless(self) -> bool {
        matches!(self, Stage::Awaiting | Stage::Holding | Stage::Dropped | Stage::HandedOff | Stage::Settled)
    }

    /// A target whose copied disks are disks, because its guest may have written to them. Of any other target only nexus
    /// can tell: this host may have died after the hand-off, and before it heard of it.
    pub const fn has_brought_disks(self) -> bool {
        match self {
            Stage::Released | Stage::Resumed => true,
            Stage::Sending
            | Stage::TakingBack
            | Stage::Kept
            | Stage::HandedOff
            | Stage::Settled
            | Stage::Awaiting
            | Stage::Holding
            | Stage::Dropped => false,
        }
    }

    /// A target that was not released.
    pub const fn is_unreleased(self) -> bool {
        matches!(self, Stage::Awaiting | Stage::Holding | Stage::Dropped)
    }
}

/// What happens to an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// The copy failed, or its deadline passed.
    CopyFailed,
    /// Somebody asked for its end: a cancel, or a stop of the VMM.
    GivenUp,
    /// The agent was away: every stream was cut.
    AgentWasAway,
    /// Source: all is sent and has arrived.
    Sent,
    /// Source: its guest runs again.
    TakenBack,
    /// Source: the target says that the guest runs there.
    RunsThere,
    /// Target: the whole guest is here.
    Arrived,
    /// Target: the source has handed off, by its own word or by nexus'.
    HandedOver,
    /// Target: the guest's CPUs run.
    GuestRuns,
    /// The VMM's process is gone.
    MachineEnded,
}

impl Event {
    /// Every event.
    pub const ALL: &[Event] = &[
        Event::CopyFailed,
        Event::GivenUp,
        Event::AgentWasAway,
        Event::Sent,
        Event::TakenBack,
        Event::RunsThere,
        Event::Arrived,
        Event::HandedOver,
        Event::GuestRuns,
        Event::MachineEnded,
    ];
}

/// What must be done after a step, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// End what this process does for it: every stream breaks.
    Cut,
    /// Source: bring the guest back.
    TakeBack,
    /// Source: say again and again that the guest is the target's.
    Tell,
    /// Target: be there for the source.
    Listen,
    /// Target: let the guest run.
    Release,
    /// Target: the copied disks get their names.
    AdoptDisks,
    /// The VMM's process is ended.
    Kill,
}

/// What follows from an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    pub stage: Stage,
    pub effects: &'static [Effect],
}

/// An event that means nothing in this stage: changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{event:?} means nothing in stage {stage:?}")]
pub struct Illegal {
    pub stage: Stage,
    pub event: Event,
}

const fn to(stage: Stage, effects: &'static [Effect]) -> Step {
    Step { stage, effects }
}

/// The one gate: every change of a stage goes through here.
pub fn step(stage: Stage, event: Event) -> Result<Step, Illegal> {
    use Effect::{AdoptDisks, Cut, Kill, Listen, Release, TakeBack, Tell};
    use Stage::{
        Awaiting, Dropped, HandedOff, Holding, Kept, Released, Resumed, Sending, Settled, TakingBack,
    };
    let next = match (stage, event) {
        (Sending, Event::CopyFailed | Event::GivenUp | Event::AgentWasAway) => {
            to(TakingBack, &[Cut, TakeBack])
        }
        (Sending, Event::Sent) => to(HandedOff, &[Kill]),
        (Sending | TakingBack, Event::MachineEnded) => to(Kept, &[Cut]),
        (TakingBack, Event::AgentWasAway) => to(TakingBack, &[TakeBack]),
        (TakingBack, Event::TakenBack) => to(Kept, &[]),
        // What was on its way when it was given up.
        (TakingBack, Event::CopyFailed | Event::GivenUp | Event::Sent) => to(TakingBack, &[]),

        (HandedOff, Event::AgentWasAway) => to(HandedOff, &[Kill, Tell]),
        (HandedOff, Event::RunsThere) => to(Settled, &[]),
        (HandedOff | Settled, Event::MachineEnded) => to(stage, &[]),

        (Awaiting | Holding | Released | Resumed, Event::AgentWasAway) => {
            to(stage, if matches!(stage, Released) { &[Listen, Release] } else { &[Listen] })
        }
        (Awaiting, Event::Arrived) => to(Holding, &[]),
        (Awaiting, Event::CopyFailed) => to(Dropped, &[Cut, Kill]),
        // The guest may be ours already: only an order ends it.
        (Holding, Event::CopyFailed | Event::Arrived) => to(Holding, &[]),
        (Awaiting | Holding, Event::GivenUp) => to(Dropped, &[Cut, Kill]),
        (Awaiting | Holding, Event::MachineEnded) => to(Dropped, &[Cut]),
        (Holding, Event::HandedOver) => to(Released, &[Release]),
        // Nobody lets a guest run but by `Released`: one that runs was released, and the ledger is behind.
        (Awaiting | Holding | Released, Event::GuestRuns) => to(Resumed, &[AdoptDisks]),
        (Released, Event::HandedOver) => to(Released, &[Release]),
        // It was ours when it ended: its disks are, too.
        (Released, Event::MachineEnded) => to(Resumed, &[AdoptDisks]),
        (Released, Event::CopyFailed | Event::Arrived) => to(Released, &[]),
        (Resumed, Event::HandedOver | Event::GuestRuns | Event::MachineEnded | Event::CopyFailed) => {
            to(Resumed, &[])
        }
        (Dropped, Event::MachineEnded) => to(Dropped, &[]),
        (Dropped, Event::AgentWasAway) => to(Dropped, &[Kill]),

        (
            Sending,
            Event::TakenBack | Event::RunsThere | Event::Arrived | Event::HandedOver | Event::GuestRuns,
        )
        | (TakingBack, Event::RunsThere | Event::Arrived | Event::HandedOver | Event::GuestRuns)
        | (
            HandedOff,
            Event::CopyFailed
            | Event::GivenUp
            | Event::Sent
            | Event::TakenBack
            | Event::Arrived
            | Event::HandedOver
            | Event::GuestRuns,
        )
        | (Awaiting, Event::HandedOver)
        | (Released | Resumed, Event::GivenUp)
        | (Resumed, Event::Arrived)
        | (Awaiting | Holding | Released | Resumed, Event::Sent | Event::TakenBack | Event::RunsThere)
        | (
            Dropped,
            Event::CopyFailed
            | Event::GivenUp
            | Event::Sent
            | Event::TakenBack
            | Event::RunsThere
            | Event::Arrived
            | Event::HandedOver
            | Event::GuestRuns,
        )
        | (
            Settled,
            Event::CopyFailed
            | Event::GivenUp
            | Event::AgentWasAway
            | Event::Sent
            | Event::TakenBack
            | Event::RunsThere
            | Event::Arrived
            | Event::HandedOver
            | Event::GuestRuns,
        )
        | (Kept, _) => return Err(Illegal { stage, event }),
    };
    Ok(next)
}

/// What nexus orders of an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ordered {
    Send,
    Cancel,
    Resume,
}

impl Ordered {
    /// Every order.
    pub const ALL: &[Ordered] = &[Ordered::Send, Ordered::Cancel, Ordered::Resume];
}

/// The migration that a VMM takes, or last took, part in, as seen by an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// None.
    None,
    /// The one that the order names.
    This(Stage),
    /// Another one.
    Other(Stage),
}

/// What becomes of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// A source begins.
    Begin,
    /// It is remembered as cancelled, though it never began: the order to send it may still come.
    RememberCancelled,
    /// The event happens.
    Do(Event),
    Already,
    /// The same request was taken before: the same answer.
    Recorded(Admitted),
    Deny(Denial),
}

/// Decides.
pub fn decide(phase: Phase, known: Known, ordered: Ordered, seen: Option<Admitted>) -> Decision {
    if let Some(admitted) = seen {
        return Decision::Recorded(admitted);
    }
    if matches!(phase, Phase::Withdrawn) {
        return Decision::Deny(Denial::NotRegistered);
    }
    match (known, ordered) {
        (Known::Other(stage), _) if !stage.is_final() => Decision::Deny(Denial::WrongMigration),
        (Known::This(stage), Ordered::Send) => match stage.role() {
            // How it ended, if it has, is in the report.
            MigrationRole::Source => Decision::Already,
            MigrationRole::Target => Decision::Deny(Denial::WrongMigration),
        },
        (Known::None | Known::Other(_), Ordered::Send) => match phase {
            Phase::Running => Decision::Begin,
            Phase::Preparing => Decision::Deny(Denial::NotRegistered),
            _ => Decision::Deny(Denial::WrongState),
        },
        (Known::This(stage), Ordered::Cancel) => match stage {
            Stage::Sending | Stage::Awaiting | Stage::Holding => Decision::Do(Event::GivenUp),
            Stage::TakingBack | Stage::Kept | Stage::Dropped => Decision::Already,
            Stage::HandedOff | Stage::Settled | Stage::Released | Stage::Resumed => {
                Decision::Deny(Denial::WrongState)
            }
        },
        (Known::None | Known::Other(_), Ordered::Cancel) => {
            if phase.is_final() {
                Decision::Already
            } else {
                Decision::RememberCancelled
            }
        }
        (Known::This(stage), Ordered::Resume) => match stage {
            Stage::Holding => Decision::Do(Event::HandedOver),
            Stage::Released | Stage::Resumed => Decision::Already,
            Stage::Awaiting
            | Stage::Dropped
            | Stage::Sending
            | Stage::TakingBack
            | Stage::Kept
            | Stage::HandedOff
            | Stage::Settled => Decision::Deny(Denial::WrongState),
        },
        (Known::None | Known::Other(_), Ordered::Resume) => Decision::Deny(Denial::WrongMigration),
    }
}

#[cfg(test)]
mod tests;
