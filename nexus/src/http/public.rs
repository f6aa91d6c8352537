//! The public doors: each endpoint of [`NexusApi`], handed to the file of its noun.

use berth_nexus_api::NexusApi;
use dropshot::{
    Header, HttpResponseCreated, HttpResponseDeleted, HttpResponseOk, Path, Query, RequestContext,
    StreamingBody,
};

use berth_nexus_api::answer::{OperationAnswer, Upgraded};
use berth_nexus_api::api::Answer;
use berth_nexus_api::asked::{Asked, AskedBody, AskedUpgrade};
use berth_nexus_api::check::CheckReport;
use berth_nexus_api::disk::{Disk, DiskAttach, DiskCreate, DiskPath};
use berth_nexus_api::event::{EventPage, EventQuery, SledEventQuery, SubjectEventQuery};
use berth_nexus_api::explain::{InstanceExplanation, SledExplanation};
use berth_nexus_api::headers::{IdempotencyHeader, IfMatchHeader};
use berth_nexus_api::image::{Image, ImageCreate, ImageFilePath, ImagePath, ImageUploadQuery};
use berth_nexus_api::instance::{
    Instance, InstanceCreate, InstanceForceStop, InstanceMigrate, InstancePath, InstanceReboot, InstanceStop,
    InstanceUpdate,
};
use berth_nexus_api::join_token::{JoinToken, JoinTokenCreate, JoinTokenMade, JoinTokenPath};
use berth_nexus_api::nexus::NexusView;
use berth_nexus_api::operation::{Operation, OperationListQuery, OperationPath, OperationQuery};
use berth_nexus_api::page::{InProjectQuery, Page, PageQuery, ProjectPageQuery, ProjectQuery};
use berth_nexus_api::pool::Pool;
use berth_nexus_api::project::{Project, ProjectCreate, ProjectPath, ProjectUpdate};
use berth_nexus_api::role::{RoleGrant, RoleGrantCreate, RoleRevoke};
use berth_nexus_api::saga::{Saga, SagaDetail, SagaListQuery, SagaPath};
use berth_nexus_api::serial::{ConsoleQuery, SerialHistory, SerialQuery};
use berth_nexus_api::sled::{Sled, SledPath};
use berth_nexus_api::system::{Health, MetricsText, Version};
use berth_nexus_api::token::{Token, TokenCreate, TokenListQuery, TokenMade, TokenPath};
use berth_nexus_api::user::{User, UserCreate, Whoami};

use super::context::Doors;
use super::{
    disk, event, image, instance, instance_moves, join_token, metrics, operation, project, role, saga, sled,
    system, token, user,
};

/// The public API of a nexus.
#[derive(Debug)]
pub enum Public {}

impl NexusApi for Public {
    type Context = Doors;

    async fn health(rqctx: RequestContext<Doors>) -> Answer<HttpResponseOk<Health>> {
        system::health(rqctx).await
    }

    async fn version(rqctx: RequestContext<Doors>) -> Answer<HttpResponseOk<Version>> {
        system::version(rqctx).await
    }

    async fn whoami(rqctx: RequestContext<Doors>) -> Answer<HttpResponseOk<Whoami>> {
        system::whoami(rqctx).await
    }

    async fn metrics(rqctx: RequestContext<Doors>) -> Answer<MetricsText> {
        metrics::metrics(rqctx).await
    }

    async fn project_list(
        rqctx: RequestContext<Doors>,
        query: Asked<Query<PageQuery>>,
    ) -> Answer<HttpResponseOk<Page<Project>>> {
        project::project_list(rqctx, query).await
    }

    async fn project_create(
        rqctx: RequestContext<Doors>,
        headers: Asked<Header<IdempotencyHeader>>,
        body: AskedBody<ProjectCreate>,
    ) -> Answer<HttpResponseCreated<Project>> {
        project::project_create(rqctx, headers, body).await
    }

    async fn project_view(
        rqctx: RequestContext<Doors>,
        path: Asked<Path<ProjectPath>>,
    ) -> Answer<HttpResponseOk<Project>> {
        project::project_view(rqctx, path).await
    }

    async fn project_update(
        rqctx: RequestContext<Doors>,
        path: Asked<Path<ProjectPath>>,
        headers: Asked<Header<IfMatchHeader>>,
        body: AskedBody<ProjectUpdate>,
    ) -> Answer<HttpResponseOk<Project>> {
        project::project_update(rqctx, path, headers, body).await
    }

    async fn project_delete(
        rqctx: RequestContext<Doors>,
        path: Asked<Path<ProjectPath>>,
    ) -> Answer<HttpResponseDeleted> {
        project::project_delete(rqctx, path).await
    }

    async fn instance_list(
        rqctx: RequestContext<Doors>,
        query: Asked<Query<ProjectPageQuery>>,
    ) -> Answer<HttpResponseOk<Page<Instance>>> {
        instance::instance_list(rqctx, query).await
    }

    async fn instance_create(
        rqctx: RequestContext<Doors>,
        query: Asked<Query<InProjectQuery>>,
        headers: Asked<Header<IdempotencyHeader>>,
        body: AskedBody<InstanceCreate>,
    ) -> Answer<OperationAnswer> {
        instance::instance_create(rqctx, query, headers, body).await
    }

    async fn instance_view(
        rqctx: RequestContext<Doors>,
        path: Asked<Path<InstancePath>>,
        query: Asked<Query<ProjectQuery>>,
    ) -> Answer<HttpResponseOk<Instance>> {
        instance::instance_view(rqctx, path, query).await
    }

    async fn instance_update(
        rqctx: RequestContext<Doors>,
        path: Asked<Path<InstancePath>>,
        query: Asked<Query<ProjectQuery>>,
        headers: Asked<Header<IfMatchHeader>>,
        body: AskedBody<InstanceUpdate>,
    ) -> Answer<HttpResponseOk<Instance>> {
        instance::instance_update(rqctx, path, query, headers, body).await
    }

    async fn instance_delete(
        rqctx: RequestContext<Doors>,
        path: Asked<Path<InstancePath>>,
        query: Asked<Query<ProjectQuery>>,
    ) -> Answer<OperationAnswer> {
        instance::instance_delete(rqctx, path, query).await
    }

    async fn instance_start(
        rqctx: RequestContext<Doors>,
        path: Asked<Path<InstancePath>>,
        query: Asked<Query<ProjectQuery>>,
    ) -> Answer<OperationAnswer> {
        instance::instance_start(rqctx, path, query).await
    }

    async fn instance_stop(
        rqctx: RequestContext<Doors>,
        path: Asked<Path<InstancePath>>,
        query: Asked<Query<ProjectQuery>>,
        body: AskedBody<InstanceStop>,
    ) -> Answer<OperationAnswer> {
        instance::instance_stop(rqctx, path, query, body).await
    }

    async fn instance_reboot(
        rqctx: RequestContext<Doors>,
        path: Asked<Path<InstancePath>>,
        query: Asked<Query<ProjectQuery>>,
        body: AskedBody<InstanceReboot>,
    ) -> Answer<OperationAnswer> {
        instance::instance_reboot(rqctx, path, query, body).await
    }

    async fn instance_migrate(
        rqctx: RequestContext<Doors>,
        path: Asked<Path<InstancePath>>,
        query: Asked<Query<ProjectQuery>>,
        body: AskedBody<InstanceMigrate>,
    ) -> Answer<OperationAnswer> {
        instance_moves::instance_migrate(rqctx, path, query, body).await
    }

    async fn instance_force_stop(
        rqctx: RequestContext<Doors>,
        path: Asked<Path<InstancePath>>,
        query: Asked<Query<ProjectQuery>>,
        body: AskedBody<InstanceForceStop>,
    ) -> Answer<OperationAnswer> {
        instance_moves::instance_force_stop(rqctx, path, query, body).await
    }

    async fn instance_explain(
        rqctx: RequestContext<Doors>,
        path: Asked<Path<InstancePath>>,
        query: Asked<Query<ProjectQuery>>,
    ) -> Answer<HttpResponseOk<InstanceExplanation>> {
        instance::instance_explain(rqctx, path, query).await
    }

    async fn instance_events(
        rqctx: RequestContext<Doors>,
        path: Asked<Path<InstancePath>>,
        query: Asked<Query<SubjectEventQuery>>,
    ) -> Answer<HttpResponseOk<EventPage>> {
        instance::instance_events(rqctx, path, query).await
    }

    async fn instance_serial_console(
        rqctx: RequestContext<Doors>,
        path: Asked<Path<InstancePath>>,
        query: Asked<Query<SerialQuery>>,
    ) -> Answer<HttpResponseOk<SerialHistory>> {
        instance::instance_serial_console(rqctx, path, query).await
    }

    async fn instance_console(
        rqctx: RequestContext<Doors>,
        path: Asked<Path<InstancePath>>,
        query: Asked<Query<ConsoleQuery>>,
        upgrade: AskedUpgrade,
    ) -> Answer<Upgraded> {
        instance::instance_console(rqctx, path, query, upgrade).await
    }

    async fn image_list(
        rqctx: RequestContext<Doors>,
        query: Asked<Query<ProjectPageQuery>>,
    ) -> Answer<HttpResponseOk<Page<Image>>> {
        image::image_list(rqctx, query).await
    }

    async fn image_create(
        rqctx: RequestContext<Doors>,
        query: Asked<Query<InProjectQuery>>,
        headers: Asked<Header<IdempotencyHeader>>,
        body: AskedBody<ImageCreate>,
    ) -> Answer<HttpResponseCreated<Image>> {
        image::image_create(rqctx, query, headers, body).await
    }

    async fn image_view(
        rqctx: RequestContext<Doors>,
        path: Asked<Path<ImagePath>>,
        query: Asked<Query<ProjectQuery>>,
    ) -> Answer<HttpResponseOk<Image>> {
        image::image_view(rqctx, path, query).await
    }

    async fn image_delete(
        rqctx: RequestContext<Doors>,
        path: Asked<Path<ImagePath>>,
        query: Asked<Query<ProjectQuery>>,
    ) -> Answer<HttpResponseDeleted> {
        image::image_delete(rqctx, path, query).await
    }

    async fn image_upload(
        rqctx: RequestContext<Doors>,
        path: Asked<Path<ImageFilePath>>,
        query: Asked<Query<ImageUploadQuery>>,
        body: StreamingBody,
    ) -> Answer<HttpResponseOk<Image>> {
        image::image_upload(rqctx, path, query, body).await
    }

    async fn disk_list(
        rqctx: RequestContext<Doors>,
        query: Asked<Query<ProjectPageQuery>>,
    ) -> Answer<HttpResponseOk<Page<Disk>>> {
        disk::disk_list(rqctx, query).await
    }

    async fn disk_create(
        rqctx: RequestContext<Doors>,
        query: Asked<Query<InProjectQuery>>,
        headers: Asked<Header<IdempotencyHeader>>,
        body: AskedBody<DiskCreate>,
    ) -> Answer<OperationAnswer> {
        disk::disk_create(rqctx, query, headers, body).await
    }

    async fn disk_view(
        rqctx: RequestContext<Doors>,
        path: Asked<Path<DiskPath>>,
        query: Asked<Query<ProjectQuery>>,
    ) -> Answer<HttpResponseOk<Disk>> {
        disk::disk_view(rqctx, path, query).await
    }

    async fn disk_delete(
        rqctx: RequestContext<Doors>,
        path: Asked<Path<DiskPath>>,
        query: Asked<Query<ProjectQuery>>,
    ) -> Answer<OperationAnswer> {
        disk::disk_delete(rqctx, path, query).await
    }

    async fn disk_attach(
        rqctx: RequestContext<Doors>,
        path: Asked<Path<DiskPath>>,
        query: Asked<Query<ProjectQuery>>,
        body: AskedBody<DiskAttach>,
    ) -> Answer<HttpResponseOk<Disk>> {
        disk::disk_attach(rqctx, path, query, body).await
    }

    async fn disk_detach(
        rqctx: RequestContext<Doors>,
        path: Asked<Path<DiskPath>>,
        query: Asked<Query<ProjectQuery>>,
    ) -> Answer<HttpResponseOk<Disk>> {
        disk::disk_detach(rqctx, path, query).await
    }

    async fn pool_list(
        rqctx: RequestContext<Doors>,
        query: Asked<Query<PageQuery>>,
    ) -> Answer<HttpResponseOk<Page<Pool>>> {
        disk::pool_list(rqctx, query).await
    }

    async fn operation_list(
        rqctx: RequestContext<Doors>,
        query: Asked<Query<OperationListQuery>>,
    ) -> Answer<HttpResponseOk<Page<Operation>>> {
        operation::operation_list(rqctx, query).await
    }

    async fn operation_view(
        rqctx: RequestContext<Doors>,
        path: Asked<Path<OperationPath>>,
        query: Asked<Query<OperationQuery>>,
    ) -> Answer<HttpResponseOk<Operation>> {
        operation::operation_view(rqctx, path, query).await
    }

    async fn operation_cancel(
        rqctx: RequestContext<Doors>,
        path: Asked<Path<OperationPath>>,
    ) -> Answer<HttpResponseOk<Operation>> {
        operation::operation_cancel(rqctx, path).await
    }

    async fn event_list(
        rqctx: RequestContext<Doors>,
        query: Asked<Query<EventQuery>>,
    ) -> Answer<HttpResponseOk<EventPage>> {
        event::event_list(rqctx, query).await
    }

    async fn sled_list(
        rqctx: RequestContext<Doors>,
        query: Asked<Query<PageQuery>>,
    ) -> Answer<HttpResponseOk<Page<Sled>>> {
        sled::sled_list(rqctx, query).await
    }

    async fn sled_view(
        rqctx: RequestContext<Doors>,
        path: Asked<Path<SledPath>>,
    ) -> Answer<HttpResponseOk<Sled>> {
        sled::sled_view(rqctx, path).await
    }

    async fn sled_cordon(
        rqctx: RequestContext<Doors>,
        path: Asked<Path<SledPath>>,
    ) -> Answer<HttpResponseOk<Sled>> {
        sled::sled_cordon(rqctx, path).await
    }

    async fn sled_uncordon(
        rqctx: RequestContext<Doors>,
        path: Asked<Path<SledPath>>,
    ) -> Answer<HttpResponseOk<Sled>> {
        sled::sled_uncordon(rqctx, path).await
    }

    async fn sled_explain(
        rqctx: RequestContext<Doors>,
        path: Asked<Path<SledPath>>,
    ) -> Answer<HttpResponseOk<SledExplanation>> {
        sled::sled_explain(rqctx, path).await
    }

    async fn sled_metrics(rqctx: RequestContext<Doors>, path: Asked<Path<SledPath>>) -> Answer<MetricsText> {
        metrics::sled_metrics(rqctx, path).await
    }

    async fn sled_events(
        rqctx: RequestContext<Doors>,
        path: Asked<Path<SledPath>>,
        query: Asked<Query<SledEventQuery>>,
    ) -> Answer<HttpResponseOk<EventPage>> {
        sled::sled_events(rqctx, path, query).await
    }

    async fn sled_instances(
        rqctx: RequestContext<Doors>,
        path: Asked<Path<SledPath>>,
        query: Asked<Query<PageQuery>>,
    ) -> Answer<HttpResponseOk<Page<Instance>>> {
        sled::sled_instances(rqctx, path, query).await
    }

    async fn join_token_list(
        rqctx: RequestContext<Doors>,
        query: Asked<Query<PageQuery>>,
    ) -> Answer<HttpResponseOk<Page<JoinToken>>> {
        join_token::join_token_list(rqctx, query).await
    }

    async fn join_token_create(
        rqctx: RequestContext<Doors>,
        body: AskedBody<JoinTokenCreate>,
    ) -> Answer<HttpResponseCreated<JoinTokenMade>> {
        join_token::join_token_create(rqctx, body).await
    }

    async fn join_token_revoke(
        rqctx: RequestContext<Doors>,
        path: Asked<Path<JoinTokenPath>>,
    ) -> Answer<HttpResponseDeleted> {
        join_token::join_token_revoke(rqctx, path).await
    }

    async fn nexus_list(rqctx: RequestContext<Doors>) -> Answer<HttpResponseOk<Vec<NexusView>>> {
        system::nexus_list(rqctx).await
    }

    async fn saga_list(
        rqctx: RequestContext<Doors>,
        query: Asked<Query<SagaListQuery>>,
    ) -> Answer<HttpResponseOk<Page<Saga>>> {
        saga::saga_list(rqctx, query).await
    }

    async fn saga_view(
        rqctx: RequestContext<Doors>,
        path: Asked<Path<SagaPath>>,
    ) -> Answer<HttpResponseOk<SagaDetail>> {
        saga::saga_view(rqctx, path).await
    }

    async fn saga_retry(
        rqctx: RequestContext<Doors>,
        path: Asked<Path<SagaPath>>,
    ) -> Answer<HttpResponseOk<Saga>> {
        saga::saga_retry(rqctx, path).await
    }

    async fn saga_resolve(
        rqctx: RequestContext<Doors>,
        path: Asked<Path<SagaPath>>,
    ) -> Answer<HttpResponseOk<Saga>> {
        saga::saga_resolve(rqctx, path).await
    }

    async fn check(rqctx: RequestContext<Doors>) -> Answer<HttpResponseOk<CheckReport>> {
        system::check(rqctx).await
    }

    async fn user_list(
        rqctx: RequestContext<Doors>,
        query: Asked<Query<PageQuery>>,
    ) -> Answer<HttpResponseOk<Page<User>>> {
        user::user_list(rqctx, query).await
    }

    async fn user_create(
        rqctx: RequestContext<Doors>,
        headers: Asked<Header<IdempotencyHeader>>,
        body: AskedBody<UserCreate>,
    ) -> Answer<HttpResponseCreated<User>> {
        user::user_create(rqctx, headers, body).await
    }

    async fn token_list(
        rqctx: RequestContext<Doors>,
        query: Asked<Query<TokenListQuery>>,
    ) -> Answer<HttpResponseOk<Page<Token>>> {
        token::token_list(rqctx, query).await
    }

    async fn token_create(
        rqctx: RequestContext<Doors>,
        body: AskedBody<TokenCreate>,
    ) -> Answer<HttpResponseCreated<TokenMade>> {
        token::token_create(rqctx, body).await
    }

    async fn token_revoke(
        rqctx: RequestContext<Doors>,
        path: Asked<Path<TokenPath>>,
    ) -> Answer<HttpResponseDeleted> {
        token::token_revoke(rqctx, path).await
    }

    async fn role_list(
        rqctx: RequestContext<Doors>,
        query: Asked<Query<ProjectPageQuery>>,
    ) -> Answer<HttpResponseOk<Page<RoleGrant>>> {
        role::role_list(rqctx, query).await
    }

    async fn role_grant(
        rqctx: RequestContext<Doors>,
        body: AskedBody<RoleGrantCreate>,
    ) -> Answer<HttpResponseOk<RoleGrant>> {
        role::role_grant(rqctx, body).await
    }

    async fn role_revoke(
        rqctx: RequestContext<Doors>,
        body: AskedBody<RoleRevoke>,
    ) -> Answer<HttpResponseDeleted> {
        role::role_revoke(rqctx, body).await
    }
}
