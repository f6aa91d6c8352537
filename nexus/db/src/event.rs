//! Events: every transition, in the order in which they became visible.
//!
//! A reader takes only what was written by transactions older than the oldest one still in flight. What it hasn't seen by
//! then appears behind its token, never before it: reading from token to token sees every event once.

use crate::error::DbResult;
use crate::fixed::{Fixed, fixed};
use crate::ids::Raw;
use crate::models::Event;
use berth_common::ids::{ProjectUuid, SledUuid};
use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Jsonb, Nullable, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// An event to be told.
#[derive(Clone, Debug)]
pub struct NewEvent<'a> {
    /// Which transition, as `vmm_running`.
    pub kind: &'a str,
    pub subject_kind: &'a str,
    pub subject: Uuid,
    pub subject_name: &'a str,
    pub project: Option<ProjectUuid>,
    pub sled: Option<SledUuid>,
    pub actor: &'a str,
    pub cause: &'a str,
    /// For people.
    pub message: &'a str,
    pub data: serde_json::Value,
}

/// A place between two events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EventToken {
    pub txid: i64,
    pub id: i64,
}

impl EventToken {
    /// Before the first event that is kept.
    pub const START: EventToken = EventToken { txid: 0, id: 0 };
}

/// Whose events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventsOf {
    All,
    Project(ProjectUuid),
    Subject(Uuid),
    Sled(SledUuid),
}

/// Some events, and where to go on.
#[derive(Clone, Debug, PartialEq)]
pub struct Events {
    pub items: Vec<Event>,
    /// After the last item, or after all that is visible now if there are no more.
    pub next: EventToken,
}

/// Tells events, in this order, in one statement.
///
/// # Errors
/// Of the database only.
pub async fn insert(conn: &mut AsyncPgConnection, events: &[NewEvent<'_>]) -> DbResult<()> {
    if events.is_empty() {
        return Ok(());
    }
    fn texts<'e>(events: &'e [NewEvent<'e>], of: impl Fn(&NewEvent<'e>) -> &'e str) -> Vec<&'e str> {
        events.iter().map(of).collect()
    }
    fixed(
        "INSERT INTO event (kind, subject_kind, subject_id, subject_name, project_id, sled_id, actor, cause, message,
             data)
         SELECT kind, subject_kind, subject_id, subject_name, project_id, sled_id, actor, cause, message, data
         FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) WITH ORDINALITY
             AS e (kind, subject_kind, subject_id, subject_name, project_id, sled_id, actor, cause, message, data, ord)
         ORDER BY ord",
    )
    .bind::<Array<Text>, _>(texts(events, |event| event.kind))
    .bind::<Array<Text>, _>(texts(events, |event| event.subject_kind))
    .bind::<Array<SqlUuid>, _>(events.iter().map(|event| event.subject).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(texts(events, |event| event.subject_name))
    .bind::<Array<Nullable<SqlUuid>>, _>(events.iter().map(|event| event.project.map(Raw::raw)).collect::<Vec<_>>())
    .bind::<Array<Nullable<SqlUuid>>, _>(events.iter().map(|event| event.sled.map(Raw::raw)).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(texts(events, |event| event.actor))
    .bind::<Array<Text>, _>(texts(events, |event| event.cause))
    .bind::<Array<Text>, _>(texts(events, |event| event.message))
    .bind::<Array<Jsonb>, _>(events.iter().map(|event| event.data.clone()).collect::<Vec<_>>())
    .execute(conn)
    .await?;
    Ok(())
}

/// Reads events between a token and the oldest transaction in flight; goes on with a filter.
macro_rules! events {
    ($filter:literal) => {
        concat!(
            "SELECT id, txid::text::bigint AS txid, at, kind, subject_kind, subject_id, subject_name, project_id,
                 sled_id, actor, cause, message, data
             FROM event WHERE (txid, id) > ($1::text::xid8, $2) AND txid < $3::text::xid8",
            $filter,
            " ORDER BY event.txid, event.id LIMIT $4"
        )
    };
}

/// At most `limit` events after a token.
///
/// # Errors
/// Of the database only.
pub async fn list(
    conn: &mut AsyncPgConnection,
    of: EventsOf,
    since: EventToken,
    limit: u32,
) -> DbResult<Events> {
    let horizon = horizon(conn).await?;
    let limit = limit.clamp(1, crate::page::PAGE_LIMIT);
    let bounded = |text: &'static str| -> Fixed<'static> {
        fixed(text)
            .bind::<Text, _>(since.txid.to_string())
            .bind::<BigInt, _>(since.id)
            .bind::<Text, _>(horizon.to_string())
            .bind::<BigInt, _>(i64::from(limit))
    };
    let query = match of {
        EventsOf::All => bounded(events!("")),
        EventsOf::Project(id) => bounded(events!(" AND project_id = $5")).bind::<SqlUuid, _>(id.raw()),
        EventsOf::Subject(id) => bounded(events!(" AND subject_id = $5")).bind::<SqlUuid, _>(id),
        EventsOf::Sled(id) => bounded(events!(" AND sled_id = $5")).bind::<SqlUuid, _>(id.raw()),
    };
    let items: Vec<Event> = query.load(conn).await?;
    let seen_all = items.len() < limit as usize;
    let next = match items.last() {
        Some(last) if !seen_all => EventToken { txid: last.txid, id: last.id },
        // Everything below the horizon was looked at: no need to look there again.
        _ => since.max(EventToken { txid: horizon - 1, id: i64::MAX }),
    };
    Ok(Events { items, next })
}

/// The token after all events that are visible now.
///
/// # Errors
/// Of the database only.
pub async fn now(conn: &mut AsyncPgConnection) -> DbResult<EventToken> {
    Ok(EventToken { txid: horizon(conn).await? - 1, id: i64::MAX })
}

#[derive(QueryableByName)]
struct Horizon {
    #[diesel(sql_type = BigInt)]
    txid: i64,
}

/// Number of the oldest transaction still in flight. Read before the events, so that none can slip in between.
async fn horizon(conn: &mut AsyncPgConnection) -> DbResult<i64> {
    let row: Horizon = fixed("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS txid")
        .get_result(conn)
        .await?;
    Ok(row.txid)
}
