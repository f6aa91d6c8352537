//! `nexus check`: every invariant, recomputed from the rows.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CheckReport {
    /// Invariants that were checked, by name.
    pub checked: Vec<String>,
    /// Differences; empty: all is well.
    pub findings: Vec<Finding>,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// The invariant that doesn't hold.
    pub invariant: String,
    /// Of what.
    pub subject: String,
    /// What was found, and what was expected.
    pub message: String,
}
