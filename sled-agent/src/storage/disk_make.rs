//! Making one disk's file: blocking work that can be cancelled between pieces, and tells how far it is.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use berth_common::ids::DiskUuid;
use berth_common::storage::DiskFormat;
use camino::Utf8Path;

use super::pool::Pool;
use super::qcow2::{Qcow2Error, virtual_size};

/// Copied at a time; a piece of zeros becomes a hole.
const PIECE_BYTES: usize = 1024 * 1024;
/// How often a conversion is looked at.
const CONVERSION_POLL: Duration = Duration::from_millis(50);

/// Why a disk couldn't be made.
#[derive(Debug, thiserror::Error)]
pub enum MakeError {
    #[error("the image has {image_bytes} bytes, the disk {disk_bytes}; make the disk larger")]
    TooSmall { image_bytes: u64, disk_bytes: u64 },
    #[error("the image can't be used: {0}")]
    Image(#[from] Qcow2Error),
    #[error("`qemu-img convert` failed: {0}")]
    Conversion(String),
    #[error("its file can't be written: {0}")]
    Io(#[from] io::Error),
    #[error("it was deleted meanwhile")]
    Deleted,
}

/// How far the making is; shared with whoever asks, or cancels.
#[derive(Debug, Default)]
pub struct Making {
    pub done_bytes: AtomicU64,
    pub total_bytes: AtomicU64,
    pub cancelled: AtomicBool,
}

impl Making {
    fn check(&self) -> Result<(), MakeError> {
        if self.cancelled.load(Ordering::Relaxed) { Err(MakeError::Deleted) } else { Ok(()) }
    }
}

/// Makes the disk, whole and durable, or leaves nothing of it. `image`: the file to begin with, and its format.
pub fn make(
    pool: &Pool,
    disk: DiskUuid,
    size_bytes: u64,
    image: Option<(&Utf8Path, DiskFormat)>,
    making: &Making,
) -> Result<(), MakeError> {
    let unfinished = pool.unfinished_path(disk);
    let made = fill(&unfinished, size_bytes, image, making).and_then(|()| {
        making.check()?;
        if pool.finish(disk)? { Ok(()) } else { Err(MakeError::Deleted) }
    });
    if made.is_err() {
        drop(std::fs::remove_file(&unfinished));
    }
    made
}

fn fill(
    unfinished: &Utf8Path,
    size_bytes: u64,
    image: Option<(&Utf8Path, DiskFormat)>,
    making: &Making,
) -> Result<(), MakeError> {
    match image {
        None => drop(create(unfinished)?),
        Some((path, DiskFormat::Raw)) => {
            check_fits(std::fs::metadata(path)?.len(), size_bytes)?;
            copy(path, &mut create(unfinished)?, making)?;
        }
        Some((path, DiskFormat::Qcow2)) => {
            let image_bytes = virtual_size(path)?;
            check_fits(image_bytes, size_bytes)?;
            making.total_bytes.store(image_bytes, Ordering::Relaxed);
            convert(path, unfinished, making)?;
        }
    }
    let file = OpenOptions::new().write(true).open(unfinished)?;
    check_fits(file.metadata()?.len(), size_bytes)?;
    file.set_len(size_bytes)?;
    file.sync_all()?;
    Ok(())
}

fn check_fits(image_bytes: u64, disk_bytes: u64) -> Result<(), MakeError> {
    if image_bytes > disk_bytes { Err(MakeError::TooSmall { image_bytes, disk_bytes }) } else { Ok(()) }
}

fn create(path: &Utf8Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(true).open(path)
}

fn copy(from: &Utf8Path, to: &mut File, making: &Making) -> Result<(), MakeError> {
    let mut from = File::open(from)?;
    let length = from.metadata()?.len();
    making.total_bytes.store(length, Ordering::Relaxed);
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        making.check()?;
        let read = match from.read(&mut piece) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            read => read?,
        };
        if read == 0 {
            break;
        }
        if piece[..read].iter().all(|byte| *byte == 0) {
            to.seek(SeekFrom::Current(i64::try_from(read).map_err(io::Error::other)?))?;
        } else {
            to.write_all(&piece[..read])?;
        }
        making.done_bytes.fetch_add(read as u64, Ordering::Relaxed);
    }
    to.set_len(length)?;
    Ok(())
}

/// Lets `qemu-img` write the guest's view of the image. The header was checked: it refers to no other file.
fn convert(from: &Utf8Path, to: &Utf8Path, making: &Making) -> Result<(), MakeError> {
    let mut child = Command::new("qemu-img")
        .args(["convert", "-f", "qcow2", "-O", "raw", "--", from.as_str(), to.as_str()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| MakeError::Conversion(format!("{error}; install qemu-utils")))?;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if making.check().is_err() {
            drop(child.kill());
            drop(child.wait());
            return Err(MakeError::Deleted);
        }
        std::thread::sleep(CONVERSION_POLL);
    };
    let mut words = String::new();
    if let Some(mut stderr) = child.stderr.take() {
        drop(stderr.read_to_string(&mut words));
    }
    if !status.success() {
        return Err(MakeError::Conversion(format!("{status}: {}", words.trim())));
    }
    making.done_bytes.store(making.total_bytes.load(Ordering::Relaxed), Ordering::Relaxed);
    Ok(())
}
