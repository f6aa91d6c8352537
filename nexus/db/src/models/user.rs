//! Users and their tokens.

use crate::ids::{DbId, DbText, OptText};
use crate::tables::{api_token, api_user};
use berth_common::Name;
use berth_common::ids::{TokenKind, TokenUuid, UserKind, UserUuid};
use berth_common::role::Role;
use chrono::{DateTime, Utc};
use diesel::{Queryable, QueryableByName, Selectable};

/// Who can ask for something.
#[derive(Clone, Debug, Queryable, Selectable, QueryableByName)]
#[diesel(table_name = api_user)]
pub struct User {
    #[diesel(deserialize_as = DbId<UserKind>)]
    pub id: UserUuid,
    #[diesel(deserialize_as = DbText<Name>)]
    pub name: Name,
    /// What the user may do everywhere.
    #[diesel(deserialize_as = OptText<Role>)]
    pub fleet_role: Option<Role>,
    pub created_at: DateTime<Utc>,
}

/// A bearer token without its secret, of which only a hash is kept.
#[derive(Clone, Debug, Queryable, Selectable, QueryableByName)]
#[diesel(table_name = api_token)]
pub struct Token {
    #[diesel(deserialize_as = DbId<TokenKind>)]
    pub id: TokenUuid,
    #[diesel(deserialize_as = DbId<UserKind>)]
    pub user_id: UserUuid,
    pub label: String,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub revoked_at: Option<DateTime<Utc>>,
}
