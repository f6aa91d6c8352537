//! How a saga begins: its row in the transaction that needs it, its run after that transaction's COMMIT.

use std::time::Duration;

use berth_common::ids::{GenericUuid, InstanceUuid, OperationUuid};
use berth_db::DbError;
use berth_db::lifecycle::update;
use berth_saga_store::{About, InsertError, PrepareError, PreparedSaga, Saga, SagaContext, StepError};
use diesel_async::AsyncPgConnection;
use slog::debug;
use uuid::Uuid;

use super::instance_update::{InstanceUpdate, UpdateParams};
use crate::world::{NoEngine, World};

/// Why a saga couldn't be begun. Nothing was begun.
#[derive(Debug, thiserror::Error)]
pub enum BeginError {
    #[error(transparent)]
    NoEngine(#[from] NoEngine),
    #[error(transparent)]
    Prepare(#[from] PrepareError),
    #[error(transparent)]
    Insert(#[from] InsertError),
    #[error(transparent)]
    Database(#[from] DbError),
}

impl berth_db::TxnError for BeginError {
    fn db_error(&self) -> Option<&DbError> {
        match self {
            BeginError::Database(error) => Some(error),
            BeginError::NoEngine(_) | BeginError::Prepare(_) | BeginError::Insert(_) => None,
        }
    }
}

/// Makes a saga ready, under an id that the caller chose.
pub fn prepare<S: Saga<World = World>>(
    world: &World,
    id: Uuid,
    params: &S::Params,
    subject: Uuid,
    cause: &str,
) -> Result<PreparedSaga, BeginError> {
    let about = About { subject_id: Some(subject), cause: Some(cause.to_string()) };
    Ok(world.engine()?.prepare::<S>(id, params, about)?)
}

/// Inserts a saga's row in the caller's transaction.
pub async fn insert(
    world: &World,
    conn: &mut AsyncPgConnection,
    prepared: &PreparedSaga,
) -> Result<(), BeginError> {
    world.engine()?.insert(conn, prepared).await.map_err(sorted)?;
    Ok(())
}

/// A failing database is told apart from a refusal, so that the transaction is repeated.
fn sorted(error: InsertError) -> BeginError {
    match error {
        InsertError::Database(error) => BeginError::Database(error.into()),
        taken @ InsertError::IdTaken(_) => BeginError::Insert(taken),
    }
}

/// Runs a saga whose row is committed. If the process dies before, its recovery does it.
pub fn run(world: &World, prepared: &PreparedSaga) {
    if let Ok(engine) = world.engine() {
        engine.start(prepared);
    }
}

/// The id of the saga that follows another, the same however often that one's step is repeated.
pub fn successor(of: Uuid, what: &str) -> Uuid {
    Uuid::new_v5(&of, what.as_bytes())
}

/// Between a saga that failed and the next one for the same work: what made it fail may last.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// For the last undo of a saga whose work can't be given up: another one like it takes over the operation, unless that
/// has ended already.
pub async fn again<S: Saga<World = World>>(
    ctx: &SagaContext<S>,
    params: &S::Params,
    operation: OperationUuid,
    subject: Uuid,
    cause: &str,
) -> Result<(), StepError> {
    tokio::time::sleep(AGAIN_AFTER).await;
    let (world, next) = (ctx.world(), successor(ctx.saga_id(), "again"));
    let prepared = prepare::<S>(world, next, params, subject, cause).map_err(as_step)?;
    let begun = ctx
        .txn(async |conn: &mut AsyncPgConnection| {
            let found = berth_db::lifecycle::work::by_id(conn, operation).await?;
            if found.is_none_or(|found| found.state.is_terminal()) {
                return Ok(false);
            }
            insert(world, conn, &prepared).await.map_err(as_step)?;
            berth_db::lifecycle::work::hand_over(conn, operation, next, "trying again").await?;
            Ok(true)
        })
        .await?;
    if begun {
        run(world, &prepared);
    }
    Ok(())
}

/// Takes the updater lock for a new update saga, inside the caller's transaction. None: the lock is taken; its holder
/// looks once more before it ends.
pub async fn update_in(
    world: &World,
    conn: &mut AsyncPgConnection,
    id: Uuid,
    instance: InstanceUuid,
    cause: &str,
) -> Result<Option<PreparedSaga>, BeginError> {
    let params = UpdateParams { instance, cause: cause.to_string() };
    let prepared = prepare::<InstanceUpdate>(world, id, &params, instance.into_untyped_uuid(), cause)?;
    // The row of the saga comes first: the lock refers to it.
    insert(world, conn, &prepared).await?;
    let locked = update::lock(conn, instance, id).await.map_err(DbError::from)?;
    Ok(locked.then_some(prepared))
}

/// Begins an update of this instance unless one runs. False: one does, or the instance is gone.
pub async fn update(world: &World, instance: InstanceUuid, cause: &str) -> Result<bool, BeginError> {
    let id = Uuid::new_v4();
    let begun = world
        .db
        .transaction("update.begin", async |conn| match update_in(world, conn, id, instance, cause).await? {
            Some(prepared) => Ok(prepared),
            // Rolled back: no saga without its lock.
            None => Err(NotBegun::Taken),
        })
        .await;
    match begun {
        Ok(prepared) => {
            run(world, &prepared);
            Ok(true)
        }
        Err(NotBegun::Taken) => {
            debug!(world.log, "an update runs already"; "instance" => %instance);
            Ok(false)
        }
        Err(NotBegun::Failed(error)) => Err(error),
    }
}

#[derive(Debug)]
enum NotBegun {
    Taken,
    Failed(BeginError),
}

impl From<BeginError> for NotBegun {
    fn from(error: BeginError) -> Self {
        NotBegun::Failed(error)
    }
}

impl From<DbError> for NotBegun {
    fn from(error: DbError) -> Self {
        NotBegun::Failed(error.into())
    }
}

impl berth_db::TxnError for NotBegun {
    fn db_error(&self) -> Option<&DbError> {
        match self {
            NotBegun::Taken => None,
            NotBegun::Failed(error) => error.db_error(),
        }
    }
}

/// For a step that begins another saga: the failure of a begin is the step's.
pub fn as_step(error: BeginError) -> StepError {
    error.into()
}
