//! What a sled-agent tells nexus.

use berth_common::ids::ImageUuid;
use berth_common::storage::ImagePart;
use dropshot::{
    Body, HttpError, HttpResponseOk, HttpResponseUpdatedNoContent, Path, RequestContext, TypedBody,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::report::{ReportAnswer, SledReport};
use crate::sled::{
    JoinRequest, Joined, PlannedDown, Registered, RenewCertificate, RenewedCertificate, SledRegister,
};

/// Path of one file of an image.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ImageFilePath {
    /// The image.
    pub image: ImageUuid,
    /// Which of its files.
    pub part: ImagePart,
}

/// Nexus' door for sleds. All but joining need the certificate of a sled of this cluster; who speaks is taken from it.
#[dropshot::api_description]
pub trait NexusInternalApi {
    /// What the doors share.
    type Context;

    /// Become a sled, by a one-time token.
    #[endpoint { method = POST, path = "/internal/join", request_body_max_bytes = 65536 }]
    async fn sled_join(
        rqctx: RequestContext<Self::Context>,
        body: TypedBody<JoinRequest>,
    ) -> Result<HttpResponseOk<Joined>, HttpError>;

    /// Get a new certificate before the old one expires.
    #[endpoint { method = POST, path = "/internal/certificate", request_body_max_bytes = 65536 }]
    async fn sled_renew_certificate(
        rqctx: RequestContext<Self::Context>,
        body: TypedBody<RenewCertificate>,
    ) -> Result<HttpResponseOk<RenewedCertificate>, HttpError>;

    /// Say what this sled is and has.
    #[endpoint { method = POST, path = "/internal/register", request_body_max_bytes = 65536 }]
    async fn sled_register(
        rqctx: RequestContext<Self::Context>,
        body: TypedBody<SledRegister>,
    ) -> Result<HttpResponseOk<Registered>, HttpError>;

    /// Report VMMs.
    #[endpoint { method = POST, path = "/internal/report", request_body_max_bytes = 2097152 }]
    async fn sled_report(
        rqctx: RequestContext<Self::Context>,
        body: TypedBody<SledReport>,
    ) -> Result<HttpResponseOk<ReportAnswer>, HttpError>;

    /// Say that this sled's host is being shut down.
    #[endpoint { method = POST, path = "/internal/planned-down", request_body_max_bytes = 65536 }]
    async fn sled_planned_down(
        rqctx: RequestContext<Self::Context>,
        body: TypedBody<PlannedDown>,
    ) -> Result<HttpResponseUpdatedNoContent, HttpError>;

    /// Fetch one file of an image.
    #[endpoint { method = GET, path = "/internal/images/{image}/{part}" }]
    async fn image_file(
        rqctx: RequestContext<Self::Context>,
        path: Path<ImageFilePath>,
    ) -> Result<http::Response<Body>, HttpError>;
}
