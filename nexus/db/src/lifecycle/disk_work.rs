//! What the sagas of disks read and write: who reaches a pool, a disk that is ready, a disk that is gone.

use berth_common::ids::{DiskUuid, GenericUuid, OperationUuid, PoolUuid};
use diesel::sql_types::{Nullable, Text, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryResult};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::fixed::fixed;

/// A sled that has a pool mounted.
#[derive(Clone, Debug, diesel::QueryableByName)]
pub struct Reach {
    #[diesel(sql_type = SqlUuid)]
    pub sled: Uuid,
    #[diesel(sql_type = Text)]
    pub sled_name: String,
    #[diesel(sql_type = Text)]
    pub url: String,
    #[diesel(sql_type = SqlUuid)]
    pub ledger: Uuid,
}

/// The sleds that reach a pool, the one that reported last first; at most eight.
pub async fn reach(conn: &mut AsyncPgConnection, pool: PoolUuid) -> QueryResult<Vec<Reach>> {
    fixed(
        "SELECT s.id AS sled, s.name AS sled_name, s.address AS url, s.ledger_id AS ledger
         FROM sled s JOIN sled_pool p ON p.sled_id = s.id
         WHERE p.pool_id = $1 AND s.registered_at IS NOT NULL AND s.admission <> 'expunged'
         ORDER BY s.last_report_at DESC NULLS LAST, s.id LIMIT 8",
    )
    .bind::<SqlUuid, _>(pool.into_untyped_uuid())
    .load(conn)
    .await
}

/// The disk's file is there. Nothing happens where it was so before.
pub async fn ready(conn: &mut AsyncPgConnection, disk: DiskUuid) -> QueryResult<()> {
    fixed(
        "UPDATE disk SET state = 'ready', state_gen = state_gen + 1
         WHERE id = $1 AND state = 'creating'",
    )
    .bind::<SqlUuid, _>(disk.into_untyped_uuid())
    .execute(conn)
    .await?;
    Ok(())
}

/// The disk's file is gone: so are its row, its room and its quota.
pub async fn remove(conn: &mut AsyncPgConnection, disk: DiskUuid) -> QueryResult<()> {
    fixed("DELETE FROM quota_use WHERE subject_id = $1")
        .bind::<SqlUuid, _>(disk.into_untyped_uuid())
        .execute(conn)
        .await?;
    fixed("DELETE FROM disk WHERE id = $1 AND instance_id IS NULL")
        .bind::<SqlUuid, _>(disk.into_untyped_uuid())
        .execute(conn)
        .await?;
    Ok(())
}

/// Keeps why the disk's operation is going to fail, while its saga unwinds.
pub async fn note_failure(
    conn: &mut AsyncPgConnection,
    operation: OperationUuid,
    why: &str,
) -> QueryResult<()> {
    fixed("UPDATE operation SET phase = 'undoing', error_message = $2 WHERE id = $1 AND ended_at IS NULL")
        .bind::<SqlUuid, _>(operation.into_untyped_uuid())
        .bind::<Text, _>(why)
        .execute(conn)
        .await?;
    Ok(())
}

/// What [`note_failure`] kept.
pub async fn noted_failure(
    conn: &mut AsyncPgConnection,
    operation: OperationUuid,
) -> QueryResult<Option<String>> {
    #[derive(diesel::QueryableByName)]
    struct Note {
        #[diesel(sql_type = Nullable<Text>)]
        error_message: Option<String>,
    }
    let note = fixed("SELECT error_message FROM operation WHERE id = $1")
        .bind::<SqlUuid, _>(operation.into_untyped_uuid())
        .get_result::<Note>(conn)
        .await
        .optional()?;
    Ok(note.and_then(|note| note.error_message))
}
