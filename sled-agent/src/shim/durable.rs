//! Small JSON files that are either whole or absent, and stay when the host loses power.

use std::fs::File;
use std::io::{self, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};

use camino::Utf8Path;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Whether a write must outlive the host or only the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// fsync of the file and of its directory before it returns.
    ThroughPowerLoss,
    /// Enough for what a reboot makes void.
    WhileHostIsUp,
}

/// Numbers the writes of this process.
static WRITES: AtomicU64 = AtomicU64::new(0);

/// Replaces `path` with `value` as JSON, atomically, however many do so at once.
pub fn write_json<T: Serialize>(path: &Utf8Path, value: &T, keep: Keep) -> io::Result<()> {
    let bytes = serde_json::to_vec(value).map_err(io::Error::other)?;
    // Process and write are in the name: two writes never share a half-written file.
    let write = WRITES.fetch_add(1, Ordering::Relaxed);
    let new = path.with_added_extension(format!("{}-{write}.new", std::process::id()));
    let mut file = File::create(&new)?;
    let written = file.write_all(&bytes).and_then(|()| match keep {
        Keep::ThroughPowerLoss => file.sync_all(),
        Keep::WhileHostIsUp => Ok(()),
    });
    if let Err(error) = written.and_then(|()| std::fs::rename(&new, path)) {
        let _ = std::fs::remove_file(&new);
        return Err(error);
    }
    match keep {
        Keep::ThroughPowerLoss => sync_directory(path),
        Keep::WhileHostIsUp => Ok(()),
    }
}

fn sync_directory(path: &Utf8Path) -> io::Result<()> {
    let directory = path.parent().filter(|parent| !parent.as_str().is_empty()).unwrap_or(Utf8Path::new("."));
    File::open(directory)?.sync_all()
}

/// Reads `path`; `None` when it doesn't exist.
///
/// # Errors
/// What the system says, or [`io::ErrorKind::InvalidData`] when it isn't the JSON expected.
pub fn read_json<T: DeserializeOwned>(path: &Utf8Path) -> io::Result<Option<T>> {
    match std::fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, format!("{path}: {error}"))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_written_file_is_read_back_and_leaves_nothing_beside_it() -> io::Result<()> {
        let directory = tempfile::tempdir()?;
        let path = Utf8Path::from_path(directory.path()).expect("a temporary path is text").join("a.json");
        assert_eq!(read_json::<u32>(&path)?, None);
        write_json(&path, &1_u32, Keep::ThroughPowerLoss)?;
        write_json(&path, &2_u32, Keep::WhileHostIsUp)?;
        assert_eq!(read_json::<u32>(&path)?, Some(2));
        assert_eq!(std::fs::read_dir(directory.path())?.count(), 1);
        Ok(())
    }

    #[test]
    fn a_truncated_file_is_an_error_and_not_an_absence() -> io::Result<()> {
        let directory = tempfile::tempdir()?;
        let path = Utf8Path::from_path(directory.path()).expect("a temporary path is text").join("a.json");
        std::fs::write(&path, b"{\"run\":")?;
        let error = read_json::<serde_json::Value>(&path).expect_err("half a file");
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        Ok(())
    }

    #[test]
    fn several_of_one_process_may_write_the_same_file_at_once() -> io::Result<()> {
        let directory = tempfile::tempdir()?;
        let path = Utf8Path::from_path(directory.path()).expect("a temporary path is text").join("a.json");
        let values = ["a", "b", "c", "d"].map(|letter| letter.repeat(1 << 16));
        let together = std::sync::Barrier::new(values.len());
        let bad = std::sync::Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for value in &values {
                scope.spawn(|| {
                    for _ in 0..100 {
                        together.wait();
                        let written = write_json(&path, value, Keep::WhileHostIsUp);
                        match written.and_then(|()| read_json::<String>(&path)) {
                            Ok(Some(read)) if values.contains(&read) => {}
                            // Not a panic: the others would wait for it for ever.
                            other => {
                                bad.lock().expect("no panic before").push(other.map_err(|e| e.to_string()))
                            }
                        }
                    }
                });
            }
        });
        let bad = bad.into_inner().expect("no panic before");
        let first = bad.first().map(|one| format!("{one:.100?}"));
        assert_eq!((bad.len(), first), (0, None));
        assert_eq!(std::fs::read_dir(directory.path())?.count(), 1);
        Ok(())
    }
}
