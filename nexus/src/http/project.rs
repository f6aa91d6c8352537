//! The doors of projects.

use berth_nexus_api::api::Answer;
use berth_nexus_api::asked::{Asked, AskedBody};
use berth_nexus_api::headers::{IdempotencyHeader, IfMatchHeader};
use berth_nexus_api::page::{Page, PageQuery};
use berth_nexus_api::project::{Project, ProjectCreate, ProjectPath, ProjectUpdate};
use dropshot::{
    Header, HttpResponseCreated, HttpResponseDeleted, HttpResponseOk, Path, Query, RequestContext,
};

use super::context::Doors;
use super::door::answer;
use super::headers::{if_match, once};
use crate::app;

/// List the projects one can see.
pub async fn project_list(
    rqctx: RequestContext<Doors>,
    query: Asked<Query<PageQuery>>,
) -> Answer<HttpResponseOk<Page<Project>>> {
    answer(&rqctx, |door| async move {
        let query = door.query(query)?;
        Ok(HttpResponseOk(app::project::project_list(&door.nexus, &door.actor, query).await?))
    })
    .await
}

/// Make a project.
pub async fn project_create(
    rqctx: RequestContext<Doors>,
    headers: Asked<Header<IdempotencyHeader>>,
    body: AskedBody<ProjectCreate>,
) -> Answer<HttpResponseCreated<Project>> {
    answer(&rqctx, |door| async move {
        let headers = door.headers(headers)?;
        let body = door.body(body)?;
        let once = once(headers, "project_create", &body)?;
        Ok(HttpResponseCreated(app::project::project_create(&door.nexus, &door.actor, body, once).await?))
    })
    .await
}

/// View a project.
pub async fn project_view(
    rqctx: RequestContext<Doors>,
    path: Asked<Path<ProjectPath>>,
) -> Answer<HttpResponseOk<Project>> {
    answer(&rqctx, |door| async move {
        let path = door.path(path)?;
        Ok(HttpResponseOk(app::project::project_view(&door.nexus, &door.actor, &path.project).await?))
    })
    .await
}

/// Change a project.
pub async fn project_update(
    rqctx: RequestContext<Doors>,
    path: Asked<Path<ProjectPath>>,
    headers: Asked<Header<IfMatchHeader>>,
    body: AskedBody<ProjectUpdate>,
) -> Answer<HttpResponseOk<Project>> {
    answer(&rqctx, |door| async move {
        let path = door.path(path)?;
        let headers = door.headers(headers)?;
        let body = door.body(body)?;
        let expected = if_match(headers)?;
        Ok(HttpResponseOk(
            app::project::project_update(&door.nexus, &door.actor, &path.project, expected, body).await?,
        ))
    })
    .await
}

/// Delete a project. It must be empty.
pub async fn project_delete(
    rqctx: RequestContext<Doors>,
    path: Asked<Path<ProjectPath>>,
) -> Answer<HttpResponseDeleted> {
    answer(&rqctx, |door| async move {
        let path = door.path(path)?;
        app::project::project_delete(&door.nexus, &door.actor, &path.project).await?;
        Ok(HttpResponseDeleted())
    })
    .await
}
