//! Who a request is for: what every mutating request to an agent carries.

use berth_common::Generation;
use berth_common::ids::{ClusterUuid, InstanceUuid, LedgerUuid, RequestUuid};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Names the cluster, the agent's memory, the instance and the VMM's epoch that a request is meant for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Envelope {
    /// Incarnation of the cluster; changes when its database was restored from a backup.
    pub cluster: ClusterUuid,
    /// The agent's ledger as nexus knows it.
    pub ledger: LedgerUuid,
    /// Same id ⇒ same request: it joins the first, or gets its recorded result.
    pub request: RequestUuid,
    /// The instance the VMM is an incarnation of.
    pub instance: InstanceUuid,
    /// The VMM's own epoch: the instance's value when the VMM was linked. Never changes for a VMM.
    pub epoch: Generation,
    /// Id of the user's request that this follows from, for logs and events.
    pub cause: Option<String>,
}

/// The same for requests about a disk, which has neither instance nor epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DiskEnvelope {
    /// See [`Envelope::cluster`].
    pub cluster: ClusterUuid,
    /// See [`Envelope::ledger`].
    pub ledger: LedgerUuid,
    /// See [`Envelope::request`].
    pub request: RequestUuid,
    /// See [`Envelope::cause`].
    pub cause: Option<String>,
}
