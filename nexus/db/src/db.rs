//! The database as the rooms see it: transactions with a name, and single statements.
//!
//! A transaction's COMMIT runs in a task of its own, because a COMMIT whose future was dropped half-way could have
//! happened or not while its caller believes neither. At its deadline the connection is dropped and the answer is
//! [`DbError::OutcomeUnknown`]. A body that is dropped before that costs its connection, which is never lent again.

use crate::connection::{self, Connection};
use crate::counters::{self, Count, Counter, UNNAMED, counter, instrument};
use crate::error::{DbError, DbResult, TxnError};
use diesel::result::Error as DieselError;
use diesel_async::pooled_connection::deadpool::{Object, Pool};
use diesel_async::{AnsiTransactionManager, AsyncConnection, AsyncPgConnection, TransactionManager};
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

/// Limit for an answer to COMMIT: longer than any fsync takes, shorter than a client waits.
pub const COMMIT_LIMIT: Duration = Duration::from_secs(10);
/// How often a transaction is tried that others' changes make impossible.
const TRIES: u32 = 6;
/// Pause before the second try; doubled before each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(3);

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    pool: Pool<AsyncPgConnection>,
    config: tokio_postgres::Config,
    commit_limit: Duration,
}

impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Db").field("pool", &self.pool.status()).finish_non_exhaustive()
    }
}

/// The body of a transaction: `async |conn| { … }`, which can be run more than once.
pub trait TxnBody<T, E>:
    for<'c> AsyncCall<&'c mut AsyncPgConnection, Result<T, E>, Running: Send> + Send + Sync
{
}

impl<T, E, F> TxnBody<T, E> for F where
    F: for<'c> AsyncCall<&'c mut AsyncPgConnection, Result<T, E>, Running: Send> + Send + Sync
{
}

/// Names the future of an async closure, so that it can be required to be `Send`.
pub trait AsyncCall<A, R>: AsyncFn(A) -> R + Fn(A) -> <Self as AsyncCall<A, R>>::Running {
    type Running: Future<Output = R>;
}

impl<F, A, R, Running> AsyncCall<A, R> for F
where
    F: AsyncFn(A) -> R + Fn(A) -> Running,
    Running: Future<Output = R>,
{
    type Running = Running;
}

impl Db {
    /// A pool of at most `size` connections to a PostgreSQL. Connects when first asked for something.
    /// `address` is a URL (`postgres:///berth?host=/run/pg&user=nexus`) or `host=… dbname=… user=…`.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] if `address` is none.
    pub fn new(address: &str, size: usize) -> DbResult<Self> {
        let config = connection::configure(address)?;
        Ok(Db { pool: connection::build(config.clone(), size)?, config, commit_limit: COMMIT_LIMIT })
    }

    /// The same with another limit for an answer to COMMIT.
    #[must_use]
    pub fn with_commit_limit(mut self, limit: Duration) -> Self {
        self.commit_limit = limit;
        self
    }

    /// The pool itself, for the saga store.
    pub fn pool(&self) -> &Pool<AsyncPgConnection> {
        &self.pool
    }

    /// What connections are made with, for who needs one of its own.
    pub fn config(&self) -> &tokio_postgres::Config {
        &self.config
    }

    /// Transactions and round trips of this process, by name.
    pub fn counters() -> BTreeMap<&'static str, Count> {
        counters::all()
    }

    /// Runs `body` on a connection without a transaction around it: for one statement, which is then its own
    /// transaction, or for reads that needn't be of one moment.
    ///
    /// # Errors
    /// Those of `body`; [`DbError::Unavailable`] if no connection can be had.
    pub async fn statement<T, E, F>(&self, name: &'static str, body: F) -> Result<T, E>
    where
        E: TxnError,
        F: TxnBody<T, E>,
    {
        let mut lent = Lent::take(&self.pool, name).await?;
        lent.counter.transaction();
        body(lent.conn()).await
    }

    /// Runs `body` in a transaction, and again if others' changes were in its way; its effects outside of the
    /// database must bear that. An error of `body` rolls back.
    ///
    /// # Errors
    /// Those of `body`; [`DbError::Unavailable`] and [`DbError::Contended`], after which nothing was changed;
    /// [`DbError::OutcomeUnknown`], after which it is unknown whether anything was.
    pub async fn transaction<T, E, F>(&self, name: &'static str, body: F) -> Result<T, E>
    where
        T: Send,
        E: TxnError,
        F: TxnBody<T, E>,
    {
        let mut pause = FIRST_PAUSE;
        for _ in 1..TRIES {
            match self.attempt(name, &body).await {
                Err(error) if matches!(error.db_error(), Some(DbError::Contended)) => {}
                answer => return answer,
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        self.attempt(name, &body).await
    }

    async fn attempt<T, E, F>(&self, name: &'static str, body: &F) -> Result<T, E>
    where
        T: Send,
        E: TxnError,
        F: TxnBody<T, E>,
    {
        let mut lent = Lent::take(&self.pool, name).await?;
        AnsiTransactionManager::begin_transaction(lent.conn()).await.map_err(DbError::from)?;
        match body(lent.conn()).await {
            Ok(value) => {
                self.commit(lent).await?;
                Ok(value)
            }
            Err(error) => {
                if AnsiTransactionManager::rollback_transaction(lent.conn()).await.is_err() {
                    lent.discard();
                }
                Err(error)
            }
        }
    }

    async fn commit(&self, mut lent: Lent) -> DbResult<()> {
        let limit = self.commit_limit;
        let committing = tokio::spawn(async move {
            let done =
                tokio::time::timeout(limit, AnsiTransactionManager::commit_transaction(lent.conn())).await;
            match done {
                Ok(Ok(())) => Ok(()),
                Ok(Err(error)) => {
                    lent.discard();
                    Err(commit_failed(error))
                }
                Err(_) => {
                    lent.discard();
                    Err(DbError::OutcomeUnknown)
                }
            }
        });
        // The task ends early only if the runtime does.
        committing.await.unwrap_or(Err(DbError::OutcomeUnknown))
    }
}

/// An answer of the server that refuses a COMMIT says that it didn't happen; no answer says nothing.
fn commit_failed(error: DieselError) -> DbError {
    match DbError::from(error) {
        DbError::Unavailable(_) => DbError::OutcomeUnknown,
        refused => refused,
    }
}

/// A connection while it works under a name. Given back, it is unnamed again.
struct Lent {
    connection: Option<Connection>,
    counter: Arc<Counter>,
}

impl Lent {
    async fn take(pool: &Pool<AsyncPgConnection>, name: &'static str) -> DbResult<Self> {
        let mut connection = pool.get().await.map_err(DbError::unavailable)?;
        let counter = counter(name);
        connection.set_instrumentation(instrument(Arc::clone(&counter)));
        Ok(Lent { connection: Some(connection), counter })
    }

    fn conn(&mut self) -> &mut AsyncPgConnection {
        self.connection.as_mut().expect("only `discard` and `drop` take it out, and both consume")
    }

    /// Closes the connection instead of giving it back.
    fn discard(mut self) {
        if let Some(connection) = self.connection.take() {
            drop(Object::take(connection));
        }
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(connection) = &mut self.connection {
            connection.set_instrumentation(instrument(counter(UNNAMED)));
        }
    }
}
