//! Failed tries: recorded before the saga unwinds, so that its last undo can tell why.

use berth_common::ids::SledUuid;
use berth_db::lifecycle::attempt;
use berth_saga_store::{SagaContext, StepError};
use diesel_async::AsyncPgConnection;

use super::InstanceStart;

/// Records why this try failed, and gives the step's error.
pub(super) async fn failed(
    ctx: &SagaContext<InstanceStart>,
    sled: Option<SledUuid>,
    code: &'static str,
    message: String,
) -> StepError {
    let params = ctx.params().clone();
    let error = StepError::new(message.clone());
    let vmm = match params.vmm() {
        Ok(vmm) => vmm,
        Err(error) => return error,
    };
    let recorded = ctx
        .txn(async |conn: &mut AsyncPgConnection| {
            attempt::record(conn, params.operation, vmm, sled, code, &message).await?;
            berth_db::lifecycle::work::progress(conn, params.operation, "undoing a failed try").await?;
            Ok(())
        })
        .await;
    recorded.err().unwrap_or(error)
}

/// The user asked for something else meanwhile: nothing failed, and nothing is tried again.
pub(super) fn superseded() -> StepError {
    StepError::new("another request for the instance came after this start")
}
