//! The doors of sagas.

use berth_nexus_api::api::Answer;
use berth_nexus_api::asked::Asked;
use berth_nexus_api::page::Page;
use berth_nexus_api::saga::{Saga, SagaDetail, SagaListQuery, SagaPath};
use dropshot::{HttpResponseOk, Path, Query, RequestContext};

use super::context::Doors;
use super::door::answer;
use crate::app;

/// List sagas, newest first.
pub async fn saga_list(
    rqctx: RequestContext<Doors>,
    query: Asked<Query<SagaListQuery>>,
) -> Answer<HttpResponseOk<Page<Saga>>> {
    answer(&rqctx, |door| async move {
        let query = door.query(query)?;
        Ok(HttpResponseOk(app::saga::saga_list(&door.nexus, &door.actor, query).await?))
    })
    .await
}

/// View a saga with its steps.
pub async fn saga_view(
    rqctx: RequestContext<Doors>,
    path: Asked<Path<SagaPath>>,
) -> Answer<HttpResponseOk<SagaDetail>> {
    answer(&rqctx, |door| async move {
        let path = door.path(path)?;
        Ok(HttpResponseOk(app::saga::saga_view(&door.nexus, &door.actor, path.saga).await?))
    })
    .await
}

/// Run the failed undo of a stuck saga again.
pub async fn saga_retry(
    rqctx: RequestContext<Doors>,
    path: Asked<Path<SagaPath>>,
) -> Answer<HttpResponseOk<Saga>> {
    answer(&rqctx, |door| async move {
        let path = door.path(path)?;
        Ok(HttpResponseOk(app::saga::saga_retry(&door.nexus, &door.actor, path.saga).await?))
    })
    .await
}

/// Give a stuck saga up: free it, its lock and its operation together.
pub async fn saga_resolve(
    rqctx: RequestContext<Doors>,
    path: Asked<Path<SagaPath>>,
) -> Answer<HttpResponseOk<Saga>> {
    answer(&rqctx, |door| async move {
        let path = door.path(path)?;
        Ok(HttpResponseOk(app::saga::saga_resolve(&door.nexus, &door.actor, path.saga).await?))
    })
    .await
}
