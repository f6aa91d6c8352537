//! Stop orders as files: durable before anybody is answered, and never longer than the one before.

use std::fs::File;

use nix::fcntl::{Flock, FlockArg};

use super::failed;
use crate::hypervisor::LaunchError;
use crate::shim::clock;
use crate::shim::durable::{self, Keep};
use crate::shim::place::Place;
use crate::shim::records::StopOrder;

/// Writes the order, unless one that ends earlier (or kills) is there. Waits for the disk.
///
/// # Errors
/// In words, when the order can't be made durable; then it doesn't count.
pub(super) fn give(place: &Place, run: u32, deadline_ms: u64, kill: bool) -> Result<(), LaunchError> {
    let directory = File::open(place.directory()).map_err(|error| failed(place.directory(), &error))?;
    // Two holders of one machine must not overwrite each other's shorter deadline.
    let _lock = Flock::lock(directory, FlockArg::LockExclusive)
        .map_err(|(_, error)| failed(place.directory(), &error.into()))?;
    let new = StopOrder { run, boot: clock::boot_id(), deadline_ms, kill };
    // One that can't be read is replaced: no order would be worse.
    let current = durable::read_json::<StopOrder>(&place.stop()).unwrap_or_default();
    match merged(current, new) {
        Some(order) => durable::write_json(&place.stop(), &order, Keep::ThroughPowerLoss)
            .map_err(|error| failed(&place.stop(), &error)),
        None => Ok(()),
    }
}

/// Whether this run is to stop.
pub(super) fn given(place: &Place, run: u32) -> Result<bool, LaunchError> {
    let order: Option<StopOrder> =
        durable::read_json(&place.stop()).map_err(|error| failed(&place.stop(), &error))?;
    Ok(order.is_some_and(|order| order.run == run && order.boot == clock::boot_id()))
}

/// What must be written, if anything.
fn merged(current: Option<StopOrder>, new: StopOrder) -> Option<StopOrder> {
    let Some(current) = current.filter(|current| current.run == new.run && current.boot == new.boot) else {
        return Some(new);
    };
    let kill = current.kill || new.kill;
    let deadline_ms = current.deadline_ms.min(new.deadline_ms);
    let merged = StopOrder { deadline_ms, kill, ..new };
    (merged != current).then_some(merged)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(run: u32, deadline_ms: u64, kill: bool) -> StopOrder {
        StopOrder { run, boot: "this".to_owned(), deadline_ms, kill }
    }

    #[test]
    fn orders_of_a_run_only_get_shorter() {
        let shorter = merged(Some(order(1, 500, false)), order(1, 400, false));
        assert_eq!(shorter, Some(order(1, 400, false)));
        assert_eq!(merged(Some(order(1, 500, false)), order(1, 600, false)), None);
        assert_eq!(merged(Some(order(1, 500, false)), order(1, 500, false)), None);
        assert_eq!(merged(Some(order(1, 500, true)), order(1, 400, false)), Some(order(1, 400, true)));
        assert_eq!(merged(Some(order(1, 500, false)), order(1, 900, true)), Some(order(1, 500, true)));
    }

    #[test]
    fn an_order_of_another_run_or_boot_is_void() {
        assert_eq!(merged(Some(order(1, 5, true)), order(2, 600, false)), Some(order(2, 600, false)));
        let other_boot = StopOrder { boot: "former".to_owned(), ..order(2, 5, true) };
        assert_eq!(merged(Some(other_boot), order(2, 600, false)), Some(order(2, 600, false)));
    }
}
