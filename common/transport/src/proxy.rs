//! One connection through the front, from its handshake to its end.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use nix::sys::socket::{setsockopt, sockopt};
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf};
use tokio::net::TcpStream;
use tokio::net::tcp::WriteHalf;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::front::FrontConfig;
use crate::identity::PeerIdentity;
use crate::peer_table::{Peer, PeerEntry, PeerTable};

/// One TLS record.
const READ_BYTES: usize = 16 * 1024;
/// How long the plain server may take to accept; on loopback more means that it is stuck.
const UPSTREAM_TIMEOUT: Duration = Duration::from_secs(2);
/// When a caller that has said nothing is asked whether it lives, how often, and how many questions it may leave
/// unanswered: a host that lost power gives its slot back after a minute.
const ALIVE_AFTER_SECONDS: u32 = 30;
const ALIVE_EVERY_SECONDS: u32 = 10;
const ALIVE_UNANSWERED: u32 = 3;

/// How a connection came to its end.
#[derive(Debug)]
pub(crate) enum Ended {
    HandshakeFailed(io::Error),
    HandshakeTooSlow,
    Silent,
    /// The caller left after its handshake without a byte.
    NothingAsked,
    UpstreamUnreachable(io::Error),
    Passed,
}

/// What every connection of one front needs.
pub(crate) struct Passage {
    pub(crate) config: FrontConfig,
    pub(crate) tls: TlsAcceptor,
    pub(crate) peers: Arc<PeerTable>,
}

/// The loopback connection of one caller. The entry is declared first because fields are dropped in this order:
/// the port must not be free while the table still gives its requests a name.
struct Upstream {
    _entry: PeerEntry,
    socket: TcpStream,
}

impl Passage {
    pub(crate) async fn serve(&self, socket: TcpStream, client: SocketAddr) -> Ended {
        if let Err(error) = prepare(&socket) {
            return Ended::HandshakeFailed(error);
        }
        let mut caller = match timeout(self.config.handshake_timeout, self.tls.accept(socket)).await {
            Ok(Ok(caller)) => caller,
            Ok(Err(error)) => return Ended::HandshakeFailed(error),
            Err(_elapsed) => return Ended::HandshakeTooSlow,
        };
        let peer = match peer_of(&caller, client) {
            Ok(peer) => peer,
            Err(error) => return Ended::HandshakeFailed(error),
        };
        let mut first = vec![0; READ_BYTES];
        let length = match timeout(self.config.first_byte_timeout, caller.read(&mut first)).await {
            Ok(Ok(0) | Err(_)) => return Ended::NothingAsked,
            Ok(Ok(length)) => length,
            Err(_elapsed) => return Ended::Silent,
        };
        first.truncate(length);
        match self.connect(peer).await {
            Ok(upstream) => pass(caller, upstream, first, self.config.goodbye_timeout).await,
            Err(error) => Ended::UpstreamUnreachable(error),
        }
    }

    async fn connect(&self, peer: Peer) -> io::Result<Upstream> {
        let connecting = TcpStream::connect(self.config.upstream);
        let socket = timeout(UPSTREAM_TIMEOUT, connecting).await.map_err(io::Error::from)??;
        socket.set_nodelay(true)?;
        // Recorded while no byte has gone out yet: there is no request that could be looked up too early.
        let entry = self.peers.insert(socket.local_addr()?, peer);
        Ok(Upstream { _entry: entry, socket })
    }
}

fn prepare(socket: &TcpStream) -> io::Result<()> {
    socket.set_nodelay(true)?;
    setsockopt(socket, sockopt::KeepAlive, &true)?;
    setsockopt(socket, sockopt::TcpKeepIdle, &ALIVE_AFTER_SECONDS)?;
    setsockopt(socket, sockopt::TcpKeepInterval, &ALIVE_EVERY_SECONDS)?;
    setsockopt(socket, sockopt::TcpKeepCount, &ALIVE_UNANSWERED)?;
    Ok(())
}

/// Who called. The handshake has verified a certificate if there is one, and has insisted on one where the mode does.
fn peer_of(caller: &TlsStream<TcpStream>, client_addr: SocketAddr) -> io::Result<Peer> {
    match caller.get_ref().1.peer_certificates().and_then(<[_]>::first) {
        None => Ok(Peer::Public { client_addr }),
        Some(certificate) => PeerIdentity::from_der(certificate).map(Peer::Mutual).map_err(io::Error::other),
    }
}

/// Why no more of the caller's bytes are passed on.
enum Requests {
    /// The caller has sent all, or the server takes no more; an answer may still come.
    Over,
    /// The caller's connection broke: nobody is left to answer.
    CallerGone,
}

/// Passes bytes both ways until the plain server has closed or the caller is gone. A caller that has merely
/// finished sending, or is sending what the server no longer reads, still gets its answer.
async fn pass(
    caller: TlsStream<TcpStream>,
    mut upstream: Upstream,
    first: Vec<u8>,
    goodbye_timeout: Duration,
) -> Ended {
    let (mut from_caller, mut to_caller) = tokio::io::split(caller);
    {
        let (mut from_server, mut to_server) = upstream.socket.split();
        let requests = pass_requests(&mut from_caller, &mut to_server, first);
        let answers = tokio::io::copy(&mut from_server, &mut to_caller);
        tokio::pin!(requests, answers);
        tokio::select! {
            _ = &mut answers => {}
            why = &mut requests => if let Requests::Over = why {
                // How the answer's stream ends is the caller's affair: it sees the same end.
                let _end = answers.await;
            },
        }
    }
    drop(upstream);
    let goodbye = async {
        to_caller.shutdown().await?;
        // Closing on bytes still unread would reset the connection and take the answer away from the caller.
        tokio::io::copy(&mut from_caller, &mut tokio::io::sink()).await
    };
    let _late = timeout(goodbye_timeout, goodbye).await;
    Ended::Passed
}

async fn pass_requests(
    from_caller: &mut ReadHalf<TlsStream<TcpStream>>,
    to_server: &mut WriteHalf<'_>,
    first: Vec<u8>,
) -> Requests {
    let mut length = first.len();
    let mut buffer = first;
    buffer.resize(READ_BYTES, 0);
    loop {
        if to_server.write_all(&buffer[..length]).await.is_err() {
            return Requests::Over;
        }
        length = match from_caller.read(&mut buffer).await {
            Ok(0) => {
                // A failure says that the server has closed first, which the answers show too.
                let _closed_already = to_server.shutdown().await;
                return Requests::Over;
            }
            Ok(length) => length,
            Err(_) => return Requests::CallerGone,
        };
    }
}
