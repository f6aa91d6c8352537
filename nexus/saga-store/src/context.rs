//! What a step sees: its saga, its parameters, what earlier steps gave, the world, and a fenced transaction.

use crate::definition::{Saga, Step};
use crate::run::RunContext;
use crate::step_error::StepError;
use crate::txn::{self, Place, TxnWork};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;
use uuid::Uuid;

/// Which way a step runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    Forward,
    Undo,
}

impl Direction {
    pub fn name(self) -> &'static str {
        match self {
            Direction::Forward => "forward",
            Direction::Undo => "undo",
        }
    }
}

/// The types steno asks for, as one.
pub(crate) struct SagaKind<W>(std::marker::PhantomData<fn() -> W>);

impl<W> fmt::Debug for SagaKind<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SagaKind")
    }
}

impl<W: fmt::Debug + Send + Sync + 'static> steno::SagaType for SagaKind<W> {
    type ExecContextType = RunContext<W>;
}

/// A step's context before its parameters are read; can be given out twice for one run of a step.
pub(crate) struct RawContext<W: fmt::Debug + Send + Sync + 'static> {
    pub steno: Arc<steno::ActionContext<SagaKind<W>>>,
    pub step: &'static str,
    pub direction: Direction,
}

impl<W: fmt::Debug + Send + Sync + 'static> Clone for RawContext<W> {
    fn clone(&self) -> Self {
        RawContext { steno: Arc::clone(&self.steno), step: self.step, direction: self.direction }
    }
}

/// What a step sees.
pub struct SagaContext<S: Saga> {
    raw: RawContext<S::World>,
    params: S::Params,
}

impl<S: Saga> fmt::Debug for SagaContext<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SagaContext")
            .field("saga", &S::NAME)
            .field("id", &self.saga_id())
            .field("step", &self.raw.step)
            .field("direction", &self.raw.direction)
            .finish_non_exhaustive()
    }
}

impl<S: Saga> SagaContext<S> {
    pub(crate) fn from_raw(raw: RawContext<S::World>) -> Result<SagaContext<S>, StepError> {
        let params = raw.steno.saga_params::<S::Params>()?;
        Ok(SagaContext { raw, params })
    }

    fn run(&self) -> &RunContext<S::World> {
        self.raw.steno.user_data()
    }

    /// The saga's id: also the token of the locks it holds.
    pub fn saga_id(&self) -> Uuid {
        self.run().run.id
    }

    /// The adoption generation under which this run of the step goes on.
    pub fn adoption_gen(&self) -> i64 {
        self.run().run.adoption_gen
    }

    pub fn direction(&self) -> Direction {
        self.raw.direction
    }

    /// The step's own name.
    pub fn step_name(&self) -> &'static str {
        self.raw.step
    }

    /// The same for every repetition of this step of this saga in this direction, and for nothing else: what an
    /// agent recognises a repeated request by.
    pub fn request_id(&self) -> Uuid {
        let name = format!("{}/{}", self.raw.step, self.raw.direction.name());
        Uuid::new_v5(&self.saga_id(), name.as_bytes())
    }

    pub fn params(&self) -> &S::Params {
        &self.params
    }

    pub fn world(&self) -> &Arc<S::World> {
        &self.run().world
    }

    pub fn log(&self) -> &slog::Logger {
        &self.run().run.shared.log
    }

    /// What an earlier step gave; when undoing, also what this step itself gave.
    ///
    /// Fails the step if `step` isn't an ancestor of this one.
    pub fn output<T>(&self, step: Step<T>) -> Result<T, StepError>
    where
        T: Serialize + serde::de::DeserializeOwned + fmt::Debug + Send + Sync + 'static,
    {
        Ok(self.raw.steno.lookup::<T>(step.name())?)
    }

    /// Runs `work` in a transaction that first checks, under a lock, that this nexus still owns the saga.
    ///
    /// - Not the owner any more: never returns; the saga's handle resolves as lost.
    /// - The database is away, or the transaction was chosen as a deadlock's victim: `work` runs again, for as long
    ///   as it takes.
    /// - Outcome of COMMIT unknown: `work` runs again too, so it must recognise what it already wrote.
    /// - `work` fails: rolled back, its error is returned.
    pub async fn txn<T, F>(&self, work: F) -> Result<T, StepError>
    where
        T: Send + 'static,
        F: TxnWork<T>,
    {
        let place = Place { saga: S::NAME, step: self.raw.step, direction: self.raw.direction };
        txn::saga_txn(&self.run().run, place, work).await
    }
}
