//! The event of an accepted request: who asked for what.

use berth_common::ids::GenericUuid;
use berth_db::lifecycle::snapshot::Snapshot;
use berth_db::lifecycle::told::NewEvent;
use diesel_async::AsyncPgConnection;

use super::actor::Actor;
use super::error::AppResult;

/// Writes it, in the transaction that accepts.
pub(super) async fn accepted_event(
    conn: &mut AsyncPgConnection,
    snapshot: &Snapshot,
    actor: &Actor,
    kind: &str,
    message: &str,
) -> AppResult<()> {
    let event = NewEvent {
        kind: kind.to_string(),
        subject_kind: "instance",
        subject_id: snapshot.instance.into_untyped_uuid(),
        subject_name: snapshot.name.clone(),
        project_id: Some(snapshot.project.into_untyped_uuid()),
        sled_id: None,
        actor: actor.name.to_string(),
        cause: actor.cause.clone(),
        message: message.to_string(),
        data: serde_json::json!({}),
    };
    berth_db::lifecycle::told::insert(conn, &event).await?;
    Ok(())
}
