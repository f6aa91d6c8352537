//! Where things are: the repository and its build directory.

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use std::process::Command;

/// The repository this `xtask` belongs to.
#[derive(Debug)]
pub struct House {
    root: Utf8PathBuf,
    target: Utf8PathBuf,
}

impl House {
    /// The repository of the crate cargo runs, or (run by hand) the one around the working directory.
    pub fn find() -> Result<Self> {
        let start = match std::env::var("CARGO_MANIFEST_DIR") {
            Ok(manifest) => Utf8PathBuf::from(manifest),
            Err(_) => Utf8PathBuf::try_from(std::env::current_dir()?)?,
        };
        let root = start
            .ancestors()
            .find(|directory| directory.join("xtask/Cargo.toml").is_file())
            .context("not inside the repository: no xtask/Cargo.toml here or above")?
            .to_owned();
        let target = match std::env::var("CARGO_TARGET_DIR") {
            Ok(target) => root.join(target),
            Err(_) => root.join("target"),
        };
        Ok(Self { root, target })
    }

    /// The repository's top.
    pub fn root(&self) -> &Utf8Path {
        &self.root
    }

    /// A path below the build directory; nothing there is tracked.
    pub fn target(&self, below: &str) -> Utf8PathBuf {
        self.target.join(below)
    }

    /// A cargo command in the repository.
    pub fn cargo(&self) -> Command {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.current_dir(&self.root);
        // What cargo told *this* run would mislead the next one.
        for variable in ["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH", "CARGO_PKG_NAME", "CARGO_PKG_VERSION"] {
            command.env_remove(variable);
        }
        command
    }
}
