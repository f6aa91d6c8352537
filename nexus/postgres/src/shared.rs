//! One server for all test processes of a run.
//!
//! The test runner gives each test a process of its own, and a server per test would cost more than the
//! tests. `cargo xtask test` starts one and names it in `BERTH_TEST_PG`. Without that variable the first
//! test process starts one under the build directory; every process holds a shared lock on a file there
//! for as long as it lives, and the server's guard ends the server when nobody holds that lock.

use crate::{Address, Binaries, Lifetime, ServerOptions, psql, reachable_directory};
use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use std::fs::File;
use std::sync::{Mutex, PoisonError};

/// `host=/dir user=berth` of a server that somebody else keeps for the tests.
pub const TEST_SERVER_VARIABLE: &str = "BERTH_TEST_PG";

/// What a server for tests is started with. Durability stays on: what the tests prove depends on it.
pub fn test_settings() -> Vec<(String, String)> {
    [("max_connections", "600"), ("shared_buffers", "128MB"), ("log_min_messages", "error")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}

/// The server all tests of a run share; this process uses it until it ends.
#[derive(Clone, Debug)]
pub struct SharedServer {
    binaries: Binaries,
    address: Address,
}

impl SharedServer {
    /// Where it listens.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Runs a script with `psql` and returns its rows, columns separated by `|`.
    ///
    /// # Errors
    /// With the first error the server reports.
    pub fn sql(&self, database: &str, script: &str) -> Result<String> {
        psql::run(&self.binaries, &self.address, database, script)
    }

    pub(crate) fn binaries(&self) -> &Binaries {
        &self.binaries
    }

    /// Joins (or starts) the shared server of one directory, for as long as `Membership` lives.
    pub(crate) fn join(directory: &Utf8Path) -> Result<(Self, Membership)> {
        let directory = reachable_directory(directory)?;
        std::fs::create_dir_all(&directory).with_context(|| format!("making {directory}"))?;
        // The door is passed by one process at a time, so that a guard that is about to leave is seen as
        // such: it holds the users' lock alone until its server and files are gone.
        let door = File::options().create(true).append(true).open(directory.join("door.lock"))?;
        door.lock()?;
        let users = directory.join("users.lock");
        let membership = File::options().create(true).append(true).open(&users)?;
        membership.lock_shared()?;
        let mut options = ServerOptions::new(&directory);
        options.settings = test_settings();
        options.lifetime = Lifetime::EndsWithUsersOf(users);
        let server = options.start()?;
        let shared = Self { binaries: Binaries::find()?, address: server.address() };
        Ok((shared, Membership { _lock: membership }))
    }
}

/// Being a user of a shared server.
#[derive(Debug)]
pub(crate) struct Membership {
    _lock: File,
}

/// The shared server: the one of `BERTH_TEST_PG`, else one under the build directory, started if need be.
///
/// # Errors
/// When the variable can't be read as an address, or no server can be started.
pub fn shared_server() -> Result<SharedServer> {
    static JOINED: Mutex<Option<(SharedServer, Membership)>> = Mutex::new(None);
    if let Ok(conninfo) = std::env::var(TEST_SERVER_VARIABLE) {
        let address = Address::parse(&conninfo).with_context(|| format!("reading {TEST_SERVER_VARIABLE}"))?;
        return Ok(SharedServer { binaries: Binaries::find()?, address });
    }
    let mut joined = JOINED.lock().unwrap_or_else(PoisonError::into_inner);
    if joined.is_none() {
        *joined = Some(SharedServer::join(&build_directory()?.join("test-postgres"))?);
    }
    joined.as_ref().map(|(server, _)| server.clone()).context("joined just above")
}

/// The build directory this test binary is in, known by the tag file cargo puts there.
fn build_directory() -> Result<Utf8PathBuf> {
    let program = Utf8PathBuf::try_from(std::env::current_exe()?)?;
    let tagged = program.ancestors().skip(1).find(|directory| directory.join("CACHEDIR.TAG").is_file());
    let fallback = Utf8PathBuf::try_from(std::env::temp_dir())?;
    Ok(tagged.map_or(fallback, Utf8Path::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    #[test]
    fn shared_server_ends_and_cleans_up_after_its_last_user() -> Result<()> {
        let directory = build_directory()?.join(format!("test-postgres-{}", std::process::id()));
        let (server, first) = SharedServer::join(&directory)?;
        let (_, second) = SharedServer::join(&directory)?;
        assert_eq!(server.sql("postgres", "SHOW fsync")?.trim(), "on");
        drop(first);
        std::thread::sleep(Duration::from_millis(300));
        assert_eq!(server.sql("postgres", "SELECT 1")?.trim(), "1");
        drop(second);
        let directory = reachable_directory(&directory)?;
        wait_for_the_guard(&directory);
        let (again, third) = SharedServer::join(&directory)?;
        assert_eq!(again.sql("postgres", "SELECT 2")?.trim(), "2");
        drop(third);
        wait_for_the_guard(&directory);
        std::fs::remove_dir_all(&directory)?;
        Ok(())
    }

    fn wait_for_the_guard(directory: &Utf8Path) {
        let (data, begin) = (directory.join("data"), Instant::now());
        while data.exists() || directory.join("postgres.log").exists() {
            assert!(begin.elapsed() < Duration::from_secs(30), "{data} is still there");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}
