//! The public door: says who asks before anything else is looked at.

use std::sync::Arc;

use berth_common::refusal::ErrorCode;
use berth_nexus_api::answer::Reply;
use berth_nexus_api::api::Answer;
use berth_nexus_api::asked::{Asked, AskedBody, AskedUpgrade, Malformed};
use dropshot::{Header, HttpResponse, Path, Query, RequestContext, WebsocketUpgrade};
use http::header::AUTHORIZATION;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use slog::{Logger, info};

use super::context::Doors;
use super::refusal;
use crate::app::actor::Actor;
use crate::app::authenticate::authenticate;
use crate::app::error::{AppError, AppResult};
use crate::context::Nexus;

/// Nobody outside of this file has one, so nobody else makes a [`Door`].
#[derive(Debug)]
struct Seal;

/// Proof that the sender is known: only [`answer`] makes one, and only it opens what was sent.
#[derive(Debug)]
pub struct Door {
    /// Who asks.
    pub actor: Actor,
    /// What functions of `app` need.
    pub nexus: Arc<Nexus>,
    _seal: Seal,
}

impl Door {
    /// The path's parameters.
    pub fn path<T: JsonSchema + DeserializeOwned + Send + Sync>(
        &self,
        path: Asked<Path<T>>,
    ) -> Result<T, Malformed> {
        path.open().map(Path::into_inner)
    }

    /// The query's parameters.
    pub fn query<T: JsonSchema + DeserializeOwned + Send + Sync>(
        &self,
        query: Asked<Query<T>>,
    ) -> Result<T, Malformed> {
        query.open().map(Query::into_inner)
    }

    /// The headers that mean something here.
    pub fn headers<T: JsonSchema + DeserializeOwned + Send + Sync>(
        &self,
        headers: Asked<Header<T>>,
    ) -> Result<T, Malformed> {
        headers.open().map(Header::into_inner)
    }

    /// The connection that is to become a websocket.
    pub fn upgrade(&self, upgrade: AskedUpgrade) -> Result<WebsocketUpgrade, Malformed> {
        upgrade.open()
    }

    /// The body.
    pub fn body<T>(&self, body: AskedBody<T>) -> Result<T, Malformed> {
        body.open()
    }
}

/// Answers a request: authenticates its sender, runs `deed` with the proof, turns a refusal into a response, and
/// writes the audit line of a request that changes something.
pub async fn answer<R, F, Deed>(rqctx: &RequestContext<Doors>, deed: F) -> Answer<R>
where
    R: HttpResponse,
    F: FnOnce(Door) -> Deed,
    Deed: Future<Output = AppResult<R>>,
{
    let log = rqctx.log.new(slog::o!("operation" => rqctx.endpoint.operation_id.clone()));
    let (who, done) = match enter(rqctx).await {
        Ok(door) => (door.actor.name.to_string(), deed(door).await),
        Err(error) => ("nobody".to_string(), Err(error)),
    };
    let reply = done.map_err(|error| refusal::to_response(&error, &rqctx.request_id, &log));
    if !rqctx.request.method().is_safe() {
        let outcome = match &reply {
            Ok(done) => done.status_code().as_u16().to_string(),
            Err(error) => error.error_code.clone(),
        };
        audit(&log, rqctx, &who, &outcome);
    }
    Ok(Reply(reply))
}

async fn enter(rqctx: &RequestContext<Doors>) -> AppResult<Door> {
    let doors = rqctx.context();
    came_through_the_front(rqctx)?;
    let header = rqctx.request.headers().get(AUTHORIZATION).map(http::HeaderValue::as_bytes);
    let actor = authenticate(&doors.nexus, header, &rqctx.request_id).await?;
    Ok(Door { actor, nexus: doors.nexus.clone(), _seal: Seal })
}

/// Refuses who reached the plain server around its TLS front.
pub fn came_through_the_front(rqctx: &RequestContext<Doors>) -> AppResult<()> {
    match rqctx.context().peers.lookup(rqctx.request.remote_addr()) {
        Some(_) => Ok(()),
        None => Err(AppError::refused(
            ErrorCode::Forbidden,
            "this is not the door: speak TLS with the address that nexus advertises",
        )),
    }
}

/// The subject is the path, which holds names and ids but never a secret.
fn audit(log: &Logger, rqctx: &RequestContext<Doors>, actor: &str, outcome: &str) {
    info!(log, "audit"; "actor" => actor, "verb" => &rqctx.endpoint.operation_id,
        "subject" => rqctx.request.uri().path(), "request_id" => &rqctx.request_id, "outcome" => outcome);
}
