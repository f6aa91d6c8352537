//! The shim: the small process that holds one VMM's QEMU. It outlives the agent and keeps the deadlines.
//!
//! For guests: a stop that was accepted ends in time whatever agent, monitor, nexus or database do, and how a guest
//! ended is known although nobody looked.
//!
//! ```text
//!  agent ──launch.json──▶ shim ──spawns, PDEATHSIG──▶ QEMU
//!        ──stop.json────▶  │  ◀──monitor (QMP), serial, stderr, pidfd──
//!        ◀──shim.sock────  └──▶ held.json, serial.log, exit.json
//!        ──input.sock───▶ (what people type, to the serial port)
//! ```
//!
//! One thread, no runtime, one [`holder`] loop around `poll`. What is decided is pure and beside it: [`ladder`] (the
//! stop ladder on a clock), [`verdict`] (how it ended), [`monitor`] (QMP without its socket).
//!
//! Invariants:
//! - `shim.lock` is held from before QEMU exists until after `exit.json` is durable: a lock that can be taken proves
//!   that no shim lives. QEMU dies with its shim (PDEATHSIG; the spawning thread is the only one).
//! - At most one QEMU per (VMM, run): a shim that finds the lock taken or the run's exit record ends at once.
//! - A stop order is only read, never written, here; it is read again every [`holder::POLL_MS`], so a lost poke is
//!   harmless, and it can only shorten what is left.
//! - Nothing here waits on QEMU, on a client or on the agent.
//!
//! Not here: what a machine consists of (`hypervisor/qemu/command_line.rs`), restarts, leases (later).

pub mod cgroup;
pub mod clock;
mod control;
pub mod durable;
mod holder;
mod input;
mod ladder;
mod monitor;
pub mod place;
pub mod process;
pub mod records;
mod serial;
mod spawn;
mod verdict;

use std::io::Write as _;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use nix::fcntl::Flock;
use nix::sys::signal::{SigSet, Signal};

use self::holder::Holder;
use self::place::Place;
use self::records::{Begun, LaunchOrder};
use crate::hypervisor::ExitRecord;

/// How long a lock that somebody else holds is asked for: an agent takes it for a moment when it looks.
const LOCK_PATIENCE: Duration = Duration::from_secs(2);

/// Body of `sled-agent shim DIRECTORY RUN`. Prints one [`Begun`] line, then holds QEMU until it ended.
pub fn run(arguments: &[String]) -> ExitCode {
    match begin(arguments).and_then(|(holder, lock)| holder.hold().map(|()| drop(lock))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            tell(&Begun::Failed { why });
            ExitCode::FAILURE
        }
    }
}

fn begin(arguments: &[String]) -> Result<(Holder, Flock<std::fs::File>), String> {
    let [directory, run] = arguments else {
        return Err("usage: sled-agent shim DIRECTORY RUN".to_owned());
    };
    let run: u32 = run.parse().map_err(|_| format!("{run:?} is no run"))?;
    detach(directory).map_err(|error| format!("{directory}: {error}"))?;
    let place = Place::new(".");
    let lock = lock(&place)?;
    let order: LaunchOrder =
        durable::read_json(&place.launch()).map_err(|e| e.to_string())?.ok_or("there is no launch order")?;
    if order.run != run {
        return Err(format!("the launch order is for run {}, not {run}", order.run));
    }
    let exit: Option<ExitRecord> = durable::read_json(&place.exit()).map_err(|e| e.to_string())?;
    if exit.is_some_and(|record| record.run == run) {
        return Err(format!("run {run} has ended already"));
    }
    if let Some(path) = &order.cgroup {
        cgroup::enter_shims(path);
    }
    Ok((Holder::begin(place, order)?, lock))
}

/// A session of its own, and deaf to what ends ordinary processes: only the end of its QEMU ends a shim.
fn detach(directory: &str) -> nix::Result<()> {
    match nix::unistd::setsid() {
        // Started by hand from a shell, it may lead a group already.
        Ok(_) | Err(nix::errno::Errno::EPERM) => {}
        Err(error) => return Err(error),
    }
    let mut deaf = SigSet::empty();
    for signal in [Signal::SIGTERM, Signal::SIGHUP, Signal::SIGINT] {
        deaf.add(signal);
    }
    deaf.thread_block()?;
    nix::unistd::chdir(directory)
}

fn lock(place: &Place) -> Result<Flock<std::fs::File>, String> {
    let until = Instant::now() + LOCK_PATIENCE;
    loop {
        match place.try_lock().map_err(|error| format!("shim.lock: {error}"))? {
            Some(lock) => return Ok(lock),
            None if Instant::now() > until => return Err("another shim holds this VMM".to_owned()),
            None => std::thread::sleep(Duration::from_millis(20)),
        }
    }
}

/// Says how it began, once, to the agent that waits; then lets go of the pipe.
fn tell(begun: &Begun) {
    let mut line = serde_json::to_vec(begun).unwrap_or_default();
    line.push(b'\n');
    // The agent may be gone: nobody waits then.
    let mut out = std::io::stdout();
    let _ = out.write_all(&line).and_then(|()| out.flush());
    if let Ok(null) = std::fs::OpenOptions::new().write(true).open("/dev/null") {
        let _ = nix::unistd::dup2_stdout(null);
    }
}
