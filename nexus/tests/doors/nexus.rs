//! A nexus with its database, and clients of its doors.

use anyhow::{Context, Result, ensure};
use berth_nexus::config::Config;
use berth_nexus::server::Server;
use berth_postgres::TestDatabase;
use reqwest::{Client, ClientBuilder, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use slog::{Discard, Logger, o};
use std::time::Duration;
use tempfile::TempDir;

/// How long tests wait for an answer: on a busy machine a late one isn't wrong.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running nexus. Ended by [`House::end`]; dropped, it ends with the test's process.
pub struct House {
    pub server: Server,
    pub database: TestDatabase,
    pub admin: String,
    client: Client,
    ca_pem: String,
    _dir: TempDir,
}

/// What was answered.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub json: Value,
    pub request_id: Option<String>,
    pub retry_after: Option<String>,
}

impl Reply {
    pub fn code(&self) -> &str {
        self.json["error_code"].as_str().unwrap_or_default()
    }

    pub fn message(&self) -> &str {
        self.json["message"].as_str().unwrap_or_default()
    }

    /// The body of a success.
    pub fn ok(self) -> Result<Value> {
        ensure!(self.status.is_success(), "refused: {} {}", self.status, self.json);
        Ok(self.json)
    }

    /// Fails unless it was refused so, in the shape of every error.
    pub fn refused(&self, status: u16, code: &str) -> Result<()> {
        ensure!(
            (self.status.as_u16(), self.code()) == (status, code),
            "answered {} {}, not {status} {code}",
            self.status,
            self.json
        );
        ensure!(!self.message().is_empty(), "an error without words: {}", self.json);
        ensure!(
            self.json["request_id"].as_str() == self.request_id.as_deref() && self.request_id.is_some(),
            "the body names another request than the header: {} {:?}",
            self.json,
            self.request_id
        );
        Ok(())
    }
}

impl House {
    /// Starts a nexus on a database of its own.
    pub async fn open() -> Result<House> {
        berth_transport::install_provider();
        let dir = tempfile::tempdir()?;
        let state_dir = dir.path().join("state");
        let database = tokio::task::block_in_place(|| TestDatabase::from_template("empty", &[]))?;
        let config = format!(
            "name = \"one\"\nstate_dir = {:?}\n[public]\nlisten = \"127.0.0.1:0\"\n[internal]\nlisten = \
             \"127.0.0.1:0\"\n[database]\nurl = {:?}\npool_size = 8\n",
            state_dir.display().to_string(),
            database.conninfo()
        );
        let config: Config = toml::from_str(&config)?;
        let server = Server::start(config, Logger::root(Discard, o!())).await?;
        let admin = std::fs::read_to_string(state_dir.join("admin-token"))?.trim().to_string();
        let ca_pem = std::fs::read_to_string(state_dir.join("ca.pem"))?;
        let client = patient(berth_transport::ca_client_builder(&ca_pem)?)?;
        Ok(House { server, database, admin, client, ca_pem, _dir: dir })
    }

    pub async fn end(self) {
        self.server.stop().await;
    }

    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// A request to the public door, without a token.
    pub fn request(&self, method: &Method, path: &str) -> RequestBuilder {
        self.client.request(method.clone(), format!("https://{}{path}", self.server.public_addr()))
    }

    /// Sends JSON as the holder of this token.
    pub async fn send(
        &self,
        token: &str,
        method: &Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Reply> {
        let request = self.request(method, path).bearer_auth(token);
        answer(match body {
            Some(body) => request.json(body),
            None => request,
        })
        .await
    }

    pub async fn get(&self, path: &str) -> Result<Reply> {
        self.send(&self.admin, &Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Result<Reply> {
        self.send(&self.admin, &Method::POST, path, Some(&body)).await
    }

    pub async fn delete(&self, path: &str) -> Result<Reply> {
        self.send(&self.admin, &Method::DELETE, path, None).await
    }

    /// All events up to the first of this kind. `query`: what narrows them, beginning with `&`.
    pub async fn events_until(&self, query: &str, last: &str) -> Result<Vec<Value>> {
        let (mut seen, mut since) = (Vec::<Value>::new(), String::new());
        // An event is shown once no older transaction of the whole server is in flight.
        while seen.iter().all(|event| event["kind"] != last) {
            let page = self.get(&format!("/v1/events?wait=10s{query}{since}")).await?.ok()?;
            seen.extend(page["items"].as_array().context("items")?.iter().cloned());
            since = format!("&since={}", page["next"].as_str().context("next")?);
        }
        Ok(seen)
    }

    /// Makes a project.
    pub async fn project(&self, name: &str) -> Result<Value> {
        self.post("/v1/projects", json!({"name": name})).await?.ok()
    }

    /// Makes a user with these roles and a token; the token's secret is the answer.
    pub async fn user(
        &self,
        name: &str,
        fleet: Option<&str>,
        project: Option<(&str, &str)>,
    ) -> Result<String> {
        self.post("/v1/system/users", json!({"name": name, "fleet_role": fleet})).await?.ok()?;
        if let Some((project, role)) = project {
            let grant = json!({"user": name, "project": project, "role": role});
            self.post("/v1/system/roles/grant", grant).await?.ok()?;
        }
        let made = self.post("/v1/system/tokens", json!({"user": name})).await?.ok()?;
        Ok(made["secret"].as_str().context("a token has a secret")?.to_string())
    }
}

/// A client of the product that waits as tests do. It doesn't ask silent connections whether they live: the answer to
/// that may be late, too.
pub fn patient(builder: ClientBuilder) -> reqwest::Result<Client> {
    builder.connect_timeout(PATIENCE).timeout(PATIENCE).http2_keep_alive_interval(None::<Duration>).build()
}

/// Sends a request and reads its answer.
pub async fn answer(request: RequestBuilder) -> Result<Reply> {
    let response = request.send().await?;
    let status = response.status();
    let header = |name: &str| Some(response.headers().get(name)?.to_str().ok()?.to_string());
    let (request_id, retry_after) = (header("x-request-id"), header("retry-after"));
    let text = response.text().await?;
    Ok(Reply { status, json: serde_json::from_str(&text).unwrap_or(Value::Null), request_id, retry_after })
}
