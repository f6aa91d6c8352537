//! The doors of tokens.

use berth_nexus_api::api::Answer;
use berth_nexus_api::asked::{Asked, AskedBody};
use berth_nexus_api::page::Page;
use berth_nexus_api::token::{Token, TokenCreate, TokenListQuery, TokenMade, TokenPath};
use dropshot::{HttpResponseCreated, HttpResponseDeleted, HttpResponseOk, Path, Query, RequestContext};

use super::context::Doors;
use super::door::answer;
use crate::app;

/// List a user's tokens.
pub async fn token_list(
    rqctx: RequestContext<Doors>,
    query: Asked<Query<TokenListQuery>>,
) -> Answer<HttpResponseOk<Page<Token>>> {
    answer(&rqctx, |door| async move {
        let query = door.query(query)?;
        Ok(HttpResponseOk(app::token::token_list(&door.nexus, &door.actor, query).await?))
    })
    .await
}

/// Make a token.
pub async fn token_create(
    rqctx: RequestContext<Doors>,
    body: AskedBody<TokenCreate>,
) -> Answer<HttpResponseCreated<TokenMade>> {
    answer(&rqctx, |door| async move {
        let body = door.body(body)?;
        Ok(HttpResponseCreated(app::token::token_create(&door.nexus, &door.actor, body).await?))
    })
    .await
}

/// Revoke a token.
pub async fn token_revoke(
    rqctx: RequestContext<Doors>,
    path: Asked<Path<TokenPath>>,
) -> Answer<HttpResponseDeleted> {
    answer(&rqctx, |door| async move {
        let path = door.path(path)?;
        app::token::token_revoke(&door.nexus, &door.actor, path.token).await?;
        Ok(HttpResponseDeleted())
    })
    .await
}
