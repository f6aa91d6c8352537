//! A program without a certificate: it makes its key, asks for a certificate, and keeps the key to itself.

use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};

use crate::key_material::{KeyError, KeyMaterial, SecretPem};

/// A fresh key whose certificate is still to come; also used to renew a certificate with a new key.
#[derive(Debug)]
pub struct JoinKey {
    key_pem: SecretPem,
    request_pem: String,
}

/// A key or a signing request could not be made.
#[derive(Debug, thiserror::Error)]
#[error("cannot make a key with its signing request")]
pub struct JoinKeyError(#[from] rcgen::Error);

impl JoinKey {
    /// Makes a key and the request to sign it. The request names nobody: the authority decides who this will be.
    pub fn generate() -> Result<JoinKey, JoinKeyError> {
        JoinKey::of(&KeyPair::generate()?)
    }

    /// Asks again for a key that was kept: an answer that was lost must not cost a second identity.
    pub fn from_key(key_pem: SecretPem) -> Result<JoinKey, JoinKeyError> {
        JoinKey::of(&KeyPair::from_pem(key_pem.expose())?)
    }

    fn of(key: &KeyPair) -> Result<JoinKey, JoinKeyError> {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, "Berth signing request");
        let request_pem = params.serialize_request(key)?.pem()?;
        Ok(JoinKey { key_pem: SecretPem::new(key.serialize_pem()), request_pem })
    }

    /// The key, to be kept until the answer is here. Never log it.
    pub fn key_pem(&self) -> &SecretPem {
        &self.key_pem
    }

    /// The request, PEM, to be sent to nexus.
    pub fn request_pem(&self) -> &str {
        &self.request_pem
    }

    /// Puts the authority's answer to the key.
    ///
    /// Errors: `ForeignKey` if the certificate answers another request; `ForeignAuthority`.
    pub fn complete(self, ca_pem: &str, cert_pem: &str) -> Result<KeyMaterial, KeyError> {
        KeyMaterial::new(ca_pem, cert_pem, self.key_pem)
    }
}
