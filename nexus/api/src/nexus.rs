//! The nexus of a cluster.

use berth_common::ids::NexusUuid;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One nexus.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NexusView {
    /// Its id; a restart keeps it, a declaration of death ends it.
    pub id: NexusUuid,
    /// Its name in the configuration.
    pub name: String,
    /// `active`, `stopped` or `dead`.
    pub state: String,
    /// Where users reach it.
    pub public_address: String,
    /// Where agents reach it.
    pub internal_address: String,
    /// Version of the program.
    pub version: String,
    /// Whether it renewed its row lately: a nexus that answers does.
    pub answering: bool,
    /// When it started.
    pub started_at: DateTime<Utc>,
    /// When it last renewed its row.
    pub renewed_at: DateTime<Utc>,
}
