//! Pages of instances: of a project, of all, of a sled.

use berth_db::lifecycle::view;
use berth_nexus_api::instance::Instance;
use berth_nexus_api::name_or_id::NameOrId;
use berth_nexus_api::page::{Page, PageQuery, ProjectPageQuery};

use super::actor::Actor;
use super::authorise::{Action, Scope, authorise, authorise_fleet};
use super::error::{AppError, AppResult};
use super::find::{project_of, sled_in};
use super::instance_view::with_operations;
use super::page::{PageLimit, id_token, next_id_token};
use crate::context::Nexus;

/// A page of the instances of a project, or of all.
pub async fn instance_list(
    nexus: &Nexus,
    actor: &Actor,
    query: ProjectPageQuery,
) -> AppResult<Page<Instance>> {
    let project = match &query.project {
        Some(which) => {
            let project = project_of(nexus, actor, Some(which)).await?;
            authorise(actor, Action::View, Scope::Project(project), ("project", &which.to_string()))?;
            Some(project)
        }
        None => {
            authorise_fleet(actor, Action::ViewFleet)?;
            None
        }
    };
    let limit = PageLimit::of(query.limit)?;
    let after = id_token(query.page_token.as_deref())?;
    let mut views = nexus
        .db
        .statement("instance.list", async |conn| {
            Ok::<_, AppError>(view::page(conn, project, after, limit.rows()).await?)
        })
        .await?;
    let count = views.len();
    views.truncate(limit.items() as usize);
    let next_page = next_id_token(limit, views.last().map(|view| view.id), count);
    let items = with_operations(nexus, views).await?;
    Ok(Page { items, next_page })
}

/// A page of the instances that a sled runs.
pub async fn sled_instances(
    nexus: &Nexus,
    actor: &Actor,
    which: &NameOrId,
    query: PageQuery,
) -> AppResult<Page<Instance>> {
    authorise_fleet(actor, Action::ViewFleet)?;
    let limit = PageLimit::of(query.limit)?;
    let after = id_token(query.page_token.as_deref())?;
    let mut views = nexus
        .db
        .statement("instance.of_sled", async |conn| {
            let sled = sled_in(conn, which).await?;
            Ok::<_, AppError>(view::page_of_sled(conn, sled.sled.id, after, limit.rows()).await?)
        })
        .await?;
    let count = views.len();
    views.truncate(limit.items() as usize);
    let next_page = next_id_token(limit, views.last().map(|view| view.id), count);
    let items = with_operations(nexus, views).await?;
    Ok(Page { items, next_page })
}
