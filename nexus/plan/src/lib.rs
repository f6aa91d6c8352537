//! Decisions, and nothing else: plain facts in, a plan out.
//!
//! Every function here is pure and total: it reads no clock, no database and no log, waits for nothing and has an
//! answer for each input. `app` asks it before it accepts a request, sagas ask it before they act, background tasks
//! ask it again: what is decided in one place is decided alike everywhere, and can be tested over its whole input.
//!
//! | file | decides |
//! |---|---|
//! | [`start`], [`stop`], [`force_stop`], [`reboot`], [`migrate`], [`delete`] | a user's request: already so, go, or refuse by name |
//! | [`situation`] | what is in flight: the rows of "what meets what", read from the facts in one place |
//! | [`shown_state`] | what users see |
//! | [`follow_up`] | what an instance record needs after a report; [`course`] and [`settle`] are its two halves |
//! | [`restart`] | whether, and when, a guest that ended by itself is started again |
//! | [`policy_change`] | what a new restart policy means to one that waits for that |
//! | [`placement`], [`disk_placement`] | which sled, which pool, and why not the others |
//! | [`quota`] | whether a project may have more |
//! | [`saga_adoption`] | whether another nexus is dead, by my own clock alone |
//!
//! Invariants: no planner needs what its facts don't hold; a plan names what shall be written, never how;
//! arithmetic is checked; no `match` on a state ends in a catch-all, so a new state doesn't compile until it is placed.
//!
//! Not here: guards (generations are compared by the statement that writes), authorisation, retries, and whatever
//! needs to know what time it is: durations come in as facts.

pub mod course;
pub mod decision;
pub mod delete;
pub mod disk_placement;
#[cfg(test)]
mod every_case;
pub mod facts;
pub mod follow_up;
pub mod force_stop;
pub mod migrate;
pub mod placement;
pub mod policy_change;
pub mod quota;
pub mod reboot;
pub mod restart;
pub mod saga_adoption;
pub mod settle;
pub mod shown_state;
pub mod situation;
pub mod start;
pub mod stop;
#[cfg(test)]
mod what_meets_what;

pub use decision::{Decision, Refusal};
pub use facts::{InstanceFacts, MigrationFacts, VmmFacts};
pub use restart::RestartFacts;
