//! Storage pools: directories of sleds that disks' files are in.

use berth_common::Name;
use berth_common::ids::{PoolUuid, SledUuid};
use berth_common::storage::PoolKind;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A pool. Its name is the sleds' own word for it and needn't be unique.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Pool {
    /// Its id, from the marker in its directory.
    pub id: PoolUuid,
    /// Its name in the sleds' configuration.
    pub name: Name,
    /// Where its bytes are.
    pub kind: PoolKind,
    /// Bytes that disks may take in all.
    pub capacity_bytes: u64,
    /// Bytes that disks take.
    pub used_bytes: u64,
    /// The sleds that have it.
    pub sleds: Vec<SledUuid>,
    /// When it was first offered.
    pub created_at: DateTime<Utc>,
}
