//! The request's own time: authorise, read facts, ask the planner, write intent and operation, begin work, answer.
//!
//! One file per verb where a verb has something to decide, one per noun where it doesn't. Invariants:
//! - A refused request changes nothing: whatever is refused is refused before, or rolled back with, the transaction
//!   that accepts.
//! - What was accepted is durable before it is answered, and needs nobody who accepted it.
//! - Whoever may not see a thing is told that it doesn't exist.
//!
//! May use: `db`, `plan`, the beginning of sagas, `wake`. Not here: HTTP, calls that move VMMs.

mod access_event;
pub mod actor;
pub mod authenticate;
pub mod authorise;
pub mod disk;
pub mod disk_answer;
pub mod disk_create;
pub mod disk_delete;
pub mod error;
pub mod event;
pub mod find;
pub mod first_admin;
pub mod idempotent;
pub mod image;
pub mod image_file;
pub mod image_format;
pub mod image_upload;
pub mod instance_answer;
pub mod instance_create;
pub mod instance_decide;
pub mod instance_delete;
pub mod instance_event;
pub mod instance_explain;
pub mod instance_force_stop;
pub mod instance_list;
pub mod instance_migrate;
pub mod instance_reboot;
pub mod instance_serial;
pub mod instance_start;
pub mod instance_stop;
pub mod instance_update;
pub mod instance_view;
pub mod join_token;
pub mod metrics;
mod migration_view;
pub mod operation;
pub mod page;
pub mod pool;
pub mod project;
mod project_event;
pub mod quota;
pub mod role;
pub mod saga;
pub mod secret;
pub mod sled;
pub mod sled_explain;
pub mod sled_join;
pub mod sled_metrics;
pub mod sled_planned_down;
pub mod sled_register;
pub mod system;
pub mod token;
pub mod unreadable;
pub mod user;
pub mod wait;
