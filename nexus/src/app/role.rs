//! Roles: who may do what, in one project or in the fleet.

use berth_db::page::{ByName, Paging};
use berth_db::{role, user};
use berth_nexus_api::page::ProjectPageQuery;
use berth_nexus_api::role::{RoleGrant, RoleGrantCreate, RoleRevoke};
use berth_nexus_api::{NameOrId, Page};
use diesel_async::AsyncPgConnection;

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
            let scope = grantable(conn, actor, wanted.project.as_ref()).await?;
            let user = user_in(conn, &wanted.user).await?;
            let project_id = match scope {
                Scope::Project(project) => {
                    role::grant(conn, user.id, project, wanted.role).await?;
                    Some(project)
                }
                Scope::Fleet => {
                    not_the_own_fleet_role(actor, &user)?;
                    user::set_fleet_role(conn, user.id, Some(wanted.role)).await?;
                    None
                }
            };
            Ok(RoleGrant { user_id: user.id, user_name: user.name, project_id, role: wanted.role })
        })
        .await
}

/// Takes a role away. A role that isn't held is taken away already.
pub async fn role_revoke(nexus: &Nexus, actor: &Actor, wanted: RoleRevoke) -> AppResult<()> {
    nexus
        .db
        .transaction("role.revoke", async |conn| {
            let scope = grantable(conn, actor, wanted.project.as_ref()).await?;
            let user = user_in(conn, &wanted.user).await?;
            match scope {
                Scope::Project(project) => role::revoke(conn, user.id, project).await?,
                Scope::Fleet => {
                    not_the_own_fleet_role(actor, &user)?;
                    user::set_fleet_role(conn, user.id, None).await?
                }
            };
            Ok(())
        })
        .await
}

/// Where roles are granted, if the actor may.
async fn grantable(
    conn: &mut AsyncPgConnection,
    actor: &Actor,
    project: Option<&NameOrId>,
) -> AppResult<Scope> {
    let Some(which) = project else {
        authorise_fleet(actor, Action::GrantRoles)?;
        return Ok(Scope::Fleet);
    };
    let scope = Scope::Project(project_in(conn, which).await?.id);
    authorise(actor, Action::GrantRoles, scope, ("project", &which.to_string()))?;
    Ok(scope)
}

/// The last admin could not be made again by anyone, so no admin ends itself.
fn not_the_own_fleet_role(actor: &Actor, user: &berth_db::models::User) -> AppResult<()> {
    if user.id == actor.user_id {
        return Err(AppError::invalid("nobody changes their own fleet role; ask another admin"));
    }
    Ok(())
}
