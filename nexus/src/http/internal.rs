//! The internal doors: what sleds tell nexus, and fetch from it.

use berth_common::refusal::ErrorCode;
use berth_sled_agent_api::CAUSE_HEADER;
use berth_sled_agent_api::nexus::{ImageFilePath, NexusInternalApi};
use berth_sled_agent_api::report::{ReportAnswer, SledReport};
use berth_sled_agent_api::sled::{
    JoinRequest, Joined, PlannedDown, Registered, RenewCertificate, RenewedCertificate, SledRegister,
};
use dropshot::{
    Body, HttpError, HttpResponseOk, HttpResponseUpdatedNoContent, Path, RequestContext, TypedBody,
};
use slog::info;

use super::context::Doors;
use super::image_body::ImageBody;
use super::sled_door::{anyone, error, refused, sled};
use crate::app;
use crate::reports::sled_report::{self, ReportError};

/// The API for sleds of a nexus.
#[derive(Debug)]
pub enum Internal {}

impl NexusInternalApi for Internal {
    type Context = Doors;

    async fn sled_join(
        rqctx: RequestContext<Doors>,
        body: TypedBody<JoinRequest>,
    ) -> Result<HttpResponseOk<Joined>, HttpError> {
        anyone(&rqctx)?;
        let request = body.into_inner();
        let name = request.name.clone();
        let joined = app::sled_join::sled_join(&rqctx.context().nexus, request, &rqctx.request_id).await;
        let outcome = joined.as_ref().map_or_else(|e| e.code().to_string(), |joined| joined.sled.to_string());
        info!(rqctx.log, "audit"; "actor" => "join token", "verb" => "sled_join", "subject" => %name,
            "request_id" => &rqctx.request_id, "outcome" => outcome);
        joined.map(HttpResponseOk).map_err(|e| refused(&rqctx, &e))
    }

    async fn sled_renew_certificate(
        rqctx: RequestContext<Doors>,
        body: TypedBody<RenewCertificate>,
    ) -> Result<HttpResponseOk<RenewedCertificate>, HttpError> {
        let sled = sled(&rqctx)?;
        let renewed =
            app::sled_join::renew_certificate(&rqctx.context().nexus, sled, &body.into_inner()).await;
        renewed.map(HttpResponseOk).map_err(|e| refused(&rqctx, &e))
    }

    async fn sled_register(
        rqctx: RequestContext<Doors>,
        body: TypedBody<SledRegister>,
    ) -> Result<HttpResponseOk<Registered>, HttpError> {
        let sled = sled(&rqctx)?;
        let cause = cause(&rqctx);
        let registered =
            app::sled_register::sled_register(&rqctx.context().nexus, sled, body.into_inner(), &cause).await;
        registered.map(HttpResponseOk).map_err(|e| refused(&rqctx, &e))
    }

    async fn sled_report(
        rqctx: RequestContext<Doors>,
        body: TypedBody<SledReport>,
    ) -> Result<HttpResponseOk<ReportAnswer>, HttpError> {
        let sled = sled(&rqctx)?;
        let cause = cause(&rqctx);
        match sled_report::store(&rqctx.context().nexus.world, sled, &body.into_inner(), &cause).await {
            Ok(answer) => Ok(HttpResponseOk(answer)),
            Err(unknown @ ReportError::UnknownSled(_)) => {
                Err(error(ErrorCode::Forbidden, unknown.to_string()))
            }
            Err(ReportError::Database(failed)) => Err(refused(&rqctx, &failed.into())),
        }
    }

    async fn sled_planned_down(
        rqctx: RequestContext<Doors>,
        body: TypedBody<PlannedDown>,
    ) -> Result<HttpResponseUpdatedNoContent, HttpError> {
        let sled = sled(&rqctx)?;
        let (nexus, cause) = (&rqctx.context().nexus, cause(&rqctx));
        let noted = app::sled_planned_down::sled_planned_down(nexus, sled, &body.into_inner(), &cause).await;
        noted.map(|()| HttpResponseUpdatedNoContent()).map_err(|e| refused(&rqctx, &e))
    }

    async fn image_file(
        rqctx: RequestContext<Doors>,
        path: Path<ImageFilePath>,
    ) -> Result<http::Response<Body>, HttpError> {
        sled(&rqctx)?;
        let path = path.into_inner();
        let file = app::image_file::open(&rqctx.context().nexus, path.image, path.part)
            .await
            .map_err(|e| refused(&rqctx, &e))?;
        let response = http::Response::builder()
            .header(http::header::CONTENT_TYPE, "application/octet-stream")
            .header(http::header::CONTENT_LENGTH, file.size_bytes)
            .body(Body::wrap(ImageBody::new(file)))?;
        Ok(response)
    }
}

/// Id of the request that this one follows from; its own if it follows from none.
fn cause(rqctx: &RequestContext<Doors>) -> String {
    /// Ours have 36.
    const CAUSE_MAX_BYTES: usize = 64;
    let said = rqctx.request.headers().get(CAUSE_HEADER).and_then(|value| value.to_str().ok());
    match said {
        Some(cause) if (1..=CAUSE_MAX_BYTES).contains(&cause.len()) => cause.to_string(),
        _ => rqctx.request_id.clone(),
    }
}
