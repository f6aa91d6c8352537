//! The doors of nexus: every endpoint, in the order of the nouns.

use dropshot::{
    Header, HttpResponseCreated, HttpResponseDeleted, HttpResponseOk, Path, Query, RequestContext,
    StreamingBody,
};

use crate::answer::{OperationAnswer, Reply, Upgraded};
use crate::asked::{Asked, AskedBody, AskedUpgrade};
use crate::check::CheckReport;
use crate::disk::{Disk, DiskAttach, DiskCreate, DiskPath};
use crate::error::ApiError;
use crate::event::{EventPage, EventQuery, SledEventQuery, SubjectEventQuery};
use crate::explain::{InstanceExplanation, SledExplanation};
use crate::headers::{IdempotencyHeader, IfMatchHeader};
use crate::image::{Image, ImageCreate, ImageFilePath, ImagePath, ImageUploadQuery};
use crate::instance::{
    Instance, InstanceCreate, InstanceForceStop, InstanceMigrate, InstancePath, InstanceReboot, InstanceStop,
    InstanceUpdate,
};
use crate::join_token::{JoinToken, JoinTokenCreate, JoinTokenMade, JoinTokenPath};
use crate::limits::UPLOAD_BODY_MAX_BYTES;
use crate::nexus::NexusView;
use crate::operation::{Operation, OperationListQuery, OperationPath, OperationQuery};
use crate::page::{InProjectQuery, Page, PageQuery, ProjectPageQuery, ProjectQuery};
use crate::pool::Pool;
use crate::project::{Project, ProjectCreate, ProjectPath, ProjectUpdate};
use crate::role::{RoleGrant, RoleGrantCreate, RoleRevoke};
use crate::saga::{Saga, SagaDetail, SagaListQuery, SagaPath};
use crate::serial::{ConsoleQuery, SerialHistory, SerialQuery};
use crate::sled::{Sled, SledPath};
use crate::system::{Health, MetricsText, Version};
use crate::token::{Token, TokenCreate, TokenListQuery, TokenMade, TokenPath};
use crate::user::{User, UserCreate, Whoami};

/// What every door answers: success, or a refusal with its own headers. `Err` is the HTTP server's own only.
pub type Answer<R> = Result<Reply<R>, ApiError>;

/// The public API. All but `health` need a bearer token.
#[dropshot::api_description]
pub trait NexusApi {
    /// What the doors share.
    type Context;

    // -- the system itself, for everybody

    /// Say that this nexus answers. Needs no token.
    #[endpoint { method = GET, path = "/v1/health" }]
    async fn health(rqctx: RequestContext<Self::Context>) -> Answer<HttpResponseOk<Health>>;

    /// Say which versions answer.
    #[endpoint { method = GET, path = "/v1/version" }]
    async fn version(rqctx: RequestContext<Self::Context>) -> Answer<HttpResponseOk<Version>>;

    /// Say who asks, and what they may do where.
    #[endpoint { method = GET, path = "/v1/whoami" }]
    async fn whoami(rqctx: RequestContext<Self::Context>) -> Answer<HttpResponseOk<Whoami>>;

    /// Read this nexus' metrics, in the text form of OpenMetrics. Counters are of this process alone.
    #[endpoint { method = GET, path = "/v1/system/metrics" }]
    async fn metrics(rqctx: RequestContext<Self::Context>) -> Answer<MetricsText>;

    // -- projects

    /// List the projects one can see.
    #[endpoint { method = GET, path = "/v1/projects" }]
    async fn project_list(
        rqctx: RequestContext<Self::Context>,
        query: Asked<Query<PageQuery>>,
    ) -> Answer<HttpResponseOk<Page<Project>>>;

    /// Make a project.
    #[endpoint { method = POST, path = "/v1/projects" }]
    async fn project_create(
        rqctx: RequestContext<Self::Context>,
        headers: Asked<Header<IdempotencyHeader>>,
        body: AskedBody<ProjectCreate>,
    ) -> Answer<HttpResponseCreated<Project>>;

    /// View a project.
    #[endpoint { method = GET, path = "/v1/projects/{project}" }]
    async fn project_view(
        rqctx: RequestContext<Self::Context>,
        path: Asked<Path<ProjectPath>>,
    ) -> Answer<HttpResponseOk<Project>>;

    /// Change a project.
    #[endpoint { method = PATCH, path = "/v1/projects/{project}" }]
    async fn project_update(
        rqctx: RequestContext<Self::Context>,
        path: Asked<Path<ProjectPath>>,
        headers: Asked<Header<IfMatchHeader>>,
        body: AskedBody<ProjectUpdate>,
    ) -> Answer<HttpResponseOk<Project>>;

    /// Delete a project. It must be empty.
    #[endpoint { method = DELETE, path = "/v1/projects/{project}" }]
    async fn project_delete(
        rqctx: RequestContext<Self::Context>,
        path: Asked<Path<ProjectPath>>,
    ) -> Answer<HttpResponseDeleted>;

    // -- instances

    /// List instances.
    #[endpoint { method = GET, path = "/v1/instances" }]
    async fn instance_list(
        rqctx: RequestContext<Self::Context>,
        query: Asked<Query<ProjectPageQuery>>,
    ) -> Answer<HttpResponseOk<Page<Instance>>>;

    /// Make an instance.
    #[endpoint { method = POST, path = "/v1/instances" }]
    async fn instance_create(
        rqctx: RequestContext<Self::Context>,
        query: Asked<Query<InProjectQuery>>,
        headers: Asked<Header<IdempotencyHeader>>,
        body: AskedBody<InstanceCreate>,
    ) -> Answer<OperationAnswer>;

    /// View an instance.
    #[endpoint { method = GET, path = "/v1/instances/{instance}" }]
    async fn instance_view(
        rqctx: RequestContext<Self::Context>,
        path: Asked<Path<InstancePath>>,
        query: Asked<Query<ProjectQuery>>,
    ) -> Answer<HttpResponseOk<Instance>>;

    /// Change an instance.
    #[endpoint { method = PATCH, path = "/v1/instances/{instance}" }]
    async fn instance_update(
        rqctx: RequestContext<Self::Context>,
        path: Asked<Path<InstancePath>>,
        query: Asked<Query<ProjectQuery>>,
        headers: Asked<Header<IfMatchHeader>>,
        body: AskedBody<InstanceUpdate>,
    ) -> Answer<HttpResponseOk<Instance>>;

    /// Delete an instance, in whatever state. Its disks stay.
    #[endpoint { method = DELETE, path = "/v1/instances/{instance}" }]
    async fn instance_delete(
        rqctx: RequestContext<Self::Context>,
        path: Asked<Path<InstancePath>>,
        query: Asked<Query<ProjectQuery>>,
    ) -> Answer<OperationAnswer>;

    /// Start an instance.
    #[endpoint { method = POST, path = "/v1/instances/{instance}/start" }]
    async fn instance_start(
        rqctx: RequestContext<Self::Context>,
        path: Asked<Path<InstancePath>>,
        query: Asked<Query<ProjectQuery>>,
    ) -> Answer<OperationAnswer>;

    /// Stop an instance, by the power button first.
    #[endpoint { method = POST, path = "/v1/instances/{instance}/stop" }]
    async fn instance_stop(
        rqctx: RequestContext<Self::Context>,
        path: Asked<Path<InstancePath>>,
        query: Asked<Query<ProjectQuery>>,
        body: AskedBody<InstanceStop>,
    ) -> Answer<OperationAnswer>;

    /// Reboot an instance in place: the same incarnation, in a new hypervisor process.
    #[endpoint { method = POST, path = "/v1/instances/{instance}/reboot" }]
    async fn instance_reboot(
        rqctx: RequestContext<Self::Context>,
        path: Asked<Path<InstancePath>>,
        query: Asked<Query<ProjectQuery>>,
        body: AskedBody<InstanceReboot>,
    ) -> Answer<OperationAnswer>;

    /// Migrate a running instance to another sled.
    #[endpoint { method = POST, path = "/v1/instances/{instance}/migrate" }]
    async fn instance_migrate(
        rqctx: RequestContext<Self::Context>,
        path: Asked<Path<InstancePath>>,
        query: Asked<Query<ProjectQuery>>,
        body: AskedBody<InstanceMigrate>,
    ) -> Answer<OperationAnswer>;

    /// End everything that runs of an instance, at once and for certain: the guest's cord is pulled.
    #[endpoint { method = POST, path = "/v1/instances/{instance}/force-stop" }]
    async fn instance_force_stop(
        rqctx: RequestContext<Self::Context>,
        path: Asked<Path<InstancePath>>,
        query: Asked<Query<ProjectQuery>>,
        body: AskedBody<InstanceForceStop>,
    ) -> Answer<OperationAnswer>;

    /// Explain why an instance is as it is.
    #[endpoint { method = GET, path = "/v1/instances/{instance}/explain" }]
    async fn instance_explain(
        rqctx: RequestContext<Self::Context>,
        path: Asked<Path<InstancePath>>,
        query: Asked<Query<ProjectQuery>>,
    ) -> Answer<HttpResponseOk<InstanceExplanation>>;

    /// List what happened to an instance.
    #[endpoint { method = GET, path = "/v1/instances/{instance}/events" }]
    async fn instance_events(
        rqctx: RequestContext<Self::Context>,
        path: Asked<Path<InstancePath>>,
        query: Asked<Query<SubjectEventQuery>>,
    ) -> Answer<HttpResponseOk<EventPage>>;

    /// Read the history of an instance's serial console.
    #[endpoint { method = GET, path = "/v1/instances/{instance}/serial-console" }]
    async fn instance_serial_console(
        rqctx: RequestContext<Self::Context>,
        path: Asked<Path<InstancePath>>,
        query: Asked<Query<SerialQuery>>,
    ) -> Answer<HttpResponseOk<SerialHistory>>;

    /// Follow an instance's serial console, and type: a websocket. See the frames in `serial`.
    #[endpoint { method = GET, path = "/v1/instances/{instance}/serial-console/stream" }]
    async fn instance_console(
        rqctx: RequestContext<Self::Context>,
        path: Asked<Path<InstancePath>>,
        query: Asked<Query<ConsoleQuery>>,
        upgrade: AskedUpgrade,
    ) -> Answer<Upgraded>;

    // -- images

    /// List images.
    #[endpoint { method = GET, path = "/v1/images" }]
    async fn image_list(
        rqctx: RequestContext<Self::Context>,
        query: Asked<Query<ProjectPageQuery>>,
    ) -> Answer<HttpResponseOk<Page<Image>>>;

    /// Make an image, to be filled by uploads.
    #[endpoint { method = POST, path = "/v1/images" }]
    async fn image_create(
        rqctx: RequestContext<Self::Context>,
        query: Asked<Query<InProjectQuery>>,
        headers: Asked<Header<IdempotencyHeader>>,
        body: AskedBody<ImageCreate>,
    ) -> Answer<HttpResponseCreated<Image>>;

    /// View an image.
    #[endpoint { method = GET, path = "/v1/images/{image}" }]
    async fn image_view(
        rqctx: RequestContext<Self::Context>,
        path: Asked<Path<ImagePath>>,
        query: Asked<Query<ProjectQuery>>,
    ) -> Answer<HttpResponseOk<Image>>;

    /// Delete an image that nothing uses.
    #[endpoint { method = DELETE, path = "/v1/images/{image}" }]
    async fn image_delete(
        rqctx: RequestContext<Self::Context>,
        path: Asked<Path<ImagePath>>,
        query: Asked<Query<ProjectQuery>>,
    ) -> Answer<HttpResponseDeleted>;

    /// Upload one file of an image. Asked again with the same bytes, it answers the same.
    #[endpoint { method = PUT, path = "/v1/images/{image}/files/{part}", request_body_max_bytes = UPLOAD_BODY_MAX_BYTES }]
    async fn image_upload(
        rqctx: RequestContext<Self::Context>,
        path: Asked<Path<ImageFilePath>>,
        query: Asked<Query<ImageUploadQuery>>,
        body: StreamingBody,
    ) -> Answer<HttpResponseOk<Image>>;

    // -- disks and pools

    /// List disks.
    #[endpoint { method = GET, path = "/v1/disks" }]
    async fn disk_list(
        rqctx: RequestContext<Self::Context>,
        query: Asked<Query<ProjectPageQuery>>,
    ) -> Answer<HttpResponseOk<Page<Disk>>>;

    /// Make a disk, empty or from an image.
    #[endpoint { method = POST, path = "/v1/disks" }]
    async fn disk_create(
        rqctx: RequestContext<Self::Context>,
        query: Asked<Query<InProjectQuery>>,
        headers: Asked<Header<IdempotencyHeader>>,
        body: AskedBody<DiskCreate>,
    ) -> Answer<OperationAnswer>;

    /// View a disk.
    #[endpoint { method = GET, path = "/v1/disks/{disk}" }]
    async fn disk_view(
        rqctx: RequestContext<Self::Context>,
        path: Asked<Path<DiskPath>>,
        query: Asked<Query<ProjectQuery>>,
    ) -> Answer<HttpResponseOk<Disk>>;

    /// Delete a disk that is attached to nothing.
    #[endpoint { method = DELETE, path = "/v1/disks/{disk}" }]
    async fn disk_delete(
        rqctx: RequestContext<Self::Context>,
        path: Asked<Path<DiskPath>>,
        query: Asked<Query<ProjectQuery>>,
    ) -> Answer<OperationAnswer>;

    /// Attach a disk to a stopped instance.
    #[endpoint { method = POST, path = "/v1/disks/{disk}/attach" }]
    async fn disk_attach(
        rqctx: RequestContext<Self::Context>,
        path: Asked<Path<DiskPath>>,
        query: Asked<Query<ProjectQuery>>,
        body: AskedBody<DiskAttach>,
    ) -> Answer<HttpResponseOk<Disk>>;

    /// Detach a disk from its stopped instance.
    #[endpoint { method = POST, path = "/v1/disks/{disk}/detach" }]
    async fn disk_detach(
        rqctx: RequestContext<Self::Context>,
        path: Asked<Path<DiskPath>>,
        query: Asked<Query<ProjectQuery>>,
    ) -> Answer<HttpResponseOk<Disk>>;

    /// List storage pools.
    #[endpoint { method = GET, path = "/v1/pools" }]
    async fn pool_list(
        rqctx: RequestContext<Self::Context>,
        query: Asked<Query<PageQuery>>,
    ) -> Answer<HttpResponseOk<Page<Pool>>>;

    // -- operations and events

    /// List operations, newest first.
    #[endpoint { method = GET, path = "/v1/operations" }]
    async fn operation_list(
        rqctx: RequestContext<Self::Context>,
        query: Asked<Query<OperationListQuery>>,
    ) -> Answer<HttpResponseOk<Page<Operation>>>;

    /// View an operation, or wait for its end.
    #[endpoint { method = GET, path = "/v1/operations/{operation}" }]
    async fn operation_view(
        rqctx: RequestContext<Self::Context>,
        path: Asked<Path<OperationPath>>,
        query: Asked<Query<OperationQuery>>,
    ) -> Answer<HttpResponseOk<Operation>>;

    /// Ask for an operation to be given up. It ends by itself soon after.
    #[endpoint { method = POST, path = "/v1/operations/{operation}/cancel" }]
    async fn operation_cancel(
        rqctx: RequestContext<Self::Context>,
        path: Asked<Path<OperationPath>>,
    ) -> Answer<HttpResponseOk<Operation>>;

    /// List what happened, or wait for it.
    #[endpoint { method = GET, path = "/v1/events" }]
    async fn event_list(
        rqctx: RequestContext<Self::Context>,
        query: Asked<Query<EventQuery>>,
    ) -> Answer<HttpResponseOk<EventPage>>;

    // -- the fleet

    /// List sleds.
    #[endpoint { method = GET, path = "/v1/system/sleds" }]
    async fn sled_list(
        rqctx: RequestContext<Self::Context>,
        query: Asked<Query<PageQuery>>,
    ) -> Answer<HttpResponseOk<Page<Sled>>>;

    /// View a sled.
    #[endpoint { method = GET, path = "/v1/system/sleds/{sled}" }]
    async fn sled_view(
        rqctx: RequestContext<Self::Context>,
        path: Asked<Path<SledPath>>,
    ) -> Answer<HttpResponseOk<Sled>>;

    /// Let a sled take no new instances. What runs there runs on.
    #[endpoint { method = POST, path = "/v1/system/sleds/{sled}/cordon" }]
    async fn sled_cordon(
        rqctx: RequestContext<Self::Context>,
        path: Asked<Path<SledPath>>,
    ) -> Answer<HttpResponseOk<Sled>>;

    /// Let a sled take instances again.
    #[endpoint { method = POST, path = "/v1/system/sleds/{sled}/uncordon" }]
    async fn sled_uncordon(
        rqctx: RequestContext<Self::Context>,
        path: Asked<Path<SledPath>>,
    ) -> Answer<HttpResponseOk<Sled>>;

    /// Explain why a sled is as it is.
    #[endpoint { method = GET, path = "/v1/system/sleds/{sled}/explain" }]
    async fn sled_explain(
        rqctx: RequestContext<Self::Context>,
        path: Asked<Path<SledPath>>,
    ) -> Answer<HttpResponseOk<SledExplanation>>;

    /// Read the metrics of a sled's agent, in the text form of OpenMetrics. Counters are of that process alone.
    #[endpoint { method = GET, path = "/v1/system/sleds/{sled}/metrics" }]
    async fn sled_metrics(
        rqctx: RequestContext<Self::Context>,
        path: Asked<Path<SledPath>>,
    ) -> Answer<MetricsText>;

    /// List what happened on a sled.
    #[endpoint { method = GET, path = "/v1/system/sleds/{sled}/events" }]
    async fn sled_events(
        rqctx: RequestContext<Self::Context>,
        path: Asked<Path<SledPath>>,
        query: Asked<Query<SledEventQuery>>,
    ) -> Answer<HttpResponseOk<EventPage>>;

    /// List the instances of a sled.
    #[endpoint { method = GET, path = "/v1/system/sleds/{sled}/instances" }]
    async fn sled_instances(
        rqctx: RequestContext<Self::Context>,
        path: Asked<Path<SledPath>>,
        query: Asked<Query<PageQuery>>,
    ) -> Answer<HttpResponseOk<Page<Instance>>>;

    /// List join tokens.
    #[endpoint { method = GET, path = "/v1/system/join-tokens" }]
    async fn join_token_list(
        rqctx: RequestContext<Self::Context>,
        query: Asked<Query<PageQuery>>,
    ) -> Answer<HttpResponseOk<Page<JoinToken>>>;

    /// Make a one-time token by which a host becomes a sled.
    #[endpoint { method = POST, path = "/v1/system/join-tokens" }]
    async fn join_token_create(
        rqctx: RequestContext<Self::Context>,
        body: AskedBody<JoinTokenCreate>,
    ) -> Answer<HttpResponseCreated<JoinTokenMade>>;

    /// Revoke a join token.
    #[endpoint { method = DELETE, path = "/v1/system/join-tokens/{join_token}" }]
    async fn join_token_revoke(
        rqctx: RequestContext<Self::Context>,
        path: Asked<Path<JoinTokenPath>>,
    ) -> Answer<HttpResponseDeleted>;

    /// List the nexus of the cluster.
    #[endpoint { method = GET, path = "/v1/system/nexus" }]
    async fn nexus_list(rqctx: RequestContext<Self::Context>) -> Answer<HttpResponseOk<Vec<NexusView>>>;

    /// List sagas, newest first.
    #[endpoint { method = GET, path = "/v1/system/sagas" }]
    async fn saga_list(
        rqctx: RequestContext<Self::Context>,
        query: Asked<Query<SagaListQuery>>,
    ) -> Answer<HttpResponseOk<Page<Saga>>>;

    /// View a saga with its steps.
    #[endpoint { method = GET, path = "/v1/system/sagas/{saga}" }]
    async fn saga_view(
        rqctx: RequestContext<Self::Context>,
        path: Asked<Path<SagaPath>>,
    ) -> Answer<HttpResponseOk<SagaDetail>>;

    /// Run the failed undo of a stuck saga again.
    #[endpoint { method = POST, path = "/v1/system/sagas/{saga}/retry" }]
    async fn saga_retry(
        rqctx: RequestContext<Self::Context>,
        path: Asked<Path<SagaPath>>,
    ) -> Answer<HttpResponseOk<Saga>>;

    /// Give a stuck saga up: free it, its lock and its operation together.
    #[endpoint { method = POST, path = "/v1/system/sagas/{saga}/resolve" }]
    async fn saga_resolve(
        rqctx: RequestContext<Self::Context>,
        path: Asked<Path<SagaPath>>,
    ) -> Answer<HttpResponseOk<Saga>>;

    /// Recompute every invariant from the rows.
    #[endpoint { method = POST, path = "/v1/system/check" }]
    async fn check(rqctx: RequestContext<Self::Context>) -> Answer<HttpResponseOk<CheckReport>>;

    // -- users

    /// List users.
    #[endpoint { method = GET, path = "/v1/system/users" }]
    async fn user_list(
        rqctx: RequestContext<Self::Context>,
        query: Asked<Query<PageQuery>>,
    ) -> Answer<HttpResponseOk<Page<User>>>;

    /// Make a user.
    #[endpoint { method = POST, path = "/v1/system/users" }]
    async fn user_create(
        rqctx: RequestContext<Self::Context>,
        headers: Asked<Header<IdempotencyHeader>>,
        body: AskedBody<UserCreate>,
    ) -> Answer<HttpResponseCreated<User>>;

    /// List a user's tokens.
    #[endpoint { method = GET, path = "/v1/system/tokens" }]
    async fn token_list(
        rqctx: RequestContext<Self::Context>,
        query: Asked<Query<TokenListQuery>>,
    ) -> Answer<HttpResponseOk<Page<Token>>>;

    /// Make a token.
    #[endpoint { method = POST, path = "/v1/system/tokens" }]
    async fn token_create(
        rqctx: RequestContext<Self::Context>,
        body: AskedBody<TokenCreate>,
    ) -> Answer<HttpResponseCreated<TokenMade>>;

    /// Revoke a token.
    #[endpoint { method = DELETE, path = "/v1/system/tokens/{token}" }]
    async fn token_revoke(
        rqctx: RequestContext<Self::Context>,
        path: Asked<Path<TokenPath>>,
    ) -> Answer<HttpResponseDeleted>;

    /// List who has which role in a project, or in the fleet.
    #[endpoint { method = GET, path = "/v1/system/roles" }]
    async fn role_list(
        rqctx: RequestContext<Self::Context>,
        query: Asked<Query<ProjectPageQuery>>,
    ) -> Answer<HttpResponseOk<Page<RoleGrant>>>;

    /// Give a user a role in a project, or in the fleet.
    #[endpoint { method = POST, path = "/v1/system/roles/grant" }]
    async fn role_grant(
        rqctx: RequestContext<Self::Context>,
        body: AskedBody<RoleGrantCreate>,
    ) -> Answer<HttpResponseOk<RoleGrant>>;

    /// Take a role away.
    #[endpoint { method = POST, path = "/v1/system/roles/revoke" }]
    async fn role_revoke(
        rqctx: RequestContext<Self::Context>,
        body: AskedBody<RoleRevoke>,
    ) -> Answer<HttpResponseDeleted>;
}
