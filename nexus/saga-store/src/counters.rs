//! What the store and the engine count. Counts may be asserted strictly; they are also what `/metrics` shows.

use std::sync::atomic::{AtomicU64, Ordering};

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident,)+) => {
        /// Live counters of one engine.
        #[derive(Debug, Default)]
        pub(crate) struct Counters { $(pub $name: AtomicU64,)+ }

        /// The counters at one moment.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct CounterValues { $($(#[$doc])* pub $name: u64,)+ }

        impl Counters {
            pub fn values(&self) -> CounterValues {
                CounterValues { $($name: self.$name.load(Ordering::Relaxed),)+ }
            }
        }

        impl CounterValues {
            /// Names with their values, in a fixed order.
            pub fn named(&self) -> Vec<(&'static str, u64)> {
                vec![$((stringify!($name), self.$name),)+]
            }

            /// What was counted since `earlier`.
            pub fn since(&self, earlier: &CounterValues) -> CounterValues {
                CounterValues { $($name: self.$name - earlier.$name,)+ }
            }
        }
    };
}

counters! {
    /// Sagas begun through this engine.
    started,
    /// Sagas taken up from the database: own ones at start, adopted ones, retried ones.
    resumed,
    /// Sagas that came to their end, well or unwound.
    finished,
    /// Sagas whose undo failed.
    stuck,
    /// Sagas that turned out to belong to another.
    lost,
    /// Things that must not happen: another payload under a used key, a log that can't be read.
    alarms,
    /// Transactions the writers committed.
    commits,
    /// Events and state changes those held.
    appends,
    /// How often a saga had to wait for one of them.
    durable_waits,
    /// Commits that were made only because lazy events had waited long enough.
    lazy_flushes,
    /// Sagas in the fullest commit.
    largest_batch,
    /// Times a writer lost its connection or a write failed and was repeated.
    writer_retries,
    /// Fenced transactions of steps that had to be repeated.
    txn_retries,
    /// Executors that were replaced.
    rotations,
}

impl Counters {
    pub fn add(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }
}
