//! From a ledger entry, or a tombstone, to what is told of it.

use berth_common::Generation;
use berth_common::vmm::{EndedBy, VmmState};
use berth_sled_agent_api::report::VmmReport;

use crate::hypervisor::ExitRecord;
use crate::ledger::entry::{Ending, Entry};
use crate::ledger::half::Half;
use crate::ledger::past::Tombstone;
use crate::ledger::reboot::Reboot;
use crate::report::outbox::Notice;

/// Longest text that is told of a VMM.
const DETAIL_MAX_CHARS: usize = 1000;

/// What is told of a VMM that is here.
pub fn of_entry(entry: &Entry) -> Notice {
    let ended_by = entry.ended.map(|ended| ended.ended_by);
    Notice {
        report: VmmReport {
            vmm: entry.vmm,
            instance: entry.instance,
            epoch: entry.epoch,
            generation: entry.generation,
            state: entry.state(),
            ended_by,
            detail: entry.detail.clone(),
            stop_remaining_ms: None,
            unresponsive: entry.unresponsive,
            stuck: entry.stuck,
            reboot: entry.reboot.as_ref().map(Reboot::report),
            migration: entry.migration.as_ref().map(Half::report),
        },
        stop_deadline_ms: entry.stop.filter(|_| ended_by.is_none()).map(|stop| stop.deadline_ms),
    }
}

/// What is told of a VMM that is no more.
pub fn of_tombstone(tombstone: &Tombstone) -> VmmReport {
    let ending = tombstone.ended.unwrap_or(Ending { state: VmmState::Destroyed, ended_by: EndedBy::Killed });
    VmmReport {
        vmm: tombstone.vmm,
        instance: tombstone.instance,
        epoch: tombstone.epoch,
        generation: tombstone.generation.max(Generation::FIRST),
        state: ending.state,
        ended_by: Some(ending.ended_by),
        detail: None,
        stop_remaining_ms: None,
        unresponsive: false,
        stuck: false,
        reboot: None,
        migration: None,
    }
}

/// The terminal state that an exit record stands for.
pub fn ending_of(ended_by: EndedBy) -> Ending {
    let state = match ended_by {
        EndedBy::Crashed | EndedBy::NeverStarted => VmmState::Failed,
        EndedBy::GuestShutdown
        | EndedBy::GracefulStop
        | EndedBy::ForcedAtDeadline
        | EndedBy::Killed
        | EndedBy::HostShutdown
        | EndedBy::LeaseExpired
        | EndedBy::Fenced
        | EndedBy::MigratedAway => VmmState::Destroyed,
    };
    Ending { state, ended_by }
}

/// An exit record in words.
pub fn detail_of(record: &ExitRecord) -> Option<String> {
    let parts = [
        record.reason.as_ref().map(|reason| format!("hypervisor's reason: {reason}")),
        record.status.clone(),
        record.last_words.as_ref().map(|words| words.trim().to_string()).filter(|words| !words.is_empty()),
    ];
    let text = parts.into_iter().flatten().collect::<Vec<_>>().join("; ");
    (!text.is_empty()).then(|| text.chars().take(DETAIL_MAX_CHARS).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_has_a_terminal_state_and_only_faults_are_failures() {
        for ended_by in EndedBy::ALL {
            let ending = ending_of(*ended_by);
            assert!(ending.state.is_terminal());
            let fault = matches!(ended_by, EndedBy::Crashed | EndedBy::NeverStarted);
            assert_eq!(ending.state == VmmState::Failed, fault, "{ended_by}");
        }
    }
}
