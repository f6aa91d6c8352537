//! VMMs: one task each, and a manager that admits requests and hands them to the right one.
//!
//! ```text
//!  http ──▶ manager ──Command──▶ task ──Launch, stop, kill──▶ hypervisor
//!  reporter ──verdict──┘          │ ▲──────MachineEvent───────────┘
//!                                 ├──▶ ledger (before anything is done)
//!                                 └──▶ reports (after it is written)
//! ```
//!
//! - [`machine`] with [`reboot`]: what can happen to a VMM, pure; [`requests`]: what becomes of a request in each phase,
//!   pure; [`admission`]: who is meant and may it come in, pure; [`recover`]: what to do after the agent was away, pure.
//! - [`quarantine`]: what runs here and nobody answers for: listed, never touched.
//! - [`migration`], pure, beside the machine: its guest's way to another sled, or from there.
//! - [`manager`]: the map of tasks, tombstones, room. `task`: one VMM: select, then apply.
//!
//! Invariants:
//! - One task owns one VMM: nobody else changes its entry or talks to its machine.
//! - A phase is in the ledger before its effects are begun, and before it is reported.
//! - A request is answered after what it promises is durable; a refused one has changed nothing.
//! - An id with a tombstone never runs again.
//!
//! Deliberately not here: instances, policies, retries of guests: nexus decides those.

pub mod admission;
mod deeds;
pub mod host_stop;
pub mod machine;
pub mod manager;
mod manager_disks;
mod manager_migration;
pub mod migration;
mod moving;
mod moving_disks;
mod moving_hand_over;
mod moving_work;
mod notice;
mod parts;
mod prepare;
pub mod quarantine;
pub mod reboot;
pub mod recover;
mod recovery;
pub mod requests;
pub mod room;
mod serve_reboot;
mod serving;
mod task;
mod unknown;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use berth_common::ids::BootUuid;
use berth_common::vmm::EndedBy;
use berth_sled_agent_api::report::Quarantined;
use slog::Logger;

use self::room::Room;
use crate::hypervisor::Hypervisor;
use crate::ledger::Ledger;
use crate::ledger::past::Past;
use crate::migration::tunnel::Tunnel;
use crate::network::Network;
use crate::report::Reports;
use crate::serial::SerialArchive;
use crate::storage::Storage;
use crate::tally::Tally;

/// What every VMM's task needs of the rest of the agent.
#[derive(Debug)]
pub struct Shared {
    pub boot: BootUuid,
    pub ledger: Arc<Ledger>,
    pub past: Mutex<Past>,
    pub reports: Arc<Reports>,
    pub hypervisor: Arc<dyn Hypervisor>,
    pub storage: Arc<Storage>,
    pub network: Arc<Network>,
    pub serial: SerialArchive,
    pub room: Arc<Room>,
    /// VMMs that ended under this agent.
    pub ended: Tally<EndedBy>,
    /// Entries of another host's ledger, found when this one was opened.
    pub foreign_entries: Vec<Quarantined>,
    /// The host is being shut down: nothing new is begun.
    pub shutting_down: AtomicBool,
    pub tunnel: Arc<Tunnel>,
    pub log: Logger,
}

impl Shared {
    /// Whether the host is being shut down.
    pub fn is_shutting_down(&self) -> bool {
        self.shutting_down.load(Ordering::SeqCst)
    }

    /// Nothing new is begun from now on.
    pub fn refuse_new_work(&self) {
        self.shutting_down.store(true, Ordering::SeqCst);
        self.reports.set_shutting_down();
    }

    pub(crate) fn past(&self) -> MutexGuard<'_, Past> {
        // Each change is one map operation.
        self.past.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
