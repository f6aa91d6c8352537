//! What there is of a VMM's run, read from its folder: the one place that decides whether it lives.
//!
//! | launch order | shim's lock | exit record of that run | process by number, start time and boot | standing |
//! |---|---|---|---|---|
//! | absent | free | | | nothing |
//! | there | held | | | held |
//! | there | free | there | | ended, as recorded |
//! | there | free | absent | never written down | its shim died first: never started |
//! | there | free | absent | of another boot | the host was restarted |
//! | there | free | absent | gone, or its number is another program's now | ended with its shim |
//! | there | free | absent | alive | the same, after exactly it was killed |
//!
//! An order that is lost or unreadable while its shim lives costs nothing: the shim's own record tells the run.
//! [`decide`] is the table, pure; [`standing`] reads the facts, and makes the last rows true.

use std::io;
use std::time::Duration;

use berth_common::vmm::EndedBy;
use serde::de::DeserializeOwned;

use super::failed;
use crate::hypervisor::{ExitRecord, LaunchError};
use crate::shim::durable::{self, Keep};
use crate::shim::place::Place;
use crate::shim::records::{Held, LaunchOrder};
use crate::shim::{cgroup, clock};

/// How long a killed process may take to be gone.
const KILL_PATIENCE: Duration = Duration::from_secs(2);

/// See the table above.
#[derive(Debug)]
pub(super) enum Standing {
    Nothing,
    Held { run: u32 },
    Ended(ExitRecord),
}

/// A file that says which run it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Record {
    Absent,
    Unreadable,
    Of(u32),
}

/// The process that the shim wrote down, looked up by number, start time and boot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Process {
    OfAnotherBoot,
    /// Ended, or the number belongs to another program now.
    Gone,
    Alive,
}

/// Everything that is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Facts {
    launch: Record,
    shim_lives: bool,
    exit: Record,
    held: Record,
    /// Of the process in `held`, if that is readable.
    process: Option<Process>,
}

/// What follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Plan {
    Nothing,
    Held {
        run: u32,
    },
    /// The exit record is the truth.
    Ended,
    NeverStarted {
        run: u32,
    },
    HostRestarted {
        run: u32,
    },
    /// Its process is gone, and nobody wrote down how.
    Lost {
        run: u32,
    },
    /// The same, after its process was killed.
    KillAndLost {
        run: u32,
    },
    /// Something lives, and no readable record tells what: asked again.
    Unclear,
}

/// The table.
fn decide(facts: Facts) -> Plan {
    let Facts { launch, shim_lives, exit, held, process } = facts;
    let run = match (launch, held) {
        (Record::Of(run), _) | (Record::Unreadable | Record::Absent, Record::Of(run)) => Some(run),
        (Record::Unreadable | Record::Absent, Record::Absent | Record::Unreadable) => None,
    };
    if shim_lives {
        // In the moment before it writes down whom it holds, its order is there.
        return match (run, launch) {
            (Some(run), _) => Plan::Held { run },
            // Nobody's: an agent looks right now, or a shim that will find no order.
            (None, Record::Absent) => Plan::Nothing,
            (None, Record::Unreadable | Record::Of(_)) => Plan::Unclear,
        };
    }
    if launch == Record::Absent && process != Some(Process::Alive) {
        return Plan::Nothing;
    }
    match (run, exit) {
        (Some(run), Record::Of(ended)) if ended == run => return Plan::Ended,
        // The order tells nothing any more: what was written down last is the last that is known.
        (None, Record::Of(_)) => return Plan::Ended,
        _ => {}
    }
    let Some(run) = run else { return Plan::Unclear };
    match process.filter(|_| held == Record::Of(run)) {
        None => Plan::NeverStarted { run },
        Some(Process::OfAnotherBoot) => Plan::HostRestarted { run },
        Some(Process::Gone) => Plan::Lost { run },
        Some(Process::Alive) => Plan::KillAndLost { run },
    }
}

/// Reads the table, and makes its last rows true. Waits up to [`KILL_PATIENCE`].
///
/// # Errors
/// In words, when the folder can't be read, or when a process that was left over doesn't end: it may still run then.
pub(super) fn standing(place: &Place) -> Result<Standing, LaunchError> {
    if !place.directory().exists() {
        return Ok(Standing::Nothing);
    }
    // Held until the record is written: a shim that begins late finds its run ended.
    let lock = place.try_lock().map_err(|error| failed(&place.lock(), &error))?;
    let (launch, order) = record::<LaunchOrder>(&place.launch(), |order| order.run)?;
    let (exit, exit_record) = record::<ExitRecord>(&place.exit(), |exit| exit.run)?;
    let (held, held_record) = record::<Held>(&place.held(), |held| held.run)?;
    let process = held_record.as_ref().map(|held| {
        if held.boot != clock::boot_id() {
            Process::OfAnotherBoot
        } else if held.hypervisor.is_alive() {
            Process::Alive
        } else {
            Process::Gone
        }
    });
    let plan = decide(Facts { launch, shim_lives: lock.is_none(), exit, held, process });
    let ended = |run, ended_by, words: &str| end(place, order.as_ref(), run, ended_by, words);
    match plan {
        Plan::Nothing => Ok(Standing::Nothing),
        Plan::Held { run } => Ok(Standing::Held { run }),
        Plan::Ended => Ok(exit_record.map_or(Standing::Nothing, Standing::Ended)),
        Plan::NeverStarted { run } => {
            ended(run, EndedBy::NeverStarted, "its shim died before QEMU was started")
        }
        Plan::HostRestarted { run } => ended(run, EndedBy::Crashed, "the host was restarted"),
        Plan::Lost { run } => ended(run, EndedBy::Crashed, "its shim was killed, and QEMU with it"),
        Plan::KillAndLost { run } => {
            if let Some(held) = held_record {
                held.hypervisor.kill().map_err(|error| failed(&place.held(), &error))?;
                if !held.hypervisor.wait_gone(KILL_PATIENCE) {
                    let pid = held.hypervisor.pid;
                    return Err(LaunchError(format!("the process {pid} of a dead shim does not end")));
                }
            }
            ended(run, EndedBy::Crashed, "its shim was killed, and QEMU with it")
        }
        Plan::Unclear => {
            let words = format!("{}: its records are unreadable, and something may run", place.directory());
            Err(LaunchError(words))
        }
    }
}

/// Reads a record. What is there and isn't understood is a fact, not a failure.
fn record<T: DeserializeOwned>(
    path: &camino::Utf8Path,
    run: impl FnOnce(&T) -> u32,
) -> Result<(Record, Option<T>), LaunchError> {
    match durable::read_json::<T>(path) {
        Ok(None) => Ok((Record::Absent, None)),
        Ok(Some(read)) => Ok((Record::Of(run(&read)), Some(read))),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Ok((Record::Unreadable, None)),
        Err(error) => Err(failed(path, &error)),
    }
}

/// Writes down how a run ended of which its shim couldn't.
fn end(
    place: &Place,
    order: Option<&LaunchOrder>,
    run: u32,
    ended_by: EndedBy,
    words: &str,
) -> Result<Standing, LaunchError> {
    let vmm = place.directory().file_name().and_then(|name| name.parse().ok());
    let vmm = order.map(|order| order.vmm).or(vmm);
    let vmm = vmm.ok_or_else(|| LaunchError(format!("{} is no VMM's folder", place.directory())))?;
    if let Some(path) = order.and_then(|order| order.cgroup.as_ref()) {
        let _ = cgroup::kill(path);
    }
    let record =
        ExitRecord { vmm, run, ended_by, reason: None, status: None, last_words: Some(words.to_owned()) };
    durable::write_json(&place.exit(), &record, Keep::ThroughPowerLoss)
        .map_err(|error| failed(&place.exit(), &error))?;
    Ok(Standing::Ended(record))
}

#[cfg(test)]
mod tests;
