//! Files of a target's copied disks: they get their names when the guest is released, and are removed when nothing
//! came of it.

use slog::warn;

use super::migration::Stage;
use super::task::Task;
use crate::ledger::entry::Entry;
use crate::storage::incoming::Coming;

/// The copied disks of a VMM, as files that come.
fn coming(entry: &Entry) -> Vec<Coming> {
    let Some(half) = &entry.migration else { return Vec::new() };
    let disks = entry.spec.iter().flat_map(|spec| &spec.disks);
    let copied = disks.filter(|attachment| half.copied.contains(&attachment.disk));
    copied
        .map(|attachment| Coming {
            pool: attachment.pool,
            disk: attachment.file(),
            migration: half.migration,
        })
        .collect()
}

impl Task {
    /// The guest runs here: its disks are disks now.
    pub(super) async fn adopt_disks(&mut self) {
        let mut left_to_do = false;
        for disk in coming(&self.entry) {
            if let Err(error) = self.shared.storage.adopt_incoming(disk).await {
                warn!(self.log, "a copied disk has no name yet"; "disk" => %disk.disk, "error" => %error);
                left_to_do = true;
            }
        }
        self.disks_to_adopt = left_to_do;
    }

    /// The VMM is over: what came for nothing goes, what came for good is a disk. Tells whether that is done.
    pub(super) async fn settle_disks(&mut self) -> bool {
        match self.entry.migration.as_ref().map(|half| half.stage) {
            // A VMM that was withdrawn, or ends right now, still waits by its entry.
            Some(Stage::Awaiting | Stage::Holding | Stage::Dropped) => {}
            Some(Stage::Released | Stage::Resumed) => {
                self.adopt_disks().await;
                return !self.disks_to_adopt;
            }
            _ => return true,
        }
        let mut done = true;
        for disk in coming(&self.entry) {
            if let Err(error) = self.shared.storage.drop_incoming(disk).await {
                warn!(self.log, "a copied disk is left behind for now"; "disk" => %disk.disk, "error" => %error);
                done = false;
            }
        }
        done
    }
}
