//! Who speaks to whom, and how each knows the other: the cluster's own certificate authority, the identities it
//! vouches for, the TLS front of every HTTP server of Berth and the HTTP clients that meet it.
//!
//! ```text
//!   client ── TLS ──> front ── loopback ──> plain HTTP server ──> door
//!                       └── PeerTable: loopback address -> who ────┘ lookup(remote_addr)
//! ```
//!
//! Invariants:
//! - A certificate names exactly one program by its identity URI (`berth://<cluster>/<role>/<id>`). Addresses and
//!   host names prove nothing here: programs move, identities don't.
//! - A request whose remote address has no entry in the [`PeerTable`] did not come through a front, and the door
//!   refuses it.
//! - An identity is for life: [`KeyRing::replace`] takes a new certificate for the same identity under the same
//!   authority, nothing else.
//! - Private keys never show in `Debug` output and are only read from files nobody else may read.
//!
//! Deliberately not here: what a peer may do (the door decides by role and id), HTTP time limits (the HTTP
//! server's), one-time tokens of joining, revocation (a sled that is expunged is refused by the door).

mod authority;
mod client;
mod client_verifier;
mod front;
mod identity;
mod joining;
mod key_material;
mod key_ring;
mod peer_table;
mod pem;
mod provider;
mod proxy;
mod secret_file;
mod server_verifier;
mod stream;
mod tls_config;

pub use authority::{Authority, AuthorityError, Subject};
pub use client::{
    CONNECT_TIMEOUT, ClientError, TOTAL_TIMEOUT, ca_client, ca_client_builder, ca_upgrade_client_builder,
    mutual_client, mutual_client_builder, mutual_upgrade_client,
};
pub use front::{Front, FrontConfig, FrontCounts, FrontError};
pub use identity::{Expected, IdentityError, PeerIdentity, Role};
pub use joining::{JoinKey, JoinKeyError};
pub use key_material::{KeyError, KeyMaterial, SecretPem};
pub use key_ring::{KeyRing, KeyRingError};
pub use peer_table::{Peer, PeerEntry, PeerTable};
pub use provider::install_provider;
pub use secret_file::{SecretFileError, read_secret, write_secret};
pub use stream::{Caller, MutualListener, MutualStream, connect_mutual};
pub use tls_config::{FrontMode, TlsConfigError, client_tls_config, server_tls_config};
