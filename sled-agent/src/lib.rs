//! The sled-agent: runs virtual machines on one host, remembers what it was asked, and says what it sees.
//!
//! ```text
//!  nexus ──▶ http ──▶ vmms/ ──▶ hypervisor/ ──▶ shim/ (a process per VMM) ──▶ QEMU
//!    ▲                 │ ├──▶ storage/, network/
//!    └──── report/ ◀───┘ └──▶ ledger/
//! ```
//!
//! - `program`, `server`: start and end; who is joined to whom. They decide nothing.
//! - `join`, `certificate`: how a host becomes a sled, and stays one.
//! - [`vmms`]: what may be asked of a VMM and what happens then: one task per VMM around pure functions.
//! - [`ledger`]: what survives the agent. [`shim`]: what keeps guests and their deadlines while no agent runs.
//! - [`shutdown`]: how all guests end when the host does.
//! - [`rooms`]: all of them joined, without doors; [`server`] adds the doors.
//! - [`migration`]: how a guest travels to another agent.
//! - [`blocking`]: where work that blocks is done.
//! - `report`: what nexus is told, by whichever nexus answers. `metrics`: what this agent counted, for who watches it.
//!
//! Invariants: guests outlive the agent; what was accepted is in the ledger before it is done, and before it is
//! reported; an id that was ended for certain never runs again; nobody but a nexus of the sled's own cluster is served.
//!
//! Deliberately not here: instances and their policies (nexus), leases (the keeper).

pub mod blocking;
mod certificate;
pub mod config;
mod host;
mod http;
pub mod hypervisor;
pub mod join;
pub mod ledger;
mod logging;
mod metrics;
pub mod migration;
mod network;
pub mod nexus_client;
pub mod program;
pub mod report;
pub mod rooms;
mod serial;
pub mod server;
pub mod shim;
pub mod shutdown;
mod storage;
mod tally;
pub mod vmms;
