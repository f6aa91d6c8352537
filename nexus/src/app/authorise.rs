//! Who may do what: one pure function of actor, action and scope.
//!
//! Three roles, each including the ones before, held in single projects or for the whole fleet; a fleet role counts
//! in every project. What a user can't see doesn't exist for it: 404 rather than 403.

use berth_common::ids::ProjectUuid;
use berth_common::refusal::ErrorCode;
use berth_common::role::Role;

use super::actor::Actor;
use super::error::AppError;

/// What can be asked for. One for each row of the role matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// See the project and everything in it.
    View,
    /// Make, change and delete instances, disks and images.
    Change,
    /// Change or delete the project itself.
    AdministerProject,
    /// Change what the project may use.
    SetQuota,
    /// Grant and revoke roles in the scope, and see who has them.
    GrantRoles,
    /// See sleds, nexus, sagas, and the lists of all projects.
    ViewFleet,
    /// Make projects, cordon and uncordon sleds.
    OperateFleet,
    /// Let hosts join, retry and resolve sagas, make users, and tokens of others.
    AdministerFleet,
}

/// Where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// In one project.
    Project(ProjectUuid),
    /// In the whole cluster.
    Fleet,
}

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// Yes.
    Granted,
    /// No; the actor sees the thing.
    Forbidden,
    /// No; the actor isn't to know that there is such a thing.
    Hidden,
}

impl Action {
    /// Every action.
    pub const ALL: &'static [Action] = &[
        Action::View,
        Action::Change,
        Action::AdministerProject,
        Action::SetQuota,
        Action::GrantRoles,
        Action::ViewFleet,
        Action::OperateFleet,
        Action::AdministerFleet,
    ];

    /// The least role that suffices, and whether it must be one for the fleet.
    const fn needs(self) -> (Role, bool) {
        match self {
            Action::View => (Role::Viewer, false),
            Action::Change => (Role::Collaborator, false),
            Action::AdministerProject | Action::GrantRoles => (Role::Admin, false),
            Action::SetQuota => (Role::Admin, true),
            Action::ViewFleet => (Role::Viewer, true),
            Action::OperateFleet => (Role::Collaborator, true),
            Action::AdministerFleet => (Role::Admin, true),
        }
    }
}

/// Decides. Total: every actor, action and scope has an answer.
pub fn permission(actor: &Actor, action: Action, scope: Scope) -> Permission {
    let here = match scope {
        Scope::Project(project) => actor.role_in(project),
        Scope::Fleet => actor.fleet_role,
    };
    let (least, for_fleet) = action.needs();
    let held = if for_fleet { actor.fleet_role } else { here };
    match (held >= Some(least), scope, here) {
        (true, _, _) => Permission::Granted,
        (false, Scope::Project(_), None) => Permission::Hidden,
        (false, _, _) => Permission::Forbidden,
    }
}

/// The same as a refusal. `thing` names what a hidden answer must claim not to exist: noun and name.
///
/// # Errors
/// `forbidden`, `not_found`.
pub fn authorise(actor: &Actor, action: Action, scope: Scope, thing: (&str, &str)) -> Result<(), AppError> {
    match permission(actor, action, scope) {
        Permission::Granted => Ok(()),
        Permission::Hidden => Err(AppError::not_found(thing.0, thing.1)),
        Permission::Forbidden => Err(AppError::refused(ErrorCode::Forbidden, forbidden(action, scope))),
    }
}

/// For what belongs to no project.
///
/// # Errors
/// `forbidden`.
pub fn authorise_fleet(actor: &Actor, action: Action) -> Result<(), AppError> {
    authorise(actor, action, Scope::Fleet, ("fleet", ""))
}

fn forbidden(action: Action, scope: Scope) -> String {
    let (least, for_fleet) = action.needs();
    let place = if for_fleet || scope == Scope::Fleet { "for the fleet" } else { "in this project" };
    format!("this needs the role {least} {place}; an admin can grant it (`berth role grant`)")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const ROLES: [Option<Role>; 4] = [None, Some(Role::Viewer), Some(Role::Collaborator), Some(Role::Admin)];

    fn actor(fleet: Option<Role>, project: Option<Role>, id: ProjectUuid) -> Actor {
        Actor {
            user_id: berth_common::ids::UserUuid::new_v4(),
            name: "someone".parse().expect("a name"),
            fleet_role: fleet,
            project_roles: project.map(|role| (id, role)).into_iter().collect::<BTreeMap<_, _>>(),
            token_id: berth_common::ids::TokenUuid::new_v4(),
            token_expires_at: chrono::DateTime::UNIX_EPOCH,
            cause: "test".to_string(),
        }
    }

    /// The matrix, written out by hand: who needs what, in words a reader can check.
    fn expected(action: Action, fleet: Option<Role>, project: Option<Role>) -> Permission {
        let everywhere = fleet.max(project);
        let granted = match action {
            Action::View => everywhere.is_some(),
            Action::Change => matches!(everywhere, Some(Role::Collaborator | Role::Admin)),
            Action::AdministerProject | Action::GrantRoles => everywhere == Some(Role::Admin),
            Action::SetQuota | Action::AdministerFleet => fleet == Some(Role::Admin),
            Action::ViewFleet => fleet.is_some(),
            Action::OperateFleet => matches!(fleet, Some(Role::Collaborator | Role::Admin)),
        };
        match (granted, everywhere) {
            (true, _) => Permission::Granted,
            (false, None) => Permission::Hidden,
            (false, Some(_)) => Permission::Forbidden,
        }
    }

    #[test]
    fn every_role_pair_gets_what_the_matrix_says_in_its_project() {
        let id = ProjectUuid::new_v4();
        for fleet in ROLES {
            for project in ROLES {
                let actor = actor(fleet, project, id);
                for action in Action::ALL {
                    let found = permission(&actor, *action, Scope::Project(id));
                    assert_eq!(found, expected(*action, fleet, project), "{action:?} {fleet:?} {project:?}");
                }
            }
        }
    }

    #[test]
    fn a_role_in_one_project_is_none_in_another() {
        for fleet in ROLES {
            for project in ROLES {
                let actor = actor(fleet, project, ProjectUuid::new_v4());
                for action in Action::ALL {
                    let found = permission(&actor, *action, Scope::Project(ProjectUuid::new_v4()));
                    assert_eq!(found, expected(*action, fleet, None), "{action:?} {fleet:?} {project:?}");
                }
            }
        }
    }

    #[test]
    fn the_fleet_is_never_hidden_and_needs_a_fleet_role() {
        for fleet in ROLES {
            for project in ROLES {
                let actor = actor(fleet, project, ProjectUuid::new_v4());
                for action in Action::ALL {
                    let granted = expected(*action, fleet, None) == Permission::Granted;
                    let expected = if granted { Permission::Granted } else { Permission::Forbidden };
                    assert_eq!(permission(&actor, *action, Scope::Fleet), expected, "{action:?} {fleet:?}");
                }
            }
        }
    }
}
