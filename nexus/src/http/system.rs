//! The doors of the system itself.

use berth_nexus_api::answer::Reply;
use berth_nexus_api::api::Answer;
use berth_nexus_api::check::CheckReport;
use berth_nexus_api::nexus::NexusView;
use berth_nexus_api::openapi::API_VERSION;
use berth_nexus_api::system::{Health, Version};
use berth_nexus_api::user::Whoami;
use dropshot::{HttpResponseOk, RequestContext};

use super::context::Doors;
use super::door::{answer, came_through_the_front};
use super::refusal;
use crate::app;

/// Say who asks, and what they may do where.
pub async fn whoami(rqctx: RequestContext<Doors>) -> Answer<HttpResponseOk<Whoami>> {
    answer(
        &rqctx,
        |door| async move { Ok(HttpResponseOk(app::user::whoami(&door.nexus, &door.actor).await?)) },
    )
    .await
}

/// List the nexus of the cluster.
pub async fn nexus_list(rqctx: RequestContext<Doors>) -> Answer<HttpResponseOk<Vec<NexusView>>> {
    answer(&rqctx, |door| async move {
        Ok(HttpResponseOk(app::system::nexus_list(&door.nexus, &door.actor).await?))
    })
    .await
}

/// Recompute every invariant from the rows.
pub async fn check(rqctx: RequestContext<Doors>) -> Answer<HttpResponseOk<CheckReport>> {
    answer(
        &rqctx,
        |door| async move { Ok(HttpResponseOk(app::system::check(&door.nexus, &door.actor).await?)) },
    )
    .await
}

/// Say that this nexus answers. Needs no token.
pub async fn health(rqctx: RequestContext<Doors>) -> Answer<HttpResponseOk<Health>> {
    let open = came_through_the_front(&rqctx);
    let answer = open.map(|()| HttpResponseOk(Health { status: "ok".to_string() }));
    Ok(Reply(answer.map_err(|error| refusal::to_response(&error, &rqctx.request_id, &rqctx.log))))
}

/// Say which versions answer.
pub async fn version(rqctx: RequestContext<Doors>) -> Answer<HttpResponseOk<Version>> {
    answer(&rqctx, |_door| async {
        Ok(HttpResponseOk(Version {
            api: API_VERSION.to_string(),
            nexus: env!("CARGO_PKG_VERSION").to_string(),
        }))
    })
    .await
}
