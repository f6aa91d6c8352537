//! The operation that a disk's request is answered with.

use berth_common::ids::OperationUuid;
use berth_nexus_api::answer::OperationAnswer;

use super::error::{AppError, AppResult};
use super::operation::shown;
use crate::context::Nexus;

/// Reads the operation and answers with it.
pub(super) async fn answer(nexus: &Nexus, operation: OperationUuid) -> AppResult<OperationAnswer> {
    let found = nexus
        .db
        .statement("operation.read", async |conn| {
            Ok::<_, AppError>(berth_db::lifecycle::work::by_id(conn, operation).await?)
        })
        .await?;
    let found = found.ok_or_else(|| AppError::not_found("operation", operation))?;
    Ok(OperationAnswer::Accepted(shown(found)))
}
