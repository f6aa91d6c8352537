//! The newest events about one thing, for explanations: newest first, also what is still behind the readers' horizon.

use crate::error::DbResult;
use crate::fixed::fixed;
use crate::models::Event;
use diesel::sql_types::{BigInt, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// At most `limit` of them.
///
/// # Errors
/// Of the database only.
pub async fn about(conn: &mut AsyncPgConnection, subject: Uuid, limit: i64) -> DbResult<Vec<Event>> {
    let rows = fixed(
        "SELECT id, txid::text::bigint AS txid, at, kind, subject_kind, subject_id, subject_name, project_id, sled_id,
                actor, cause, message, data
         FROM event WHERE subject_id = $1 ORDER BY event.txid DESC, event.id DESC LIMIT $2",
    )
    .bind::<SqlUuid, _>(subject)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await?;
    Ok(rows)
}
