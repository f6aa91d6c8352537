//! What an uploaded file is: decided from its first bytes and its size, without touching anything else.
//!
//! Only what the agents can boot or copy is taken. Whatever else it is, the refusal names it, because "invalid" helps
//! nobody who uploaded the compressed file by mistake.

mod boot;
mod known;
mod qcow2;

use berth_common::storage::{DiskFormat, ImagePart};
use berth_nexus_api::limits::{BOOT_FILE_MAX_BYTES, DISK_FILE_MAX_BYTES, DISK_MAX_BYTES, SECTOR_BYTES};

/// How much of a file's beginning is needed; a shorter file is looked at whole.
pub const HEAD_BYTES: usize = 4096;

/// A file that can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recognised {
    /// A kernel or an initial RAM disk.
    Boot,
    /// A disk.
    Disk {
        /// What the file is.
        format: DiskFormat,
        /// Size of the disk in it.
        virtual_bytes: u64,
    },
}

/// A file that can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no {wanted}: {found}")]
pub struct NoImage {
    /// What was asked for.
    pub wanted: &'static str,
    /// What was found, and what would help.
    pub found: String,
}

/// Largest file of this part.
pub const fn size_limit(part: ImagePart) -> u64 {
    match part {
        ImagePart::Kernel | ImagePart::Initrd => BOOT_FILE_MAX_BYTES,
        ImagePart::Disk => DISK_FILE_MAX_BYTES,
    }
}

/// Judges a file by its first [`HEAD_BYTES`] bytes and its whole size.
///
/// # Errors
/// [`NoImage`], with what was found.
pub fn recognise(part: ImagePart, head: &[u8], size_bytes: u64) -> Result<Recognised, NoImage> {
    let (wanted, verdict) = match part {
        ImagePart::Kernel => ("x86-64 Linux kernel", boot::kernel(head).map(|()| Recognised::Boot)),
        ImagePart::Initrd => ("initial RAM disk", boot::initrd(head).map(|()| Recognised::Boot)),
        ImagePart::Disk => ("disk image", disk(head, size_bytes)),
    };
    let verdict = if size_bytes == 0 { Err("the file is empty".to_string()) } else { verdict };
    verdict.map_err(|found| NoImage { wanted, found })
}

fn disk(head: &[u8], size_bytes: u64) -> Result<Recognised, String> {
    let (format, virtual_bytes) = if qcow2::is(head) {
        (DiskFormat::Qcow2, qcow2::virtual_bytes(head, size_bytes)?)
    } else {
        if let Some(other) = known::not_raw(head) {
            return Err(other.to_string());
        }
        (DiskFormat::Raw, size_bytes)
    };
    if virtual_bytes == 0 || virtual_bytes > DISK_MAX_BYTES {
        return Err(format!("the disk in it has {virtual_bytes} bytes; 1 to {DISK_MAX_BYTES} are possible"));
    }
    if virtual_bytes % SECTOR_BYTES != 0 {
        return Err(format!("{virtual_bytes} bytes are no whole number of sectors of {SECTOR_BYTES}"));
    }
    Ok(Recognised::Disk { format, virtual_bytes })
}

/// A number at an offset, or `None` where the file ends before it.
fn bytes_at<const N: usize>(head: &[u8], offset: usize) -> Option<[u8; N]> {
    head.get(offset..offset.checked_add(N)?)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(part: ImagePart, head: &[u8], size: u64) -> String {
        recognise(part, head, size).expect_err("it is no image").found
    }

    #[test]
    fn an_empty_file_is_nothing() {
        for part in ImagePart::ALL {
            assert_eq!(found(*part, b"", 0), "the file is empty");
        }
    }

    #[test]
    fn whole_sectors_of_anything_unknown_are_a_raw_disk() {
        let disk = Recognised::Disk { format: DiskFormat::Raw, virtual_bytes: 4096 };
        assert_eq!(recognise(ImagePart::Disk, &[0; 4096], 4096), Ok(disk));
    }

    #[test]
    fn a_disk_of_broken_sectors_is_refused_with_its_size() {
        assert!(found(ImagePart::Disk, b"hello", 5).contains("5 bytes are no whole number of sectors"));
    }

    #[test]
    fn a_compressed_disk_is_refused_by_the_name_of_its_compression() {
        let mut head = vec![0; 4096];
        head[..3].copy_from_slice(&[0x1f, 0x8b, 8]);
        assert!(found(ImagePart::Disk, &head, 4096).contains("gzip"));
    }

    #[test]
    fn a_text_is_neither_kernel_nor_initrd() {
        let text = b"#!/bin/sh\necho hello\n";
        assert!(found(ImagePart::Kernel, text, 21).contains("a script"));
        assert!(found(ImagePart::Initrd, text, 21).contains("a script"));
    }
}
