//! Roles: what a user may do, in one project or in the fleet.

use berth_common::Name;
use berth_common::ids::{ProjectUuid, UserUuid};
use berth_common::role::Role;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::name_or_id::NameOrId;

/// Who has which role where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RoleGrant {
    /// The user.
    pub user_id: UserUuid,
    /// Its name.
    pub user_name: Name,
    /// The project; absent: the fleet.
    pub project_id: Option<ProjectUuid>,
    /// The role.
    pub role: Role,
}

/// A role to be granted. It replaces the one the user has there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleGrantCreate {
    /// The user, by name or id.
    pub user: NameOrId,
    /// The project, by name or id; omitted: the fleet.
    pub project: Option<NameOrId>,
    /// The role.
    pub role: Role,
}

/// A role to be taken away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleRevoke {
    /// The user, by name or id.
    pub user: NameOrId,
    /// The project, by name or id; omitted: the fleet.
    pub project: Option<NameOrId>,
}
