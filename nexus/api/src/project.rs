//! Projects: what users share, and what quotas are counted by.

use berth_common::ids::ProjectUuid;
use berth_common::{Generation, Name};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::name_or_id::NameOrId;

/// A project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Project {
    /// Its id.
    pub id: ProjectUuid,
    /// Unique in the cluster.
    pub name: Name,
    /// The users' own words.
    pub description: String,
    /// Counts changes; for `If-Match`.
    pub generation: Generation,
    /// What it may use.
    pub quota: Quota,
    /// What it uses.
    pub used: Quota,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// Amounts of what is limited per project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// Instances, running or not.
    pub instances: u64,
    /// Virtual CPUs of all instances.
    pub cpus: u64,
    /// Memory of all instances, in MiB.
    pub memory_mib: u64,
    /// Size of all disks, in bytes.
    pub disk_bytes: u64,
}

/// A project to be made. Who makes it becomes its admin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProjectCreate {
    /// Unique in the cluster.
    pub name: Name,
    /// The users' own words.
    #[serde(default)]
    pub description: String,
    /// What it may use; omitted: the cluster's default.
    pub quota: Option<Quota>,
}

/// What shall change; the rest stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProjectUpdate {
    /// A new name.
    pub name: Option<Name>,
    /// New words.
    pub description: Option<String>,
    /// A new quota; may be below what is used, then nothing more is admitted. Only fleet admins may change it.
    pub quota: Option<Quota>,
}

/// Path of one project.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct ProjectPath {
    /// The project, by name or id.
    pub project: NameOrId,
}
