//! The one shape of every error body: `{error_code, message, request_id, details?}`.

use berth_common::refusal::ErrorCode;
use dropshot::{ErrorStatusCode, HttpError, HttpResponseError};
use http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An error as the client gets it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Error")]
pub struct ApiError {
    /// Name of the refusal. Scripts match on it; it never changes its meaning.
    #[serde(default)]
    pub error_code: String,
    /// The thing, the reason, and what would help.
    pub message: String,
    /// Names this request in logs, operations and events.
    pub request_id: String,
    /// More, for programs; its shape depends on the code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<serde_json::Value>,
    /// Sent as the status line, not in the body.
    #[serde(skip, default = "internal")]
    pub status: ErrorStatusCode,
}

const fn internal() -> ErrorStatusCode {
    ErrorStatusCode::INTERNAL_SERVER_ERROR
}

impl ApiError {
    /// An error with the status its code stands for.
    pub fn new(code: ErrorCode, message: impl Into<String>, request_id: impl Into<String>) -> Self {
        ApiError {
            error_code: code.as_str().to_string(),
            message: message.into(),
            request_id: request_id.into(),
            details: None,
            status: ErrorStatusCode::try_from(status_of(code)).unwrap_or(internal()),
        }
    }

    /// The same with something for programs.
    #[must_use]
    pub fn with_details(mut self, details: Option<serde_json::Value>) -> Self {
        self.details = details;
        self
    }
}

/// The status line of each code. What only accepted work fails with stands in no response; it maps to 409, as the
/// same refusal would before acceptance.
pub const fn status_of(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::InvalidRequest
        | ErrorCode::InvalidName
        | ErrorCode::InvalidImage
        | ErrorCode::ChecksumMismatch => StatusCode::BAD_REQUEST,
        ErrorCode::Unauthenticated | ErrorCode::JoinTokenInvalid => StatusCode::UNAUTHORIZED,
        ErrorCode::Forbidden => StatusCode::FORBIDDEN,
        ErrorCode::NotFound | ErrorCode::PoolNotFound => StatusCode::NOT_FOUND,
        ErrorCode::GenerationMismatch => StatusCode::PRECONDITION_FAILED,
        ErrorCode::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorCode::QuotaExceeded => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::LimitExceeded => StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        ErrorCode::NameTaken
        | ErrorCode::IdempotencyConflict
        | ErrorCode::InstanceCreating
        | ErrorCode::InstanceStopping
        | ErrorCode::InstanceMigrating
        | ErrorCode::InstanceRebooting
        | ErrorCode::InstanceDisowned
        | ErrorCode::InstanceNotStoppable
        | ErrorCode::InstanceNotStopped
        | ErrorCode::InstanceNotRunning
        | ErrorCode::SameSled
        | ErrorCode::CpuModelMismatch
        | ErrorCode::SledUnreachable
        | ErrorCode::SledNotSilent
        | ErrorCode::Deleting
        | ErrorCode::DiskAttached
        | ErrorCode::DiskNotReady
        | ErrorCode::DiskTooLarge
        | ErrorCode::DiskTooSmall
        | ErrorCode::ImageNotReady
        | ErrorCode::ImageInUse
        | ErrorCode::ImageFileComplete
        | ErrorCode::ProjectNotEmpty
        | ErrorCode::OperationEnded
        | ErrorCode::OperationNotCancellable
        | ErrorCode::SagaNotStuck
        | ErrorCode::SagaNotRunnable
        | ErrorCode::SledNotInService
        | ErrorCode::JoinTokenUsed
        | ErrorCode::NoCapacity
        | ErrorCode::StartFailed
        | ErrorCode::StopSuperseded
        | ErrorCode::RebootSuperseded
        | ErrorCode::RebootFailed
        | ErrorCode::MigrationFailed
        | ErrorCode::Cancelled
        | ErrorCode::StorageFailed
        | ErrorCode::SagaResolved => StatusCode::CONFLICT,
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.error_code, self.message)
    }
}

impl std::error::Error for ApiError {}

/// Only what the HTTP server itself raises comes this way, without a request id; whatever a client sent is opened
/// by the door, which knows it.
impl From<HttpError> for ApiError {
    fn from(error: HttpError) -> Self {
        let code = match error.status_code.as_u16() {
            404 => ErrorCode::NotFound,
            413 => ErrorCode::BodyTooLarge,
            503 => ErrorCode::Unavailable,
            400..=499 => ErrorCode::InvalidRequest,
            _ => ErrorCode::Internal,
        };
        ApiError { status: error.status_code, ..ApiError::new(code, error.external_message, String::new()) }
    }
}

impl HttpResponseError for ApiError {
    fn status_code(&self) -> ErrorStatusCode {
        self.status
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_an_error_status_and_only_two_are_ours_to_blame() {
        for code in ErrorCode::ALL {
            let status = status_of(*code);
            assert!(status.is_client_error() || status.is_server_error(), "{code}");
            let ours = matches!(code, ErrorCode::Internal | ErrorCode::Unavailable);
            assert_eq!(status.is_server_error(), ours, "{code}");
        }
    }

    #[test]
    fn the_body_has_the_documented_fields_and_no_others() {
        let error = ApiError::new(ErrorCode::NotFound, "no such thing", "r-1");
        let body = serde_json::to_value(&error).expect("an error is plain JSON");
        let expected =
            serde_json::json!({"error_code": "not_found", "message": "no such thing", "request_id": "r-1"});
        assert_eq!(body, expected);
    }
}
