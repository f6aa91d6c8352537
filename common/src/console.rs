//! What is told on a live serial console, beside the guest's output: by the agent, passed on by nexus, read by users.

use serde::{Deserialize, Serialize};

/// What a text frame of the stream says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ConsoleTold {
    /// The next byte has this offset; above what was asked for where the beginning was cut off.
    Begin {
        /// Offset of the next byte.
        from: u64,
    },
    /// Output was dropped, because it was read too slowly: the next byte has this offset.
    Gap {
        /// Offset of the next byte.
        from: u64,
    },
    /// What was typed didn't reach the guest: it doesn't read, or doesn't run.
    InputDropped {
        /// How much of it.
        bytes: u64,
    },
    /// The VMM is over, and this was all.
    End,
}
