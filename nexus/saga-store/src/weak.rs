//! A reference to an engine that doesn't keep it: for the world its sagas share, which the engine itself holds.

use crate::engine::{Inner, SagaEngine};
use std::fmt;
use std::sync::Weak;

/// Doesn't keep the engine alive, so that dropping the last [`SagaEngine`] still ends everything.
pub struct WeakSagaEngine<W: fmt::Debug + Send + Sync + 'static>(Weak<Inner<W>>);

impl<W: fmt::Debug + Send + Sync + 'static> fmt::Debug for WeakSagaEngine<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WeakSagaEngine")
    }
}

impl<W: fmt::Debug + Send + Sync + 'static> WeakSagaEngine<W> {
    /// The engine; none once it is gone.
    pub fn upgrade(&self) -> Option<SagaEngine<W>> {
        self.0.upgrade().map(|inner| SagaEngine { inner })
    }
}

impl<W: fmt::Debug + Send + Sync + 'static> SagaEngine<W> {
    /// A reference that doesn't keep the engine.
    pub fn downgrade(&self) -> WeakSagaEngine<W> {
        WeakSagaEngine(std::sync::Arc::downgrade(&self.inner))
    }
}
