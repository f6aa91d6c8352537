//! The doors of instances.

use berth_nexus_api::answer::{OperationAnswer, Upgraded};
use berth_nexus_api::api::Answer;
use berth_nexus_api::asked::{Asked, AskedBody, AskedUpgrade};
use berth_nexus_api::event::{EventPage, SubjectEventQuery};
use berth_nexus_api::explain::InstanceExplanation;
use berth_nexus_api::headers::{IdempotencyHeader, IfMatchHeader};
use berth_nexus_api::instance::{
    Instance, InstanceCreate, InstancePath, InstanceReboot, InstanceStop, InstanceUpdate,
};
use berth_nexus_api::page::{InProjectQuery, Page, ProjectPageQuery, ProjectQuery};
use berth_nexus_api::serial::{ConsoleQuery, SerialHistory, SerialQuery};
use dropshot::{Header, HttpResponse, HttpResponseOk, Path, Query, RequestContext};

use super::context::Doors;
use super::door::answer;
use super::headers::{if_match, once};
use crate::app;
use crate::app::error::AppError;
use crate::app::event::Since;
use crate::app::find::Which;
use crate::app::instance_serial::SerialPart;

/// List instances.
pub async fn instance_list(
    rqctx: RequestContext<Doors>,
    query: Asked<Query<ProjectPageQuery>>,
) -> Answer<HttpResponseOk<Page<Instance>>> {
    answer(&rqctx, |door| async move {
        let query = door.query(query)?;
        Ok(HttpResponseOk(app::instance_list::instance_list(&door.nexus, &door.actor, query).await?))
    })
    .await
}

/// Make an instance.
pub async fn instance_create(
    rqctx: RequestContext<Doors>,
    query: Asked<Query<InProjectQuery>>,
    headers: Asked<Header<IdempotencyHeader>>,
    body: AskedBody<InstanceCreate>,
) -> Answer<OperationAnswer> {
    answer(&rqctx, |door| async move {
        let query = door.query(query)?;
        let headers = door.headers(headers)?;
        let body = door.body(body)?;
        let once = once(headers, "instance_create", &(query.project.to_string(), &body))?;
        app::instance_create::instance_create(&door.nexus, &door.actor, query.project, body, once).await
    })
    .await
}

/// View an instance.
pub async fn instance_view(
    rqctx: RequestContext<Doors>,
    path: Asked<Path<InstancePath>>,
    query: Asked<Query<ProjectQuery>>,
) -> Answer<HttpResponseOk<Instance>> {
    answer(&rqctx, |door| async move {
        let path = door.path(path)?;
        let query = door.query(query)?;
        let instance = Which { name_or_id: path.instance, project: query.project };
        Ok(HttpResponseOk(app::instance_view::instance_view(&door.nexus, &door.actor, &instance).await?))
    })
    .await
}

/// Change an instance.
pub async fn instance_update(
    rqctx: RequestContext<Doors>,
    path: Asked<Path<InstancePath>>,
    query: Asked<Query<ProjectQuery>>,
    headers: Asked<Header<IfMatchHeader>>,
    body: AskedBody<InstanceUpdate>,
) -> Answer<HttpResponseOk<Instance>> {
    answer(&rqctx, |door| async move {
        let path = door.path(path)?;
        let query = door.query(query)?;
        let headers = door.headers(headers)?;
        let body = door.body(body)?;
        let expected = if_match(headers)?;
        let instance = Which { name_or_id: path.instance, project: query.project };
        Ok(HttpResponseOk(
            app::instance_update::instance_update(&door.nexus, &door.actor, &instance, expected, body)
                .await?,
        ))
    })
    .await
}

/// Delete an instance, in whatever state. Its disks stay.
pub async fn instance_delete(
    rqctx: RequestContext<Doors>,
    path: Asked<Path<InstancePath>>,
    query: Asked<Query<ProjectQuery>>,
) -> Answer<OperationAnswer> {
    answer(&rqctx, |door| async move {
        let path = door.path(path)?;
        let query = door.query(query)?;
        let instance = Which { name_or_id: path.instance, project: query.project };
        app::instance_delete::instance_delete(&door.nexus, &door.actor, &instance).await
    })
    .await
}

/// Start an instance.
pub async fn instance_start(
    rqctx: RequestContext<Doors>,
    path: Asked<Path<InstancePath>>,
    query: Asked<Query<ProjectQuery>>,
) -> Answer<OperationAnswer> {
    answer(&rqctx, |door| async move {
        let path = door.path(path)?;
        let query = door.query(query)?;
        let instance = Which { name_or_id: path.instance, project: query.project };
        app::instance_start::instance_start(&door.nexus, &door.actor, &instance).await
    })
    .await
}

/// Stop an instance, by the power button first.
pub async fn instance_stop(
    rqctx: RequestContext<Doors>,
    path: Asked<Path<InstancePath>>,
    query: Asked<Query<ProjectQuery>>,
    body: AskedBody<InstanceStop>,
) -> Answer<OperationAnswer> {
    answer(&rqctx, |door| async move {
        let path = door.path(path)?;
        let query = door.query(query)?;
        let body = door.body(body)?;
        let instance = Which { name_or_id: path.instance, project: query.project };
        app::instance_stop::instance_stop(&door.nexus, &door.actor, &instance, body).await
    })
    .await
}

/// Reboot an instance in place.
pub async fn instance_reboot(
    rqctx: RequestContext<Doors>,
    path: Asked<Path<InstancePath>>,
    query: Asked<Query<ProjectQuery>>,
    body: AskedBody<InstanceReboot>,
) -> Answer<OperationAnswer> {
    answer(&rqctx, |door| async move {
        let path = door.path(path)?;
        let query = door.query(query)?;
        let body = door.body(body)?;
        let instance = Which { name_or_id: path.instance, project: query.project };
        app::instance_reboot::instance_reboot(&door.nexus, &door.actor, &instance, body).await
    })
    .await
}

/// Explain why an instance is as it is.
pub async fn instance_explain(
    rqctx: RequestContext<Doors>,
    path: Asked<Path<InstancePath>>,
    query: Asked<Query<ProjectQuery>>,
) -> Answer<HttpResponseOk<InstanceExplanation>> {
    answer(&rqctx, |door| async move {
        let path = door.path(path)?;
        let query = door.query(query)?;
        let instance = Which { name_or_id: path.instance, project: query.project };
        Ok(HttpResponseOk(
            app::instance_explain::instance_explain(&door.nexus, &door.actor, &instance).await?,
        ))
    })
    .await
}

/// List what happened to an instance.
pub async fn instance_events(
    rqctx: RequestContext<Doors>,
    path: Asked<Path<InstancePath>>,
    query: Asked<Query<SubjectEventQuery>>,
) -> Answer<HttpResponseOk<EventPage>> {
    answer(&rqctx, |door| async move {
        let path = door.path(path)?;
        let query = door.query(query)?;
        let asked = Since { since: query.since, limit: query.limit, wait: query.wait };
        let instance = Which { name_or_id: path.instance, project: query.project };
        Ok(HttpResponseOk(app::event::instance_events(&door.nexus, &door.actor, &instance, asked).await?))
    })
    .await
}

/// Read the history of an instance's serial console.
pub async fn instance_serial_console(
    rqctx: RequestContext<Doors>,
    path: Asked<Path<InstancePath>>,
    query: Asked<Query<SerialQuery>>,
) -> Answer<HttpResponseOk<SerialHistory>> {
    answer(&rqctx, |door| async move {
        let path = door.path(path)?;
        let query = door.query(query)?;
        let part = SerialPart { from: query.from, max_bytes: query.max_bytes };
        let instance = Which { name_or_id: path.instance, project: query.project };
        Ok(HttpResponseOk(
            app::instance_serial::instance_serial(&door.nexus, &door.actor, &instance, part).await?,
        ))
    })
    .await
}

/// Follow an instance's serial console, and type.
pub async fn instance_console(
    rqctx: RequestContext<Doors>,
    path: Asked<Path<InstancePath>>,
    query: Asked<Query<ConsoleQuery>>,
    upgrade: AskedUpgrade,
) -> Answer<Upgraded> {
    answer(&rqctx, |door| async move {
        let path = door.path(path)?;
        let query = door.query(query)?;
        let instance = Which { name_or_id: path.instance, project: query.project };
        let allowed = app::instance_serial::may_type(&door.nexus, &door.actor, &instance).await?;
        let upgrade = door.upgrade(upgrade)?;
        // The sled's side stands before this one is answered: what can't be served is refused as anything else.
        let stream =
            app::instance_serial::instance_console(&door.nexus, allowed, &instance, query.from).await?;
        let upgraded = upgrade.handle(move |connection| async move {
            stream.relay(connection.into_inner()).await;
            Ok(())
        });
        let response = upgraded.and_then(HttpResponse::to_result);
        let response = response.map_err(|error| AppError::invalid(error.external_message))?;
        Ok(Upgraded(response))
    })
    .await
}
