//! A hypervisor that is passed through, and notes when each part of a guest's pause is over.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use async_trait::async_trait;
use berth_common::ids::VmmUuid;
use berth_common::migration::MigrationPhase;
use berth_common::sled::Hypervisor as Kind;
use berth_sled_agent::hypervisor::migration::{Channel, Migrator, Peer, Progress, Sending, Stream, Trail};
use berth_sled_agent::hypervisor::qemu::Qemu;
use berth_sled_agent::hypervisor::{
    Adopted, Found, Hypervisor, Launch, LaunchError, Machine, MachineEvent, SerialInput,
};
use camino::Utf8PathBuf;
use tokio::sync::mpsc;

/// What the agents' hypervisors told them of one migration, and when.
#[derive(Clone, Copy, Debug, Default)]
pub struct Marks {
    /// STOP was heard at the source.
    pub stopped: Option<Instant>,
    /// The source had sent everything.
    pub sent: Option<Instant>,
    /// Everything was at the target.
    pub arrived: Option<Instant>,
    /// The target was told to let the guest go on.
    pub told: Option<Instant>,
    /// It had answered.
    pub runs: Option<Instant>,
}

/// Both ends' marks.
#[derive(Clone, Debug, Default)]
pub struct Watch(Arc<Mutex<Marks>>);

impl Watch {
    pub fn begin(&self) {
        *self.marks() = Marks::default();
    }

    pub fn read(&self) -> Marks {
        *self.marks()
    }

    fn note(&self, mark: impl FnOnce(&mut Marks) -> &mut Option<Instant>) {
        mark(&mut self.marks()).get_or_insert_with(Instant::now);
    }

    fn marks(&self) -> MutexGuard<'_, Marks> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// QEMU, watched.
#[derive(Debug)]
pub struct Watched {
    pub qemu: Arc<Qemu>,
    pub watch: Watch,
}

#[derive(Debug)]
struct WatchedMachine {
    machine: Box<dyn Machine>,
    watch: Watch,
}

#[derive(Debug)]
struct WatchedMigrator {
    migrator: Arc<dyn Migrator>,
    watch: Watch,
}

impl Watched {
    fn wrap(&self, machine: Box<dyn Machine>) -> Box<dyn Machine> {
        Box::new(WatchedMachine { machine, watch: self.watch.clone() })
    }
}

#[async_trait]
impl Hypervisor for Watched {
    fn kind(&self) -> Kind {
        self.qemu.kind()
    }

    fn cpu_model(&self) -> String {
        self.qemu.cpu_model()
    }

    fn machine_type(&self) -> String {
        self.qemu.machine_type()
    }

    async fn launch(&self, launch: &Launch) -> Result<Box<dyn Machine>, LaunchError> {
        self.qemu.launch(launch).await.map(|machine| self.wrap(machine))
    }

    async fn adopt(&self, vmm: VmmUuid) -> Result<Adopted, LaunchError> {
        self.qemu.adopt(vmm).await
    }

    fn serial_log(&self, vmm: VmmUuid) -> Utf8PathBuf {
        self.qemu.serial_log(vmm)
    }

    async fn serial_input(&self, vmm: VmmUuid) -> Result<SerialInput, LaunchError> {
        self.qemu.serial_input(vmm).await
    }

    async fn forget(&self, vmm: VmmUuid) -> Result<(), LaunchError> {
        self.qemu.forget(vmm).await
    }

    async fn sweep(&self) -> Result<Vec<Found>, LaunchError> {
        self.qemu.sweep().await
    }
}

#[async_trait]
impl Machine for WatchedMachine {
    fn events(&mut self) -> mpsc::UnboundedReceiver<MachineEvent> {
        self.machine.events()
    }

    async fn stop(&self, grace: std::time::Duration) -> Result<(), LaunchError> {
        self.machine.stop(grace).await
    }

    fn migrator(&self) -> Arc<dyn Migrator> {
        Arc::new(WatchedMigrator { migrator: self.machine.migrator(), watch: self.watch.clone() })
    }

    async fn kill(&self) -> Result<(), LaunchError> {
        self.machine.kill().await
    }
}

#[async_trait]
impl Migrator for WatchedMigrator {
    async fn send(
        &self,
        sending: &Sending,
        peer: Arc<dyn Peer>,
        progress: mpsc::UnboundedSender<Progress>,
    ) -> Result<Trail, LaunchError> {
        let (passed, mut heard) = mpsc::unbounded_channel::<Progress>();
        let watch = self.watch.clone();
        tokio::spawn(async move {
            while let Some(told) = heard.recv().await {
                if told.phase == MigrationPhase::SwitchingOver {
                    watch.note(|marks| &mut marks.stopped);
                }
                if progress.send(told).is_err() {
                    return;
                }
            }
        });
        let sent = self.migrator.send(sending, peer, passed).await;
        self.watch.note(|marks| &mut marks.sent);
        sent
    }

    async fn take_back(&self) -> Result<(), LaunchError> {
        self.migrator.take_back().await
    }

    async fn await_guest(&self, copied_slots: &[u32]) -> Result<bool, LaunchError> {
        self.migrator.await_guest(copied_slots).await
    }

    async fn receive(&self, channel: Channel, stream: Stream) -> Result<(), LaunchError> {
        self.migrator.receive(channel, stream).await
    }

    async fn close_disks(&self) -> Result<(), LaunchError> {
        self.migrator.close_disks().await
    }

    async fn arrived(&self) -> Result<(), LaunchError> {
        let arrived = self.migrator.arrived().await;
        self.watch.note(|marks| &mut marks.arrived);
        arrived
    }

    async fn release(&self) -> Result<(), LaunchError> {
        self.watch.note(|marks| &mut marks.told);
        let released = self.migrator.release().await;
        if released.is_ok() {
            self.watch.note(|marks| &mut marks.runs);
        }
        released
    }
}
