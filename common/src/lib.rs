//! The words of Berth that every room shares: ids, states, generations, names, refusals.
//!
//! No I/O and no clock live here, and none of tokio, diesel or dropshot: whoever depends on this crate learns
//! what things are called and which values they can take, never how they are stored or sent.
//!
//! - [`ids`]: one type of id per noun, so that an instance's id is never taken for a VMM's.
//! - [`vmm`], [`instance`], [`migration`], [`sled`], [`operation`], [`storage`]: the finite states, each with
//!   its list of all values, so that planners can be tested over their whole input.
//! - [`generation`]: counters that only grow.
//! - [`console`]: what is told on a live serial console.
//! - [`name`]: what users may call things. [`span`]: times as they write and read them.
//! - [`role`]: what a user may do.
//! - [`refusal`]: the names of refusals, as they stand in error bodies.

pub mod console;
pub mod generation;
pub mod ids;
pub mod instance;
pub mod migration;
pub mod name;
pub mod operation;
pub mod reboot;
pub mod refusal;
pub mod role;
pub mod sled;
pub mod span;
pub mod storage;
mod text_enum;
pub mod vmm;

pub use generation::Generation;
pub use name::Name;
pub use text_enum::UnknownValue;
