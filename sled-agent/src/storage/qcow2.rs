//! Reading a qcow2 image's header: an image that refers to other files would read what its owner may not.

use std::fs::File;
use std::io::{self, Read};

use camino::Utf8Path;

const MAGIC: [u8; 4] = *b"QFI\xfb";
/// Bytes of a version 3 header up to and with the incompatible features.
const HEADER_BYTES: usize = 80;
/// The guest's data are in another file.
const EXTERNAL_DATA_FILE: u64 = 1 << 2;

/// Why a file isn't taken as a qcow2 image.
#[derive(Debug, thiserror::Error)]
pub enum Qcow2Error {
    #[error("it is no qcow2 file")]
    NotQcow2,
    #[error("it refers to a backing file; convert it to a flat image first (`qemu-img convert`)")]
    BackingFile,
    #[error("its data are in another file; convert it to a flat image first (`qemu-img convert`)")]
    ExternalData,
    #[error("it can't be read: {0}")]
    Io(#[from] io::Error),
}

/// The guest's bytes in an image that stands by itself. Blocking.
pub fn virtual_size(path: &Utf8Path) -> Result<u64, Qcow2Error> {
    let mut header = Vec::with_capacity(HEADER_BYTES);
    File::open(path)?.take(HEADER_BYTES as u64).read_to_end(&mut header)?;
    parse(&header)
}

fn parse(header: &[u8]) -> Result<u64, Qcow2Error> {
    let number = |at: usize, length: usize| -> Option<u64> {
        Some(header.get(at..at + length)?.iter().fold(0, |sum, byte| (sum << 8) | u64::from(*byte)))
    };
    if header.get(..4) != Some(&MAGIC[..]) {
        return Err(Qcow2Error::NotQcow2);
    }
    let version = number(4, 4).ok_or(Qcow2Error::NotQcow2)?;
    let backing_offset = number(8, 8).ok_or(Qcow2Error::NotQcow2)?;
    let size = number(24, 8).ok_or(Qcow2Error::NotQcow2)?;
    if !(2..=3).contains(&version) {
        return Err(Qcow2Error::NotQcow2);
    }
    if backing_offset != 0 {
        return Err(Qcow2Error::BackingFile);
    }
    if version == 3 {
        let incompatible = number(72, 8).ok_or(Qcow2Error::NotQcow2)?;
        if incompatible & EXTERNAL_DATA_FILE != 0 {
            return Err(Qcow2Error::ExternalData);
        }
    }
    Ok(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(version: u32, backing: u64, size: u64, incompatible: u64) -> Vec<u8> {
        let mut bytes = vec![0; HEADER_BYTES];
        bytes[..4].copy_from_slice(&MAGIC);
        bytes[4..8].copy_from_slice(&version.to_be_bytes());
        bytes[8..16].copy_from_slice(&backing.to_be_bytes());
        bytes[24..32].copy_from_slice(&size.to_be_bytes());
        bytes[72..80].copy_from_slice(&incompatible.to_be_bytes());
        bytes
    }

    #[test]
    fn only_an_image_that_stands_by_itself_is_taken() {
        assert_eq!(parse(&header(3, 0, 4096, 0)).expect("flat"), 4096);
        assert_eq!(parse(&header(2, 0, 512, u64::MAX)).expect("version 2 has no such field"), 512);
        assert!(matches!(parse(&header(3, 568, 4096, 0)), Err(Qcow2Error::BackingFile)));
        assert!(matches!(parse(&header(3, 0, 4096, EXTERNAL_DATA_FILE)), Err(Qcow2Error::ExternalData)));
        assert!(matches!(parse(&header(9, 0, 4096, 0)), Err(Qcow2Error::NotQcow2)));
        assert!(matches!(parse(b"\x7fELF"), Err(Qcow2Error::NotQcow2)));
        assert!(matches!(parse(&header(3, 0, 4096, 0)[..40]), Err(Qcow2Error::NotQcow2)));
    }
}
