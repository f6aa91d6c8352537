//! Stuck sagas, lists, retention.

use crate::support::{Nexus, ask, database, faulty_nexus, nexus, soon};
use crate::walk::Walk;
use berth_postgres::TestDatabase;
use berth_saga_store::{
    About, Direction, Faults, Outcome, Resolved, RetryError, SagaFilter, StepFault, list, resolve, view,
};
use std::time::Duration;
use uuid::Uuid;

/// A saga whose undo of `one` failed, and its nexus.
async fn stuck(database: &TestDatabase) -> (Uuid, Nexus) {
    let nexus = faulty_nexus(database, Faults::at("one", Direction::Undo, StepFault::FailBefore));
    let saga = nexus.walk(Walk { fails: Some("three".to_owned()), ..Walk::default() });
    let outcome = soon(nexus.begin(&saga).await.wait()).await;
    let Outcome::Stuck(failure) = outcome else { panic!("{outcome:?}") };
    assert_eq!(failure.step, "three");
    assert_eq!(failure.undo.unwrap().0, "one");
    assert_eq!(ask(database, "SELECT state FROM saga"), "stuck");
    assert_eq!(nexus.engine.counters().stuck, 1);
    (saga.id(), nexus)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stuck_saga_is_retried_where_it_got_stuck_and_finishes_unwinding() {
    let database = database();
    let (saga, nexus) = stuck(&database).await;
    assert_eq!(ask(&database, "SELECT count(*) FROM effect"), "1");
    assert!(
        nexus.engine.recover().await.unwrap().resumed.is_empty(),
        "nobody takes a stuck saga up by itself"
    );
    let outcome = soon(nexus.engine.retry(saga).await.unwrap().wait()).await;
    let Outcome::Failed(failure) = outcome else { panic!("{outcome:?}") };
    assert_eq!((failure.step.as_str(), failure.undo), ("three", None));
    assert_eq!(ask(&database, "SELECT count(*) FROM effect"), "0");
    assert_eq!(nexus.world.runs(saga, "two", Direction::Undo), 1, "what was undone isn't undone again");
    assert!(matches!(nexus.engine.retry(saga).await, Err(RetryError::NotStuck(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stuck_saga_is_retried_by_another_nexus() {
    let database = database();
    let (saga, _first) = stuck(&database).await;
    let second = nexus(&database);
    let outcome = soon(second.engine.retry(saga).await.unwrap().wait()).await;
    assert!(matches!(outcome, Outcome::Failed(_)));
    assert_eq!(ask(&database, "SELECT owner FROM saga"), second.engine.owner().to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stuck_saga_is_given_up_in_the_callers_transaction() {
    let database = database();
    let (saga, nexus) = stuck(&database).await;
    let mut conn = nexus.conn().await;
    assert_eq!(resolve(&mut conn, saga).await.unwrap(), Resolved::Abandoned);
    assert_eq!(resolve(&mut conn, saga).await.unwrap(), Resolved::NotStuck);
    assert_eq!(nexus.engine.wait(saga).await.unwrap(), Outcome::Abandoned);
    assert!(matches!(nexus.engine.retry(saga).await, Err(RetryError::NotStuck(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_go_by_pages_and_views_name_the_steps() {
    let database = database();
    let nexus = nexus(&database);
    let subject = Uuid::new_v4();
    let mut ids = Vec::new();
    for n in 0..7 {
        let about =
            About { subject_id: (n % 2 == 0).then_some(subject), cause: Some(format!("request {n}")) };
        let saga = nexus.engine.prepare::<Walk>(Uuid::new_v4(), &Walk::default(), about).unwrap();
        soon(nexus.begin(&saga).await.wait()).await;
        ids.insert(0, saga.id());
    }
    let mut conn = nexus.conn().await;
    let (mut seen, mut filter) = (Vec::new(), SagaFilter::default());
    loop {
        let page = list(&mut conn, &filter, 3).await.unwrap();
        let Some(last) = page.last() else { break };
        filter.after = Some((last.created_at, last.id));
        seen.extend(page.into_iter().map(|saga| saga.id));
    }
    assert_eq!(seen, ids);
    let of_subject = SagaFilter { subject_id: Some(subject), state: Some("done".to_owned()), after: None };
    assert_eq!(list(&mut conn, &of_subject, 100).await.unwrap().len(), 4);

    let shown = view(&mut conn, ids[0]).await.unwrap().unwrap();
    assert_eq!(shown.saga.cause.as_deref(), Some("request 6"));
    assert_eq!(shown.saga.outcome().unwrap().output::<String>().unwrap(), "one done, last done");
    let of_two: Vec<&str> =
        shown.log.iter().filter(|e| e.step.as_deref() == Some("two")).map(|e| e.event.as_str()).collect();
    assert_eq!(of_two, ["started", "succeeded"]);
    assert!(view(&mut conn, Uuid::new_v4()).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn retention_deletes_what_ended_long_ago_and_nothing_else() {
    let database = database();
    let (_, nexus) = stuck(&database).await;
    for _ in 0..5 {
        soon(nexus.begin(&nexus.walk(Walk::default())).await.wait()).await;
    }
    assert_eq!(nexus.engine.delete_finished(Duration::from_secs(3600), 100).await.unwrap(), 0);
    database.sql("UPDATE saga SET finished_at = now() - interval '2 hours'").unwrap();
    assert_eq!(nexus.engine.delete_finished(Duration::from_secs(3600), 3).await.unwrap(), 3);
    assert_eq!(nexus.engine.delete_finished(Duration::from_secs(3600), 100).await.unwrap(), 2);
    assert_eq!(ask(&database, "SELECT state FROM saga"), "stuck");
    assert_eq!(
        ask(
            &database,
            "SELECT count(*) FROM saga_event e LEFT JOIN saga s ON s.id = e.saga_id WHERE s.id IS NULL"
        ),
        "0"
    );
}
