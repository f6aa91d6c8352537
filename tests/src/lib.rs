//! What the tests of the whole system are made of: a cluster of real processes as one value, an API client that
//! judges nothing, a look at the records, and the proof that nothing was left behind.
//!
//! The scenarios are in `tests/suite/`. Processes are `berth_launcher`'s business; here is what one does with them.
//!
//! Invariants
//! - Nobody sleeps to be in step: every wait looks for a condition, has a bound, and names what it waited for.
//! - A scenario that went well ends with [`play`]'s last looks: `nexus check` finds nothing, and when the cluster has
//!   ended no process and no file of it is left.

mod api;
mod counts;
mod database_proxy;
mod dump;
mod guests;
mod load;
mod pinger;
mod records;
mod scenario;
mod sled_voice;
mod witness;

pub use api::{Api, Body, Reply, Runtime};
pub use berth_launcher::{BerthFailure, Database, Hypervisor, PrivateServer, guest_address, until};
pub use counts::{Count, Counts, QUIET};
pub use database_proxy::{DatabaseProxy, Fault};
pub use dump::{Dump, dump};
pub use guests::{BootImage, small_initrd, small_kernel};
pub use load::{Load, all_kept};
pub use pinger::{Pinger, Pings};
pub use records::Records;
pub use scenario::{Play, Shape, play};
pub use sled_voice::SledVoice;
pub use witness::{Life, Record, WITNESS_BYTES, lives};
