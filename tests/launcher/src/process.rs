//! One program of ours, running with its output in a file.

use crate::wait;
use anyhow::{Context, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs::File;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

/// How long a program may take to end when it is asked to.
const POLITE_LIMIT: Duration = Duration::from_secs(60);
/// How much of its log goes into a failure's text.
const LOG_TAIL_LINES: usize = 20;

/// A process that was started here. Dropping it kills it.
#[derive(Debug)]
pub struct Process {
    name: String,
    log: Utf8PathBuf,
    child: Child,
}

impl Process {
    /// Starts it in a process group of its own, its output appended to `log`.
    ///
    /// # Errors
    /// When the log can't be written or the program can't be started.
    pub fn start(name: &str, mut command: Command, log: &Utf8Path) -> Result<Self> {
        let file =
            File::options().create(true).append(true).open(log).with_context(|| format!("opening {log}"))?;
        command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file).process_group(0);
        let child = command.spawn().with_context(|| format!("starting {name}"))?;
        Ok(Self { name: name.to_owned(), log: log.to_owned(), child })
    }

    /// Its process id.
    pub fn pid(&self) -> Pid {
        Pid::from_raw(
            i32::try_from(self.child.id()).expect("the kernel's ids are positive numbers of 22 bits"),
        )
    }

    /// Its output so far.
    pub fn log(&self) -> &Utf8Path {
        &self.log
    }

    /// Whether it runs (or is frozen).
    ///
    /// # Errors
    /// When the kernel can't say.
    pub fn runs(&mut self) -> Result<bool> {
        Ok(self.child.try_wait()?.is_none())
    }

    /// Fails if it has ended, with the end of its log.
    ///
    /// # Errors
    /// When it doesn't run.
    pub fn expect_running(&mut self) -> Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => bail!("{} ended ({status}); {}", self.name, log_tail(&self.log)),
        }
    }

    /// kill −9, and reaps it.
    ///
    /// # Errors
    /// When it had ended before.
    pub fn kill_hard(&mut self) -> Result<()> {
        self.signal(Signal::SIGKILL)?;
        self.child.wait()?;
        Ok(())
    }

    /// Asks it to end (SIGTERM) and waits; one that doesn't is killed, and that is an error.
    ///
    /// # Errors
    /// When it had to be killed.
    pub fn stop(&mut self) -> Result<ExitStatus> {
        if let Some(status) = self.child.try_wait()? {
            return Ok(status);
        }
        self.signal(Signal::SIGTERM)?;
        self.signal(Signal::SIGCONT)?;
        let name = &self.name;
        let ended =
            wait::until_the_end(&format!("{name} ends"), POLITE_LIMIT, || Ok(self.child.try_wait()?));
        if ended.is_err() {
            self.kill_hard()?;
        }
        ended
    }

    /// Waits until it has ended by itself.
    ///
    /// # Errors
    /// When it runs on after `limit`.
    pub fn wait_end(&mut self, limit: Duration) -> Result<ExitStatus> {
        wait::until(&format!("{} ends", self.name), limit, || Ok(self.child.try_wait()?))
    }

    /// SIGSTOP: it does nothing more, and doesn't know.
    ///
    /// # Errors
    /// When it has ended.
    pub fn freeze(&self) -> Result<()> {
        self.signal(Signal::SIGSTOP)
    }

    /// Undoes [`Process::freeze`].
    ///
    /// # Errors
    /// When it has ended.
    pub fn thaw(&self) -> Result<()> {
        self.signal(Signal::SIGCONT)
    }

    /// Sends any signal.
    ///
    /// # Errors
    /// When it has ended.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        kill(self.pid(), signal).with_context(|| format!("sending {signal} to {}", self.name))
    }

    /// Lets it run on after this is dropped.
    pub(crate) fn leave(self) {
        let mut this = std::mem::ManuallyDrop::new(self);
        drop(std::mem::take(&mut this.name));
        drop(std::mem::take(&mut this.log));
    }
}

/// The end of a program's log, for messages.
pub(crate) fn log_tail(log: &Utf8Path) -> String {
    let text = String::from_utf8_lossy(&std::fs::read(log).unwrap_or_default()).into_owned();
    let lines: Vec<&str> = text.lines().collect();
    format!("{log} ends with:\n  {}", lines[lines.len().saturating_sub(LOG_TAIL_LINES)..].join("\n  "))
}

impl Drop for Process {
    fn drop(&mut self) {
        // One that has ended can't be killed, which is as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
