//! The target's link, and how a migration that can't go on is given up.

use berth_common::ids::MigrationUuid;
use berth_db::lifecycle::migration::{self, Begun, NewMigration};
use berth_db::lifecycle::{snapshot, work};
use berth_saga_store::SagaContext;
use diesel_async::AsyncPgConnection;

use super::super::patience::Patience;
use super::{InstanceMigrate, MigrateParams, RESERVE, settle};
use crate::world::StepResult;

pub(super) async fn link(ctx: SagaContext<InstanceMigrate>) -> StepResult<()> {
    let params = ctx.params().clone();
    let epoch = ctx.output(RESERVE)?.epoch;
    ctx.txn(async |conn: &mut AsyncPgConnection| {
        snapshot::read_locked(conn, params.instance).await?;
        match migration::begin(conn, &row(&params), epoch).await? {
            Begun::Yes => Ok(()),
            Begun::No => Err(settle::superseded()),
        }
    })
    .await?;
    ctx.world().wake.changed();
    Ok(())
}

fn row(params: &MigrateParams) -> NewMigration {
    NewMigration {
        id: params.migration,
        instance: params.instance,
        source: params.source,
        target: params.target,
        operation: params.operation,
        intent_gen: params.intent_gen,
        deadline_ms: params.deadline_ms,
        downtime_limit_ms: params.downtime_limit_ms,
    }
}

enum Look {
    /// It was decided, or never linked: nothing is left to be given up.
    Over,
    /// Both ends are to be told; who is waited for.
    NotYet(Option<String>),
}

/// Gives the migration up and returns when that is decided: by the source's own word, or the target's end.
pub(super) async fn give_up(ctx: SagaContext<InstanceMigrate>) -> StepResult<()> {
    let params = ctx.params().clone();
    let mut changes = ctx.world().wake.on_change();
    let mut patience = Patience::new();
    let (mut said, mut rung) = (None, false);
    loop {
        let look = ctx.txn(async |conn: &mut AsyncPgConnection| look(conn, &params).await).await?;
        let Look::NotYet(sled) = look else { return Ok(()) };
        // Once: the bell rings here, too, and whoever delivers asks again by itself.
        if !std::mem::replace(&mut rung, true) {
            ctx.world().wake.intent();
        }
        if let Some(sled) = sled.filter(|sled| said.as_ref() != Some(sled)) {
            let what = format!("sled {sled} to confirm that the migration is given up");
            ctx.txn(async |conn: &mut AsyncPgConnection| {
                work::wait(conn, params.operation, &what).await?;
                Ok(())
            })
            .await?;
            said = Some(sled);
        }
        changes.wait(patience.pause()).await;
    }
}

async fn look(conn: &mut AsyncPgConnection, params: &MigrateParams) -> StepResult<Look> {
    let locked = snapshot::read_locked(conn, params.instance).await?;
    let is_ours = |id: MigrationUuid| id == params.migration;
    let linked =
        locked.and_then(|snapshot| snapshot.migration).is_some_and(|linked| is_ours(linked.migration));
    let found = migration::by_id(conn, params.migration).await?;
    let Some(found) = found.filter(|_| linked) else { return Ok(Look::Over) };
    if found.outcome()?.is_some() {
        return Ok(Look::Over);
    }
    migration::give_up(conn, params.instance, "its saga couldn't go on").await?;
    migration::end_target_unless_sent(conn, params.migration).await?;
    let waits_for = if found.send_at.is_none() || found.source()?.is_terminal() {
        found.target_sled
    } else {
        found.source_sled
    };
    Ok(Look::NotYet(Some(waits_for)))
}
