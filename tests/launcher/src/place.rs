//! Where a cluster's files are.

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use std::hash::{DefaultHasher, Hash, Hasher};

/// Longest directory below which a sled's sockets still have names the kernel takes: the agent accepts 46 bytes,
/// of which `/sled-99` are the sled's.
const LONGEST_RUN_DIRECTORY: usize = 38;

/// The directories of one cluster.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// Everything but sockets.
    pub(crate) directory: Utf8PathBuf,
    /// Sockets and shims, below a short path.
    pub(crate) run: Utf8PathBuf,
}

impl Place {
    pub(crate) fn prepare(directory: &Utf8Path) -> Result<Self> {
        std::fs::create_dir_all(directory).with_context(|| format!("making {directory}"))?;
        let directory = directory.canonicalize_utf8()?;
        let place = Self { run: run_directory(&directory), directory };
        std::fs::create_dir_all(&place.run).with_context(|| format!("making {}", place.run))?;
        Ok(place)
    }

    /// Directories that the cluster's processes have in their arguments.
    pub(crate) fn directories(&self) -> Vec<Utf8PathBuf> {
        vec![self.directory.clone(), self.run.clone()]
    }

    /// The certificate of the cluster's authority, for agents and users.
    pub(crate) fn authority_file(&self) -> Utf8PathBuf {
        self.directory.join("ca.pem")
    }

    /// Removes everything.
    pub(crate) fn remove(&self) -> Result<()> {
        for directory in [&self.run, &self.directory] {
            if directory.exists() {
                std::fs::remove_dir_all(directory).with_context(|| format!("removing {directory}"))?;
            }
        }
        Ok(())
    }
}

/// `run` below a short directory, else a place of that directory's own below `/tmp`.
fn run_directory(directory: &Utf8Path) -> Utf8PathBuf {
    let below = directory.join("run");
    if below.as_str().len() <= LONGEST_RUN_DIRECTORY {
        return below;
    }
    let mut hasher = DefaultHasher::new();
    directory.hash(&mut hasher);
    format!("/tmp/berth-run-{:016x}", hasher.finish()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sockets_are_always_below_a_short_path() {
        for directory in ["/tmp/x", "/a/rather/long/path/below/which/no/socket/could/have/a/name/target/demo"]
        {
            assert!(run_directory(directory.into()).as_str().len() <= LONGEST_RUN_DIRECTORY);
        }
        assert_eq!(run_directory("/tmp/x".into()), "/tmp/x/run");
    }
}
