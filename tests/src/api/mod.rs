//! A client of the public API that judges nothing: every answer comes back with its status and its body.
//!
//! Blocking, because scenarios are stories; it drives its requests on a runtime of its own, which scenarios may share.

mod instances;
mod operations;
mod storage;

use anyhow::{Context, Result, bail, ensure};
use reqwest::{Client, ClientBuilder, Method, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// The runtime on which requests run.
pub type Runtime = Arc<tokio::runtime::Runtime>;

/// Above the longest long-poll that scenarios ask for, and far above what a busy machine takes to connect.
const REQUEST_LIMIT: Duration = Duration::from_secs(60);

/// What is sent.
#[derive(Clone, Debug)]
pub enum Body {
    Nothing,
    Json(Value),
    /// Bytes of this content type.
    Bytes(&'static str, Vec<u8>),
}

/// What was answered.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: StatusCode,
    /// The body as JSON; `null` if it is none.
    pub json: Value,
    /// The body as text.
    pub text: String,
    /// What the header of this name says.
    pub retry_after: Option<String>,
}

impl Reply {
    /// The refusal's name; empty if there is none.
    pub fn code(&self) -> &str {
        self.json["error_code"].as_str().unwrap_or_default()
    }

    /// What was asked for, if the request succeeded.
    pub fn into<T: DeserializeOwned>(self) -> Result<T> {
        ensure!(self.status.is_success(), "refused: {} {}", self.status, self.text);
        serde_json::from_value(self.json)
            .with_context(|| format!("the answer has another shape: {}", self.text))
    }

    /// Fails unless it was refused so.
    pub fn expect_refused(&self, status: u16, code: &str) -> Result<()> {
        let (is, name) = (self.status.as_u16(), self.code());
        ensure!((is, name) == (status, code), "answered {is} {name}, not {status} {code}: {}", self.text);
        Ok(())
    }
}

/// A user at the doors of a cluster.
#[derive(Clone, Debug)]
pub struct Api {
    runtime: Runtime,
    http: Client,
    doors: Vec<String>,
    token: Option<String>,
    /// Names are looked up in this project.
    project: String,
}

/// Makes a creation repeatable.
pub(crate) const KEY_HEADER: &str = "Idempotency-Key";

impl Api {
    /// `doors`: `https://host:port` of each nexus; a door that is shut is passed over.
    pub fn new(
        runtime: Runtime,
        ca_pem: &str,
        doors: Vec<String>,
        token: &str,
        project: &str,
    ) -> Result<Api> {
        berth_transport::install_provider();
        let http = patient(berth_transport::ca_client_builder(ca_pem)?)?;
        Ok(Api { runtime, http, doors, token: Some(token.to_owned()), project: project.to_owned() })
    }

    /// The same user at one door only.
    #[must_use]
    pub fn at(&self, door: usize) -> Api {
        Api { doors: vec![self.doors[door].clone()], ..self.clone() }
    }

    /// Another user, or nobody, at the same doors.
    #[must_use]
    pub fn as_user(&self, token: Option<&str>) -> Api {
        Api { token: token.map(str::to_owned), ..self.clone() }
    }

    /// The same user, in another project.
    #[must_use]
    pub fn in_project(&self, project: &str) -> Api {
        Api { project: project.to_owned(), ..self.clone() }
    }

    /// How many doors it knows.
    pub fn doors(&self) -> usize {
        self.doors.len()
    }

    /// The project that names are looked up in.
    pub fn project(&self) -> &str {
        &self.project
    }

    /// The runtime on which requests run.
    pub fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// Sends a request to the first door that opens, and on to the next if a door shuts before it answers and the request
    /// can be repeated. An error means that there was no answer.
    pub fn send(&self, method: &Method, path: &str, headers: &[(&str, &str)], body: Body) -> Result<Reply> {
        let mut shut = None;
        for door in &self.doors {
            match self.runtime.block_on(self.send_to(door, method, path, headers, body.clone())) {
                Err(error) if error.is_connect() || is_repeatable(method, path, headers) => {
                    shut = Some(error)
                }
                answer => return answer.with_context(|| format!("{method} {path} at {door}")),
            }
        }
        match shut {
            Some(error) => Err(error).with_context(|| format!("{method} {path}: no door opens")),
            None => bail!("no door is known"),
        }
    }

    async fn send_to(
        &self,
        door: &str,
        method: &Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Body,
    ) -> Result<Reply, reqwest::Error> {
        let mut request = self.http.request(method.clone(), format!("{door}{path}"));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = match body {
            Body::Nothing => request,
            Body::Json(value) => request.json(&value),
            Body::Bytes(kind, bytes) => request.header("content-type", kind).body(bytes),
        };
        let response = request.send().await?;
        let retry_after = response.headers().get(reqwest::header::RETRY_AFTER);
        let retry_after = retry_after.and_then(|value| value.to_str().ok()).map(str::to_owned);
        let (status, text) = (response.status(), response.text().await?);
        Ok(Reply { status, json: serde_json::from_str(&text).unwrap_or(Value::Null), text, retry_after })
    }

    /// `GET`, and the answer as `T`.
    pub fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        self.send(&Method::GET, path, &[], Body::Nothing)?.into()
    }

    /// `POST` of JSON, with whatever is answered.
    pub fn post(&self, path: &str, body: Value) -> Result<Reply> {
        self.send(&Method::POST, path, &[], Body::Json(body))
    }

    /// `POST` without a body, with whatever is answered.
    pub fn post_nothing(&self, path: &str) -> Result<Reply> {
        self.send(&Method::POST, path, &[], Body::Nothing)
    }

    /// `DELETE`, with whatever is answered.
    pub fn delete(&self, path: &str) -> Result<Reply> {
        self.send(&Method::DELETE, path, &[], Body::Nothing)
    }

    /// `path?project=…`
    pub fn here(&self, path: &str) -> String {
        format!("{path}?project={}", self.project)
    }
}

/// A client of the product that waits as scenarios do. It doesn't ask silent connections whether they live: on a busy
/// machine the answer to that may be late, too.
pub(crate) fn patient(builder: ClientBuilder) -> reqwest::Result<Client> {
    builder
        .connect_timeout(REQUEST_LIMIT)
        .timeout(REQUEST_LIMIT)
        .http2_keep_alive_interval(None::<Duration>)
        .build()
}

/// Asked twice, it is done once: by its nature, or by its key.
fn is_repeatable(method: &Method, path: &str, headers: &[(&str, &str)]) -> bool {
    let verb = path.split('?').next().unwrap_or(path);
    *method != Method::POST
        || verb.ends_with("/start")
        || verb.ends_with("/stop")
        || verb.ends_with("/migrate")
        || headers.iter().any(|(name, _)| *name == KEY_HEADER)
}
