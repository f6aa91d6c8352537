//! The doors of join tokens.

use berth_nexus_api::api::Answer;
use berth_nexus_api::asked::{Asked, AskedBody};
use berth_nexus_api::join_token::{JoinToken, JoinTokenCreate, JoinTokenMade, JoinTokenPath};
use berth_nexus_api::page::{Page, PageQuery};
use dropshot::{HttpResponseCreated, HttpResponseDeleted, HttpResponseOk, Path, Query, RequestContext};

use super::context::Doors;
use super::door::answer;
use crate::app;

/// List join tokens.
pub async fn join_token_list(
    rqctx: RequestContext<Doors>,
    query: Asked<Query<PageQuery>>,
) -> Answer<HttpResponseOk<Page<JoinToken>>> {
    answer(&rqctx, |door| async move {
        let query = door.query(query)?;
        Ok(HttpResponseOk(app::join_token::join_token_list(&door.nexus, &door.actor, query).await?))
    })
    .await
}

/// Make a one-time token by which a host becomes a sled.
pub async fn join_token_create(
    rqctx: RequestContext<Doors>,
    body: AskedBody<JoinTokenCreate>,
) -> Answer<HttpResponseCreated<JoinTokenMade>> {
    answer(&rqctx, |door| async move {
        let body = door.body(body)?;
        Ok(HttpResponseCreated(app::join_token::join_token_create(&door.nexus, &door.actor, body).await?))
    })
    .await
}

/// Revoke a join token.
pub async fn join_token_revoke(
    rqctx: RequestContext<Doors>,
    path: Asked<Path<JoinTokenPath>>,
) -> Answer<HttpResponseDeleted> {
    answer(&rqctx, |door| async move {
        let path = door.path(path)?;
        app::join_token::join_token_revoke(&door.nexus, &door.actor, path.join_token).await?;
        Ok(HttpResponseDeleted())
    })
    .await
}
