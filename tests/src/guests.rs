//! Images to boot: the project's own test guests, and small files that only look like a kernel, for sleds that
//! simulate their guests.

use anyhow::{Context, Result};
use berth_launcher::guest_directory;

/// What a guest is booted from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BootImage {
    /// The test guest that obeys the power button and says so.
    Obeys,
    /// The test guest that ignores the power button and says so.
    Ignores,
    /// Nothing that a processor could run.
    Small,
}

impl BootImage {
    /// The name under which scenarios register it.
    pub fn name(self) -> &'static str {
        match self {
            BootImage::Obeys => "obeys",
            BootImage::Ignores => "ignores",
            BootImage::Small => "small",
        }
    }

    /// Its kernel and its initial RAM disk.
    ///
    /// # Errors
    /// When the guests weren't made; the text says how.
    pub fn files(self) -> Result<(Vec<u8>, Vec<u8>)> {
        if self == BootImage::Small {
            return Ok((small_kernel(), small_initrd()));
        }
        let directory = guest_directory()?;
        let read = |path: String| {
            let path = directory.join(path);
            std::fs::read(&path).with_context(|| format!("reading {path}"))
        };
        Ok((read("vmlinux".to_owned())?, read(format!("{}/initrd", self.name()))?))
    }
}

/// The header of a kernel for x86-64, and nothing behind it.
pub fn small_kernel() -> Vec<u8> {
    const CLASS_64_LITTLE_ENDIAN: [u8; 2] = [2, 1];
    const EXECUTABLE: u16 = 2;
    const X86_64: u16 = 62;
    let mut kernel = vec![0; 4096];
    kernel[..4].copy_from_slice(b"\x7fELF");
    kernel[4..6].copy_from_slice(&CLASS_64_LITTLE_ENDIAN);
    kernel[16..18].copy_from_slice(&EXECUTABLE.to_le_bytes());
    kernel[18..20].copy_from_slice(&X86_64.to_le_bytes());
    kernel
}

/// The first bytes of an archive, and nothing in it.
pub fn small_initrd() -> Vec<u8> {
    let mut initrd = vec![b'0'; 512];
    initrd[..6].copy_from_slice(b"070701");
    initrd
}
