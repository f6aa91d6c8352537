//! Steno's view of the store: one per executor, over the engine's one journal.
//!
//! Sagas are never created through it: their rows are inserted by their callers, and steno only ever resumes.

use crate::context::Direction;
use crate::journal::{Entry, Journal};
use crate::outcome::Outcome;
use crate::run::Run;
use newtype_uuid::GenericUuid;
use std::collections::HashMap;
use std::future::pending;
use std::sync::{Arc, Mutex, PoisonError};
use steno::{SagaCachedState, SagaCreateParams, SagaId, SagaNodeEvent, SagaNodeEventType, SecStore};
use uuid::Uuid;

/// The runs of one executor. A saga comes at most once into an executor, so its id names the run.
#[derive(Debug)]
pub(crate) struct RunStore {
    journal: Arc<Journal>,
    runs: Mutex<HashMap<Uuid, Arc<Run>>>,
}

impl RunStore {
    pub fn new(journal: Arc<Journal>) -> RunStore {
        RunStore { journal, runs: Mutex::default() }
    }

    pub fn admit(&self, run: &Arc<Run>) {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner).insert(run.id, Arc::clone(run));
    }

    pub fn forget(&self, id: Uuid) {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }

    fn run(&self, id: SagaId) -> Option<Arc<Run>> {
        let id = id.into_untyped_uuid();
        self.runs.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }
}

#[async_trait::async_trait]
impl SecStore for RunStore {
    async fn saga_create(&self, params: SagaCreateParams) -> Result<(), anyhow::Error> {
        anyhow::bail!("saga {} must be created by inserting its row, not through the executor", params.id)
    }

    async fn record_event(&self, event: SagaNodeEvent) {
        let Some(run) = self.run(event.saga_id) else { return pending().await };
        let node = u32::from(event.node_id);
        run.note(node, &event.event_type);
        let must_be_durable = match event.event_type {
            SagaNodeEventType::Started => run.shape.has_deed(node, Direction::Forward),
            SagaNodeEventType::UndoStarted => run.shape.has_deed(node, Direction::Undo),
            SagaNodeEventType::Succeeded(_)
            | SagaNodeEventType::Failed(_)
            | SagaNodeEventType::UndoFinished
            | SagaNodeEventType::UndoFailed(_) => false,
        };
        let entry = Entry::Event { node, kind: event.event_type.label(), data: data_of(event.event_type) };
        self.journal.record(&run, entry, must_be_durable).await;
    }

    async fn saga_update(&self, id: SagaId, update: SagaCachedState) {
        let Some(run) = self.run(id) else { return pending().await };
        match update {
            SagaCachedState::Running => {}
            SagaCachedState::Unwinding => self.journal.record(&run, Entry::Unwinding, false).await,
            SagaCachedState::Done => {
                let outcome: Outcome = run.outcome();
                self.journal.record(&run, Entry::End(outcome), true).await;
            }
        }
    }
}

/// An event's payload as it is stored.
fn data_of(event: SagaNodeEventType) -> Option<serde_json::Value> {
    match event {
        SagaNodeEventType::Started | SagaNodeEventType::UndoStarted | SagaNodeEventType::UndoFinished => None,
        SagaNodeEventType::Succeeded(value) => Some(Arc::unwrap_or_clone(value)),
        // Both are plain enums of strings and JSON values, which always have a JSON form.
        SagaNodeEventType::Failed(error) => Some(serde_json::json!(error)),
        SagaNodeEventType::UndoFailed(error) => Some(serde_json::json!(error)),
    }
}
