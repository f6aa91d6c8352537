//! Which disks and images a VMM may need, as its task knows it, for whoever wants to delete one.

use std::sync::{Mutex, MutexGuard, PoisonError};

use berth_common::ids::DiskUuid;
use berth_sled_agent_api::spec::{Boot, DiskAttachment};

use crate::ledger::entry::Entry;

#[derive(Clone, Debug, Default)]
struct Inner {
    disks: Vec<DiskUuid>,
    images: Vec<String>,
}

/// What one VMM needs, its next run's included.
#[derive(Debug, Default)]
pub(super) struct Parts(Mutex<Inner>);

impl Parts {
    pub(super) fn of(entry: &Entry) -> Parts {
        let parts = Parts::default();
        parts.follow(entry);
        parts
    }

    /// The entry has changed.
    pub(super) fn follow(&self, entry: &Entry) {
        let next = entry.reboot.as_ref().and_then(|reboot| reboot.next_spec.as_ref());
        let specs = || entry.spec.iter().chain(next);
        let disks = specs().flat_map(|spec| &spec.disks).map(DiskAttachment::file).collect();
        let images = specs().flat_map(|spec| images_of(&spec.boot)).collect();
        *self.guard() = Inner { disks, images };
    }

    pub(super) fn has_disk(&self, disk: DiskUuid) -> bool {
        self.guard().disks.contains(&disk)
    }

    /// Checksums of its image files.
    pub(super) fn images(&self) -> Vec<String> {
        self.guard().images.clone()
    }

    fn guard(&self) -> MutexGuard<'_, Inner> {
        // Each change is one assignment.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn images_of(boot: &Boot) -> Vec<String> {
    match boot {
        Boot::Disk => Vec::new(),
        Boot::Kernel { kernel, initrd, .. } => vec![kernel.sha256.clone(), initrd.sha256.clone()],
    }
}
