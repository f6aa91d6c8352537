//! The sagas of these tests: each step leaves one row, each undo takes its row away.

use berth_saga_store::{Direction, Gate, Saga, SagaContext, Step, StepError, Steps};
use diesel::sql_types::{BigInt, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Mutex;
use uuid::Uuid;

/// What the steps of one nexus's sagas share.
#[derive(Debug, Default)]
pub struct World {
    /// How often each step ran, by saga.
    runs: Mutex<BTreeMap<(Uuid, &'static str, Direction), u32>>,
    /// Where the step named in [`Walk::wait_in_txn`] stands, inside its transaction.
    pub gates: Mutex<BTreeMap<Uuid, Gate>>,
}

impl World {
    pub fn runs(&self, saga: Uuid, step: &str, direction: Direction) -> u32 {
        let runs = self.runs.lock().unwrap();
        runs.iter()
            .filter(|((s, n, d), _)| (*s, *n, *d) == (saga, step, direction))
            .map(|(_, count)| *count)
            .sum()
    }

    pub fn all_runs(&self, saga: Uuid) -> u32 {
        self.runs.lock().unwrap().iter().filter(|((s, ..), _)| *s == saga).map(|(_, count)| *count).sum()
    }

    pub fn gate(&self, saga: Uuid) -> Gate {
        self.gates.lock().unwrap().entry(saga).or_insert_with(Gate::new).clone()
    }
}

/// A saga of five steps in a row, and its parameters.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Walk {
    /// The step that fails when it goes forward, after it left its row and took it away again.
    pub fails: Option<String>,
    /// The step that panics.
    pub panics: Option<String>,
    /// The step that looks up an output which no step before it gave.
    pub looks_ahead: Option<String>,
    /// The step that waits inside its transaction.
    pub wait_in_txn: Option<String>,
    /// The step whose output holds a NUL.
    pub gives_nul: Option<String>,
}

pub const STEPS: [&str; 5] = ["hold", "one", "two", "three", "last"];

pub const HOLD: Step<()> = Step::new("hold");
pub const ONE: Step<String> = Step::new("one");
pub const TWO: Step<String> = Step::new("two");
pub const THREE: Step<String> = Step::new("three");
pub const LAST: Step<String> = Step::new("last");

impl Saga for Walk {
    type World = World;
    type Params = Walk;
    const NAME: &'static str = "walk";
    const VERSION: i32 = 2;

    fn steps(steps: &mut Steps<Walk>) {
        steps.undo_only(HOLD, clear);
        steps.step(ONE, leave, clear);
        steps.step(TWO, leave, clear);
        steps.step(THREE, leave, clear);
        steps.step(LAST, finish, clear);
    }
}

/// The same with two steps that run at the same time.
#[derive(Debug)]
pub struct WalkAround;

pub const LEFT: Step<String> = Step::new("left");
pub const RIGHT: Step<String> = Step::new("right");

impl Saga for WalkAround {
    type World = World;
    type Params = Walk;
    const NAME: &'static str = "walk_around";
    const VERSION: i32 = 1;

    fn steps(steps: &mut Steps<WalkAround>) {
        steps.step(ONE, leave, clear);
        steps.parallel(|side_by_side| {
            side_by_side.step(LEFT, leave, clear);
            side_by_side.step(RIGHT, leave, clear);
        });
        steps.step(LAST, finish, clear);
    }
}

fn count<S: Saga<World = World>>(ctx: &SagaContext<S>) {
    let key = (ctx.saga_id(), ctx.step_name(), ctx.direction());
    *ctx.world().runs.lock().unwrap().entry(key).or_default() += 1;
}

async fn leave<S: Saga<World = World, Params = Walk>>(ctx: SagaContext<S>) -> Result<String, StepError> {
    count(&ctx);
    let name = Some(ctx.step_name());
    if ctx.params().panics.as_deref() == name {
        panic!("the step was told to");
    }
    if ctx.params().looks_ahead.as_deref() == name {
        ctx.output(LAST)?;
    }
    if ctx.params().fails.as_deref() == name {
        return Err(StepError::with_detail("the way is blocked", &42));
    }
    ctx.txn(async |conn| {
        diesel::sql_query("INSERT INTO effect VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
            .bind::<SqlUuid, _>(ctx.saga_id())
            .bind::<Text, _>(ctx.step_name())
            .bind::<BigInt, _>(ctx.adoption_gen())
            .execute(conn)
            .await?;
        if ctx.params().wait_in_txn.as_deref() == name {
            ctx.world().gate(ctx.saga_id()).pass().await;
        }
        Ok(())
    })
    .await?;
    if ctx.params().gives_nul.as_deref() == name {
        return Ok("\0".to_owned());
    }
    Ok(format!("{} done", ctx.step_name()))
}

async fn finish<S: Saga<World = World, Params = Walk>>(ctx: SagaContext<S>) -> Result<String, StepError> {
    let one = ctx.output(ONE)?;
    let last = leave(ctx).await?;
    Ok(format!("{one}, {last}"))
}

async fn clear<S: Saga<World = World, Params = Walk>>(ctx: SagaContext<S>) -> Result<(), StepError> {
    count(&ctx);
    ctx.txn(async |conn| {
        diesel::sql_query("DELETE FROM effect WHERE saga_id = $1 AND step = $2")
            .bind::<SqlUuid, _>(ctx.saga_id())
            .bind::<Text, _>(ctx.step_name())
            .execute(conn)
            .await?;
        Ok(())
    })
    .await
}
