//! The seam of live migration: what a hypervisor does at either end, and what it needs of the other end.
//!
//! ```text
//!  source                                         target
//!  send ──Peer::open(Memory)──▶ ... agents ... ──▶ receive(Memory, stream)
//!       ──Peer::open(Disks)───▶ ... tunnel ... ──▶ receive(Disks, stream)
//!       ──Peer::close_disks()─▶ ..............──▶ close_disks()
//!  returns: everything is on its way              arrived: everything is here; nothing runs
//!  (its agent hands off)                          release: the guest goes on
//! ```
//!
//! Invariants:
//! - A guest that arrived doesn't run before [`Migrator::release`]; one whose [`Migrator::send`] has returned doesn't
//!   run before [`Migrator::take_back`]. So at most one of the two runs, if at most one of these is called.
//! - Each may be called again after any death of the agent.
//! - When the streams break before everything has arrived, `send` fails, or what receives ends by itself.
//!
//! Not here: who may hand off to whom and when (`vmms/`), how the streams travel (`migration/`).

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use async_trait::async_trait;
use berth_common::migration::MigrationPhase;
use berth_sled_agent_api::migration::MigrationProgress;
use futures::FutureExt as _;
use futures::future::{BoxFuture, Fuse};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;

use super::LaunchError;

/// Bytes in both directions.
pub trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// A stream between the two hypervisors.
pub type Stream = Box<dyn Duplex>;

/// What flows through a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// The guest's memory and devices. One per migration.
    Memory,
    /// Writes to the target's disks. As many as the source wants.
    Disks,
}

/// The target as the source's hypervisor sees it.
#[async_trait]
pub trait Peer: Send + Sync + std::fmt::Debug {
    /// A new stream to it.
    async fn open(&self, channel: Channel) -> io::Result<Stream>;

    /// The disks are equal and nothing writes them any more: returns when the target takes no more writes.
    async fn close_disks(&self) -> io::Result<()>;
}

/// How a guest is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sending {
    /// Longest pause that is aimed at.
    pub downtime_limit_ms: u64,
    /// Slots of the disks that are copied.
    pub copied_slots: Vec<u32>,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub phase: MigrationPhase,
    pub numbers: MigrationProgress,
}

/// What is left at the source when its hypervisor has sent everything: bytes on their way, last numbers. The bytes move
/// for as long as it is kept, polled or not. It needn't be waited for: that they have arrived is the target's to say. An
/// error tells early that they won't. Once it has ended it says nothing more.
pub struct Trail(Fuse<BoxFuture<'static, Result<(), LaunchError>>>);

impl Trail {
    /// That of a hypervisor which does this yet.
    pub fn new(rest: impl Future<Output = Result<(), LaunchError>> + Send + 'static) -> Trail {
        Trail(rest.boxed().fuse())
    }

    /// Nothing is left.
    pub fn none() -> Trail {
        Trail::new(std::future::ready(Ok(())))
    }
}

impl fmt::Debug for Trail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Trail")
    }
}

impl Future for Trail {
    type Output = Result<(), LaunchError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll_unpin(context)
    }
}

/// One machine as an end of a migration.
#[async_trait]
pub trait Migrator: Send + Sync + std::fmt::Debug {
    /// Source: copies the guest while it runs, pauses it, sends the rest. Returns when all is sent; the guest is
    /// paused then, and doesn't go on by itself any more. After an error, or when this future or what it returned is
    /// dropped before everything has arrived, [`Migrator::take_back`] must be called.
    async fn send(
        &self,
        sending: &Sending,
        peer: Arc<dyn Peer>,
        progress: mpsc::UnboundedSender<Progress>,
    ) -> Result<Trail, LaunchError>;

    /// Source: whatever was begun is given up; returns when the guest runs again.
    async fn take_back(&self) -> Result<(), LaunchError>;

    /// Target: makes it ready to receive, the disks in these slots included. True: the whole guest is here already, a
    /// former agent received it.
    async fn await_guest(&self, copied_slots: &[u32]) -> Result<bool, LaunchError>;

    /// Target: takes one stream. Returns when the stream has ended.
    async fn receive(&self, channel: Channel, stream: Stream) -> Result<(), LaunchError>;

    /// Target: the copied disks take no more writes from outside.
    async fn close_disks(&self) -> Result<(), LaunchError>;

    /// Target: returns when the whole guest is here.
    async fn arrived(&self) -> Result<(), LaunchError>;

    /// Target: the guest goes on. Refused unless the whole guest is here.
    async fn release(&self) -> Result<(), LaunchError>;
}
