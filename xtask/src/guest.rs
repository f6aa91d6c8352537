//! `cargo xtask guest`: the small Linux guests that tests and demo boot, made from Debian packages.
//!
//! ```text
//! target/guest/
//!   vmlinux            kernel as an ELF file, for direct (PVH) boot: nothing to unpack in the guest
//!   obeys/initrd       obeys the power button and says so on its console
//!   ignores/initrd     sees the power button and ignores it
//!   disk/data.raw      a small raw disk image with a known first sector
//!   manifest.json      what they were made from, with their checksums
//! ```
//!
//! The same inputs give the same bytes. What is there and was made from the present inputs stays.
//! Kernel and modules come from the package that `linux-image-cloud-amd64` depends on, downloaded and
//! unpacked, never installed.

mod archive;
mod initrd;
mod kernel;

use crate::house::House;
use crate::program;
use crate::steps::{Step, step};
use anyhow::{Context, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::process::Command;

/// Raised when this code makes other bytes from the same inputs.
const RECIPE: u32 = 1;

/// What each image says to the power button, and the directory it is in.
const BEHAVIOURS: [(&str, &str); 2] = [("obeys", "obey"), ("ignores", "ignore")];

/// First sector of the disk image, so that a copy can be told from an empty disk.
const DISK_MARK: &[u8] = b"berth-guest data image\n";
const DISK_BYTES: usize = 4 << 20;

/// What the images were made from, and what came out.
#[derive(Debug, Serialize, Deserialize)]
struct Manifest {
    /// Checksum of everything that is known without a download.
    inputs: String,
    /// `package=version` of the kernel.
    kernel: String,
    /// Path below the image directory → SHA-256.
    files: BTreeMap<String, String>,
}

/// Builds the images unless they are up to date, and returns their directory.
pub fn run(house: &House) -> Result<Utf8PathBuf> {
    let directory = house.target("guest");
    step("guest images", |step| {
        let scripts = house.root().join("xtask/guest");
        let inputs = inputs(&scripts)?;
        if let Some(manifest) = up_to_date(&directory, &inputs) {
            step.note(format!("up to date ({})", manifest.kernel));
            return Ok(());
        }
        build(step, &directory, &scripts, inputs)
    })?;
    Ok(directory)
}

fn build(step: &Step, directory: &Utf8Path, scripts: &Utf8Path, inputs: String) -> Result<()> {
    let making = Utf8PathBuf::from(format!("{directory}.making"));
    fresh_directory(&making)?;
    let kernel = kernel::fetch(step, &making.join("package"))?;
    step.doing("kernel");
    let mut files: Vec<(String, Vec<u8>)> = vec![("vmlinux".to_owned(), kernel.vmlinux(&making)?)];
    let modules = kernel.modules()?;
    for (name, button) in BEHAVIOURS {
        step.doing(name);
        files.push((format!("{name}/initrd"), initrd::build(scripts, &modules, button)?));
    }
    let mut disk = DISK_MARK.to_vec();
    disk.resize(DISK_BYTES, 0);
    files.push(("disk/data.raw".to_owned(), disk));

    let images = making.join("images");
    for (path, content) in &files {
        let path = images.join(path);
        std::fs::create_dir_all(path.parent().context("every image is in a directory")?)?;
        std::fs::write(&path, content).with_context(|| format!("writing {path}"))?;
    }
    let mut sums = BTreeMap::new();
    for (path, _) in &files {
        sums.insert(path.clone(), checksum(&images.join(path))?);
    }
    let manifest = Manifest { inputs, kernel: kernel.package().to_owned(), files: sums };
    std::fs::write(images.join("manifest.json"), serde_json::to_vec_pretty(&manifest)?)?;
    if directory.exists() {
        std::fs::remove_dir_all(directory)?;
    }
    std::fs::rename(&images, directory)?;
    std::fs::remove_dir_all(&making)?;
    step.note(format!("made from {}", manifest.kernel));
    Ok(())
}

/// The manifest of what is there, if it was made from these inputs and nothing of it changed since.
fn up_to_date(directory: &Utf8Path, inputs: &str) -> Option<Manifest> {
    let text = std::fs::read(directory.join("manifest.json")).ok()?;
    let manifest: Manifest = serde_json::from_slice(&text).ok()?;
    let whole =
        manifest.files.iter().all(|(path, sum)| checksum(&directory.join(path)).is_ok_and(|now| now == *sum));
    (manifest.inputs == inputs && whole).then_some(manifest)
}

/// Checksum over our scripts, busybox and the recipe. The kernel isn't looked up, so that an image that
/// exists needs no package index; `rm -r target/guest` takes a newer kernel.
fn inputs(scripts: &Utf8Path) -> Result<String> {
    let mut sums = format!("recipe {RECIPE}\n");
    for script in initrd::SCRIPTS {
        sums.push_str(&checksum(&scripts.join(script.source))?);
    }
    sums.push_str(&checksum(Utf8Path::new(initrd::BUSYBOX))?);
    Ok(sums)
}

fn checksum(path: &Utf8Path) -> Result<String> {
    if !path.is_file() {
        bail!("{path} is missing; `cargo xtask setup` installs what is needed");
    }
    let mut command = Command::new("sha256sum");
    command.arg("--binary").arg(path);
    let line = program::text(command)?;
    Ok(line.split_whitespace().next().unwrap_or_default().to_owned())
}

fn fresh_directory(path: &Utf8Path) -> Result<()> {
    if path.exists() {
        std::fs::remove_dir_all(path)?;
    }
    std::fs::create_dir_all(path).with_context(|| format!("making {path}"))
}
