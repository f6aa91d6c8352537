//! How a run ended, pure: from the hypervisor's own reason and from what the shim did to it.
//!
//! Never from the monitor's silence alone: a closed socket says only that a socket closed.

use berth_common::vmm::EndedBy;

/// What is known when the process is reaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Evidence<'a> {
    /// The monitor answered once: the guest's CPUs could run.
    pub ready: bool,
    /// `reason` of QEMU's SHUTDOWN event.
    pub reason: Option<&'a str>,
    /// A stop order had been taken.
    pub stopping: bool,
    /// Quit or SIGKILL was used at the deadline.
    pub forced: bool,
    /// SIGKILL was used because that was the order.
    pub killed: bool,
}

/// Names the end.
pub(super) fn ended_by(evidence: Evidence<'_>) -> EndedBy {
    let by_guest = evidence.reason == Some("guest-shutdown");
    match evidence {
        Evidence { killed: true, .. } => EndedBy::Killed,
        // Also when it obeyed in the very moment it was to be forced: QEMU's word counts.
        Evidence { stopping: true, .. } if by_guest => EndedBy::GracefulStop,
        Evidence { stopping: false, .. } if by_guest => EndedBy::GuestShutdown,
        Evidence { forced: true, .. } => EndedBy::ForcedAtDeadline,
        Evidence { ready: false, .. } => EndedBy::NeverStarted,
        Evidence { ready: true, .. } => EndedBy::Crashed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RAN: Evidence<'_> =
        Evidence { ready: true, reason: None, stopping: false, forced: false, killed: false };

    #[test]
    fn each_end_has_its_name() {
        let guest = Some("guest-shutdown");
        let cases = [
            (Evidence { reason: guest, ..RAN }, EndedBy::GuestShutdown),
            (Evidence { reason: guest, stopping: true, ..RAN }, EndedBy::GracefulStop),
            (Evidence { reason: guest, stopping: true, forced: true, ..RAN }, EndedBy::GracefulStop),
            (
                Evidence { reason: Some("host-qmp-quit"), stopping: true, forced: true, ..RAN },
                EndedBy::ForcedAtDeadline,
            ),
            (Evidence { stopping: true, forced: true, ..RAN }, EndedBy::ForcedAtDeadline),
            (Evidence { stopping: true, forced: true, killed: true, ..RAN }, EndedBy::Killed),
            (RAN, EndedBy::Crashed),
            (Evidence { stopping: true, ..RAN }, EndedBy::Crashed),
            (Evidence { reason: Some("host-signal"), ..RAN }, EndedBy::Crashed),
            (Evidence { reason: Some("host-qmp-quit"), ..RAN }, EndedBy::Crashed),
            (Evidence { reason: Some("guest-panic"), ..RAN }, EndedBy::Crashed),
            (Evidence { ready: false, ..RAN }, EndedBy::NeverStarted),
            (Evidence { ready: false, stopping: true, forced: true, ..RAN }, EndedBy::ForcedAtDeadline),
        ];
        for (evidence, expected) in cases {
            assert_eq!(ended_by(evidence), expected, "{evidence:?}");
        }
    }
}
