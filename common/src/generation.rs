//! Counters that only grow.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A counter from 1 that never decreases: of a record, of a VMM's reports, of an instance's epochs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Generation(i64);

impl Generation {
    /// The first value of every counter.
    pub const FIRST: Generation = Generation(1);

    /// The next value. Saturates: 2^63 changes don't happen.
    #[must_use]
    pub const fn next(self) -> Self {
        Generation(self.0.saturating_add(1))
    }

    /// As stored: a signed 64-bit integer.
    pub const fn as_i64(self) -> i64 {
        self.0
    }
}

impl From<i64> for Generation {
    fn from(value: i64) -> Self {
        Generation(value)
    }
}

impl From<Generation> for i64 {
    fn from(value: Generation) -> i64 {
        value.0
    }
}

impl std::fmt::Display for Generation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}
