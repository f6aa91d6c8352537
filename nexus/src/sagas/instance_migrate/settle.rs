//! The last undo: the operation ends as the migration was decided.

use berth_common::migration::MigrationOutcome;
use berth_common::refusal::ErrorCode;
use berth_db::lifecycle::migration::{self, Migration};
use berth_db::lifecycle::{disk_work, work};
use berth_saga_store::{SagaContext, StepError};
use diesel_async::AsyncPgConnection;

use super::{InstanceMigrate, MigrateParams};
use crate::world::StepResult;

/// Keeps why the operation is going to fail, and gives the step's error. The first reason stays.
pub(super) async fn failed(ctx: &SagaContext<InstanceMigrate>, code: ErrorCode, why: String) -> StepError {
    let operation = ctx.params().operation;
    let (words, error) = (format!("{code} {why}"), StepError::new(why));
    let kept = ctx
        .txn(async |conn: &mut AsyncPgConnection| {
            disk_work::note_failure(conn, operation, &words).await?;
            Ok(())
        })
        .await;
    kept.err().unwrap_or(error)
}

/// The user asked for something else meanwhile, or for nothing any more.
pub(super) fn superseded() -> StepError {
    StepError::new("another request for the instance came after this migration")
}

/// Why a migration failed: what both ends said, and who wanted it given up.
pub(super) fn reason(found: &Migration) -> String {
    let said = [
        found.cancel_why.as_ref().map(|why| format!("it was given up: {why}")),
        found.source_detail.as_ref().map(|detail| format!("sled {}: {detail}", found.source_sled)),
        found.target_detail.as_ref().map(|detail| format!("sled {}: {detail}", found.target_sled)),
    ];
    let said: Vec<String> = said.into_iter().flatten().collect();
    match said.as_slice() {
        [] => format!("its target on sled {} ended before the guest was there", found.target_sled),
        said => said.join("\n"),
    }
}

pub(super) async fn settle(ctx: SagaContext<InstanceMigrate>) -> StepResult<()> {
    let params = ctx.params().clone();
    ctx.txn(async |conn: &mut AsyncPgConnection| settle_in(conn, &params).await).await?;
    ctx.world().wake.changed();
    Ok(())
}

async fn settle_in(conn: &mut AsyncPgConnection, params: &MigrateParams) -> StepResult<()> {
    let found = migration::by_id(conn, params.migration).await?;
    let outcome = found.as_ref().map(Migration::outcome).transpose()?.flatten();
    if let (Some(found), Some(MigrationOutcome::Completed)) = (&found, outcome) {
        let phase = format!("runs on sled {}", found.target_sled);
        work::succeed(conn, params.operation, &phase).await?;
        return Ok(());
    }
    let Some(operation) = work::by_id(conn, params.operation).await? else { return Ok(()) };
    if operation.cancel_wanted {
        work::cancel(conn, params.operation, "cancelled; the guest goes on where it is").await?;
        return Ok(());
    }
    let noted = disk_work::noted_failure(conn, params.operation).await?;
    let (code, why) = match noted.as_deref().and_then(|words| words.split_once(' ')) {
        Some((code, why)) => (code.parse().unwrap_or(ErrorCode::MigrationFailed), why.to_string()),
        None => (ErrorCode::MigrationFailed, found.as_ref().map_or_else(nobody_said, reason)),
    };
    work::fail(conn, params.operation, code, &why).await?;
    Ok(())
}

fn nobody_said() -> String {
    "the instance changed under the migration; look at its events".to_string()
}
