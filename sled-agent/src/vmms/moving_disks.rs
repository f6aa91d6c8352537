//! Files of a target's copied disks: they get their names when the guest is released. When nothing seems to have come of
//! it they stay, for nexus to use or to delete: see [`crate::storage::incoming`].

use slog::warn;

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

    /// The VMM is over: what came for good is a disk. Tells whether that is done.
    pub(super) async fn settle_disks(&mut self) -> bool {
        if self.entry.migration.as_ref().is_some_and(|half| half.stage.has_brought_disks()) {
            self.adopt_disks().await;
        }
        !self.disks_to_adopt
    }
}
