//! Accepts a stop: a wish that is delivered until the observation matches, whoever dies meanwhile.

use berth_common::ids::{GenericUuid, InstanceUuid, OperationUuid};
use berth_common::operation::OperationKind;
use berth_db::lifecycle::snapshot::Snapshot;
use berth_db::lifecycle::work;
use berth_db::lifecycle::{intent, migration};
use berth_nexus_api::answer::OperationAnswer;
use berth_nexus_api::instance::InstanceStop;
use berth_nexus_api::limits::STOP_GRACE_MAX_S;
use berth_plan::Decision;
use berth_plan::stop::{Cancels, Grace, StopDone, StopPlan, StopTimes, stop};
use diesel_async::AsyncPgConnection;

use super::actor::Actor;
use super::authorise::Action;
use super::error::{AppError, AppResult};
use super::find::Which;
use super::instance_answer::{Accepted, answer};
use super::instance_decide::{cancel_open, find, locked, locked_if_cancellable, new_operation, refused};
use super::instance_event::accepted_event;
use crate::context::Nexus;

/// Accepts a stop, or shortens the one in flight.
pub async fn instance_stop(
    nexus: &Nexus,
    actor: &Actor,
    which: &Which,
    how: InstanceStop,
) -> AppResult<OperationAnswer> {
    let found = find(nexus, actor, Action::Change, which).await?;
    let grace = grace(how)?;
    let operation = OperationUuid::new_v4();
    let accepted = nexus
        .db
        .transaction("instance_stop.accept", async |conn| {
            let snapshot = locked(conn, &found).await?;
            match stop(&snapshot.facts(), grace, times(&snapshot)) {
                Decision::Refuse(refusal) => Err(refused(&refusal, &snapshot.name)),
                Decision::Already => Ok(Accepted::already(&snapshot, OperationKind::InstanceStop)),
                Decision::Go(plan) => accept(conn, actor, &snapshot, plan, operation).await,
            }
        })
        .await?;
    nexus.world.wake.intent();
    answer(nexus, actor, InstanceUuid::from_untyped_uuid(found.id), accepted).await
}

fn grace(how: InstanceStop) -> AppResult<Grace> {
    match (how.grace_s, how.force.unwrap_or(false)) {
        (Some(_), true) => {
            Err(AppError::invalid("`force` is a grace of 0 by itself; give either `grace_s` or `force`"))
        }
        (None, true) => Ok(Grace::Force),
        (Some(seconds), false) if seconds > STOP_GRACE_MAX_S => Err(AppError::invalid(format!(
            "`grace_s` is {seconds}; at most {STOP_GRACE_MAX_S} (a day) is allowed"
        ))),
        (Some(seconds), false) => Ok(Grace::Millis(seconds * 1_000)),
        (None, false) => Ok(Grace::Default),
    }
}

fn times(snapshot: &Snapshot) -> StopTimes {
    let ms = |value: i64| u64::try_from(value).unwrap_or(0);
    StopTimes { default_ms: ms(snapshot.stop_grace_ms), remaining_ms: snapshot.stop_remaining_ms.map(ms) }
}

async fn accept(
    conn: &mut AsyncPgConnection,
    actor: &Actor,
    snapshot: &Snapshot,
    plan: StopPlan,
    operation: OperationUuid,
) -> AppResult<Accepted> {
    let ms = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
    let (grace_ms, cancels, done) = match plan {
        StopPlan::Shorten { grace_ms } => {
            intent::shorten(conn, snapshot.instance, ms(grace_ms)).await?;
            let message = format!("stop shortened: {grace_ms} ms are left");
            accepted_event(conn, snapshot, actor, "instance_stop_shortened", &message).await?;
            return Ok(Accepted::joined(snapshot));
        }
        StopPlan::Begin { grace_ms, cancels, done } => (grace_ms, cancels, done),
    };
    if cancels.is_some() {
        cancel_open(conn, snapshot, "the instance was stopped").await?;
    }
    migration::give_up(conn, snapshot.instance, "the instance was stopped").await?;
    let intent_gen = intent::stop(conn, snapshot.instance, ms(grace_ms)).await?;
    let new = new_operation(operation, OperationKind::InstanceStop, snapshot, intent_gen, None, actor);
    work::insert(conn, &new).await?;
    let message = format!("stop accepted: the guest has {grace_ms} ms to obey{}", cancelled(cancels));
    accepted_event(conn, snapshot, actor, "instance_stop_accepted", &message).await?;
    match done {
        StopDone::AtOnce => work::succeed(conn, operation, "stopped").await?,
        // Until a sled has taken it.
        StopDone::WhenEnded => work::set_cancellable(conn, operation, true).await?,
    }
    Ok(Accepted::Now(operation))
}

/// Gives up a stop that no sled has taken yet: the instance is meant to run again. Nothing happens to a stop that
/// has ended, or was taken. Were a sled taking it at this moment, the guest would end and, being meant to run, be started.
pub(super) async fn give_up(
    nexus: &Nexus,
    actor: &Actor,
    operation: OperationUuid,
    instance: InstanceUuid,
) -> AppResult<()> {
    nexus
        .db
        .transaction("instance_stop.give_up", async |conn| {
            let open = locked_if_cancellable(conn, instance, operation).await?;
            let Some(snapshot) = open else { return Ok(()) };
            intent::run(conn, instance, snapshot.state, snapshot.rest).await?;
            work::cancel(conn, operation, "given up; the instance is meant to run").await?;
            accepted_event(conn, &snapshot, actor, "instance_stop_given_up", "stop given up").await
        })
        .await
}

fn cancelled(cancels: Option<Cancels>) -> &'static str {
    match cancels {
        None => "",
        Some(Cancels::Create) => "; its create is cancelled",
        Some(Cancels::Start) => "; its start is cancelled",
        Some(Cancels::Reboot) => "; its reboot is cancelled",
        Some(Cancels::Migration) => "; its migration is cancelled",
        Some(Cancels::Stop) => "; the stop before it is replaced",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grace_and_force_exclude_each_other_and_a_day_is_the_limit() {
        let how = |grace_s, force| InstanceStop { grace_s, force };
        assert_eq!(grace(how(None, None)).ok(), Some(Grace::Default));
        assert_eq!(grace(how(Some(3), None)).ok(), Some(Grace::Millis(3_000)));
        assert_eq!(grace(how(None, Some(true))).ok(), Some(Grace::Force));
        assert!(grace(how(Some(3), Some(true))).is_err());
        assert!(grace(how(Some(u64::MAX), None)).is_err());
    }
}
