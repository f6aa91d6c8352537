//! A simulated guest as an end of a migration: its life travels as text, its disks as they are.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use berth_common::migration::MigrationPhase;
use berth_sled_agent_api::migration::MigrationProgress;
use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::SimulatedClock;
use super::fate::Fault;
use super::life::{Cell, Life, LifeStanding};
use super::words::{Quirk, Script};
use crate::hypervisor::LaunchError;
use crate::hypervisor::migration::{Channel, Migrator, Peer, Progress, Sending, Stream, Trail};
use crate::storage::incoming::adopted_path;

/// What a guest that is sent seems to weigh.
const GUEST_BYTES: u64 = 64 << 20;
/// How often its source says how far it is.
const STEP: Duration = Duration::from_millis(5);
/// A byte that says *taken*.
const TAKEN: u8 = b'+';

/// What there is of a guest, whoever runs it.
#[derive(Debug, Serialize, Deserialize)]
struct Soul {
    script: Script,
    boot_id: Uuid,
    age_ms: u64,
}

/// One life's end of a migration.
#[derive(Debug)]
pub(super) struct SimulatedMigrator {
    cell: Arc<Cell>,
    clock: SimulatedClock,
}

impl SimulatedMigrator {
    pub(super) fn new(cell: Arc<Cell>, clock: SimulatedClock) -> Self {
        Self { cell, clock }
    }

    fn check_alive(&self) -> Result<(), LaunchError> {
        match self.cell.standing(self.clock.now_ms())? {
            LifeStanding::Runs { .. } => Ok(()),
            LifeStanding::Ended(_) => Err(LaunchError("its process has ended".to_owned())),
        }
    }

    fn disk(&self, slot: u32) -> Result<Utf8PathBuf, LaunchError> {
        let path = self
            .cell
            .look(|life| life.disks.iter().find(|disk| disk.slot == slot).map(|disk| disk.path.clone()));
        path.ok_or_else(|| LaunchError(format!("there is no disk in slot {slot}")))
    }

    async fn send_disk(&self, slot: u32, stream: &mut Stream) -> io::Result<()> {
        let path = self.disk(slot).map_err(io::Error::other)?;
        let content = read_disk(&path)?;
        stream.write_u32(slot).await?;
        stream.write_u64(content.len() as u64).await?;
        stream.write_all(&content).await?;
        stream.flush().await?;
        match stream.read_u8().await? {
            TAKEN => Ok(()),
            other => Err(io::Error::other(format!("{other} instead of an answer"))),
        }
    }

    async fn take_disk(&self, stream: &mut Stream) -> io::Result<()> {
        let path = self.disk(stream.read_u32().await?).map_err(io::Error::other)?;
        let length = stream.read_u64().await?;
        let mut content = Vec::new();
        stream.take(length).read_to_end(&mut content).await?;
        if content.len() as u64 != length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        std::fs::write(&path, content)?;
        stream.write_u8(TAKEN).await?;
        stream.flush().await
    }

    async fn take_guest(&self, stream: &mut Stream) -> io::Result<()> {
        self.cell.change(|life| life.receives = true).map_err(io::Error::other)?;
        let length = stream.read_u64().await?;
        let mut text = Vec::new();
        stream.take(length).read_to_end(&mut text).await?;
        if text.len() as u64 != length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let soul: Soul = serde_json::from_slice(&text)?;
        let now_ms = self.clock.now_ms();
        let taken = self.cell.change(|life| {
            (life.script, life.boot_id) = (soul.script, soul.boot_id);
            life.begun_ms = now_ms.saturating_sub(soul.age_ms);
            (life.waits, life.receives) = (false, false);
            (life.frozen_ms, life.came_ms) = (Some(now_ms), Some(now_ms));
        });
        taken.map_err(io::Error::other)
    }

    /// Everything but the last of it; the guest runs meanwhile.
    async fn copy_while_it_runs(
        &self,
        progress: &mpsc::UnboundedSender<Progress>,
    ) -> Result<(), LaunchError> {
        let (copy_ms, quirk) = self.cell.look(|life| (life.script.copy_ms, life.script.quirk));
        let begun = tokio::time::Instant::now();
        loop {
            self.check_alive()?;
            let elapsed_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
            let done = elapsed_ms.min(copy_ms);
            let sent_bytes = GUEST_BYTES.checked_mul(done).map_or(0, |bytes| bytes / copy_ms.max(1));
            let numbers = MigrationProgress {
                sent_bytes,
                remaining_bytes: GUEST_BYTES.saturating_sub(sent_bytes),
                total_bytes: GUEST_BYTES,
                elapsed_ms,
                ..MigrationProgress::default()
            };
            let _told = progress.send(Progress { phase: MigrationPhase::CopyingMemory, numbers });
            match quirk {
                Some(Quirk::FailMigration) if done * 2 >= copy_ms => {
                    return Err(LaunchError("its command line says berth.sim=fail_migration".to_owned()));
                }
                Some(Quirk::EndlessMigration) => {}
                _ if done == copy_ms => return Ok(()),
                _ => {}
            }
            tokio::time::sleep(STEP).await;
        }
    }

    /// As QEMU does: half a guest is none.
    fn fall_over(&self) -> Result<(), LaunchError> {
        let now_ms = self.clock.now_ms();
        self.cell.change(|life| {
            life.fault.get_or_insert((Fault::Crash, now_ms));
        })
    }

    fn freeze(&self) -> Result<Soul, LaunchError> {
        let now_ms = self.clock.now_ms();
        self.cell.change(|life| life.frozen_ms = Some(now_ms))?;
        Ok(self.cell.look(|life| Soul {
            script: life.script.clone(),
            boot_id: life.boot_id,
            age_ms: now_ms.saturating_sub(life.begun_ms),
        }))
    }

    /// It goes on where it was; its own time stood still meanwhile.
    fn unfreeze(&self) -> Result<(), LaunchError> {
        let now_ms = self.clock.now_ms();
        self.cell.change(|life: &mut Life| {
            if let Some(frozen_ms) = life.frozen_ms.take() {
                life.begun_ms = life.begun_ms.saturating_add(now_ms.saturating_sub(frozen_ms));
            }
        })
    }
}

/// A disk that came here under another name was renamed since: QEMU has its file open, a life only knows its path.
fn read_disk(path: &Utf8Path) -> io::Result<Vec<u8>> {
    match (std::fs::read(path), adopted_path(path)) {
        (Err(error), Some(now)) if error.kind() == io::ErrorKind::NotFound => std::fs::read(now),
        (read, _) => read,
    }
}

fn broken(error: io::Error) -> LaunchError {
    LaunchError(format!("a stream to the target broke: {error}"))
}

#[async_trait]
impl Migrator for SimulatedMigrator {
    async fn send(
        &self,
        sending: &Sending,
        peer: Arc<dyn Peer>,
        progress: mpsc::UnboundedSender<Progress>,
    ) -> Result<Trail, LaunchError> {
        self.check_alive()?;
        let mut memory = peer.open(Channel::Memory).await.map_err(broken)?;
        for slot in &sending.copied_slots {
            let mut stream = peer.open(Channel::Disks).await.map_err(broken)?;
            self.send_disk(*slot, &mut stream).await.map_err(broken)?;
        }
        self.copy_while_it_runs(&progress).await?;
        let soul = self.freeze()?;
        let numbers =
            MigrationProgress { sent_bytes: GUEST_BYTES, total_bytes: GUEST_BYTES, ..Default::default() };
        let _told = progress.send(Progress { phase: MigrationPhase::SwitchingOver, numbers });
        if !sending.copied_slots.is_empty() {
            peer.close_disks().await.map_err(broken)?;
        }
        let text = serde_json::to_vec(&soul).map_err(|error| LaunchError(error.to_string()))?;
        let sent = async {
            memory.write_u64(text.len() as u64).await?;
            memory.write_all(&text).await?;
            memory.shutdown().await
        };
        sent.await.map(|()| Trail::none()).map_err(broken)
    }

    async fn take_back(&self) -> Result<(), LaunchError> {
        self.check_alive()?;
        self.unfreeze()
    }

    async fn await_guest(&self, _copied_slots: &[u32]) -> Result<bool, LaunchError> {
        self.check_alive()?;
        if self.cell.look(|life| life.receives) {
            self.fall_over()?;
        }
        Ok(!self.cell.look(|life| life.waits))
    }

    async fn receive(&self, channel: Channel, mut stream: Stream) -> Result<(), LaunchError> {
        let received = match channel {
            Channel::Memory => self.take_guest(&mut stream).await,
            Channel::Disks => self.take_disk(&mut stream).await,
        };
        if received.is_err() && channel == Channel::Memory {
            self.fall_over()?;
        }
        received.map_err(|error| LaunchError(format!("a stream of the source broke: {error}")))
    }

    async fn close_disks(&self) -> Result<(), LaunchError> {
        self.check_alive()
    }

    async fn arrived(&self) -> Result<(), LaunchError> {
        let mut changes = self.cell.changes();
        loop {
            self.check_alive()?;
            if !self.cell.look(|life| life.waits) {
                return Ok(());
            }
            if changes.changed().await.is_err() {
                return Err(LaunchError("it is gone".to_owned()));
            }
        }
    }

    async fn release(&self) -> Result<(), LaunchError> {
        self.check_alive()?;
        if self.cell.look(|life| life.waits) {
            return Err(LaunchError("the guest isn't here yet".to_owned()));
        }
        self.unfreeze()
    }
}
