//! From the errors of `app` to responses: the one place.

use berth_common::refusal::ErrorCode;
use berth_nexus_api::ApiError;
use berth_nexus_api::asked::Malformed;
use slog::{Logger, error};

use crate::app::error::AppError;

/// The response to a refused request. Faults of ours are logged here, once, with what the client isn't told.
pub fn to_response(refused: &AppError, request_id: &str, log: &Logger) -> ApiError {
    let code = refused.code();
    if code == ErrorCode::Internal {
        error!(log, "a request failed by a fault of nexus"; "request_id" => request_id, "error" => chain(refused));
    }
    let details = match refused {
        AppError::Refused(refusal) => refusal.details.clone(),
        AppError::Database(_) => None,
    };
    ApiError::new(code, refused.message(), request_id).with_details(details)
}

/// An error with all of its causes, which outer texts don't repeat.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}

impl From<Malformed> for AppError {
    fn from(malformed: Malformed) -> Self {
        AppError::refused(malformed.code, malformed.message)
    }
}
