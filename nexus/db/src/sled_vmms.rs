//! What runs on a sled, or should: its VMMs that haven't ended, and what is there and nobody answers for.

use crate::error::DbResult;
use crate::fixed::fixed;
use crate::ids::{DbId, DbText, Raw};
use berth_common::ids::{InstanceKind, InstanceUuid, SledUuid, VmmKind, VmmUuid};
use berth_common::vmm::VmmState;
use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{Bool, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// A VMM that hasn't ended, with its instance's name.
#[derive(Clone, Debug, QueryableByName)]
pub struct LiveVmm {
    #[diesel(sql_type = SqlUuid, deserialize_as = DbId<VmmKind>)]
    pub id: VmmUuid,
    #[diesel(sql_type = SqlUuid, deserialize_as = DbId<InstanceKind>)]
    pub instance: InstanceUuid,
    #[diesel(sql_type = Text)]
    pub instance_name: String,
    #[diesel(sql_type = Text, deserialize_as = DbText<VmmState>)]
    pub state: VmmState,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub reported_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Bool)]
    pub stuck: bool,
}

/// All of them, in the order of their ids. A sled has a few hundred at most.
///
/// # Errors
/// Of the database only.
pub async fn live(conn: &mut AsyncPgConnection, sled: SledUuid) -> DbResult<Vec<LiveVmm>> {
    let rows = fixed(
        "SELECT v.id, v.instance_id AS instance, i.name AS instance_name, v.state, v.reported_at, v.stuck
         FROM vmm v JOIN instance i ON i.id = v.instance_id
         WHERE v.sled_id = $1 AND v.state NOT IN ('destroyed', 'failed', 'unwound') ORDER BY v.id",
    )
    .bind::<SqlUuid, _>(sled.raw())
    .load(conn)
    .await?;
    Ok(rows)
}

/// What is on a sled's host and nobody answers for, as it listed it last: an array in the sled's own words.
///
/// # Errors
/// Of the database, and for a sled that isn't there.
pub async fn quarantined(conn: &mut AsyncPgConnection, sled: SledUuid) -> DbResult<serde_json::Value> {
    #[derive(QueryableByName)]
    struct Listed {
        #[diesel(sql_type = Jsonb)]
        quarantined: serde_json::Value,
    }
    let query = fixed("SELECT quarantined FROM sled WHERE id = $1").bind::<SqlUuid, _>(sled.raw());
    Ok(query.get_result::<Listed>(conn).await?.quarantined)
}
