//! One try to start an instance on one sled. A try that fails is undone, and its last undo begins the next try
//! elsewhere, or ends the operation with the reasons of all.
//!
//! ```text
//! settle ─ room, reserve ─ record, link ─ admit, register ─ run ─ finish        forward
//!   │         │        │      └─ the sled confirmed the VMM's end ┐
//!   │         │        └─ unlinked                                │ undo
//!   │         └─ room given back ─────────────────────────────────┘
//!   └─ next try, or failed with the reasons per sled
//! ```
//! - *Done* means the guest runs, not that a sled was asked.
//! - A start that nobody asked for waits for room as long as it takes, by name; a stop takes it back.
//! - Whatever the user asked for meanwhile (another intent generation) ends the try as superseded.
//! - The undo of *admit* stands before *register*: once a sled may have heard of the VMM, its room is given back only
//!   after the sled confirmed that the VMM ended, however long that takes; the operation shows what is waited for.

use berth_common::ids::{GenericUuid, InstanceUuid, OperationUuid, VmmUuid};
use berth_db::lifecycle::snapshot::Snapshot;
use berth_saga_store::{PreparedSaga, Saga, Step, Steps};
use diesel_async::AsyncPgConnection;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::begin::{self, BeginError};
use crate::agents::AgentAddress;
use crate::world::{StepResult, World};

mod admit;
mod finish;
mod link;
mod reserve;
mod settle;
mod tries;

/// Tries in all, on as many sleds.
pub const TRIES_MAX: usize = 3;

/// Marker of the saga.
#[derive(Debug)]
pub struct InstanceStart;

/// What is to be started, and under which wish.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StartParams {
    pub instance: InstanceUuid,
    pub operation: OperationUuid,
    /// The intent generation it was accepted under: another one supersedes it.
    pub intent_gen: i64,
    /// The VMM of each try.
    pub vmms: Vec<VmmUuid>,
    /// Which try this is, from 0.
    pub attempt: usize,
    /// Nobody asked for it: the restart policy, or a fault of the platform, made it due.
    #[serde(default)]
    pub due: bool,
    pub cause: String,
}

impl StartParams {
    /// The first try.
    pub fn new(
        instance: InstanceUuid,
        operation: OperationUuid,
        intent_gen: i64,
        cause: &str,
    ) -> StartParams {
        let vmms = (0..TRIES_MAX).map(|_| VmmUuid::new_v4()).collect();
        StartParams {
            instance,
            operation,
            intent_gen,
            vmms,
            attempt: 0,
            due: false,
            cause: cause.to_string(),
        }
    }

    /// The VMM of this try.
    fn vmm(&self) -> StepResult<VmmUuid> {
        let missing = || berth_saga_store::StepError::new("the saga has no VMM for this try");
        self.vmms.get(self.attempt).copied().ok_or_else(missing)
    }
}

/// Where the VMM was placed.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Reserved {
    to: AgentAddress,
    epoch: i64,
}

const SETTLE: Step<()> = Step::new("settle");
const ROOM: Step<()> = Step::new("room");
const RESERVE: Step<Reserved> = Step::new("reserve");
const RECORD: Step<()> = Step::new("record");
const LINK: Step<()> = Step::new("link");
const ADMIT: Step<()> = Step::new("admit");
const REGISTER: Step<()> = Step::new("register");
const RUN: Step<()> = Step::new("run");
const FINISH: Step<()> = Step::new("finish");

impl Saga for InstanceStart {
    type World = World;
    type Params = StartParams;
    const NAME: &'static str = "instance_start";
    const VERSION: i32 = 1;

    fn steps(steps: &mut Steps<Self>) {
        steps.undo_only(SETTLE, settle::settle);
        // What takes a step back stands before it: a step that took effect and then failed isn't undone itself.
        steps.undo_only(ROOM, reserve::release);
        steps.step_without_undo(RESERVE, reserve::reserve);
        steps.undo_only(RECORD, link::unlink);
        steps.step_without_undo(LINK, link::link);
        steps.undo_only(ADMIT, admit::end_for_certain);
        steps.step_without_undo(REGISTER, admit::register);
        steps.step_without_undo(RUN, admit::run);
        steps.step_without_undo(FINISH, finish::finish);
    }
}

/// Makes a start's saga ready and inserts it, in the transaction that wrote the wish.
pub async fn begin_in(
    world: &World,
    conn: &mut AsyncPgConnection,
    id: Uuid,
    params: &StartParams,
) -> Result<PreparedSaga, BeginError> {
    let subject = params.instance.into_untyped_uuid();
    let prepared = begin::prepare::<InstanceStart>(world, id, params, subject, &params.cause)?;
    begin::insert(world, conn, &prepared).await?;
    Ok(prepared)
}

/// Begins a start that is due although nobody asked: the platform took the guest's VMM away. The caller holds the
/// instance's row locked and has seen that the start is due.
pub async fn begin_due(
    world: &World,
    conn: &mut AsyncPgConnection,
    id: Uuid,
    snapshot: &Snapshot,
    cause: &str,
) -> Result<PreparedSaga, BeginError> {
    let operation = OperationUuid::from_untyped_uuid(begin::successor(id, "operation"));
    let new = berth_db::lifecycle::work::NewOperation {
        id: operation,
        kind: berth_common::operation::OperationKind::InstanceStart,
        subject_kind: "instance",
        subject_id: snapshot.instance.into_untyped_uuid(),
        subject_name: snapshot.name.clone(),
        project_id: Some(snapshot.project),
        intent_gen: Some(snapshot.intent_gen),
        saga_id: Some(id),
        actor: "berth".to_string(),
        cause: cause.to_string(),
    };
    berth_db::lifecycle::work::insert(conn, &new).await?;
    berth_db::lifecycle::link::begins(conn, snapshot.instance).await.map_err(berth_db::DbError::from)?;
    let params = StartParams::new(snapshot.instance, operation, snapshot.intent_gen, cause);
    let params = StartParams { due: true, ..params };
    begin_in(world, conn, id, &params).await
}
