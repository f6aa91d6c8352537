//! The doors of operations.

use berth_nexus_api::api::Answer;
use berth_nexus_api::asked::Asked;
use berth_nexus_api::operation::{Operation, OperationListQuery, OperationPath, OperationQuery};
use berth_nexus_api::page::Page;
use dropshot::{HttpResponseOk, Path, Query, RequestContext};

use super::context::Doors;
use super::door::answer;
use crate::app;

/// List operations, newest first.
pub async fn operation_list(
    rqctx: RequestContext<Doors>,
    query: Asked<Query<OperationListQuery>>,
) -> Answer<HttpResponseOk<Page<Operation>>> {
    answer(&rqctx, |door| async move {
        let query = door.query(query)?;
        Ok(HttpResponseOk(app::operation::operation_list(&door.nexus, &door.actor, query).await?))
    })
    .await
}

/// View an operation, or wait for its end.
pub async fn operation_view(
    rqctx: RequestContext<Doors>,
    path: Asked<Path<OperationPath>>,
    query: Asked<Query<OperationQuery>>,
) -> Answer<HttpResponseOk<Operation>> {
    answer(&rqctx, |door| async move {
        let path = door.path(path)?;
        let query = door.query(query)?;
        Ok(HttpResponseOk(
            app::operation::operation_view(&door.nexus, &door.actor, path.operation, query.wait).await?,
        ))
    })
    .await
}

/// Ask for an operation to be given up. It ends by itself soon after.
pub async fn operation_cancel(
    rqctx: RequestContext<Doors>,
    path: Asked<Path<OperationPath>>,
) -> Answer<HttpResponseOk<Operation>> {
    answer(&rqctx, |door| async move {
        let path = door.path(path)?;
        Ok(HttpResponseOk(app::operation::operation_cancel(&door.nexus, &door.actor, path.operation).await?))
    })
    .await
}
