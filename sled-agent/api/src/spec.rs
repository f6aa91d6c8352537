//! What a VMM consists of: everything an agent needs to run it, without asking again.

use berth_common::Name;
use berth_common::ids::{DiskUuid, ImageUuid, InstanceUuid, NicUuid, PoolUuid};
use berth_common::storage::ImagePart;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One VMM's machine. Equal specifications are the same machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VmmSpec {
    /// The instance's id, also the guest's SMBIOS UUID.
    pub instance: InstanceUuid,
    /// The instance's name, for the process' title and logs.
    pub name: Name,
    /// Virtual CPUs, 1 to 255.
    pub cpus: u32,
    /// Memory in MiB.
    pub memory_mib: u32,
    /// What is booted.
    pub boot: Boot,
    /// Disks in order of their slots.
    pub disks: Vec<DiskAttachment>,
    /// Network interfaces in order of their slots.
    pub nics: Vec<NicSpec>,
    /// Time for the guest to obey the power button, in milliseconds, where nobody says otherwise: a host that is shut
    /// down has nobody to ask.
    #[serde(default = "stop_grace_ms_default")]
    pub stop_grace_ms: u64,
    /// When its host is shut down, higher numbers are stopped first. 0 to 1000.
    #[serde(default)]
    pub stop_priority: u32,
}

const fn stop_grace_ms_default() -> u64 {
    30_000
}

/// What a VMM boots.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Boot {
    /// A Linux kernel and its initial RAM disk, loaded directly.
    Kernel {
        /// Kernel image.
        kernel: ImageFile,
        /// Initial RAM disk.
        initrd: ImageFile,
        /// Kernel command line. `console=ttyS0` is the user's business.
        command_line: String,
    },
    /// The disk in the lowest slot, by firmware.
    Disk,
}

/// One file of an image, as fetched from nexus and kept in the agent's cache.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ImageFile {
    /// The image.
    pub image: ImageUuid,
    /// Which of its files.
    pub part: ImagePart,
    /// SHA-256 in lower-case hexadecimal: what isn't equal to it is not used.
    pub sha256: String,
    /// Size in bytes.
    pub size_bytes: u64,
}

/// A disk as a VMM sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DiskAttachment {
    /// The disk.
    pub disk: DiskUuid,
    /// The pool its file is in.
    pub pool: PoolUuid,
    /// Position on the bus, from 0.
    pub slot: u32,
    /// Size in bytes.
    pub size_bytes: u64,
    /// The id under which its file is made and deleted, where that isn't the disk's own: a disk that was copied to
    /// another pool has a new one, because a deleted id is never made again.
    #[serde(default)]
    pub file: Option<DiskUuid>,
}

impl DiskAttachment {
    /// The id of its file in its pool.
    pub fn file(&self) -> DiskUuid {
        self.file.unwrap_or(self.disk)
    }
}

/// A network interface: a tap on the bridge that the sled's configuration names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NicSpec {
    /// The interface.
    pub nic: NicUuid,
    /// Position on the bus, from 0.
    pub slot: u32,
    /// MAC address, `02:..` in lower-case hexadecimal, unique in the cluster.
    pub mac: String,
}
