//! Shapes of the requests about disks.

use berth_common::ids::{ClusterUuid, DiskUuid, LedgerUuid, PoolUuid, RequestUuid};
use berth_common::storage::DiskFormat;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::envelope::DiskEnvelope;
use crate::spec::ImageFile;

/// Path of one disk in one pool.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct DiskPath {
    /// The pool.
    pub pool: PoolUuid,
    /// The disk.
    pub disk: DiskUuid,
}

/// Make a disk's file. Answers at once; asked again, it tells how far it is. A deleted id is never made again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DiskEnsure {
    /// Who it is for.
    pub envelope: DiskEnvelope,
    /// Size in bytes, a multiple of 512.
    pub size_bytes: u64,
    /// What is in it at first.
    pub source: DiskSource,
}

/// What a new disk contains.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum DiskSource {
    /// Zeros.
    Empty,
    /// A copy of an image, then zeros.
    Image {
        /// The image's file.
        file: ImageFile,
        /// Its format. The disk itself is always raw.
        format: DiskFormat,
    },
}

/// How far a disk's file is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum DiskProgress {
    /// Being made.
    Creating {
        /// Bytes written.
        done_bytes: u64,
        /// Bytes to write.
        total_bytes: u64,
    },
    /// It is there, with its full size, and durable.
    Ready,
    /// It couldn't be made; nothing of it is left.
    Failed {
        /// The thing, the reason, and what would help.
        message: String,
    },
    /// It was deleted, for ever.
    Deleted,
}

/// Answer about a disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DiskAnswer {
    /// The disk.
    pub disk: DiskUuid,
    /// How far it is.
    pub progress: DiskProgress,
}

/// Delete a disk's file, for certain: valid also for an id never heard of; a tombstone in the pool is durable before the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DiskDeleteQuery {
    /// See [`DiskEnvelope::cluster`].
    pub cluster: ClusterUuid,
    /// See [`DiskEnvelope::ledger`].
    pub ledger: LedgerUuid,
    /// See [`DiskEnvelope::request`].
    pub request: RequestUuid,
}
