//! Sleds: the hosts, as operators see them.

use berth_common::ids::{BootUuid, SledUuid};
use berth_common::sled::{Admission, Hypervisor, Liveness};
use berth_common::{Generation, Name};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::name_or_id::NameOrId;

/// A sled: three independent axes, none of which hides another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sled {
    /// Its id.
    pub id: SledUuid,
    /// Unique in the cluster.
    pub name: Name,
    /// What the operator allows.
    pub admission: Admission,
    /// What is known of the host.
    pub liveness: Liveness,
    /// What it has.
    pub readiness: Readiness,
    /// Where nexus reaches its agent; absent until it registered.
    pub address: Option<String>,
    /// The host's boot.
    pub boot_id: Option<BootUuid>,
    /// Version of the agent.
    pub version: Option<String>,
    /// Its current lease epoch.
    pub lease_epoch: Generation,
    /// When it last reported.
    pub last_report_at: Option<DateTime<Utc>>,
    /// Milliseconds since then, by the database's clock.
    pub report_age_ms: Option<u64>,
    /// When it joined.
    pub created_at: DateTime<Utc>,
}

/// Storage, network and capacity of a sled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Readiness {
    /// What runs its guests.
    pub hypervisor: Option<Hypervisor>,
    /// CPU model that guests see.
    pub cpu_model: Option<String>,
    /// Virtual CPUs it may give.
    pub cpus: u64,
    /// Virtual CPUs that are reserved.
    pub cpus_reserved: u64,
    /// Memory it may give, in MiB.
    pub memory_mib: u64,
    /// Memory that is reserved, in MiB.
    pub memory_mib_reserved: u64,
    /// Whether a bridge for guests' interfaces is configured.
    pub has_bridge: bool,
    /// Ledger entries that its agent has recovered since it started.
    pub recovered_done: u64,
    /// Ledger entries in all.
    pub recovered_total: u64,
}

/// Path of one sled.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct SledPath {
    /// The sled, by name or id.
    pub sled: NameOrId,
}
