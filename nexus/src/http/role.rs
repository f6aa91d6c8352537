//! The doors of roles.

use berth_nexus_api::api::Answer;
use berth_nexus_api::asked::{Asked, AskedBody};
use berth_nexus_api::page::{Page, ProjectPageQuery};
use berth_nexus_api::role::{RoleGrant, RoleGrantCreate, RoleRevoke};
use dropshot::{HttpResponseDeleted, HttpResponseOk, Query, RequestContext};

use super::context::Doors;
use super::door::answer;
use crate::app;

/// List who has which role in a project, or in the fleet.
pub async fn role_list(
    rqctx: RequestContext<Doors>,
    query: Asked<Query<ProjectPageQuery>>,
) -> Answer<HttpResponseOk<Page<RoleGrant>>> {
    answer(&rqctx, |door| async move {
        let query = door.query(query)?;
        Ok(HttpResponseOk(app::role::role_list(&door.nexus, &door.actor, query).await?))
    })
    .await
}

/// Give a user a role in a project, or in the fleet.
pub async fn role_grant(
    rqctx: RequestContext<Doors>,
    body: AskedBody<RoleGrantCreate>,
) -> Answer<HttpResponseOk<RoleGrant>> {
    answer(&rqctx, |door| async move {
        let body = door.body(body)?;
        Ok(HttpResponseOk(app::role::role_grant(&door.nexus, &door.actor, body).await?))
    })
    .await
}

/// Take a role away.
pub async fn role_revoke(
    rqctx: RequestContext<Doors>,
    body: AskedBody<RoleRevoke>,
) -> Answer<HttpResponseDeleted> {
    answer(&rqctx, |door| async move {
        let body = door.body(body)?;
        app::role::role_revoke(&door.nexus, &door.actor, body).await?;
        Ok(HttpResponseDeleted())
    })
    .await
}
