//! A private PostgreSQL: found on this machine, made in a directory, started, watched and ended.
//!
//! For whom: nexus (its embedded default), the tests and `xtask`. A server of ours listens on one unix
//! socket in a directory only its owner may enter, never on TCP, and never runs as root.
//!
//! ```text
//!   start ──▶ (data/ missing?) initdb ──▶ (running already?) join
//!                                   └──▶ spawn ──▶ wait until it accepts
//! ```
//!
//! Rooms: [`Binaries`] finds the programs, [`PrivateServer`] is one server, [`Address`] says how to reach
//! it, [`shared_server`] is the one server all test processes of a run share, and [`TestDatabase`] is a
//! database that lives as long as its test.
//!
//! Invariants
//! - One directory, at most one server: starts are serialised by a lock file, the second one joins.
//! - What a killed server left behind (`postmaster.pid`, a half-made data directory) never needs a hand.
//! - A server with an owner ends with it, even if the owner is killed: a guard process sees to that.
//!
//! Not here: SQL types, pools, migrations (they belong to `nexus/db`). SQL that must be run here goes
//! through `psql`, so that this crate stays free of database dependencies and cheap to build.

mod address;
mod binaries;
mod database;
mod identity;
mod pidfile;
mod place;
mod psql;
mod server;
mod shared;
mod spawn;
mod wait;

pub use address::Address;
pub use binaries::Binaries;
pub use database::TestDatabase;
pub use place::reachable_directory;
pub use server::{Lifetime, PrivateServer, ServerOptions, StopMode, stop_at};
pub use shared::{SharedServer, TEST_SERVER_VARIABLE, shared_server, test_settings};
