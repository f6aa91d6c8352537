//! Where a server's files may be: reachable for its user, with a socket path the kernel accepts.

use crate::identity::Identity;
use anyhow::{Context, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, RenameFlags, renameat2};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::sync::atomic::{AtomicU64, Ordering};

/// Longest directory for a socket: the kernel takes 107 bytes, `/.s.PGSQL.5432` needs 14.
const LONGEST_SOCKET_DIRECTORY: usize = 93;

/// Everything one server keeps on disk.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) root: Utf8PathBuf,
    pub(crate) data: Utf8PathBuf,
    pub(crate) socket: Utf8PathBuf,
    pub(crate) log: Utf8PathBuf,
    pub(crate) start_lock: Utf8PathBuf,
    /// Where a guard notes the pid of the server that it begins.
    pub(crate) note: Utf8PathBuf,
}

impl Place {
    /// Makes the directory and settles where everything in it goes.
    pub(crate) fn prepare(directory: &Utf8Path, identity: &Identity) -> Result<Self> {
        if !directory.exists() {
            std::fs::create_dir_all(directory).with_context(|| format!("making {directory}"))?;
            // The server's user must pass through; what is inside is closed by itself.
            std::fs::set_permissions(directory, PermissionsExt::from_mode(0o755))?;
        }
        let root = directory.canonicalize_utf8().with_context(|| format!("resolving {directory}"))?;
        if let Some(closed) = closed_ancestor(&root, identity) {
            bail!(
                "{} can't enter {closed}, so a server can't run in {root}; \
                 choose a directory outside of it, or open it with `chmod o+x {closed}`",
                identity.name()
            );
        }
        let place = Self {
            data: root.join("data"),
            socket: socket_directory(&root, identity),
            log: root.join("postgres.log"),
            start_lock: root.join("start.lock"),
            note: root.join("guarded.pid"),
            root,
        };
        private_directory(&place.socket, identity)?;
        Ok(place)
    }
}

/// `preferred` if the user a server runs as can reach it; else a directory of the same name-by-hash under
/// `/var/tmp`. For callers that don't care where (tests, demo) when a checkout is in root's closed home.
pub fn reachable_directory(preferred: &Utf8Path) -> Result<Utf8PathBuf> {
    let identity = Identity::choose()?;
    if closed_ancestor(preferred, &identity).is_none() {
        return Ok(preferred.to_owned());
    }
    Ok(format!("/var/tmp/berth-{:016x}", hashed(preferred)).into())
}

/// Makes a directory that only the server's user may enter; one that is somebody else's is refused.
pub(crate) fn private_directory(path: &Utf8Path, identity: &Identity) -> Result<()> {
    if !path.exists() {
        make_private(path, identity).with_context(|| format!("making {path}"))?;
    }
    let found = std::fs::symlink_metadata(path)?;
    if !found.is_dir() || found.uid() != identity.uid().as_raw() || found.mode() & 0o077 != 0 {
        bail!("{path} must be a directory that belongs to {} alone (mode 700); remove it", identity.name());
    }
    Ok(())
}

/// It appears with its owner and its mode: whoever starts a server at the same moment finds it so, or not at all.
fn make_private(path: &Utf8Path, identity: &Identity) -> Result<()> {
    static MADE: AtomicU64 = AtomicU64::new(0);
    let number = MADE.fetch_add(1, Ordering::Relaxed);
    let making = Utf8PathBuf::from(format!("{path}.making-{}-{number}", std::process::id()));
    // Left by a process of the same number, which died over it.
    drop(std::fs::remove_dir(&making));
    std::fs::DirBuilder::new().mode(0o700).create(&making)?;
    let named = identity.own(&making).and_then(|()| {
        let named = renameat2(
            AT_FDCWD,
            making.as_std_path(),
            AT_FDCWD,
            path.as_std_path(),
            RenameFlags::RENAME_NOREPLACE,
        );
        match named {
            // Somebody else's is judged as any.
            Ok(()) | Err(Errno::EEXIST) => Ok(()),
            Err(error) => Err(error.into()),
        }
    });
    // Renamed, it is there no more.
    drop(std::fs::remove_dir(&making));
    named
}

/// A socket directory beside the data, or under `/tmp` when that path is too long or holds a comma
/// (which PostgreSQL takes for the next directory).
fn socket_directory(root: &Utf8Path, identity: &Identity) -> Utf8PathBuf {
    let beside = root.join("socket");
    if beside.as_str().len() <= LONGEST_SOCKET_DIRECTORY && !beside.as_str().contains([',', '"']) {
        return beside;
    }
    format!("/tmp/berth-postgres-{}-{:016x}", identity.uid(), hashed(root)).into()
}

/// The outermost existing ancestor (or the path itself) that the server's user may not pass.
fn closed_ancestor(path: &Utf8Path, identity: &Identity) -> Option<Utf8PathBuf> {
    let mut ancestors: Vec<&Utf8Path> = path.ancestors().collect();
    ancestors.reverse();
    let closed = ancestors.into_iter().find(|ancestor| {
        std::fs::metadata(ancestor).is_ok_and(|found| {
            let passes = if found.uid() == identity.uid().as_raw() {
                0o100
            } else if identity.gid().is_some_and(|gid| gid.as_raw() == found.gid()) {
                0o010
            } else {
                0o001
            };
            // Our own supplementary groups aren't looked at, so only the hand-over is judged.
            identity.gid().is_some() && found.mode() & passes == 0
        })
    });
    closed.map(Utf8Path::to_owned)
}

fn hashed(path: &Utf8Path) -> u64 {
    let mut hasher = DefaultHasher::new();
    path.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_directory_that_many_make_at_once_is_found_finished_by_all() -> Result<()> {
        let keeper = tempfile::tempdir()?;
        let identity = Identity::choose()?;
        for round in 0..50 {
            let path = Utf8Path::from_path(keeper.path()).context("UTF-8")?.join(round.to_string());
            std::thread::scope(|scope| {
                let all = [(); 8].map(|()| scope.spawn(|| private_directory(&path, &identity)));
                all.into_iter().try_for_each(|one| one.join().expect("no panic"))
            })?;
        }
        assert_eq!(std::fs::read_dir(keeper.path())?.count(), 50, "nothing half-made is left");
        Ok(())
    }
}
