//! Events: listed from token to token, waited for, and the newest about one thing.

use berth_db::event::{self, EventToken, Events, EventsOf};
use berth_db::{event_newest, models};
use berth_nexus_api::NameOrId;
use berth_nexus_api::duration::Wait;
use berth_nexus_api::event::{Event, EventPage};
use berth_nexus_api::operation::Subject;
use uuid::Uuid;

use super::actor::Actor;
use super::authorise::{Action, authorise_fleet};
use super::error::{AppError, AppResult};
use super::find::{Which, project_of, sled_in};
use super::instance_decide::find;
use super::page::{PageLimit, read_token, token};
use super::unreadable::amount;
use super::wait::until;
use crate::context::Nexus;

/// From where, how many, and how long to wait for the first.
#[derive(Clone, Debug, Default)]
pub struct Since {
    /// A token, or `now`; none: from the oldest event kept.
    pub since: Option<String>,
    /// Events at most.
    pub limit: Option<u32>,
    /// How long to wait if there is none yet.
    pub wait: Option<Wait>,
}

/// What happened in a project, or everywhere.
pub async fn event_list(
    nexus: &Nexus,
    actor: &Actor,
    project: Option<NameOrId>,
    asked: Since,
) -> AppResult<EventPage> {
    let of = match &project {
        Some(which) => EventsOf::Project(project_of(nexus, actor, Some(which)).await?),
        None => {
            authorise_fleet(actor, Action::ViewFleet)?;
            EventsOf::All
        }
    };
    read(nexus, of, asked).await
}

/// What happened to an instance.
pub async fn instance_events(
    nexus: &Nexus,
    actor: &Actor,
    which: &Which,
    asked: Since,
) -> AppResult<EventPage> {
    let found = find(nexus, actor, Action::View, which).await?;
    read(nexus, EventsOf::Subject(found.id), asked).await
}

/// What happened on a sled.
pub async fn sled_events(
    nexus: &Nexus,
    actor: &Actor,
    which: &NameOrId,
    asked: Since,
) -> AppResult<EventPage> {
    authorise_fleet(actor, Action::ViewFleet)?;
    let found = nexus.db.statement("sled.find", async |conn| sled_in(conn, which).await).await?;
    read(nexus, EventsOf::Sled(found.sled.id), asked).await
}

async fn read(nexus: &Nexus, of: EventsOf, asked: Since) -> AppResult<EventPage> {
    let limit = PageLimit::of(asked.limit)?.items();
    let since = match asked.since.as_deref() {
        None => EventToken::START,
        Some("now") => {
            nexus.db.statement("event.now", async |conn| Ok::<_, AppError>(event::now(conn).await?)).await?
        }
        Some(text) => place(text)?,
    };
    let look = || {
        nexus.db.statement("event.list", async |conn| {
            Ok::<_, AppError>(event::list(conn, of, since, limit).await?)
        })
    };
    let found: Events = until(nexus, asked.wait, look, |seen: &Events| !seen.items.is_empty()).await?;
    let next = token(&found.next).ok_or_else(|| AppError::invalid("the token can't be written"))?;
    Ok(EventPage { items: found.items.into_iter().map(shown).collect(), next })
}

/// A place that a client names: nothing is below the first.
fn place(text: &str) -> AppResult<EventToken> {
    let said: EventToken = read_token(text)?;
    Ok(EventToken { txid: said.txid.max(0), id: said.id.max(0) })
}

/// The newest events about one thing, newest first.
pub(super) async fn newest_about(nexus: &Nexus, subject: Uuid, limit: i64) -> AppResult<Vec<Event>> {
    let rows = nexus
        .db
        .statement("event.newest", async |conn| {
            Ok::<_, AppError>(event_newest::about(conn, subject, limit).await?)
        })
        .await?;
    Ok(rows.into_iter().map(shown).collect())
}

pub(super) fn shown(row: models::Event) -> Event {
    Event {
        id: amount(row.id),
        at: row.at,
        kind: row.kind,
        subject: Subject { kind: row.subject_kind, id: row.subject_id, name: row.subject_name },
        project_id: row.project_id,
        sled_id: row.sled_id,
        actor: row.actor,
        cause: row.cause,
        message: row.message,
        data: row.data,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_below_the_first_is_the_first() {
        let below = token(&EventToken { txid: -5, id: i64::MIN }).expect("a token");
        assert_eq!(place(&below).ok(), Some(EventToken::START));
        assert!(place("nonsense").is_err());
    }
}
