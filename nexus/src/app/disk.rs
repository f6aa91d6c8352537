//! Disks: viewed, attached and detached. What makes and deletes them is in `disk_create` and `disk_delete`.

use berth_common::ids::{GenericUuid, InstanceUuid};
use berth_common::refusal::ErrorCode;
use berth_db::attachment::{self, Attachment};
use berth_db::event::{self, NewEvent};
use berth_db::lifecycle::view::{find_by_id, find_by_name};
use berth_db::{disk, models};
use berth_nexus_api::disk::{Disk, DiskAttachment};
use berth_nexus_api::page::ProjectPageQuery;
use berth_nexus_api::{NameOrId, Page};
use diesel_async::AsyncPgConnection;

use super::actor::Actor;
use super::authorise::{Action, authorise_fleet};
use super::error::{AppError, AppResult};
use super::find::{self, Which, project_of};
use super::page::{paging, shown};
use super::unreadable::amount;
use crate::context::Nexus;

/// Disks of a project, or of all.
pub async fn disk_list(nexus: &Nexus, actor: &Actor, query: ProjectPageQuery) -> AppResult<Page<Disk>> {
    let project = match &query.project {
        Some(which) => Some(project_of(nexus, actor, Some(which)).await?),
        None => {
            authorise_fleet(actor, Action::ViewFleet)?;
            None
        }
    };
    let paging = paging(query.limit, query.page_token.as_deref())?;
    let rows = nexus
        .db
        .statement("disk.list", async |conn| Ok::<_, AppError>(disk::list(conn, project, &paging).await?))
        .await?;
    Ok(shown(rows, view))
}

/// One disk.
pub async fn disk_view(nexus: &Nexus, actor: &Actor, which: &Which) -> AppResult<Disk> {
    Ok(view(find::disk(nexus, actor, Action::View, which).await?))
}

/// Attaches a disk to a stopped instance of its project, at the lowest free slot.
pub async fn disk_attach(
    nexus: &Nexus,
    actor: &Actor,
    which: &Which,
    instance: &NameOrId,
) -> AppResult<Disk> {
    let found = find::disk(nexus, actor, Action::Change, which).await?;
    nexus
        .db
        .transaction("disk.attach", async |conn| {
            let missing = || AppError::not_found("instance", instance);
            let host = match instance {
                NameOrId::Id(id) => find_by_id(conn, *id).await?,
                NameOrId::Name(name) => find_by_name(conn, found.project_id, name.as_str()).await?,
            };
            let host = host.filter(|host| host.project_id == found.project_id.into_untyped_uuid());
            let host = host.ok_or_else(missing)?;
            let id = InstanceUuid::from_untyped_uuid(host.id);
            let change = Change { verb: "attached", preposition: "to", instance: &host.name };
            let became = attachment::attach(conn, found.id, id).await?;
            settle(conn, actor, &found, became, &change).await
        })
        .await
}

/// Detaches a disk from its stopped instance.
pub async fn disk_detach(nexus: &Nexus, actor: &Actor, which: &Which) -> AppResult<Disk> {
    let found = find::disk(nexus, actor, Action::Change, which).await?;
    nexus
        .db
        .transaction("disk.detach", async |conn| {
            let host = match found.instance_id {
                Some(id) => find_by_id(conn, id.into_untyped_uuid()).await?,
                None => None,
            };
            let name = host.map(|host| host.name).unwrap_or_default();
            let change = Change { verb: "detached", preposition: "from", instance: &name };
            let became = attachment::detach(conn, found.id).await?;
            settle(conn, actor, &found, became, &change).await
        })
        .await
}

/// What is being done, in words.
struct Change<'a> {
    verb: &'a str,
    preposition: &'a str,
    instance: &'a str,
}

/// Tells what became of it: an event if something changed, a refusal if it couldn't be.
async fn settle(
    conn: &mut AsyncPgConnection,
    actor: &Actor,
    disk: &models::Disk,
    became: Attachment,
    change: &Change<'_>,
) -> AppResult<Disk> {
    let (name, instance) = (&disk.name, change.instance);
    let refused = |code, message| Err(AppError::refused(code, message));
    match became {
        Attachment::Changed(disk) => {
            event::insert(conn, &[told(actor, &disk, change)]).await?;
            Ok(view(*disk))
        }
        Attachment::Already(disk) => Ok(view(*disk)),
        Attachment::DiskMissing => Err(AppError::not_found("disk", name)),
        Attachment::InstanceMissing | Attachment::OtherProject => {
            Err(AppError::not_found("instance", instance))
        }
        Attachment::DiskNotReady(state) => refused(
            ErrorCode::DiskNotReady,
            format!("disk {name} is {state}; only one that is ready can be attached"),
        ),
        Attachment::AttachedElsewhere(other) => refused(
            ErrorCode::DiskAttached,
            format!("disk {name} is attached to instance {other}; detach it there first"),
        ),
        Attachment::InstanceNotStopped => refused(
            ErrorCode::InstanceNotStopped,
            format!("instance {instance} isn't stopped; a disk comes and goes only while it is"),
        ),
        Attachment::NoSlot => refused(
            ErrorCode::LimitExceeded,
            format!("instance {instance} has {} disks, which is the most", attachment::SLOTS),
        ),
    }
}

fn told<'a>(actor: &'a Actor, disk: &'a models::Disk, change: &Change<'a>) -> NewEvent<'a> {
    NewEvent {
        kind: if change.verb == "attached" { "disk_attached" } else { "disk_detached" },
        subject_kind: "disk",
        subject: disk.id.into_untyped_uuid(),
        subject_name: disk.name.as_str(),
        project: Some(disk.project_id),
        sled: None,
        actor: actor.name.as_str(),
        cause: &actor.cause,
        message: change.verb,
        data: serde_json::json!({ change.preposition: change.instance, "slot": disk.slot }),
    }
}

fn view(row: models::Disk) -> Disk {
    let attached = row.instance_id.zip(row.slot);
    Disk {
        attached_to: attached.map(|(instance_id, slot)| DiskAttachment {
            instance_id,
            slot: u32::try_from(slot).unwrap_or(0),
        }),
        id: row.id,
        project_id: row.project_id,
        name: row.name,
        description: row.description,
        size_bytes: amount(row.size_bytes),
        image_id: row.image_id,
        pool_id: row.pool_id,
        state: row.state,
        created_at: row.created_at,
    }
}
