//! Disks: what guests keep their data on.

use berth_common::Name;
use berth_common::ids::{DiskUuid, ImageUuid, InstanceUuid, PoolUuid, ProjectUuid};
use berth_common::storage::DiskState;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::name_or_id::NameOrId;

/// A disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Disk {
    /// Its id.
    pub id: DiskUuid,
    /// Its project.
    pub project_id: ProjectUuid,
    /// Unique in its project.
    pub name: Name,
    /// The users' own words.
    pub description: String,
    /// Size in bytes.
    pub size_bytes: u64,
    /// The image it was made from.
    pub image_id: Option<ImageUuid>,
    /// The pool its file is in.
    pub pool_id: PoolUuid,
    /// How far its file is.
    pub state: DiskState,
    /// The instance it is attached to.
    pub attached_to: Option<DiskAttachment>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// Where a disk is attached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DiskAttachment {
    /// The instance.
    pub instance_id: InstanceUuid,
    /// Position on its bus, from 0.
    pub slot: u32,
}

/// A disk to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DiskCreate {
    /// Unique in its project.
    pub name: Name,
    /// The users' own words.
    #[serde(default)]
    pub description: String,
    /// Size in bytes, a multiple of 512. Omitted with an image: the image's own.
    pub size_bytes: Option<u64>,
    /// Disk image to copy, by name (in the same project) or id. Omitted: the disk is empty.
    pub image: Option<NameOrId>,
    /// Pool, by name or id. Omitted: the one with the most room.
    pub pool: Option<NameOrId>,
}

/// Where to attach a disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DiskAttach {
    /// The instance, by name (in the disk's project) or id. It must be stopped.
    pub instance: NameOrId,
}

/// Path of one disk.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct DiskPath {
    /// The disk, by name or id.
    pub disk: NameOrId,
}
