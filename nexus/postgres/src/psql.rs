//! SQL through PostgreSQL's own `psql`, for the few statements this crate needs.
//!
//! Only text made in this crate (and migrations handed in whole) is ever run; no value from outside is
//! put into a statement.

use crate::{Address, Binaries};
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

/// Runs a script in one session, stops at its first error, and returns unaligned rows.
pub(crate) fn run(binaries: &Binaries, address: &Address, database: &str, script: &str) -> Result<String> {
    let mut child = session(binaries, address, database).stderr(Stdio::piped()).spawn()?;
    let mut input = child.stdin.take().context("psql has no stdin")?;
    // Written beside the reading, so that a long script can't block on a full pipe.
    let script = script.to_owned();
    let writer = std::thread::spawn(move || input.write_all(script.as_bytes()));
    let output = child.wait_with_output()?;
    let written = writer.join();
    if !output.status.success() {
        bail!("psql on {database}: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    if !matches!(written, Ok(Ok(()))) {
        bail!("psql on {database} didn't read its whole script");
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// An advisory lock, held by a session of its own until it is dropped (or this process ends).
#[derive(Debug)]
pub(crate) struct AdvisoryLock {
    session: Child,
}

impl AdvisoryLock {
    /// Waits until the lock is ours. Locks of one key exclude each other within one server.
    pub(crate) fn take(binaries: &Binaries, address: &Address, key: i64) -> Result<Self> {
        let child = session(binaries, address, "postgres").stderr(Stdio::null()).spawn()?;
        let mut lock = Self { session: child };
        let input = lock.session.stdin.as_mut().context("psql has no stdin")?;
        writeln!(input, "SELECT 'held' FROM pg_advisory_lock({key});")?;
        let output = lock.session.stdout.take().context("psql has no stdout")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        if line.trim() != "held" {
            bail!("the server ended the session that waited for a lock");
        }
        Ok(lock)
    }
}

impl Drop for AdvisoryLock {
    fn drop(&mut self) {
        drop(self.session.stdin.take());
        // The end of its input ends psql and with it the lock; nothing is left to do if that fails.
        let _ = self.session.wait();
    }
}

fn session(binaries: &Binaries, address: &Address, database: &str) -> Command {
    let mut command = Command::new(binaries.program("psql"));
    command
        .args(["--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--set=ON_ERROR_STOP=1", "--file=-"])
        .arg(format!("--host={}", address.socket_directory()))
        .arg(format!("--username={}", address.user()))
        .arg(format!("--dbname={database}"))
        .env("PGCLIENTENCODING", "UTF8")
        .env("LC_ALL", "C")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    for variable in ["PGOPTIONS", "PGSERVICE", "PGPORT", "PGSSLMODE"] {
        command.env_remove(variable);
    }
    command
}
