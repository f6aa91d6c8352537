//! The guest's serial output, kept in a file that never grows without bound.

use std::fs::{File, OpenOptions};
use std::io::Write as _;

use camino::{Utf8Path, Utf8PathBuf};

use crate::serial::parts;

/// A file this long is set aside (the one before is dropped): twice this is the most one VMM keeps. See
/// [`crate::serial::parts`].
pub(super) const SERIAL_LIMIT: u64 = 4 << 20;

/// `serial.log`, appended by each run.
#[derive(Debug)]
pub(super) struct SerialLog {
    path: Utf8PathBuf,
    limit: u64,
    file: Option<File>,
    /// Where the file begins, counted from the VMM's first output.
    from: u64,
    length: u64,
}

impl SerialLog {
    pub(super) fn new(path: &Utf8Path, limit: u64) -> Self {
        Self { path: path.to_owned(), limit, file: None, from: 0, length: 0 }
    }

    /// Appends. Output that can't be stored (disk full) is dropped: a guest never waits for its console.
    pub(super) fn append(&mut self, bytes: &[u8]) {
        if self.try_append(bytes).is_err() {
            self.file = None;
        }
    }

    fn try_append(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        if self.length >= self.limit && self.file.is_some() {
            let end = self.from + self.length;
            std::fs::rename(&self.path, parts::set_aside(&self.path, end))?;
            self.file = None;
            for (_, older) in parts::former(&self.path)?.into_iter().filter(|(other, _)| *other != end) {
                std::fs::remove_file(older)?;
            }
        }
        let file = match &mut self.file {
            Some(file) => file,
            None => {
                let file = OpenOptions::new().create(true).append(true).open(&self.path)?;
                self.length = file.metadata()?.len();
                self.from = parts::begin(&self.path)?;
                self.file.insert(file)
            }
        };
        file.write_all(bytes)?;
        self.length += bytes.len() as u64;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_output_stays_and_no_more_than_twice_the_limit() -> std::io::Result<()> {
        let directory = tempfile::tempdir()?;
        let path =
            Utf8Path::from_path(directory.path()).expect("a temporary path is text").join("serial.log");
        let mut log = SerialLog::new(&path, 10);
        for line in ["12345\n", "67890\n", "abcde\n", "fghij\n", "last\n"] {
            log.append(line.as_bytes());
        }
        assert_eq!(std::fs::read_to_string(&path)?, "last\n");
        assert_eq!(std::fs::read_to_string(parts::set_aside(&path, 24))?, "abcde\nfghij\n");
        assert_eq!(std::fs::read_dir(directory.path())?.count(), 2);
        let mut next_run = SerialLog::new(&path, 10);
        next_run.append(b"again\n");
        assert_eq!(std::fs::read_to_string(&path)?, "last\nagain\n");
        next_run.append(b"!");
        assert!(parts::set_aside(&path, 35).exists(), "the next run goes on counting");
        Ok(())
    }
}
