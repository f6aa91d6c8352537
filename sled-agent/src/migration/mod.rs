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
//! # The pause
//!
//! From the guest's stop at the source to its going on at the target nothing runs, so nothing is done then that can be
//! done before or after. In this order, each waiting for the one before:
//!
//! 1. QEMU sends the rest, through the tunnel, and takes it in. Meanwhile the source's ledger entry is *written ahead*:
//!    a synced file beside it that says `handed_off` and has no name that counts.
//! 2. The target says *arrived*. While that travels, its own entry is written ahead, with `released`.
//! 3. The source gives its file the entry's name, and syncs the directory: this hands off.
//! 4. It says so, and the target does the same with its file: this releases.
//! 5. The target's QEMU is told to go on.
//!
//! The two syncs of 3 and 4 can't be joined, done early or left out. Before 3 the source may take its guest back, so it
//! must know of *arrived* first; a source that could hand off and forget it would run what runs at the target. Before 4
//! the target may be ended, and its copies be thrown away; one that could let the guest run and forget it would lose
//! what the guest has written since. What else is written down (that the guest is here, that it runs) is found again by
//! whoever comes after, and is written when the guest runs.
//!
//! Not here: what is decided at either end (`vmms/`), what QEMU is told (`hypervisor/qemu/migrate`).

mod control;
#[cfg(test)]
mod played;
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

/// A guest's pause as its source saw it: when each part was over, counted from the guest's stop.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pause {
    /// The hypervisor had sent everything.
    pub sent: Duration,
    /// The target had said that everything is there.
    pub arrived: Duration,
    /// The hand-off was durable.
    pub handed_off: Duration,
    /// The target had said that the guest runs.
    pub runs: Duration,
}

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
    RunsThere { pause: Option<Pause> },
    /// Source: it was given up, and the guest runs here again.
    TakenBack,
    /// Target: the hypervisor is ready to receive.
    Waiting,
    /// Target: the guest's memory begins to come.
    Began,
    /// Target: the whole guest is here; nothing runs. The source learns of it when this is answered.
    Arrived(oneshot::Sender<()>),
    /// Target: the source has handed off. It is answered when the guest goes on here, whatever becomes of this agent.
    HandedOff(oneshot::Sender<()>),
}
