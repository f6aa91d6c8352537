//! Streams between two programs of the cluster that aren't HTTP: both sides prove who they are, then bytes flow.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use nix::sys::socket::{setsockopt, sockopt};
use rustls_pki_types::ServerName;
use tokio::io::BufReader;
use tokio::net::{TcpListener, TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::{TlsAcceptor, TlsConnector, TlsStream};

use crate::identity::{Expected, PeerIdentity};
use crate::key_ring::KeyRing;
use crate::tls_config::{FrontMode, TlsConfigError, client_tls_config, server_tls_config};

/// How long a connection may take to stand, handshake included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a far end may leave what was sent unacknowledged: a host that lost power is noticed after this.
const UNACKNOWLEDGED_MS: u32 = 10_000;
/// The same for a stream on which nothing is sent.
const ALIVE_AFTER_SECONDS: u32 = 5;
const ALIVE_EVERY_SECONDS: u32 = 2;
const ALIVE_UNANSWERED: u32 = 3;

/// Bytes taken from a socket at once. By itself TLS takes 4 KiB, a quarter of one of its records.
const READ_BYTES: usize = 256 * 1024;

/// A stream whose far end is known.
pub type MutualStream = TlsStream<BufReader<TcpStream>>;

/// Connects to `address` (`host:port`), which must turn out to be `expected`.
pub async fn connect_mutual(
    keys: &Arc<KeyRing>,
    expected: Expected,
    address: &str,
) -> io::Result<MutualStream> {
    let mut tls = client_tls_config(keys, expected).map_err(io::Error::other)?;
    tls.alpn_protocols.clear();
    let connector = TlsConnector::from(Arc::new(tls));
    // The name isn't looked at: a certificate says who somebody is, an address doesn't.
    let name = ServerName::try_from("berth").map_err(io::Error::other)?;
    let connecting = async {
        let mut last = io::Error::new(io::ErrorKind::NotFound, format!("{address} has no address"));
        for candidate in lookup_host(address).await? {
            match TcpStream::connect(candidate).await {
                Ok(socket) => {
                    prepare(&socket)?;
                    return connector.connect(name, buffered(socket)).await.map(TlsStream::from);
                }
                Err(error) => last = error,
            }
        }
        Err(last)
    };
    timeout(CONNECT_TIMEOUT, connecting).await.map_err(io::Error::from)?
}

/// Takes streams of programs that prove to be of this cluster.
pub struct MutualListener {
    listener: TcpListener,
    tls: TlsAcceptor,
}

impl std::fmt::Debug for MutualListener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MutualListener").field("listener", &self.listener).finish_non_exhaustive()
    }
}

/// Somebody has connected and hasn't said yet who it is.
pub struct Caller {
    socket: TcpStream,
    tls: TlsAcceptor,
}

impl std::fmt::Debug for Caller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Caller").field("socket", &self.socket).finish_non_exhaustive()
    }
}

impl MutualListener {
    /// Listens from now on.
    pub async fn bind(keys: &Arc<KeyRing>, address: SocketAddr) -> io::Result<MutualListener> {
        let tls = config(keys).map_err(io::Error::other)?;
        Ok(MutualListener { listener: TcpListener::bind(address).await?, tls })
    }

    /// Where it listens, with the port that was taken.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// The next caller. Its handshake is its own affair, so that a slow one holds nobody up.
    pub async fn accept(&self) -> io::Result<Caller> {
        let (socket, _) = self.listener.accept().await?;
        Ok(Caller { socket, tls: self.tls.clone() })
    }
}

fn config(keys: &Arc<KeyRing>) -> Result<TlsAcceptor, TlsConfigError> {
    let mut tls = server_tls_config(keys, FrontMode::Mutual)?;
    tls.alpn_protocols.clear();
    Ok(TlsAcceptor::from(Arc::new(tls)))
}

impl Caller {
    /// Shakes hands: who it is, and the stream.
    pub async fn identify(self) -> io::Result<(PeerIdentity, MutualStream)> {
        prepare(&self.socket)?;
        let stream = timeout(CONNECT_TIMEOUT, self.tls.accept(buffered(self.socket)))
            .await
            .map_err(io::Error::from)??;
        let certificate = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
        let certificate = certificate.ok_or_else(|| io::Error::other("no certificate was shown"))?;
        let identity = PeerIdentity::from_der(certificate).map_err(io::Error::other)?;
        Ok((identity, TlsStream::from(stream)))
    }
}

fn buffered(socket: TcpStream) -> BufReader<TcpStream> {
    BufReader::with_capacity(READ_BYTES, socket)
}

fn prepare(socket: &TcpStream) -> io::Result<()> {
    socket.set_nodelay(true)?;
    setsockopt(socket, sockopt::TcpUserTimeout, &UNACKNOWLEDGED_MS)?;
    setsockopt(socket, sockopt::KeepAlive, &true)?;
    setsockopt(socket, sockopt::TcpKeepIdle, &ALIVE_AFTER_SECONDS)?;
    setsockopt(socket, sockopt::TcpKeepInterval, &ALIVE_EVERY_SECONDS)?;
    setsockopt(socket, sockopt::TcpKeepCount, &ALIVE_UNANSWERED)?;
    Ok(())
}
