//! Which accelerator really works: a device that opens can still hang every guest, so a guest must have *run*.
//!
//! The probe guest is a boot sector that writes one byte to QEMU's exit port.

use std::fs::File;
use std::io::Write as _;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use nix::sys::memfd::{MFdFlags, memfd_create};
use serde::{Deserialize, Serialize};
use tokio::process::Command;

use super::command_line::Accelerator;
use super::{failed, off_runtime};
use crate::hypervisor::LaunchError;
use crate::shim::clock;
use crate::shim::durable::{self, Keep};

/// The probe guest takes 0.1 s where it works at all.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// `mov dx, 0xf4; mov al, 0x10; out dx, al; hlt; jmp -3`
const BOOT_CODE: [u8; 9] = [0xba, 0xf4, 0x00, 0xb0, 0x10, 0xee, 0xf4, 0xeb, 0xfd];

/// QEMU's exit device shifts the byte left and adds one.
const EXIT_STATUS: i32 = 0x10 << 1 | 1;

/// What was found out, and for what: another boot or another QEMU is another question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Finding {
    boot: String,
    program: String,
    accelerator: Accelerator,
}

/// The program's full path.
pub(super) fn find(program: &Utf8Path) -> Result<Utf8PathBuf, LaunchError> {
    let path = std::env::var("PATH").unwrap_or_default();
    let mut candidates = path.split(':').map(|directory| Utf8Path::new(directory).join(program));
    candidates.find(|path| path.is_file()).ok_or_else(|| LaunchError(format!("{program} is not installed")))
}

/// KVM if a guest ran under it on this boot of the host, TCG otherwise.
///
/// # Errors
/// In words, when the probe can't even be tried.
pub async fn accelerator(
    program: &Utf8Path,
    cache: &Utf8Path,
    log: &slog::Logger,
) -> Result<Accelerator, LaunchError> {
    if !Utf8Path::new("/dev/kvm").exists() {
        return Ok(Accelerator::Tcg);
    }
    let metadata = std::fs::metadata(program).map_err(|error| failed(program, &error))?;
    let program_is = format!("{program} {} {:?}", metadata.len(), metadata.modified().ok());
    let boot = clock::boot_id();
    // One that can't be read is found out again.
    if let Ok(Some(finding)) = durable::read_json::<Finding>(cache)
        && finding.boot == boot
        && finding.program == program_is
    {
        return Ok(finding.accelerator);
    }
    let runs = guest_runs(program, Accelerator::Kvm).await?;
    let accelerator = if runs { Accelerator::Kvm } else { Accelerator::Tcg };
    slog::info!(log, "probed KVM"; "a guest ran under it" => runs);
    let finding = Finding { boot, program: program_is, accelerator };
    if let Err(error) = durable::write_json(cache, &finding, Keep::WhileHostIsUp) {
        slog::warn!(log, "what the probe found is not kept"; "file" => %cache, "error" => %error);
    }
    Ok(accelerator)
}

/// Runs the probe guest.
///
/// # Errors
/// In words, when its disk can't be made or QEMU can't be spawned.
pub async fn guest_runs(program: &Utf8Path, accelerator: Accelerator) -> Result<bool, LaunchError> {
    let disk = off_runtime(boot_disk).await?;
    let spawned = Command::new(program)
        .args(["-nodefaults", "-no-user-config", "-display", "none", "-m", "16", "-machine", "pc"])
        .args(["-accel", accelerator.argument()])
        .args(["-device", "isa-debug-exit,iobase=0xf4,iosize=4"])
        .args(["-drive", "file=/proc/self/fd/0,format=raw,if=ide,snapshot=on"])
        .stdin(disk)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .kill_on_drop(true)
        .spawn();
    match spawned {
        Ok(mut child) => match tokio::time::timeout(PATIENCE, child.wait()).await {
            Ok(Ok(status)) => Ok(status.code() == Some(EXIT_STATUS)),
            Ok(Err(error)) => Err(failed(program, &error)),
            Err(_) => child.kill().await.map(|()| false).map_err(|error| failed(program, &error)),
        },
        Err(error) => Err(failed(program, &error)),
    }
}

/// One sector with the code and the mark of a boot sector. In memory: whoever is killed here leaves no file behind.
fn boot_disk() -> Result<File, LaunchError> {
    let mut sector = [0; 512];
    sector[..BOOT_CODE.len()].copy_from_slice(&BOOT_CODE);
    sector[510..].copy_from_slice(&[0x55, 0xaa]);
    let unwritten = |error: std::io::Error| LaunchError(format!("the probe guest's disk in memory: {error}"));
    let disk =
        memfd_create(c"berth-probe", MFdFlags::MFD_CLOEXEC).map_err(|error| unwritten(error.into()))?;
    let mut disk = File::from(disk);
    disk.write_all(&sector).map_err(unwritten)?;
    Ok(disk)
}
