//! What a client sent, read but unopened: a parse error waits inside until the door has seen who asks.
//!
//! Without this, a malformed body would be answered 400 before the token was looked at.

use async_trait::async_trait;
use berth_common::refusal::ErrorCode;
use dropshot::{
    ApiEndpointBodyContentType, ExclusiveExtractor, ExtractorMetadata, HttpError, RequestContext,
    ServerContext, SharedExtractor, TypedBody, WebsocketUpgrade,
};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;

/// Why something that was sent can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Malformed {
    /// `invalid_request`, `invalid_name` or `body_too_large`.
    pub code: ErrorCode,
    /// What is wrong, and where.
    pub message: String,
}

/// A path, query or set of headers, unopened.
#[derive(Debug)]
pub struct Asked<E>(Result<E, Malformed>);

/// A JSON body, unopened.
#[derive(Debug)]
pub struct AskedBody<T>(Result<T, Malformed>);

impl<E> Asked<E> {
    /// Opens it. Only for who has authenticated the sender.
    pub fn open(self) -> Result<E, Malformed> {
        self.0
    }
}

impl<T> AskedBody<T> {
    /// Opens it. Only for who has authenticated the sender.
    pub fn open(self) -> Result<T, Malformed> {
        self.0
    }
}

#[async_trait]
impl<E: SharedExtractor> SharedExtractor for Asked<E> {
    async fn from_request<Context: ServerContext>(
        rqctx: &RequestContext<Context>,
    ) -> Result<Self, HttpError> {
        Ok(Asked(E::from_request(rqctx).await.map_err(malformed)))
    }

    fn metadata(content_type: ApiEndpointBodyContentType) -> ExtractorMetadata {
        E::metadata(content_type)
    }
}

#[async_trait]
impl<T: JsonSchema + DeserializeOwned + Send + Sync + 'static> ExclusiveExtractor for AskedBody<T> {
    async fn from_request<Context: ServerContext>(
        rqctx: &RequestContext<Context>,
        request: hyper::Request<dropshot::Body>,
    ) -> Result<Self, HttpError> {
        let body = <TypedBody<T> as ExclusiveExtractor>::from_request(rqctx, request).await;
        Ok(AskedBody(body.map(TypedBody::into_inner).map_err(malformed)))
    }

    fn metadata(content_type: ApiEndpointBodyContentType) -> ExtractorMetadata {
        <TypedBody<T> as ExclusiveExtractor>::metadata(content_type)
    }
}

/// A connection that is to become a websocket, unopened.
#[derive(Debug)]
pub struct AskedUpgrade(Result<WebsocketUpgrade, Malformed>);

impl AskedUpgrade {
    /// Opens it. Only for who has authenticated the sender.
    pub fn open(self) -> Result<WebsocketUpgrade, Malformed> {
        self.0
    }
}

#[async_trait]
impl ExclusiveExtractor for AskedUpgrade {
    async fn from_request<Context: ServerContext>(
        rqctx: &RequestContext<Context>,
        request: hyper::Request<dropshot::Body>,
    ) -> Result<Self, HttpError> {
        let upgrade = <WebsocketUpgrade as ExclusiveExtractor>::from_request(rqctx, request).await;
        Ok(AskedUpgrade(upgrade.map_err(malformed)))
    }

    fn metadata(content_type: ApiEndpointBodyContentType) -> ExtractorMetadata {
        <WebsocketUpgrade as ExclusiveExtractor>::metadata(content_type)
    }
}

/// The HTTP server has one status for all of these; its words tell them apart (a test holds them to it).
fn malformed(error: HttpError) -> Malformed {
    let message = error.external_message;
    let code = if is_too_large(&message) {
        ErrorCode::BodyTooLarge
    } else if message.contains(" is no name: ") {
        ErrorCode::InvalidName
    } else {
        ErrorCode::InvalidRequest
    };
    Malformed { code, message }
}

/// Whether these are the words of the HTTP server about a body beyond its limit.
pub fn is_too_large(message: &str) -> bool {
    message.starts_with("request body exceeded maximum size")
}
