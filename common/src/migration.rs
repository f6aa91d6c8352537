//! States of a live migration: each half as its sled reports it, and the one outcome nexus decides.

use crate::text_enum::text_enum;

text_enum! {
    /// One half of a migration, source or target.
    pub enum MigrationHalf {
        Pending = "pending",
        InProgress = "in_progress",
        Completed = "completed",
        Failed = "failed",
    }
}

impl MigrationHalf {
    /// A half that completed or failed doesn't change any more.
    pub const fn is_terminal(self) -> bool {
        match self {
            MigrationHalf::Completed | MigrationHalf::Failed => true,
            MigrationHalf::Pending | MigrationHalf::InProgress => false,
        }
    }
}

text_enum! {
    /// Which end of a migration a VMM is.
    pub enum MigrationRole {
        Source = "source",
        Target = "target",
    }
}

text_enum! {
    /// How far one half is, for people; what decides is [`MigrationHalf`].
    pub enum MigrationPhase {
        /// Nothing is sent yet.
        Preparing = "preparing",
        /// Local disks are copied while the guest runs.
        CopyingDisks = "copying_disks",
        /// Memory is copied while the guest runs.
        CopyingMemory = "copying_memory",
        /// The guest is paused; the rest is sent.
        SwitchingOver = "switching_over",
        /// The source has given the guest away for good; the target may let it run.
        HandedOff = "handed_off",
        /// It is being given up.
        Cancelling = "cancelling",
        /// This half has completed or failed.
        Over = "over",
    }
}

text_enum! {
    /// What nexus decided about a migration.
    pub enum MigrationOutcome {
        /// The guest goes on at the target.
        Completed = "completed",
        /// The guest goes on at the source, or nowhere.
        Failed = "failed",
    }
}
