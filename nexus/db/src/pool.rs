//! Storage pools: what is in them, and where they are.

use crate::error::DbResult;
use crate::fixed::fixed;
use crate::ids::{DbText, Raw};
use crate::lifecycle::text::sled_liveness;
use crate::models::{Pool, PoolUse};
use crate::page::{ById, Page, Paging};
use crate::quota::amount;
use berth_common::Name;
use berth_common::ids::{GenericUuid, PoolUuid, SledUuid};
use berth_common::sled::Admission;
use berth_plan::disk_placement::{PoolFacts, PoolSled};
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryableByName};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::BTreeMap;
use uuid::Uuid;

#[derive(QueryableByName)]
struct Row {
    #[diesel(embed)]
    pool: Pool,
    #[diesel(sql_type = BigInt)]
    provisioned_bytes: i64,
    #[diesel(sql_type = Array<SqlUuid>)]
    sleds: Vec<Uuid>,
}

impl From<Row> for PoolUse {
    fn from(row: Row) -> Self {
        let sleds = row.sleds.into_iter().map(SledUuid::from_untyped_uuid).collect();
        PoolUse { pool: row.pool, provisioned_bytes: row.provisioned_bytes, sleds }
    }
}

/// Reads pools as [`PoolUse`]; goes on with a WHERE.
macro_rules! pool_use {
    ($rest:literal) => {
        concat!(
            "SELECT p.*,
                 (SELECT coalesce(sum(size_bytes), 0) FROM disk WHERE pool_id = p.id)::bigint
                     + (SELECT coalesce(sum(size_bytes), 0) FROM disk_copy WHERE pool_id = p.id)::bigint
                     AS provisioned_bytes,
                 ARRAY(SELECT sled_id FROM sled_pool WHERE pool_id = p.id ORDER BY sled_id) AS sleds
             FROM pool p ",
            $rest
        )
    };
}

/// One pool.
///
/// # Errors
/// Of the database only.
pub async fn by_id(conn: &mut AsyncPgConnection, id: PoolUuid) -> DbResult<Option<PoolUse>> {
    let found: Option<Row> =
        fixed(pool_use!("WHERE p.id = $1")).bind::<SqlUuid, _>(id.raw()).get_result(conn).await.optional()?;
    Ok(found.map(PoolUse::from))
}

/// The pools of this name: sleds name their own, so there can be several.
///
/// # Errors
/// Of the database only.
pub async fn by_name(conn: &mut AsyncPgConnection, name: &Name) -> DbResult<Vec<PoolUse>> {
    let found: Vec<Row> =
        fixed(pool_use!("WHERE p.name = $1 ORDER BY p.id")).bind::<Text, _>(name.as_str()).load(conn).await?;
    Ok(found.into_iter().map(PoolUse::from).collect())
}

/// All pools.
///
/// # Errors
/// Of the database only.
pub async fn list(conn: &mut AsyncPgConnection, paging: &Paging<ById>) -> DbResult<Page<PoolUse, ById>> {
    let rows: Vec<Row> = fixed(pool_use!("WHERE p.id > $1 ORDER BY p.id LIMIT $2"))
        .bind::<SqlUuid, _>(paging.after().map_or(Uuid::nil(), |after| after.id))
        .bind::<BigInt, _>(paging.rows())
        .load(conn)
        .await?;
    Ok(Page::of(rows, paging, |last| ById { id: last.pool.id.raw() }).map(PoolUse::from))
}

#[derive(QueryableByName)]
struct Mount {
    #[diesel(sql_type = SqlUuid)]
    pool_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    sled_id: Uuid,
    #[diesel(sql_type = Text, deserialize_as = DbText<Admission>)]
    admission: Admission,
    #[diesel(sql_type = Nullable<BigInt>)]
    silent_ms: Option<i64>,
    #[diesel(sql_type = Bool)]
    planned_down: bool,
}

/// Every pool as the placement of disks sees it. Read without locks: [`crate::disk::create`] looks again.
///
/// # Errors
/// Of the database only.
pub async fn facts(conn: &mut AsyncPgConnection) -> DbResult<Vec<PoolFacts>> {
    let pools: Vec<Row> = fixed(pool_use!("ORDER BY p.id")).load(conn).await?;
    let mounts: Vec<Mount> = fixed(
        "SELECT m.pool_id, s.id AS sled_id, s.admission, s.planned_down_at IS NOT NULL AS planned_down,
                (extract(epoch FROM now() - s.last_report_at) * 1000)::bigint AS silent_ms
         FROM sled_pool m JOIN sled s ON s.id = m.sled_id WHERE s.registered_at IS NOT NULL",
    )
    .load(conn)
    .await?;
    let mut sleds: BTreeMap<Uuid, Vec<PoolSled>> = BTreeMap::new();
    for mount in mounts {
        sleds.entry(mount.pool_id).or_default().push(PoolSled {
            id: SledUuid::from_untyped_uuid(mount.sled_id),
            admission: mount.admission,
            liveness: sled_liveness(mount.planned_down, mount.silent_ms),
        });
    }
    let fact = |row: Row| PoolFacts {
        id: row.pool.id,
        sleds: sleds.remove(&row.pool.id.raw()).unwrap_or_default(),
        name: row.pool.name,
        kind: row.pool.kind,
        capacity_bytes: amount(row.pool.capacity_bytes),
        provisioned_bytes: amount(row.provisioned_bytes),
    };
    Ok(pools.into_iter().map(fact).collect())
}
