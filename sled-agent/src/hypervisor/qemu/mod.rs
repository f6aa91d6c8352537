//! Real guests: QEMU, each process held by a shim ([`crate::shim`]) that outlives the agent.
//!
//! ```text
//!  launch ─▶ launch.json ─▶ sled-agent shim ─▶ QEMU         command_line: Launch → arguments, pure
//!  adopt  ─▶ standing: is the shim's lock held? exit.json?  probe: KVM only if a guest ran under it
//!  machine ◀─ shim.sock (state, ladder, end), qmp.sock (does the monitor answer?)
//! ```
//!
//! Invariants:
//! - What there is of a run is read from its folder by [`standing`], the same for launch, adopt and the end of a
//!   machine; nothing in this process' memory counts.
//! - A process is only signalled by number *and* start time *and* boot.
//! - Every wait has an end: the monitor, the shim and the probe each have their time.
//!
//! Not here: disks and taps (they exist before [`super::Launch`] names them), restarts.

mod adopt;
pub mod command_line;
mod forget;
mod launch;
mod machine;
mod migrate;
mod model;
mod orders;
pub mod probe;
pub mod qmp;
mod standing;
mod sweep;

use async_trait::async_trait;
use berth_common::ids::VmmUuid;
use camino::{Utf8Path, Utf8PathBuf};

use self::command_line::Accelerator;
use super::{Adopted, Found, Hypervisor, Launch, LaunchError, Machine, SerialInput};
use crate::shim::place::{Place, SocketDoor};

/// What has to be known to run guests on this host.
#[derive(Clone, Debug)]
pub struct QemuConfig {
    /// Holds `vmms/<vmm>/` for each VMM. On a file system of the host itself.
    pub run_dir: Utf8PathBuf,
    /// Remembers whether KVM works, for one boot of the host. Agents of one host may share it.
    pub probe_cache: Utf8PathBuf,
    /// The program whose `shim` subcommand is the shim: this agent's own.
    pub shim_program: Utf8PathBuf,
    /// QEMU's program.
    pub program: Utf8PathBuf,
    /// `None`: KVM if a guest ran under it, else TCG.
    pub accelerator: Option<Accelerator>,
    /// The versioned machine type of new guests. `None`: the newest that this QEMU has.
    pub machine_type: Option<String>,
    pub log: slog::Logger,
}

/// QEMU on this host.
#[derive(Debug)]
pub struct Qemu {
    run_dir: Utf8PathBuf,
    shim_program: Utf8PathBuf,
    program: Utf8PathBuf,
    accelerator: Accelerator,
    machine_type: String,
    cpu_model: String,
    log: slog::Logger,
}

impl Qemu {
    /// Makes the run directory and finds out which accelerator really works (up to
    /// [`probe::PATIENCE`] the first time after a boot).
    ///
    /// # Errors
    /// In words, when the run directory can't be made or QEMU isn't there.
    pub async fn open(config: QemuConfig) -> Result<Self, LaunchError> {
        let run_dir = camino::absolute_utf8(&config.run_dir).map_err(|e| failed(&config.run_dir, &e))?;
        std::fs::create_dir_all(run_dir.join("vmms")).map_err(|error| failed(&run_dir, &error))?;
        let program = probe::find(&config.program)?;
        let accelerator = match config.accelerator {
            Some(accelerator) => accelerator,
            None => probe::accelerator(&program, &config.probe_cache, &config.log).await?,
        };
        let machine_type = model::machine_type(&program, config.machine_type.as_deref()).await?;
        let cpu_model = model::cpu_model(accelerator).await?;
        slog::info!(config.log, "QEMU is ready"; "program" => %program, "accelerator" => ?accelerator,
            "machine_type" => &machine_type, "cpu_model" => &cpu_model);
        let shim_program = config.shim_program;
        Ok(Self { run_dir, shim_program, program, accelerator, machine_type, cpu_model, log: config.log })
    }

    /// For a host that goes: what runs can be found and ended, nothing can be begun. Asks QEMU for nothing, so it works
    /// where that is gone.
    ///
    /// # Errors
    /// In words, when the run directory can't be made.
    pub fn to_end_only(run_dir: &Utf8Path, log: slog::Logger) -> Result<Self, LaunchError> {
        let run_dir = camino::absolute_utf8(run_dir).map_err(|error| failed(run_dir, &error))?;
        std::fs::create_dir_all(run_dir.join("vmms")).map_err(|error| failed(&run_dir, &error))?;
        Ok(Self {
            run_dir,
            shim_program: Utf8PathBuf::new(),
            program: Utf8PathBuf::new(),
            accelerator: Accelerator::Tcg,
            machine_type: String::new(),
            cpu_model: String::new(),
            log,
        })
    }

    pub fn accelerator(&self) -> Accelerator {
        self.accelerator
    }

    fn place(&self, vmm: VmmUuid) -> Place {
        Place::new(self.run_dir.join("vmms").join(vmm.to_string()))
    }
}

fn failed(what: &Utf8Path, error: &std::io::Error) -> LaunchError {
    LaunchError(format!("{what}: {error}"))
}

/// Runs what waits on files and processes off the runtime.
async fn off_runtime<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, LaunchError> + Send + 'static,
) -> Result<T, LaunchError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| LaunchError(error.to_string()))?
}

#[async_trait]
impl Hypervisor for Qemu {
    fn kind(&self) -> berth_common::sled::Hypervisor {
        match self.accelerator {
            Accelerator::Kvm => berth_common::sled::Hypervisor::QemuKvm,
            Accelerator::Tcg => berth_common::sled::Hypervisor::QemuTcg,
        }
    }

    fn cpu_model(&self) -> String {
        self.cpu_model.clone()
    }

    fn machine_type(&self) -> String {
        self.machine_type.clone()
    }

    async fn launch(&self, launch: &Launch) -> Result<Box<dyn Machine>, LaunchError> {
        self.launch_run(launch).await
    }

    async fn adopt(&self, vmm: VmmUuid) -> Result<Adopted, LaunchError> {
        self.adopt_vmm(vmm).await
    }

    fn serial_log(&self, vmm: VmmUuid) -> Utf8PathBuf {
        self.place(vmm).serial_log()
    }

    async fn serial_input(&self, vmm: VmmUuid) -> Result<SerialInput, LaunchError> {
        let place = self.place(vmm);
        let path = place.directory().join(Place::INPUT);
        let door = SocketDoor::open(&place).map_err(|error| failed(&path, &error))?;
        let socket = tokio::net::UnixStream::connect(door.path(Place::INPUT)).await;
        Ok(Box::new(socket.map_err(|error| failed(&path, &error))?))
    }

    async fn forget(&self, vmm: VmmUuid) -> Result<(), LaunchError> {
        let place = self.place(vmm);
        off_runtime(move || forget::forget(&place)).await
    }

    async fn sweep(&self) -> Result<Vec<Found>, LaunchError> {
        let run_dir = self.run_dir.clone();
        off_runtime(move || sweep::sweep(&run_dir)).await
    }
}
