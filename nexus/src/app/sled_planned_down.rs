//! A sled says that its host is being shut down on purpose.

use berth_common::ids::{GenericUuid, SledUuid};
use berth_db::event::{self, NewEvent};
use berth_db::sled_register::plan_down;
use berth_sled_agent_api::sled::PlannedDown;

use super::error::{AppError, AppResult};
use crate::context::Nexus;

/// Notes it: the sled is shown as such, and takes nothing new, until it registers again. Said of another boot or
/// ledger than the sled is known by, or said again, it changes nothing.
///
/// # Errors
/// Of the database only.
pub async fn sled_planned_down(
    nexus: &Nexus,
    sled: SledUuid,
    said: &PlannedDown,
    cause: &str,
) -> AppResult<()> {
    nexus
        .db
        .transaction("sled.planned_down", async |conn| {
            let Some(row) = plan_down(conn, sled, said.boot, said.ledger).await? else {
                return Ok::<(), AppError>(());
            };
            let noted = NewEvent {
                kind: "sled_planned_down",
                subject_kind: "sled",
                subject: row.id.into_untyped_uuid(),
                subject_name: row.name.as_str(),
                project: None,
                sled: Some(row.id),
                actor: "sled-agent",
                cause,
                message: "its host is being shut down",
                data: serde_json::json!({ "boot": said.boot }),
            };
            event::insert(conn, &[noted]).await?;
            Ok(())
        })
        .await?;
    nexus.world.wake.changed();
    Ok(())
}
