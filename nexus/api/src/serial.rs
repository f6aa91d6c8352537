//! The serial console: its history, and the live stream.
//!
//! The stream is a websocket. Binary frames to the reader are the guest's output, binary frames from the reader are typed.
//! Text frames to the reader are JSON, a [`ConsoleTold`] each; the first one is [`ConsoleTold::Begin`]. Reboots don't end
//! it; a new incarnation is another stream.

use base64::Engine;
pub use berth_common::console::ConsoleTold;
use berth_common::ids::VmmUuid;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::name_or_id::NameOrId;

/// Which part of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SerialQuery {
    /// The project of a name; not allowed beside an id.
    pub project: Option<NameOrId>,
    /// First byte wanted, counted from the incarnation's first output. Omitted: the last `max_bytes`.
    pub from: Option<u64>,
    /// At most so many bytes; 1 to 1 MiB, default 64 KiB.
    pub max_bytes: Option<u32>,
}

/// Where the stream shall begin.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsoleQuery {
    /// The project of a name; not allowed beside an id.
    pub project: Option<NameOrId>,
    /// First byte wanted, counted from the incarnation's first output. Omitted: the last 64 KiB, then what comes.
    pub from: Option<u64>,
}

/// A piece of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SerialHistory {
    /// Whose output it is: the current incarnation, or the last one.
    pub vmm_id: VmmUuid,
    /// Offset of the first byte of `data_base64`; above what was asked for where the beginning was cut off.
    pub from: u64,
    /// Offset to ask for next.
    pub next: u64,
    /// The guest's output, base64, because it is bytes and not always text.
    pub data_base64: String,
}

impl SerialHistory {
    /// The bytes; `None` if the sender's base64 is broken.
    pub fn data(&self) -> Option<Vec<u8>> {
        base64::engine::general_purpose::STANDARD.decode(&self.data_base64).ok()
    }
}
