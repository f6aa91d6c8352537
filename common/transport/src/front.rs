//! The front: takes TLS connections on a program's open port, learns who calls, and passes the bytes on to the
//! plain HTTP server on loopback.
//!
//! ```text
//! accept ─ limit ─> handshake ─ in time ─> first byte ─ in time ─> connect upstream ─> record peer ─> pass bytes
//!            └ refused      └ failed              └ silent
//! ```
//! Nothing of the plain server is touched before a caller has finished its handshake and said something. How slowly
//! it may say the rest is the HTTP server's limit.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use slog::{Logger, debug, info, o, warn};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinError, JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

use crate::key_ring::KeyRing;
use crate::peer_table::PeerTable;
use crate::proxy::{Ended, Passage};
use crate::tls_config::{FrontMode, TlsConfigError, server_tls_config};

/// How long to wait before accepting again when the system has no descriptor left for a new connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Where a front listens, what is behind it, and its limits.
#[derive(Clone, Debug)]
pub struct FrontConfig {
    /// The open port; port 0 takes a free one.
    pub bind: SocketAddr,
    /// The plain HTTP server; must be a loopback address.
    pub upstream: SocketAddr,
    pub mode: FrontMode,
    /// From accepting to the end of the TLS handshake. Default 10 s.
    pub handshake_timeout: Duration,
    /// From the handshake to the caller's first byte. Default 30 s.
    pub first_byte_timeout: Duration,
    /// Connections at a time, handshakes included; the next one is closed at once. Default 1024.
    pub max_connections: usize,
    /// How long a caller has to take the end of its answer, and to stop sending, once the plain server has closed.
    /// Default 1 s.
    pub goodbye_timeout: Duration,
    /// How long [`Front::close`] lets standing connections finish. Default 2 s.
    pub drain_timeout: Duration,
}

impl FrontConfig {
    pub fn new(bind: SocketAddr, upstream: SocketAddr, mode: FrontMode) -> FrontConfig {
        FrontConfig {
            bind,
            upstream,
            mode,
            handshake_timeout: Duration::from_secs(10),
            first_byte_timeout: Duration::from_secs(30),
            max_connections: 1024,
            goodbye_timeout: Duration::from_secs(1),
            drain_timeout: Duration::from_secs(2),
        }
    }
}

/// Why a front did not start.
#[derive(Debug, thiserror::Error)]
pub enum FrontError {
    #[error("the plain server's address {upstream} is not a loopback address")]
    UpstreamNotLoopback { upstream: SocketAddr },
    #[error("cannot listen on {bind}")]
    Bind { bind: SocketAddr, source: io::Error },
    #[error("no TLS configuration for the front")]
    Tls(#[from] TlsConfigError),
}

/// What became of connections since the start; each accepted one ends in at most one of the other counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FrontCounts {
    pub accepted: u64,
    /// Closed because `max_connections` stood already.
    pub refused_by_limit: u64,
    /// The handshake failed or took too long: no certificate, a foreign one, an expired one, not TLS at all.
    pub handshake_failed: u64,
    /// Said nothing after the handshake.
    pub silent: u64,
    /// The plain server could not be reached.
    pub upstream_unreachable: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    accepted: AtomicU64,
    refused_by_limit: AtomicU64,
    handshake_failed: AtomicU64,
    silent: AtomicU64,
    upstream_unreachable: AtomicU64,
}

/// A running front. Dropping it cuts every connection at once.
#[derive(Debug)]
pub struct Front {
    local_addr: SocketAddr,
    counters: Arc<Counters>,
    stop: Arc<Notify>,
    acceptor: JoinHandle<()>,
}

impl Front {
    /// Listens from now on. `peers` is the table that the plain server's door asks.
    ///
    /// Errors: `UpstreamNotLoopback`, `Bind`, `Tls`.
    pub async fn start(
        config: FrontConfig,
        keys: Arc<KeyRing>,
        peers: Arc<PeerTable>,
        log: &Logger,
    ) -> Result<Front, FrontError> {
        if !config.upstream.ip().is_loopback() {
            return Err(FrontError::UpstreamNotLoopback { upstream: config.upstream });
        }
        let tls = TlsAcceptor::from(Arc::new(server_tls_config(&keys, config.mode)?));
        let bind_failed = |source| FrontError::Bind { bind: config.bind, source };
        let listener = TcpListener::bind(config.bind).await.map_err(bind_failed)?;
        let local_addr = listener.local_addr().map_err(bind_failed)?;
        let log = log.new(o!("front" => local_addr.to_string()));
        info!(log, "front listens"; "mode" => ?config.mode, "upstream" => %config.upstream);
        let counters = Arc::new(Counters::default());
        let stop = Arc::new(Notify::new());
        let slots = Arc::new(Semaphore::new(config.max_connections));
        let counting = counters.clone();
        let passage = Arc::new(Passage { config, tls, peers });
        let acceptor =
            tokio::spawn(Acceptor { listener, passage, counters: counting, slots, log }.run(stop.clone()));
        Ok(Front { local_addr, counters, stop, acceptor })
    }

    /// Where it listens, with the port that was taken.
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    pub fn counts(&self) -> FrontCounts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        FrontCounts {
            accepted: read(&self.counters.accepted),
            refused_by_limit: read(&self.counters.refused_by_limit),
            handshake_failed: read(&self.counters.handshake_failed),
            silent: read(&self.counters.silent),
            upstream_unreachable: read(&self.counters.upstream_unreachable),
        }
    }

    /// Takes no more connections, waits for the standing ones up to the drain timeout, cuts the rest. Idle
    /// connections of pooled clients end when the plain server closes: close both at the same time.
    pub async fn close(mut self) {
        self.stop.notify_one();
        let _panicked = (&mut self.acceptor).await;
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.acceptor.abort();
    }
}

struct Acceptor {
    listener: TcpListener,
    passage: Arc<Passage>,
    counters: Arc<Counters>,
    slots: Arc<Semaphore>,
    log: Logger,
}

impl Acceptor {
    /// Owns every connection: when this ends or is aborted, so are they.
    async fn run(self, stop: Arc<Notify>) {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                biased;
                () = stop.notified() => break,
                Some(ended) = connections.join_next() => self.reap(ended),
                accepted = self.listener.accept() => match accepted {
                    Ok((socket, client)) => self.admit(socket, client, &mut connections),
                    Err(error) => {
                        warn!(self.log, "cannot accept"; "error" => %error);
                        tokio::time::sleep(ACCEPT_PAUSE).await;
                    }
                },
            }
        }
        let Acceptor { listener, passage, log, .. } = self;
        drop(listener);
        let drained = async { while connections.join_next().await.is_some() {} };
        if tokio::time::timeout(passage.config.drain_timeout, drained).await.is_err() {
            debug!(log, "cuts connections that did not finish"; "connections" => connections.len());
        }
        connections.shutdown().await;
    }

    fn admit(&self, socket: TcpStream, client: SocketAddr, connections: &mut JoinSet<()>) {
        count(&self.counters.accepted);
        let Ok(slot) = self.slots.clone().try_acquire_owned() else {
            count(&self.counters.refused_by_limit);
            debug!(self.log, "refuses a connection over the limit"; "client" => %client);
            return;
        };
        let (passage, counters, log) = (self.passage.clone(), self.counters.clone(), self.log.clone());
        connections.spawn(serve(passage, counters, log, socket, client, slot));
    }

    fn reap(&self, ended: Result<(), JoinError>) {
        if let Err(error) = ended
            && error.is_panic()
        {
            warn!(self.log, "a connection's task panicked"; "error" => %error);
        }
    }
}

async fn serve(
    passage: Arc<Passage>,
    counters: Arc<Counters>,
    log: Logger,
    socket: TcpStream,
    client: SocketAddr,
    slot: OwnedSemaphorePermit,
) {
    let ended = passage.serve(socket, client).await;
    drop(slot);
    match &ended {
        Ended::HandshakeFailed(_) | Ended::HandshakeTooSlow => count(&counters.handshake_failed),
        Ended::Silent => count(&counters.silent),
        Ended::UpstreamUnreachable(_) => count(&counters.upstream_unreachable),
        Ended::NothingAsked | Ended::Passed => {}
    }
    match ended {
        Ended::UpstreamUnreachable(error) => {
            warn!(log, "plain server unreachable"; "client" => %client, "error" => %error);
        }
        Ended::HandshakeFailed(error) => {
            debug!(log, "handshake failed"; "client" => %client, "error" => %error);
        }
        Ended::HandshakeTooSlow | Ended::Silent | Ended::NothingAsked | Ended::Passed => {
            debug!(log, "connection ended"; "client" => %client, "how" => ?ended);
        }
    }
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}
