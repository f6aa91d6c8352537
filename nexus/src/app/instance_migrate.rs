//! Accepts a migration: refused before anything changes where the instance, or no sled, allows it.

use berth_common::ids::{GenericUuid, InstanceUuid, MigrationUuid, OperationUuid, SledUuid, VmmUuid};
use berth_common::operation::OperationKind;
use berth_common::refusal::ErrorCode;
use berth_db::lifecycle::snapshot::{self, Snapshot};
use berth_db::lifecycle::{intent, migration, room, work};
use berth_nexus_api::answer::OperationAnswer;
use berth_nexus_api::instance::InstanceMigrate;
use berth_nexus_api::limits::{
    DOWNTIME_LIMIT_DEFAULT_MS, DOWNTIME_LIMIT_MAX_MS, MIGRATION_DEADLINE_DEFAULT_S, MIGRATION_DEADLINE_MAX_S,
};
use berth_plan::Decision;
use berth_plan::migrate::{TargetRefusal, Way, migrate};
use berth_saga_store::PreparedSaga;
use diesel_async::AsyncPgConnection;
use uuid::Uuid;

use super::actor::Actor;
use super::authorise::{Action, authorise_fleet};
use super::error::{AppError, AppResult};
use super::find::{Which, sled_in};
use super::instance_answer::{Accepted, answer};
use super::instance_decide::{find, locked, new_operation, refused};
use super::instance_event::accepted_event;
use crate::context::Nexus;
use crate::sagas::begin;
use crate::sagas::instance_migrate::target::choose;
use crate::sagas::instance_migrate::{MigrateParams, begin_in};

/// How it is to be done, checked.
#[derive(Clone, Copy, Debug)]
struct How {
    to: Option<SledUuid>,
    deadline_ms: i64,
    downtime_limit_ms: i64,
}

/// Accepts a migration: operation and saga in one transaction.
pub async fn instance_migrate(
    nexus: &Nexus,
    actor: &Actor,
    which: &Which,
    asked: InstanceMigrate,
) -> AppResult<OperationAnswer> {
    let found = find(nexus, actor, Action::Change, which).await?;
    let how = how(nexus, actor, &asked).await?;
    let (operation, saga) = (OperationUuid::new_v4(), Uuid::new_v4());
    let ids = (operation, saga, MigrationUuid::new_v4(), VmmUuid::new_v4());
    let (accepted, prepared) = nexus
        .db
        .transaction("instance_migrate.accept", async |conn| {
            let snapshot = locked(conn, &found).await?;
            let way = Way {
                from: snapshot.active.as_ref().map(|vmm| vmm.sled),
                under_way_to: snapshot.target.as_ref().map(|vmm| vmm.sled),
                to: how.to,
            };
            match migrate(&snapshot.facts(), way) {
                Decision::Refuse(refusal) => Err(refused(&refusal, &snapshot.name)),
                Decision::Already => Ok((Accepted::already(&snapshot, OperationKind::InstanceMigrate), None)),
                Decision::Go(_) => {
                    let prepared = accept(nexus, actor, conn, &snapshot, how, ids).await?;
                    Ok((Accepted::Now(operation), Some(prepared)))
                }
            }
        })
        .await?;
    if let Some(prepared) = &prepared {
        begin::run(&nexus.world, prepared);
        nexus.world.wake.changed();
    }
    answer(nexus, actor, InstanceUuid::from_untyped_uuid(found.id), accepted).await
}

async fn how(nexus: &Nexus, actor: &Actor, asked: &InstanceMigrate) -> AppResult<How> {
    let limit = |field: &str, value: u64, max: u64| {
        let range = || AppError::invalid(format!("`{field}` is {value}; 1 to {max} are allowed"));
        if (1..=max).contains(&value) { i64::try_from(value).map_err(|_| range()) } else { Err(range()) }
    };
    let deadline_s = asked.deadline_s.unwrap_or(MIGRATION_DEADLINE_DEFAULT_S);
    let downtime_limit_ms = asked.downtime_limit_ms.unwrap_or(DOWNTIME_LIMIT_DEFAULT_MS);
    let deadline_s = limit("deadline_s", deadline_s, MIGRATION_DEADLINE_MAX_S)?;
    let downtime_limit_ms = limit("downtime_limit_ms", downtime_limit_ms, DOWNTIME_LIMIT_MAX_MS)?;
    let to = match &asked.to {
        None => None,
        Some(sled) => {
            // Who may not see sleds learns nothing of them by naming one.
            authorise_fleet(actor, Action::OperateFleet)?;
            let seen = nexus.db.statement("sled.find", async |conn| sled_in(conn, sled).await).await?;
            Some(seen.sled.id)
        }
    };
    Ok(How { to, deadline_ms: deadline_s * 1_000, downtime_limit_ms })
}

async fn accept(
    nexus: &Nexus,
    actor: &Actor,
    conn: &mut AsyncPgConnection,
    snapshot: &Snapshot,
    how: How,
    (operation, saga, id, target): (OperationUuid, Uuid, MigrationUuid, VmmUuid),
) -> AppResult<PreparedSaga> {
    let source = snapshot.active.as_ref().ok_or_else(|| no_room(snapshot, "nothing of it runs"))?;
    let need = room::need(conn, snapshot.instance, snapshot.intent_gen).await?;
    let need = need.ok_or_else(|| no_room(snapshot, "it isn't meant to run"))?;
    let candidates = room::candidates(conn).await?;
    if let Err(refusal) = choose(conn, snapshot.instance, &need, (source.sled, how.to), candidates).await? {
        return Err(no_target(snapshot, &refusal));
    }
    let intent_gen = intent::move_on(conn, snapshot.instance).await?;
    let kind = OperationKind::InstanceMigrate;
    work::insert(conn, &new_operation(operation, kind, snapshot, intent_gen, Some(saga), actor)).await?;
    work::set_cancellable(conn, operation, true).await?;
    accepted_event(conn, snapshot, actor, "instance_migrate_accepted", "migration accepted").await?;
    let params = MigrateParams {
        instance: snapshot.instance,
        operation,
        migration: id,
        source: source.vmm,
        target,
        to: how.to,
        intent_gen,
        deadline_ms: how.deadline_ms,
        downtime_limit_ms: how.downtime_limit_ms,
        cause: actor.cause.clone(),
    };
    Ok(begin_in(&nexus.world, conn, saga, &params).await?)
}

/// What the planner has excluded: kept as a refusal, should it ever let it through.
fn no_room(snapshot: &Snapshot, why: &str) -> AppError {
    AppError::refused(
        ErrorCode::InstanceNotRunning,
        format!("instance {} can't be migrated: {why}; start it first", snapshot.name),
    )
}

fn no_target(snapshot: &Snapshot, refusal: &TargetRefusal) -> AppError {
    let help = match refusal.code {
        ErrorCode::NoCapacity => "make room, or let it choose another sled",
        ErrorCode::CpuModelMismatch => "stop and start it to let it run on another kind of machine",
        ErrorCode::SledUnreachable => "bring the sled back, or let it choose another one",
        _ => "let it choose another sled",
    };
    let why = &refusal.message;
    AppError::refused(refusal.code, format!("instance {} can't be migrated; {help}:\n{why}", snapshot.name))
}

/// Gives up a migration whose cancellation is wanted: under the instance's lock, so that a target that is linked at this
/// moment is either seen here or sees the wish.
pub(super) async fn give_up(nexus: &Nexus, instance: InstanceUuid) -> AppResult<()> {
    nexus
        .db
        .transaction("instance_migrate.give_up", async |conn| {
            snapshot::read_locked(conn, instance).await?;
            migration::give_up(conn, instance, "it was cancelled").await?;
            Ok(())
        })
        .await
}
