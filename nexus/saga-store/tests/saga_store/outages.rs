//! The database goes away in the middle of everything, and comes back.

use crate::support::{EFFECT_TABLES, SAGA_TABLES, ask, database, nexus, nexus_at, soon};
use crate::walk::Walk;
use berth_postgres::PrivateServer;
use berth_saga_store::Outcome;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

fn database_url(server: &PrivateServer) -> String {
    server.sql("postgres", "CREATE DATABASE sagas").unwrap();
    server.sql("sagas", SAGA_TABLES).unwrap();
    server.sql("sagas", EFFECT_TABLES).unwrap();
    server.address().url("sagas")
}

#[tokio::test(flavor = "multi_thread")]
async fn sagas_survive_a_server_that_is_killed_again_and_again() {
    let room = tempfile::tempdir().unwrap();
    let directory = berth_postgres::reachable_directory(room.path().try_into().unwrap()).unwrap();
    let mut server = PrivateServer::start(directory).unwrap();
    let nexus = nexus_at(&database_url(&server), Uuid::new_v4(), |_| {});
    let mut handles = Vec::new();
    for n in 0..40 {
        let fails = (n % 4 == 0).then(|| "three".to_owned());
        let saga = nexus.walk(Walk { fails, ..Walk::default() });
        handles.push((n, nexus.begin(&saga).await));
        if n % 10 == 9 {
            server.kill_hard().unwrap();
            tokio::time::sleep(Duration::from_millis(300)).await;
            server.come_up().unwrap();
        }
    }
    for (n, handle) in handles {
        let outcome = soon(handle.wait()).await;
        match n % 4 {
            0 => assert!(matches!(outcome, Outcome::Failed(_)), "{outcome:?}"),
            _ => assert!(matches!(outcome, Outcome::Done(_)), "{outcome:?}"),
        }
    }
    assert_eq!(server.sql("sagas", "SELECT count(*) FROM effect").unwrap().trim(), (30 * 4).to_string());
    assert_eq!(nexus.engine.counters().alarms + nexus.engine.counters().lost, 0);
    assert!(nexus.engine.counters().writer_retries > 0, "the writer noticed nothing: the test shows nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_cut_at_any_moment_cost_nothing_but_time() {
    let database = Arc::new(database());
    let nexus = nexus(&database);
    let cutting = Arc::clone(&database);
    // Some cuts fall between a COMMIT and its answer: those appends are repeated and found to be there.
    let cutter = tokio::task::spawn_blocking(move || {
        let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                    WHERE datname = current_database() AND pid <> pg_backend_pid()";
        (0..20).for_each(|_| drop(ask(&cutting, cut)));
    });
    let mut sagas = 0;
    while !cutter.is_finished() || sagas < 40 {
        let mut handles = Vec::new();
        for _ in 0..8 {
            handles.push(nexus.engine.create_and_start(&nexus.walk(Walk::default())).await);
            sagas += 1;
        }
        for handle in handles {
            assert!(matches!(soon(handle.wait()).await, Outcome::Done(_)));
        }
    }
    assert_eq!(ask(&database, "SELECT count(*) FROM effect"), (sagas * 4).to_string());
    assert_eq!(ask(&database, "SELECT count(*) FROM saga_event"), (sagas * 14).to_string());
    let counted = nexus.engine.counters();
    assert_eq!((counted.alarms, counted.lost), (0, 0));
    assert!(counted.writer_retries + counted.txn_retries > 0, "nothing was cut: {counted:?}");
}
