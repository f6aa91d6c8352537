//! The doors through which a running instance moves, or is ended for certain.

use berth_nexus_api::answer::OperationAnswer;
use berth_nexus_api::api::Answer;
use berth_nexus_api::asked::{Asked, AskedBody};
use berth_nexus_api::instance::{InstanceForceStop, InstanceMigrate, InstancePath};
use berth_nexus_api::page::ProjectQuery;
use dropshot::{Path, Query, RequestContext};

use super::context::Doors;
use super::door::answer;
use crate::app;
use crate::app::find::Which;

/// Migrate a running instance to another sled.
pub async fn instance_migrate(
    rqctx: RequestContext<Doors>,
    path: Asked<Path<InstancePath>>,
    query: Asked<Query<ProjectQuery>>,
    body: AskedBody<InstanceMigrate>,
) -> Answer<OperationAnswer> {
    answer(&rqctx, |door| async move {
        let path = door.path(path)?;
        let query = door.query(query)?;
        let body = door.body(body)?;
        let instance = Which { name_or_id: path.instance, project: query.project };
        app::instance_migrate::instance_migrate(&door.nexus, &door.actor, &instance, body).await
    })
    .await
}

/// End everything that runs of an instance, at once and for certain.
pub async fn instance_force_stop(
    rqctx: RequestContext<Doors>,
    path: Asked<Path<InstancePath>>,
    query: Asked<Query<ProjectQuery>>,
    body: AskedBody<InstanceForceStop>,
) -> Answer<OperationAnswer> {
    answer(&rqctx, |door| async move {
        let path = door.path(path)?;
        let query = door.query(query)?;
        let body = door.body(body)?;
        let instance = Which { name_or_id: path.instance, project: query.project };
        app::instance_force_stop::instance_force_stop(&door.nexus, &door.actor, &instance, body).await
    })
    .await
}
