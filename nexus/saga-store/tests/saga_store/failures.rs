//! Steps that fail, panic, run twice, or lose their COMMIT.

use crate::support::{ask, database, faulty_nexus, nexus, soon};
use crate::walk::Walk;
use berth_saga_store::{Direction, Faults, Outcome, SagaFailure, StepFault};

async fn failure_of(params: Walk) -> (SagaFailure, String) {
    let database = database();
    let nexus = nexus(&database);
    let outcome = soon(nexus.begin(&nexus.walk(params)).await.wait()).await;
    let Outcome::Failed(failure) = outcome else { panic!("{outcome:?}") };
    (failure, ask(&database, "SELECT count(*) FROM effect"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_in_a_step_unwinds_the_saga() {
    let (failure, effects) = failure_of(Walk { panics: Some("two".to_owned()), ..Walk::default() }).await;
    assert_eq!(failure.step, "two");
    assert!(failure.error.message().contains("panicked: the step was told to"), "{failure:?}");
    assert_eq!(effects, "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn asking_for_an_output_that_no_earlier_step_gave_fails_the_step() {
    let (failure, _) = failure_of(Walk { looks_ahead: Some("three".to_owned()), ..Walk::default() }).await;
    assert_eq!(failure.step, "three");
    assert!(failure.error.message().contains("last"), "{failure:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_output_that_the_database_cant_hold_fails_its_step_alone() {
    let (failure, _) = failure_of(Walk { gives_nul: Some("two".to_owned()), ..Walk::default() }).await;
    assert_eq!(failure.step, "two");
    assert!(failure.error.message().contains("NUL"), "{failure:?}");
}

async fn outcome_with(faults: Faults, params: Walk) -> (Outcome, String, u32) {
    let database = database();
    let nexus = faulty_nexus(&database, faults.clone());
    let saga = nexus.walk(params);
    let outcome = soon(nexus.begin(&saga).await.wait()).await;
    assert_eq!(faults.happened(), 1, "the fault was planned");
    (outcome, ask(&database, "SELECT count(*) FROM effect"), nexus.world.all_runs(saga.id()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hidden_or_lost_commit_is_repeated_without_a_second_effect() {
    for fault in [StepFault::CommitHidden, StepFault::CommitLost] {
        let (outcome, effects, runs) =
            outcome_with(Faults::at("two", Direction::Forward, fault), Walk::default()).await;
        assert!(matches!(outcome, Outcome::Done(_)));
        assert_eq!((effects.as_str(), runs), ("4", 4), "the transaction is repeated, not the step");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_runs_twice_has_one_effect() {
    let (outcome, effects, runs) =
        outcome_with(Faults::at("three", Direction::Forward, StepFault::Twice), Walk::default()).await;
    assert!(matches!(outcome, Outcome::Done(_)));
    assert_eq!((effects.as_str(), runs), ("4", 5));
    let blocked = Walk { fails: Some("three".to_owned()), ..Walk::default() };
    let (outcome, effects, runs) =
        outcome_with(Faults::at("two", Direction::Undo, StepFault::Twice), blocked).await;
    assert!(matches!(outcome, Outcome::Failed(_)));
    assert_eq!((effects.as_str(), runs), ("0", 3 + 3 + 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_before_the_effect_unwinds_and_one_after_it_leaves_it() {
    let before = Faults::at("two", Direction::Forward, StepFault::FailBefore);
    let (outcome, effects, _) = outcome_with(before, Walk::default()).await;
    assert!(matches!(outcome, Outcome::Failed(_)));
    assert_eq!(effects, "0");
    // A failed step isn't undone: what it leaves is its own to clean up. These steps don't, which shows the fault.
    let after = Faults::at("two", Direction::Forward, StepFault::FailAfter);
    let (outcome, effects, _) = outcome_with(after, Walk::default()).await;
    assert!(matches!(outcome, Outcome::Failed(_)));
    assert_eq!(effects, "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nexus_that_dies_between_effect_and_log_repeats_the_step_only() {
    for (direction, params) in [
        (Direction::Forward, Walk::default()),
        (Direction::Undo, Walk { fails: Some("three".to_owned()), ..Walk::default() }),
    ] {
        for fault in [StepFault::CrashBefore, StepFault::CrashAfter] {
            let database = database();
            let first = faulty_nexus(&database, Faults::at("two", direction, fault));
            let saga = first.walk(params.clone());
            let handle = first.begin(&saga).await;
            soon(first.engine.died()).await;
            assert_eq!(soon(handle.wait()).await, Outcome::Lost);
            let second = nexus(&database);
            assert_eq!(second.adopt_all(first.engine.owner()).await, vec![saga.id()]);
            let outcome = soon(second.engine.wait(saga.id())).await.unwrap();
            let (effects, well) = match direction {
                Direction::Forward => ("4", matches!(outcome, Outcome::Done(_))),
                Direction::Undo => ("0", matches!(outcome, Outcome::Failed(_))),
            };
            assert!(well, "{outcome:?}");
            assert_eq!(ask(&database, "SELECT count(*) FROM effect"), effects);
            assert_eq!(second.world.runs(saga.id(), "two", direction), 1);
        }
    }
}
