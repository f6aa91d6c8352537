//! The lock of a ledger: whoever has it is alone with its VMMs, and says who it is.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::time::Duration;

use anyhow::Context;
use camino::{Utf8Path, Utf8PathBuf};
use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use serde::{Deserialize, Serialize};

use crate::shim::clock;
use crate::shim::process::ProcessId;

/// How long a killed holder may take to be gone.
const GONE_PATIENCE: Duration = Duration::from_secs(5);

/// The lock, for as long as this lives.
#[derive(Debug)]
pub struct Alone {
    _lock: Flock<File>,
}

/// Who holds a lock. Without its boot a process' number and start mean nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Holder {
    boot: String,
    process: ProcessId,
}

impl Alone {
    /// Takes the lock; `None` if somebody has it.
    ///
    /// # Errors
    /// In words, when the file can't be made or locked.
    pub fn take(state_dir: &Utf8Path) -> anyhow::Result<Option<Alone>> {
        let path = path(state_dir);
        // Not truncated: until it is ours, it says who has it.
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .with_context(|| format!("{path} can't be opened"))?;
        match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(mut lock) => {
                sign(&mut lock).with_context(|| format!("{path} can't be written"))?;
                Ok(Some(Alone { _lock: lock }))
            }
            Err((_, Errno::EWOULDBLOCK)) => Ok(None),
            Err((_, error)) => Err(error).with_context(|| format!("{path} can't be locked")),
        }
    }

    /// Ends the process that has the lock and doesn't do its work. Exactly that process, whoever has its number now.
    /// Its guests run on: they are their shims'.
    ///
    /// # Errors
    /// In words, when it can't be told who it is, or when it doesn't end.
    pub fn end_holder(state_dir: &Utf8Path) -> anyhow::Result<()> {
        let path = path(state_dir);
        let mut text = String::new();
        File::open(&path)
            .and_then(|mut file| file.read_to_string(&mut text))
            .with_context(|| format!("{path} can't be read"))?;
        let holder: Holder =
            serde_json::from_str(&text).with_context(|| format!("{path} doesn't say who has it"))?;
        if holder.boot != clock::boot_id() || holder.process.pid == std::process::id().cast_signed() {
            return Ok(());
        }
        holder.process.kill().with_context(|| format!("process {} can't be killed", holder.process.pid))?;
        if holder.process.wait_gone(GONE_PATIENCE) {
            return Ok(());
        }
        anyhow::bail!("the process {} that has {path} doesn't end", holder.process.pid)
    }
}

fn path(state_dir: &Utf8Path) -> Utf8PathBuf {
    state_dir.join("lock")
}

fn sign(file: &mut File) -> io::Result<()> {
    let pid = std::process::id().cast_signed();
    let process = ProcessId::of(pid).ok_or_else(|| io::Error::other("this process is not in /proc"))?;
    let holder = serde_json::to_vec(&Holder { boot: clock::boot_id(), process })?;
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(&holder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time_has_it_and_the_next_one_signs_anew() {
        let dir = tempfile::tempdir().expect("a directory");
        let dir = Utf8Path::from_path(dir.path()).expect("UTF-8");
        std::fs::write(
            path(dir),
            "what an older version left, and longer than what is written now ".repeat(9),
        )
        .expect("written");
        let first = Alone::take(dir).expect("possible").expect("free");
        assert!(Alone::take(dir).expect("possible").is_none());
        Alone::end_holder(dir).expect("this process is never ended");
        drop(first);
        assert!(Alone::take(dir).expect("possible").is_some());
    }

    #[test]
    fn a_holder_of_another_boot_is_nobody() {
        let dir = tempfile::tempdir().expect("a directory");
        let dir = Utf8Path::from_path(dir.path()).expect("UTF-8");
        let mut bystander = std::process::Command::new("sleep").arg("60").spawn().expect("it starts");
        let process = ProcessId::of(bystander.id().cast_signed()).expect("it runs");
        let holder = Holder { boot: "another".to_string(), process };
        std::fs::write(path(dir), serde_json::to_vec(&holder).expect("JSON")).expect("written");
        Alone::end_holder(dir).expect("nothing to do");
        assert!(process.is_alive());
        bystander.kill().expect("killed");
        bystander.wait().expect("reaped");
    }
}
