//! One run of a saga by this engine: from taking it up under an adoption generation to its end, or its loss.

use crate::counters::Counters;
use crate::faults::Faults;
use crate::journal::Pending;
use crate::outcome::{Outcome, SagaFailure, SagaHandle};
use crate::shape::DagShape;
use crate::signal::Signal;
use crate::step_error::StepError;
use diesel_async::AsyncPgConnection;
use diesel_async::pooled_connection::deadpool::Pool;
use serde_json::Value;
use slog::{Logger, warn};
use std::collections::BTreeMap;
use std::fmt;
use std::future::pending;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use steno::{ActionError, SagaNodeEventType, UndoActionError};
use tokio::sync::watch;
use uuid::Uuid;

/// What all runs of an engine share.
pub(crate) struct Shared {
    pub owner: Uuid,
    pub log: Logger,
    pub pool: Pool<AsyncPgConnection>,
    pub commit_limit: Duration,
    pub counters: Counters,
    pub faults: Faults,
    pub naming: fn(&mut AsyncPgConnection, &str),
    /// Fired when the engine is dropped, or died by a fault: nothing it began goes on.
    pub dead: Signal,
    /// How many sagas were lost; whoever must exit then watches it.
    pub lost: watch::Sender<u64>,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("owner", &self.owner).finish_non_exhaustive()
    }
}

impl Shared {
    /// Dies as a killed process would, and never returns.
    pub async fn die(&self) -> ! {
        self.dead.fire();
        pending::<()>().await;
        unreachable!("pending never ends")
    }
}

/// Where waiters for a saga stand; exists from before the saga is taken up.
#[derive(Debug)]
pub(crate) struct Ticket {
    pub id: Uuid,
    outcome: watch::Sender<Option<Outcome>>,
}

impl Ticket {
    pub fn new(id: Uuid) -> Arc<Ticket> {
        Arc::new(Ticket { id, outcome: watch::Sender::new(None) })
    }

    pub fn handle(&self) -> SagaHandle {
        SagaHandle { id: self.id, outcome: self.outcome.subscribe() }
    }

    /// The first outcome stays.
    pub fn resolve(&self, outcome: Outcome) {
        self.outcome.send_if_modified(|known| {
            let first = known.is_none();
            if first {
                *known = Some(outcome);
            }
            first
        });
    }
}

/// What the log of a run says about how it will end.
#[derive(Debug, Default)]
struct Ending {
    failed: BTreeMap<u32, StepError>,
    undo_failed: BTreeMap<u32, String>,
    output: Option<Arc<Value>>,
}

#[derive(Debug)]
pub(crate) struct Run {
    pub id: Uuid,
    pub adoption_gen: i64,
    pub shape: Arc<DagShape>,
    pub shared: Arc<Shared>,
    pub ticket: Arc<Ticket>,
    pub pending: Mutex<Pending>,
    ending: Mutex<Ending>,
    stopped: Signal,
}

impl Run {
    pub fn new(
        shared: Arc<Shared>,
        ticket: Arc<Ticket>,
        adoption_gen: i64,
        shape: Arc<DagShape>,
    ) -> Arc<Run> {
        Arc::new(Run {
            id: ticket.id,
            adoption_gen,
            shape,
            shared,
            ticket,
            pending: Mutex::default(),
            ending: Mutex::default(),
            stopped: Signal::new(),
        })
    }

    /// Returns when nothing of this run may go on: it is lost, or its engine is dead.
    pub async fn over(&self) {
        tokio::select! {
            () = self.stopped.fired() => {}
            () = self.shared.dead.fired() => {}
        }
    }

    pub fn is_over(&self) -> bool {
        self.stopped.is_fired() || self.shared.dead.is_fired()
    }

    /// This saga isn't ours: its waiters wake, its steps stop, nothing of it is written any more.
    pub fn lose(&self, why: &str) {
        if !self.stopped.fire() {
            return;
        }
        Counters::add(&self.shared.counters.lost);
        warn!(self.shared.log, "saga lost"; "saga" => %self.id, "adoption_gen" => self.adoption_gen, "why" => why);
        self.shared.lost.send_modify(|lost| *lost += 1);
        self.ticket.resolve(Outcome::Lost);
    }

    /// Takes note of an event of the log that bears on the saga's outcome.
    pub fn note(&self, node: u32, event: &SagaNodeEventType) {
        let mut ending = self.ending.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            SagaNodeEventType::Failed(error) => {
                ending.failed.insert(node, step_error_of(error));
            }
            SagaNodeEventType::UndoFailed(UndoActionError::PermanentFailure { source_error }) => {
                let text = source_error.get("message").and_then(Value::as_str);
                ending.undo_failed.insert(node, text.map_or_else(|| source_error.to_string(), str::to_owned));
            }
            SagaNodeEventType::Succeeded(value) if node == self.shape.output_node => {
                ending.output = Some(Arc::clone(value));
            }
            SagaNodeEventType::Started
            | SagaNodeEventType::Succeeded(_)
            | SagaNodeEventType::UndoStarted
            | SagaNodeEventType::UndoFinished => {}
        }
    }

    /// The outcome of a saga that steno calls done. Steno says so of a stuck one too.
    pub fn outcome(&self) -> Outcome {
        let ending = self.ending.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((node, error)) = ending.failed.iter().next() else {
            return Outcome::Done(ending.output.as_deref().cloned().unwrap_or(Value::Null));
        };
        let undo =
            ending.undo_failed.iter().next().map(|(node, text)| (self.shape.name(*node), text.clone()));
        let stuck = undo.is_some();
        let failure = SagaFailure { step: self.shape.name(*node), error: error.clone(), undo };
        if stuck { Outcome::Stuck(failure) } else { Outcome::Failed(failure) }
    }
}

fn step_error_of(error: &ActionError) -> StepError {
    match error.clone().convert::<StepError>() {
        Ok(error) => error,
        Err(other) => StepError::new(other.to_string()),
    }
}

/// What steno hands to the steps of one run.
#[derive(Debug)]
pub(crate) struct RunContext<W> {
    pub run: Arc<Run>,
    pub world: Arc<W>,
}
