//! The door of events.

use berth_nexus_api::api::Answer;
use berth_nexus_api::asked::Asked;
use berth_nexus_api::event::{EventPage, EventQuery};
use dropshot::{HttpResponseOk, Query, RequestContext};

use super::context::Doors;
use super::door::answer;
use crate::app;
use crate::app::event::Since;

/// List what happened, or wait for it.
pub async fn event_list(
    rqctx: RequestContext<Doors>,
    query: Asked<Query<EventQuery>>,
) -> Answer<HttpResponseOk<EventPage>> {
    answer(&rqctx, |door| async move {
        let query = door.query(query)?;
        let asked = Since { since: query.since, limit: query.limit, wait: query.wait };
        Ok(HttpResponseOk(app::event::event_list(&door.nexus, &door.actor, query.project, asked).await?))
    })
    .await
}
