//! What is counted: durable waits per saga, commits shared by sagas, lazy events that don't stay lazy.

use crate::support::{ask, database, nexus, nexus_at, soon};
use crate::walk::{Walk, WalkAround};
use berth_saga_store::{About, Outcome};
use std::time::Duration;
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread")]
async fn a_saga_of_n_steps_waits_n_plus_1_times_for_a_commit() {
    let database = database();
    let nexus = nexus(&database);
    let before = nexus.engine.counters();
    let handle = nexus.engine.create_and_start(&nexus.walk(Walk::default())).await;
    assert!(matches!(soon(handle.wait()).await, Outcome::Done(_)));
    let counted = nexus.engine.counters().since(&before);
    assert_eq!(counted.durable_waits, 5 + 1, "creation with the first step's start, four more starts, end");
    // Two per step and per node of steno's own, less three of the creation, the creation, the end.
    assert_eq!(counted.appends, 2 * 7 - 3 + 1 + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn sagas_that_run_together_share_commits() {
    let database = database();
    // Long enough for no lazy event to make a commit of its own while all wait for processor time.
    let nexus = nexus_at(&database.url(), Uuid::new_v4(), |c| c.flush_after = Duration::from_millis(200));
    let before = nexus.engine.counters();
    let mut workers = Vec::new();
    for _ in 0..32 {
        let (engine, sagas) = (
            nexus.engine.clone(),
            [(); 4].map(|()| nexus.engine.prepare::<Idle>(Uuid::new_v4(), &(), About::default()).unwrap()),
        );
        workers.push(tokio::spawn(async move {
            for saga in &sagas {
                assert!(matches!(soon(engine.create_and_start(saga).await.wait()).await, Outcome::Done(_)));
            }
        }));
    }
    for worker in workers {
        worker.await.unwrap();
    }
    let counted = nexus.engine.counters().since(&before);
    assert_eq!(counted.durable_waits, 128 * 6);
    assert!(counted.commits < 128, "{} commits for 128 sagas", counted.commits);
    assert!(counted.largest_batch > 4, "{counted:?}");
    assert_eq!(ask(&database, "SELECT count(*) FROM saga_event"), (128 * 14).to_string());
}

/// Else each end would cost as much as there are sagas that aren't over.
#[tokio::test(flavor = "multi_thread")]
async fn a_writer_finds_its_sagas_by_their_ids_alone() {
    let database = database();
    let nexus = nexus(&database);
    let fails = Walk { fails: Some("three".to_owned()), ..Walk::default() };
    let sagas: Vec<_> =
        (0..24).map(|n| nexus.walk(if n % 3 == 1 { fails.clone() } else { Walk::default() })).collect();
    // One alone, then many together: the statements for one saga and for a batch.
    let (alone, together) = sagas.split_first().unwrap();
    soon(nexus.engine.create_and_start(alone).await.wait()).await;
    let created = together.iter().map(|saga| nexus.engine.create_and_start(saga));
    for handle in futures::future::join_all(created).await {
        soon(handle.wait()).await;
    }
    assert!(nexus.engine.counters().largest_batch > 1);
    // A session tells what it did when it ends, if not before.
    drop(nexus);
    let scans = |index: &str| {
        let sql = format!("SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = '{index}'");
        ask(&database, &sql).parse::<u64>().unwrap()
    };
    soon(async {
        while scans("saga_pkey") < 24 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    assert_eq!(scans("saga_unfinished_by_owner"), 0, "it is for taking sagas up");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_success_becomes_durable_while_its_sibling_goes_on() {
    let database = database();
    let nexus = nexus(&database);
    let params = Walk { wait_in_txn: Some("right".to_owned()), ..Walk::default() };
    let saga = nexus.engine.prepare::<WalkAround>(Uuid::new_v4(), &params, About::default()).unwrap();
    let handle = nexus.begin(&saga).await;
    let gate = nexus.world.gate(saga.id());
    soon(gate.reached()).await;
    // Node 1 is `left`.
    let left = "SELECT count(*) FROM saga_event WHERE node_id = 1 AND event_type = 'succeeded'";
    soon(async {
        while ask(&database, left) != "1" {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    gate.open();
    assert!(matches!(soon(handle.wait()).await, Outcome::Done(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unwinding_saga_is_shown_as_such_even_while_a_sibling_holds_its_row() {
    let database = database();
    let nexus = nexus(&database);
    let params =
        Walk { wait_in_txn: Some("right".to_owned()), fails: Some("left".to_owned()), ..Walk::default() };
    let saga = nexus.engine.prepare::<WalkAround>(Uuid::new_v4(), &params, About::default()).unwrap();
    let handle = nexus.begin(&saga).await;
    let gate = nexus.world.gate(saga.id());
    soon(gate.reached()).await;
    // The writer isn't held up by the sibling's lock: another saga gets through.
    assert!(matches!(soon(nexus.begin(&nexus.walk(Walk::default())).await.wait()).await, Outcome::Done(_)));
    gate.open();
    assert!(matches!(soon(handle.wait()).await, Outcome::Failed(_)));
    assert_eq!(ask(&database, &format!("SELECT count(*) FROM effect WHERE saga_id = '{}'", saga.id())), "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn executors_are_replaced_and_end_with_their_last_saga() {
    let database = database();
    let nexus = nexus_at(&database.url(), Uuid::new_v4(), |config| config.rotate_after = 3);
    soon(nexus.begin(&nexus.walk(Walk::default())).await.wait()).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let before = tasks();
    for _ in 0..20 {
        assert!(matches!(
            soon(nexus.begin(&nexus.walk(Walk::default())).await.wait()).await,
            Outcome::Done(_)
        ));
    }
    assert_eq!(nexus.engine.counters().rotations, 6);
    soon(async {
        while tasks() > before {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
}

/// Five steps that do nothing.
#[derive(Debug)]
pub struct Idle;

impl berth_saga_store::Saga for Idle {
    type World = crate::walk::World;
    type Params = ();
    const NAME: &'static str = "idle";
    const VERSION: i32 = 1;
    fn steps(steps: &mut berth_saga_store::Steps<Idle>) {
        for name in ["a", "b", "c", "d", "e"] {
            let step = berth_saga_store::Step::<()>::new(name);
            steps.step_without_undo(step, |_: berth_saga_store::SagaContext<Idle>| async { Ok(()) });
        }
    }
}
