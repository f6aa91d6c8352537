//! The tunnel: how the streams of a live migration travel from one agent to another.
//!
//! ```text
//!  QEMU ─unix─ source's agent ══ TLS, both certificates ══ target's agent ─unix─ QEMU
//! ```
//! Hypervisors never listen on a network. Every connection goes to the target agent's own port, and opens with a line
//! that names the migration and what flows ([`wire`]). Besides the hypervisors' streams there is one *control* stream
//! per migration: two agents speaking in lines.
//!
//! Invariants:
//! - Only the sled that nexus named as the source gets through, by its certificate; nobody else learns more than *no*.
//! - The streams live in the agents: whichever agent dies, they are cut, and the copy fails. A guest that was handed
//!   off is on both sides of that line only by what the source's ledger says.
//!
//! Not here: what is decided at either end (`vmms/`), what QEMU is told (`hypervisor/qemu/migrate`).

mod control;
pub mod roads;
pub(crate) mod source;
pub(crate) mod target;
pub mod tls;
pub mod tunnel;
pub mod wire;

use std::time::Duration;

use tokio::sync::oneshot;

use crate::hypervisor::migration::Progress;

/// How soon a source whose word didn't get through says it again.
pub(crate) const AGAIN: Duration = Duration::from_millis(500);

/// What the task of a VMM is told by whoever does its part of a migration.
#[derive(Debug)]
pub(crate) enum News {
    /// Either: before the guest was sent, or was here.
    Failed(String),
    /// Source.
    Progress(Progress),
    /// Source: all is sent and has arrived; nothing runs anywhere. Whoever answers has made the hand-off durable;
    /// whoever drops the answer has decided otherwise.
    Sent(oneshot::Sender<()>),
    /// Source: the guest runs at the target. How long nothing ran, if this process saw it.
    RunsThere { downtime: Option<Duration> },
    /// Source: it was given up, and the guest runs here again.
    TakenBack,
    /// Target: the hypervisor is ready to receive.
    Waiting,
    /// Target: the guest's memory begins to come.
    Began,
    /// Target: the whole guest is here; nothing runs. The source learns of it when this is answered.
    Arrived(oneshot::Sender<()>),
    /// Target: the source has handed off. It is answered when the guest goes on here, and that is durable.
    HandedOff(oneshot::Sender<()>),
}
