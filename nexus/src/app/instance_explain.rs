//! Why an instance is as it is: what was asked, what is observed, who is at it, what is waited for.

use berth_common::ids::{GenericUuid, InstanceUuid, NexusUuid, SagaUuid};
use berth_common::instance::{Rest, ShownState};
use berth_common::operation::OperationState;
use berth_db::lifecycle::{migration, snapshot};
use berth_nexus_api::event::Event;
use berth_nexus_api::explain::{InstanceExplanation, LockHolder, Waiting};
use berth_nexus_api::instance::Instance;
use berth_plan::follow_up::{FollowUp, follow_up};
use berth_plan::restart::CRASHES_MAX;

use super::actor::Actor;
use super::authorise::Action;
use super::error::{AppError, AppResult};
use super::event::newest_about;
use super::find::Which;
use super::instance_decide::find;
use super::instance_view::by_id;
use super::migration_view;
use crate::context::Nexus;

/// Last transitions that are shown.
const RECENT: i64 = 20;

/// Explains one instance.
pub async fn instance_explain(nexus: &Nexus, actor: &Actor, which: &Which) -> AppResult<InstanceExplanation> {
    let found = find(nexus, actor, Action::View, which).await?;
    let id = InstanceUuid::from_untyped_uuid(found.id);
    let instance = by_id(nexus, id).await?.ok_or_else(|| AppError::not_found("instance", which))?;
    let (snapshot, holder, migration) = nexus
        .db
        .statement("explain.read", async |conn| {
            let snapshot = snapshot::read(conn, id).await?;
            let holder = match snapshot.as_ref().and_then(|snapshot| snapshot.updater) {
                Some(saga) => berth_saga_store::view(conn, saga).await?,
                None => None,
            };
            Ok::<_, AppError>((snapshot, holder, migration::newest(conn, id).await?))
        })
        .await?;
    let snapshot = snapshot.ok_or_else(|| AppError::not_found("instance", which))?;
    let recent = newest_about(nexus, found.id, RECENT).await?;
    let follow_up = match follow_up(&snapshot.facts()) {
        FollowUp::Nothing => None,
        FollowUp::Change(change) => {
            let happened: Vec<String> = change.happened.iter().map(ToString::to_string).collect();
            Some(format!("the record becomes {}: {}", change.state, happened.join("; ")))
        }
    };
    Ok(InstanceExplanation {
        summary: summary(&instance),
        waiting: waiting(&instance, &recent),
        lock: holder.map(|holder| LockHolder {
            saga_id: SagaUuid::from_untyped_uuid(holder.saga.id),
            nexus_id: NexusUuid::from_untyped_uuid(holder.saga.owner),
            since: holder.saga.created_at,
        }),
        follow_up,
        migration: migration.as_ref().map(migration_view::shown).transpose()?,
        placement: recent.iter().find(|event| event.kind == "instance_placed").cloned(),
        recent,
        instance,
    })
}

fn summary(instance: &Instance) -> String {
    let place = instance.sled.as_ref().map(|sled| format!(" on sled {}", sled.name)).unwrap_or_default();
    let age = match instance.state_age_ms {
        Some(ms) if instance.sled.is_some() => format!(", as reported {} ms ago", ms),
        Some(_) | None => String::new(),
    };
    let mut text = format!(
        "{} is {}{place}{age}; it is meant to be {}.",
        instance.name, instance.state, instance.intent
    );
    let rest = match (instance.state, instance.rest) {
        (ShownState::Running, _) | (_, Rest::None) => "",
        (_, Rest::GuestShutdown) => " Its guest powered itself off, and stays off until it is started.",
        (_, Rest::GaveUp) => " It isn't tried again until it is started: look at its last end and events.",
        (_, Rest::BackOff) => " Its guest ended, and its restart policy starts it again.",
        (_, Rest::Platform) => " Its guest was lost to a fault of the platform, and a start is due.",
        (_, Rest::HeldByEvacuation) => " An evacuation holds it until its sled is restored.",
    };
    text.push_str(rest);
    if instance.crashes > 0 {
        text.push_str(&format!(" {} of {CRASHES_MAX} crashes count.", instance.crashes));
    }
    if let Some(end) = instance.last_end.as_ref().filter(|_| instance.vmm.is_none()) {
        text.push_str(&format!(" Its last VMM ended by {}.", end.ended_by));
    }
    if instance.vmm.as_ref().is_some_and(|vmm| vmm.stuck) {
        text.push_str(
            " Its hypervisor process can't be ended, not even by SIGKILL: the sled's host needs help.",
        );
    }
    text
}

fn waiting(instance: &Instance, recent: &[Event]) -> Vec<Waiting> {
    let Some(operation) = &instance.operation else {
        return restart(instance, recent).into_iter().collect();
    };
    let what = match (operation.state, &operation.waiting_for) {
        (OperationState::Waiting, Some(what)) => what.clone(),
        _ if operation.progress.phase.is_empty() => return Vec::new(),
        _ => format!("{}: {}", operation.kind, operation.progress.phase),
    };
    vec![Waiting { what, since: operation.updated_at }]
}

/// The pause before a start that is due then: since the event that told of it.
fn restart(instance: &Instance, recent: &[Event]) -> Option<Waiting> {
    let at = instance.restart_at?;
    let since = recent.first().map_or(instance.created_at, |newest| newest.at);
    let at = at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    Some(Waiting {
        what: format!("the start that is due at {at}; start it to have it now, stop it to have none"),
        since,
    })
}
