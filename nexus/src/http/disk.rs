//! The doors of disks and of the pools they are in.

use berth_nexus_api::answer::OperationAnswer;
use berth_nexus_api::api::Answer;
use berth_nexus_api::asked::{Asked, AskedBody};
use berth_nexus_api::disk::{Disk, DiskAttach, DiskCreate, DiskPath};
use berth_nexus_api::headers::IdempotencyHeader;
use berth_nexus_api::page::{InProjectQuery, Page, PageQuery, ProjectPageQuery, ProjectQuery};
use berth_nexus_api::pool::Pool;
use dropshot::{Header, HttpResponseOk, Path, Query, RequestContext};

use super::context::Doors;
use super::door::answer;
use super::headers::once;
use crate::app;
use crate::app::find::Which;

/// List disks.
pub async fn disk_list(
    rqctx: RequestContext<Doors>,
    query: Asked<Query<ProjectPageQuery>>,
) -> Answer<HttpResponseOk<Page<Disk>>> {
    answer(&rqctx, |door| async move {
        let query = door.query(query)?;
        Ok(HttpResponseOk(app::disk::disk_list(&door.nexus, &door.actor, query).await?))
    })
    .await
}

/// Make a disk, empty or from an image.
pub async fn disk_create(
    rqctx: RequestContext<Doors>,
    query: Asked<Query<InProjectQuery>>,
    headers: Asked<Header<IdempotencyHeader>>,
    body: AskedBody<DiskCreate>,
) -> Answer<OperationAnswer> {
    answer(&rqctx, |door| async move {
        let query = door.query(query)?;
        let headers = door.headers(headers)?;
        let body = door.body(body)?;
        let once = once(headers, "disk_create", &(query.project.to_string(), &body))?;
        app::disk_create::disk_create(&door.nexus, &door.actor, query.project, body, once).await
    })
    .await
}

/// View a disk.
pub async fn disk_view(
    rqctx: RequestContext<Doors>,
    path: Asked<Path<DiskPath>>,
    query: Asked<Query<ProjectQuery>>,
) -> Answer<HttpResponseOk<Disk>> {
    answer(&rqctx, |door| async move {
        let path = door.path(path)?;
        let query = door.query(query)?;
        let disk = Which { name_or_id: path.disk, project: query.project };
        Ok(HttpResponseOk(app::disk::disk_view(&door.nexus, &door.actor, &disk).await?))
    })
    .await
}

/// Delete a disk that is attached to nothing.
pub async fn disk_delete(
    rqctx: RequestContext<Doors>,
    path: Asked<Path<DiskPath>>,
    query: Asked<Query<ProjectQuery>>,
) -> Answer<OperationAnswer> {
    answer(&rqctx, |door| async move {
        let path = door.path(path)?;
        let query = door.query(query)?;
        let disk = Which { name_or_id: path.disk, project: query.project };
        app::disk_delete::disk_delete(&door.nexus, &door.actor, &disk).await
    })
    .await
}

/// Attach a disk to a stopped instance.
pub async fn disk_attach(
    rqctx: RequestContext<Doors>,
    path: Asked<Path<DiskPath>>,
    query: Asked<Query<ProjectQuery>>,
    body: AskedBody<DiskAttach>,
) -> Answer<HttpResponseOk<Disk>> {
    answer(&rqctx, |door| async move {
        let path = door.path(path)?;
        let query = door.query(query)?;
        let body = door.body(body)?;
        let disk = Which { name_or_id: path.disk, project: query.project };
        Ok(HttpResponseOk(app::disk::disk_attach(&door.nexus, &door.actor, &disk, &body.instance).await?))
    })
    .await
}

/// Detach a disk from its stopped instance.
pub async fn disk_detach(
    rqctx: RequestContext<Doors>,
    path: Asked<Path<DiskPath>>,
    query: Asked<Query<ProjectQuery>>,
) -> Answer<HttpResponseOk<Disk>> {
    answer(&rqctx, |door| async move {
        let path = door.path(path)?;
        let query = door.query(query)?;
        let disk = Which { name_or_id: path.disk, project: query.project };
        Ok(HttpResponseOk(app::disk::disk_detach(&door.nexus, &door.actor, &disk).await?))
    })
    .await
}

/// List storage pools.
pub async fn pool_list(
    rqctx: RequestContext<Doors>,
    query: Asked<Query<PageQuery>>,
) -> Answer<HttpResponseOk<Page<Pool>>> {
    answer(&rqctx, |door| async move {
        let query = door.query(query)?;
        Ok(HttpResponseOk(app::pool::pool_list(&door.nexus, &door.actor, query).await?))
    })
    .await
}
