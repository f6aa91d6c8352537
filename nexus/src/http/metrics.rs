//! The door of metrics.

use berth_nexus_api::api::Answer;
use berth_nexus_api::asked::Asked;
use berth_nexus_api::sled::SledPath;
use berth_nexus_api::system::MetricsText;
use dropshot::{Path, RequestContext};

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

/// Read the metrics of a sled's agent, in the text form of OpenMetrics.
pub async fn sled_metrics(rqctx: RequestContext<Doors>, path: Asked<Path<SledPath>>) -> Answer<MetricsText> {
    answer(&rqctx, |door| async move {
        let path = door.path(path)?;
        Ok(MetricsText(app::sled_metrics::sled_metrics(&door.nexus, &door.actor, &path.sled).await?))
    })
    .await
}
