//! A host becomes a sled: once, by a one-time token, and for one key.
//!
//! The answer can get lost on its way, so the same key that asks again with the same token is given the same sled.
//! Another key isn't: whoever copied the token comes too late.

use crate::error::DbResult;
use crate::fixed::fixed;
use crate::ids::Raw;
use crate::models::Sled;
use crate::tables::sled;
use berth_common::Name;
use berth_common::ids::SledUuid;
use diesel::sql_types::{Binary, Bool, Nullable, Text, Uuid as SqlUuid};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, QueryableByName, SelectableHelper};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// A host that wants to be a sled.
#[derive(Clone, Debug)]
pub struct Joining<'a> {
    /// SHA-256 of the token's secret.
    pub token_hash: [u8; 32],
    /// SHA-256 of the host's public key.
    pub key_hash: &'a [u8],
    /// The id it gets, if it becomes one now.
    pub id: SledUuid,
    pub name: &'a Name,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Join {
    /// It is a sled now, or was already by the same token and key.
    Joined(Box<Sled>),
    /// Nobody's token.
    Unknown,
    Expired,
    /// The token made a sled already, for another key.
    Used,
    /// Another sled has the name.
    NameTaken,
}

#[derive(QueryableByName)]
struct Token {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Bool)]
    expired: bool,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    sled_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Binary>)]
    key_hash: Option<Vec<u8>>,
}

/// Makes the sled. Needs a transaction: the token is locked until its end.
///
/// # Errors
/// Of the database only.
pub async fn join(conn: &mut AsyncPgConnection, joining: &Joining<'_>) -> DbResult<Join> {
    let token: Option<Token> = fixed(
        "SELECT id, expires_at <= now() AS expired, sled_id, key_hash FROM join_token
         WHERE hash = $1 FOR UPDATE",
    )
    .bind::<Binary, _>(&joining.token_hash[..])
    .get_result(conn)
    .await
    .optional()?;
    let Some(token) = token else { return Ok(Join::Unknown) };
    if let Some(made) = token.sled_id {
        return if token.key_hash.as_deref() == Some(joining.key_hash) {
            again(conn, made).await
        } else {
            Ok(Join::Used)
        };
    }
    if token.expired {
        return Ok(Join::Expired);
    }
    make(conn, joining, token.id).await
}

async fn again(conn: &mut AsyncPgConnection, made: Uuid) -> DbResult<Join> {
    let found =
        sled::table.filter(sled::id.eq(made)).select(Sled::as_select()).first(conn).await.optional()?;
    // A sled that was removed isn't made anew by its old token.
    Ok(found.map_or(Join::Used, |sled| Join::Joined(Box::new(sled))))
}

async fn make(conn: &mut AsyncPgConnection, joining: &Joining<'_>, token: Uuid) -> DbResult<Join> {
    let made: Option<Sled> =
        fixed("INSERT INTO sled (id, name) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING RETURNING *")
            .bind::<SqlUuid, _>(joining.id.raw())
            .bind::<Text, _>(joining.name.as_str())
            .get_result(conn)
            .await
            .optional()?;
    let Some(made) = made else { return Ok(Join::NameTaken) };
    fixed("UPDATE join_token SET sled_id = $2, key_hash = $3 WHERE id = $1")
        .bind::<SqlUuid, _>(token)
        .bind::<SqlUuid, _>(joining.id.raw())
        .bind::<Binary, _>(joining.key_hash)
        .execute(conn)
        .await?;
    Ok(Join::Joined(Box::new(made)))
}
