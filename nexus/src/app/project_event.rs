//! Events about projects: made, changed, deleted. They are told in the project, and that it is gone, in the fleet.

use berth_db::{DbResult, models, quota};
use berth_plan::quota::Amounts;
use diesel_async::AsyncPgConnection;
use serde_json::json;

use super::access_event::{About, By, tell};

/// Tells that a project is there.
pub(super) async fn project_made(
    conn: &mut AsyncPgConnection,
    by: By<'_>,
    made: &models::Project,
) -> DbResult<()> {
    let amounts = quota::limits(made);
    let message = format!("made, with a quota of {}", words(&amounts));
    let data = json!({"quota": amounts});
    tell(conn, by, About::project(made), "project_created", &message, data).await
}

/// Tells what of a project is another now; nothing, if nothing is.
pub(super) async fn project_changed(
    conn: &mut AsyncPgConnection,
    by: By<'_>,
    before: &models::Project,
    after: &models::Project,
) -> DbResult<()> {
    let (was, is) = (quota::limits(before), quota::limits(after));
    let mut message = Vec::new();
    if before.name != after.name {
        message.push(format!("renamed from {}", before.name));
    }
    if before.description != after.description {
        message.push("described anew".to_owned());
    }
    if was != is {
        message.push(format!("given a quota of {} instead of {}", words(&is), words(&was)));
    }
    if message.is_empty() {
        return Ok(());
    }
    let data = json!({
        "before": {"name": before.name, "description": before.description, "quota": was},
        "after": {"name": after.name, "description": after.description, "quota": is},
    });
    tell(conn, by, About::project(after), "project_updated", &message.join(", "), data).await
}

/// Tells that a project is gone.
pub(super) async fn project_gone(
    conn: &mut AsyncPgConnection,
    by: By<'_>,
    gone: &models::Project,
) -> DbResult<()> {
    tell(conn, by, About::project(gone), "project_deleted", "deleted, with the roles in it", json!({})).await
}

fn words(amounts: &Amounts) -> String {
    let Amounts { instances, cpus, memory_mib, disk_bytes } = amounts;
    format!("{instances} instances, {cpus} CPUs, {memory_mib} MiB of memory, {disk_bytes} bytes of disks")
}
