//! A kernel and its modules out of a Debian package that isn't installed.

use crate::program;
use crate::steps::Step;
use anyhow::{Context, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use std::process::Command;

/// Always depends on the present kernel for virtual machines.
const META_PACKAGE: &str = "linux-image-cloud-amd64";

/// Modules a guest loads, by file name.
const MODULES: [&str; 12] = [
    "virtio_ring",
    "virtio",
    "virtio_pci_legacy_dev",
    "virtio_pci_modern_dev",
    "virtio_pci",
    "virtio_blk",
    "failover",
    "net_failover",
    "virtio_net",
    "virtio-rng",
    "evdev",
    "button",
];

/// How a kernel image packs its ELF file: first bytes, program, and bytes after the stream that aren't
/// part of it.
const PACKINGS: [(&[u8], &str, usize); 4] = [
    (b"\xfd7zXZ\0", "xz", 0),
    (b"\x28\xb5\x2f\xfd", "zstd", 0),
    (b"\x1f\x8b", "gzip", 0),
    // The legacy lz4 stream is followed by the unpacked size.
    (b"\x02\x21\x4c\x18", "lz4", 4),
];

/// An unpacked kernel package.
#[derive(Debug)]
pub struct Kernel {
    package: String,
    tree: Utf8PathBuf,
}

/// One module, unpacked.
#[derive(Debug)]
pub struct Module {
    pub name: &'static str,
    pub content: Vec<u8>,
}

/// Downloads and unpacks the package below `directory`.
pub fn fetch(step: &Step, directory: &Utf8Path) -> Result<Kernel> {
    std::fs::create_dir_all(directory)?;
    step.doing("looking up the kernel package");
    let package = match dependency()? {
        Some(package) => package,
        None => {
            crate::setup::refresh_index(step)?;
            dependency()?
                .with_context(|| format!("{META_PACKAGE} depends on no kernel; is this Debian on amd64?"))?
        }
    };
    step.doing(&format!("downloading {package}"));
    if download(step, &package, directory).is_err() {
        // An index that is older than the mirror's files names one that is gone.
        crate::setup::refresh_index(step)?;
        let package = dependency()?.unwrap_or(package.clone());
        download(step, &package, directory).with_context(|| {
            format!("{package} can't be downloaded; is this machine online, and does `apt-get update` work?")
        })?;
    }
    let file = the_only_file(directory, "deb")?;
    let version = file.file_stem().unwrap_or_default().replace("%3a", ":");
    let tree = directory.join("tree");
    let mut unpack = Command::new("dpkg-deb");
    unpack.arg("-x").arg(&file).arg(&tree);
    program::in_step(step, unpack)?;
    Ok(Kernel { package: version, tree })
}

impl Kernel {
    /// Name and version of the package.
    pub fn package(&self) -> &str {
        &self.package
    }

    /// The kernel as an ELF file without its debug symbols.
    pub fn vmlinux(&self, scratch: &Utf8Path) -> Result<Vec<u8>> {
        let image = self
            .tree
            .join("boot")
            .read_dir_utf8()?
            .flatten()
            .find(|entry| entry.file_name().starts_with("vmlinuz-"))
            .context("the kernel package has no boot/vmlinuz-*")?;
        let elf = unpack_image(&std::fs::read(image.path())?, scratch)?;
        let path = scratch.join("vmlinux");
        std::fs::write(&path, elf)?;
        let mut strip = Command::new("strip");
        strip.arg("--strip-debug").arg(&path);
        program::bytes(strip)?;
        Ok(std::fs::read(path)?)
    }

    /// The modules a guest needs.
    pub fn modules(&self) -> Result<Vec<Module>> {
        let all = files_below(&self.tree.join("lib/modules"))?;
        MODULES.iter().map(|name| module(&all, name)).collect()
    }
}

fn module(all: &[Utf8PathBuf], name: &'static str) -> Result<Module> {
    for (suffix, unpacker) in [(".ko", None), (".ko.xz", Some("xz")), (".ko.zst", Some("zstd"))] {
        let Some(path) = all.iter().find(|path| path.file_name() == Some(&format!("{name}{suffix}"))) else {
            continue;
        };
        let content = match unpacker {
            None => std::fs::read(path)?,
            Some(unpacker) => unpack(unpacker, path)?,
        };
        return Ok(Module { name, content });
    }
    bail!("the kernel package has no module {name}")
}

/// The ELF file inside a bzImage, found by the offsets of the boot protocol's header.
fn unpack_image(image: &[u8], scratch: &Utf8Path) -> Result<Vec<u8>> {
    let word = |at: usize| -> Result<usize> {
        let bytes = image.get(at..at + 4).context("the kernel image ends in its header")?;
        Ok(usize::try_from(u32::from_le_bytes(bytes.try_into()?))?)
    };
    let setup_sectors = match image.get(0x1f1) {
        Some(0) => 4,
        Some(sectors) => usize::from(*sectors),
        None => bail!("the kernel image ends in its header"),
    };
    let begin = (setup_sectors + 1) * 512 + word(0x248)?;
    let payload = image.get(begin..begin + word(0x24c)?).context("the kernel image ends in its payload")?;
    let (_, unpacker, trailer) =
        PACKINGS.iter().find(|(magic, _, _)| payload.starts_with(magic)).with_context(|| {
            format!("unknown packing of the kernel: {:02x?}", &payload[..8.min(payload.len())])
        })?;
    let packed = scratch.join("payload");
    std::fs::write(&packed, &payload[..payload.len() - trailer])?;
    let elf = unpack(unpacker, &packed)?;
    if !elf.starts_with(b"\x7fELF") {
        bail!("what {unpacker} made of the kernel isn't an ELF file");
    }
    Ok(elf)
}

fn unpack(unpacker: &str, path: &Utf8Path) -> Result<Vec<u8>> {
    let mut command = Command::new(unpacker);
    command.arg("-dc").stdin(std::fs::File::open(path)?);
    program::bytes_from_stdin(command)
}

/// The kernel package the meta package depends on now, if the index knows it.
fn dependency() -> Result<Option<String>> {
    let mut command = Command::new("apt-cache");
    command.args(["depends", "--no-recommends", META_PACKAGE]);
    // A package the index doesn't know is an error of the program, and no error here.
    let text = program::text(command).unwrap_or_default();
    let mut words = text.lines().filter_map(|line| line.trim().strip_prefix("Depends: "));
    Ok(words.find(|package| package.starts_with("linux-image-")).map(str::to_owned))
}

fn download(step: &Step, package: &str, directory: &Utf8Path) -> Result<()> {
    let mut command = Command::new("apt-get");
    command.args(["download", package]).current_dir(directory);
    program::in_step(step, command)
}

fn the_only_file(directory: &Utf8Path, extension: &str) -> Result<Utf8PathBuf> {
    let mut files = directory.read_dir_utf8()?.flatten().map(|entry| entry.path().to_owned());
    files
        .find(|path| path.extension() == Some(extension))
        .with_context(|| format!("no .{extension} in {directory}"))
}

fn files_below(directory: &Utf8Path) -> Result<Vec<Utf8PathBuf>> {
    let mut found = Vec::new();
    for entry in directory.read_dir_utf8()? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            found.extend(files_below(entry.path())?);
        } else {
            found.push(entry.path().to_owned());
        }
    }
    found.sort();
    Ok(found)
}
