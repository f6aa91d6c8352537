//! The saga store against a real PostgreSQL: crashes at every append, zombies, loss, stuck sagas, shared commits.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod commits;
mod crashes;
mod creation;
mod failures;
mod fences;
mod operators;
mod outages;
mod support;
mod walk;
