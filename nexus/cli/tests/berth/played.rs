//! A played nexus: the cluster's real front with TLS, and behind it a script that answers and remembers.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use berth_transport::{Authority, Front, FrontConfig, FrontMode, KeyRing, PeerTable, Subject, write_secret};
use dropshot::{
    ApiDescription, Body, ConfigDropshot, HttpError, HttpServer, RequestContext, ServerBuilder,
    StreamingBody, endpoint,
};
use futures::TryStreamExt;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use slog::{Discard, Logger, o};
use uuid::Uuid;

/// The token everybody has here.
pub const TOKEN: &str = "berth-test-word";

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: String,
    pub path: String,
    pub query: String,
    pub token: String,
    pub idempotency_key: Option<String>,
    pub body: Vec<u8>,
}

impl Asked {
    /// `GET /v1/instances`.
    pub fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a JSON body")
    }
}

type Script = Box<dyn Fn(&Asked, usize) -> (u16, Value) + Send + Sync>;

/// What the played nexus shares with its test.
struct Stage {
    script: Script,
    asked: Mutex<Vec<Asked>>,
}

#[derive(Deserialize, JsonSchema)]
struct Rest {
    #[serde(rename = "path")]
    _path: Vec<String>,
}

type Context = RequestContext<Arc<Stage>>;

async fn play(ctx: &Context, body: Vec<u8>) -> Result<http::Response<Body>, HttpError> {
    let header = |name: &str| {
        let value = ctx.request.headers().get(name)?;
        Some(value.to_str().expect("a readable header").to_string())
    };
    let asked = Asked {
        method: ctx.request.method().to_string(),
        path: ctx.request.uri().path().to_string(),
        query: ctx.request.uri().query().unwrap_or_default().to_string(),
        token: header("authorization").unwrap_or_default(),
        idempotency_key: header("idempotency-key"),
        body,
    };
    let stage = ctx.context();
    let number = {
        let mut all = stage.asked.lock().expect("not poisoned");
        all.push(asked.clone());
        all.iter().filter(|other| other.line() == asked.line()).count()
    };
    let (status, answer) = (stage.script)(&asked, number);
    let response = http::Response::builder().status(status).header("content-type", "application/json");
    let body = if status == 204 { Body::empty() } else { answer.to_string().into() };
    Ok(response.body(body).expect("a response"))
}

#[endpoint { method = GET, path = "/{path:.*}", unpublished = true }]
async fn get(ctx: Context, _: dropshot::Path<Rest>) -> Result<http::Response<Body>, HttpError> {
    play(&ctx, Vec::new()).await
}

#[endpoint { method = DELETE, path = "/{path:.*}", unpublished = true }]
async fn delete(ctx: Context, _: dropshot::Path<Rest>) -> Result<http::Response<Body>, HttpError> {
    play(&ctx, Vec::new()).await
}

#[endpoint { method = POST, path = "/{path:.*}", unpublished = true }]
async fn post(
    ctx: Context,
    _: dropshot::Path<Rest>,
    body: StreamingBody,
) -> Result<http::Response<Body>, HttpError> {
    let body = whole(body).await?;
    play(&ctx, body).await
}

#[endpoint { method = PATCH, path = "/{path:.*}", unpublished = true }]
async fn patch(
    ctx: Context,
    _: dropshot::Path<Rest>,
    body: StreamingBody,
) -> Result<http::Response<Body>, HttpError> {
    let body = whole(body).await?;
    play(&ctx, body).await
}

#[endpoint { method = PUT, path = "/{path:.*}", unpublished = true, request_body_max_bytes = 10_000_000 }]
async fn put(
    ctx: Context,
    _: dropshot::Path<Rest>,
    body: StreamingBody,
) -> Result<http::Response<Body>, HttpError> {
    let body = whole(body).await?;
    play(&ctx, body).await
}

async fn whole(body: StreamingBody) -> Result<Vec<u8>, HttpError> {
    body.into_stream()
        .try_fold(Vec::new(), async |mut all, piece| {
            all.extend_from_slice(&piece);
            Ok(all)
        })
        .await
}

/// A cluster: its authority, a user's home, and any number of played nexus.
pub struct Cluster {
    authority: Authority,
    home: tempfile::TempDir,
    runtime: tokio::runtime::Runtime,
}

/// One of them; gone when dropped.
pub struct Nexus {
    pub url: String,
    stage: Arc<Stage>,
    _front: Front,
    _plain: HttpServer<Arc<Stage>>,
}

impl Nexus {
    /// Everything that arrived, in order.
    pub fn asked(&self) -> Vec<Asked> {
        self.stage.asked.lock().expect("not poisoned").clone()
    }

    /// The same, as `METHOD /path`.
    pub fn lines(&self) -> Vec<String> {
        self.asked().iter().map(Asked::line).collect()
    }
}

impl Cluster {
    pub fn new() -> Cluster {
        let authority = Authority::create(Uuid::new_v4()).expect("an authority");
        let home = tempfile::tempdir().expect("a home");
        std::fs::write(home.path().join("ca.pem"), authority.cert_pem()).expect("written");
        write_secret(home.path().join("secrets"), "token", TOKEN).expect("written");
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        Cluster { authority, home, runtime: runtime.expect("a runtime") }
    }

    /// Starts a nexus. The script gets each request, and how many of its line there have been.
    pub fn nexus(&self, script: impl Fn(&Asked, usize) -> (u16, Value) + Send + Sync + 'static) -> Nexus {
        let _runtime = self.runtime.enter();
        let log = Logger::root(Discard, o!());
        let stage = Arc::new(Stage { script: Box::new(script), asked: Mutex::default() });
        let mut api = ApiDescription::new();
        api.register(get).expect("an endpoint");
        api.register(delete).expect("an endpoint");
        api.register(post).expect("an endpoint");
        api.register(patch).expect("an endpoint");
        api.register(put).expect("an endpoint");
        let any_port = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
        let config = ConfigDropshot { bind_address: any_port, ..ConfigDropshot::default() };
        let plain =
            ServerBuilder::new(api, stage.clone(), log.clone()).config(config).start().expect("a server");
        let subject = Subject::nexus(Uuid::new_v4(), Vec::new(), Vec::new());
        let keys = KeyRing::new(self.authority.issue(&subject).expect("a certificate"));
        let mut config = FrontConfig::new(any_port, plain.local_addr(), FrontMode::ServerOnly);
        // On a busy machine nobody is too slow.
        config.handshake_timeout = Duration::from_secs(120);
        let front =
            self.runtime.block_on(Front::start(config, keys, PeerTable::new(), &log)).expect("a front");
        Nexus { url: format!("https://{}", front.local_addr()), stage, _front: front, _plain: plain }
    }

    /// The user's home.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.home().join(name)
    }

    /// The program with nothing of this machine's own configuration.
    pub fn bare(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_berth"));
        command.args(line.split_whitespace()).env_clear().env("HOME", self.home()).current_dir(self.home());
        command.stdin(Stdio::null());
        command
    }

    /// The program, told where these nexus are.
    pub fn command(&self, nexus: &[&Nexus], line: &str) -> Command {
        let urls: Vec<&str> = nexus.iter().map(|nexus| nexus.url.as_str()).collect();
        let mut command = self.bare(line);
        command.env("BERTH_URL", urls.join(",")).env("BERTH_CA", self.path("ca.pem"));
        command.env("BERTH_TOKEN_FILE", self.path("secrets/token"));
        command
    }

    /// Runs it.
    pub fn berth(&self, nexus: &[&Nexus], line: &str) -> Done {
        Done::of(&mut self.command(nexus, line))
    }
}

/// How a run ended.
#[derive(Debug)]
pub struct Done {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Done {
    pub fn of(command: &mut Command) -> Done {
        Done::from(command.output().expect("the program starts"))
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Panics unless it was done.
    #[track_caller]
    pub fn fine(self) -> Done {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }

    /// Panics unless standard error says each of these.
    #[track_caller]
    pub fn says(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, code, "{self:?}");
        for word in words {
            assert!(self.err.contains(word), "{word:?} is not in {}", self.err);
        }
    }
}

impl From<Output> for Done {
    fn from(output: Output) -> Done {
        Done {
            code: output.status.code().expect("it ended by itself"),
            out: String::from_utf8(output.stdout).expect("text"),
            err: String::from_utf8(output.stderr).expect("text"),
        }
    }
}

/// The id made of this number.
pub fn id(number: u32) -> String {
    format!("a0a0a0a0-0000-4000-8000-{number:012}")
}

const WHEN: &str = "2026-01-01T00:00:00Z";

/// An operation on instance `name`.
pub fn operation(kind: &str, name: &str, state: &str) -> Value {
    json!({
        "id": id(900), "kind": kind, "actor": "me", "cause": "r-900", "state": state,
        "subject": {"kind": "instance", "id": id(1), "name": name},
        "progress": {"done": 1, "total": 3, "phase": format!("phase-{state}"), "bytes": 0},
        "cancellable": true, "created_at": WHEN, "updated_at": WHEN,
    })
}

/// An instance of project 100.
pub fn instance(number: u32, name: &str, state: &str) -> Value {
    json!({
        "id": id(number), "project_id": id(100), "name": name, "description": "", "generation": 1, "cpus": 2,
        "memory_mib": 512, "command_line": "", "disks": [], "nics": [], "stop_grace_s": 30, "stop_priority": 0, "restart_policy": "on_failure", "crashes": 0, "state": state,
        "state_age_ms": 1500, "intent": "running", "rest": "none", "created_at": WHEN,
    })
}

/// A project with this number.
pub fn project(number: u32, name: &str) -> Value {
    let none = json!({"instances": 0, "cpus": 0, "memory_mib": 0, "disk_bytes": 0});
    json!({
        "id": id(number), "name": name, "description": "", "generation": 1, "quota": none, "used": none,
        "created_at": WHEN,
    })
}

/// A refusal.
pub fn refusal(status: u16, code: &str, message: &str) -> (u16, Value) {
    (status, json!({"error_code": code, "message": message, "request_id": "r-77"}))
}

/// Query parameters by name.
pub fn query(asked: &Asked) -> HashMap<String, String> {
    let pairs = asked.query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.to_string(), value.to_string())).collect()
}
