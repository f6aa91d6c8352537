//! Users, and who one is.

use berth_common::Name;
use berth_common::ids::{ProjectUuid, UserUuid};
use berth_common::role::Role;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct User {
    /// Its id.
    pub id: UserUuid,
    /// Unique in the cluster.
    pub name: Name,
    /// Its role for the fleet.
    pub fleet_role: Option<Role>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// A user to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UserCreate {
    /// Unique in the cluster.
    pub name: Name,
    /// Its role for the fleet; omitted: none.
    pub fleet_role: Option<Role>,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Whoami {
    /// The user.
    pub user: User,
    /// Its roles in projects.
    pub projects: Vec<ProjectMembership>,
    /// When the token that was used expires.
    pub token_expires_at: DateTime<Utc>,
}

/// A role in one project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProjectMembership {
    /// The project.
    pub project_id: ProjectUuid,
    /// Its name.
    pub project_name: Name,
    /// The role.
    pub role: Role,
}
