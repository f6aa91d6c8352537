//! Ctrl-C: children are told, and everything unwinds through its ordinary ends.
//!
//! Children run in process groups of their own, so that the terminal's Ctrl-C reaches them through us
//! alone, once. A second one kills them.

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

static REQUESTED: AtomicBool = AtomicBool::new(false);
static CHILDREN: Mutex<Vec<Pid>> = Mutex::new(Vec::new());

/// Begins to listen for SIGINT, SIGTERM and SIGHUP; from now on they end nothing by themselves.
pub fn listen() -> Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).context("listening for Ctrl-C")?;
    std::thread::spawn(move || {
        for _ in signals.forever() {
            let again = REQUESTED.swap(true, Ordering::SeqCst);
            let signal = if again { Signal::SIGKILL } else { Signal::SIGINT };
            for child in children().iter() {
                // A child that ended meanwhile needs no signal.
                let _ = killpg(*child, signal);
            }
        }
    });
    Ok(())
}

/// Whether somebody asked us to stop.
pub fn requested() -> bool {
    REQUESTED.load(Ordering::SeqCst)
}

/// Ends a longer deed between two of its steps.
pub fn check() -> Result<()> {
    if requested() {
        bail!("stopped on request");
    }
    Ok(())
}

/// A child that is told of Ctrl-C for as long as this lives; its pid is also its process group.
#[derive(Debug)]
pub struct Told(Pid);

impl Told {
    pub fn new(pid: Pid) -> Self {
        children().push(pid);
        Self(pid)
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        children().retain(|pid| *pid != self.0);
    }
}

fn children() -> std::sync::MutexGuard<'static, Vec<Pid>> {
    CHILDREN.lock().unwrap_or_else(PoisonError::into_inner)
}
