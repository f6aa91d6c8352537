//! What is deleted because it is old. In bounded pieces: a call removes at most `limit` rows and says how many; a full
//! piece means that there is more.

use crate::error::DbResult;
use crate::fixed::fixed;
use diesel::sql_types::BigInt;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// Events.
///
/// # Errors
/// Of the database only.
pub async fn events(conn: &mut AsyncPgConnection, older_than_s: i64, limit: i64) -> DbResult<usize> {
    let sql = "DELETE FROM event WHERE id IN (SELECT id FROM event
                   WHERE at < now() - $1 * interval '1 second' ORDER BY at LIMIT $2 FOR UPDATE SKIP LOCKED)";
    remove(conn, sql, older_than_s, limit).await
}

/// Operations that ended; their start attempts with them.
///
/// # Errors
/// Of the database only.
pub async fn operations(conn: &mut AsyncPgConnection, older_than_s: i64, limit: i64) -> DbResult<usize> {
    // A parent goes after its children, so that none that is open is lost with it.
    let sql = "DELETE FROM operation WHERE id IN (SELECT o.id FROM operation o
                   WHERE o.ended_at < now() - $1 * interval '1 second'
                     AND NOT EXISTS (SELECT 1 FROM operation child WHERE child.parent_id = o.id)
                   ORDER BY o.ended_at LIMIT $2 FOR UPDATE SKIP LOCKED)";
    remove(conn, sql, older_than_s, limit).await
}

/// Idempotency keys.
///
/// # Errors
/// Of the database only.
pub async fn idempotency(conn: &mut AsyncPgConnection, older_than_s: i64, limit: i64) -> DbResult<usize> {
    let sql = "DELETE FROM idempotency WHERE (user_id, key) IN (SELECT user_id, key FROM idempotency
                   WHERE created_at < now() - $1 * interval '1 second'
                   ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED)";
    remove(conn, sql, older_than_s, limit).await
}

/// VMMs that ended, that no instance links and that hold no room; their migrations with them, unless it isn't decided yet
/// where the guest went, and with it its disks. An instance keeps its last VMM, which says how it ended.
///
/// # Errors
/// Of the database only.
pub async fn vmms(conn: &mut AsyncPgConnection, older_than_s: i64, limit: i64) -> DbResult<usize> {
    let sql = "DELETE FROM vmm WHERE id IN (SELECT v.id FROM vmm v
                   WHERE v.ended_at < now() - $1 * interval '1 second'
                     AND EXISTS (SELECT 1 FROM vmm later
                         WHERE later.instance_id = v.instance_id AND later.epoch > v.epoch)
                     AND NOT EXISTS (SELECT 1 FROM instance i WHERE v.id IN (i.active_vmm_id, i.target_vmm_id))
                     AND NOT EXISTS (SELECT 1 FROM reservation r WHERE r.vmm_id = v.id)
                     AND NOT EXISTS (SELECT 1 FROM migration m
                         WHERE v.id IN (m.source_vmm_id, m.target_vmm_id) AND (m.outcome IS NULL
                             OR EXISTS (SELECT 1 FROM instance i WHERE i.migration_id = m.id)))
                   ORDER BY v.ended_at LIMIT $2 FOR UPDATE SKIP LOCKED)";
    remove(conn, sql, older_than_s, limit).await
}

/// Join tokens that expired without having made a sled.
///
/// # Errors
/// Of the database only.
pub async fn join_tokens(conn: &mut AsyncPgConnection, older_than_s: i64, limit: i64) -> DbResult<usize> {
    let sql = "DELETE FROM join_token WHERE id IN (SELECT id FROM join_token
                   WHERE sled_id IS NULL AND expires_at < now() - $1 * interval '1 second'
                   LIMIT $2 FOR UPDATE SKIP LOCKED)";
    remove(conn, sql, older_than_s, limit).await
}

async fn remove(
    conn: &mut AsyncPgConnection,
    sql: &'static str,
    older_than_s: i64,
    limit: i64,
) -> DbResult<usize> {
    Ok(fixed(sql).bind::<BigInt, _>(older_than_s).bind::<BigInt, _>(limit).execute(conn).await?)
}
