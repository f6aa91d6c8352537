//! The way back: what sleds say about their VMMs.
//!
//! ```text
//! report ─▶ store what is newer (one statement, one transaction) ─▶ verdicts ─▶ answer
//!                     └─ something linked ended ─▶ begin the update saga, never wait for it
//! ```
//! Invariants:
//! - A report that changes nothing costs one transaction, however many VMMs it names.
//! - What is stored is stored if newer, and a VMM that ended stays as it ended: twice, late and out of order are harmless.
//! - A saga that couldn't be begun here (this nexus is at its end, the lock is taken) is begun by whoever looks next.
//!
//! Not here: deciding what an instance needs (`berth_plan::follow_up`), pulling what wasn't pushed (`background`).

pub mod sled_report;
