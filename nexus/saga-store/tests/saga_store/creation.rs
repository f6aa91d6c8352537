//! Creation in the caller's own transaction, and what is refused before it.

use crate::support::{ask, database, nexus, nexus_at, registry, soon};
use crate::walk::{STEPS, Walk, World};
use berth_saga_store::{
    About, DefinitionError, InsertError, Inserted, Outcome, PrepareError, Saga, SagaContext, SagaKey,
    SagaRegistry, Step, Steps,
};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread")]
async fn an_insertion_of_unknown_outcome_can_be_repeated() {
    let database = database();
    let nexus = nexus(&database);
    let mut conn = nexus.conn().await;
    let saga = nexus.walk(Walk::default());
    assert_eq!(nexus.engine.insert(&mut conn, &saga).await.unwrap(), Inserted::New);
    assert_eq!(nexus.engine.insert(&mut conn, &saga).await.unwrap(), Inserted::Already);
    let other = Walk { fails: Some("one".to_owned()), ..Walk::default() };
    let other = nexus.engine.prepare::<Walk>(saga.id(), &other, About::default()).unwrap();
    let refused = nexus.engine.insert(&mut conn, &other).await;
    assert!(matches!(refused, Err(InsertError::IdTaken(id)) if id == saga.id()), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_saga_is_rolled_back_with_its_callers_transaction() {
    let database = database();
    let nexus = nexus(&database);
    let saga = nexus.walk(Walk::default());
    let mut conn = nexus.conn().await;
    let conn: &mut AsyncPgConnection = &mut conn;
    let refused = conn
        .transaction(async |conn: &mut AsyncPgConnection| {
            nexus.engine.insert(conn, &saga).await.unwrap();
            Err::<(), _>(diesel::result::Error::RollbackTransaction)
        })
        .await;
    assert!(refused.is_err());
    assert_eq!(ask(&database, "SELECT count(*) FROM saga"), "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn sagas_of_unknown_kind_are_left_alone_and_listed() {
    let database = database();
    let first = nexus(&database);
    let saga = first.walk(Walk::default());
    first.engine.insert(&mut *first.conn().await, &saga).await.unwrap();
    database.sql("UPDATE saga SET version = 7").unwrap();
    let second = nexus(&database);
    let taken = second.engine.adopt(first.engine.owner(), 10).await.unwrap();
    assert!(taken.resumed.is_empty());
    assert_eq!(taken.unloadable[0].key, SagaKey { name: "walk".to_owned(), version: 7 });
    assert_eq!(ask(&database, "SELECT owner, adoption_gen FROM saga"), format!("{}|1", first.engine.owner()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_cant_be_followed_is_an_alarm_and_stops_nobody_else() {
    let database = database();
    let first = nexus(&database);
    let (gap, good) = (first.walk(Walk::default()), first.walk(Walk::default()));
    for saga in [&gap, &good] {
        first.engine.insert(&mut *first.conn().await, saga).await.unwrap();
    }
    database.sql(&format!("INSERT INTO saga_event VALUES ('{}', 3, 'started')", gap.id())).unwrap();
    let second = nexus_at(&database.url(), Uuid::new_v4(), |_| {});
    let taken = second.engine.adopt(first.engine.owner(), 10).await.unwrap();
    assert_eq!(taken.resumed, vec![good.id()]);
    assert_eq!(taken.broken[0].0, gap.id());
    assert_eq!(second.engine.counters().alarms, 1);
    assert!(matches!(soon(second.engine.wait(good.id())).await.unwrap(), Outcome::Done(_)));
}

#[test]
fn a_registry_tells_the_names_and_nodes_of_its_sagas() {
    let registry = registry();
    let names: Vec<String> = registry.names().into_iter().map(|key| key.name).collect();
    assert_eq!(names, ["idle", "walk", "walk_around"]);
    let steps: Vec<String> = registry.nodes("walk", 2).unwrap().into_iter().map(|node| node.step).collect();
    assert_eq!(steps, STEPS);
    assert!(registry.nodes("walk", 1).is_none());
}

#[derive(Debug)]
struct Odd<const KIND: u8>;

const A: Step<()> = Step::new("a");
const B: Step<()> = Step::new("b");

impl<const KIND: u8> Saga for Odd<KIND> {
    type World = World;
    type Params = ();
    const NAME: &'static str = "odd";
    const VERSION: i32 = 1;
    fn steps(steps: &mut Steps<Self>) {
        let nothing = |_: SagaContext<Self>| async { Ok(()) };
        match KIND {
            0 => {}
            1 => {
                steps.step_without_undo(A, nothing);
                steps.step_without_undo(A, nothing);
            }
            2 => steps.parallel(|both| {
                both.step_without_undo(A, nothing);
                both.step_without_undo(B, nothing);
            }),
            _ => steps.step_without_undo(A, nothing),
        }
    }
}

#[test]
fn an_odd_declaration_is_refused_when_it_is_registered() {
    let mut registry = SagaRegistry::<World>::new();
    assert!(matches!(registry.register::<Odd<0>>(), Err(DefinitionError::Shape(..))), "no step at all");
    assert!(matches!(registry.register::<Odd<1>>(), Err(DefinitionError::StepTwice("odd", "a"))));
    let mut registry = SagaRegistry::<World>::new();
    assert!(matches!(registry.register::<Odd<2>>(), Err(DefinitionError::Shape(..))), "two last steps");
    let mut registry = SagaRegistry::<World>::new();
    assert!(matches!(
        registry.prepare::<Odd<3>>(Uuid::new_v4(), &(), About::default()),
        Err(PrepareError::Unknown("odd", 1))
    ));
    registry.register::<Odd<3>>().unwrap();
    assert!(matches!(registry.register::<Odd<3>>(), Err(DefinitionError::Twice("odd", 1))));
}
