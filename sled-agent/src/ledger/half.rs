//! One end of a migration in the ledger.

use berth_common::ids::{BootUuid, DiskUuid, MigrationUuid, SledUuid, VmmUuid};
use berth_common::migration::{MigrationHalf, MigrationPhase, MigrationRole};
use berth_common::vmm::{EndedBy, VmmState};
use berth_sled_agent_api::migration::{Incoming, MigrationOrder, MigrationProgress, MigrationReport};
use serde::{Deserialize, Serialize};

use super::entry::Ending;
use crate::vmms::migration::{Event, Stage, step};

/// A VMM's end of the migration it takes, or last took, part in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Half {
    pub migration: MigrationUuid,
    pub stage: Stage,
    /// Where the other end is; `None` where nothing but its id was ever known.
    pub other: Option<OtherEnd>,
    /// Disks on `local` pools.
    pub copied: Vec<DiskUuid>,
    /// The deadline's boot, and its milliseconds of `CLOCK_BOOTTIME`.
    pub boot: BootUuid,
    pub deadline_ms: u64,
    /// The source: longest pause that is aimed at.
    pub downtime_limit_ms: u64,
    /// Somebody asked for its end.
    pub by_request: bool,
    /// For people, all the rest.
    pub phase: MigrationPhase,
    pub address: Option<String>,
    pub progress: Option<MigrationProgress>,
    pub detail: Option<String>,
}

/// The other end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherEnd {
    pub sled: SledUuid,
    pub vmm: VmmUuid,
    /// The target's: where it awaits the stream.
    pub address: Option<String>,
}

impl Half {
    fn new(migration: MigrationUuid, stage: Stage, boot: BootUuid) -> Half {
        Half {
            migration,
            stage,
            other: None,
            copied: Vec::new(),
            boot,
            deadline_ms: 0,
            downtime_limit_ms: 0,
            by_request: false,
            phase: MigrationPhase::Preparing,
            address: None,
            progress: None,
            detail: None,
        }
    }

    /// A target that is about to be prepared.
    pub fn awaiting(incoming: &Incoming, boot: BootUuid, now_ms: u64) -> Half {
        let other = OtherEnd { sled: incoming.source_sled, vmm: incoming.source_vmm, address: None };
        Half {
            other: Some(other),
            copied: incoming.copied_disks.clone(),
            deadline_ms: now_ms.saturating_add(incoming.deadline_ms),
            ..Half::new(incoming.migration, Stage::Awaiting, boot)
        }
    }

    /// A source that was told to send.
    pub fn sending(
        migration: MigrationUuid,
        order: &MigrationOrder,
        boot: BootUuid,
        now_ms: u64,
    ) -> Option<Half> {
        match order {
            MigrationOrder::Send {
                target_sled,
                target_vmm,
                address,
                copied_disks,
                deadline_ms,
                downtime_limit_ms,
            } => Some(Half {
                other: Some(OtherEnd {
                    sled: *target_sled,
                    vmm: *target_vmm,
                    address: Some(address.clone()),
                }),
                copied: copied_disks.clone(),
                deadline_ms: now_ms.saturating_add(*deadline_ms),
                downtime_limit_ms: *downtime_limit_ms,
                ..Half::new(migration, Stage::Sending, boot)
            }),
            MigrationOrder::Cancel | MigrationOrder::Resume => None,
        }
    }

    /// A migration that was cancelled here before it was heard of: an order to send that comes late finds it over.
    pub fn cancelled_unheard(migration: MigrationUuid, boot: BootUuid) -> Half {
        Half {
            by_request: true,
            phase: MigrationPhase::Over,
            detail: Some("it was cancelled before it began".to_string()),
            ..Half::new(migration, Stage::Kept, boot)
        }
    }

    /// Whether a repeated registration is for this same target.
    pub fn is_of(&self, incoming: &Incoming) -> bool {
        let same_other = self
            .other
            .as_ref()
            .is_some_and(|other| (other.sled, other.vmm) == (incoming.source_sled, incoming.source_vmm));
        self.migration == incoming.migration && same_other && self.copied == incoming.copied_disks
    }

    /// The VMM's process is gone. How the VMM ended, if that was the migration's doing. `words`: how the process did.
    pub fn end(&mut self, words: Option<&str>) -> Option<Ending> {
        let before = self.stage;
        if let Ok(step) = step(before, Event::MachineEnded) {
            self.stage = step.stage;
        }
        if self.stage.half() == MigrationHalf::Failed && before.half() != MigrationHalf::Failed {
            let words = words.unwrap_or("it was ended");
            self.detail.get_or_insert_with(|| format!("its hypervisor process is gone: {words}"));
        }
        match self.stage {
            Stage::HandedOff | Stage::Settled => {
                Some(Ending { state: VmmState::Destroyed, ended_by: EndedBy::MigratedAway })
            }
            Stage::Dropped => {
                let state = if self.by_request { VmmState::Destroyed } else { VmmState::Failed };
                Some(Ending { state, ended_by: EndedBy::NeverStarted })
            }
            Stage::Sending
            | Stage::TakingBack
            | Stage::Kept
            | Stage::Awaiting
            | Stage::Holding
            | Stage::Released
            | Stage::Resumed => None,
        }
    }

    /// The deadline on this boot's clock: one of an earlier boot is over.
    pub fn deadline_on(&self, boot: BootUuid) -> u64 {
        if self.boot == boot { self.deadline_ms } else { 0 }
    }

    /// As it is told.
    pub fn report(&self) -> MigrationReport {
        let half = match self.stage {
            Stage::Awaiting if self.address.is_none() => MigrationHalf::Pending,
            stage => stage.half(),
        };
        MigrationReport {
            migration: self.migration,
            role: self.role(),
            half,
            phase: if half.is_terminal() && self.stage != Stage::HandedOff {
                MigrationPhase::Over
            } else {
                self.phase
            },
            address: self.address.clone(),
            progress: self.progress,
            detail: self.detail.clone(),
        }
    }

    /// Which end it is.
    pub fn role(&self) -> MigrationRole {
        self.stage.role()
    }
}
