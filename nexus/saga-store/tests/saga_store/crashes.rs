//! A nexus dies after each append there is, and another goes on.

use crate::support::{Nexus, ask, database, faulty_nexus, nexus, soon};
use crate::walk::{STEPS, Walk};
use berth_postgres::TestDatabase;
use berth_saga_store::{Direction, Faults, Outcome};
use uuid::Uuid;

/// Runs one saga that dies with its nexus after append `k` and is finished by another.
/// `None` when the saga has fewer appends than that.
async fn crash_after(k: u64, database: &TestDatabase, params: Walk) -> Option<(Uuid, Outcome, Nexus, Nexus)> {
    let first = faulty_nexus(database, Faults::crash_after_append(k));
    let saga = first.walk(params);
    let handle = first.begin(&saga).await;
    let ended = soon(handle.wait()).await;
    if ended != Outcome::Lost {
        return None;
    }
    let second = nexus(database);
    let state = ask(database, &format!("SELECT state FROM saga WHERE id = '{}'", saga.id()));
    if state != "done" {
        assert_eq!(second.adopt_all(first.engine.owner()).await, vec![saga.id()], "after append {k}");
    }
    let outcome = soon(second.engine.wait(saga.id())).await.unwrap();
    Some((saga.id(), outcome, first, second))
}

fn runs(step: &str, direction: Direction, saga: Uuid, both: [&Nexus; 2]) -> u32 {
    both.iter().map(|nexus| nexus.world.runs(saga, step, direction)).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_saga_whose_nexus_dies_after_any_append_is_completed_by_another() {
    let database = database();
    let mut appends = 0;
    while let Some((saga, outcome, first, second)) =
        crash_after(appends + 1, &database, Walk::default()).await
    {
        appends += 1;
        assert_eq!(outcome.output::<String>().unwrap(), "one done, last done", "after append {appends}");
        let mut again = 0;
        for step in &STEPS[1..] {
            let times = runs(step, Direction::Forward, saga, [&first, &second]);
            assert!((1..=2).contains(&times), "{step} ran {times} times after append {appends}");
            assert_eq!(runs(step, Direction::Undo, saga, [&first, &second]), 0);
            again += times - 1;
        }
        assert!(again <= 1, "{again} steps ran again after append {appends}");
        let effects = ask(&database, &format!("SELECT count(*) FROM effect WHERE saga_id = '{saga}'"));
        assert_eq!(effects, "4", "after append {appends}");
    }
    // Started and succeeded of five steps, a start and an end node, less what it is created with, and the end.
    assert_eq!(appends, 2 * 7 - 3 + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unwinding_saga_whose_nexus_dies_after_any_append_is_undone_by_another() {
    let database = database();
    let blocked = || Walk { fails: Some("three".to_owned()), ..Walk::default() };
    let mut appends = 0;
    while let Some((saga, outcome, first, second)) = crash_after(appends + 1, &database, blocked()).await {
        appends += 1;
        let Outcome::Failed(failure) = outcome else { panic!("{outcome:?} after append {appends}") };
        assert_eq!((failure.step.as_str(), failure.error.detail::<i32>()), ("three", Some(42)));
        assert_eq!(runs("last", Direction::Forward, saga, [&first, &second]), 0);
        assert_eq!(runs("three", Direction::Undo, saga, [&first, &second]), 0, "a failed step isn't undone");
        for step in &STEPS[..3] {
            let times = runs(step, Direction::Undo, saga, [&first, &second]);
            assert!((1..=2).contains(&times), "{step} undone {times} times after append {appends}");
        }
        let effects = ask(&database, &format!("SELECT count(*) FROM effect WHERE saga_id = '{saga}'"));
        assert_eq!(effects, "0", "after append {appends}");
    }
    // Four steps and the start node forward, less what it is created with, the hint, three steps and the start node
    // back, the end.
    assert_eq!(appends, 2 * 5 - 3 + 1 + 2 * 4 + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nexus_that_comes_back_under_its_own_id_goes_on_with_its_sagas() {
    let database = database();
    let owner = Uuid::new_v4();
    let first =
        crate::support::nexus_at(&database.url(), owner, |c| c.faults = Faults::crash_after_append(6));
    let saga = first.walk(Walk::default());
    first.begin(&saga).await;
    soon(first.engine.died()).await;
    let again = crate::support::nexus_at(&database.url(), owner, |_| {});
    let taken = again.engine.recover().await.unwrap();
    assert_eq!(taken.resumed, vec![saga.id()]);
    assert!(matches!(soon(again.engine.wait(saga.id())).await.unwrap(), Outcome::Done(_)));
    assert_eq!(ask(&database, "SELECT adoption_gen FROM saga"), "2", "the life before is fenced off");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_saga_that_was_committed_and_never_started_is_found() {
    let database = database();
    let nexus = nexus(&database);
    let saga = nexus.walk(Walk::default());
    nexus.engine.insert(&mut *nexus.conn().await, &saga).await.unwrap();
    assert_eq!(nexus.engine.recover().await.unwrap().resumed, vec![saga.id()]);
    let late = nexus.engine.start(&saga);
    assert!(matches!(soon(late.wait()).await, Outcome::Done(_)), "a late start joins the run");
    assert_eq!(nexus.engine.recover().await.unwrap().resumed, Vec::<Uuid>::new());
}
