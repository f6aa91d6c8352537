//! Key material: what one program needs to prove who it is and to check who others are.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustls::RootCertStore;
use rustls::client::verify_server_cert_signed_by_trust_anchor;
use rustls::server::ParsedCertificate;
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::identity::{IdentityError, PeerIdentity};
use crate::pem;
use crate::provider::provider;
use crate::secret_file::{SecretFileError, read_secret, write_secret};

/// The private key, the certificate and the authority's certificate in one file, because three files cannot be
/// replaced in one step and a key beside another key's certificate locks the program out.
const FILE_NAME: &str = "identity.pem";

/// A private key in PEM that `Debug` doesn't show.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretPem(String);

impl SecretPem {
    pub fn new(pem: impl Into<String>) -> SecretPem {
        SecretPem(pem.into())
    }

    /// The key itself. Never log it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretPem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[private key]")
    }
}

/// Why PEM texts don't make key material.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("the {what} is not valid PEM of its kind")]
    NotPem { what: &'static str },
    #[error("the file holds {found} of the {what}, not one")]
    WrongCount { what: &'static str, found: usize },
    #[error("the certificate has no usable identity")]
    Identity(#[from] IdentityError),
    #[error("the private key is not the certificate's")]
    ForeignKey(#[source] rustls::Error),
    #[error("the certificate was not issued by this authority")]
    ForeignAuthority(#[source] rustls::Error),
    #[error("the key file cannot be used")]
    File(#[from] SecretFileError),
}

/// A certificate with its key and its authority, proven to belong together.
#[derive(Clone)]
pub struct KeyMaterial {
    ca_pem: String,
    cert_pem: String,
    key_pem: SecretPem,
    identity: PeerIdentity,
    not_before: SystemTime,
    not_after: SystemTime,
    certified: Arc<CertifiedKey>,
    roots: Arc<RootCertStore>,
}

impl fmt::Debug for KeyMaterial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyMaterial")
            .field("identity", &self.identity)
            .field("not_before", &self.not_before)
            .field("not_after", &self.not_after)
            .finish_non_exhaustive()
    }
}

impl KeyMaterial {
    /// Takes three PEM texts after checking that they belong together: the key is the certificate's, the
    /// certificate is the authority's, and it names an identity. An expired certificate is taken (its program must
    /// be able to start and ask for a new one).
    pub fn new(ca_pem: &str, cert_pem: &str, key_pem: SecretPem) -> Result<KeyMaterial, KeyError> {
        let roots = roots_from_pem(ca_pem)?;
        let certificate = CertificateDer::from_pem_slice(cert_pem.as_bytes())
            .map_err(|_| KeyError::NotPem { what: "certificate" })?;
        let key = PrivateKeyDer::from_pem_slice(key_pem.expose().as_bytes())
            .map_err(|_| KeyError::NotPem { what: "private key" })?;
        let identity = PeerIdentity::from_der(&certificate)?;
        let (not_before, not_after) = validity_of(&certificate)?;
        check_issued_by(&certificate, &roots, not_before)?;
        let certified =
            CertifiedKey::from_der(vec![certificate], key, &provider()).map_err(KeyError::ForeignKey)?;
        Ok(KeyMaterial {
            ca_pem: ca_pem.to_owned(),
            cert_pem: cert_pem.to_owned(),
            key_pem,
            identity,
            not_before,
            not_after,
            certified: Arc::new(certified),
            roots: Arc::new(roots),
        })
    }

    /// Reads what [`KeyMaterial::store`] wrote. Blocking.
    ///
    /// Errors: `File(Absent)` where nothing was stored yet; `File(OpenToOthers)` for a key others may read.
    pub fn load(dir: impl AsRef<Path>) -> Result<KeyMaterial, KeyError> {
        let text = read_secret(dir, FILE_NAME)?;
        let keys = pem::blocks(&text, "PRIVATE KEY");
        let [key] = keys[..] else {
            return Err(KeyError::WrongCount { what: "private key", found: keys.len() });
        };
        let certificates = pem::blocks(&text, "CERTIFICATE");
        let [certificate, authority] = certificates[..] else {
            return Err(KeyError::WrongCount {
                what: "pair of certificate and authority",
                found: certificates.len() / 2,
            });
        };
        KeyMaterial::new(authority, certificate, SecretPem::new(key))
    }

    /// Writes everything into `dir` (made 0700 if absent) in one step that survives a power cut. Blocking.
    pub fn store(&self, dir: impl AsRef<Path>) -> Result<(), KeyError> {
        let text = [self.key_pem.expose(), &self.cert_pem, &self.ca_pem].map(str::trim_end).join("\n");
        Ok(write_secret(dir, FILE_NAME, &(text + "\n"))?)
    }

    pub fn identity(&self) -> PeerIdentity {
        self.identity
    }

    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    pub fn cert_pem(&self) -> &str {
        &self.cert_pem
    }

    pub fn key_pem(&self) -> &SecretPem {
        &self.key_pem
    }

    pub fn not_after(&self) -> SystemTime {
        self.not_after
    }

    /// True once two thirds of the certificate's life are over (and ever after, expired or not).
    pub fn needs_rotation(&self, now: SystemTime) -> bool {
        let life = self.not_after.duration_since(self.not_before).unwrap_or_default();
        now >= self.not_before + life * 2 / 3
    }

    pub(crate) fn certified(&self) -> &Arc<CertifiedKey> {
        &self.certified
    }

    pub(crate) fn roots(&self) -> &Arc<RootCertStore> {
        &self.roots
    }
}

/// A store of the one authority in `ca_pem`.
pub(crate) fn roots_from_pem(ca_pem: &str) -> Result<RootCertStore, KeyError> {
    const WHAT: &str = "authority's certificate";
    let authority =
        CertificateDer::from_pem_slice(ca_pem.as_bytes()).map_err(|_| KeyError::NotPem { what: WHAT })?;
    let mut roots = RootCertStore::empty();
    roots.add(authority).map_err(|_| KeyError::NotPem { what: WHAT })?;
    Ok(roots)
}

fn validity_of(certificate: &[u8]) -> Result<(SystemTime, SystemTime), KeyError> {
    let (_, parsed) = X509Certificate::from_der(certificate).map_err(|_| IdentityError::NotACertificate)?;
    let at = |seconds: i64| UNIX_EPOCH + Duration::from_secs(seconds.max(0).unsigned_abs());
    let validity = parsed.validity();
    Ok((at(validity.not_before.timestamp()), at(validity.not_after.timestamp())))
}

/// Checked as of the certificate's first moment: whether it has expired is another question.
fn check_issued_by(
    certificate: &CertificateDer<'_>,
    roots: &RootCertStore,
    not_before: SystemTime,
) -> Result<(), KeyError> {
    let moment = UnixTime::since_unix_epoch(not_before.duration_since(UNIX_EPOCH).unwrap_or_default());
    let parsed = ParsedCertificate::try_from(certificate).map_err(KeyError::ForeignAuthority)?;
    let algorithms = provider().signature_verification_algorithms.all;
    verify_server_cert_signed_by_trust_anchor(&parsed, roots, &[], moment, algorithms)
        .map_err(KeyError::ForeignAuthority)
}
