//! What a door answers: success or refusal in one response, so that a refusal can carry headers.

use dropshot::{
    ApiEndpointResponse, Body, HttpError, HttpResponse, HttpResponseAccepted, HttpResponseError,
    HttpResponseOk,
};
use http::{Response, StatusCode, header};

use crate::error::ApiError;
use crate::limits::RETRY_AFTER_S;
use crate::operation::Operation;

/// The answer `R`, or the refusal. A door always returns `Ok(Reply(..))`.
#[derive(Debug)]
pub struct Reply<R>(pub Result<R, ApiError>);

impl<R: HttpResponse> HttpResponse for Reply<R> {
    fn to_result(self) -> Result<Response<Body>, HttpError> {
        match self.0 {
            Ok(answer) => answer.to_result(),
            Err(error) => refusal(&error),
        }
    }

    fn response_metadata() -> ApiEndpointResponse {
        R::response_metadata()
    }

    fn status_code(&self) -> StatusCode {
        match &self.0 {
            Ok(answer) => answer.status_code(),
            Err(error) => error.status_code().as_status(),
        }
    }
}

fn refusal(error: &ApiError) -> Result<Response<Body>, HttpError> {
    let status = error.status_code().as_status();
    let mut response = Response::builder().status(status).header(header::CONTENT_TYPE, "application/json");
    match status {
        StatusCode::UNAUTHORIZED => response = response.header(header::WWW_AUTHENTICATE, "Bearer"),
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {
            response = response.header(header::RETRY_AFTER, RETRY_AFTER_S);
        }
        _ => {}
    }
    let body = serde_json::to_string(error).map_err(|e| HttpError::for_internal_error(e.to_string()))?;
    Ok(response.body(body.into())?)
}

/// 101: the connection is a websocket from here on.
#[derive(Debug)]
pub struct Upgraded(pub Response<Body>);

impl HttpResponse for Upgraded {
    fn to_result(self) -> Result<Response<Body>, HttpError> {
        Ok(self.0)
    }

    fn response_metadata() -> ApiEndpointResponse {
        ApiEndpointResponse { success: Some(StatusCode::SWITCHING_PROTOCOLS), ..Default::default() }
    }

    fn status_code(&self) -> StatusCode {
        StatusCode::SWITCHING_PROTOCOLS
    }
}

/// The operation of a lifecycle request.
#[derive(Clone, Debug, PartialEq)]
pub enum OperationAnswer {
    /// 202: work was accepted, this is its handle.
    Accepted(Operation),
    /// 200: it was so already; the operation has succeeded.
    Already(Operation),
}

impl OperationAnswer {
    /// The operation, either way.
    pub fn operation(&self) -> &Operation {
        match self {
            OperationAnswer::Accepted(operation) | OperationAnswer::Already(operation) => operation,
        }
    }
}

impl HttpResponse for OperationAnswer {
    fn to_result(self) -> Result<Response<Body>, HttpError> {
        match self {
            OperationAnswer::Accepted(operation) => HttpResponseAccepted(operation).to_result(),
            OperationAnswer::Already(operation) => HttpResponseOk(operation).to_result(),
        }
    }

    /// Only one status fits here; [`crate::openapi`] writes the other beside it.
    fn response_metadata() -> ApiEndpointResponse {
        HttpResponseAccepted::<Operation>::response_metadata()
    }

    fn status_code(&self) -> StatusCode {
        match self {
            OperationAnswer::Accepted(_) => StatusCode::ACCEPTED,
            OperationAnswer::Already(_) => StatusCode::OK,
        }
    }
}
