//! A migration as `explain` shows it.

use berth_common::ids::{GenericUuid, MigrationUuid};
use berth_db::lifecycle::migration::Migration as Row;
use berth_nexus_api::explain::Migration;

use super::error::AppResult;
use super::unreadable::{amount, unreadable};

/// As users see it.
pub(super) fn shown(row: &Row) -> AppResult<Migration> {
    let phase = |text: &Option<String>| text.as_deref().map(str::parse).transpose().map_err(unreadable);
    let outcome = row.outcome()?;
    let details = [&row.source_detail, &row.target_detail].into_iter().flatten().cloned();
    let details: Vec<String> = details.collect();
    Ok(Migration {
        id: MigrationUuid::from_untyped_uuid(row.id),
        from: row.source_sled.clone(),
        to: row.target_sled.clone(),
        source: row.source()?,
        source_phase: phase(&row.source_phase)?,
        target: row.target()?,
        target_phase: phase(&row.target_phase)?,
        outcome,
        given_up: row.cancel_why.clone(),
        detail: (!details.is_empty()).then(|| details.join("; ")),
        left_ms: outcome.is_none().then(|| amount(row.left_ms)),
        sent_bytes: amount(row.sent_bytes),
        remaining_bytes: amount(row.remaining_bytes),
        total_bytes: amount(row.total_bytes),
        dirty_bytes_per_s: amount(row.dirty_bytes_per_s),
        throttle_percent: amount(row.throttle_percent),
        elapsed_ms: amount(row.elapsed_ms),
        downtime_ms: row.downtime_ms.map(amount),
    })
}
