//! Storage pools.

use crate::ids::{DbId, DbText};
use crate::tables::pool;
use berth_common::ids::{PoolKind as PoolId, PoolUuid, SledUuid};
use berth_common::storage::PoolKind;
use chrono::{DateTime, Utc};
use diesel::{Queryable, QueryableByName, Selectable};

/// A directory in which disks are made: of one sled, or mounted on several.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, QueryableByName)]
#[diesel(table_name = pool)]
pub struct Pool {
    #[diesel(deserialize_as = DbId<PoolId>)]
    pub id: PoolUuid,
    pub name: String,
    #[diesel(deserialize_as = DbText<PoolKind>)]
    pub kind: PoolKind,
    pub capacity_bytes: i64,
    pub created_at: DateTime<Utc>,
}

/// A pool, what disks have taken of it, and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolUse {
    pub pool: Pool,
    /// Sum of its disks' sizes, whatever their state.
    pub provisioned_bytes: i64,
    /// The sleds that have it, in the order of their ids.
    pub sleds: Vec<SledUuid>,
}
