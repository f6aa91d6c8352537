//! Identities: who a certificate speaks for, written as its one URI name `berth://<cluster>/<role>/<id>`.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

const SCHEME: &str = "berth://";

/// What kind of program a peer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    Nexus,
    Sled,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Role::Nexus => "nexus",
            Role::Sled => "sled",
        })
    }
}

impl FromStr for Role {
    type Err = IdentityError;

    fn from_str(text: &str) -> Result<Role, IdentityError> {
        match text {
            "nexus" => Ok(Role::Nexus),
            "sled" => Ok(Role::Sled),
            _ => Err(IdentityError::UnknownRole),
        }
    }
}

/// One program of one cluster, as its certificate says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PeerIdentity {
    /// The cluster's incarnation.
    pub cluster: Uuid,
    pub role: Role,
    /// The id of the nexus or of the sled.
    pub id: Uuid,
}

/// Why a certificate's identity is not taken, or is not the one that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    #[error("not an X.509 certificate")]
    NotACertificate,
    #[error("the certificate has no identity URI")]
    NoIdentity,
    #[error("the certificate has more than one URI name")]
    SeveralIdentities,
    #[error("the identity is not of the form berth://<cluster>/<role>/<id>")]
    Malformed,
    #[error("the identity has an unknown role")]
    UnknownRole,
    #[error("the peer belongs to cluster {found}, not to {expected}")]
    WrongCluster { expected: Uuid, found: Uuid },
    #[error("the peer is a {found}, not a {expected}")]
    WrongRole { expected: Role, found: Role },
    #[error("the peer is {role} {found}, not {expected}")]
    WrongId { role: Role, expected: Uuid, found: Uuid },
}

impl PeerIdentity {
    /// Reads the identity out of a certificate in DER. Says nothing about whether the certificate is genuine.
    ///
    /// Any URI name besides the identity is refused: with two, who is meant would be a matter of order.
    pub fn from_der(der: &[u8]) -> Result<PeerIdentity, IdentityError> {
        let (rest, certificate) =
            X509Certificate::from_der(der).map_err(|_| IdentityError::NotACertificate)?;
        if !rest.is_empty() {
            return Err(IdentityError::NotACertificate);
        }
        let names = certificate
            .subject_alternative_name()
            .map_err(|_| IdentityError::NotACertificate)?
            .ok_or(IdentityError::NoIdentity)?;
        let mut uris = names.value.general_names.iter().filter_map(|name| match name {
            GeneralName::URI(uri) => Some(*uri),
            _ => None,
        });
        match (uris.next(), uris.next()) {
            (None, _) => Err(IdentityError::NoIdentity),
            (Some(_), Some(_)) => Err(IdentityError::SeveralIdentities),
            (Some(uri), None) => uri.parse(),
        }
    }

    /// The URI as it stands in the certificate.
    pub fn uri(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for PeerIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{}/{}/{}", self.cluster, self.role, self.id)
    }
}

impl FromStr for PeerIdentity {
    type Err = IdentityError;

    /// Takes the canonical form alone (lower case, hyphens), so that equal identities are equal texts.
    fn from_str(text: &str) -> Result<PeerIdentity, IdentityError> {
        let rest = text.strip_prefix(SCHEME).ok_or(IdentityError::Malformed)?;
        let mut parts = rest.split('/');
        let (Some(cluster), Some(role), Some(id), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(IdentityError::Malformed);
        };
        Ok(PeerIdentity { cluster: canonical(cluster)?, role: role.parse()?, id: canonical(id)? })
    }
}

fn canonical(text: &str) -> Result<Uuid, IdentityError> {
    let id = Uuid::try_parse(text).map_err(|_| IdentityError::Malformed)?;
    if id.to_string() == text { Ok(id) } else { Err(IdentityError::Malformed) }
}

/// Who a caller means to reach. `None` in a field leaves it open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    pub cluster: Option<Uuid>,
    pub role: Role,
    pub id: Option<Uuid>,
}

impl Expected {
    /// Any nexus. A mutual client fills in its own cluster.
    pub const fn any_nexus() -> Expected {
        Expected { cluster: None, role: Role::Nexus, id: None }
    }

    /// This nexus and no other.
    pub const fn nexus(id: Uuid) -> Expected {
        Expected { cluster: None, role: Role::Nexus, id: Some(id) }
    }

    /// This sled and no other: what nexus uses, since an address may have been taken over by another sled.
    pub const fn sled(id: Uuid) -> Expected {
        Expected { cluster: None, role: Role::Sled, id: Some(id) }
    }

    /// Whether `found` is who was meant. Errors: the first of cluster, role, id that differs.
    pub fn check(&self, found: &PeerIdentity) -> Result<(), IdentityError> {
        if let Some(expected) = self.cluster
            && expected != found.cluster
        {
            return Err(IdentityError::WrongCluster { expected, found: found.cluster });
        }
        if self.role != found.role {
            return Err(IdentityError::WrongRole { expected: self.role, found: found.role });
        }
        if let Some(expected) = self.id
            && expected != found.id
        {
            return Err(IdentityError::WrongId { role: found.role, expected, found: found.id });
        }
        Ok(())
    }
}
