//! The cluster itself, and the nexus that make it up.

use crate::ids::{DbId, DbText};
use crate::tables::{cluster, nexus};
use berth_common::UnknownValue;
use berth_common::ids::{ClusterKind, ClusterUuid, NexusKind, NexusUuid};
use chrono::{DateTime, Utc};
use diesel::{Queryable, QueryableByName, Selectable};

/// The one row that says which cluster this database is.
#[derive(Clone, Queryable, Selectable, QueryableByName)]
#[diesel(table_name = cluster)]
pub struct Cluster {
    #[diesel(deserialize_as = DbId<ClusterKind>)]
    pub id: ClusterUuid,
    /// Certificate of the cluster's own authority, PEM.
    pub ca_cert_pem: String,
    /// Its private key, PEM: whoever reads it is the cluster.
    pub ca_key_pem: String,
    pub created_at: DateTime<Utc>,
}

impl std::fmt::Debug for Cluster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cluster").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A nexus: member of the cluster for as long as it renews.
#[derive(Clone, Debug, Queryable, Selectable, QueryableByName)]
#[diesel(table_name = nexus)]
pub struct Nexus {
    #[diesel(deserialize_as = DbId<NexusKind>)]
    pub id: NexusUuid,
    pub name: String,
    pub epoch: i64,
    pub seq: i64,
    #[diesel(deserialize_as = DbText<NexusState>)]
    pub state: NexusState,
    /// `host:port` of the public door.
    pub public_address: String,
    /// `host:port` of the agents' door.
    pub internal_address: String,
    pub version: String,
    pub started_at: DateTime<Utc>,
    pub renewed_at: DateTime<Utc>,
}

/// Standing of a nexus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NexusState {
    Active,
    /// It said goodbye.
    Stopped,
    /// Declared dead: its sagas may be adopted.
    Dead,
}

impl NexusState {
    pub const fn as_str(self) -> &'static str {
        match self {
            NexusState::Active => "active",
            NexusState::Stopped => "stopped",
            NexusState::Dead => "dead",
        }
    }
}

impl std::str::FromStr for NexusState {
    type Err = UnknownValue;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [NexusState::Active, NexusState::Stopped, NexusState::Dead]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| UnknownValue {
                what: "NexusState",
                found: text.to_owned(),
                known: "active, stopped, dead".to_owned(),
            })
    }
}
