//! The files of one serial log. The growing one has the log's name; the one that was set aside before it carries in
//! its name where it ends, counted from the VMM's first output: so an offset means the same byte for ever, however
//! much was dropped since.
//!
//! ```text
//! serial.log.8388608    bytes 4194304 to 8388607 (its length tells where it begins)
//! serial.log            from byte 8388608
//! ```

use std::fs::File;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};

/// How often a log is looked at again when it was set aside while it was being opened.
const TRIES: usize = 5;

/// One file of a log.
#[derive(Debug)]
pub struct Part {
    pub path: Utf8PathBuf,
    pub file: File,
    /// Offset of its first byte.
    pub from: u64,
    pub length: u64,
}

impl Part {
    /// Offset after its last byte.
    pub fn end(&self) -> u64 {
        self.from + self.length
    }
}

/// Name of what is set aside at this offset.
pub fn set_aside(path: &Utf8Path, end: u64) -> Utf8PathBuf {
    path.with_added_extension(end.to_string())
}

/// What was set aside of a log: (offset of its end, path), oldest first.
pub fn former(path: &Utf8Path) -> io::Result<Vec<(u64, Utf8PathBuf)>> {
    let (Some(dir), Some(name)) = (path.parent(), path.file_name()) else { return Ok(Vec::new()) };
    let dir = if dir.as_str().is_empty() { Utf8Path::new(".") } else { dir };
    let entries = match dir.read_dir_utf8() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        let suffix = entry.file_name().strip_prefix(name).and_then(|rest| rest.strip_prefix('.'));
        if let Some(end) = suffix.and_then(|suffix| suffix.parse::<u64>().ok()) {
            found.push((end, entry.path().to_owned()));
        }
    }
    found.sort();
    Ok(found)
}

/// Offset of the first byte of the growing file.
pub fn begin(path: &Utf8Path) -> io::Result<u64> {
    match former(path)?.pop() {
        // See `open_once`.
        Some((end, path)) => Ok(end.max(std::fs::metadata(path)?.len())),
        None => Ok(0),
    }
}

/// Opens all that is kept of a log, oldest first; nothing if there is none. It may grow while it is read.
pub fn open(path: &Utf8Path) -> io::Result<Vec<Part>> {
    for _ in 1..TRIES {
        let before = former(path)?;
        let parts = open_once(path, &before)?;
        if former(path)? == before {
            return Ok(parts);
        }
    }
    open_once(path, &former(path)?)
}

fn open_once(path: &Utf8Path, former: &[(u64, Utf8PathBuf)]) -> io::Result<Vec<Part>> {
    let mut parts: Vec<Part> = Vec::with_capacity(former.len() + 1);
    for (end, path) in former {
        let Some((file, length)) = open_file(path)? else { continue };
        // One of a former version doesn't tell: then nothing was dropped before it, as far as anybody knows.
        let from = end.saturating_sub(length);
        parts.push(Part { path: path.clone(), file, from, length });
    }
    let from = parts.last().map_or(0, Part::end);
    if let Some((file, length)) = open_file(path)? {
        parts.push(Part { path: path.to_owned(), file, from, length });
    }
    Ok(parts)
}

fn open_file(path: &Utf8Path) -> io::Result<Option<(File, u64)>> {
    match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        opened => {
            let file = opened?;
            let length = file.metadata()?.len();
            Ok(Some((file, length)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_go_on_over_what_was_set_aside_and_dropped() -> io::Result<()> {
        let dir = tempfile::tempdir()?;
        let path = Utf8Path::from_path(dir.path()).expect("UTF-8").join("serial.log");
        assert!(open(&path)?.is_empty());
        std::fs::write(set_aside(&path, 30), "0123456789")?;
        std::fs::write(&path, "abc")?;
        let parts = open(&path)?;
        let ranges: Vec<(u64, u64)> = parts.iter().map(|part| (part.from, part.end())).collect();
        assert_eq!(ranges, [(20, 30), (30, 33)]);
        std::fs::write(path.with_added_extension("corrupt"), "x")?;
        std::fs::remove_file(&path)?;
        assert_eq!(open(&path)?.len(), 1, "in the moment between setting aside and the next byte");
        Ok(())
    }

    #[test]
    fn what_a_former_version_set_aside_begins_at_nothing() -> io::Result<()> {
        let dir = tempfile::tempdir()?;
        let path = Utf8Path::from_path(dir.path()).expect("UTF-8").join("serial.log");
        std::fs::write(set_aside(&path, 0), "01234")?;
        std::fs::write(&path, "56")?;
        let ranges: Vec<(u64, u64)> = open(&path)?.iter().map(|part| (part.from, part.end())).collect();
        assert_eq!(ranges, [(0, 5), (5, 7)]);
        Ok(())
    }
}
