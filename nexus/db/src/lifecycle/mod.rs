//! The rows of an instance's life: what is read to decide, and the guarded writes by which it moves.
//!
//! Who writes what here:
//! - `intent*` columns: [`intent`], called by `app` in the transaction that accepts a request.
//! - `state`, links, `epoch`, `rest`, the updater lock: [`link`] (start), [`migration`] (the target's link), [`update`]
//!   (update saga), [`removal`] (delete) and [`creation`] (create), all called by sagas.
//! - `vmm` rows: made by [`room`], reported by [`report`], ended by nexus only where they never ran or by proof
//!   ([`dead`]).
//!
//! Invariants: every write of an instance's record names the state it expects, bumps `state_gen` and tells apart
//! *changed*, *stale* and *already so*. A VMM row with `ended_by` is never written again.
//!
//! Not here: what is to be written. That is `berth_plan`'s.

pub mod attempt;
pub mod configuration;
pub mod creation;
pub mod dead;
pub mod delivery;
pub mod disk_copy;
pub mod disk_room;
pub mod disk_work;
pub mod intent;
pub mod link;
pub mod machine;
pub mod migration;
pub mod migration_delivery;
pub mod reboot;
pub mod removal;
pub mod report;
pub mod room;
pub mod snapshot;
pub mod text;
pub mod told;
pub mod update;
pub mod view;
pub mod work;
