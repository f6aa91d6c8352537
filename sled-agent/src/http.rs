//! The door: who calls, one call into the right room, the answer translated.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use berth_common::ids::{GenericUuid, SledUuid, VmmUuid};
use berth_common::refusal::{Denial, ErrorCode};
use berth_sled_agent_api::agent::{AgentHealth, METRICS_TYPE, SledAgentApi};
use berth_sled_agent_api::console::ConsoleQuery;
use berth_sled_agent_api::disk::{DiskAnswer, DiskDeleteQuery, DiskEnsure, DiskPath, DiskSource};
use berth_sled_agent_api::migration::MigrationPut;
use berth_sled_agent_api::report::SledReport;
use berth_sled_agent_api::vmm::{
    Denied, SerialChunk, SerialQuery, VmmAnswer, VmmEndQuery, VmmEnsure, VmmPath, VmmStatePut,
};
use berth_transport::{Peer, PeerIdentity, PeerTable, Role};
use dropshot::{
    Body, ClientErrorStatusCode, HttpError, HttpResponseOk, Path, Query, RequestContext, TypedBody,
    WebsocketEndpointResult, WebsocketUpgrade,
};
use http::Response;
use http::header::CONTENT_TYPE;
use slog::debug;
use tokio::sync::Semaphore;

use crate::metrics;
use crate::serial::{self, console};
use crate::storage::Storage;
use crate::tally::Tally;
use crate::vmms::Shared;
use crate::vmms::admission::{Addressee, image_fault};
use crate::vmms::manager::{Manager, Unserved};

/// Bytes of a serial log that are sent unless told otherwise, and at most.
const SERIAL_DEFAULT_BYTES: u32 = 64 * 1024;
const SERIAL_MAX_BYTES: u32 = 1024 * 1024;
/// Disks are made of sectors.
const SECTOR_BYTES: u64 = 512;

/// What the doors share.
#[derive(Debug)]
pub struct Doors {
    pub peers: Arc<PeerTable>,
    pub me: PeerIdentity,
    pub addressee: Addressee,
    pub manager: Arc<Manager>,
    pub shared: Arc<Shared>,
    /// Places for live consoles.
    pub consoles: Arc<Semaphore>,
    /// Requests that were refused.
    pub denied: Tally<Denial>,
}

impl Doors {
    fn storage(&self) -> &Storage {
        &self.shared.storage
    }

    fn refused(&self, Denied { denial, message }: Denied) -> HttpError {
        self.denied.count(denial);
        let code = Some(denial.to_string());
        HttpError::for_client_error(code, ClientErrorStatusCode::CONFLICT, message)
    }

    fn unserved(&self, error: Unserved) -> HttpError {
        match error {
            Unserved::Denied(denied) => self.refused(denied),
            Unserved::Invalid(message) => invalid(message),
            Unserved::Unavailable(message) => unavailable(message),
        }
    }
}

/// The implementation of [`SledAgentApi`].
#[derive(Debug)]
pub enum AgentDoor {}

type Request = RequestContext<Arc<Doors>>;

/// Only a nexus of this cluster may go on.
fn admit(request: &Request) -> Result<&Arc<Doors>, HttpError> {
    let doors = request.context();
    let refuse = |code: ErrorCode, status, message: &str| {
        HttpError::for_client_error(Some(code.to_string()), status, message.to_string())
    };
    match doors.peers.lookup(request.request.remote_addr()) {
        Some(Peer::Mutual(peer)) if peer.role == Role::Nexus && peer.cluster == doors.me.cluster => Ok(doors),
        Some(Peer::Mutual(_)) => {
            let message = "only a nexus of this sled's cluster is served here";
            Err(refuse(ErrorCode::Forbidden, ClientErrorStatusCode::FORBIDDEN, message))
        }
        Some(Peer::Public { .. }) | None => {
            let message = "a certificate of a nexus of this sled's cluster is needed";
            Err(refuse(ErrorCode::Unauthenticated, ClientErrorStatusCode::UNAUTHORIZED, message))
        }
    }
}

fn invalid(message: String) -> HttpError {
    HttpError::for_bad_request(Some(ErrorCode::InvalidRequest.to_string()), message)
}

fn unavailable(message: String) -> HttpError {
    let mut error = HttpError::for_unavail(Some(ErrorCode::Unavailable.to_string()), message.clone());
    error.external_message = message;
    error
}

fn no_log(vmm: VmmUuid) -> HttpError {
    let message = format!("VMM {vmm} isn't known on this sled, and no serial log of it is kept");
    let code = Some(ErrorCode::NotFound.to_string());
    HttpError::for_client_error(code, ClientErrorStatusCode::NOT_FOUND, message)
}

impl SledAgentApi for AgentDoor {
    type Context = Arc<Doors>;

    async fn health(request: Request) -> Result<HttpResponseOk<AgentHealth>, HttpError> {
        let sled = Some(SledUuid::from_untyped_uuid(request.context().me.id));
        Ok(HttpResponseOk(AgentHealth { sled, version: env!("CARGO_PKG_VERSION").to_string() }))
    }

    async fn metrics(request: Request) -> Result<Response<Body>, HttpError> {
        let doors = admit(&request)?;
        let page = metrics::page(&doors.shared, &doors.denied);
        let page = page.map_err(|error| HttpError::for_internal_error(format!("metrics: {error}")))?;
        Ok(Response::builder().header(CONTENT_TYPE, METRICS_TYPE).body(page.into())?)
    }

    async fn vmm_list(request: Request) -> Result<HttpResponseOk<SledReport>, HttpError> {
        Ok(HttpResponseOk(admit(&request)?.shared.reports.inventory()))
    }

    async fn vmm_ensure(
        request: Request,
        path: Path<VmmPath>,
        body: TypedBody<VmmEnsure>,
    ) -> Result<HttpResponseOk<VmmAnswer>, HttpError> {
        let doors = admit(&request)?;
        let answer = doors.manager.ensure(path.into_inner().vmm, body.into_inner()).await;
        answer.map(HttpResponseOk).map_err(|error| doors.unserved(error))
    }

    async fn vmm_put_state(
        request: Request,
        path: Path<VmmPath>,
        body: TypedBody<VmmStatePut>,
    ) -> Result<HttpResponseOk<VmmAnswer>, HttpError> {
        let doors = admit(&request)?;
        let answer = doors.manager.put_state(path.into_inner().vmm, body.into_inner()).await;
        answer.map(HttpResponseOk).map_err(|error| doors.unserved(error))
    }

    async fn vmm_put_migration(
        request: Request,
        path: Path<VmmPath>,
        body: TypedBody<MigrationPut>,
    ) -> Result<HttpResponseOk<VmmAnswer>, HttpError> {
        let doors = admit(&request)?;
        let answer = doors.manager.put_migration(path.into_inner().vmm, body.into_inner()).await;
        answer.map(HttpResponseOk).map_err(|error| doors.unserved(error))
    }

    async fn vmm_end(
        request: Request,
        path: Path<VmmPath>,
        query: Query<VmmEndQuery>,
    ) -> Result<HttpResponseOk<VmmAnswer>, HttpError> {
        let doors = admit(&request)?;
        let answer = doors.manager.end(path.into_inner().vmm, query.into_inner()).await;
        answer.map(HttpResponseOk).map_err(|error| doors.unserved(error))
    }

    async fn vmm_serial(
        request: Request,
        path: Path<VmmPath>,
        query: Query<SerialQuery>,
    ) -> Result<HttpResponseOk<SerialChunk>, HttpError> {
        let doors = admit(&request)?;
        let (vmm, query) = (path.into_inner().vmm, query.into_inner());
        let max_bytes = query.max_bytes.unwrap_or(SERIAL_DEFAULT_BYTES).clamp(1, SERIAL_MAX_BYTES);
        let places = console::places(&doors.shared, vmm);
        let read = tokio::task::spawn_blocking(move || console::read_first(&places, query.from, max_bytes));
        let read = read.await.unwrap_or_else(|error| Err(std::io::Error::other(error)));
        let piece = read.map_err(|error| HttpError::for_internal_error(format!("serial log: {error}")))?;
        if let Some(serial::Piece { from, data }) = piece {
            let next = from + data.len() as u64;
            return Ok(HttpResponseOk(SerialChunk { from, next, data_base64: STANDARD.encode(data) }));
        }
        if doors.manager.knows(vmm) {
            let from = 0;
            return Ok(HttpResponseOk(SerialChunk { from, next: from, data_base64: String::new() }));
        }
        Err(no_log(vmm))
    }

    async fn vmm_console(
        request: Request,
        path: Path<VmmPath>,
        query: Query<ConsoleQuery>,
        upgrade: WebsocketUpgrade,
    ) -> WebsocketEndpointResult {
        let doors = admit(&request)?;
        let (vmm, from) = (path.into_inner().vmm, query.into_inner().from);
        let kept = console::places(&doors.shared, vmm).iter().any(|place| place.exists());
        if !kept && !doors.manager.knows(vmm) {
            return Err(no_log(vmm));
        }
        let permit = doors.consoles.clone().try_acquire_owned().map_err(|_| {
            let limit = console::SESSIONS_MAX;
            unavailable(format!("{limit} consoles are open on this sled; close one, or read the log"))
        })?;
        let session = console::Session { shared: doors.shared.clone(), vmm, from, permit };
        let log = doors.shared.log.clone();
        upgrade.handle(move |connection| async move {
            if let Err(broken) = session.serve(connection.into_inner()).await {
                debug!(log, "a console's session broke"; "vmm" => %vmm, "error" => %broken);
            }
            Ok(())
        })
    }

    async fn disk_ensure(
        request: Request,
        path: Path<DiskPath>,
        body: TypedBody<DiskEnsure>,
    ) -> Result<HttpResponseOk<DiskAnswer>, HttpError> {
        let doors = admit(&request)?;
        let (DiskPath { pool, disk }, DiskEnsure { envelope, size_bytes, source }) =
            (path.into_inner(), body.into_inner());
        doors.addressee.check(envelope.cluster, envelope.ledger).map_err(|denied| doors.refused(denied))?;
        if size_bytes == 0 || size_bytes % SECTOR_BYTES != 0 {
            return Err(invalid(format!(
                "{size_bytes} bytes is no size of a disk: multiples of {SECTOR_BYTES} are"
            )));
        }
        if let DiskSource::Image { file, .. } = &source
            && let Some(fault) = image_fault(file)
        {
            return Err(invalid(fault));
        }
        let progress = doors.storage().ensure_disk(pool, disk, envelope.request, size_bytes, source).await;
        Ok(HttpResponseOk(DiskAnswer { disk, progress: progress.map_err(|denied| doors.refused(denied))? }))
    }

    async fn disk_delete(
        request: Request,
        path: Path<DiskPath>,
        query: Query<DiskDeleteQuery>,
    ) -> Result<HttpResponseOk<DiskAnswer>, HttpError> {
        let doors = admit(&request)?;
        let DiskPath { pool, disk } = path.into_inner();
        let answer = doors.manager.delete_disk(pool, disk, &query.into_inner()).await;
        answer.map(HttpResponseOk).map_err(|error| doors.unserved(error))
    }
}
