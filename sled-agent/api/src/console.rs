//! The live serial console of a VMM: one websocket, output and input.
//!
//! `GET /vmms/{vmm}/console?from=OFFSET`, upgraded. A request that isn't served is refused before the upgrade, as any
//! other. Then:
//!
//! - Binary frames to the reader are the guest's output, in order, without a gap but those that are told.
//! - Binary frames from the reader are what is typed, to the guest's serial port. A guest that doesn't read it makes
//!   nobody wait: what doesn't fit any more is dropped, and that is told.
//! - Text frames to the reader are JSON, a [`ConsoleTold`] each. The first frame is [`ConsoleTold::Begin`]. Text
//!   frames from the reader are passed over: they are for later versions.
//! - The server pings every [`PING_EVERY_S`] seconds; a reader from which nothing comes for three times as long is
//!   let go. Any number of readers see the same output; each has its own connection and its own pace.
//! - Reboots don't end it. When the VMM is over, all its output is sent, then [`ConsoleTold::End`], then a close.

pub use berth_common::console::ConsoleTold;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How often a reader is asked whether it is there.
pub const PING_EVERY_S: u64 = 15;

/// Longest frame either side takes, in bytes.
pub const FRAME_MAX_BYTES: usize = 64 * 1024;

/// Where the output shall begin.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ConsoleQuery {
    /// First byte wanted, counted from the VMM's first output: a reader that comes back says where it was. Omitted:
    /// the last 64 KiB, then what comes.
    pub from: Option<u64>,
}
