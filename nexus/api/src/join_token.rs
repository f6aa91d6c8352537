//! Join tokens: one-time secrets by which a host becomes a sled.

use berth_common::ids::{JoinTokenUuid, SledUuid};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A join token. Its secret is shown once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JoinToken {
    /// Its id.
    pub id: JoinTokenUuid,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When it stops being valid.
    pub expires_at: DateTime<Utc>,
    /// The sled it made.
    pub sled_id: Option<SledUuid>,
}

/// A join token to be made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JoinTokenCreate {
    /// Seconds it is valid; default one hour, at most a week.
    pub expires_in_s: Option<u64>,
}

/// A join token that was just made.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct JoinTokenMade {
    /// The token.
    pub join_token: JoinToken,
    /// Its secret. Nobody can read it again.
    pub secret: String,
    /// The cluster's CA certificate, PEM: by it the host knows that it speaks with its own cluster.
    pub ca_pem: String,
}

impl std::fmt::Debug for JoinTokenMade {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JoinTokenMade").field("join_token", &self.join_token).finish_non_exhaustive()
    }
}

/// Path of one join token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct JoinTokenPath {
    /// The join token.
    pub join_token: JoinTokenUuid,
}
