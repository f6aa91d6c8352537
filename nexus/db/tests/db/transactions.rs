//! What a transaction promises: all or nothing, repeated when others were in its way, never cut off in COMMIT.

use crate::world::{World, world};
use anyhow::{Result, ensure};
use berth_db::{Db, DbError, DbResult};
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

async fn run(conn: &mut AsyncPgConnection, sql: &str) -> DbResult<()> {
    Ok(conn.batch_execute(sql).await?)
}

/// Waits until a query of one column and one row answers so.
async fn until(world: &World, sql: &str, answer: &str) -> Result<()> {
    let begin = Instant::now();
    while world.scalar(sql)? != answer {
        ensure!(begin.elapsed() < Duration::from_secs(60), "never {answer}: {sql}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

#[tokio::test]
async fn a_refused_body_changes_nothing() -> Result<()> {
    let world = world()?;
    let refused: DbResult<()> = world
        .db
        .transaction("test_refused", async |conn| {
            run(conn, "INSERT INTO task_run (name) VALUES ('x')").await?;
            Err(DbError::NotFound)
        })
        .await;
    assert!(matches!(refused, Err(DbError::NotFound)));
    assert_eq!(world.scalar("SELECT count(*) FROM task_run")?, "0");
    Ok(())
}

#[tokio::test]
async fn a_violated_constraint_is_named() -> Result<()> {
    let world = world()?;
    let refused: DbResult<()> = world
        .db
        .statement("test_conflict", async |conn| {
            run(
                conn,
                "INSERT INTO nexus (id, name, state, public_address, internal_address, version)
                 VALUES (gen_random_uuid(), 'a', 'asleep', '', '', '')",
            )
            .await
        })
        .await;
    assert!(refused.expect_err("no such state").is_conflict_of("nexus_state_check"));
    Ok(())
}

#[tokio::test]
async fn a_deadlock_is_repeated_until_both_are_through() -> Result<()> {
    let world = world()?;
    world.database.sql("INSERT INTO task_run (name) VALUES ('a'), ('b')")?;
    let tries = AtomicU32::new(0);
    let meet = tokio::sync::Barrier::new(2);
    let one = |first: &'static str, second: &'static str| {
        let (db, tries, meet) = (&world.db, &tries, &meet);
        async move {
            db.transaction("test_deadlock", async |conn| -> DbResult<()> {
                let first_round = tries.fetch_add(1, Ordering::SeqCst) < 2;
                run(conn, &format!("UPDATE task_run SET claim_gen = claim_gen + 1 WHERE name = '{first}'"))
                    .await?;
                if first_round {
                    meet.wait().await;
                }
                run(conn, &format!("UPDATE task_run SET claim_gen = claim_gen + 1 WHERE name = '{second}'"))
                    .await
            })
            .await
        }
    };
    let (left, right) = tokio::join!(one("a", "b"), one("b", "a"));
    left?;
    right?;
    assert!(tries.load(Ordering::SeqCst) > 2, "one of them was tried again");
    assert_eq!(world.scalar("SELECT sum(claim_gen) FROM task_run")?, "4");
    Ok(())
}

#[tokio::test]
async fn a_body_that_is_dropped_leaves_no_open_transaction_behind() -> Result<()> {
    let world = world()?;
    // Each sleeps for longer than anything holds the test up, and waits for no other one's row.
    let insert = "SET LOCAL statement_timeout = 0;
                  INSERT INTO task_run (name) VALUES ('cut ' || gen_random_uuid())";
    for _ in 0..12 {
        let cut = world.db.transaction("test_dropped", async |conn| -> DbResult<()> {
            run(conn, insert).await?;
            run(conn, "SELECT pg_sleep(60)").await
        });
        assert!(tokio::time::timeout(Duration::from_millis(30), cut).await.is_err());
    }
    world
        .db
        .transaction("test_after_drop", async |conn| {
            run(conn, "INSERT INTO task_run (name) VALUES ('kept')").await
        })
        .await?;
    assert_eq!(world.scalar("SELECT string_agg(name, ',') FROM task_run")?, "kept");
    Ok(())
}

#[tokio::test]
async fn a_commit_without_an_answer_in_time_is_of_unknown_outcome() -> Result<()> {
    let world = world()?;
    // A deferred trigger that sleeps makes COMMIT itself slow: slower than anything holds the test up.
    world.database.sql(
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); RETURN NULL; END $$;
         CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON task_run DEFERRABLE INITIALLY DEFERRED
         FOR EACH ROW EXECUTE FUNCTION slow()",
    )?;
    let impatient = world.db.clone().with_commit_limit(Duration::from_millis(100));
    let insert = "SET LOCAL statement_timeout = 0; INSERT INTO task_run (name) VALUES ('x')";
    let outcome = impatient.transaction("test_unknown", async |conn| run(conn, insert).await).await;
    assert!(matches!(outcome, Err(DbError::OutcomeUnknown)), "{outcome:?}");
    Ok(())
}

#[tokio::test]
async fn a_connection_that_dies_in_the_body_changed_nothing_and_in_commit_who_knows() -> Result<()> {
    let world = world()?;
    let suicide = "SELECT pg_terminate_backend(pg_backend_pid())";
    let in_body = world.db.transaction("test_dies", async |conn| run(conn, suicide).await).await;
    assert!(matches!(in_body, Err(DbError::Unavailable(_))), "{in_body:?}");
    world.database.sql(
        "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
         CREATE CONSTRAINT TRIGGER die AFTER INSERT ON task_run DEFERRABLE INITIALLY DEFERRED
         FOR EACH ROW EXECUTE FUNCTION die()",
    )?;
    let insert = "INSERT INTO task_run (name) VALUES ('x')";
    let in_commit = world.db.transaction("test_dies", async |conn| run(conn, insert).await).await;
    assert!(matches!(in_commit, Err(DbError::OutcomeUnknown)), "{in_commit:?}");
    Ok(())
}

#[tokio::test]
async fn a_constraint_that_only_commit_checks_refuses_for_certain() -> Result<()> {
    let world = world()?;
    world
        .database
        .sql("ALTER TABLE task_run ADD CONSTRAINT once UNIQUE (claim_gen) DEFERRABLE INITIALLY DEFERRED")?;
    let insert = "INSERT INTO task_run (name) VALUES ('x'), ('y')";
    let refused = world.db.transaction("test_deferred", async |conn| run(conn, insert).await).await;
    assert!(refused.expect_err("twice the same").is_conflict_of("once"));
    Ok(())
}

#[tokio::test]
async fn dropping_the_caller_does_not_cut_off_its_commit() -> Result<()> {
    let world = world()?;
    // COMMIT waits at a gate: its deferred trigger looks whether a row was committed there.
    world.database.sql(
        "CREATE TABLE gate (i int);
         CREATE FUNCTION wait_at_gate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             WHILE NOT EXISTS (SELECT FROM gate) LOOP PERFORM pg_sleep(0.02); END LOOP; RETURN NULL; END $$;
         CREATE CONSTRAINT TRIGGER wait_at_gate AFTER INSERT ON task_run DEFERRABLE INITIALLY DEFERRED
         FOR EACH ROW EXECUTE FUNCTION wait_at_gate()",
    )?;
    let db = world.db.clone().with_commit_limit(Duration::from_secs(600));
    let insert = "SET LOCAL statement_timeout = 0; INSERT INTO task_run (name) VALUES ('x')";
    let write = db.transaction("test_commit_goes_on", async |conn| run(conn, insert).await);
    let committing = "SELECT count(*) FROM pg_stat_activity
                      WHERE datname = current_database() AND state = 'active' AND query = 'COMMIT'";
    // The caller is dropped while its COMMIT stands at the gate.
    tokio::select! {
        biased;
        outcome = write => panic!("the gate is shut: {outcome:?}"),
        stands = until(&world, committing, "1") => stands?,
    }
    assert_eq!(world.scalar("SELECT count(*) FROM task_run")?, "0");
    world.database.sql("INSERT INTO gate VALUES (1)")?;
    until(&world, "SELECT count(*) FROM task_run", "1").await
}

#[tokio::test]
async fn connections_that_the_server_ended_are_replaced() -> Result<()> {
    let world = world()?;
    let touch = async || world.db.statement("test_ended", async |conn| run(conn, "SELECT 1").await).await;
    touch().await?;
    // With a limit, it is waited for that they are gone.
    world.database.sql(
        "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )?;
    // Their end is there to be read; the tasks that drive the connections need a few turns to do so.
    for _ in 0..10 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    touch().await?;
    Ok(())
}

#[tokio::test]
async fn no_server_is_unavailable_and_not_a_hang() -> Result<()> {
    let db = Db::new("host=/nowhere/at/all dbname=x user=y", 1)?;
    let begin = Instant::now();
    let answer = db.statement("test_absent", async |conn| run(conn, "SELECT 1").await).await;
    assert!(matches!(answer, Err(DbError::Unavailable(_))), "{answer:?}");
    // Far more than it takes, because a busy machine takes its time; a hang takes longer still.
    assert!(begin.elapsed() < Duration::from_secs(120));
    Ok(())
}

#[tokio::test]
async fn transactions_and_round_trips_are_counted_by_name() -> Result<()> {
    let world = world()?;
    for _ in 0..3 {
        world.db.transaction("test_counted", async |conn| run(conn, "SELECT 1").await).await?;
    }
    world.db.statement("test_counted_single", async |conn| run(conn, "SELECT 1").await).await?;
    let counters = Db::counters();
    let (many, single) = (counters["test_counted"], counters["test_counted_single"]);
    assert_eq!((many.transactions, many.round_trips), (3, 9), "BEGIN, statement, COMMIT");
    assert_eq!((single.transactions, single.round_trips), (1, 1));
    Ok(())
}
