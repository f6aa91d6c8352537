//! Who asks: a user behind a valid token, with all of its roles.

use std::collections::BTreeMap;

use berth_common::Name;
use berth_common::ids::{ProjectUuid, TokenUuid, UserUuid};
use berth_common::role::Role;
use chrono::{DateTime, Utc};

/// An authenticated user in the course of one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The user.
    pub user_id: UserUuid,
    /// Its name, as it stands in operations and events.
    pub name: Name,
    /// What it may do everywhere.
    pub fleet_role: Option<Role>,
    /// What it may do in single projects.
    pub project_roles: BTreeMap<ProjectUuid, Role>,
    /// The token it showed.
    pub token_id: TokenUuid,
    /// When that token expires.
    pub token_expires_at: DateTime<Utc>,
    /// Id of the request: the cause of everything that follows from it.
    pub cause: String,
}

impl Actor {
    /// The strongest role the user has in a project; that of the fleet counts in each.
    pub fn role_in(&self, project: ProjectUuid) -> Option<Role> {
        self.project_roles.get(&project).copied().max(self.fleet_role)
    }
}
