//! Shapes of a sled's own life: joining, registering.

use berth_common::Generation;
use berth_common::Name;
use berth_common::ids::{BootUuid, ClusterUuid, LedgerUuid, PoolUuid, SledUuid};
use berth_common::sled::Hypervisor;
use berth_common::storage::PoolKind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A host asks to become a sled. The only request that needs no certificate: it carries a one-time token.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct JoinRequest {
    /// The one-time token. Never logged.
    pub token: String,
    /// What the sled shall be called.
    pub name: Name,
    /// Certificate signing request, PEM. Only its public key is used; the CA decides the rest.
    pub csr_pem: String,
}

impl std::fmt::Debug for JoinRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JoinRequest").field("name", &self.name).finish_non_exhaustive()
    }
}

/// The host is a sled now. Asked again with the same token and key, the answer is the same.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Joined {
    /// The sled's id, for ever.
    pub sled: SledUuid,
    /// The cluster's incarnation.
    pub cluster: ClusterUuid,
    /// The sled's certificate, PEM.
    pub certificate_pem: String,
    /// The cluster's CA, PEM.
    pub ca_pem: String,
}

/// A new certificate for the same sled.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct RenewCertificate {
    /// Certificate signing request, PEM.
    pub csr_pem: String,
}

/// The answer to [`RenewCertificate`].
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct RenewedCertificate {
    /// The new certificate, PEM.
    pub certificate_pem: String,
}

/// What an agent says when it starts, and whenever its lease epoch isn't current.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SledRegister {
    /// Where nexus reaches this agent: `https://host:port`.
    pub address: String,
    /// The host's boot.
    pub boot: BootUuid,
    /// The agent's ledger.
    pub ledger: LedgerUuid,
    /// Version of the program.
    pub version: String,
    /// What runs its guests.
    pub hypervisor: Hypervisor,
    /// CPU model that guests see: live migration needs the same at both ends.
    pub cpu_model: String,
    /// The versioned machine type of its guests (`pc-q35-7.2`): live migration needs the same at both ends. Empty: not
    /// said.
    #[serde(default)]
    pub machine_type: String,
    /// Virtual CPUs that may be given to guests.
    pub cpus: u32,
    /// Memory in MiB that may be given to guests.
    pub memory_mib: u32,
    /// Whether a bridge for guests' interfaces is configured.
    pub has_bridge: bool,
    /// Its pools.
    pub pools: Vec<PoolOffer>,
    /// The host is still being shut down: it stays planned down.
    #[serde(default)]
    pub shutting_down: bool,
}

/// The host is being shut down on purpose: its guests are being ended, nothing new is begun, and its silence will be
/// no fault. Holds until the sled registers again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlannedDown {
    /// The boot that ends: one that is over already says nothing of the present one.
    pub boot: BootUuid,
    /// The agent's ledger.
    pub ledger: LedgerUuid,
}

/// A pool as one sled sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PoolOffer {
    /// The pool's id, from the marker file in its directory: the same directory is the same pool, wherever mounted.
    pub pool: PoolUuid,
    /// Its name in the sled's configuration.
    pub name: Name,
    /// Where its bytes are.
    pub kind: PoolKind,
    /// Bytes that disks may take in all.
    pub capacity_bytes: u64,
}

/// Nexus knows the sled now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Registered {
    /// To be named in every report.
    pub lease_epoch: Generation,
    /// Addresses (`https://host:port`) of all active nexus.
    pub nexus: Vec<String>,
}
