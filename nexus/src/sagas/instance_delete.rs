//! Delete always wins. The guarded transition (intent *destroyed*, everything that runs marked for its end) was made
//! when the request was accepted; this waits until nothing runs any more, then removes the rows.
//!
//! Nothing is torn down before it is known that nothing runs: by the sleds' own word, or by recorded proof. Without a
//! deadline: what it waits for is named in its operation. Nothing of a delete is taken back; a step that fails all the
//! same ends this saga only, and another one goes on.

use berth_common::Generation;
use berth_common::ids::{GenericUuid, InstanceUuid, OperationUuid, RequestUuid, VmmUuid};
use berth_common::instance::InstanceState;
use berth_db::lifecycle::delivery::{self, Due};
use berth_db::lifecycle::{removal, snapshot};
use berth_plan::delete::delete_may_go_on;
use berth_saga_store::{Saga, SagaContext, Step, Steps};
use berth_sled_agent_api::vmm::VmmEndQuery;
use diesel_async::AsyncPgConnection;
use serde::{Deserialize, Serialize};
use slog::debug;

use super::begin;
use super::patience::Patience;
use crate::agents::AgentAddress;
use crate::world::{StepResult, World};

/// Marker of the saga.
#[derive(Debug)]
pub struct InstanceDelete;

/// What is to be deleted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DeleteParams {
    pub instance: InstanceUuid,
    pub operation: OperationUuid,
    pub actor: String,
    pub cause: String,
}

/// A VMM that had ended, and the sled that may still keep what its guest printed.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Ended {
    vmm: VmmUuid,
    epoch: i64,
    on: AgentAddress,
}

const BEGIN_AGAIN: Step<()> = Step::new("begin_again");
const REMOVE: Step<Vec<Ended>> = Step::new("remove");
const ERASE: Step<()> = Step::new("erase");

impl Saga for InstanceDelete {
    type World = World;
    type Params = DeleteParams;
    const NAME: &'static str = "instance_delete";
    const VERSION: i32 = 1;

    fn steps(steps: &mut Steps<Self>) {
        steps.undo_only(BEGIN_AGAIN, begin_again);
        steps.step_without_undo(REMOVE, remove);
        steps.step_without_undo(ERASE, erase);
    }
}

/// The last undo: while its operation is open, the delete stays due, so another saga takes it over.
async fn begin_again(ctx: SagaContext<InstanceDelete>) -> StepResult<()> {
    let (params, subject) = (ctx.params(), ctx.params().instance.into_untyped_uuid());
    begin::again::<InstanceDelete>(&ctx, params, params.operation, subject, &params.cause).await
}

enum Look {
    Removed(Vec<Ended>),
    /// What is waited for, in words; none while it is only another saga.
    NotYet(Option<String>),
}

async fn remove(ctx: SagaContext<InstanceDelete>) -> StepResult<Vec<Ended>> {
    let (params, saga) = (ctx.params().clone(), ctx.saga_id());
    let mut changes = ctx.world().wake.on_change();
    let mut patience = Patience::new();
    let mut said = None;
    loop {
        let look = ctx.txn(async |conn: &mut AsyncPgConnection| look(conn, &params, saga).await).await?;
        match look {
            Look::Removed(ended) => {
                ctx.world().wake.changed();
                return Ok(ended);
            }
            Look::NotYet(Some(what)) if said.as_ref() != Some(&what) => {
                let operation = params.operation;
                let words = what.clone();
                ctx.txn(async |conn: &mut AsyncPgConnection| {
                    berth_db::lifecycle::work::wait(conn, operation, &words).await?;
                    Ok(())
                })
                .await?;
                said = Some(what);
            }
            Look::NotYet(_) => {}
        }
        changes.wait(patience.pause()).await;
    }
}

/// Lets the sleds delete what they keep for readers of an instance that is no more. A sled that doesn't answer is left
/// alone: what it keeps is bounded, and nobody can ask for it any more.
async fn erase(ctx: SagaContext<InstanceDelete>) -> StepResult<()> {
    for ended in ctx.output(REMOVE)? {
        let query = VmmEndQuery {
            cluster: ctx.world().cluster,
            ledger: ended.on.ledger,
            request: RequestUuid::from_untyped_uuid(ctx.request_id()),
            instance: ctx.params().instance,
            epoch: Generation::from(ended.epoch),
            erase: Some(true),
        };
        if let Err(error) = ctx.world().agents.vmm_end(&ended.on, ended.vmm, &query).await {
            debug!(ctx.log(), "serial output wasn't erased"; "vmm" => %ended.vmm, "error" => %error);
        }
    }
    Ok(())
}

async fn look(conn: &mut AsyncPgConnection, params: &DeleteParams, saga: uuid::Uuid) -> StepResult<Look> {
    let Some(snapshot) = snapshot::read_locked(conn, params.instance).await? else {
        berth_db::lifecycle::work::succeed(conn, params.operation, "deleted").await?;
        return Ok(Look::Removed(Vec::new()));
    };
    let others = removal::other_sagas(conn, params.instance, saga).await?;
    let in_the_way = others > 0 || snapshot.updater.is_some() || snapshot.state == InstanceState::Creating;
    if in_the_way || !delete_may_go_on(&snapshot.facts()) {
        let sleds = removal::waits_for(conn, params.instance).await?;
        let what = (!sleds.is_empty())
            .then(|| format!("confirmation that its VMM has ended, from sled {}", sleds.join(", ")));
        return Ok(Look::NotYet(what));
    }
    let ended = delivery::all_of(conn, params.instance).await?.iter().map(ended).collect();
    removal::remove(conn, params.instance).await?;
    let event = berth_db::lifecycle::told::NewEvent {
        kind: "instance_destroyed".to_string(),
        subject_kind: "instance",
        subject_id: params.instance.into_untyped_uuid(),
        subject_name: snapshot.name,
        project_id: Some(snapshot.project.into_untyped_uuid()),
        sled_id: None,
        actor: params.actor.clone(),
        cause: params.cause.clone(),
        message: "deleted; nothing of it runs any more".to_string(),
        data: serde_json::json!({}),
    };
    berth_db::lifecycle::told::insert(conn, &event).await?;
    berth_db::lifecycle::work::succeed(conn, params.operation, "deleted").await?;
    Ok(Look::Removed(ended))
}

fn ended(due: &Due) -> Ended {
    Ended { vmm: VmmUuid::from_untyped_uuid(due.vmm), epoch: due.epoch, on: AgentAddress::from(due) }
}
