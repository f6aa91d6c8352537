//! The doors of nexus: parse, authenticate, call one function of `app` or `reports`, translate the answer.
//!
//! ```text
//!  TLS front ─ PeerTable ─> public.rs   ─ door.rs: who asks? ─> <noun>.rs ─> app::<noun>
//!                           internal.rs ─ sled_door.rs       ──────────────> app, reports
//! ```
//!
//! Invariants:
//! - A request that did not come through the TLS front is refused, whatever it carries.
//! - What a client sent is opened by a [`door::Door`] only, and only [`door::answer`] makes one, after it has
//!   authenticated: no door can forget to.
//! - Every refusal becomes a response in one place ([`refusal`]), with the id of its request.
//! - Every request that changes something leaves an audit line: who, what, on what, with which outcome. No secrets.
//!
//! Deliberately not here: decisions, and anything about the database.

pub mod context;
pub mod door;
pub mod headers;
pub mod internal;
pub mod public;
pub mod refusal;
pub mod sled_door;

mod disk;
mod event;
mod image;
mod image_body;
mod instance;
mod instance_moves;
mod join_token;
mod metrics;
mod operation;
mod project;
mod role;
mod saga;
mod sled;
mod system;
mod token;
mod user;
