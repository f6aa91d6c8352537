//! The door of metrics.

use berth_nexus_api::api::Answer;
use berth_nexus_api::system::MetricsText;
use dropshot::RequestContext;

use super::context::Doors;
use super::door::answer;
use crate::app;

/// Read this nexus' metrics, in the text form of OpenMetrics.
pub async fn metrics(rqctx: RequestContext<Doors>) -> Answer<MetricsText> {
    answer(
        &rqctx,
        |door| async move { Ok(MetricsText(app::metrics::metrics(&door.nexus, &door.actor).await?)) },
    )
    .await
}
