//! What the tests share: a cluster with its authority, a plain server that tells callers who they are, and raw TLS.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use berth_transport::{
    Authority, Expected, Front, FrontConfig, FrontMode, KeyMaterial, KeyRing, Peer, PeerTable, Subject,
    ca_client_builder, client_tls_config, mutual_client_builder,
};
use dropshot::{
    ApiDescription, ConfigDropshot, HttpError, HttpResponseOk, HttpServer, RequestContext, ServerBuilder,
    endpoint,
};
use rustls_pki_types::ServerName;
use slog::{Discard, Logger, o};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use uuid::Uuid;

/// How long tests wait for what they expect: on a busy machine it may be late.
pub const LONG: Duration = Duration::from_secs(60);

pub fn any_port() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

pub fn log() -> Logger {
    Logger::root(Discard, o!())
}

/// A cluster's authority and one nexus.
pub struct Cluster {
    pub authority: Authority,
    pub nexus: Arc<KeyRing>,
}

impl Cluster {
    pub fn new() -> Cluster {
        let authority = Authority::create(Uuid::new_v4()).expect("an authority");
        let subject = Subject::nexus(Uuid::new_v4(), Vec::new(), Vec::new());
        let nexus = KeyRing::new(authority.issue(&subject).expect("a certificate"));
        Cluster { authority, nexus }
    }

    pub fn sled_material(&self) -> KeyMaterial {
        self.authority.issue(&Subject::sled(Uuid::new_v4(), Vec::new())).expect("a certificate")
    }

    pub fn sled(&self) -> Arc<KeyRing> {
        KeyRing::new(self.sled_material())
    }

    pub fn nexus_expected(&self) -> Expected {
        Expected::nexus(self.nexus.identity().id)
    }
}

type Plain = HttpServer<Arc<PeerTable>>;

/// Says who the door would take the caller for.
#[endpoint { method = GET, path = "/whoami" }]
async fn whoami(ctx: RequestContext<Arc<PeerTable>>) -> Result<HttpResponseOk<String>, HttpError> {
    Ok(HttpResponseOk(match ctx.context().lookup(ctx.request.remote_addr()) {
        None => "nobody".to_owned(),
        Some(Peer::Public { client_addr }) => format!("public {}", client_addr.ip()),
        Some(Peer::Mutual(identity)) => identity.uri(),
    }))
}

/// A plain server on loopback and a front before it.
pub struct Served {
    pub front: Front,
    pub plain: Plain,
    pub peers: Arc<PeerTable>,
}

impl Served {
    pub async fn by(keys: &Arc<KeyRing>, mode: FrontMode) -> Served {
        Served::with(keys, mode, |_| {}).await
    }

    pub async fn with(keys: &Arc<KeyRing>, mode: FrontMode, limits: impl FnOnce(&mut FrontConfig)) -> Served {
        let peers = PeerTable::new();
        let mut api = ApiDescription::new();
        api.register(whoami).expect("one endpoint");
        let plain = ServerBuilder::new(api, peers.clone(), log())
            .config(ConfigDropshot { bind_address: any_port(), ..Default::default() })
            .start()
            .expect("a plain server");
        let front = front_to(plain.local_addr(), keys, &peers, mode, limits).await;
        Served { front, plain, peers }
    }

    pub fn url(&self) -> String {
        format!("https://{}/whoami", self.front.local_addr())
    }
}

pub async fn front_to(
    upstream: SocketAddr,
    keys: &Arc<KeyRing>,
    peers: &Arc<PeerTable>,
    mode: FrontMode,
    limits: impl FnOnce(&mut FrontConfig),
) -> Front {
    let mut config = FrontConfig::new(any_port(), upstream, mode);
    // Whoever is slow here is held up; who is meant to be too slow sets a limit.
    config.handshake_timeout = LONG * 2;
    config.first_byte_timeout = LONG * 2;
    limits(&mut config);
    Front::start(config, keys.clone(), peers.clone(), &log()).await.expect("a front")
}

/// The product's client with a certificate, with patience.
pub fn mutual(keys: &Arc<KeyRing>, expected: Expected) -> reqwest::Client {
    patient(mutual_client_builder(keys, expected).expect("a builder"))
}

/// The product's client without a certificate, with patience.
pub fn anonymous(ca_pem: &str) -> reqwest::Client {
    patient(ca_client_builder(ca_pem).expect("a builder"))
}

/// Waits as tests do, and doesn't ask silent connections whether they live: the answer to that may be late, too.
pub fn patient(builder: reqwest::ClientBuilder) -> reqwest::Client {
    let builder = builder.connect_timeout(LONG).timeout(LONG).http2_keep_alive_interval(None::<Duration>);
    builder.build().expect("a client")
}

/// Sends a request and reads its JSON text; panics with the whole chain of reasons.
pub async fn ask(client: &reqwest::Client, url: &str) -> String {
    try_ask(client, url).await.unwrap_or_else(|reason| panic!("{url}: {reason}"))
}

/// The same; the error is the chain of reasons as one text.
pub async fn try_ask(client: &reqwest::Client, url: &str) -> Result<String, String> {
    let answer = client.get(url).send().await.map_err(|error| chain(&error))?;
    answer.json().await.map_err(|error| chain(&error))
}

pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// A TLS connection that speaks HTTP/1.1 alone and sends nothing by itself.
pub async fn raw(to: SocketAddr, keys: &Arc<KeyRing>, expected: Expected) -> TlsStream<TcpStream> {
    let mut config = client_tls_config(keys, expected).expect("a configuration");
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let socket = TcpStream::connect(to).await.expect("a connection");
    let name = ServerName::IpAddress(to.ip().into());
    TlsConnector::from(Arc::new(config)).connect(name, socket).await.expect("a handshake")
}

/// Sends these bytes for certain: what TLS has only buffered may otherwise stay behind.
pub async fn say(stream: &mut TlsStream<TcpStream>, bytes: &[u8]) {
    stream.write_all(bytes).await.expect("written");
    stream.flush().await.expect("sent");
}

/// One HTTP/1.1 request by hand; the whole answer as text.
pub async fn raw_ask(stream: &mut TlsStream<TcpStream>) -> String {
    let request = b"GET /whoami HTTP/1.1\r\nhost: berth\r\nconnection: close\r\n\r\n";
    say(stream, request).await;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    answer
}

/// Waits until `holds`, at most [`LONG`].
pub async fn eventually(what: &str, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + LONG;
    while !holds() {
        assert!(Instant::now() < deadline, "not within {LONG:?}: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
