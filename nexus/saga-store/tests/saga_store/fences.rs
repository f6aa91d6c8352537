//! A former owner that goes on: refused in appends and in transactions, and its waiters wake.

use crate::support::{ask, database, faulty_nexus, nexus, soon};
use crate::walk::Walk;
use berth_saga_store::{Direction, Faults, Gate, Outcome, StepFault};
use std::time::Duration;

async fn zombie_in(direction: Direction, step: &str, params: Walk) {
    let database = database();
    let gate = Gate::new();
    let zombie = faulty_nexus(&database, Faults::at(step, direction, StepFault::Pause(gate.clone())));
    let lost = zombie.engine.lost();
    let saga = zombie.walk(params);
    let handle = zombie.begin(&saga).await;
    soon(gate.reached()).await;

    let heir = nexus(&database);
    assert_eq!(heir.adopt_all(zombie.engine.owner()).await, vec![saga.id()]);
    let outcome = soon(heir.engine.wait(saga.id())).await.unwrap();
    let effects = "SELECT string_agg(step || adoption_gen, ' ' ORDER BY step) FROM effect";
    let (before, log_before) = (ask(&database, effects), ask(&database, "SELECT count(*) FROM saga_event"));

    gate.open();
    assert_eq!(soon(handle.wait()).await, Outcome::Lost, "the waiter of the zombie wakes");
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(ask(&database, effects), before, "the zombie's deed has no effect");
    assert_eq!(ask(&database, "SELECT count(*) FROM saga_event"), log_before);
    assert_eq!(*lost.borrow(), 1);
    assert_eq!(zombie.engine.counters().lost, 1);
    match direction {
        Direction::Forward => assert!(matches!(outcome, Outcome::Done(_))),
        Direction::Undo => assert!(matches!(outcome, Outcome::Failed(_))),
    }
    // The other's answer counts for the former owner too, once it asks the database.
    assert_eq!(zombie.engine.wait(saga.id()).await.unwrap(), outcome);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zombie_inside_a_step_changes_nothing() {
    zombie_in(Direction::Forward, "two", Walk::default()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zombie_inside_an_undo_changes_nothing() {
    zombie_in(Direction::Undo, "one", Walk { fails: Some("three".to_owned()), ..Walk::default() }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_under_way_holds_off_the_adoption_until_its_effect_is_there() {
    let database = database();
    // The step after it waits too, so that the adoption's turn comes.
    let next = Gate::new();
    let first =
        faulty_nexus(&database, Faults::at("three", Direction::Forward, StepFault::Pause(next.clone())));
    let saga = first.walk(Walk { wait_in_txn: Some("two".to_owned()), ..Walk::default() });
    let handle = first.begin(&saga).await;
    let gate = first.world.gate(saga.id());
    soon(gate.reached()).await;

    let second = nexus(&database);
    let taken = second.engine.adopt(first.engine.owner(), 10).await.unwrap();
    assert!(taken.resumed.is_empty(), "its row is locked by the transaction: {taken:?}");
    let url: tokio_postgres::Config = database.url().parse().unwrap();
    let (client, driver) = url.connect(tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(driver);
    let steal = format!(
        "UPDATE saga SET adoption_gen = adoption_gen + 1, owner = gen_random_uuid() WHERE id = '{}'",
        saga.id()
    );
    let mut stealing = tokio::spawn(async move { client.batch_execute(&steal).await });
    let waited = tokio::time::timeout(Duration::from_millis(300), &mut stealing).await;
    assert!(waited.is_err(), "an adoption waits for the transaction: FOR SHARE, not FOR KEY SHARE");

    gate.open();
    soon(stealing).await.unwrap().unwrap();
    assert_eq!(ask(&database, "SELECT count(*) FROM effect WHERE step = 'two'"), "1", "and sees its effect");
    next.open();
    assert_eq!(soon(handle.wait()).await, Outcome::Lost, "what comes next is refused");
    assert_eq!(ask(&database, "SELECT count(*) FROM effect WHERE step = 'three'"), "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn sagas_torn_from_a_living_owner_all_end_once() {
    let database = database();
    let (first, second) = (nexus(&database), nexus(&database));
    let (mut sagas, mut moved) = (Vec::new(), 0);
    // Torn while the next one begins: a saga that has ended can't be adopted.
    for round in 0..60 {
        let saga = first.walk(Walk::default());
        first.begin(&saga).await;
        sagas.push(saga.id());
        let (from, to) = if round % 3 == 2 { (&second, &first) } else { (&first, &second) };
        moved += to.engine.adopt(from.engine.owner(), 7).await.unwrap().resumed.len();
    }
    assert!(moved > 0, "nothing was ever adopted: the test shows nothing");
    for saga in &sagas {
        soon(async {
            while ask(&database, &format!("SELECT state FROM saga WHERE id = '{saga}'")) != "done" {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        })
        .await;
    }
    assert_eq!(ask(&database, "SELECT count(*) FROM effect"), (60 * 4).to_string());
    assert_eq!(ask(&database, "SELECT count(*) FROM saga_event"), (60 * 14).to_string());
    assert_eq!(first.engine.counters().alarms + second.engine.counters().alarms, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_payload_under_a_used_key_is_an_alarm_and_no_success() {
    let database = database();
    let nexus = nexus(&database);
    let saga = nexus.walk(Walk { wait_in_txn: Some("one".to_owned()), ..Walk::default() });
    let handle = nexus.begin(&saga).await;
    let gate = nexus.world.gate(saga.id());
    soon(gate.reached()).await;
    database
        .sql(&format!(
            "INSERT INTO saga_event VALUES ('{}', 1, 'succeeded', '\"something else\"')",
            saga.id()
        ))
        .unwrap();
    gate.open();
    assert_eq!(soon(handle.wait()).await, Outcome::Lost);
    assert_eq!(nexus.engine.counters().alarms, 1);
    assert_eq!(nexus.world.runs(saga.id(), "two", Direction::Forward), 0);
}
