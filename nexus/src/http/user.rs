//! The doors of users.

use berth_nexus_api::api::Answer;
use berth_nexus_api::asked::{Asked, AskedBody};
use berth_nexus_api::headers::IdempotencyHeader;
use berth_nexus_api::page::{Page, PageQuery};
use berth_nexus_api::user::{User, UserCreate};
use dropshot::{Header, HttpResponseCreated, HttpResponseOk, Query, RequestContext};

use super::context::Doors;
use super::door::answer;
use super::headers::once;
use crate::app;

/// List users.
pub async fn user_list(
    rqctx: RequestContext<Doors>,
    query: Asked<Query<PageQuery>>,
) -> Answer<HttpResponseOk<Page<User>>> {
    answer(&rqctx, |door| async move {
        let query = door.query(query)?;
        Ok(HttpResponseOk(app::user::user_list(&door.nexus, &door.actor, query).await?))
    })
    .await
}

/// Make a user.
pub async fn user_create(
    rqctx: RequestContext<Doors>,
    headers: Asked<Header<IdempotencyHeader>>,
    body: AskedBody<UserCreate>,
) -> Answer<HttpResponseCreated<User>> {
    answer(&rqctx, |door| async move {
        let headers = door.headers(headers)?;
        let body = door.body(body)?;
        let once = once(headers, "user_create", &body)?;
        Ok(HttpResponseCreated(app::user::user_create(&door.nexus, &door.actor, body, once).await?))
    })
    .await
}
