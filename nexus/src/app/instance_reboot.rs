//! Accepts a reboot: asked of the VMM that runs, delivered until its sled has begun it, whoever dies meanwhile.

use berth_common::ids::{GenericUuid, InstanceUuid, OperationUuid, VmmUuid};
use berth_common::operation::OperationKind;
use berth_common::reboot::RebootKind;
use berth_db::lifecycle::snapshot::Snapshot;
use berth_db::lifecycle::{reboot as rows, work};
use berth_nexus_api::answer::OperationAnswer;
use berth_nexus_api::instance::InstanceReboot;
use berth_nexus_api::limits::STOP_GRACE_MAX_S;
use berth_plan::Decision;
use berth_plan::reboot::{RebootPlan, reboot};
use diesel_async::AsyncPgConnection;

use super::actor::Actor;
use super::authorise::Action;
use super::error::{AppError, AppResult};
use super::find::Which;
use super::instance_answer::{Accepted, answer};
use super::instance_decide::{find, locked, locked_if_cancellable, new_operation, refused};
use super::instance_event::accepted_event;
use crate::context::Nexus;

/// Accepts a reboot, or lets a hard one take over the soft one in flight.
pub async fn instance_reboot(
    nexus: &Nexus,
    actor: &Actor,
    which: &Which,
    how: InstanceReboot,
) -> AppResult<OperationAnswer> {
    let found = find(nexus, actor, Action::Change, which).await?;
    check(how)?;
    let operation = OperationUuid::new_v4();
    let accepted = nexus
        .db
        .transaction("instance_reboot.accept", async |conn| {
            let snapshot = locked(conn, &found).await?;
            match reboot(&snapshot.facts(), how.mode) {
                Decision::Refuse(refusal) => Err(refused(&refusal, &snapshot.name)),
                Decision::Already => Ok(Accepted::already(&snapshot, OperationKind::InstanceReboot)),
                Decision::Go(RebootPlan::Begin { vmm }) => {
                    begin(conn, actor, &snapshot, vmm, how, operation).await
                }
                Decision::Go(RebootPlan::TakeOver { vmm }) => take_over(conn, actor, &snapshot, vmm).await,
            }
        })
        .await?;
    nexus.world.wake.intent();
    answer(nexus, actor, InstanceUuid::from_untyped_uuid(found.id), accepted).await
}

fn check(how: InstanceReboot) -> AppResult<()> {
    match (how.mode, how.grace_s) {
        (RebootKind::Hard, Some(_)) => Err(AppError::invalid(
            "a hard reboot leaves the guest no time; leave `grace_s` out, or ask for a soft one",
        )),
        (RebootKind::Soft, Some(seconds)) if seconds > STOP_GRACE_MAX_S => Err(AppError::invalid(format!(
            "`grace_s` is {seconds}; at most {STOP_GRACE_MAX_S} (a day) is allowed"
        ))),
        (RebootKind::Soft | RebootKind::Hard, _) => Ok(()),
    }
}

async fn begin(
    conn: &mut AsyncPgConnection,
    actor: &Actor,
    snapshot: &Snapshot,
    vmm: VmmUuid,
    how: InstanceReboot,
    operation: OperationUuid,
) -> AppResult<Accepted> {
    let grace_ms = match (how.mode, how.grace_s) {
        (RebootKind::Hard, _) => 0,
        (RebootKind::Soft, Some(seconds)) => i64::try_from(seconds.saturating_mul(1_000)).unwrap_or(i64::MAX),
        (RebootKind::Soft, None) => snapshot.stop_grace_ms,
    };
    let intent_gen = rows::count_intent(conn, snapshot.instance).await?;
    let new = new_operation(operation, OperationKind::InstanceReboot, snapshot, intent_gen, None, actor);
    work::insert(conn, &new).await?;
    // Until a sled has taken it.
    work::set_cancellable(conn, operation, true).await?;
    rows::ask(conn, vmm, how.mode, grace_ms, operation).await?;
    let message = match how.mode {
        RebootKind::Soft => format!("soft reboot accepted: the guest has {grace_ms} ms to go down by itself"),
        RebootKind::Hard => "hard reboot accepted".to_string(),
    };
    accepted_event(conn, snapshot, actor, "instance_reboot_accepted", &message).await?;
    Ok(Accepted::Now(operation))
}

async fn take_over(
    conn: &mut AsyncPgConnection,
    actor: &Actor,
    snapshot: &Snapshot,
    vmm: VmmUuid,
) -> AppResult<Accepted> {
    let Some(open) = &snapshot.operation else {
        return Ok(Accepted::already(snapshot, OperationKind::InstanceReboot));
    };
    rows::ask(conn, vmm, RebootKind::Hard, 0, open.operation).await?;
    work::progress(conn, open.operation, "taken over by a hard reboot").await?;
    let message = "hard reboot accepted: it takes over the soft one";
    accepted_event(conn, snapshot, actor, "instance_reboot_taken_over", message).await?;
    Ok(Accepted::Joined(open.operation))
}

/// Gives up a reboot that no sled has taken yet. Were one taking it at this moment, the guest would reboot all the same.
pub(super) async fn give_up(
    nexus: &Nexus,
    actor: &Actor,
    operation: OperationUuid,
    instance: InstanceUuid,
) -> AppResult<()> {
    nexus
        .db
        .transaction("instance_reboot.give_up", async |conn| {
            let open = locked_if_cancellable(conn, instance, operation).await?;
            let Some(snapshot) = open else { return Ok(()) };
            work::cancel(conn, operation, "given up; the guest runs on").await?;
            accepted_event(conn, &snapshot, actor, "instance_reboot_given_up", "reboot given up").await
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hard_reboot_has_no_grace_and_a_day_is_the_limit_of_a_soft_one() {
        let how = |mode, grace_s| check(InstanceReboot { mode, grace_s });
        assert!(how(RebootKind::Hard, None).is_ok());
        assert!(how(RebootKind::Hard, Some(0)).is_err());
        assert!(how(RebootKind::Soft, Some(STOP_GRACE_MAX_S)).is_ok());
        assert!(how(RebootKind::Soft, Some(STOP_GRACE_MAX_S + 1)).is_err());
    }
}
