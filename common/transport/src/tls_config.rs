//! TLS configurations of both sides, for the fronts and clients here and for streams that are not HTTP.

use std::sync::Arc;

use rustls::client::Resumption;
use rustls::server::{NoServerSessionStorage, VerifierBuilderError};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, RootCertStore, ServerConfig, SupportedProtocolVersion};

use crate::client_verifier::IdentityClientVerifier;
use crate::identity::Expected;
use crate::key_ring::KeyRing;
use crate::provider::provider;
use crate::server_verifier::IdentityServerVerifier;

/// Among Berth's own programs there is no old client to be kind to.
const INTERNAL_VERSIONS: &[&SupportedProtocolVersion] = &[&TLS13];
const PUBLIC_VERSIONS: &[&SupportedProtocolVersion] = &[&TLS13, &TLS12];

/// Whether a front asks its callers for a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrontMode {
    /// Never: the public API. Every peer is `Peer::Public`.
    ServerOnly,
    /// Asks; verifies one that is shown, lets in who shows none: the internal port, where sleds join.
    OptionalClientCert,
    /// A caller without a valid certificate of this cluster is turned away in the handshake.
    Mutual,
}

/// A TLS configuration could not be built.
#[derive(Debug, thiserror::Error)]
pub enum TlsConfigError {
    #[error("TLS parameters don't fit together")]
    Tls(#[from] rustls::Error),
    #[error("client certificates cannot be verified")]
    Verifier(#[from] VerifierBuilderError),
}

/// The HTTP versions the plain servers behind the fronts speak; they tell them apart by the first bytes.
fn http_protocols() -> Vec<Vec<u8>> {
    vec![b"h2".to_vec(), b"http/1.1".to_vec()]
}

/// What a server of this program uses; certificates follow `keys` as they are replaced. HTTP protocols are offered
/// by ALPN; for a stream that isn't HTTP clear `alpn_protocols`.
pub fn server_tls_config(keys: &Arc<KeyRing>, mode: FrontMode) -> Result<ServerConfig, TlsConfigError> {
    let versions = match mode {
        FrontMode::ServerOnly => PUBLIC_VERSIONS,
        FrontMode::OptionalClientCert | FrontMode::Mutual => INTERNAL_VERSIONS,
    };
    let builder = ServerConfig::builder_with_provider(provider()).with_protocol_versions(versions)?;
    let builder = match mode {
        FrontMode::ServerOnly => builder.with_no_client_auth(),
        FrontMode::OptionalClientCert | FrontMode::Mutual => {
            let current = keys.current();
            let mandatory = mode == FrontMode::Mutual;
            let cluster = current.identity().cluster;
            builder.with_client_cert_verifier(IdentityClientVerifier::new(
                current.roots().clone(),
                cluster,
                mandatory,
            )?)
        }
    };
    let mut config = builder.with_cert_resolver(keys.clone());
    config.alpn_protocols = http_protocols();
    if mode != FrontMode::ServerOnly {
        // A resumed session would skip the check of a certificate that has expired since.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
    }
    Ok(config)
}

/// What a caller with a certificate uses towards `expected` (its cluster is filled in with our own). HTTP protocols
/// are offered by ALPN; for a stream that isn't HTTP clear `alpn_protocols`.
pub fn client_tls_config(keys: &Arc<KeyRing>, expected: Expected) -> Result<ClientConfig, TlsConfigError> {
    let current = keys.current();
    let expected = Expected { cluster: Some(current.identity().cluster), ..expected };
    let builder = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(INTERNAL_VERSIONS)?
        .dangerous()
        .with_custom_certificate_verifier(IdentityServerVerifier::new(current.roots().clone(), expected));
    Ok(finished(builder.with_client_cert_resolver(keys.clone())))
}

/// What a caller without a certificate uses, knowing the authority alone.
pub(crate) fn anonymous_tls_config(
    roots: RootCertStore,
    expected: Expected,
) -> Result<ClientConfig, TlsConfigError> {
    let builder = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(INTERNAL_VERSIONS)?
        .dangerous()
        .with_custom_certificate_verifier(IdentityServerVerifier::new(Arc::new(roots), expected));
    Ok(finished(builder.with_no_client_auth()))
}

fn finished(mut config: ClientConfig) -> ClientConfig {
    config.alpn_protocols = http_protocols();
    config.resumption = Resumption::disabled();
    config
}
