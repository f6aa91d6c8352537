//! API tokens: what users show to say who they are. Stored as a hash; the secret is shown once.

use berth_common::ids::{TokenUuid, UserUuid};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::name_or_id::NameOrId;

/// A token without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Token {
    /// Its id.
    pub id: TokenUuid,
    /// Whose it is.
    pub user_id: UserUuid,
    /// What it is for, in the user's words.
    pub label: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it stops being valid.
    pub expires_at: DateTime<Utc>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
}

/// A token to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenCreate {
    /// Whose it shall be, by name or id; omitted: the asker's own. Only fleet admins may name another.
    pub user: Option<NameOrId>,
    /// What it is for; at most 63 bytes.
    #[serde(default)]
    pub label: String,
    /// Seconds it is valid; default 30 days, at most 366.
    pub expires_in_s: Option<u64>,
}

/// A token that was just made.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct TokenMade {
    /// The token.
    pub token: Token,
    /// Its secret, for `Authorization: Bearer …`. Nobody can read it again.
    pub secret: String,
}

impl std::fmt::Debug for TokenMade {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenMade").field("token", &self.token).finish_non_exhaustive()
    }
}

/// Which tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenListQuery {
    /// Whose, by name or id; omitted: the asker's own.
    pub user: Option<NameOrId>,
    /// Items at most, 1 to 1000; default 100.
    pub limit: Option<u32>,
    /// `next_page` of the page before.
    pub page_token: Option<String>,
}

/// Path of one token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct TokenPath {
    /// The token.
    pub token: TokenUuid,
}
