//! The records: tables, rows, and every query, as free functions on a connection.
//!
//! For whom: the rooms of nexus, from `app` to `background`. They ask [`Db`] for a transaction (or a single statement)
//! by name, and call what they need on its connection; so one transaction is composed of queries of several nouns, and
//! nothing here begins or ends one behind its caller's back.
//!
//! ```text
//! db.transaction("disk_create", async |conn| {
//!     match idempotency::claim(conn, &keyed).await? { … }
//!     match disk::create(conn, &new).await? { … }        one file per noun
//!     operation::insert(conn, &operation).await?;
//!     event::insert(conn, &events).await
//! })
//! ```
//!
//! - A refusal is a value (`DiskCreation::PoolFull`, [`Guarded::Stale`]); an error is the database's ([`DbError`]).
//! - [`db`], [`connection`]: bounded waits, COMMITs that are never cut off, repetition where others were in the way.
//! - [`counters`]: transactions and round trips by name.
//! - [`fixed`]: statements that a connection prepares once.
//! - [`lifecycle`]: the guarded writes of an instance's life, for sagas and reports.
//! - [`check`](mod@check): every invariant that rows can tell. [`migrate`]: how the schema gets there.
//!
//! Invariants
//! - Who adds to a sum locks the row it is counted against: project, then instance, then pool or disk, then sled.
//! - A write that was planned on something names its generation, and says if it came too late.
//! - No clock but the database's. No list without a keyset index and a limit.
//!
//! Deliberately not here: decisions (`berth_plan`), HTTP, and the saga store's own tables.

pub mod attachment;
pub mod check;
pub mod cluster;
pub mod connection;
pub mod counters;
pub mod db;
pub mod disk;
pub mod error;
pub mod event;
pub mod event_newest;
pub mod fixed;
pub mod gauges;
pub mod guarded;
pub mod idempotency;
mod ids;
pub mod image;
pub mod image_file;
pub mod join_token;
pub mod lifecycle;
pub mod migrate;
pub mod models;
pub mod nexus;
pub mod operation;
pub mod page;
pub mod pool;
pub mod project;
pub mod quota;
pub mod retention;
pub mod role;
pub mod saga_release;
pub mod sled;
pub mod sled_admission;
pub mod sled_join;
pub mod sled_register;
pub mod sled_vmms;
pub mod tables;
pub mod task;
pub mod token;
pub mod user;

pub use db::Db;
pub use error::{DbError, DbResult, TxnError};
pub use guarded::Guarded;
