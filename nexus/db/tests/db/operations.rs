//! Operations and idempotency keys.

use crate::nouns::{raw, secret};
use crate::world::{World, world};
use anyhow::Result;
use berth_common::ids::{OperationUuid, ProjectUuid};
use berth_common::operation::{OperationKind, OperationState};
use berth_common::refusal::ErrorCode;
use berth_common::role::Role;
use berth_db::idempotency::{Claim, Keyed, claim};
use berth_db::lifecycle::work;
use berth_db::operation::{self, NewOperation, OperationFilter, Subject};
use berth_db::page::Paging;
use berth_db::{DbError, DbResult, Guarded, role};
use uuid::Uuid;

async fn opened(world: &World, subject: Uuid, project: Option<ProjectUuid>) -> Result<OperationUuid> {
    let id = OperationUuid::new_v4();
    let new = NewOperation {
        id,
        kind: OperationKind::InstanceStart,
        subject: Subject { kind: "instance", id: subject, name: "one" },
        project,
        state: OperationState::Pending,
        cancellable: true,
        parent: None,
        intent_gen: Some(2),
        saga: None,
        actor: "anna",
        cause: "r-1",
    };
    let made = world.db.statement("test", async |conn| operation::insert(conn, &new).await).await?;
    assert_eq!((made.state, made.ended_at), (OperationState::Pending, None));
    Ok(id)
}

#[tokio::test]
async fn an_operation_runs_waits_and_ends_once() -> Result<()> {
    let world = world()?;
    let id = opened(&world, Uuid::new_v4(), None).await?;
    let conn = &mut world.db.pool().get().await?;
    work::wait(conn, id, "sled s1").await?;
    let seen = operation::by_id(conn, id).await?.expect("opened");
    assert_eq!((seen.state, seen.waiting_for.as_deref()), (OperationState::Waiting, Some("sled s1")));
    work::progress(conn, id, "ending").await?;
    let seen = operation::by_id(conn, id).await?.expect("opened");
    assert_eq!((seen.state, seen.waiting_for), (OperationState::Running, None));
    work::fail(conn, id, ErrorCode::NoCapacity, "no sled has room").await?;
    let ended = operation::by_id(conn, id).await?.expect("opened");
    assert_eq!((ended.state, ended.error_code.as_deref()), (OperationState::Failed, Some("no_capacity")));
    assert_eq!((ended.phase.as_str(), ended.waiting_for.as_deref()), ("ending", None));
    assert!(ended.ended_at.is_some());
    work::succeed(conn, id, "done after all").await?;
    work::cancel(conn, id, "overtaken").await?;
    work::progress(conn, id, "again").await?;
    work::wait(conn, id, "sled s2").await?;
    let still = operation::by_id(conn, id).await?.expect("opened");
    assert_eq!((still.state, &still.phase), (ended.state, &ended.phase));
    assert_eq!((still.ended_at, still.updated_at), (ended.ended_at, ended.updated_at));
    assert_eq!(operation::want_cancel(conn, id).await?, Guarded::Stale);
    assert_eq!(operation::want_cancel(conn, OperationUuid::new_v4()).await?, Guarded::Missing);
    Ok(())
}

#[tokio::test]
async fn two_ends_at_once_make_one_outcome() -> Result<()> {
    let world = world()?;
    let id = opened(&world, Uuid::new_v4(), None).await?;
    let succeed = world.db.transaction("test", async |conn| work::succeed(conn, id, "done").await);
    let cancel = world.db.transaction("test", async |conn| work::cancel(conn, id, "overtaken").await);
    let (a, b) = tokio::join!(succeed, cancel);
    a?;
    b?;
    let conn = &mut world.db.pool().get().await?;
    let ended = operation::by_id(conn, id).await?.expect("opened");
    let one = [(OperationState::Succeeded, "done"), (OperationState::Cancelled, "overtaken")];
    assert!(one.contains(&(ended.state, ended.phase.as_str())), "{ended:?}");
    Ok(())
}

#[tokio::test]
async fn only_what_can_be_cancelled_is() -> Result<()> {
    let world = world()?;
    let id = opened(&world, Uuid::new_v4(), None).await?;
    let conn = &mut world.db.pool().get().await?;
    assert_eq!(operation::want_cancel(conn, id).await?, Guarded::Changed(()));
    assert!(operation::by_id(conn, id).await?.expect("opened").cancel_wanted);
    world.database.sql("UPDATE operation SET cancellable = false")?;
    assert_eq!(operation::want_cancel(conn, id).await?, Guarded::Stale);
    Ok(())
}

#[tokio::test]
async fn lists_are_filtered_by_project_subject_state_and_sight() -> Result<()> {
    let world = world()?;
    let (anna, web, db) =
        (world.user("anna").await?, world.project("web").await?, world.project("db").await?);
    let subject = Uuid::new_v4();
    let first = opened(&world, subject, Some(web.id)).await?;
    let second = opened(&world, Uuid::new_v4(), Some(web.id)).await?;
    let third = opened(&world, Uuid::new_v4(), Some(db.id)).await?;
    let fleet = opened(&world, Uuid::new_v4(), None).await?;
    let conn = &mut world.db.pool().get().await?;
    role::grant(conn, anna.id, db.id, Role::Viewer).await?;
    work::succeed(conn, second, "done").await?;
    let mut ids = async |filter: OperationFilter| -> Result<Vec<OperationUuid>> {
        let page = operation::list(conn, &filter, &Paging::first(10)).await?;
        Ok(page.items.iter().map(|operation| operation.id).collect())
    };
    let all = OperationFilter::default();
    assert_eq!(ids(all).await?, [fleet, third, second, first], "newest first");
    assert_eq!(ids(OperationFilter { project: Some(web.id), ..all }).await?, [second, first]);
    assert_eq!(ids(OperationFilter { project: Some(web.id), open: Some(true), ..all }).await?, [first]);
    assert_eq!(ids(OperationFilter { open: Some(false), ..all }).await?, [second]);
    assert_eq!(ids(OperationFilter { subject: Some(subject), ..all }).await?, [first]);
    assert_eq!(ids(OperationFilter { visible_to: Some(anna.id), ..all }).await?, [third]);
    Ok(())
}

fn keyed<'a>(world_user: berth_common::ids::UserUuid, asked: &str, subject: Uuid) -> Keyed<'a> {
    Keyed { user: world_user, key: "k1", request_hash: secret(asked), subject, operation: None }
}

#[tokio::test]
async fn a_repeated_request_finds_the_first_and_another_is_a_conflict() -> Result<()> {
    let world = world()?;
    let (anna, ben) = (world.user("anna").await?, world.user("ben").await?);
    let (first, second) = (Uuid::new_v4(), Uuid::new_v4());
    let conn = &mut world.db.pool().get().await?;
    assert_eq!(claim(conn, &keyed(anna.id, "one", first)).await?, Claim::First);
    let Claim::Repeated(found) = claim(conn, &keyed(anna.id, "one", second)).await? else {
        panic!("not repeated")
    };
    assert_eq!(found.subject_id, first);
    assert_eq!(claim(conn, &keyed(anna.id, "two", second)).await?, Claim::Conflict);
    assert_eq!(claim(conn, &keyed(ben.id, "two", second)).await?, Claim::First, "keys are each user's own");
    Ok(())
}

#[tokio::test]
async fn of_two_sendings_at_once_the_second_waits_for_the_first() -> Result<()> {
    let world = world()?;
    let anna = world.user("anna").await?;
    let one = async |subject: Uuid| {
        let keyed = keyed(anna.id, "one", subject);
        let hold = async |conn: &mut _| -> DbResult<Claim> {
            let answer = claim(conn, &keyed).await?;
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            Ok(answer)
        };
        world.db.transaction("test", hold).await
    };
    let (a, b) = tokio::join!(one(Uuid::new_v4()), one(Uuid::new_v4()));
    let answers = [a?, b?];
    assert_eq!(answers.iter().filter(|answer| **answer == Claim::First).count(), 1);
    assert!(answers.iter().any(|answer| matches!(answer, Claim::Repeated(_))));
    Ok(())
}

#[tokio::test]
async fn a_refused_first_sending_leaves_the_key_free() -> Result<()> {
    let world = world()?;
    let anna = world.user("anna").await?;
    let refused: DbResult<()> = world
        .db
        .transaction("test", async |conn| {
            claim(conn, &keyed(anna.id, "one", raw(anna.id))).await?;
            Err(DbError::NotFound)
        })
        .await;
    assert!(refused.is_err());
    let conn = &mut world.db.pool().get().await?;
    assert_eq!(claim(conn, &keyed(anna.id, "two", raw(anna.id))).await?, Claim::First);
    Ok(())
}
