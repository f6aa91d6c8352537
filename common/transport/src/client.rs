//! HTTP clients towards Berth's own servers. The server proves its identity; its address proves nothing.

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, ClientBuilder, redirect};
use rustls::ClientConfig;

use crate::identity::Expected;
use crate::key_material::{KeyError, roots_from_pem};
use crate::key_ring::KeyRing;
use crate::tls_config::{TlsConfigError, anonymous_tls_config, client_tls_config};

/// How long a connection may take to stand, TLS included.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// How long a request may take in all. A long poll or an upload sets its own by `RequestBuilder::timeout`.
pub const TOTAL_TIMEOUT: Duration = Duration::from_secs(10);
/// How soon a silent HTTP/2 connection is asked whether it lives, and how long it has to answer. Without this a
/// pooled connection to a host that vanished would swallow one request after another until TCP gives up.
const PING_AFTER: Duration = Duration::from_secs(5);
const PONG_WITHIN: Duration = Duration::from_secs(5);
/// How long a connection nobody uses is kept.
const POOL_IDLE: Duration = Duration::from_secs(60);

/// A client could not be built.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("the authority's certificate cannot be used")]
    Authority(#[from] KeyError),
    #[error("no TLS configuration for the client")]
    Tls(#[from] TlsConfigError),
    #[error("no HTTP client")]
    Http(#[from] reqwest::Error),
}

/// A client that shows this program's certificate and talks only to `expected` in this program's own cluster.
/// New connections use the certificate `keys` holds at that moment, so the client outlives rotations.
pub fn mutual_client(keys: &Arc<KeyRing>, expected: Expected) -> Result<Client, ClientError> {
    Ok(mutual_client_builder(keys, expected)?.build()?)
}

/// [`mutual_client`] before it is built, for a caller with other time limits.
pub fn mutual_client_builder(keys: &Arc<KeyRing>, expected: Expected) -> Result<ClientBuilder, ClientError> {
    Ok(builder(client_tls_config(keys, expected)?))
}

/// A client without a certificate that talks to any nexus of the authority in `ca_pem`: the CLI, and a sled that
/// is about to join. A sled's certificate is refused, so that no sled can play nexus.
pub fn ca_client(ca_pem: &str) -> Result<Client, ClientError> {
    Ok(ca_client_builder(ca_pem)?.build()?)
}

/// [`ca_client`] before it is built, for a caller with other time limits.
pub fn ca_client_builder(ca_pem: &str) -> Result<ClientBuilder, ClientError> {
    Ok(builder(anonymous_tls_config(roots_from_pem(ca_pem)?, Expected::any_nexus())?))
}

/// [`mutual_client`] for connections that become websockets: HTTP/1.1 alone, one connection each.
pub fn mutual_upgrade_client(keys: &Arc<KeyRing>, expected: Expected) -> Result<Client, ClientError> {
    Ok(upgrading(client_tls_config(keys, expected)?).build()?)
}

/// [`ca_client_builder`] for connections that become websockets.
pub fn ca_upgrade_client_builder(ca_pem: &str) -> Result<ClientBuilder, ClientError> {
    Ok(upgrading(anonymous_tls_config(roots_from_pem(ca_pem)?, Expected::any_nexus())?))
}

fn upgrading(mut tls: ClientConfig) -> ClientBuilder {
    tls.alpn_protocols = vec![b"http/1.1".to_vec()];
    builder(tls).http1_only()
}

fn builder(tls: ClientConfig) -> ClientBuilder {
    Client::builder()
        .tls_backend_preconfigured(tls)
        .https_only(true)
        // Neither the environment nor a server decides where our requests go.
        .no_proxy()
        .redirect(redirect::Policy::none())
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(TOTAL_TIMEOUT)
        .pool_idle_timeout(POOL_IDLE)
        .tcp_nodelay(true)
        .http2_keep_alive_interval(PING_AFTER)
        .http2_keep_alive_timeout(PONG_WITHIN)
        .http2_keep_alive_while_idle(true)
}
