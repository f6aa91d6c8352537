//! The last undo of a try: the next try elsewhere, or the end of the start with the reasons of all tries.

use berth_common::ids::GenericUuid;
use berth_common::refusal::{Denial, ErrorCode};
use berth_db::lifecycle::room::{self, Tried};
use berth_db::lifecycle::{link, snapshot};
use berth_plan::follow_up::Happened;
use berth_plan::settle::{Settled, StartFault, after_failed_start, given_up};
use berth_saga_store::{PreparedSaga, SagaContext};
use diesel_async::AsyncPgConnection;
use uuid::Uuid;

use super::super::begin;
use super::{InstanceStart, StartParams, begin_in};
use crate::world::{StepResult, World};

pub(super) async fn settle(ctx: SagaContext<InstanceStart>) -> StepResult<()> {
    let (world, params) = (ctx.world().clone(), ctx.params().clone());
    let next = begin::successor(ctx.saga_id(), "next try");
    let begun =
        ctx.txn(async |conn: &mut AsyncPgConnection| settle_in(&world, conn, &params, next).await).await?;
    if let Some(prepared) = begun {
        begin::run(&world, &prepared);
    }
    world.wake.changed();
    Ok(())
}

async fn settle_in(
    world: &World,
    conn: &mut AsyncPgConnection,
    params: &StartParams,
    next: Uuid,
) -> StepResult<Option<PreparedSaga>> {
    let snapshot = snapshot::read_locked(conn, params.instance).await?;
    let stands = link::intent_stands(conn, params.instance, params.intent_gen).await?;
    let Some(snapshot) = snapshot.filter(|_| stands) else {
        let why = "another request for the instance came after this start";
        berth_db::lifecycle::work::cancel(conn, params.operation, why).await?;
        return Ok(None);
    };
    let tried = room::tried(conn, params.operation).await?;
    let elsewhere = tried.last().is_some_and(|last| last.sled_id.is_some());
    if elsewhere && params.attempt + 1 < params.vmms.len() {
        let params = StartParams { attempt: params.attempt + 1, ..params.clone() };
        let prepared = begin_in(world, conn, next, &params).await.map_err(begin::as_step)?;
        berth_db::lifecycle::work::hand_over(conn, params.operation, next, "trying another sled").await?;
        return Ok(Some(prepared));
    }
    let settled = if params.due {
        after_failed_start(snapshot.rest, &snapshot.restart, fault(&tried))
    } else {
        given_up(&snapshot.restart)
    };
    let settled_now = link::settle(conn, params.instance, params.intent_gen, &settled).await?;
    let (code, message) = reasons(&tried);
    berth_db::lifecycle::work::fail(conn, params.operation, code, &message).await?;
    if settled_now && params.due {
        tell(conn, params, &settled, &message).await?;
    }
    Ok(None)
}

/// What the instance's events say of a start that nobody watched.
async fn tell(
    conn: &mut AsyncPgConnection,
    params: &StartParams,
    settled: &Settled,
    reasons: &str,
) -> StepResult<()> {
    let then = match settled.pause_ms {
        Some(pause_ms) => Happened::RestartPlanned { crashes: settled.crashes, pause_ms },
        None => Happened::GaveUp { crashes: settled.crashes },
    };
    let told = berth_db::lifecycle::told::NewEvent {
        kind: "instance_restart_failed".to_string(),
        subject_kind: "instance",
        subject_id: params.instance.into_untyped_uuid(),
        subject_name: String::new(),
        project_id: None,
        sled_id: None,
        actor: "berth".to_string(),
        cause: params.cause.clone(),
        message: format!("{then}; {reasons}"),
        data: serde_json::json!({ "state": settled.state, "rest": settled.rest, "happened": [then] }),
    };
    berth_db::lifecycle::told::insert_about_instance(conn, params.instance, told).await?;
    Ok(())
}

/// The guest is at fault where a sled tried and it never ran; whatever kept it from being tried is the platform's.
fn fault(tried: &[Tried]) -> StartFault {
    let own = |code: &str| match code.parse() {
        Ok(Denial::HypervisorFailed | Denial::SpecMismatch | Denial::DiskMissing) => true,
        Ok(
            Denial::WrongCluster
            | Denial::WrongLedger
            | Denial::StaleEpoch
            | Denial::Tombstoned
            | Denial::NotRegistered
            | Denial::WrongState
            | Denial::NoCapacity
            | Denial::PoolUnavailable
            | Denial::ImageUnavailable
            | Denial::NetworkUnavailable
            | Denial::LedgerFull
            | Denial::ShuttingDown
            | Denial::Rebooting
            | Denial::WrongMigration,
        ) => false,
        Err(_) => code == ErrorCode::StartFailed.as_str(),
    };
    if tried.iter().any(|one| own(&one.code)) { StartFault::Own } else { StartFault::Platform }
}

/// The operation's error: why each sled that was tried couldn't, in order.
fn reasons(tried: &[Tried]) -> (ErrorCode, String) {
    let no_capacity = tried.iter().all(|one| one.code == "no_capacity");
    let code = if no_capacity && !tried.is_empty() { ErrorCode::NoCapacity } else { ErrorCode::StartFailed };
    let lines: Vec<&str> = tried.iter().map(|one| one.message.as_str()).collect();
    let message = match lines.as_slice() {
        [] => "the start failed; look at the instance's events".to_string(),
        lines => lines.join("\n"),
    };
    (code, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tried(code: &str) -> Tried {
        Tried { sled_id: None, sled_name: None, code: code.to_string(), message: format!("because {code}") }
    }

    #[test]
    fn a_guest_is_at_fault_only_where_a_sled_tried_it() {
        for code in ["start_failed", "hypervisor_failed"] {
            assert_eq!(fault(&[tried("no_answer"), tried(code)]), StartFault::Own, "{code}");
        }
        for code in ["no_answer", "no_capacity", "shutting_down", "pool_unavailable"] {
            assert_eq!(fault(&[tried(code)]), StartFault::Platform, "{code}");
        }
    }

    #[test]
    fn no_capacity_is_the_error_only_if_nothing_else_went_wrong() {
        assert_eq!(reasons(&[tried("no_capacity")]).0, ErrorCode::NoCapacity);
        let both = reasons(&[tried("no_answer"), tried("no_capacity")]);
        assert_eq!(both, (ErrorCode::StartFailed, "because no_answer\nbecause no_capacity".to_string()));
    }
}
