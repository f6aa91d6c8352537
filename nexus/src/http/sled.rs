//! The doors of sleds.

use berth_nexus_api::api::Answer;
use berth_nexus_api::asked::Asked;
use berth_nexus_api::event::{EventPage, SledEventQuery};
use berth_nexus_api::explain::SledExplanation;
use berth_nexus_api::instance::Instance;
use berth_nexus_api::page::{Page, PageQuery};
use berth_nexus_api::sled::{Sled, SledPath};
use dropshot::{HttpResponseOk, Path, Query, RequestContext};

use super::context::Doors;
use super::door::answer;
use crate::app;
use crate::app::event::Since;

/// List sleds.
pub async fn sled_list(
    rqctx: RequestContext<Doors>,
    query: Asked<Query<PageQuery>>,
) -> Answer<HttpResponseOk<Page<Sled>>> {
    answer(&rqctx, |door| async move {
        let query = door.query(query)?;
        Ok(HttpResponseOk(app::sled::sled_list(&door.nexus, &door.actor, query).await?))
    })
    .await
}

/// View a sled.
pub async fn sled_view(
    rqctx: RequestContext<Doors>,
    path: Asked<Path<SledPath>>,
) -> Answer<HttpResponseOk<Sled>> {
    answer(&rqctx, |door| async move {
        let path = door.path(path)?;
        Ok(HttpResponseOk(app::sled::sled_view(&door.nexus, &door.actor, &path.sled).await?))
    })
    .await
}

/// Let a sled take no new instances. What runs there runs on.
pub async fn sled_cordon(
    rqctx: RequestContext<Doors>,
    path: Asked<Path<SledPath>>,
) -> Answer<HttpResponseOk<Sled>> {
    answer(&rqctx, |door| async move {
        let path = door.path(path)?;
        Ok(HttpResponseOk(app::sled::sled_cordon(&door.nexus, &door.actor, &path.sled).await?))
    })
    .await
}

/// Let a sled take instances again.
pub async fn sled_uncordon(
    rqctx: RequestContext<Doors>,
    path: Asked<Path<SledPath>>,
) -> Answer<HttpResponseOk<Sled>> {
    answer(&rqctx, |door| async move {
        let path = door.path(path)?;
        Ok(HttpResponseOk(app::sled::sled_uncordon(&door.nexus, &door.actor, &path.sled).await?))
    })
    .await
}

/// Explain why a sled is as it is.
pub async fn sled_explain(
    rqctx: RequestContext<Doors>,
    path: Asked<Path<SledPath>>,
) -> Answer<HttpResponseOk<SledExplanation>> {
    answer(&rqctx, |door| async move {
        let path = door.path(path)?;
        Ok(HttpResponseOk(app::sled_explain::sled_explain(&door.nexus, &door.actor, &path.sled).await?))
    })
    .await
}

/// List what happened on a sled.
pub async fn sled_events(
    rqctx: RequestContext<Doors>,
    path: Asked<Path<SledPath>>,
    query: Asked<Query<SledEventQuery>>,
) -> Answer<HttpResponseOk<EventPage>> {
    answer(&rqctx, |door| async move {
        let path = door.path(path)?;
        let query = door.query(query)?;
        let asked = Since { since: query.since, limit: query.limit, wait: query.wait };
        Ok(HttpResponseOk(app::event::sled_events(&door.nexus, &door.actor, &path.sled, asked).await?))
    })
    .await
}

/// List the instances of a sled.
pub async fn sled_instances(
    rqctx: RequestContext<Doors>,
    path: Asked<Path<SledPath>>,
    query: Asked<Query<PageQuery>>,
) -> Answer<HttpResponseOk<Page<Instance>>> {
    answer(&rqctx, |door| async move {
        let path = door.path(path)?;
        let query = door.query(query)?;
        Ok(HttpResponseOk(
            app::instance_list::sled_instances(&door.nexus, &door.actor, &path.sled, query).await?,
        ))
    })
    .await
}
