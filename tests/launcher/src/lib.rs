//! Starts Berth's real programs as processes, hurts them on purpose, and ends them without a trace.
//!
//! For whom: the tests that need a real cluster, and `cargo xtask demo`. It knows the programs only from
//! outside (command line, configuration files, the `berth` CLI), so that it is cheap to build and can't
//! cheat. A cluster lives in one directory:
//!
//! ```text
//! DIR/nexus-1.toml  nexus-1/  nexus-1.log      one of each per nexus
//! DIR/sled-1.toml   sled-1/   sled-1.log       one of each per sled
//! DIR/postgres/                                its own server, unless it got a database elsewhere
//! DIR/shared/                                  the storage pool all sleds have
//! ```
//!
//! Invariants
//! - A cluster has an address of its own below 127/8, or a whole network ([`Hosts`]), so that clusters never meet at a
//!   port.
//! - What a cluster started ends with it: by [`Cluster`]'s drop, or, if this process is killed, by a guard.
//!   That includes shims and guests, which outlive their agents on purpose.
//! - Only processes that name the cluster's directory, or work in it, are ever signalled.

mod address;
mod berth;
mod cluster;
mod database;
mod guard;
mod hosts;
mod leftovers;
mod nexus;
mod place;
mod process;
mod programs;
mod sled;
mod small_disk;
mod wait;

pub use address::{address_of_directory, address_of_this_process};
pub use berth::{Berth, BerthFailure};
pub use berth_postgres::PrivateServer;
pub use cluster::{Cluster, ClusterOptions, Database, SLED_CPUS};
pub use hosts::{GUEST_BRIDGE, Hosts, guest_address};
pub use leftovers::{end_leftovers, leftovers};
pub use nexus::Nexus;
pub use process::Process;
pub use programs::{Programs, guest_directory};
pub use sled::{Hypervisor, Sled};
pub use small_disk::SmallDisk;
pub use wait::{until, waits_end_when};
