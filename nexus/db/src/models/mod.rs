//! Rows as values, one file per noun. What they mean is said in `schema/`; here they only get types.

mod cluster;
mod disk;
mod event;
mod image;
mod instance;
mod operation;
mod pool;
mod project;
mod reservation;
mod sled;
mod task;
mod user;
mod vmm;

pub use cluster::{Cluster, Nexus, NexusState};
pub use disk::Disk;
pub use event::Event;
pub use image::{Image, ImageFile};
pub use instance::{Instance, Nic};
pub use operation::{Idempotency, Operation};
pub use pool::{Pool, PoolUse};
pub use project::{Project, ProjectRole, QuotaUse};
pub use reservation::Reservation;
pub use sled::{JoinToken, Sled};
pub use task::TaskRun;
pub use user::{Token, User};
pub use vmm::{Migration, StartAttempt, StopDelivery, Vmm};
