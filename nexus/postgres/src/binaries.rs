//! Finds PostgreSQL's own programs on this machine.

use anyhow::{Context, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use std::process::Command;

/// Oldest major version whose SQL we rely on (`DROP DATABASE … WITH (FORCE)`, `MERGE`-era planner).
const OLDEST_MAJOR: u32 = 15;

/// Directory that names where the programs are, before any search.
const OVERRIDE_VARIABLE: &str = "BERTH_PG_BIN";

/// Where Debian and its children keep each major version.
const DEBIAN_VERSIONS: &str = "/usr/lib/postgresql";

/// A directory with `postgres`, `initdb` and `psql` of one version, 15 or newer.
#[derive(Clone, Debug)]
pub struct Binaries {
    directory: Utf8PathBuf,
    major: u32,
}

impl Binaries {
    /// Looks at `BERTH_PG_BIN`, then the newest of `/usr/lib/postgresql/*/bin`, then `pg_config --bindir`.
    ///
    /// # Errors
    /// When `BERTH_PG_BIN` is set and useless, or nothing of version 15 or newer is found; the text says
    /// what would help.
    pub fn find() -> Result<Self> {
        if let Some(directory) = std::env::var_os(OVERRIDE_VARIABLE) {
            let directory = Utf8PathBuf::try_from(std::path::PathBuf::from(directory))?;
            return Self::at(&directory)
                .with_context(|| format!("{OVERRIDE_VARIABLE}={directory} is of no use"));
        }
        let mut found: Vec<Self> =
            candidates().iter().filter_map(|directory| Self::at(directory).ok()).collect();
        found.sort_by_key(|binaries| binaries.major);
        found.pop().with_context(|| {
            format!(
                "no PostgreSQL {OLDEST_MAJOR} or newer found under {DEBIAN_VERSIONS} or by pg_config; \
                 install it (Debian: `apt-get install postgresql-15`, or `cargo xtask setup`), \
                 or set {OVERRIDE_VARIABLE} to the directory that has initdb, postgres and psql"
            )
        })
    }

    /// The programs of one directory, after asking `postgres` for its version.
    fn at(directory: &Utf8Path) -> Result<Self> {
        for program in ["postgres", "initdb", "psql"] {
            if !directory.join(program).is_file() {
                bail!("{directory} has no {program}");
            }
        }
        let output = Command::new(directory.join("postgres")).arg("--version").output()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let major =
            major_version(&text).with_context(|| format!("unexpected version text `{}`", text.trim()))?;
        if major < OLDEST_MAJOR {
            bail!("{directory} is PostgreSQL {major}; {OLDEST_MAJOR} or newer is needed");
        }
        Ok(Self { directory: directory.to_owned(), major })
    }

    /// Absolute path of one program, e.g. `initdb`.
    pub fn program(&self, name: &str) -> Utf8PathBuf {
        self.directory.join(name)
    }

    /// Major version, e.g. 15.
    pub fn major(&self) -> u32 {
        self.major
    }
}

fn candidates() -> Vec<Utf8PathBuf> {
    let mut directories: Vec<Utf8PathBuf> = Utf8Path::new(DEBIAN_VERSIONS)
        .read_dir_utf8()
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .collect();
    if let Ok(output) = Command::new("pg_config").arg("--bindir").output() {
        directories.push(String::from_utf8_lossy(&output.stdout).trim().into());
    }
    directories
}

/// `postgres (PostgreSQL) 15.20 (Debian …)` → 15.
fn major_version(text: &str) -> Option<u32> {
    let version = text.split_once("(PostgreSQL)")?.1.trim_start();
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn major_version_is_read_from_all_spellings() {
        assert_eq!(major_version("postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)\n"), Some(15));
        assert_eq!(major_version("postgres (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(major_version("postgres 9"), None);
    }

    #[test]
    fn a_directory_without_programs_names_the_missing_one() {
        let refusal = Binaries::at(Utf8Path::new("/nowhere")).expect_err("nothing is there");
        assert_eq!(refusal.to_string(), "/nowhere has no postgres");
    }
}
