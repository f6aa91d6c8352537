//! Disks.

use crate::ids::{DbId, DbText, OptId};
use crate::tables::disk;
use berth_common::Name;
use berth_common::ids::{
    DiskKind, DiskUuid, ImageKind, ImageUuid, InstanceKind, InstanceUuid, PoolKind, PoolUuid, ProjectKind,
    ProjectUuid,
};
use berth_common::storage::DiskState;
use chrono::{DateTime, Utc};
use diesel::{Queryable, QueryableByName, Selectable};

/// A virtual disk: a file in a pool.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, QueryableByName)]
#[diesel(table_name = disk)]
pub struct Disk {
    #[diesel(deserialize_as = DbId<DiskKind>)]
    pub id: DiskUuid,
    #[diesel(deserialize_as = DbId<ProjectKind>)]
    pub project_id: ProjectUuid,
    #[diesel(deserialize_as = DbText<Name>)]
    pub name: Name,
    pub description: String,
    pub size_bytes: i64,
    /// What it was copied from; none: it began empty.
    #[diesel(deserialize_as = OptId<ImageKind>)]
    pub image_id: Option<ImageUuid>,
    #[diesel(deserialize_as = DbId<PoolKind>)]
    pub pool_id: PoolUuid,
    #[diesel(deserialize_as = DbText<DiskState>)]
    pub state: DiskState,
    pub state_gen: i64,
    /// What it is attached to.
    #[diesel(deserialize_as = OptId<InstanceKind>)]
    pub instance_id: Option<InstanceUuid>,
    /// Where it is attached, 0 to 7.
    pub slot: Option<i64>,
    pub created_at: DateTime<Utc>,
    /// The id of its file in its pool, where that isn't its own.
    #[diesel(deserialize_as = OptId<DiskKind>)]
    pub file_id: Option<DiskUuid>,
}

impl Disk {
    /// The id of its file in its pool.
    pub fn file(&self) -> DiskUuid {
        self.file_id.unwrap_or(self.id)
    }
}
