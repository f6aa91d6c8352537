//! The cluster's own certificate authority: made at the first start, it vouches for every nexus and every sled.

use std::fmt;
use std::net::IpAddr;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertificateSigningRequestParams, DistinguishedName,
    DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, PublicKeyData, SanType,
    SerialNumber,
};
use uuid::Uuid;
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::identity::{PeerIdentity, Role};
use crate::key_material::{KeyError, KeyMaterial, SecretPem};
use crate::pem;
use crate::secret_file::{SecretFileError, read_secret, write_secret};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// How far before its making a certificate is already valid, so that clocks that differ by hours don't matter.
const BACKDATED: Duration = DAY;
/// How long a program's certificate is valid.
const LEAF_LIFE: Duration = Duration::from_secs(365 * DAY.as_secs());
/// How long the authority itself is: longer than any cluster is expected to live without being remade.
const AUTHORITY_LIFE: Duration = Duration::from_secs(30 * 365 * DAY.as_secs());
/// A signing request of ours has about 500 bytes.
const REQUEST_BYTES_MAX: usize = 16 * 1024;
/// An uncompressed point on P-256, the only kind of key that is signed.
const P256_POINT_BYTES: usize = 65;
const FILE_NAME: &str = "authority.pem";

/// Why the authority could not be made, read or used.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    #[error("the authority's certificate is not valid PEM of a certificate authority")]
    NotAnAuthority,
    #[error("the private key is not this authority's")]
    ForeignKey,
    #[error("the signing request is larger than {REQUEST_BYTES_MAX} bytes")]
    RequestTooLarge,
    #[error("the signing request is malformed or not signed with its own key")]
    BadRequest(#[source] rcgen::Error),
    #[error("the signing request's key is not an ECDSA P-256 key")]
    UnsupportedKey,
    #[error("{name:?} is not a DNS name")]
    BadName { name: String },
    #[error("certificate could not be made")]
    Making(#[source] rcgen::Error),
    #[error("the issued certificate does not fit")]
    Issued(#[from] KeyError),
    #[error("the authority's file cannot be used")]
    File(#[from] SecretFileError),
}

/// Whom a certificate is for. The authority's side decides every field; a requester decides none.
#[derive(Clone, Debug)]
pub struct Subject {
    pub role: Role,
    pub id: Uuid,
    /// Addresses and names put in beside the identity, for clients that go by them (a browser, curl). Berth's own
    /// programs ignore them.
    pub addresses: Vec<IpAddr>,
    pub names: Vec<String>,
}

impl Subject {
    /// A nexus, with the addresses and DNS names users reach it by.
    pub fn nexus(id: Uuid, addresses: Vec<IpAddr>, names: Vec<String>) -> Subject {
        Subject { role: Role::Nexus, id, addresses, names }
    }

    pub fn sled(id: Uuid, addresses: Vec<IpAddr>) -> Subject {
        Subject { role: Role::Sled, id, addresses, names: Vec::new() }
    }
}

/// A certificate authority with its private key.
pub struct Authority {
    cluster: Uuid,
    cert_pem: String,
    key_pem: SecretPem,
    issuer: Issuer<'static, KeyPair>,
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority").field("cluster", &self.cluster).finish_non_exhaustive()
    }
}

impl Authority {
    /// Makes a new authority for the cluster of this incarnation.
    pub fn create(cluster: Uuid) -> Result<Authority, AuthorityError> {
        let key = KeyPair::generate().map_err(AuthorityError::Making)?;
        let key_pem = SecretPem::new(key.serialize_pem());
        let mut params = dated(SystemTime::now(), AUTHORITY_LIFE);
        // Two authorities of one name would be mixed up by tools that go by names.
        params.distinguished_name.push(DnType::CommonName, format!("Berth authority {}", Uuid::new_v4()));
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let cert_pem = params.self_signed(&key).map_err(AuthorityError::Making)?.pem();
        Ok(Authority { cluster, cert_pem, key_pem, issuer: Issuer::new(params, key) })
    }

    /// Takes an authority out of its PEM texts, to issue for the cluster of this incarnation.
    ///
    /// Errors: `NotAnAuthority`, `ForeignKey`.
    pub fn from_pem(cluster: Uuid, cert_pem: &str, key_pem: SecretPem) -> Result<Authority, AuthorityError> {
        let key = KeyPair::from_pem(key_pem.expose()).map_err(|_| AuthorityError::ForeignKey)?;
        check_authority(cert_pem, &key)?;
        let issuer = Issuer::from_ca_cert_pem(cert_pem, key).map_err(|_| AuthorityError::NotAnAuthority)?;
        Ok(Authority { cluster, cert_pem: cert_pem.to_owned(), key_pem, issuer })
    }

    /// Reads what [`Authority::store`] wrote. Blocking. `File(Absent)` where nothing was stored yet.
    pub fn load(cluster: Uuid, dir: impl AsRef<Path>) -> Result<Authority, AuthorityError> {
        let text = read_secret(dir, FILE_NAME)?;
        let certificates = pem::blocks(&text, "CERTIFICATE");
        let keys = pem::blocks(&text, "PRIVATE KEY");
        match (&certificates[..], &keys[..]) {
            ([certificate], [key]) => Authority::from_pem(cluster, certificate, SecretPem::new(*key)),
            (_, [_]) => Err(AuthorityError::NotAnAuthority),
            _ => Err(AuthorityError::ForeignKey),
        }
    }

    /// Writes key and certificate into `dir` (made 0700 if absent) in one step. Blocking.
    pub fn store(&self, dir: impl AsRef<Path>) -> Result<(), AuthorityError> {
        let text = [self.key_pem.expose(), &self.cert_pem].map(str::trim_end).join("\n");
        Ok(write_secret(dir, FILE_NAME, &(text + "\n"))?)
    }

    pub fn cluster(&self) -> Uuid {
        self.cluster
    }

    pub fn cert_pem(&self) -> &str {
        &self.cert_pem
    }

    pub fn key_pem(&self) -> &SecretPem {
        &self.key_pem
    }

    /// Makes a key and a certificate for a program on this side of the wire: a nexus.
    pub fn issue(&self, subject: &Subject) -> Result<KeyMaterial, AuthorityError> {
        self.issue_at(subject, SystemTime::now())
    }

    /// [`Authority::issue`] as if it were `now`.
    pub fn issue_at(&self, subject: &Subject, now: SystemTime) -> Result<KeyMaterial, AuthorityError> {
        let key = KeyPair::generate().map_err(AuthorityError::Making)?;
        let certificate = self.certify(subject, &key, now)?;
        let key_pem = SecretPem::new(key.serialize_pem());
        Ok(KeyMaterial::new(&self.cert_pem, &certificate.pem(), key_pem)?)
    }

    /// Answers a signing request (PEM) with a certificate (PEM) for `subject`. Only the public key is taken from
    /// the request, and the request must be signed with that key; whatever else it asks for is ignored.
    ///
    /// Errors: `RequestTooLarge`, `BadRequest`, `UnsupportedKey`.
    pub fn sign_request(&self, request_pem: &str, subject: &Subject) -> Result<String, AuthorityError> {
        self.sign_request_at(request_pem, subject, SystemTime::now())
    }

    /// [`Authority::sign_request`] as if it were `now`.
    pub fn sign_request_at(
        &self,
        request_pem: &str,
        subject: &Subject,
        now: SystemTime,
    ) -> Result<String, AuthorityError> {
        let key = signed_key(request_pem)?;
        Ok(self.certify(subject, &key, now)?.pem())
    }

    /// The public key of a signing request (PEM), as bytes: the same key is the same bytes, however often a request
    /// is made with it.
    ///
    /// Errors: `RequestTooLarge`, `BadRequest`, `UnsupportedKey`.
    pub fn request_key(request_pem: &str) -> Result<Vec<u8>, AuthorityError> {
        Ok(signed_key(request_pem)?.der_bytes().to_vec())
    }

    fn certify(
        &self,
        subject: &Subject,
        key: &impl PublicKeyData,
        now: SystemTime,
    ) -> Result<Certificate, AuthorityError> {
        let identity = PeerIdentity { cluster: self.cluster, role: subject.role, id: subject.id };
        let mut params = dated(now, LEAF_LIFE);
        params.distinguished_name.push(DnType::CommonName, format!("{} {}", subject.role, subject.id));
        params.subject_alt_names = alternative_names(&identity, subject)?;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        // Every program both serves and calls.
        params.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        params.use_authority_key_identifier_extension = true;
        params.signed_by(key, &self.issuer).map_err(AuthorityError::Making)
    }
}

/// The key that a signing request holds, and is signed with.
fn signed_key(request_pem: &str) -> Result<rcgen::PublicKey, AuthorityError> {
    if request_pem.len() > REQUEST_BYTES_MAX {
        return Err(AuthorityError::RequestTooLarge);
    }
    let request =
        CertificateSigningRequestParams::from_pem(request_pem).map_err(AuthorityError::BadRequest)?;
    let key = request.public_key;
    if key.algorithm() != &rcgen::PKCS_ECDSA_P256_SHA256 || key.der_bytes().len() != P256_POINT_BYTES {
        return Err(AuthorityError::UnsupportedKey);
    }
    Ok(key)
}

/// Parameters valid from a little before `now`, with a serial number of their own.
fn dated(now: SystemTime, life: Duration) -> CertificateParams {
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    let now = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut params = CertificateParams::default();
    params.not_before = epoch + now.saturating_sub(BACKDATED);
    params.not_after = epoch + now + life;
    params.distinguished_name = DistinguishedName::new();
    // The default serial follows from the public key alone, and so repeats when a key is certified again.
    params.serial_number = Some(SerialNumber::from_slice(Uuid::new_v4().as_bytes()));
    params
}

fn alternative_names(identity: &PeerIdentity, subject: &Subject) -> Result<Vec<SanType>, AuthorityError> {
    let uri = identity.uri().try_into().map_err(AuthorityError::Making)?;
    let mut names = vec![SanType::URI(uri)];
    names.extend(subject.addresses.iter().map(|address| SanType::IpAddress(*address)));
    for name in &subject.names {
        let bad_name = || AuthorityError::BadName { name: name.clone() };
        // A text with a slash or a colon is no name, and must never look like an identity.
        if name.is_empty()
            || !name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'*'))
        {
            return Err(bad_name());
        }
        names.push(SanType::DnsName(name.clone().try_into().map_err(|_| bad_name())?));
    }
    Ok(names)
}

fn check_authority(cert_pem: &str, key: &KeyPair) -> Result<(), AuthorityError> {
    use rustls_pki_types::{CertificateDer, pem::PemObject};
    let der =
        CertificateDer::from_pem_slice(cert_pem.as_bytes()).map_err(|_| AuthorityError::NotAnAuthority)?;
    let (_, parsed) = X509Certificate::from_der(&der).map_err(|_| AuthorityError::NotAnAuthority)?;
    if !parsed.is_ca() {
        return Err(AuthorityError::NotAnAuthority);
    }
    if parsed.public_key().subject_public_key.data != key.public_key_raw() {
        return Err(AuthorityError::ForeignKey);
    }
    Ok(())
}
