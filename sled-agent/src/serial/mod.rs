//! Serial logs: pieces of what a guest printed, also for a while after its VMM was forgotten.
//!
//! [`parts`]: the files of a log. [`console`]: the live console over a websocket.

pub mod console;
pub mod parts;

use std::collections::HashSet;
use std::fs;
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
        if let Err(error) = remove(&kept) {
            warn!(self.log, "a serial log is left behind"; "path" => kept.as_str(), "error" => %error);
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

fn copy(from: &Utf8Path, to: &Utf8Path) -> io::Result<()> {
    for part in parts::open(from)? {
        let kept = if part.path == from { to.to_owned() } else { parts::set_aside(to, part.end()) };
        fs::copy(&part.path, kept)?;
    }
    Ok(())
}

/// Removes a log with all that was set aside of it.
fn remove(path: &Utf8Path) -> io::Result<()> {
    let former = parts::former(path)?.into_iter().map(|(_, path)| path);
    for path in former.chain([path.to_owned()]) {
        match fs::remove_file(&path) {
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
        remove(&path)?;
    }
    Ok(())
}

/// Reads a piece: from an offset, or the last `max_bytes`. `None`: there is no such log. Blocking.
pub fn read(path: &Utf8Path, from: Option<u64>, max_bytes: u32) -> io::Result<Option<Piece>> {
    let parts = parts::open(path)?;
    let (Some(first), Some(last)) = (parts.first(), parts.last()) else { return Ok(None) };
    let (begin, end) = (first.from, last.end());
    let wanted = from.unwrap_or(end.saturating_sub(u64::from(max_bytes)));
    let from = wanted.clamp(begin, end);
    let mut piece = Piece { from, data: Vec::new() };
    for mut part in parts {
        let next = from + piece.data.len() as u64;
        let left = u64::from(max_bytes) - piece.data.len() as u64;
        if (part.from..part.end()).contains(&next) && left > 0 {
            part.file.seek(SeekFrom::Start(next - part.from))?;
            let here = left.min(part.end() - next);
            part.file.take(here).read_to_end(&mut piece.data)?;
        }
    }
    Ok(Some(piece))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log_with(earlier_text: Option<&str>, text: &str) -> (tempfile::TempDir, Utf8PathBuf) {
        let dir = tempfile::tempdir().expect("a directory");
        let path = Utf8Path::from_path(dir.path()).expect("UTF-8").join("serial.log");
        fs::write(&path, text).expect("written");
        if let Some(text) = earlier_text {
            fs::write(parts::set_aside(&path, text.len() as u64), text).expect("written");
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
    fn an_offset_that_was_dropped_begins_where_something_is_kept() {
        let (_dir, path) = log_with(None, "56789");
        fs::write(parts::set_aside(&path, 105), "01234").expect("written");
        assert_eq!(text(&path, Some(3), 4), (100, "0123".to_string()));
        assert_eq!(text(&path, Some(104), 3), (104, "456".to_string()));
        assert_eq!(text(&path, None, 2), (108, "89".to_string()));
    }

    #[tokio::test]
    async fn a_kept_log_has_the_offsets_it_had_and_is_discarded_whole() {
        let (dir, path) = log_with(None, "56789");
        fs::write(parts::set_aside(&path, 105), "01234").expect("written");
        let kept = Utf8Path::from_path(dir.path()).expect("UTF-8").join("kept");
        let log = Logger::root(slog::Discard, slog::o!());
        let archive = SerialArchive::open(kept.clone(), log).expect("opened");
        let vmm = VmmUuid::new_v4();
        archive.keep(vmm, path.clone()).await;
        assert_eq!(text(&archive.path(vmm), Some(0), 100), (100, "0123456789".to_string()));
        archive.discard(vmm);
        assert_eq!(kept.read_dir_utf8().expect("listed").count(), 0);
    }

    #[test]
    fn no_log_is_not_an_empty_log() {
        let (dir, path) = log_with(None, "");
        assert_eq!(text(&path, None, 4), (0, String::new()));
        let missing = Utf8Path::from_path(dir.path()).expect("UTF-8").join("other.log");
        assert_eq!(read(&missing, None, 4).expect("readable"), None);
    }
}
