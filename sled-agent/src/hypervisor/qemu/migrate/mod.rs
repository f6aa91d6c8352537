//! A QEMU as one end of a live migration.
//!
//! ```text
//!  source: QEMU ─unix:memory.sock─▶ this agent ─Peer::open─▶ …    target: … ─receive─▶ unix:incoming.sock ▶ QEMU
//!               ─unix:disks.sock──▶                                                   unix:nbd.sock
//! ```
//! The monitor is one of its own ([`Place::MIGRATION_MONITOR`]), so that a long copy and the question whether QEMU
//! answers at all don't wait for each other.
//!
//! QEMU has no hand-over of its own: a source that has *completed* would go on if it were told `cont`, and a target
//! goes on with `cont`. Neither is told here but by `take_back` and `release`.
//!
//! - The source pauses before the switch-over only where disks are copied: there the copy must be ended in between.
//!   Elsewhere the pause would add a round trip to the guest's downtime and decide nothing, because the target waits
//!   for the word in any case.
//! - *Completed* at the source is final: from then on QEMU doesn't let the guest go on by itself, as it does after a
//!   failure. That, and the target's *completed*, are all that a hand-over needs. QEMU's clearing up, the end of the
//!   stream and the last numbers come milliseconds later, and nobody waits for them with a paused guest.
//! - The target opens its disks late (`late-block-activate`): until it is released, the source could still go on.

mod disks;
mod link;
mod source;
mod status;
mod streams;
mod target;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use async_trait::async_trait;
use tokio::sync::{Mutex, mpsc};

use self::link::Link;
use crate::hypervisor::LaunchError;
use crate::hypervisor::migration::{Channel, Migrator, Peer, Progress, Sending, Stream, Trail};
use crate::shim::place::Place;

/// Names of sockets in the VMM's folder, which is QEMU's working directory.
const MEMORY_SOCKET: &str = "memory.sock";
const DISKS_SOCKET: &str = "disks.sock";
const INCOMING_SOCKET: &str = "incoming.sock";
const NBD_SOCKET: &str = "nbd.sock";

/// One QEMU's end.
#[derive(Debug)]
pub(super) struct QemuMigrator {
    place: Place,
    link: Mutex<Option<Arc<Link>>>,
    /// The whole guest was seen to be here.
    has_arrived: AtomicBool,
}

impl QemuMigrator {
    pub(super) fn new(place: Place) -> Self {
        Self { place, link: Mutex::new(None), has_arrived: AtomicBool::new(false) }
    }
}

#[async_trait]
impl Migrator for QemuMigrator {
    async fn send(
        &self,
        sending: &Sending,
        peer: Arc<dyn Peer>,
        progress: mpsc::UnboundedSender<Progress>,
    ) -> Result<Trail, LaunchError> {
        self.send_guest(sending, peer, progress).await
    }

    async fn take_back(&self) -> Result<(), LaunchError> {
        self.take_guest_back().await
    }

    async fn await_guest(&self, copied_slots: &[u32]) -> Result<bool, LaunchError> {
        self.listen_for_guest(copied_slots).await
    }

    async fn receive(&self, channel: Channel, stream: Stream) -> Result<(), LaunchError> {
        streams::into_qemu(&self.place, channel, stream).await
    }

    async fn close_disks(&self) -> Result<(), LaunchError> {
        self.close_exports().await
    }

    async fn arrived(&self) -> Result<(), LaunchError> {
        self.wait_for_guest().await
    }

    async fn release(&self) -> Result<(), LaunchError> {
        self.let_guest_go_on().await
    }
}
