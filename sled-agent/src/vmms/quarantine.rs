//! What is on this host and nobody answers for: looked for when the agent starts and from time to time, listed in every
//! report, and left alone. Nothing here ends, moves or deletes anything.

use std::collections::HashSet;
use std::sync::{Arc, Weak};
use std::time::Duration;

use berth_common::ids::VmmUuid;
use berth_sled_agent_api::report::{QuarantineReason, Quarantined};
use slog::warn;

use super::manager::Manager;
use crate::hypervisor::Found;

/// How often it is looked again: what appears later is somebody's doing by hand.
const SWEEP_EVERY: Duration = Duration::from_secs(60);
/// How soon a look that failed is repeated: until the first has come to an end, absence from a report means nothing.
const AGAIN: Duration = Duration::from_secs(1);

/// Whom somebody answers for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// VMMs with a task of their own.
    pub here: HashSet<VmmUuid>,
    /// Those of them that nexus says it doesn't know.
    pub unknown_to_nexus: HashSet<VmmUuid>,
    /// VMMs that were ended for certain.
    pub buried: HashSet<VmmUuid>,
}

/// What is to be listed. `before` and `after` the look: what came or went meanwhile is listed the next time, if it is
/// still there.
pub fn quarantined(found: &[Found], before: &Known, after: &Known) -> Vec<Quarantined> {
    let is_here = |vmm: &VmmUuid| before.here.contains(vmm) || after.here.contains(vmm);
    let mut list: Vec<Quarantined> = Vec::new();
    for Found { vmm, pid, what } in found {
        let why = match vmm {
            Some(vmm) if is_here(vmm) && after.unknown_to_nexus.contains(vmm) => {
                QuarantineReason::UnknownToNexus
            }
            Some(vmm) if is_here(vmm) => continue,
            Some(vmm) if after.buried.contains(vmm) => QuarantineReason::EndedForCertain,
            Some(_) | None => QuarantineReason::NoEntry,
        };
        list.push(Quarantined { vmm: *vmm, pid: *pid, what: what.clone(), why });
    }
    list
}

/// Looks now and from time to time, as long as there is a manager.
pub(super) async fn sweep_from_time_to_time(manager: Weak<Manager>) {
    loop {
        let Some(strong) = manager.upgrade() else { return };
        let pause = if sweep(&strong).await { SWEEP_EVERY } else { AGAIN };
        drop(strong);
        tokio::time::sleep(pause).await;
    }
}

async fn sweep(manager: &Arc<Manager>) -> bool {
    let before = manager.known();
    let found = match manager.shared.hypervisor.sweep().await {
        Ok(found) => found,
        Err(error) => {
            warn!(manager.shared.log, "this host's processes can't be looked at"; "error" => %error);
            return false;
        }
    };
    let mut list = quarantined(&found, &before, &manager.known());
    list.extend(manager.shared.foreign_entries.iter().cloned());
    if manager.shared.reports.set_quarantined(list.clone()) && !list.is_empty() {
        warn!(manager.shared.log, "listed and left alone"; "quarantined" => ?list);
    }
    true
}

#[cfg(test)]
mod tests {
    use berth_common::ids::GenericUuid;
    use uuid::Uuid;

    use super::*;

    fn vmm(n: u128) -> VmmUuid {
        VmmUuid::from_untyped_uuid(Uuid::from_u128(n))
    }

    fn found(n: Option<u128>) -> Found {
        Found { vmm: n.map(vmm), pid: Some(7), what: "a process".to_string() }
    }

    fn here(n: u128) -> Known {
        Known { here: HashSet::from([vmm(n)]), ..Known::default() }
    }

    fn why(found: &Found, before: &Known, after: &Known) -> Option<QuarantineReason> {
        quarantined(std::slice::from_ref(found), before, after).first().map(|listed| listed.why)
    }

    #[test]
    fn what_has_an_entry_before_or_after_the_look_is_answered_for() {
        let none = Known::default();
        assert_eq!(why(&found(Some(1)), &here(1), &here(1)), None);
        assert_eq!(why(&found(Some(1)), &none, &here(1)), None, "begun meanwhile");
        assert_eq!(why(&found(Some(1)), &here(1), &none), None, "forgotten meanwhile");
        assert_eq!(why(&found(Some(2)), &here(1), &here(1)), Some(QuarantineReason::NoEntry));
        assert_eq!(why(&found(None), &here(1), &here(1)), Some(QuarantineReason::NoEntry));
    }

    #[test]
    fn each_reason_has_its_name() {
        let unknown = Known { unknown_to_nexus: HashSet::from([vmm(1)]), ..here(1) };
        assert_eq!(why(&found(Some(1)), &unknown, &unknown), Some(QuarantineReason::UnknownToNexus));
        let buried = Known { buried: HashSet::from([vmm(1)]), ..Known::default() };
        assert_eq!(why(&found(Some(1)), &buried, &buried), Some(QuarantineReason::EndedForCertain));
    }
}
