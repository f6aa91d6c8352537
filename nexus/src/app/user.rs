//! Users, and who one is.

use berth_common::ids::{GenericUuid, UserUuid};
use berth_common::refusal::ErrorCode;
use berth_db::page::{ByName, Paging};
use berth_db::{models, role, user};
use berth_nexus_api::Page;
use berth_nexus_api::page::PageQuery;
use berth_nexus_api::user::{ProjectMembership, User, UserCreate, Whoami};

use super::access_event::user_made;
use super::actor::Actor;
use super::authorise::{Action, authorise_fleet};
use super::error::{AppError, AppResult};
use super::idempotent::{Claim, Keyed, claim};
use super::page::{paging, shown};
use crate::context::Nexus;

/// More projects than anyone has roles in; whoever has more sees these.
const MEMBERSHIPS_SHOWN: u32 = 1000;

/// All users.
pub async fn user_list(nexus: &Nexus, actor: &Actor, query: PageQuery) -> AppResult<Page<User>> {
    authorise_fleet(actor, Action::AdministerFleet)?;
    let paging = paging(query.limit, query.page_token.as_deref())?;
    let rows = nexus
        .db
        .statement("user.list", async |conn| Ok::<_, AppError>(user::list(conn, &paging).await?))
        .await?;
    Ok(shown(rows, view))
}

/// Makes a user, who can do nothing until a token and a role are given.
pub async fn user_create(
    nexus: &Nexus,
    actor: &Actor,
    wanted: UserCreate,
    key: Option<Keyed>,
) -> AppResult<User> {
    authorise_fleet(actor, Action::AdministerFleet)?;
    let id = UserUuid::new_v4();
    let made = nexus.db.transaction("user.create", async |conn| {
        match claim(conn, actor, key.as_ref(), id.into_untyped_uuid(), None).await? {
            Claim::First => {
                let made = user::create(conn, id, &wanted.name, wanted.fleet_role).await?;
                user_made(conn, actor.into(), &made).await?;
                Ok(made)
            }
            Claim::Before { subject, .. } => user::by_id(conn, UserUuid::from_untyped_uuid(subject))
                .await?
                .ok_or_else(|| AppError::not_found("user", subject)),
        }
    });
    let made = made.await.map_err(|error: AppError| {
        error.or_if_conflict("api_user_name_key", || {
            let name = &wanted.name;
            AppError::refused(ErrorCode::NameTaken, format!("a user {name} exists; choose another name"))
        })
    });
    made.map(view)
}

/// Who asks, and what they may do where.
pub async fn whoami(nexus: &Nexus, actor: &Actor) -> AppResult<Whoami> {
    let user_id = actor.user_id;
    let (user, memberships) = nexus
        .db
        .statement("user.whoami", async |conn| {
            let user =
                user::by_id(conn, user_id).await?.ok_or_else(|| AppError::not_found("user", user_id))?;
            let paging: Paging<ByName> = Paging::first(MEMBERSHIPS_SHOWN);
            Ok::<_, AppError>((user, role::of_user(conn, user_id, &paging).await?))
        })
        .await?;
    let projects = memberships.items.into_iter().map(|membership| ProjectMembership {
        project_id: membership.project,
        project_name: membership.project_name,
        role: membership.role,
    });
    Ok(Whoami { user: view(user), projects: projects.collect(), token_expires_at: actor.token_expires_at })
}

fn view(user: models::User) -> User {
    User { id: user.id, name: user.name, fleet_role: user.fleet_role, created_at: user.created_at }
}
