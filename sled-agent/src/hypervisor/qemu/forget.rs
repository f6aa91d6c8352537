//! Deleting what is kept of an ended VMM.

use std::io;

use super::failed;
use super::standing::{Standing, standing};
use crate::hypervisor::LaunchError;
use crate::shim::place::Place;
use crate::shim::records::LaunchOrder;
use crate::shim::{cgroup, durable};

/// Deletes the folder and the cgroup.
///
/// # Errors
/// In words, when it still runs (nothing is deleted then) or a file can't be.
pub(super) fn forget(place: &Place) -> Result<(), LaunchError> {
    if let Standing::Held { run } = standing(place)? {
        return Err(LaunchError(format!("run {run} has not ended: it can't be forgotten")));
    }
    remove(place)
}

/// The same for what is known to have ended.
pub(super) fn remove(place: &Place) -> Result<(), LaunchError> {
    if let Ok(Some(launch)) = durable::read_json::<LaunchOrder>(&place.launch())
        && let Some(path) = launch.cgroup
    {
        cgroup::remove(&path);
    }
    match std::fs::remove_dir_all(place.directory()) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(place.directory(), &error)),
        _ => Ok(()),
    }
}
