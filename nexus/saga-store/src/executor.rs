//! Steno's executors, replaced in time: an executor never forgets a saga it has run.
//!
//! An executor ends when it was replaced and its last saga is over. With a parked saga in it, it must not be told to
//! shut down (it would spin for ever): it is then left as it is, asleep.

use crate::counters::Counters;
use crate::journal::Journal;
use crate::run::{Run, Shared};
use crate::store::RunStore;
use slog::{Drain, Level, LevelFilter, Logger, o};
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use steno::SecClient;
use uuid::Uuid;

#[derive(Debug)]
pub(crate) struct Executor {
    client: Option<SecClient>,
    pub store: Arc<RunStore>,
    taken: Mutex<HashSet<Uuid>>,
    live: AtomicUsize,
    broken: AtomicBool,
}

impl Executor {
    fn new(log: &Logger, journal: &Arc<Journal>) -> Arc<Executor> {
        let store = Arc::new(RunStore::new(Arc::clone(journal)));
        let client = steno::sec(log.clone(), Arc::clone(&store) as Arc<dyn steno::SecStore>);
        Arc::new(Executor {
            client: Some(client),
            store,
            taken: Mutex::default(),
            live: AtomicUsize::new(0),
            broken: AtomicBool::new(false),
        })
    }

    pub fn client(&self) -> &SecClient {
        self.client.as_ref().expect("the client is taken out only when the executor is dropped")
    }

    /// A saga of this executor came to its end; one that is lost never does.
    pub fn finished(&self) {
        self.live.fetch_sub(1, Ordering::AcqRel);
    }

    /// Steno's task panicked: nothing in it goes on, and it takes nothing more.
    pub fn broke(&self) {
        self.broken.store(true, Ordering::Release);
    }
}

impl Drop for Executor {
    fn drop(&mut self) {
        if self.live.load(Ordering::Acquire) > 0 {
            std::mem::forget(self.client.take());
        }
        // Else dropping the client shuts steno's task down.
    }
}

/// Chooses the executor for each run.
#[derive(Debug)]
pub(crate) struct Executors {
    log: Logger,
    shared: Arc<Shared>,
    journal: Arc<Journal>,
    rotate_after: usize,
    current: Mutex<Arc<Executor>>,
}

impl Executors {
    pub fn new(shared: Arc<Shared>, journal: Arc<Journal>, rotate_after: usize) -> Executors {
        // Steno logs each saga's whole DAG at level info.
        let quiet = LevelFilter::new(shared.log.clone(), Level::Warning).fuse();
        let log = Logger::root(quiet, o!("component" => "steno"));
        let current = Mutex::new(Executor::new(&log, &journal));
        Executors { log, shared, journal, rotate_after, current }
    }

    /// The executor that takes `run`: one that never had a saga of this id.
    pub fn admit(&self, run: &Arc<Run>) -> Arc<Executor> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let mut taken = current.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let unfit = current.broken.load(Ordering::Acquire) || taken.contains(&run.id);
        if unfit || taken.len() >= self.rotate_after {
            drop(taken);
            *current = Executor::new(&self.log, &self.journal);
            Counters::add(&self.shared.counters.rotations);
            taken = current.taken.lock().unwrap_or_else(PoisonError::into_inner);
        }
        taken.insert(run.id);
        drop(taken);
        current.live.fetch_add(1, Ordering::AcqRel);
        current.store.admit(run);
        Arc::clone(&current)
    }
}
