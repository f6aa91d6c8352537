//! The key ring: the key material a running program serves and calls with, replaceable without a restart.

use std::sync::{Arc, PoisonError, RwLock};

use rustls::SignatureScheme;
use rustls::client::ResolvesClientCert;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use crate::identity::PeerIdentity;
use crate::key_material::KeyMaterial;

/// Shared by the fronts and the mutual clients of one program. New connections use the newest certificate; the
/// ones that stand keep theirs.
#[derive(Debug)]
pub struct KeyRing {
    current: RwLock<Arc<KeyMaterial>>,
}

/// Why new key material was not taken; the old stays in use.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyRingError {
    #[error("the new certificate is for {offered}, this program is {own}")]
    OtherIdentity { own: Box<PeerIdentity>, offered: Box<PeerIdentity> },
    #[error("the new certificate is of another authority")]
    OtherAuthority,
}

impl KeyRing {
    pub fn new(material: KeyMaterial) -> Arc<KeyRing> {
        Arc::new(KeyRing { current: RwLock::new(Arc::new(material)) })
    }

    pub fn current(&self) -> Arc<KeyMaterial> {
        // The lock guards one assignment, so a poisoned one still holds a whole value.
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn identity(&self) -> PeerIdentity {
        self.current().identity()
    }

    /// Puts new key material of the same identity and authority into use.
    pub fn replace(&self, material: KeyMaterial) -> Result<(), KeyRingError> {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        let (own, offered) = (current.identity(), material.identity());
        if own != offered {
            return Err(KeyRingError::OtherIdentity { own: Box::new(own), offered: Box::new(offered) });
        }
        // Verifiers hold the authority they were built with; a new authority needs new fronts and clients.
        if current.roots().roots != material.roots().roots {
            return Err(KeyRingError::OtherAuthority);
        }
        *current = Arc::new(material);
        Ok(())
    }
}

impl ResolvesServerCert for KeyRing {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current().certified().clone())
    }
}

impl ResolvesClientCert for KeyRing {
    fn resolve(&self, _authorities: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(self.current().certified().clone())
    }

    fn has_certs(&self) -> bool {
        true
    }
}
