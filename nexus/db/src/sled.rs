//! Sleds as operators see them, with what is known of their hosts.

use crate::error::DbResult;
use crate::fixed::{Fixed, fixed};
use crate::ids::Raw;
use crate::lifecycle::text::sled_liveness;
use crate::models::Sled;
use crate::page::{ByName, Page, Paging};
use berth_common::Name;
use berth_common::ids::SledUuid;
use berth_common::sled::Liveness;
use diesel::sql_types::{BigInt, Nullable, Text, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryableByName};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// A sled, how long ago it reported by the database's clock, and what is taken of it.
#[derive(Clone, Debug, QueryableByName)]
pub struct SledSeen {
    #[diesel(embed)]
    pub sled: Sled,
    /// None: it never reported.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub silent_ms: Option<i64>,
    #[diesel(sql_type = BigInt)]
    pub cpus_reserved: i64,
    #[diesel(sql_type = BigInt)]
    pub memory_mib_reserved: i64,
}

impl SledSeen {
    /// What its silence, or its own word, says of the host.
    pub fn liveness(&self) -> Liveness {
        sled_liveness(self.sled.planned_down_at.is_some(), self.silent_ms)
    }
}

/// Reads sleds as [`SledSeen`]; goes on with a WHERE.
macro_rules! seen {
    ($rest:literal) => {
        concat!(
            "SELECT s.*, (extract(epoch FROM now() - s.last_report_at) * 1000)::bigint AS silent_ms,
                 r.cpus_reserved, r.memory_mib_reserved
             FROM sled s, LATERAL (
                 SELECT coalesce(sum(cpus), 0)::bigint AS cpus_reserved,
                        coalesce(sum(memory_mib), 0)::bigint AS memory_mib_reserved
                 FROM reservation WHERE sled_id = s.id) r ",
            $rest
        )
    };
}

/// One sled.
///
/// # Errors
/// Of the database only.
pub async fn by_id(conn: &mut AsyncPgConnection, id: SledUuid) -> DbResult<Option<SledSeen>> {
    one(conn, fixed(seen!("WHERE s.id = $1")).bind::<SqlUuid, _>(id.raw())).await
}

/// One sled.
///
/// # Errors
/// Of the database only.
pub async fn by_name(conn: &mut AsyncPgConnection, name: &Name) -> DbResult<Option<SledSeen>> {
    one(conn, fixed(seen!("WHERE s.name = $1")).bind::<Text, _>(name.as_str())).await
}

async fn one(conn: &mut AsyncPgConnection, query: Fixed<'_>) -> DbResult<Option<SledSeen>> {
    Ok(query.get_result(conn).await.optional()?)
}

/// All sleds, by name.
///
/// # Errors
/// Of the database only.
pub async fn list(conn: &mut AsyncPgConnection, paging: &Paging<ByName>) -> DbResult<Page<SledSeen, ByName>> {
    let rows = fixed(seen!("WHERE s.name > $1 ORDER BY s.name LIMIT $2"))
        .bind::<Text, _>(paging.after().map_or("", |after| after.name.as_str()))
        .bind::<BigInt, _>(paging.rows())
        .load(conn)
        .await?;
    Ok(Page::of(rows, paging, |last: &SledSeen| ByName { name: last.sled.name.to_string() }))
}
