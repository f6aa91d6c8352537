//! The public contract of Berth: the HTTP API of users and operators, as a dropshot trait and its wire types, one
//! file per noun. Its OpenAPI document is `nexus.json` beside this crate; a test compares them.
//!
//! Rules that hold for every endpoint:
//! - Every resource is addressed by name or id ([`name_or_id`]): a name needs its `project`, an id forbids it.
//! - Lists are keyset pages with opaque tokens ([`page`]).
//! - Changes of an instance's or disk's life answer with an [`operation::Operation`]: 202 if work was accepted, 200
//!   if it was so already ([`answer`]).
//! - Creation takes `Idempotency-Key`, updates take `If-Match` with the generation ([`headers`]).
//! - Every error has one shape ([`error`]); its codes are `berth_common::refusal::ErrorCode`.
//! - What a client sent is handed over unopened ([`asked`]), so that a door can say 401 before it says 400.
//!
//! Deliberately not here: who may do what (the doors' and `app`'s business), and anything a server needs to know.

pub mod answer;
pub mod api;
pub mod asked;
pub mod duration;
pub mod error;
pub mod headers;
pub mod limits;
pub mod name_or_id;
pub mod openapi;
pub mod page;

pub mod check;
pub mod disk;
pub mod event;
pub mod explain;
pub mod image;
pub mod instance;
pub mod join_token;
pub mod nexus;
pub mod operation;
pub mod pool;
pub mod project;
pub mod role;
pub mod saga;
pub mod serial;
pub mod sled;
pub mod system;
pub mod token;
pub mod user;

pub use api::{NexusApi, nexus_api_mod};
pub use error::ApiError;
pub use name_or_id::NameOrId;
pub use page::Page;
