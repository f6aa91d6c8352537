//! What sleds say and where they are, between the wire and the rows: the one conversion each way.
//!
//! Not in `agents`, which knows no record, nor in `db`, which knows no wire.

use berth_common::ids::{GenericUuid, LedgerUuid, SledUuid};
use berth_db::lifecycle::delivery::Due;
use berth_db::lifecycle::report::{ReportedReboot, ReportedVmm};
use berth_sled_agent_api::report::VmmReport;

use crate::agents::AgentAddress;

/// The row's shape of a VMM's report.
pub(crate) fn reported(vmm: &VmmReport) -> ReportedVmm {
    ReportedVmm {
        vmm: vmm.vmm,
        generation: vmm.generation.as_i64(),
        state: vmm.state,
        ended_by: vmm.ended_by,
        detail: vmm.detail.clone(),
        unresponsive: vmm.unresponsive,
        stuck: vmm.stuck,
        reboot: vmm.reboot.map(|reboot| ReportedReboot {
            reboot_gen: reboot.reboot_gen.as_i64(),
            kind: reboot.kind,
            phase: reboot.phase,
        }),
    }
}

/// The sled as it is now: its present ledger, which need not be the one that the VMM was made for.
impl From<&Due> for AgentAddress {
    fn from(due: &Due) -> Self {
        Self {
            sled: SledUuid::from_untyped_uuid(due.sled),
            name: due.sled_name.clone(),
            url: due.url.clone(),
            ledger: LedgerUuid::from_untyped_uuid(due.sled_ledger),
        }
    }
}
