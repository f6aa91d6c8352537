//! A hypervisor played by the tests of both ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use berth_common::migration::MigrationPhase;
use berth_sled_agent_api::migration::MigrationProgress;
use tokio::sync::mpsc;

use crate::hypervisor::LaunchError;
use crate::hypervisor::migration::{Channel, Migrator, Peer, Progress, Sending, Stream, Trail};

/// As a source it copies its guest for an hour, pauses it, and never sends the rest. As a target it doesn't answer `silent`
/// times, and then says whether the guest is here; that it arrives it never says. Nobody asks anything else of it.
#[derive(Debug, Default)]
pub(super) struct Played {
    pub silent: AtomicU32,
    pub is_here: bool,
}

fn never() -> LaunchError {
    LaunchError("nobody asks that of it".to_owned())
}

#[async_trait]
impl Migrator for Played {
    async fn send(
        &self,
        _: &Sending,
        _: Arc<dyn Peer>,
        progress: mpsc::UnboundedSender<Progress>,
    ) -> Result<Trail, LaunchError> {
        let told = |phase| progress.send(Progress { phase, numbers: MigrationProgress::default() });
        for _ in 0..60 {
            tokio::time::sleep(Duration::from_secs(60)).await;
            let _told = told(MigrationPhase::CopyingMemory);
        }
        loop {
            let _told = told(MigrationPhase::SwitchingOver);
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    async fn take_back(&self) -> Result<(), LaunchError> {
        Err(never())
    }

    async fn await_guest(&self, _: &[u32]) -> Result<bool, LaunchError> {
        let silent =
            self.silent.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        if silent.is_ok() { Err(LaunchError("no answer".to_owned())) } else { Ok(self.is_here) }
    }

    async fn receive(&self, _: Channel, _: Stream) -> Result<(), LaunchError> {
        Err(never())
    }

    async fn close_disks(&self) -> Result<(), LaunchError> {
        Err(never())
    }

    async fn arrived(&self) -> Result<(), LaunchError> {
        std::future::pending().await
    }

    async fn release(&self) -> Result<(), LaunchError> {
        Err(never())
    }
}
