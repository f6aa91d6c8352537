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
    /// What nexus decided about a migration.
    pub enum MigrationOutcome {
        /// The guest goes on at the target.
        Completed = "completed",
        /// The guest goes on at the source, or nowhere.
        Failed = "failed",
    }
}
