//! The sagas a program knows, by (name, version). A saga of another kind is left alone and listed as unloadable.

use crate::action::StepAction;
use crate::context::SagaKind;
use crate::definition::{Saga, Steps};
use crate::shape::{DagShape, Deeds, NodeInfo};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use steno::{Action, ActionName, ActionRegistry, Dag, DagBuilder, Node, SagaDag, SagaName};
use thiserror::Error;
use uuid::Uuid;

/// Why a saga can't be declared so.
#[derive(Debug, Error)]
pub enum DefinitionError {
    #[error("saga {0} version {1} is registered twice")]
    Twice(&'static str, i32),
    #[error("saga {0} declares step {1} twice")]
    StepTwice(&'static str, &'static str),
    #[error("saga {0} can't be built: {1}")]
    Shape(&'static str, String),
}

/// Why a saga can't be prepared.
#[derive(Debug, Error)]
pub enum PrepareError {
    #[error("saga {0} version {1} isn't registered")]
    Unknown(&'static str, i32),
    #[error("the parameters of saga {0} can't be kept: {1}")]
    Params(&'static str, String),
}

/// The identity of a kind of saga.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SagaKey {
    pub name: String,
    pub version: i32,
}

/// What a saga is about, for lists and the audit trail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    pub subject_id: Option<Uuid>,
    /// The id of the request that asked for it.
    pub cause: Option<String>,
}

/// A saga that is ready to be inserted: its DAG is a registered one, with its parameters. Clones share it.
#[derive(Clone, Debug)]
pub struct PreparedSaga {
    pub(crate) id: Uuid,
    pub(crate) key: SagaKey,
    pub(crate) dag: Arc<Value>,
    pub(crate) shape: Arc<DagShape>,
    pub(crate) about: About,
}

/// A registered kind of saga.
struct Kind {
    dag: Dag,
    /// Read once from the DAG as it would be stored: parameters don't change it.
    shape: Arc<DagShape>,
}

impl PreparedSaga {
    pub fn id(&self) -> Uuid {
        self.id
    }

    pub fn key(&self) -> &SagaKey {
        &self.key
    }
}

/// The sagas a program knows; `W` is the world their steps share.
pub struct SagaRegistry<W: fmt::Debug + Send + Sync + 'static> {
    pub(crate) actions: Arc<ActionRegistry<SagaKind<W>>>,
    kinds: BTreeMap<SagaKey, Kind>,
}

impl<W: fmt::Debug + Send + Sync + 'static> fmt::Debug for SagaRegistry<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.kinds.keys()).finish()
    }
}

impl<W: fmt::Debug + Send + Sync + 'static> Default for SagaRegistry<W> {
    fn default() -> Self {
        SagaRegistry::new()
    }
}

impl<W: fmt::Debug + Send + Sync + 'static> SagaRegistry<W> {
    pub fn new() -> SagaRegistry<W> {
        SagaRegistry { actions: Arc::new(ActionRegistry::new()), kinds: BTreeMap::new() }
    }

    /// Registers a kind of saga; everything that could be wrong with its declaration is found here.
    pub fn register<S: Saga<World = W>>(&mut self) -> Result<(), DefinitionError> {
        let key = SagaKey { name: S::NAME.to_owned(), version: S::VERSION };
        if self.kinds.contains_key(&key) {
            return Err(DefinitionError::Twice(S::NAME, S::VERSION));
        }
        let mut builder = DagBuilder::new(SagaName::new(S::NAME));
        let mut seen = std::collections::BTreeSet::new();
        for stage in Steps::<S>::of().stages {
            let mut nodes = Vec::new();
            for declared in stage {
                if !seen.insert(declared.name) {
                    return Err(DefinitionError::StepTwice(S::NAME, declared.name));
                }
                let name = ActionName::new(format!("{}.v{}.{}", S::NAME, S::VERSION, declared.name));
                let action = StepAction { name, declared };
                let deeds =
                    Deeds { act: action.declared.act.is_some(), undo: action.declared.undo.is_some() };
                nodes.push(Node::action(action.declared.name, deeds.label(), &action));
                Arc::get_mut(&mut self.actions)
                    .expect("only an engine shares the actions, and it owns its registry")
                    .register(Arc::new(action) as Arc<dyn Action<SagaKind<W>>>);
            }
            builder.append_parallel(nodes);
        }
        let dag = builder.build().map_err(|e| DefinitionError::Shape(S::NAME, e.to_string()))?;
        let shape = stored(&dag, Value::Null).and_then(|dag| DagShape::of(&dag));
        let shape = Arc::new(shape.map_err(|e| DefinitionError::Shape(S::NAME, e))?);
        self.kinds.insert(key, Kind { dag, shape });
        Ok(())
    }

    /// The registered kinds, in order.
    pub fn names(&self) -> Vec<SagaKey> {
        self.kinds.keys().cloned().collect()
    }

    /// The steps of a kind with their numbers in the log; `None` if it isn't registered.
    pub fn nodes(&self, name: &str, version: i32) -> Option<Vec<NodeInfo>> {
        Some(self.kinds.get(&SagaKey { name: name.to_owned(), version })?.shape.nodes())
    }

    /// Makes a saga of kind `S` ready to be inserted under `id`. Touches no database.
    pub fn prepare<S: Saga<World = W>>(
        &self,
        id: Uuid,
        params: &S::Params,
        about: About,
    ) -> Result<PreparedSaga, PrepareError> {
        let key = SagaKey { name: S::NAME.to_owned(), version: S::VERSION };
        let kind = self.kinds.get(&key).ok_or(PrepareError::Unknown(S::NAME, S::VERSION))?;
        let params =
            serde_json::to_value(params).map_err(|e| PrepareError::Params(S::NAME, e.to_string()))?;
        if crate::step_error::contains_nul(&params) {
            return Err(PrepareError::Params(S::NAME, "they hold a NUL, which jsonb can't".to_owned()));
        }
        let dag = Arc::new(stored(&kind.dag, params).map_err(|e| PrepareError::Params(S::NAME, e))?);
        Ok(PreparedSaga { id, key, dag, shape: Arc::clone(&kind.shape), about })
    }

    pub(crate) fn knows(&self, key: &SagaKey) -> bool {
        self.kinds.contains_key(key)
    }
}

/// The DAG with its parameters, as it is stored.
fn stored(dag: &Dag, params: Value) -> Result<Value, String> {
    serde_json::to_value(SagaDag::new(dag.clone(), params)).map_err(|e| e.to_string())
}
