//! A migration is done when the update saga has decided it.

use berth_common::migration::MigrationOutcome;
use berth_common::refusal::ErrorCode;
use berth_db::lifecycle::{migration, work};
use berth_saga_store::SagaContext;
use diesel_async::AsyncPgConnection;

use super::super::patience::Patience;
use super::{InstanceMigrate, MigrateParams, RESERVE, settle};
use crate::world::StepResult;

enum Seen {
    Completed,
    Failed(String),
    NotYet,
}

pub(super) async fn finish(ctx: SagaContext<InstanceMigrate>) -> StepResult<()> {
    let params = ctx.params().clone();
    let to = ctx.output(RESERVE)?.to;
    let mut changes = ctx.world().wake.on_change();
    let mut patience = Patience::new();
    loop {
        let phase = format!("runs on sled {}", to.name);
        let seen = ctx.txn(async |conn: &mut AsyncPgConnection| look(conn, &params, &phase).await).await?;
        match seen {
            Seen::Completed => break,
            Seen::Failed(why) => return Err(settle::failed(&ctx, ErrorCode::MigrationFailed, why).await),
            Seen::NotYet => changes.wait(patience.pause()).await,
        }
    }
    ctx.world().wake.changed();
    Ok(())
}

async fn look(conn: &mut AsyncPgConnection, params: &MigrateParams, phase: &str) -> StepResult<Seen> {
    // Gone with its instance: the delete has ended the operation.
    let Some(found) = migration::by_id(conn, params.migration).await? else { return Ok(Seen::Completed) };
    match found.outcome()? {
        None => Ok(Seen::NotYet),
        Some(MigrationOutcome::Completed) => {
            work::succeed(conn, params.operation, phase).await?;
            Ok(Seen::Completed)
        }
        Some(MigrationOutcome::Failed) => Ok(Seen::Failed(settle::reason(&found))),
    }
}
