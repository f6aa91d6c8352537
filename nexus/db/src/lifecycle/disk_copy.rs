//! The other files of disks that migrations copy: room taken, exchanged with the disk's own where the guest went, and
//! deleted when nothing has them open.
//!
//! ```text
//! inserted (being filled at the target) ─┬─ guest handed over: it becomes the disk's file, the old one is doomed
//!                                        └─ otherwise: doomed
//! doomed, and its VMM has ended: deleted by a sled of its pool, for ever; then the row goes
//! ```

use berth_common::ids::{DiskUuid, GenericUuid, InstanceUuid, MigrationUuid, PoolUuid, VmmUuid};
use diesel::QueryResult;
use diesel::sql_types::{BigInt, Bool, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::fixed::fixed;

/// A disk on a local pool of the sled that its guest leaves.
#[derive(Clone, Debug, diesel::QueryableByName)]
pub struct LocalDisk {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = BigInt)]
    pub size_bytes: i64,
}

/// The disks of an instance that can't stay where they are when it moves.
pub async fn to_be_copied(
    conn: &mut AsyncPgConnection,
    instance: InstanceUuid,
) -> QueryResult<Vec<LocalDisk>> {
    fixed(
        "SELECT d.id, d.name, d.size_bytes FROM disk d JOIN pool p ON p.id = d.pool_id
         WHERE d.instance_id = $1 AND p.kind = 'local' ORDER BY d.slot",
    )
    .bind::<SqlUuid, _>(instance.into_untyped_uuid())
    .load(conn)
    .await
}

/// A copy to be filled.
#[derive(Clone, Copy, Debug)]
pub struct NewCopy {
    pub file: DiskUuid,
    pub disk: DiskUuid,
    pub pool: PoolUuid,
    pub size_bytes: i64,
    pub migration: MigrationUuid,
    pub vmm: VmmUuid,
}

/// Takes its room. The caller holds the locks of [`super::disk_room::lock_pools`].
pub async fn insert(conn: &mut AsyncPgConnection, new: &NewCopy) -> QueryResult<()> {
    fixed(
        "INSERT INTO disk_copy (file_id, disk_id, pool_id, size_bytes, migration_id, vmm_id)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind::<SqlUuid, _>(new.file.into_untyped_uuid())
    .bind::<SqlUuid, _>(new.disk.into_untyped_uuid())
    .bind::<SqlUuid, _>(new.pool.into_untyped_uuid())
    .bind::<BigInt, _>(new.size_bytes)
    .bind::<SqlUuid, _>(new.migration.into_untyped_uuid())
    .bind::<SqlUuid, _>(new.vmm.into_untyped_uuid())
    .execute(conn)
    .await?;
    Ok(())
}

/// A copy and where it is.
#[derive(Clone, Copy, Debug, diesel::QueryableByName)]
pub struct Copy {
    #[diesel(sql_type = SqlUuid)]
    pub file_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub disk_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub pool_id: Uuid,
}

/// What a migration copies.
pub async fn of_migration(conn: &mut AsyncPgConnection, migration: MigrationUuid) -> QueryResult<Vec<Copy>> {
    fixed("SELECT file_id, disk_id, pool_id FROM disk_copy WHERE migration_id = $1 AND NOT doomed ORDER BY disk_id")
        .bind::<SqlUuid, _>(migration.into_untyped_uuid())
        .load(conn)
        .await
}

/// Gives back the room of a migration whose target was never linked: no sled has made any file.
pub async fn forget(conn: &mut AsyncPgConnection, migration: MigrationUuid) -> QueryResult<()> {
    fixed("DELETE FROM disk_copy WHERE migration_id = $1 AND NOT doomed")
        .bind::<SqlUuid, _>(migration.into_untyped_uuid())
        .execute(conn)
        .await?;
    Ok(())
}

/// The migration is decided: what lost is doomed. `moved`: the copies are the disks from now on, and what was the disk
/// stays open until the source has ended.
pub(super) async fn settle(conn: &mut AsyncPgConnection, migration: Uuid, moved: bool) -> QueryResult<()> {
    fixed(
        "WITH copy AS (
            SELECT c.file_id, c.pool_id, c.disk_id, coalesce(d.file_id, d.id) AS old_file, d.pool_id AS old_pool
            FROM disk_copy c JOIN disk d ON d.id = c.disk_id
            WHERE c.migration_id = $1 AND NOT c.doomed AND $2 FOR UPDATE
        ), moved AS (
            UPDATE disk d SET pool_id = copy.pool_id, file_id = copy.file_id, state_gen = state_gen + 1
            FROM copy WHERE d.id = copy.disk_id
        ), left_behind AS (
            UPDATE disk_copy c SET file_id = copy.old_file, pool_id = copy.old_pool, doomed = true,
                vmm_id = (SELECT source_vmm_id FROM migration WHERE id = $1)
            FROM copy WHERE c.file_id = copy.file_id
        ) SELECT count(*) AS n FROM copy",
    )
    .bind::<SqlUuid, _>(migration)
    .bind::<Bool, _>(moved)
    .execute(conn)
    .await?;
    if !moved {
        fixed("UPDATE disk_copy SET doomed = true WHERE migration_id = $1 AND NOT doomed")
            .bind::<SqlUuid, _>(migration)
            .execute(conn)
            .await?;
    }
    Ok(())
}

/// Claims copies that are doomed and that no VMM has open; at most `limit`.
pub async fn claim_doomed(conn: &mut AsyncPgConnection, limit: i64) -> QueryResult<Vec<Copy>> {
    fixed(
        "UPDATE disk_copy SET claimed_at = now() WHERE file_id IN (
             SELECT c.file_id FROM disk_copy c LEFT JOIN vmm v ON v.id = c.vmm_id
             WHERE c.doomed AND (v.id IS NULL OR v.ended_by IS NOT NULL)
                 AND (c.claimed_at IS NULL OR c.claimed_at < now() - interval '2 seconds')
             ORDER BY c.file_id LIMIT $1 FOR UPDATE OF c SKIP LOCKED)
         RETURNING file_id, disk_id, pool_id",
    )
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await
}

/// The file is gone for ever; so is its room.
pub async fn remove(conn: &mut AsyncPgConnection, file: DiskUuid) -> QueryResult<()> {
    fixed("DELETE FROM disk_copy WHERE file_id = $1 AND doomed")
        .bind::<SqlUuid, _>(file.into_untyped_uuid())
        .execute(conn)
        .await?;
    Ok(())
}
