//! How much a file system holds.

use std::io;

use camino::Utf8Path;
use nix::sys::statvfs::statvfs;

/// Bytes of the file system under a directory, used ones included.
pub fn total_bytes(dir: &Utf8Path) -> io::Result<u64> {
    let found = statvfs(dir.as_std_path()).map_err(io::Error::from)?;
    Ok(found.blocks().saturating_mul(found.fragment_size()))
}
