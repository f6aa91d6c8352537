//! What nexus asks of a sled-agent.

use berth_common::ids::SledUuid;
use dropshot::{
    Body, HttpError, HttpResponseOk, Path, Query, RequestContext, TypedBody, WebsocketEndpointResult,
    WebsocketUpgrade,
};
use http::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::console::ConsoleQuery;
use crate::disk::{DiskAnswer, DiskDeleteQuery, DiskEnsure, DiskPath};
use crate::migration::MigrationPut;
use crate::report::SledReport;
use crate::vmm::{SerialChunk, SerialQuery, VmmAnswer, VmmEndQuery, VmmEnsure, VmmPath, VmmStatePut};

/// What the metrics are, as a content type.
pub const METRICS_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// A sled-agent's health.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AgentHealth {
    /// The sled, once it has joined.
    pub sled: Option<SledUuid>,
    /// Version of the program.
    pub version: String,
}

/// The agent's door. All but the health check need the certificate of a nexus of this cluster.
#[dropshot::api_description]
pub trait SledAgentApi {
    /// What the doors share.
    type Context;

    /// Say that the agent is up.
    #[endpoint { method = GET, path = "/health" }]
    async fn health(rqctx: RequestContext<Self::Context>) -> Result<HttpResponseOk<AgentHealth>, HttpError>;

    /// Read the agent's metrics, in the text form of OpenMetrics. Counters are of this process alone.
    #[endpoint { method = GET, path = "/metrics" }]
    async fn metrics(rqctx: RequestContext<Self::Context>) -> Result<Response<Body>, HttpError>;

    /// Everything this sled has: the full inventory.
    #[endpoint { method = GET, path = "/vmms" }]
    async fn vmm_list(rqctx: RequestContext<Self::Context>) -> Result<HttpResponseOk<SledReport>, HttpError>;

    /// Ensure that a VMM is registered.
    #[endpoint { method = PUT, path = "/vmms/{vmm}", request_body_max_bytes = 1048576 }]
    async fn vmm_ensure(
        rqctx: RequestContext<Self::Context>,
        path: Path<VmmPath>,
        body: TypedBody<VmmEnsure>,
    ) -> Result<HttpResponseOk<VmmAnswer>, HttpError>;

    /// Say what a VMM shall do.
    #[endpoint { method = PUT, path = "/vmms/{vmm}/state" }]
    async fn vmm_put_state(
        rqctx: RequestContext<Self::Context>,
        path: Path<VmmPath>,
        body: TypedBody<VmmStatePut>,
    ) -> Result<HttpResponseOk<VmmAnswer>, HttpError>;

    /// Order something of one end of a live migration.
    #[endpoint { method = PUT, path = "/vmms/{vmm}/migration" }]
    async fn vmm_put_migration(
        rqctx: RequestContext<Self::Context>,
        path: Path<VmmPath>,
        body: TypedBody<MigrationPut>,
    ) -> Result<HttpResponseOk<VmmAnswer>, HttpError>;

    /// End a VMM for certain, for ever.
    #[endpoint { method = DELETE, path = "/vmms/{vmm}" }]
    async fn vmm_end(
        rqctx: RequestContext<Self::Context>,
        path: Path<VmmPath>,
        query: Query<VmmEndQuery>,
    ) -> Result<HttpResponseOk<VmmAnswer>, HttpError>;

    /// Read a VMM's serial log.
    #[endpoint { method = GET, path = "/vmms/{vmm}/serial" }]
    async fn vmm_serial(
        rqctx: RequestContext<Self::Context>,
        path: Path<VmmPath>,
        query: Query<SerialQuery>,
    ) -> Result<HttpResponseOk<SerialChunk>, HttpError>;

    /// Follow a VMM's serial console, and type. See the module `console` for the frames.
    #[endpoint { method = GET, path = "/vmms/{vmm}/console" }]
    async fn vmm_console(
        rqctx: RequestContext<Self::Context>,
        path: Path<VmmPath>,
        query: Query<ConsoleQuery>,
        upgrade: WebsocketUpgrade,
    ) -> WebsocketEndpointResult;

    /// Ensure that a disk's file exists.
    #[endpoint { method = PUT, path = "/pools/{pool}/disks/{disk}" }]
    async fn disk_ensure(
        rqctx: RequestContext<Self::Context>,
        path: Path<DiskPath>,
        body: TypedBody<DiskEnsure>,
    ) -> Result<HttpResponseOk<DiskAnswer>, HttpError>;

    /// Delete a disk's file, for ever.
    #[endpoint { method = DELETE, path = "/pools/{pool}/disks/{disk}" }]
    async fn disk_delete(
        rqctx: RequestContext<Self::Context>,
        path: Path<DiskPath>,
        query: Query<DiskDeleteQuery>,
    ) -> Result<HttpResponseOk<DiskAnswer>, HttpError>;
}
