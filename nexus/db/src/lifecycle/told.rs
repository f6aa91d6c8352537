//! Events as sagas and requests write them.

use berth_common::ids::{GenericUuid, InstanceUuid, ProjectUuid, SledUuid};
use diesel_async::AsyncPgConnection;
use uuid::Uuid;

use crate::error::DbResult;
use crate::event;

/// One transition, with its cause.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// Which, as `instance_placed`.
    pub kind: String,
    /// `instance` or `disk`.
    pub subject_kind: &'static str,
    pub subject_id: Uuid,
    pub subject_name: String,
    pub project_id: Option<Uuid>,
    pub sled_id: Option<Uuid>,
    pub actor: String,
    pub cause: String,
    /// For people.
    pub message: String,
    pub data: serde_json::Value,
}

/// Writes it.
pub async fn insert(conn: &mut AsyncPgConnection, new: &NewEvent) -> DbResult<()> {
    let row = event::NewEvent {
        kind: &new.kind,
        subject_kind: new.subject_kind,
        subject: new.subject_id,
        subject_name: &new.subject_name,
        project: new.project_id.map(ProjectUuid::from_untyped_uuid),
        sled: new.sled_id.map(SledUuid::from_untyped_uuid),
        actor: &new.actor,
        cause: &new.cause,
        message: &new.message,
        data: new.data.clone(),
    };
    event::insert(conn, &[row]).await
}

/// Writes one about an instance of which only the id is at hand. Nothing is written if it is gone.
pub async fn insert_about_instance(
    conn: &mut AsyncPgConnection,
    instance: InstanceUuid,
    new: NewEvent,
) -> DbResult<()> {
    let Some(found) = super::view::find_by_id(conn, instance.into_untyped_uuid()).await? else {
        return Ok(());
    };
    let new = NewEvent { subject_name: found.name, project_id: Some(found.project_id), ..new };
    insert(conn, &new).await
}
