//! Keys by which a repeated request finds the answer to its first sending.

use crate::error::{DbError, DbResult};
use crate::fixed::fixed;
use crate::ids::Raw;
use crate::models::Idempotency;
use crate::tables::idempotency;
use berth_common::ids::{OperationUuid, UserUuid};
use diesel::sql_types::{Binary, Nullable, Text, Uuid as SqlUuid};
use diesel::{BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// A request with a key, and what it makes if it is the first.
#[derive(Clone, Debug)]
pub struct Keyed<'a> {
    pub user: UserUuid,
    pub key: &'a str,
    /// SHA-256 of what is asked.
    pub request_hash: [u8; 32],
    pub subject: Uuid,
    pub operation: Option<OperationUuid>,
}

/// Which sending of the request this is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The first: go on, in the same transaction.
    First,
    /// A repetition: this is what the first made.
    Repeated(Idempotency),
    /// The key was used for another request.
    Conflict,
}

/// What a key was used for, if it was: a repetition can be answered without looking at anything else.
///
/// # Errors
/// Of the database only.
pub async fn find(conn: &mut AsyncPgConnection, user: UserUuid, key: &str) -> DbResult<Option<Idempotency>> {
    let found = idempotency::table.filter(idempotency::user_id.eq(user.raw()).and(idempotency::key.eq(key)));
    Ok(found.select(Idempotency::as_select()).first(conn).await.optional()?)
}

/// Claims the key. Needs the transaction that makes what was asked: of two sendings at once, the second waits here until
/// the first is decided.
///
/// # Errors
/// Of the database only.
pub async fn claim(conn: &mut AsyncPgConnection, keyed: &Keyed<'_>) -> DbResult<Claim> {
    let claimed = fixed(
        "INSERT INTO idempotency (user_id, key, request_hash, operation_id, subject_id)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (user_id, key) DO NOTHING",
    )
    .bind::<SqlUuid, _>(keyed.user.raw())
    .bind::<Text, _>(keyed.key)
    .bind::<Binary, _>(&keyed.request_hash[..])
    .bind::<Nullable<SqlUuid>, _>(keyed.operation.map(Raw::raw))
    .bind::<SqlUuid, _>(keyed.subject)
    .execute(conn)
    .await?
        == 1;
    if claimed {
        return Ok(Claim::First);
    }
    match find(conn, keyed.user, keyed.key).await? {
        Some(first) if first.request_hash == keyed.request_hash => Ok(Claim::Repeated(first)),
        Some(_) => Ok(Claim::Conflict),
        // Retention removed it in this moment.
        None => Err(DbError::Contended),
    }
}
