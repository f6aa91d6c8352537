//! What there is of a VMM's run, read from its folder: the one place that decides whether it lives.
//!
//! | launch.json | shim's lock | exit.json of that run | standing |
//! |---|---|---|---|
//! | absent | | | nothing |
//! | there | held | | held |
//! | there | free | there | ended, as recorded |
//! | there | free | absent | the shim died: what it left is ended for certain, and that is recorded |

use std::time::Duration;

use berth_common::vmm::EndedBy;

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

/// Reads the table, and makes its last row true. Waits up to [`KILL_PATIENCE`].
///
/// # Errors
/// In words, when the folder can't be read, or when a process that was left over doesn't end: it may still run then.
pub(super) fn standing(place: &Place) -> Result<Standing, LaunchError> {
    let launch: Option<LaunchOrder> =
        durable::read_json(&place.launch()).map_err(|error| failed(&place.launch(), &error))?;
    let Some(launch) = launch else { return Ok(Standing::Nothing) };
    // Held until the record is written: a shim that begins late finds its run ended.
    let Some(_lock) = place.try_lock().map_err(|error| failed(&place.lock(), &error))? else {
        return Ok(Standing::Held { run: launch.run });
    };
    let exit: Option<ExitRecord> =
        durable::read_json(&place.exit()).map_err(|error| failed(&place.exit(), &error))?;
    if let Some(exit) = exit.filter(|exit| exit.run == launch.run) {
        return Ok(Standing::Ended(exit));
    }
    let record = end_what_is_left(place, &launch)?;
    durable::write_json(&place.exit(), &record, Keep::ThroughPowerLoss)
        .map_err(|error| failed(&place.exit(), &error))?;
    Ok(Standing::Ended(record))
}

/// The shim is dead and wrote nothing. QEMU should have died with it; this makes certain.
fn end_what_is_left(place: &Place, launch: &LaunchOrder) -> Result<ExitRecord, LaunchError> {
    let held: Option<Held> =
        durable::read_json(&place.held()).map_err(|error| failed(&place.held(), &error))?;
    let (ended_by, words) = match held.filter(|held| held.run == launch.run) {
        None => (EndedBy::NeverStarted, "its shim died before QEMU was started"),
        Some(held) if held.boot != clock::boot_id() => (EndedBy::Crashed, "the host was restarted"),
        Some(held) => {
            held.hypervisor.kill().map_err(|error| failed(&place.held(), &error))?;
            if !held.hypervisor.wait_gone(KILL_PATIENCE) {
                let pid = held.hypervisor.pid;
                return Err(LaunchError(format!("the process {pid} of a dead shim does not end")));
            }
            (EndedBy::Crashed, "its shim was killed, and QEMU with it")
        }
    };
    if let Some(path) = &launch.cgroup {
        let _ = cgroup::kill(path);
    }
    Ok(ExitRecord {
        vmm: launch.vmm,
        run: launch.run,
        ended_by,
        reason: None,
        status: None,
        last_words: Some(words.to_owned()),
    })
}
