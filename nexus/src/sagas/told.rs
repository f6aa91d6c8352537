//! What an agent answered about a VMM, stored as if it had reported it: it is the same evidence, sooner.

use berth_common::ids::SledUuid;
use berth_db::lifecycle::report;
use berth_sled_agent_api::report::VmmReport;
use diesel_async::AsyncPgConnection;

use crate::sled_rows::reported;
use crate::world::StepResult;

/// Stores one VMM's state if it is newer than what is known.
pub(super) async fn store(
    conn: &mut AsyncPgConnection,
    sled: SledUuid,
    vmm: &VmmReport,
    cause: &str,
) -> StepResult<()> {
    report::store_answer(conn, sled, &reported(vmm), cause).await?;
    Ok(())
}
