//! The front of the store: which appends wait until they are durable, and which may be lazy.
//!
//! Per saga the durable log is always a prefix of what happened. `Started` and `UndoStarted` of a step are durable,
//! and their ownership checked, before its deed runs (if it has one in that direction); the end of a saga is durable before anyone sees it. All else is
//! acknowledged at once and rides, in order, with the saga's next durable append, or goes by itself after a few
//! milliseconds so that a long step doesn't keep its sibling's success volatile.

use crate::counters::Counters;
use crate::outcome::Outcome;
use crate::registry::PreparedSaga;
use crate::run::{Run, Shared};
use serde_json::Value;
use std::future::pending;
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use uuid::Uuid;

/// One thing to be written about a saga.
#[derive(Debug, Clone)]
pub(crate) enum Entry {
    Event {
        node: u32,
        kind: &'static str,
        data: Option<Value>,
    },
    /// It unwinds: a hint for lists; the log knows by itself.
    Unwinding,
    End(Outcome),
}

/// Entries acknowledged but not yet on their way.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    entries: Vec<Entry>,
    /// When the first of them came, if any is here.
    since: Option<Instant>,
    /// The task that sends lazy entries off has this saga in view, and will look again.
    watched: bool,
}

/// Entries of one saga on their way to the database.
#[derive(Debug)]
pub(crate) struct Append {
    pub run: Arc<Run>,
    pub entries: Vec<Entry>,
    /// Answered once durable; dropped unanswered if the saga isn't ours.
    pub durable: Option<oneshot::Sender<()>>,
}

/// A message to a writer.
#[derive(Debug)]
pub(crate) enum Order {
    Append(Append),
    Create(PreparedSaga, oneshot::Sender<()>),
}

/// Gives appends to the writers, by saga, so that one saga's appends keep their order.
#[derive(Debug)]
pub(crate) struct Journal {
    shared: Arc<Shared>,
    writers: Vec<mpsc::UnboundedSender<Order>>,
    lazy: mpsc::UnboundedSender<Arc<Run>>,
}

impl Journal {
    /// `writers` take the orders; lazy entries are sent off after `flush_after`.
    pub fn new(
        shared: Arc<Shared>,
        writers: Vec<mpsc::UnboundedSender<Order>>,
        flush_after: Duration,
    ) -> Arc<Journal> {
        let (lazy, waiting) = mpsc::unbounded_channel();
        let journal = Arc::new(Journal { shared, writers, lazy });
        tokio::spawn(flush_lazy(Arc::clone(&journal), waiting, flush_after));
        journal
    }

    /// Writes an entry. Returns at once if it may be lazy, else when it is durable; never, if the saga isn't ours
    /// or the engine is dead.
    pub async fn record(&self, run: &Arc<Run>, entry: Entry, must_be_durable: bool) {
        if run.is_over() {
            return pending().await;
        }
        let dies = self.shared.faults.dies_with_this_append();
        let Some(durable) = self.enqueue(run, entry, must_be_durable || dies) else { return };
        Counters::add(&self.shared.counters.durable_waits);
        if durable.await.is_err() {
            return pending().await;
        }
        if dies {
            self.shared.die().await;
        }
    }

    /// Creates a saga that no transaction of a caller carries, together with others.
    ///
    /// Returns false if the engine died meanwhile.
    pub async fn create(&self, saga: PreparedSaga) -> bool {
        let (durable, waiting) = oneshot::channel();
        Counters::add(&self.shared.counters.durable_waits);
        self.send(saga.id, Order::Create(saga, durable));
        waiting.await.is_ok()
    }

    fn enqueue(&self, run: &Arc<Run>, entry: Entry, durable: bool) -> Option<oneshot::Receiver<()>> {
        // The lock is held across the send: the order of entries is the order of appends.
        let mut waiting = run.pending.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.entries.push(entry);
        if !durable {
            waiting.since.get_or_insert_with(Instant::now);
            if !std::mem::replace(&mut waiting.watched, true) {
                // Fails only when the engine is going down.
                let _ = self.lazy.send(Arc::clone(run));
            }
            return None;
        }
        let (sender, receiver) = oneshot::channel();
        self.send_off(run, &mut waiting, Some(sender));
        Some(receiver)
    }

    fn send_off(&self, run: &Arc<Run>, waiting: &mut Pending, durable: Option<oneshot::Sender<()>>) {
        waiting.since = None;
        let entries = std::mem::take(&mut waiting.entries);
        self.send(run.id, Order::Append(Append { run: Arc::clone(run), entries, durable }));
    }

    fn send(&self, id: Uuid, order: Order) {
        let writer = (id.as_u128() % self.writers.len() as u128) as usize;
        // A closed channel means that the engine is dead; the order's waiter then never hears of it.
        let _ = self.writers[writer].send(order);
    }
}

/// Sends off what has been lazy for `flush_after`.
///
/// While it sleeps nobody wakes it: what becomes lazy meanwhile is due later than what it sleeps for. So a step's
/// success costs no task a turn, and sagas that go on quickly are looked at once in a while, not at each event.
async fn flush_lazy(
    journal: Arc<Journal>,
    mut waiting: mpsc::UnboundedReceiver<Arc<Run>>,
    flush_after: Duration,
) {
    let shared = Arc::clone(&journal.shared);
    // Only a weak hold, so that the engine's end ends this task.
    let journal = {
        let weak = Arc::downgrade(&journal);
        drop(journal);
        weak
    };
    let mut watched = Vec::new();
    loop {
        if watched.is_empty() {
            let run = tokio::select! {
                () = shared.dead.fired() => return,
                run = waiting.recv() => run,
            };
            let Some(run) = run else { return };
            watched.push(run);
        }
        while let Ok(run) = waiting.try_recv() {
            watched.push(run);
        }
        let Some(journal) = journal.upgrade() else { return };
        let mut next = None;
        watched.retain(|run| {
            let due = journal.flush_if_due(run, flush_after);
            next = next.into_iter().chain(due).min();
            due.is_some()
        });
        drop(journal);
        if let Some(next) = next {
            tokio::time::sleep_until(next).await;
        }
    }
}

impl Journal {
    /// Sends off what is lazy for long enough. When to look again; never, if nothing is left to look for.
    fn flush_if_due(&self, run: &Arc<Run>, flush_after: Duration) -> Option<Instant> {
        let mut pending = run.pending.lock().unwrap_or_else(PoisonError::into_inner);
        let due = pending.since.map(|since| since + flush_after).filter(|_| !run.is_over());
        if due.is_some_and(|due| due > Instant::now()) {
            return due;
        }
        pending.watched = false;
        if due.is_some() {
            Counters::add(&self.shared.counters.lazy_flushes);
            self.send_off(run, &mut pending, None);
        }
        None
    }
}
