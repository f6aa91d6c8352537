//! Random histories: the real rooms of two nexus and three agents, with simulated guests, network, disks and time, under
//! seeded trouble, with the invariants looked at after each step.
//!
//! ```text
//! course (drawn from the seed) ──▶ history ──▶ users, troubles ──▶ cluster ── nexus ──turnstile──▶ PostgreSQL
//!                                     └── truth: always, and at rest         └─ network ─ sled (agent, guests)
//! ```
//! A history is a process with one thread: a runtime whose clock stands still until nothing can go on, a database that
//! answers while no time passes, a system that gives it time and chance out of its seed, and disks whose writes are done
//! where they are asked for. Guests migrate meanwhile, some with disks, and troubles lie in wait for them ([`ambush`]): an
//! agent that dies, or a sled that is cut off, breaks every stream of its sled in the middle. So a seed tells the same history, word for word, wherever and however often it is told.
//!
//! | variable | |
//! |---|---|
//! | `BERTH_SEEDS` | how many seeds are told (`500`), or which (`1000..2000`) |
//! | `BERTH_SEED` | one seed is told again, with its whole history as text, line by line |
//! | `BERTH_HISTORY_LOG` | what the programs log is part of the text |

mod ambush;
mod chance;
mod cluster;
mod cores;
mod course;
mod doors;
mod history;
mod journal;
mod link;
mod network;
mod nexus;
mod records;
mod seeds;
mod sled;
mod tally;
mod thread;
mod truth;
mod turnstile;
mod user;
