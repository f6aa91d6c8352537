//! Disks: records, lists, and the guarded steps of their life. The files are the sleds' business.

use crate::error::DbResult;
use crate::fixed::fixed;
use crate::guarded::Guarded;
use crate::ids::Raw;
use crate::models::{Disk, Pool};
use crate::page::{InProject, Page, Paging};
use crate::quota::{self, QuotaSubject, amount, stored};
use crate::tables::disk;
use berth_common::Name;
use berth_common::ids::{DiskUuid, ImageUuid, InstanceUuid, PoolUuid, ProjectUuid};
use berth_common::storage::DiskState;
use berth_plan::quota::{Amounts, Exceeded};
use diesel::sql_types::{BigInt, Nullable, Text, Uuid as SqlUuid};
use diesel::{
    BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, QueryableByName, SelectableHelper,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// A new disk, and the pool that was chosen for it.
#[derive(Clone, Debug)]
pub struct NewDisk<'a> {
    pub id: DiskUuid,
    pub project: ProjectUuid,
    pub name: &'a Name,
    pub description: &'a str,
    pub size_bytes: u64,
    pub image: Option<ImageUuid>,
    pub pool: PoolUuid,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq)]
pub enum DiskCreation {
    /// It has a row in state *creating*, its room in the pool and in the quota.
    Made(Box<Disk>),
    PoolMissing,
    /// Others took the room since the pool was chosen.
    PoolFull {
        free_bytes: u64,
    },
    QuotaExceeded(Exceeded),
}

/// Makes a disk's row, unless pool or quota forbid. Needs a transaction, to be rolled back unless the answer is *made*:
/// project and pool are locked until its end, so that two at once can't both take the last room.
///
/// # Errors
/// Conflict of `disk_project_id_name_key`: the name is taken; of `disk_image_id_fkey`: the image was deleted. Not found:
/// there is no such project.
pub async fn create(conn: &mut AsyncPgConnection, new: &NewDisk<'_>) -> DbResult<DiskCreation> {
    let wanted = Amounts { disk_bytes: new.size_bytes, ..Amounts::default() };
    if let Err(exceeded) = quota::take(conn, new.project, QuotaSubject::Disk(new.id), &wanted).await? {
        return Ok(DiskCreation::QuotaExceeded(exceeded));
    }
    match free_bytes(conn, new.pool).await? {
        None => return Ok(DiskCreation::PoolMissing),
        Some(free_bytes) if free_bytes < new.size_bytes => return Ok(DiskCreation::PoolFull { free_bytes }),
        Some(_) => {}
    }
    let made = fixed(
        "INSERT INTO disk (id, project_id, name, description, size_bytes, image_id, pool_id, state)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 'creating') RETURNING *",
    )
    .bind::<SqlUuid, _>(new.id.raw())
    .bind::<SqlUuid, _>(new.project.raw())
    .bind::<Text, _>(new.name.as_str())
    .bind::<Text, _>(new.description)
    .bind::<BigInt, _>(stored(new.size_bytes))
    .bind::<Nullable<SqlUuid>, _>(new.image.map(Raw::raw))
    .bind::<SqlUuid, _>(new.pool.raw())
    .get_result(conn)
    .await?;
    Ok(DiskCreation::Made(Box::new(made)))
}

#[derive(QueryableByName)]
struct Provisioned {
    #[diesel(sql_type = BigInt)]
    bytes: i64,
}

/// Room in a pool, whose row is locked by this.
async fn free_bytes(conn: &mut AsyncPgConnection, pool: PoolUuid) -> DbResult<Option<u64>> {
    let locked: Option<Pool> = fixed("SELECT * FROM pool WHERE id = $1 FOR NO KEY UPDATE")
        .bind::<SqlUuid, _>(pool.raw())
        .get_result(conn)
        .await
        .optional()?;
    let Some(locked) = locked else { return Ok(None) };
    let sum: Provisioned =
        fixed("SELECT coalesce(sum(size_bytes), 0)::bigint AS bytes FROM (SELECT size_bytes FROM disk WHERE pool_id = $1
             UNION ALL SELECT size_bytes FROM disk_copy WHERE pool_id = $1) used")
            .bind::<SqlUuid, _>(pool.raw())
            .get_result(conn)
            .await?;
    Ok(Some(amount(locked.capacity_bytes).saturating_sub(amount(sum.bytes))))
}

/// One disk.
///
/// # Errors
/// Of the database only.
pub async fn by_id(conn: &mut AsyncPgConnection, id: DiskUuid) -> DbResult<Option<Disk>> {
    let found = disk::table.filter(disk::id.eq(id.raw()));
    Ok(found.select(Disk::as_select()).first(conn).await.optional()?)
}

/// One disk.
///
/// # Errors
/// Of the database only.
pub async fn by_name(
    conn: &mut AsyncPgConnection,
    project: ProjectUuid,
    name: &Name,
) -> DbResult<Option<Disk>> {
    let found = disk::table.filter(disk::project_id.eq(project.raw()).and(disk::name.eq(name.as_str())));
    Ok(found.select(Disk::as_select()).first(conn).await.optional()?)
}

/// Disks of a project, or of all, project by project.
///
/// # Errors
/// Of the database only.
pub async fn list(
    conn: &mut AsyncPgConnection,
    project: Option<ProjectUuid>,
    paging: &Paging<InProject>,
) -> DbResult<Page<Disk, InProject>> {
    let after = paging.after().map_or("", |after| after.name.as_str());
    let query = match project {
        Some(project) => {
            fixed("SELECT * FROM disk WHERE project_id = $1 AND name > $2 ORDER BY name LIMIT $3")
                .bind::<SqlUuid, _>(project.raw())
        }
        None => {
            fixed("SELECT * FROM disk WHERE (project_id, name) > ($1, $2) ORDER BY project_id, name LIMIT $3")
                .bind::<SqlUuid, _>(paging.after().map_or(Uuid::nil(), |after| after.project.raw()))
        }
    };
    let rows = query.bind::<Text, _>(after).bind::<BigInt, _>(paging.rows()).load(conn).await?;
    Ok(Page::of(rows, paging, |last: &Disk| InProject { project: last.project_id, name: last.name.clone() }))
}

/// An instance's disks, by slot.
///
/// # Errors
/// Of the database only.
pub async fn of_instance(conn: &mut AsyncPgConnection, instance: InstanceUuid) -> DbResult<Vec<Disk>> {
    let attached = disk::table.filter(disk::instance_id.eq(instance.raw())).order(disk::slot);
    Ok(attached.select(Disk::as_select()).load(conn).await?)
}

/// Puts a disk into another state, if it is still as planned with.
///
/// # Errors
/// Conflict of `disk_check1`: an attached disk is ready.
pub async fn set_state(
    conn: &mut AsyncPgConnection,
    id: DiskUuid,
    state_gen: i64,
    state: DiskState,
) -> DbResult<Guarded<Disk>> {
    let written = fixed(
        "UPDATE disk SET state = $3, state_gen = state_gen + 1 WHERE id = $1 AND state_gen = $2 RETURNING *",
    )
    .bind::<SqlUuid, _>(id.raw())
    .bind::<BigInt, _>(state_gen)
    .bind::<Text, _>(state.as_str())
    .get_result(conn)
    .await
    .optional()?;
    let exists = written.is_some() || by_id(conn, id).await?.is_some();
    Ok(Guarded::of(written, exists))
}

/// Begins to delete a disk that is ready or failed and attached to nothing. *Stale*: it isn't that.
///
/// # Errors
/// Of the database only.
pub async fn begin_delete(conn: &mut AsyncPgConnection, id: DiskUuid) -> DbResult<Guarded<Disk>> {
    let written = fixed(
        "UPDATE disk SET state = 'deleting', state_gen = state_gen + 1
         WHERE id = $1 AND state IN ('ready', 'failed') AND instance_id IS NULL RETURNING *",
    )
    .bind::<SqlUuid, _>(id.raw())
    .get_result(conn)
    .await
    .optional()?;
    let exists = written.is_some() || by_id(conn, id).await?.is_some();
    Ok(Guarded::of(written, exists))
}
