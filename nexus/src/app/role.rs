//! Roles: who may do what, in one project or in the fleet.

use berth_db::page::{ByName, Paging};
use berth_db::{models, role, user};
use berth_nexus_api::page::ProjectPageQuery;
use berth_nexus_api::role::{RoleGrant, RoleGrantCreate, RoleRevoke};
use berth_nexus_api::{NameOrId, Page};
use diesel_async::AsyncPgConnection;

use super::access_event::role_changed;
use super::actor::Actor;
use super::authorise::{Action, Scope, authorise, authorise_fleet};
use super::error::{AppError, AppResult};
use super::find::{project_in, user_in};
use super::page::{paging, shown, token};
use crate::context::Nexus;

/// Who has which role in a project; without one, in the fleet.
pub async fn role_list(nexus: &Nexus, actor: &Actor, query: ProjectPageQuery) -> AppResult<Page<RoleGrant>> {
    let paging: Paging<ByName> = paging(query.limit, query.page_token.as_deref())?;
    let Some(which) = query.project else { return fleet_roles(nexus, actor, &paging).await };
    let rows = nexus
        .db
        .statement("role.list", async |conn| {
            let project = project_in(conn, &which).await?;
            authorise(actor, Action::View, Scope::Project(project.id), ("project", &which.to_string()))?;
            Ok::<_, AppError>(role::of_project(conn, project.id, &paging).await?)
        })
        .await?;
    Ok(shown(rows, |held| RoleGrant {
        user_id: held.user,
        user_name: held.user_name,
        project_id: Some(held.project),
        role: held.role,
    }))
}

async fn fleet_roles(nexus: &Nexus, actor: &Actor, paging: &Paging<ByName>) -> AppResult<Page<RoleGrant>> {
    authorise_fleet(actor, Action::ViewFleet)?;
    let users = nexus
        .db
        .statement("role.list_fleet", async |conn| Ok::<_, AppError>(user::list(conn, paging).await?))
        .await?;
    // A page of users can hold few with a role, or none: the token goes on all the same.
    let next_page = users.next.as_ref().and_then(token);
    let held = users.items.into_iter().filter_map(|user| {
        let role = user.fleet_role?;
        Some(RoleGrant { user_id: user.id, user_name: user.name, project_id: None, role })
    });
    Ok(Page { items: held.collect(), next_page })
}

/// Gives a user a role, in place of the one held there.
pub async fn role_grant(nexus: &Nexus, actor: &Actor, wanted: RoleGrantCreate) -> AppResult<RoleGrant> {
    nexus
        .db
        .transaction("role.grant", async |conn| {
            let project = grantable(conn, actor, wanted.project.as_ref()).await?;
            let user = user_in(conn, &wanted.user).await?;
            let before = match &project {
                Some(project) => {
                    let before = role::held(conn, user.id, project.id).await?;
                    role::grant(conn, user.id, project.id, wanted.role).await?;
                    before
                }
                None => {
                    not_the_own_fleet_role(actor, &user)?;
                    user::set_fleet_role(conn, user.id, Some(wanted.role)).await?;
                    user.fleet_role
                }
            };
            let change = (before, Some(wanted.role));
            role_changed(conn, actor.into(), &user, project.as_ref(), change).await?;
            let project_id = project.map(|project| project.id);
            Ok(RoleGrant { user_id: user.id, user_name: user.name, project_id, role: wanted.role })
        })
        .await
}

/// Takes a role away. A role that isn't held is taken away already.
pub async fn role_revoke(nexus: &Nexus, actor: &Actor, wanted: RoleRevoke) -> AppResult<()> {
    nexus
        .db
        .transaction("role.revoke", async |conn| {
            let project = grantable(conn, actor, wanted.project.as_ref()).await?;
            let user = user_in(conn, &wanted.user).await?;
            let before = match &project {
                Some(project) => {
                    let before = role::held(conn, user.id, project.id).await?;
                    role::revoke(conn, user.id, project.id).await?;
                    before
                }
                None => {
                    not_the_own_fleet_role(actor, &user)?;
                    user::set_fleet_role(conn, user.id, None).await?;
                    user.fleet_role
                }
            };
            Ok(role_changed(conn, actor.into(), &user, project.as_ref(), (before, None)).await?)
        })
        .await
}

/// The project in which roles are granted, or none for the fleet, if the actor may.
async fn grantable(
    conn: &mut AsyncPgConnection,
    actor: &Actor,
    project: Option<&NameOrId>,
) -> AppResult<Option<models::Project>> {
    let Some(which) = project else {
        authorise_fleet(actor, Action::GrantRoles)?;
        return Ok(None);
    };
    let project = project_in(conn, which).await?;
    authorise(actor, Action::GrantRoles, Scope::Project(project.id), ("project", &which.to_string()))?;
    Ok(Some(project))
}

/// The last admin could not be made again by anyone, so no admin ends itself.
fn not_the_own_fleet_role(actor: &Actor, user: &models::User) -> AppResult<()> {
    if user.id == actor.user_id {
        return Err(AppError::invalid("nobody changes their own fleet role; ask another admin"));
    }
    Ok(())
}
