//! How a front checks a caller's certificate: the authority's chain, then that it names a program of this cluster.

use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, Error, RootCertStore, SignatureScheme};
use rustls_pki_types::{CertificateDer, UnixTime};
use uuid::Uuid;

use crate::identity::{IdentityError, PeerIdentity};
use crate::provider::provider;
use crate::server_verifier::refused;
use crate::tls_config::TlsConfigError;

/// Wraps the chain check of the TLS library.
#[derive(Debug)]
pub(crate) struct IdentityClientVerifier {
    chain: Arc<dyn ClientCertVerifier>,
    cluster: Uuid,
}

impl IdentityClientVerifier {
    /// `mandatory`: whether a caller without a certificate is turned away.
    pub(crate) fn new(
        roots: Arc<RootCertStore>,
        cluster: Uuid,
        mandatory: bool,
    ) -> Result<Arc<IdentityClientVerifier>, TlsConfigError> {
        let builder = WebPkiClientVerifier::builder_with_provider(roots, provider());
        let builder = if mandatory { builder } else { builder.allow_unauthenticated() };
        Ok(Arc::new(IdentityClientVerifier { chain: builder.build()?, cluster }))
    }
}

impl ClientCertVerifier for IdentityClientVerifier {
    fn offer_client_auth(&self) -> bool {
        self.chain.offer_client_auth()
    }

    fn client_auth_mandatory(&self) -> bool {
        self.chain.client_auth_mandatory()
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.chain.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let verified = self.chain.verify_client_cert(end_entity, intermediates, now)?;
        let found = PeerIdentity::from_der(end_entity).map_err(refused)?;
        // The authority can outlive an incarnation of the cluster; its old certificates must not.
        if found.cluster != self.cluster {
            return Err(refused(IdentityError::WrongCluster {
                expected: self.cluster,
                found: found.cluster,
            }));
        }
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chain.verify_tls12_signature(message, cert, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chain.verify_tls13_signature(message, cert, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chain.supported_verify_schemes()
    }
}
