//! Nexus: the only owner of instance records. Replicated, all active, stateless over PostgreSQL.
//!
//! ```text
//! users ─▶ http ─▶ app ──┬──▶ db, plan ◀──┬── reports ◀─ http ◀─ sleds
//!                        └─▶ sagas ◀──────┘
//!              background ──▲   └─▶ agents ─▶ sleds
//! ```
//! Each room's module doc says what it may use and what is deliberately not in it; `cargo xtask tidy` checks the
//! directions.

pub mod agents;
pub mod app;
pub mod background;
pub mod config;
pub mod console;
pub mod context;
pub mod http;
pub mod program;
pub mod reports;
pub mod rooms;
pub mod sagas;
pub mod server;
mod sled_page;
mod sled_rows;
pub mod start_up;
pub mod wake;
pub mod world;
