//! QEMU with the real guests, in a run directory of its own.

use std::time::Duration;

use berth_common::ids::VmmUuid;
use berth_sled_agent::hypervisor::qemu::command_line::Accelerator;
use berth_sled_agent::hypervisor::qemu::{Qemu, QemuConfig};
use berth_sled_agent::hypervisor::{Hypervisor, Launch, LaunchBoot};
use berth_sled_agent::shim::place::Place;
use berth_sled_agent::shim::process::ProcessId;
use berth_sled_agent::shim::records::Held;
use berth_sled_agent::shim::{cgroup, durable};
use camino::{Utf8Path, Utf8PathBuf};

use crate::world::{World, launch};

pub struct QemuWorld {
    directory: tempfile::TempDir,
    hypervisor: Qemu,
}

/// QEMU over `run_dir`. TCG, because it is what every machine has; which one is chosen has its own tests.
pub async fn open(run_dir: &Utf8Path) -> Qemu {
    let config = QemuConfig {
        run_dir: run_dir.to_owned(),
        probe_cache: run_dir.join("probe.json"),
        shim_program: env!("CARGO_BIN_EXE_sled-agent").into(),
        program: "qemu-system-x86_64".into(),
        accelerator: Some(Accelerator::Tcg),
        machine_type: None,
        log: slog::Logger::root(slog::Discard, slog::o!()),
    };
    Qemu::open(config).await.expect("QEMU is there")
}

pub fn place(run_dir: &Utf8Path, vmm: VmmUuid) -> Place {
    Place::new(run_dir.join("vmms").join(vmm.to_string()))
}

impl QemuWorld {
    pub fn place(&self, vmm: VmmUuid) -> Place {
        place(&self.run_dir(), vmm)
    }

    /// Who runs now.
    pub fn held(&self, vmm: VmmUuid) -> Held {
        let held = durable::read_json(&self.place(vmm).held()).expect("it can be read");
        held.expect("it was launched")
    }
}

impl World for QemuWorld {
    async fn open() -> Self {
        let directory = tempfile::tempdir().expect("a temporary folder");
        let path = run_dir_in(&directory);
        std::fs::create_dir_all(&path).expect("made");
        let hypervisor = open(&path).await;
        Self { directory, hypervisor }
    }

    fn hypervisor(&self) -> &dyn Hypervisor {
        &self.hypervisor
    }

    async fn restart(&mut self) {
        self.hypervisor = open(&self.run_dir()).await;
    }

    fn run_dir(&self) -> Utf8PathBuf {
        run_dir_in(&self.directory)
    }

    fn boot(&self, words: &str) -> LaunchBoot {
        let guests = std::env::var("BERTH_GUEST_DIR")
            .expect("BERTH_GUEST_DIR names the guest images: `cargo xtask test` makes them and sets it");
        let guests = Utf8PathBuf::from(guests);
        let image = if words.contains("berth.button=ignore") { "ignores" } else { "obeys" };
        LaunchBoot::Kernel {
            kernel: guests.join("vmlinux"),
            initrd: guests.join(image).join("initrd"),
            command_line: format!("console=ttyS0 quiet {words}"),
        }
    }

    fn broken(&self) -> Launch {
        let mut launch = launch(self, "");
        launch.boot = LaunchBoot::Kernel {
            kernel: "/nowhere/vmlinux".into(),
            initrd: "/nowhere/initrd".into(),
            command_line: String::new(),
        };
        launch
    }

    fn process(&self, vmm: VmmUuid) -> String {
        let held = self.held(vmm);
        assert!(held.hypervisor.is_alive() && held.shim.is_alive());
        format!("{:?}", held.hypervisor)
    }

    fn left_elsewhere(&self, vmm: VmmUuid) -> Option<Utf8PathBuf> {
        cgroup::parent().map(|parent| parent.join(vmm.to_string())).filter(|path| path.exists())
    }

    fn crash(&self, vmm: VmmUuid) {
        assert!(self.held(vmm).hypervisor.kill().expect("it can be killed"));
    }
}

/// With a comma, a space, and longer than a socket's address may be.
fn run_dir_in(directory: &tempfile::TempDir) -> Utf8PathBuf {
    let path = Utf8Path::from_path(directory.path()).expect("text");
    path.join(format!("run, {}", "x".repeat(100)))
}

impl Drop for QemuWorld {
    /// A failed scenario leaves no process either.
    fn drop(&mut self) {
        let Ok(places) = self.run_dir().join("vmms").read_dir_utf8() else { return };
        for entry in places.flatten() {
            let held: Option<Held> = durable::read_json(&Place::new(entry.path()).held()).unwrap_or_default();
            for process in held.into_iter().flat_map(|held| [held.shim, held.hypervisor]) {
                let _: std::io::Result<bool> = process.kill();
                process.wait_gone(Duration::from_secs(2));
            }
            if let Some(parent) = cgroup::parent() {
                cgroup::remove(&parent.join(entry.file_name()));
            }
        }
    }
}

/// Waits until a process has ended.
pub fn gone(process: ProcessId) -> bool {
    process.wait_gone(Duration::from_secs(60))
}
