//! Holding again what a former agent launched.

use std::time::Duration;

use berth_common::ids::VmmUuid;

use super::machine::{QemuMachine, first_state};
use super::standing::{Standing, standing};
use super::{Qemu, off_runtime, orders};
use crate::hypervisor::{Adopted, LaunchError};

/// A shim answers in well under a millisecond; one that is stopped never does, and must delay nobody.
const STATE_PATIENCE: Duration = Duration::from_secs(1);

impl Qemu {
    /// See [`crate::hypervisor::Hypervisor::adopt`].
    pub(super) async fn adopt_vmm(&self, vmm: VmmUuid) -> Result<Adopted, LaunchError> {
        let place = self.place(vmm);
        let looked = place.clone();
        let run = match off_runtime(move || standing(&looked)).await? {
            Standing::Nothing => return Ok(Adopted::Nothing),
            Standing::Ended(record) => return Ok(Adopted::Ended(record)),
            Standing::Held { run } => run,
        };
        // A shim that doesn't say is taken for one whose guest runs: nobody paused it.
        let state = tokio::time::timeout(STATE_PATIENCE, first_state(&place)).await;
        let (running, said) = match state {
            Ok(Ok(state)) => state,
            Ok(Err(_)) | Err(_) => (true, false),
        };
        // An order counts from the moment it is written; the shim may read it a moment later.
        let stopping = said || orders::given(&place, run)?;
        let machine = Box::new(QemuMachine::hold(place, run, &self.log));
        Ok(Adopted::Running { run, running, stopping, machine })
    }
}
