//! One-time rights to become a sled.

use crate::error::DbResult;
use crate::fixed::fixed;
use crate::guarded::Guarded;
use crate::ids::Raw;
use crate::models::JoinToken;
use crate::page::{ById, Page, Paging};
use crate::tables::join_token;
use berth_common::ids::JoinTokenUuid;
use diesel::sql_types::{BigInt, Binary, Text, Uuid as SqlUuid};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// Makes a token that is valid for so many seconds from now. `hash` is the SHA-256 of its secret.
///
/// # Errors
/// Of the database only.
pub async fn create(
    conn: &mut AsyncPgConnection,
    id: JoinTokenUuid,
    hash: &[u8; 32],
    created_by: &str,
    life_s: i64,
) -> DbResult<JoinToken> {
    let made = fixed(
        "INSERT INTO join_token (id, hash, created_by, expires_at)
         VALUES ($1, $2, $3, now() + $4 * interval '1 second') RETURNING *",
    )
    .bind::<SqlUuid, _>(id.raw())
    .bind::<Binary, _>(&hash[..])
    .bind::<Text, _>(created_by)
    .bind::<BigInt, _>(life_s)
    .get_result(conn)
    .await?;
    Ok(made)
}

/// One token.
///
/// # Errors
/// Of the database only.
pub async fn by_id(conn: &mut AsyncPgConnection, id: JoinTokenUuid) -> DbResult<Option<JoinToken>> {
    let found = join_token::table.filter(join_token::id.eq(id.raw()));
    Ok(found.select(JoinToken::as_select()).first(conn).await.optional()?)
}

/// All tokens, used ones too.
///
/// # Errors
/// Of the database only.
pub async fn list(conn: &mut AsyncPgConnection, paging: &Paging<ById>) -> DbResult<Page<JoinToken, ById>> {
    let rows = join_token::table
        .filter(join_token::id.gt(paging.after().map_or(Uuid::nil(), |after| after.id)))
        .order(join_token::id)
        .limit(paging.rows())
        .select(JoinToken::as_select())
        .load(conn)
        .await?;
    Ok(Page::of(rows, paging, |last: &JoinToken| ById { id: last.id.raw() }))
}

/// Takes a token back. *Stale*: it was used, and its sled stays.
///
/// # Errors
/// Of the database only.
pub async fn delete(conn: &mut AsyncPgConnection, id: JoinTokenUuid) -> DbResult<Guarded<()>> {
    let gone = fixed("DELETE FROM join_token WHERE id = $1 AND sled_id IS NULL")
        .bind::<SqlUuid, _>(id.raw())
        .execute(conn)
        .await?
        == 1;
    let exists = gone || by_id(conn, id).await?.is_some();
    Ok(Guarded::of(gone.then_some(()), exists))
}
