//! Secrets on disk: one file, 0600, in a directory, 0700, replaced in one step that survives a power cut.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use nix::libc;

const FOR_GROUP_OR_OTHERS: u32 = 0o077;
/// Keys and certificates are a few kilobytes; a larger file is not one of ours.
const SECRET_BYTES_MAX: u64 = 256 * 1024;

/// Why a secret was not written or read.
#[derive(Debug, thiserror::Error)]
pub enum SecretFileError {
    #[error("no such file: {}", path.display())]
    Absent { path: PathBuf },
    #[error("{} is open to others (mode {mode:04o}); give it to its owner alone: chmod go= {}", path.display(), path.display())]
    OpenToOthers { path: PathBuf, mode: u32 },
    #[error("{} belongs to user {owner}, neither to this program's user nor to root", path.display())]
    ForeignOwner { path: PathBuf, owner: u32 },
    #[error("{} is not a regular file of at most {SECRET_BYTES_MAX} bytes of text", path.display())]
    NotASecret { path: PathBuf },
    #[error("cannot {deed} {}", path.display())]
    Io { deed: &'static str, path: PathBuf, source: io::Error },
}

fn failed(deed: &'static str, path: &Path) -> impl FnOnce(io::Error) -> SecretFileError {
    move |source| SecretFileError::Io { deed, path: path.to_owned(), source }
}

/// Writes `text` as `dir/name`, making `dir` if it isn't there. Blocking. After an `Ok` the new text survives a
/// power cut; after a crash in between the old text is still whole.
///
/// Errors: `OpenToOthers` or `ForeignOwner` if the directory exists and isn't private; `Io`.
pub fn write_secret(dir: impl AsRef<Path>, name: &str, text: &str) -> Result<(), SecretFileError> {
    let dir = dir.as_ref();
    make_private_dir(dir)?;
    let path = dir.join(name);
    // A fixed name: what an interrupted write left behind is taken away by the next one.
    let unfinished = dir.join(format!(".{name}.unfinished"));
    match fs::remove_file(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(failed("remove", &unfinished)(error));
        }
        _ => {}
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&unfinished)
        .map_err(failed("create", &unfinished))?;
    file.write_all(text.as_bytes()).map_err(failed("write", &unfinished))?;
    file.sync_all().map_err(failed("sync", &unfinished))?;
    fs::rename(&unfinished, &path).map_err(failed("rename to", &path))?;
    sync_dir(dir)
}

/// Reads `dir/name`. Blocking.
///
/// Errors: `Absent`; `OpenToOthers` if the file or its directory grants anything to group or others;
/// `ForeignOwner`; `NotASecret` (a directory, a link, too large, not UTF-8); `Io`.
pub fn read_secret(dir: impl AsRef<Path>, name: &str) -> Result<String, SecretFileError> {
    let dir = dir.as_ref();
    let path = dir.join(name);
    if !dir.exists() {
        return Err(SecretFileError::Absent { path });
    }
    check_private(dir, &fs::metadata(dir).map_err(failed("look at", dir))?)?;
    let mut file = open_without_following(&path)?;
    // Asked of the open file, so that what is checked is what is read.
    let metadata = file.metadata().map_err(failed("look at", &path))?;
    if !metadata.is_file() || metadata.len() > SECRET_BYTES_MAX {
        return Err(SecretFileError::NotASecret { path });
    }
    check_private(&path, &metadata)?;
    let mut text = String::new();
    match file.read_to_string(&mut text) {
        Ok(_) => Ok(text),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Err(SecretFileError::NotASecret { path }),
        Err(error) => Err(failed("read", &path)(error)),
    }
}

fn open_without_following(path: &Path) -> Result<File, SecretFileError> {
    // O_NONBLOCK: a FIFO put in the file's place must not hang the program before it is seen not to be a file.
    let opened = OpenOptions::new().read(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK).open(path);
    opened.map_err(|error| match error.raw_os_error() {
        Some(libc::ENOENT) => SecretFileError::Absent { path: path.to_owned() },
        Some(libc::ELOOP) => SecretFileError::NotASecret { path: path.to_owned() },
        _ => failed("open", path)(error),
    })
}

fn check_private(path: &Path, metadata: &fs::Metadata) -> Result<(), SecretFileError> {
    let owner = metadata.uid();
    if owner != 0 && owner != nix::unistd::geteuid().as_raw() {
        return Err(SecretFileError::ForeignOwner { path: path.to_owned(), owner });
    }
    let mode = metadata.mode() & 0o7777;
    if mode & FOR_GROUP_OR_OTHERS != 0 {
        return Err(SecretFileError::OpenToOthers { path: path.to_owned(), mode });
    }
    Ok(())
}

fn make_private_dir(dir: &Path) -> Result<(), SecretFileError> {
    if !dir.exists() {
        if let Some(parent) = dir.parent() {
            fs::create_dir_all(parent).map_err(failed("create", parent))?;
        }
        DirBuilder::new().mode(0o700).create(dir).map_err(failed("create", dir))?;
        // A umask can only have taken the owner's own rights away; give them back.
        fs::set_permissions(dir, Permissions::from_mode(0o700)).map_err(failed("set the mode of", dir))?;
        if let Some(parent) = dir.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            sync_dir(parent)?;
        }
    }
    check_private(dir, &fs::metadata(dir).map_err(failed("look at", dir))?)
}

fn sync_dir(dir: &Path) -> Result<(), SecretFileError> {
    File::open(dir).and_then(|opened| opened.sync_all()).map_err(failed("sync", dir))
}
