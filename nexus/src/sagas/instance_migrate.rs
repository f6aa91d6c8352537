//! One live migration: a second VMM of the instance on another sled, the guest's memory sent there, and whatever the
//! two ends make of it.
//!
//! ```text
//! settle ─ room, reserve ─ give up, link ─ register ─ await address ─ send ─ finish       forward
//!   │         │              └─ given up: both ends are told, and the update saga decides ┐
//!   │         └─ room given back, where no sled ever heard of the target ─────────────────┘ undo
//!   └─ the operation ends as it was decided: even an undo finds a guest that was handed over
//! ```
//! - Nothing here decides what becomes of the guest: both halves are reported, the update saga commits what follows from
//!   them, and the migration driver tells both ends what they must hear (`Resume`, `Cancel`), whichever nexus dies.
//! - So a saga that can't go on takes nothing back by itself: it says that the migration is to be given up, and waits
//!   until that is decided. Its target's room is freed by whoever sees its end.
//! - An unknown answer to *register* or *send* is asked again under the same request id, then given up as if it had taken
//!   effect.

use berth_common::ids::{GenericUuid, InstanceUuid, MigrationUuid, OperationUuid, SledUuid, VmmUuid};
use berth_saga_store::{PreparedSaga, Saga, Step, Steps};
use diesel_async::AsyncPgConnection;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::begin::{self, BeginError};
use crate::agents::AgentAddress;
use crate::world::World;

mod ends;
mod finish;
mod link;
mod reserve;
mod settle;
pub(crate) mod target;

/// Marker of the saga.
#[derive(Debug)]
pub struct InstanceMigrate;

/// What is to be migrated, and how.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MigrateParams {
    pub instance: InstanceUuid,
    pub operation: OperationUuid,
    pub migration: MigrationUuid,
    /// The VMM that the guest is in.
    pub source: VmmUuid,
    /// The VMM that it goes to.
    pub target: VmmUuid,
    /// The sled that an operator named.
    pub to: Option<SledUuid>,
    /// The intent generation it was accepted under: another one supersedes it.
    pub intent_gen: i64,
    pub deadline_ms: i64,
    pub downtime_limit_ms: i64,
    pub cause: String,
}

/// Where the target was placed.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Reserved {
    to: AgentAddress,
    epoch: i64,
    /// The source's sled, and its VMM's epoch.
    from: AgentAddress,
    from_epoch: i64,
}

const SETTLE: Step<()> = Step::new("settle");
const ROOM: Step<()> = Step::new("room");
const RESERVE: Step<Reserved> = Step::new("reserve");
const GIVE_UP: Step<()> = Step::new("give_up");
const LINK: Step<()> = Step::new("link");
const REGISTER: Step<()> = Step::new("register");
const AWAIT_ADDRESS: Step<String> = Step::new("await_address");
const SEND: Step<()> = Step::new("send");
const FINISH: Step<()> = Step::new("finish");

impl Saga for InstanceMigrate {
    type World = World;
    type Params = MigrateParams;
    const NAME: &'static str = "instance_migrate";
    const VERSION: i32 = 1;

    fn steps(steps: &mut Steps<Self>) {
        steps.undo_only(SETTLE, settle::settle);
        // What takes a step back stands before it: a step that took effect and then failed isn't undone itself.
        steps.undo_only(ROOM, reserve::release);
        steps.step_without_undo(RESERVE, reserve::reserve);
        steps.undo_only(GIVE_UP, link::give_up);
        steps.step_without_undo(LINK, link::link);
        steps.step_without_undo(REGISTER, ends::register);
        steps.step_without_undo(AWAIT_ADDRESS, ends::await_address);
        steps.step_without_undo(SEND, ends::send);
        steps.step_without_undo(FINISH, finish::finish);
    }
}

/// Makes a migration's saga ready and inserts it, in the transaction that accepts the request.
pub async fn begin_in(
    world: &World,
    conn: &mut AsyncPgConnection,
    id: Uuid,
    params: &MigrateParams,
) -> Result<PreparedSaga, BeginError> {
    let subject = params.instance.into_untyped_uuid();
    let prepared = begin::prepare::<InstanceMigrate>(world, id, params, subject, &params.cause)?;
    begin::insert(world, conn, &prepared).await?;
    Ok(prepared)
}
