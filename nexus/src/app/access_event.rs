//! Events about who may do what: users, their tokens and roles, and the tokens by which hosts become sleds.

use berth_common::Name;
use berth_common::ids::{GenericUuid, JoinTokenUuid, ProjectUuid, UserUuid};
use berth_common::role::Role;
use berth_db::DbResult;
use berth_db::event::{self, NewEvent};
use berth_db::models;
use diesel_async::AsyncPgConnection;
use serde_json::{Value, json};
use uuid::Uuid;

use super::actor::Actor;

/// Who does it, and by which request.
#[derive(Clone, Copy, Debug)]
pub(super) struct By<'a> {
    pub(super) name: &'a str,
    pub(super) cause: &'a str,
}

impl<'a> From<&'a Actor> for By<'a> {
    fn from(actor: &'a Actor) -> By<'a> {
        By { name: actor.name.as_str(), cause: &actor.cause }
    }
}

/// Whom it is about.
#[derive(Clone, Copy, Debug)]
pub(super) struct About<'a> {
    kind: &'static str,
    id: Uuid,
    name: &'a str,
    project: Option<ProjectUuid>,
}

impl<'a> About<'a> {
    pub(super) fn user(id: UserUuid, name: &'a Name) -> About<'a> {
        About { kind: "user", id: id.into_untyped_uuid(), name: name.as_str(), project: None }
    }

    pub(super) fn join_token(id: JoinTokenUuid) -> About<'a> {
        About { kind: "join_token", id: id.into_untyped_uuid(), name: "", project: None }
    }

    pub(super) fn project(project: &'a models::Project) -> About<'a> {
        let about = About {
            kind: "project",
            id: project.id.into_untyped_uuid(),
            name: project.name.as_str(),
            project: None,
        };
        about.in_project(Some(project.id))
    }

    fn in_project(self, project: Option<ProjectUuid>) -> About<'a> {
        About { project, ..self }
    }
}

/// Tells one transition, in the transaction that makes it.
pub(super) async fn tell(
    conn: &mut AsyncPgConnection,
    by: By<'_>,
    about: About<'_>,
    kind: &str,
    message: &str,
    data: Value,
) -> DbResult<()> {
    let told = NewEvent {
        kind,
        subject_kind: about.kind,
        subject: about.id,
        subject_name: about.name,
        project: about.project,
        sled: None,
        actor: by.name,
        cause: by.cause,
        message,
        data,
    };
    event::insert(conn, &[told]).await
}

/// Tells that a user is there.
pub(super) async fn user_made(conn: &mut AsyncPgConnection, by: By<'_>, user: &models::User) -> DbResult<()> {
    let role = user.fleet_role.map_or_else(|| "no role".to_owned(), |role| format!("role {role}"));
    let message = format!("made, with {role} in the fleet");
    let data = json!({"fleet_role": user.fleet_role});
    tell(conn, by, About::user(user.id, &user.name), "user_created", &message, data).await
}

/// Tells that a user's role in a project, or in the fleet, is another one; nothing, if it isn't.
pub(super) async fn role_changed(
    conn: &mut AsyncPgConnection,
    by: By<'_>,
    user: &models::User,
    project: Option<&models::Project>,
    (before, after): (Option<Role>, Option<Role>),
) -> DbResult<()> {
    if before == after {
        return Ok(());
    }
    let place = project.map_or_else(|| "the fleet".to_owned(), |project| format!("project {}", project.name));
    let (kind, message) = match (before, after) {
        (_, Some(role)) => ("role_granted", format!("given role {role} in {place}")),
        (Some(role), None) => ("role_revoked", format!("role {role} in {place} taken away")),
        (None, None) => return Ok(()),
    };
    let about = About::user(user.id, &user.name).in_project(project.map(|project| project.id));
    tell(conn, by, about, kind, &message, json!({"before": before, "after": after})).await
}
