//! A VMM's last reboot in the ledger: enough to finish it whenever the agent died.

use berth_common::Generation;
use berth_common::reboot::{RebootKind, RebootPhase};
use berth_common::vmm::EndedBy;
use berth_sled_agent_api::report::RebootReport;
use berth_sled_agent_api::spec::VmmSpec;
use serde::{Deserialize, Serialize};

use super::entry::StopOrder;
use crate::vmms::machine::Phase;
use crate::vmms::reboot::Leg;

/// The last reboot begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reboot {
    pub reboot_gen: Generation,
    /// What it is now: a soft one becomes hard at its deadline, when it is taken over, and when an agent that died
    /// under it finds the guest down.
    pub kind: RebootKind,
    pub phase: RebootPhase,
    /// A soft one: when it becomes hard.
    pub deadline: Option<StopOrder>,
    /// The specification of the next run, until that is begun.
    pub next_spec: Option<VmmSpec>,
    /// How the guest went down.
    pub went_down: Option<EndedBy>,
}

impl Reboot {
    /// What is told of it.
    pub fn report(&self) -> RebootReport {
        RebootReport { reboot_gen: self.reboot_gen, kind: self.kind, phase: self.phase }
    }

    /// Goes where the VMM's phase is. `exited`: how the guest's process ended, if that was the step.
    pub fn follow(&mut self, phase: Phase, exited: Option<EndedBy>) {
        self.phase = match phase {
            Phase::Reboot(Leg::ShuttingDown | Leg::Killing | Leg::LaunchingThenReboot) => {
                RebootPhase::ShuttingDown
            }
            Phase::Reboot(Leg::Down) => {
                if let Some(ended_by) = exited {
                    self.went_down = Some(ended_by);
                    if ended_by == EndedBy::ForcedAtDeadline {
                        self.kind = RebootKind::Hard;
                    }
                }
                RebootPhase::Down
            }
            Phase::Reboot(Leg::Launching) => RebootPhase::Starting,
            Phase::Running => RebootPhase::Done,
            // It had done its part, or something else has won over it: it stays as far as it came.
            Phase::Reboot(Leg::LaunchingThenKill)
            | Phase::Preparing
            | Phase::Registered
            | Phase::Launching
            | Phase::LaunchingThenStop
            | Phase::LaunchingThenKill
            | Phase::Started
            | Phase::Stopping
            | Phase::Killing
            | Phase::Withdrawn
            | Phase::Ended => self.phase,
        };
    }
}
