//! What operators ask the whole cluster.

use berth_common::ids::NexusUuid;
use berth_db::check::{self, CHECKS, Difference, SETTLE_S};
use berth_db::models::NexusState;
use berth_db::nexus::{self, NexusSeen};
use berth_db::page::{ByName, PAGE_LIMIT, Paging};
use berth_nexus_api::check::{CheckReport, Finding};
use berth_nexus_api::nexus::NexusView;

use super::actor::Actor;
use super::authorise::{Action, authorise_fleet};
use super::error::{AppError, AppResult};
use crate::context::Nexus;

/// Every nexus there is, and was.
pub async fn nexus_list(nexus: &Nexus, actor: &Actor) -> AppResult<Vec<NexusView>> {
    authorise_fleet(actor, Action::ViewFleet)?;
    let all: Paging<ByName> = Paging::first(PAGE_LIMIT);
    let rows = nexus
        .db
        .statement("nexus.list", async |conn| Ok::<_, AppError>(nexus::list(conn, &all).await?))
        .await?;
    Ok(rows.items.into_iter().map(|seen| view(seen, nexus.id)).collect())
}

/// Recomputes every invariant from the rows, in one snapshot of the database.
pub async fn check(nexus: &Nexus, actor: &Actor) -> AppResult<CheckReport> {
    authorise_fleet(actor, Action::ViewFleet)?;
    let found = check::check(&nexus.db, SETTLE_S).await?;
    let finding = |difference: Difference| Finding {
        invariant: difference.check.to_string(),
        subject: difference.subject,
        message: difference.message,
    };
    Ok(CheckReport {
        checked: CHECKS.iter().map(|check| check.name.to_string()).collect(),
        findings: found.into_iter().map(finding).collect(),
    })
}

fn view(seen: NexusSeen, this: NexusUuid) -> NexusView {
    let answering = seen.answers();
    let row = seen.nexus;
    NexusView {
        answering: row.id == this || (answering && row.state == NexusState::Active),
        id: row.id,
        name: row.name,
        state: row.state.as_str().to_string(),
        public_address: row.public_address,
        internal_address: row.internal_address,
        version: row.version,
        started_at: row.started_at,
        renewed_at: row.renewed_at,
    }
}
