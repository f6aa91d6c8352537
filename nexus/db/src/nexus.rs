//! Membership of the nexus: each writes its own row, and all read the others'.

use crate::error::DbResult;
use crate::fixed::fixed;
use crate::guarded::Guarded;
use crate::ids::Raw;
use crate::models::Nexus;
use crate::page::{ByName, Page, Paging};
use crate::tables::nexus;
use berth_common::ids::NexusUuid;
use diesel::sql_types::{BigInt, Text, Uuid as SqlUuid};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, QueryableByName, SelectableHelper};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// Without a renewal for this long a nexus is shown as not answering. Nothing else follows from it.
pub const ANSWERING_MS: i64 = 15_000;

/// What a nexus says of itself when it starts.
#[derive(Clone, Debug)]
pub struct Announcement<'a> {
    pub id: NexusUuid,
    pub name: &'a str,
    pub public_address: &'a str,
    pub internal_address: &'a str,
    pub version: &'a str,
}

/// A nexus and how long ago it renewed.
#[derive(Clone, Debug, QueryableByName)]
pub struct NexusSeen {
    #[diesel(embed)]
    pub nexus: Nexus,
    #[diesel(sql_type = BigInt)]
    pub silent_ms: i64,
}

impl NexusSeen {
    /// It renewed lately.
    pub fn answers(&self) -> bool {
        self.silent_ms < ANSWERING_MS
    }
}

/// Says that this nexus is here, under a new epoch. *Stale*: it was declared dead, and must come back under a new
/// id. The name of a dead nexus can be taken over.
///
/// # Errors
/// Conflict of `nexus_name_key`: another nexus has the name.
pub async fn announce(conn: &mut AsyncPgConnection, own: &Announcement<'_>) -> DbResult<Guarded<Nexus>> {
    fixed(
        "UPDATE nexus SET name = name || '-' || left(id::text, 8)
         WHERE name = $1 AND id <> $2 AND state = 'dead'",
    )
    .bind::<Text, _>(own.name)
    .bind::<SqlUuid, _>(own.id.raw())
    .execute(conn)
    .await?;
    let written = fixed(
        "INSERT INTO nexus (id, name, state, public_address, internal_address, version)
         VALUES ($1, $2, 'active', $3, $4, $5)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, state = 'active', epoch = nexus.epoch + 1,
             public_address = excluded.public_address, internal_address = excluded.internal_address,
             version = excluded.version, started_at = now(), renewed_at = now()
         WHERE nexus.state <> 'dead' RETURNING *",
    )
    .bind::<SqlUuid, _>(own.id.raw())
    .bind::<Text, _>(own.name)
    .bind::<Text, _>(own.public_address)
    .bind::<Text, _>(own.internal_address)
    .bind::<Text, _>(own.version)
    .get_result::<Nexus>(conn)
    .await
    .optional()?;
    Ok(Guarded::of(written, true))
}

/// Says that this nexus is still here. *Stale*: it was declared dead, or another process has its id.
///
/// # Errors
/// Of the database only.
pub async fn renew(conn: &mut AsyncPgConnection, id: NexusUuid, epoch: i64) -> DbResult<Guarded<()>> {
    let sql = "UPDATE nexus SET seq = seq + 1, renewed_at = now()
               WHERE id = $1 AND epoch = $2 AND state = 'active'";
    guarded_write(conn, sql, id, epoch).await
}

/// Says that this nexus ends in order.
///
/// # Errors
/// Of the database only.
pub async fn leave(conn: &mut AsyncPgConnection, id: NexusUuid, epoch: i64) -> DbResult<Guarded<()>> {
    let sql = "UPDATE nexus SET seq = seq + 1, renewed_at = now(), state = 'stopped'
               WHERE id = $1 AND epoch = $2 AND state = 'active'";
    guarded_write(conn, sql, id, epoch).await
}

async fn guarded_write(
    conn: &mut AsyncPgConnection,
    sql: &'static str,
    id: NexusUuid,
    epoch: i64,
) -> DbResult<Guarded<()>> {
    let changed = fixed(sql).bind::<SqlUuid, _>(id.raw()).bind::<BigInt, _>(epoch).execute(conn).await? == 1;
    let exists = changed || by_id(conn, id).await?.is_some();
    Ok(Guarded::of(changed.then_some(()), exists))
}

/// One nexus.
///
/// # Errors
/// Of the database only.
pub async fn by_id(conn: &mut AsyncPgConnection, id: NexusUuid) -> DbResult<Option<Nexus>> {
    Ok(nexus::table.filter(nexus::id.eq(id.raw())).select(Nexus::as_select()).first(conn).await.optional()?)
}

/// All nexus there ever were, by name.
///
/// # Errors
/// Of the database only.
pub async fn list(
    conn: &mut AsyncPgConnection,
    paging: &Paging<ByName>,
) -> DbResult<Page<NexusSeen, ByName>> {
    let rows = fixed(
        "SELECT *, (extract(epoch FROM now() - renewed_at) * 1000)::bigint AS silent_ms
         FROM nexus WHERE name > $1 ORDER BY name LIMIT $2",
    )
    .bind::<Text, _>(paging.after().map_or("", |after| after.name.as_str()))
    .bind::<BigInt, _>(paging.rows())
    .load(conn)
    .await?;
    Ok(Page::of(rows, paging, |last: &NexusSeen| ByName { name: last.nexus.name.clone() }))
}

/// `host:port` of the agents' door of every active nexus, by name.
///
/// # Errors
/// Of the database only.
pub async fn internal_addresses(conn: &mut AsyncPgConnection) -> DbResult<Vec<String>> {
    let active = nexus::table.filter(nexus::state.eq("active")).order(nexus::name);
    Ok(active.select(nexus::internal_address).load(conn).await?)
}

/// What another nexus' row says, for the watch over it.
#[derive(Clone, Debug, QueryableByName)]
pub struct OtherBeat {
    #[diesel(sql_type = SqlUuid)]
    pub id: uuid::Uuid,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = BigInt)]
    pub epoch: i64,
    #[diesel(sql_type = BigInt)]
    pub seq: i64,
    /// My own row is active under my epoch, and was renewed within three seconds.
    #[diesel(sql_type = diesel::sql_types::Bool)]
    pub mine_is_current: bool,
}

/// The other active nexus, with how my own row stands at the same moment.
///
/// # Errors
/// Of the database only.
pub async fn others(conn: &mut AsyncPgConnection, id: NexusUuid, epoch: i64) -> DbResult<Vec<OtherBeat>> {
    let rows = fixed(
        "SELECT o.id, o.name, o.epoch, o.seq,
             coalesce(me.renewed_at > now() - interval '3 seconds', false) AS mine_is_current
         FROM nexus o LEFT JOIN nexus me ON me.id = $1 AND me.epoch = $2 AND me.state = 'active'
         WHERE o.state = 'active' AND o.id <> $1 ORDER BY o.id",
    )
    .bind::<SqlUuid, _>(id.raw())
    .bind::<BigInt, _>(epoch)
    .load(conn)
    .await?;
    Ok(rows)
}

/// Declares another nexus dead, if its row still is the one that was watched and mine is current. False: it isn't.
///
/// # Errors
/// Of the database only.
pub async fn declare_dead(
    conn: &mut AsyncPgConnection,
    other: &OtherBeat,
    me: NexusUuid,
    my_epoch: i64,
) -> DbResult<bool> {
    let changed = fixed(
        "UPDATE nexus SET state = 'dead', epoch = epoch + 1
         WHERE id = $1 AND epoch = $2 AND seq = $3 AND state = 'active' AND EXISTS (
             SELECT 1 FROM nexus me WHERE me.id = $4 AND me.epoch = $5 AND me.state = 'active'
                 AND me.renewed_at > now() - interval '3 seconds')",
    )
    .bind::<SqlUuid, _>(other.id)
    .bind::<BigInt, _>(other.epoch)
    .bind::<BigInt, _>(other.seq)
    .bind::<SqlUuid, _>(me.raw())
    .bind::<BigInt, _>(my_epoch)
    .execute(conn)
    .await?;
    Ok(changed == 1)
}

/// Nexus that are dead, or have left, and own sagas that aren't over.
///
/// # Errors
/// Of the database only.
pub async fn gone_with_sagas(conn: &mut AsyncPgConnection) -> DbResult<Vec<uuid::Uuid>> {
    #[derive(QueryableByName)]
    struct Owner {
        #[diesel(sql_type = SqlUuid)]
        id: uuid::Uuid,
    }
    let rows = fixed(
        "SELECT n.id FROM nexus n WHERE n.state IN ('dead', 'stopped') AND EXISTS (
             SELECT 1 FROM saga s WHERE s.owner = n.id AND s.state IN ('running', 'unwinding'))",
    )
    .load::<Owner>(conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}
