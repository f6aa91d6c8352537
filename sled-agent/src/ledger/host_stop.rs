//! That a VMM ran when its host was shut down: in the ledger before its guest is asked to go. Together with the
//! record of its run's exit it tells how the VMM ended, whoever was alive to see it.

use berth_common::ids::BootUuid;
use berth_common::vmm::{EndedBy, VmmState};
use serde::{Deserialize, Serialize};

use super::entry::Ending;

/// The host is shut down under a VMM that nobody else had stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostStop {
    /// The boot that ends with it.
    pub boot: BootUuid,
    /// How the run really ended, once it has.
    pub rung: Option<EndedBy>,
}

impl HostStop {
    /// Takes over a VMM's end: what is told of it, and in which words.
    pub fn take_over(&mut self, ended: &mut Ending, detail: &mut Option<String>) {
        self.rung = Some(ended.ended_by);
        if told(ended.ended_by) == EndedBy::HostShutdown {
            let words = words(ended.ended_by);
            *ended = Ending { state: VmmState::Destroyed, ended_by: EndedBy::HostShutdown };
            *detail = Some(match detail.take() {
                Some(more) => format!("its host was shut down: {words}; {more}"),
                None => format!("its host was shut down: {words}"),
            });
        }
    }
}

/// What is told of a run that ended so after its host's shutdown had begun for it. A guest that went by itself, in
/// the moment before it was asked, went by itself; what ended here because it goes on or is dead by decree stays so.
const fn told(rung: EndedBy) -> EndedBy {
    match rung {
        EndedBy::GracefulStop
        | EndedBy::ForcedAtDeadline
        | EndedBy::Killed
        | EndedBy::Crashed
        | EndedBy::NeverStarted
        | EndedBy::HostShutdown => EndedBy::HostShutdown,
        EndedBy::GuestShutdown | EndedBy::LeaseExpired | EndedBy::Fenced | EndedBy::MigratedAway => rung,
    }
}

const fn words(rung: EndedBy) -> &'static str {
    match rung {
        EndedBy::GracefulStop => "the guest obeyed the power button",
        EndedBy::ForcedAtDeadline => "the guest did not obey in time",
        EndedBy::Killed => "it was killed",
        EndedBy::Crashed => "its process died meanwhile",
        EndedBy::NeverStarted => "it had not begun",
        EndedBy::GuestShutdown
        | EndedBy::HostShutdown
        | EndedBy::LeaseExpired
        | EndedBy::Fenced
        | EndedBy::MigratedAway => "it had ended",
    }
}

#[cfg(test)]
mod tests {
    use berth_common::ids::GenericUuid;

    use super::*;

    #[test]
    fn what_the_shutdown_ended_is_told_as_such_and_keeps_its_rung() {
        for rung in EndedBy::ALL {
            let mut stop = HostStop { boot: BootUuid::from_untyped_uuid(uuid::Uuid::nil()), rung: None };
            let before = Ending { state: VmmState::Failed, ended_by: *rung };
            let (mut ended, mut detail) = (before, Some("signal 9".to_string()));
            stop.take_over(&mut ended, &mut detail);
            assert_eq!(stop.rung, Some(*rung));
            let own = matches!(
                rung,
                EndedBy::GuestShutdown | EndedBy::LeaseExpired | EndedBy::Fenced | EndedBy::MigratedAway
            );
            if own {
                assert_eq!(ended, before, "{rung}");
            } else {
                let expected = Ending { state: VmmState::Destroyed, ended_by: EndedBy::HostShutdown };
                assert_eq!(ended, expected, "{rung}");
                assert!(detail.as_deref().is_some_and(|words| words.ends_with("; signal 9")), "{detail:?}");
            }
        }
    }
}
