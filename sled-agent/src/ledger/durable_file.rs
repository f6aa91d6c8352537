//! One small file that is either whole or absent: versioned, checksummed, replaced in one step.
//!
//! ```text
//! berth-ledger <version> <crc32, 8 hex digits> <length of the body in bytes>\n<body>
//! ```
//! The checksum of version 1 covers the body. That of every later version covers `<version> <length>\n<body>`, so that
//! a spoiled version of this one is never taken for a newer one: that would keep the whole program from starting.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;

use camino::{Utf8Path, Utf8PathBuf};

/// The version this program writes, and the newest it reads.
pub const VERSION: u32 = 1;

const MAGIC: &str = "berth-ledger";
/// A suffix no finished file has: what carries it was never acknowledged.
const UNFINISHED: &str = "unfinished";

/// Why a file's content can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("it has no header of this format")]
    NoHeader,
    #[error("it was written by a newer version ({0}) of this program")]
    NewerVersion(u32),
    #[error("it is cut off: {found} bytes of {expected}")]
    Truncated { expected: usize, found: usize },
    #[error("its checksum is wrong")]
    Checksum,
    #[error("its content isn't understood: {0}")]
    Shape(#[from] serde_json::Error),
    #[error("it can't be read: {0}")]
    Io(#[from] io::Error),
}

/// Replaces `dir/name` by `body`. After an `Ok` it survives a power cut; until then the old content does.
pub fn write(dir: &Utf8Path, name: &str, body: &[u8]) -> io::Result<()> {
    let unfinished = unfinished_path(dir, name);
    write_whole(&unfinished, body)?;
    fs::rename(&unfinished, dir.join(name))?;
    sync_dir(dir)
}

/// What may become `dir/name`: whole and on the disk, under a name that doesn't count. One per name at a time.
#[derive(Debug)]
pub struct FileAhead {
    path: Utf8PathBuf,
    dir: Utf8PathBuf,
    name: String,
}

/// The dear half of [`write`]; the file stays as it is until [`FileAhead::finish`].
pub fn write_ahead(dir: &Utf8Path, name: &str, body: &[u8]) -> io::Result<FileAhead> {
    let path = unfinished_path(dir, &format!("{name}.ahead"));
    write_whole(&path, body)?;
    Ok(FileAhead { path, dir: dir.to_owned(), name: name.to_owned() })
}

impl FileAhead {
    /// The other half: after an `Ok` it is as if it had been written now.
    pub fn finish(self) -> io::Result<()> {
        fs::rename(&self.path, self.dir.join(&self.name))?;
        sync_dir(&self.dir)
    }

    /// It won't be needed. What stays is swept by whoever opens the directory next.
    pub fn discard(self) {
        drop(fs::remove_file(&self.path));
    }
}

fn write_whole(unfinished: &Utf8Path, body: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(unfinished)?;
    let header = format!("{MAGIC} {VERSION} {:08x} {}\n", crc32fast::hash(body), body.len());
    let written =
        file.write_all(header.as_bytes()).and_then(|()| file.write_all(body)).and_then(|()| file.sync_all());
    if let Err(error) = written {
        // A half-written file on a full disk takes room that others need.
        drop(fs::remove_file(unfinished));
        return Err(error);
    }
    Ok(())
}

/// Reads the body back, after checking that it is whole.
pub fn read(path: &Utf8Path) -> Result<Vec<u8>, ReadError> {
    parse(&fs::read(path)?)
}

fn parse(bytes: &[u8]) -> Result<Vec<u8>, ReadError> {
    let line_end = bytes.iter().position(|byte| *byte == b'\n').ok_or(ReadError::NoHeader)?;
    let header = std::str::from_utf8(&bytes[..line_end]).map_err(|_| ReadError::NoHeader)?;
    let words: Vec<&str> = header.split(' ').collect();
    let [MAGIC, version, crc, length] = words[..] else { return Err(ReadError::NoHeader) };
    let version: u32 = version.parse().map_err(|_| ReadError::NoHeader)?;
    if version == 0 {
        return Err(ReadError::NoHeader);
    }
    let expected: usize = length.parse().map_err(|_| ReadError::NoHeader)?;
    let crc = u32::from_str_radix(crc, 16).map_err(|_| ReadError::NoHeader)?;
    let body = &bytes[line_end + 1..];
    if body.len() < expected {
        return Err(ReadError::Truncated { expected, found: body.len() });
    }
    if body.len() > expected || checksum(version, body) != crc {
        return Err(ReadError::Checksum);
    }
    if version > VERSION {
        return Err(ReadError::NewerVersion(version));
    }
    Ok(body.to_vec())
}

fn checksum(version: u32, body: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    if version > 1 {
        hasher.update(format!("{version} {}\n", body.len()).as_bytes());
    }
    hasher.update(body);
    hasher.finalize()
}

/// Removes a file for good. An absent one is removed already.
pub fn remove(dir: &Utf8Path, name: &str) -> io::Result<()> {
    match fs::remove_file(dir.join(name)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
        Ok(()) => sync_dir(dir),
    }
}

/// Removes what interrupted writes left in `dir`: none of it was ever acknowledged.
pub fn sweep_unfinished(dir: &Utf8Path) -> io::Result<()> {
    for found in dir.read_dir_utf8()? {
        let found = found?;
        if found.path().extension() == Some(UNFINISHED) {
            fs::remove_file(found.path())?;
        }
    }
    Ok(())
}

/// Makes the names in `dir` survive a power cut.
pub fn sync_dir(dir: &Utf8Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

fn unfinished_path(dir: &Utf8Path, name: &str) -> Utf8PathBuf {
    dir.join(format!("{name}.{UNFINISHED}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(body: &[u8]) -> Vec<u8> {
        let mut bytes =
            format!("{MAGIC} {VERSION} {:08x} {}\n", crc32fast::hash(body), body.len()).into_bytes();
        bytes.extend_from_slice(body);
        bytes
    }

    #[test]
    fn what_was_written_is_read_back() {
        let dir = tempfile::tempdir().expect("a directory");
        let dir = Utf8Path::from_path(dir.path()).expect("UTF-8");
        write(dir, "a", b"one").expect("written");
        write(dir, "a", b"two").expect("replaced");
        assert_eq!(read(&dir.join("a")).expect("whole"), b"two");
        assert_eq!(dir.read_dir_utf8().expect("listed").count(), 1, "nothing unfinished stays");
    }

    #[test]
    fn what_is_written_ahead_counts_when_it_is_finished_and_not_before() {
        let dir = tempfile::tempdir().expect("a directory");
        let dir = Utf8Path::from_path(dir.path()).expect("UTF-8");
        write(dir, "a", b"one").expect("written");
        let ahead = write_ahead(dir, "a", b"three").expect("written ahead");
        write(dir, "a", b"two").expect("replaced");
        assert_eq!(read(&dir.join("a")).expect("whole"), b"two");
        ahead.finish().expect("finished");
        assert_eq!(read(&dir.join("a")).expect("whole"), b"three");
        write_ahead(dir, "a", b"four").expect("written ahead").discard();
        assert_eq!(dir.read_dir_utf8().expect("listed").count(), 1, "nothing is left of it");
        // As if the program had died in between.
        let _ahead = write_ahead(dir, "a", b"five").expect("written ahead");
        sweep_unfinished(dir).expect("swept");
        assert_eq!(read(&dir.join("a")).expect("whole"), b"three");
        assert_eq!(dir.read_dir_utf8().expect("listed").count(), 1);
    }

    #[test]
    fn a_file_cut_anywhere_is_never_taken_for_whole() {
        let bytes = whole(br#"{"vmm":"x"}"#);
        for length in 0..bytes.len() {
            assert!(parse(&bytes[..length]).is_err(), "cut to {length} bytes");
        }
    }

    #[test]
    fn any_changed_byte_of_the_body_is_noticed() {
        let bytes = whole(b"some body");
        for at in bytes.len() - 9..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 0x20;
            assert!(matches!(parse(&changed), Err(ReadError::Checksum)), "byte {at}");
        }
    }

    #[test]
    fn any_changed_bit_anywhere_is_corruption_and_never_a_newer_version() {
        let bytes = whole(br#"{"vmm":"x"}"#);
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut changed = bytes.clone();
                changed[at] ^= 1 << bit;
                match parse(&changed) {
                    Ok(body) => {
                        // Hexadecimal digits may be written in either case.
                        assert_eq!(body, br#"{"vmm":"x"}"#, "byte {at} bit {bit}");
                    }
                    Err(ReadError::NewerVersion(version)) => panic!("byte {at} bit {bit}: {version}"),
                    Err(_) => {}
                }
            }
        }
    }

    #[test]
    fn a_newer_version_is_not_corruption() {
        let text = format!("{MAGIC} {} {:08x} 0\n", VERSION + 1, checksum(VERSION + 1, b""));
        assert!(matches!(parse(text.as_bytes()), Err(ReadError::NewerVersion(v)) if v == VERSION + 1));
    }
}
