//! Handing a saga to an executor, and what is left to do at its end.

use crate::counters::Counters;
use crate::engine::Inner;
use crate::executor::Executor;
use crate::outcome::Outcome;
use crate::run::{Run, RunContext, Ticket};
use crate::shape::DagShape;
use futures::FutureExt;
use newtype_uuid::GenericUuid;
use slog::error;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use steno::{SagaId, SagaNodeEvent};
use uuid::Uuid;

impl<W: fmt::Debug + Send + Sync + 'static> Inner<W> {
    /// Reserves a saga for being taken up; `None` if it runs already.
    pub fn reserve(&self, id: Uuid) -> Option<Arc<Ticket>> {
        self.tickets.take(id).ok()
    }

    /// Gives up a reservation.
    pub fn release(&self, ticket: &Arc<Ticket>) {
        self.tickets.remove(ticket);
        ticket.resolve(Outcome::Lost);
    }

    /// Hands a saga to an executor and has its end waited for. Errors as of [`Inner::begin`].
    pub async fn launch(
        &self,
        ticket: Arc<Ticket>,
        adoption_gen: i64,
        dag: serde_json::Value,
        log: Vec<SagaNodeEvent>,
    ) -> Result<(), String> {
        let end = self.begin(ticket, adoption_gen, dag, None, log).await?;
        tokio::spawn(end);
        Ok(())
    }

    /// Hands a saga to an executor; what it returns waits for the saga's end, and must be run. `shape` is read from
    /// the DAG unless it is known. Errors: its DAG or its log can't be followed (already logged).
    pub async fn begin(
        &self,
        ticket: Arc<Ticket>,
        adoption_gen: i64,
        dag: serde_json::Value,
        shape: Option<Arc<DagShape>>,
        log: Vec<SagaNodeEvent>,
    ) -> Result<impl Future<Output = ()> + Send + use<W>, String> {
        let begun = self.try_begin(&ticket, adoption_gen, dag, shape, log).await;
        if let Err(cause) = &begun {
            Counters::add(&self.shared.counters.alarms);
            error!(self.shared.log, "ALARM: saga can't be run"; "saga" => %ticket.id, "cause" => cause);
            self.release(&ticket);
        }
        begun
    }

    async fn try_begin(
        &self,
        ticket: &Arc<Ticket>,
        adoption_gen: i64,
        dag: serde_json::Value,
        shape: Option<Arc<DagShape>>,
        log: Vec<SagaNodeEvent>,
    ) -> Result<impl Future<Output = ()> + Send + use<W>, String> {
        let shape = match shape {
            Some(shape) => shape,
            None => Arc::new(DagShape::of(&dag)?),
        };
        let run = Run::new(Arc::clone(&self.shared), Arc::clone(ticket), adoption_gen, shape);
        for event in &log {
            run.note(u32::from(event.node_id), &event.event_type);
        }
        let executor = self.executors.admit(&run);
        let context = Arc::new(RunContext { run: Arc::clone(&run), world: Arc::clone(&self.world) });
        let id = SagaId::from_untyped_uuid(run.id);
        let actions = Arc::clone(&self.registry.actions);
        let resuming = async {
            let ended = executor.client().saga_resume(id, context, dag, actions, log).await?;
            executor.client().saga_start(id).await?;
            anyhow::Ok(ended)
        };
        // Steno panics where it finds its own state impossible: that must not take a saga's waiters with it.
        let resumed = AssertUnwindSafe(resuming).catch_unwind().await.unwrap_or_else(|_| {
            executor.broke();
            Err(anyhow::anyhow!("its executor panicked"))
        });
        let ended = match resumed {
            Ok(ended) => ended,
            Err(cause) => {
                executor.finished();
                executor.store.forget(run.id);
                return Err(format!("{cause:#}"));
            }
        };
        let tickets = Arc::clone(&self.tickets);
        Ok(async move {
            tokio::select! {
                biased;
                ended = AssertUnwindSafe(ended).catch_unwind() => {
                    if ended.is_err() {
                        executor.broke();
                        Counters::add(&run.shared.counters.alarms);
                        run.lose("ALARM: its executor panicked");
                    } else {
                        finish(&run, &executor);
                    }
                }
                () = run.over() => run.ticket.resolve(Outcome::Lost),
            }
            tickets.remove(&run.ticket);
            executor.store.forget(run.id);
        })
    }
}

/// A saga came to its end, and its end is durable.
fn finish(run: &Run, executor: &Executor) {
    let (outcome, counters) = (run.outcome(), &run.shared.counters);
    Counters::add(if matches!(outcome, Outcome::Stuck(_)) { &counters.stuck } else { &counters.finished });
    run.ticket.resolve(outcome);
    executor.finished();
}
