//! A sled's metrics, asked of its agent: nexus keeps none of them.

use berth_common::refusal::ErrorCode;
use berth_nexus_api::NameOrId;

use super::actor::Actor;
use super::authorise::{Action, authorise_fleet};
use super::error::{AppError, AppResult};
use super::find::sled_in;
use crate::context::Nexus;
use crate::sled_page;

/// The page of its agent, for who may see the fleet.
pub async fn sled_metrics(nexus: &Nexus, actor: &Actor, which: &NameOrId) -> AppResult<String> {
    authorise_fleet(actor, Action::ViewFleet)?;
    let found = nexus.db.statement("sled.find", async |conn| sled_in(conn, which).await).await?;
    sled_page::metrics(&nexus.world, &found.sled).await.map_err(|why| {
        let name = &found.sled.name;
        let message = format!("sled {name} can't be asked for its metrics: {why}; see `sled explain {name}`");
        AppError::refused(ErrorCode::SledUnreachable, message)
    })
}
