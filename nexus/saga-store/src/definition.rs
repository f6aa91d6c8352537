//! How a saga is declared: a type with parameters, a name, a version, and its steps.
//!
//! Outputs of steps are read through [`Step`] handles, so no step names another by a string.

use crate::context::{Direction, RawContext, SagaContext};
use crate::step_error::StepError;
use futures::future::BoxFuture;
use serde::{Serialize, de::DeserializeOwned};
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;

/// A kind of saga. Its id in the database is (`NAME`, `VERSION`): a change of steps or parameters that a saga begun
/// by the older program couldn't follow needs another version.
pub trait Saga: Sized + Send + Sync + 'static {
    /// What all sagas of the program share: clients, clocks, configuration.
    type World: fmt::Debug + Send + Sync + 'static;
    /// Kept in the DAG; ids and random choices belong here, so that a repeated step makes the same ones.
    type Params: Serialize + DeserializeOwned + fmt::Debug + Send + Sync + 'static;
    const NAME: &'static str;
    const VERSION: i32;
    /// Declares the steps in their order.
    fn steps(steps: &mut Steps<Self>);
}

/// The name of a step together with the type of its output.
pub struct Step<T> {
    name: &'static str,
    output: PhantomData<fn() -> T>,
}

impl<T> Step<T> {
    pub const fn new(name: &'static str) -> Step<T> {
        Step { name, output: PhantomData }
    }

    pub const fn name(&self) -> &'static str {
        self.name
    }
}

impl<T> Clone for Step<T> {
    fn clone(&self) -> Step<T> {
        *self
    }
}

impl<T> Copy for Step<T> {}

impl<T> fmt::Debug for Step<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Step").field(&self.name).finish()
    }
}

pub(crate) type Deed<W> =
    Box<dyn Fn(RawContext<W>) -> BoxFuture<'static, Result<serde_json::Value, StepError>> + Send + Sync>;

/// One declared step, its types erased.
pub(crate) struct Declared<W: fmt::Debug + Send + Sync + 'static> {
    pub name: &'static str,
    pub act: Option<Deed<W>>,
    pub undo: Option<Deed<W>>,
}

/// Collects the steps of a saga in their order.
pub struct Steps<S: Saga> {
    pub(crate) stages: Vec<Vec<Declared<S::World>>>,
}

impl<S: Saga> fmt::Debug for Steps<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.stages.iter().map(|stage| stage.iter().map(|step| step.name).collect::<Vec<_>>());
        f.debug_list().entries(names).finish()
    }
}

impl<S: Saga> Steps<S> {
    pub(crate) fn of() -> Steps<S> {
        let mut steps = Steps { stages: Vec::new() };
        S::steps(&mut steps);
        steps
    }

    /// A step and what takes it back. Both can be repeated after a crash: each effect is keyed by the saga's id or
    /// by an id of the parameters, and looked for before it is made. A *failed* step isn't undone.
    pub fn step<T, Act, Acting, Undo, Undoing>(&mut self, step: Step<T>, act: Act, undo: Undo)
    where
        T: Serialize + Send + 'static,
        Act: Fn(SagaContext<S>) -> Acting + Send + Sync + 'static,
        Acting: Future<Output = Result<T, StepError>> + Send + 'static,
        Undo: Fn(SagaContext<S>) -> Undoing + Send + Sync + 'static,
        Undoing: Future<Output = Result<(), StepError>> + Send + 'static,
    {
        self.push(Declared { name: step.name, act: Some(erase(act)), undo: Some(erase(undo)) });
    }

    /// A step that leaves nothing to take back.
    pub fn step_without_undo<T, Act, Acting>(&mut self, step: Step<T>, act: Act)
    where
        T: Serialize + Send + 'static,
        Act: Fn(SagaContext<S>) -> Acting + Send + Sync + 'static,
        Acting: Future<Output = Result<T, StepError>> + Send + 'static,
    {
        self.push(Declared { name: step.name, act: Some(erase(act)), undo: None });
    }

    /// Does nothing going forward; takes back what was done in the transaction that created the saga (its lock).
    pub fn undo_only<Undo, Undoing>(&mut self, step: Step<()>, undo: Undo)
    where
        Undo: Fn(SagaContext<S>) -> Undoing + Send + Sync + 'static,
        Undoing: Future<Output = Result<(), StepError>> + Send + 'static,
    {
        self.push(Declared { name: step.name, act: None, undo: Some(erase(undo)) });
    }

    /// Steps that run at the same time. The saga's last stage must be a single step.
    pub fn parallel(&mut self, declare: impl FnOnce(&mut Steps<S>)) {
        let mut inner = Steps { stages: Vec::new() };
        declare(&mut inner);
        self.stages.push(inner.stages.into_iter().flatten().collect());
    }

    fn push(&mut self, declared: Declared<S::World>) {
        self.stages.push(vec![declared]);
    }
}

fn erase<S, T, F, Fut>(deed: F) -> Deed<S::World>
where
    S: Saga,
    T: Serialize + Send + 'static,
    F: Fn(SagaContext<S>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<T, StepError>> + Send + 'static,
{
    Box::new(move |raw| {
        let working = SagaContext::from_raw(raw).map(&deed);
        Box::pin(async move { Ok(serde_json::to_value(working?.await?)?) })
    })
}

impl<W: fmt::Debug + Send + Sync + 'static> Declared<W> {
    /// What it runs in a direction; `None` if there is nothing to do.
    pub(crate) fn deed(&self, direction: Direction) -> Option<&Deed<W>> {
        match direction {
            Direction::Forward => self.act.as_ref(),
            Direction::Undo => self.undo.as_ref(),
        }
    }
}
