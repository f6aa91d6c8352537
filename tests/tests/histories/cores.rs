//! One core for a history and its sessions in the database: at each moment only one of them has something to do, and
//! whoever is on the same core needn't be woken on another one. That takes a third off the time of a history.

use anyhow::{Context, Result};
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;

const MYSELF: Pid = Pid::from_raw(0);

/// The cores that this thread may run on.
pub fn usable() -> Result<Vec<usize>> {
    let set = sched_getaffinity(MYSELF)?;
    Ok((0..CpuSet::count()).filter(|core| set.is_set(*core).unwrap_or(false)).collect())
}

/// From now on this thread, and each that it begins, runs on this core only.
pub fn stay_on(core: usize) -> Result<()> {
    let mut set = CpuSet::new();
    set.set(core).with_context(|| format!("there is no core {core}"))?;
    Ok(sched_setaffinity(MYSELF, &set)?)
}

/// Brings a process to where this thread runs. One that belongs to somebody else stays where it is: that is only slower.
pub fn bring(process: i32) {
    if let Ok(set) = sched_getaffinity(MYSELF) {
        let _elsewhere = sched_setaffinity(Pid::from_raw(process), &set);
    }
}
