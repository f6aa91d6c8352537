//! What the system says of itself.

use dropshot::{ApiEndpointResponse, Body, FreeformBody, HttpError, HttpResponse, HttpResponseOk};
use http::{Response, StatusCode, header};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// It answers. The only thing said without a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Health {
    /// Always `ok`: who can't say so doesn't answer.
    pub status: String,
}

/// Versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Version {
    /// Of this API.
    pub api: String,
    /// Of the program that answers.
    pub nexus: String,
}

/// Metrics as Prometheus reads them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetricsText(pub String);

impl HttpResponse for MetricsText {
    fn to_result(self) -> Result<Response<Body>, HttpError> {
        const KIND: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
        Ok(Response::builder().header(header::CONTENT_TYPE, KIND).body(self.0.into())?)
    }

    /// Text has no schema.
    fn response_metadata() -> ApiEndpointResponse {
        HttpResponseOk::<FreeformBody>::response_metadata()
    }

    fn status_code(&self) -> StatusCode {
        StatusCode::OK
    }
}
