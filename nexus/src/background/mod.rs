//! Level-triggered tasks: no arguments, compare, repair. They run the same functions as the push paths do, so the
//! happy path is the repair path, run early.
//!
//! A task is its own file and one line in [`all`]. It runs at its period and whenever its bell rings, on every nexus;
//! what must not be done twice is claimed by rows, and everything that is done twice by accident is harmless. A run that
//! hangs is cut off and reported, and the next one begins anew.
//!
//! Not here: what follows from an answer at once (`reports`, `sagas`), deciding (`berth_plan`).

pub mod copy_reaper;
mod delivery;
pub mod instance_updater;
pub mod intent_driver;
pub mod invariant_check;
pub mod migration_driver;
pub mod nexus_adoption;
pub mod nexus_renewal;
pub mod reboot_driver;
pub mod retention;
pub mod saga_recovery;
mod task;
pub mod vmm_reaper;
pub mod vmm_reconciler;

use std::time::Duration;

pub use task::{Bell, Task, TaskStatus, Tasks};

use crate::config::Background;

/// Every background task.
pub fn all(config: &Background) -> Vec<Box<dyn Task>> {
    let period = Duration::from_millis(config.period_ms);
    vec![
        Box::new(nexus_renewal::NexusRenewal),
        Box::new(nexus_adoption::NexusAdoption::default()),
        Box::new(saga_recovery::SagaRecovery),
        Box::new(intent_driver::IntentDriver { period }),
        Box::new(reboot_driver::RebootDriver { period }),
        Box::new(migration_driver::MigrationDriver { period }),
        Box::new(vmm_reaper::VmmReaper { period }),
        Box::new(copy_reaper::CopyReaper { period }),
        Box::new(instance_updater::InstanceUpdater { period }),
        Box::new(vmm_reconciler::VmmReconciler),
        Box::new(invariant_check::InvariantCheck { period: Duration::from_secs(config.check_period_s) }),
        Box::new(retention::Retention { days: config.retention_days }),
    ]
}
