//! Events: seen once, in order, by whoever reads from token to token.

use crate::world::{World, world};
use anyhow::Result;
use berth_common::ids::{ProjectUuid, SledUuid};
use berth_db::event::{self, EventToken, Events, EventsOf, NewEvent};
use berth_db::{DbError, DbResult};
use std::time::{Duration, Instant};
use uuid::Uuid;

fn told(kind: &str, subject: Uuid) -> NewEvent<'_> {
    NewEvent {
        kind,
        subject_kind: "instance",
        subject,
        subject_name: "one",
        project: None,
        sled: None,
        actor: "anna",
        cause: "r-1",
        message: "it happened",
        data: serde_json::json!({"n": 1}),
    }
}

async fn tell(world: &World, events: &[NewEvent<'_>]) -> Result<()> {
    Ok(world.db.transaction("test", async |conn| event::insert(conn, events).await).await?)
}

/// Other databases of the server have transactions too, and the horizon is the server's: waits until enough is seen.
async fn seen(world: &World, of: EventsOf, since: EventToken, count: usize) -> Result<Events> {
    let begin = Instant::now();
    loop {
        let read = async |conn: &mut _| event::list(conn, of, since, 100).await;
        let events = world.db.statement("test", read).await?;
        if events.items.len() >= count || begin.elapsed() > Duration::from_secs(30) {
            return Ok(events);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn kinds(events: &Events) -> Vec<&str> {
    events.items.iter().map(|event| event.kind.as_str()).collect()
}

#[tokio::test]
async fn events_come_in_order_and_the_token_goes_on_behind_them() -> Result<()> {
    let world = world()?;
    let subject = Uuid::new_v4();
    tell(&world, &[told("a", subject), told("b", subject)]).await?;
    tell(&world, &[told("c", subject)]).await?;
    tell(&world, &[]).await?;
    let first = seen(&world, EventsOf::All, EventToken::START, 3).await?;
    assert_eq!(kinds(&first), ["a", "b", "c"]);
    assert_eq!(first.items[0].data, serde_json::json!({"n": 1}));
    assert!(first.items[0].txid == first.items[1].txid && first.items[1].txid < first.items[2].txid);
    tell(&world, &[told("d", subject)]).await?;
    assert_eq!(kinds(&seen(&world, EventsOf::All, first.next, 1).await?), ["d"]);
    Ok(())
}

#[tokio::test]
async fn pages_of_one_walk_through_all() -> Result<()> {
    let world = world()?;
    let subject = Uuid::new_v4();
    tell(&world, &[told("a", subject), told("b", subject), told("c", subject)]).await?;
    seen(&world, EventsOf::All, EventToken::START, 3).await?;
    let (mut token, mut walked) = (EventToken::START, Vec::new());
    for _ in 0..3 {
        let read = async |conn: &mut _| event::list(conn, EventsOf::Subject(subject), token, 1).await;
        let page = world.db.statement("test", read).await?;
        walked.extend(page.items.iter().map(|event| event.kind.clone()));
        token = page.next;
    }
    assert_eq!(walked, ["a", "b", "c"]);
    Ok(())
}

#[tokio::test]
async fn filters_show_one_project_subject_or_sled() -> Result<()> {
    let world = world()?;
    let (web, sled, subject) = (ProjectUuid::new_v4(), SledUuid::new_v4(), Uuid::new_v4());
    let mut all =
        [told("p", Uuid::new_v4()), told("s", Uuid::new_v4()), told("i", subject), told("x", Uuid::new_v4())];
    all[0].project = Some(web);
    all[1].sled = Some(sled);
    tell(&world, &all).await?;
    assert_eq!(kinds(&seen(&world, EventsOf::Project(web), EventToken::START, 1).await?), ["p"]);
    assert_eq!(kinds(&seen(&world, EventsOf::Sled(sled), EventToken::START, 1).await?), ["s"]);
    let of_subject = seen(&world, EventsOf::Subject(subject), EventToken::START, 1).await?;
    assert_eq!(kinds(&of_subject), ["i"]);
    assert_eq!(kinds(&seen(&world, EventsOf::All, EventToken::START, 4).await?), ["p", "s", "i", "x"]);
    Ok(())
}

#[tokio::test]
async fn what_commits_late_is_not_skipped() -> Result<()> {
    let world = world()?;
    let (slow, fast) = (Uuid::new_v4(), Uuid::new_v4());
    let token = {
        let inside = world.db.clone();
        let (told_slow, go_on) = (tokio::sync::Notify::new(), tokio::sync::Notify::new());
        let slow_transaction = inside.transaction("test", async |conn| -> DbResult<()> {
            event::insert(conn, &[told("slow", slow)]).await?;
            told_slow.notify_one();
            go_on.notified().await;
            Ok(())
        });
        let others = async {
            told_slow.notified().await;
            tell(&world, &[told("fast", fast)]).await?;
            let meanwhile = seen(&world, EventsOf::All, EventToken::START, 0).await?;
            assert!(meanwhile.items.is_empty(), "fast is behind slow, which isn't there yet");
            go_on.notify_one();
            anyhow::Ok(meanwhile.next)
        };
        let (committed, token) = tokio::join!(slow_transaction, others);
        committed?;
        token?
    };
    assert_eq!(kinds(&seen(&world, EventsOf::All, token, 2).await?), ["slow", "fast"]);
    Ok(())
}

#[tokio::test]
async fn a_rolled_back_transaction_tells_nothing_and_now_is_behind_everything() -> Result<()> {
    let world = world()?;
    let subject = Uuid::new_v4();
    let refused: DbResult<()> = world
        .db
        .transaction("test", async |conn| {
            event::insert(conn, &[told("never", subject)]).await?;
            Err(DbError::NotFound)
        })
        .await;
    assert!(refused.is_err());
    tell(&world, &[told("before", subject)]).await?;
    seen(&world, EventsOf::All, EventToken::START, 1).await?;
    let now = world.db.statement("test", async |conn| event::now(conn).await).await?;
    tell(&world, &[told("after", subject)]).await?;
    assert_eq!(kinds(&seen(&world, EventsOf::All, now, 1).await?), ["after"]);
    assert_eq!(kinds(&seen(&world, EventsOf::All, EventToken::START, 2).await?), ["before", "after"]);
    Ok(())
}
