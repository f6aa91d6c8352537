//! The last undo of a try: the next try elsewhere, or the end of the start with the reasons of all tries.

use berth_common::refusal::ErrorCode;
use berth_db::lifecycle::room::{self, Tried};
use berth_db::lifecycle::{link, snapshot};
use berth_plan::start::GIVEN_UP;
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
    let stands = snapshot::read_locked(conn, params.instance).await?.is_some()
        && link::intent_stands(conn, params.instance, params.intent_gen).await?;
    if !stands {
        let why = "another request for the instance came after this start";
        berth_db::lifecycle::work::cancel(conn, params.operation, why).await?;
        return Ok(None);
    }
    let tried = room::tried(conn, params.operation).await?;
    let elsewhere = tried.last().is_some_and(|last| last.sled_id.is_some());
    if elsewhere && params.attempt + 1 < params.vmms.len() {
        let params = StartParams { attempt: params.attempt + 1, ..params.clone() };
        let prepared = begin_in(world, conn, next, &params).await.map_err(begin::as_step)?;
        berth_db::lifecycle::work::hand_over(conn, params.operation, next, "trying another sled").await?;
        return Ok(Some(prepared));
    }
    let (state, rest) = GIVEN_UP;
    link::settle(conn, params.instance, params.intent_gen, state, rest).await?;
    let (code, message) = reasons(&tried);
    berth_db::lifecycle::work::fail(conn, params.operation, code, &message).await?;
    Ok(None)
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
    fn no_capacity_is_the_error_only_if_nothing_else_went_wrong() {
        assert_eq!(reasons(&[tried("no_capacity")]).0, ErrorCode::NoCapacity);
        let both = reasons(&[tried("no_answer"), tried("no_capacity")]);
        assert_eq!(both, (ErrorCode::StartFailed, "because no_answer\nbecause no_capacity".to_string()));
    }
}
