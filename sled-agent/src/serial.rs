//! Serial logs: pieces of what a guest printed, also for a while after its VMM was forgotten.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use berth_common::ids::VmmUuid;
use camino::{Utf8Path, Utf8PathBuf};
use slog::{Logger, warn};

/// How many logs of forgotten VMMs are kept.
const KEPT_MAX: usize = 256;

/// A piece of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Offset of its first byte, from the VMM's first output.
    pub from: u64,
    pub data: Vec<u8>,
}

/// Logs of VMMs that were forgotten, the newest [`KEPT_MAX`] of them.
#[derive(Debug)]
pub struct SerialArchive {
    dir: Utf8PathBuf,
    /// VMMs of deleted instances, whose logs nobody may read any more: one that is forgotten later isn't kept. Lost at a
    /// restart, which at worst keeps a log until it is one of the oldest.
    unwanted: Mutex<HashSet<VmmUuid>>,
    log: Logger,
}

impl SerialArchive {
    /// Keeps them in `dir`, which is made.
    pub fn open(dir: Utf8PathBuf, log: Logger) -> io::Result<SerialArchive> {
        fs::create_dir_all(&dir)?;
        Ok(SerialArchive { dir, unwanted: Mutex::default(), log })
    }

    /// Where a forgotten VMM's log is.
    pub fn path(&self, vmm: VmmUuid) -> Utf8PathBuf {
        self.dir.join(format!("{vmm}.log"))
    }

    /// Deletes a VMM's log, now and when it is forgotten: its instance was deleted.
    pub fn discard(&self, vmm: VmmUuid) {
        self.unwanted.lock().unwrap_or_else(PoisonError::into_inner).insert(vmm);
        let kept = self.path(vmm);
        for path in [earlier(&kept), kept] {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    warn!(self.log, "a serial log is left behind"; "path" => path.as_str(), "error" => %error);
                }
                _ => {}
            }
        }
    }

    /// Takes a copy before the VMM is forgotten. A log that can't be kept is no reason to keep the VMM.
    pub async fn keep(&self, vmm: VmmUuid, log_file: Utf8PathBuf) {
        if self.unwanted.lock().unwrap_or_else(PoisonError::into_inner).remove(&vmm) {
            return;
        }
        let (dir, kept) = (self.dir.clone(), self.path(vmm));
        let copied = tokio::task::spawn_blocking(move || {
            copy(&log_file, &kept)?;
            drop_oldest(&dir)
        });
        match copied.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => warn!(self.log, "a serial log is lost"; "vmm" => %vmm, "error" => %error),
            Err(error) => warn!(self.log, "a serial log is lost"; "vmm" => %vmm, "error" => %error),
        }
    }
}

/// The part of a log that was set aside when the file had grown to its limit.
fn earlier(path: &Utf8Path) -> Utf8PathBuf {
    path.with_added_extension("0")
}

fn copy(from: &Utf8Path, to: &Utf8Path) -> io::Result<()> {
    for (from, to) in [(earlier(from), earlier(to)), (from.to_owned(), to.to_owned())] {
        match fs::copy(&from, &to) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

fn drop_oldest(dir: &Utf8Path) -> io::Result<()> {
    let mut found: Vec<(SystemTime, Utf8PathBuf)> = Vec::new();
    for file in dir.read_dir_utf8()? {
        let file = file?;
        if file.path().extension() == Some("log") {
            found.push((file.metadata()?.modified()?, file.path().to_owned()));
        }
    }
    found.sort();
    let surplus = found.len().saturating_sub(KEPT_MAX);
    for (_, path) in found.into_iter().take(surplus) {
        drop(fs::remove_file(earlier(&path)));
        fs::remove_file(path)?;
    }
    Ok(())
}

/// Reads a piece: from an offset, or the last `max_bytes`. `None`: there is no such log. Blocking.
pub fn read(path: &Utf8Path, from: Option<u64>, max_bytes: u32) -> io::Result<Option<Piece>> {
    let parts: Vec<(File, u64)> = [earlier(path), path.to_owned()]
        .iter()
        .filter_map(|part| match File::open(part) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            opened => Some(opened.and_then(|file| file.metadata().map(|found| (file, found.len())))),
        })
        .collect::<io::Result<_>>()?;
    if parts.is_empty() {
        return Ok(None);
    }
    let total: u64 = parts.iter().map(|(_, length)| length).sum();
    let from = from.unwrap_or(total.saturating_sub(u64::from(max_bytes))).min(total);
    let mut data = Vec::new();
    let (mut skip, mut left) = (from, u64::from(max_bytes));
    for (mut file, length) in parts {
        if skip < length && left > 0 {
            file.seek(SeekFrom::Start(skip))?;
            left -= file.take(left.min(length - skip)).read_to_end(&mut data)? as u64;
        }
        skip = skip.saturating_sub(length);
    }
    Ok(Some(Piece { from, data }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log_with(earlier_text: Option<&str>, text: &str) -> (tempfile::TempDir, Utf8PathBuf) {
        let dir = tempfile::tempdir().expect("a directory");
        let path = Utf8Path::from_path(dir.path()).expect("UTF-8").join("serial.log");
        fs::write(&path, text).expect("written");
        if let Some(text) = earlier_text {
            fs::write(earlier(&path), text).expect("written");
        }
        (dir, path)
    }

    fn text(path: &Utf8Path, from: Option<u64>, max_bytes: u32) -> (u64, String) {
        let piece = read(path, from, max_bytes).expect("readable").expect("there");
        (piece.from, String::from_utf8(piece.data).expect("text"))
    }

    #[test]
    fn a_piece_is_read_from_an_offset_or_from_the_end() {
        let (_dir, path) = log_with(None, "0123456789");
        assert_eq!(text(&path, Some(3), 4), (3, "3456".to_string()));
        assert_eq!(text(&path, None, 4), (6, "6789".to_string()));
        assert_eq!(text(&path, None, 100), (0, "0123456789".to_string()));
        assert_eq!(text(&path, Some(99), 4), (10, String::new()), "nothing new yet");
    }

    #[test]
    fn the_part_that_was_set_aside_comes_first() {
        let (_dir, path) = log_with(Some("01234"), "56789");
        assert_eq!(text(&path, Some(3), 4), (3, "3456".to_string()));
        assert_eq!(text(&path, Some(5), 2), (5, "56".to_string()));
        assert_eq!(text(&path, None, 7), (3, "3456789".to_string()));
    }

    #[test]
    fn no_log_is_not_an_empty_log() {
        let (dir, path) = log_with(None, "");
        assert_eq!(text(&path, None, 4), (0, String::new()));
        let missing = Utf8Path::from_path(dir.path()).expect("UTF-8").join("other.log");
        assert_eq!(read(&missing, None, 4).expect("readable"), None);
    }
}
