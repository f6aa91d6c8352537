//! The fenced transaction: the only way in which a step reaches the database.
//!
//! A step that was found *started* in the log is run again without a new append, so checking appends alone doesn't
//! stop a former owner inside it. Here the first statement locks the saga's row `FOR SHARE` under (owner, adoption
//! generation): an adoption, which is an UPDATE, either waits for this transaction's end or makes it find nothing.
//! (`FOR KEY SHARE`, as a foreign key takes it, does not conflict with that UPDATE.)

use crate::context::Direction;
use crate::counters::Counters;
use crate::run::Run;
use crate::step_error::{StepError, is_transient};
use crate::tables::saga;
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl};
use diesel_async::pooled_connection::deadpool::Object;
use diesel_async::{AnsiTransactionManager, AsyncPgConnection, RunQueryDsl, TransactionManager};
use slog::{info, warn};
use std::fmt;
use std::future::{Future, pending};
use std::time::Duration;
use tokio::time::Instant;

/// First and longest pause between two attempts.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// How often a transaction that can't get through says so.
const REPORT_EVERY: Duration = Duration::from_secs(10);

/// An async closure over a connection that can run more than once: `async |conn| { … }`.
pub trait TxnWork<T>:
    for<'c> AsyncWork<&'c mut AsyncPgConnection, Result<T, StepError>, Running: Send> + Send + Sync
{
}

impl<T, F> TxnWork<T> for F where
    F: for<'c> AsyncWork<&'c mut AsyncPgConnection, Result<T, StepError>, Running: Send> + Send + Sync
{
}

/// Names the future that an async closure returns, so that a bound can be put on it.
pub trait AsyncWork<A, R>: AsyncFn(A) -> R + Fn(A) -> <Self as AsyncWork<A, R>>::Running {
    type Running: Future<Output = R>;
}

impl<F, A, R, Running> AsyncWork<A, R> for F
where
    F: AsyncFn(A) -> R + Fn(A) -> Running,
    Running: Future<Output = R>,
{
    type Running = Running;
}

enum Attempt<T> {
    Done(T),
    Refused(StepError),
    NotOurs,
    /// To be repeated: why.
    Again(String),
}

impl<T> Attempt<T> {
    fn again(cause: impl fmt::Display) -> Attempt<T> {
        Attempt::Again(cause.to_string())
    }

    fn of_error(error: diesel::result::Error) -> Attempt<T> {
        if is_transient(&error) { Attempt::again(error) } else { Attempt::Refused(error.into()) }
    }
}

/// Where in which saga a transaction belongs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub saga: &'static str,
    pub step: &'static str,
    pub direction: Direction,
}

impl Place {
    /// `instance_start.reserve`, or `instance_start.reserve undo`.
    fn name(self) -> String {
        let undo = if self.direction == Direction::Undo { " undo" } else { "" };
        format!("{}.{}{undo}", self.saga, self.step)
    }
}

pub(crate) async fn saga_txn<T, F>(run: &Run, place: Place, work: F) -> Result<T, StepError>
where
    T: Send + 'static,
    F: TxnWork<T>,
{
    let (mut pause, began, mut said) = (FIRST_PAUSE, Instant::now(), None::<Instant>);
    loop {
        match attempt(run, place, &work).await {
            Attempt::Done(value) => return Ok(value),
            Attempt::Refused(error) => return Err(error),
            Attempt::NotOurs => {
                run.lose("its row is owned by another now");
                return pending().await;
            }
            Attempt::Again(cause) => {
                Counters::add(&run.shared.counters.txn_retries);
                if said.is_none_or(|at| at.elapsed() >= REPORT_EVERY) {
                    said = Some(Instant::now());
                    warn!(run.shared.log, "transaction of a step is repeated"; "step" => place.step, "cause" => cause,
                        "waiting_ms" => began.elapsed().as_millis() as u64);
                }
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

async fn attempt<T, F>(run: &Run, place: Place, work: &F) -> Attempt<T>
where
    T: Send + 'static,
    F: TxnWork<T>,
{
    let mut conn = match run.shared.pool.get().await {
        Ok(conn) => conn,
        Err(e) => return Attempt::again(e),
    };
    (run.shared.naming)(&mut conn, &place.name());
    if let Err(e) = AnsiTransactionManager::begin_transaction(&mut *conn).await {
        return Attempt::again(e);
    }
    match is_still_ours(run, &mut conn).await {
        Ok(true) => {}
        Ok(false) => {
            roll_back(&mut conn).await;
            return Attempt::NotOurs;
        }
        Err(e) => return Attempt::of_error(e),
    }
    match work(&mut conn).await {
        Ok(value) => commit(run, place, conn, value).await,
        Err(error) => {
            // A rollback that fails says that the connection, not the work, was at fault.
            if !roll_back(&mut conn).await || error.is_transient() {
                Attempt::again(error)
            } else {
                Attempt::Refused(error)
            }
        }
    }
}

async fn is_still_ours(run: &Run, conn: &mut AsyncPgConnection) -> diesel::QueryResult<bool> {
    let found = saga::table
        .filter(saga::id.eq(run.id))
        .filter(saga::owner.eq(run.shared.owner))
        .filter(saga::adoption_gen.eq(run.adoption_gen))
        .select(saga::id)
        .for_share()
        .first::<uuid::Uuid>(conn)
        .await
        .optional()?;
    Ok(found.is_some())
}

async fn roll_back(conn: &mut AsyncPgConnection) -> bool {
    AnsiTransactionManager::rollback_transaction(conn).await.is_ok()
}

/// Commits in a task of its own: a COMMIT that was cancelled half-way could be answered as a success and still lose
/// the row. At the deadline the connection is dropped, and what became of the transaction is unknown.
async fn commit<T>(
    run: &Run,
    Place { step, direction, .. }: Place,
    mut conn: Object<AsyncPgConnection>,
    value: T,
) -> Attempt<T>
where
    T: Send + 'static,
{
    if run.shared.faults.loses_commit(step, direction) {
        drop(Object::take(conn));
        return Attempt::again("injected: connection lost before COMMIT");
    }
    let limit = run.shared.commit_limit;
    let committing = tokio::spawn(async move {
        let done = tokio::time::timeout(limit, AnsiTransactionManager::commit_transaction(&mut *conn)).await;
        if !matches!(done, Ok(Ok(()))) {
            drop(Object::take(conn));
        }
        done
    });
    match committing.await {
        Ok(Ok(Ok(()))) if run.shared.faults.hides_commit(step, direction) => {
            Attempt::again("injected: answer to COMMIT lost")
        }
        Ok(Ok(Ok(()))) => Attempt::Done(value),
        Ok(Ok(Err(error))) => Attempt::of_error(error),
        Ok(Err(_)) => Attempt::again("no answer to COMMIT in time, outcome unknown"),
        Err(stopped) => {
            info!(run.shared.log, "the task of a COMMIT ended early"; "cause" => %stopped);
            Attempt::again("the task of a COMMIT ended early, outcome unknown")
        }
    }
}
