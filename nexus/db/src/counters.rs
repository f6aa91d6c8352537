//! How many transactions and round trips this process has made, by the name its rooms give them.
//!
//! The bench lists them; a start that becomes chattier is seen there. Counted by what each connection is told to
//! run, so nothing is left out.

use diesel::connection::InstrumentationEvent;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Name under which everything is counted that runs on a connection outside of [`crate::Db`]'s own functions.
pub const UNNAMED: &str = "(unnamed)";

/// What was done under one name since the process began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Transactions begun, single statements included; also those that were rolled back or repeated.
    pub transactions: u64,
    /// Waits for the server: BEGIN, COMMIT, each statement, and each preparation of one.
    pub round_trips: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Counter {
    transactions: AtomicU64,
    round_trips: AtomicU64,
}

impl Counter {
    pub(crate) fn transaction(&self) {
        self.transactions.fetch_add(1, Ordering::Relaxed);
    }

    fn count(&self) -> Count {
        Count {
            transactions: self.transactions.load(Ordering::Relaxed),
            round_trips: self.round_trips.load(Ordering::Relaxed),
        }
    }
}

static COUNTERS: Mutex<BTreeMap<&'static str, Arc<Counter>>> = Mutex::new(BTreeMap::new());

pub(crate) fn counter(name: &'static str) -> Arc<Counter> {
    let mut all = COUNTERS.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(all.entry(name).or_default())
}

/// The counter of a name that is made at run time. Such names come from the code (a saga's and its step's), so the few
/// that there are may stay for ever.
fn counter_of(name: &str) -> Arc<Counter> {
    let known = |all: &BTreeMap<&'static str, Arc<Counter>>| all.get(name).cloned();
    if let Some(counter) = known(&COUNTERS.lock().unwrap_or_else(PoisonError::into_inner)) {
        return counter;
    }
    counter(Box::leak(name.to_owned().into_boxed_str()))
}

/// From now on what this connection does is counted under `name`, until [`crate::Db`] lends it under another one. For
/// who takes connections from the pool itself.
pub fn count_as(conn: &mut AsyncPgConnection, name: &str) {
    conn.set_instrumentation(instrument(counter_of(name)));
}

pub(crate) fn all() -> BTreeMap<&'static str, Count> {
    let all = COUNTERS.lock().unwrap_or_else(PoisonError::into_inner);
    all.iter().map(|(name, counter)| (*name, counter.count())).collect()
}

/// What a connection calls at each step while it works under this counter's name.
pub(crate) fn instrument(counter: Arc<Counter>) -> impl Fn(InstrumentationEvent<'_>) + Send + 'static {
    move |event| match event {
        InstrumentationEvent::StartQuery { .. } | InstrumentationEvent::CacheQuery { .. } => {
            counter.round_trips.fetch_add(1, Ordering::Relaxed);
        }
        InstrumentationEvent::BeginTransaction { depth, .. } if depth.get() == 1 => counter.transaction(),
        _ => {}
    }
}
