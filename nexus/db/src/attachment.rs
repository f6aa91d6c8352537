//! Which disk is attached to which instance. It changes only while the instance is stopped: a running guest's machine is
//! what it was started with.

use crate::error::DbResult;
use crate::fixed::fixed;
use crate::ids::{DbId, Raw};
use crate::models::Disk;
use crate::tables::disk;
use berth_common::ids::{DiskUuid, InstanceUuid, ProjectKind, ProjectUuid};
use berth_common::storage::DiskState;
use diesel::sql_types::{BigInt, Bool, Uuid as SqlUuid};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, QueryableByName, SelectableHelper};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// Slots for disks of an instance.
pub const SLOTS: i64 = 8;

/// What became of an attachment or its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attachment {
    /// The disk as it is now.
    Changed(Box<Disk>),
    /// It was so before; nothing was written.
    Already(Box<Disk>),
    DiskMissing,
    InstanceMissing,
    /// The disk is still being made, is being deleted, or failed.
    DiskNotReady(DiskState),
    /// Another instance has it.
    AttachedElsewhere(InstanceUuid),
    /// Disk and instance are of different projects.
    OtherProject,
    /// The instance runs, is about to, or is being created or deleted.
    InstanceNotStopped,
    /// All slots are taken.
    NoSlot,
}

#[derive(QueryableByName)]
struct Host {
    #[diesel(sql_type = SqlUuid, deserialize_as = DbId<ProjectKind>)]
    project_id: ProjectUuid,
    #[diesel(sql_type = Bool)]
    stopped: bool,
}

/// Attaches a disk at an instance's lowest free slot. Needs a transaction: instance and disk are locked, in this order.
///
/// # Errors
/// Of the database only.
pub async fn attach(
    conn: &mut AsyncPgConnection,
    disk: DiskUuid,
    instance: InstanceUuid,
) -> DbResult<Attachment> {
    let Some(host) = lock_instance(conn, instance).await? else { return Ok(Attachment::InstanceMissing) };
    let Some(disk) = lock_disk(conn, disk).await? else { return Ok(Attachment::DiskMissing) };
    if disk.project_id != host.project_id {
        return Ok(Attachment::OtherProject);
    }
    match disk.instance_id {
        Some(other) if other != instance => return Ok(Attachment::AttachedElsewhere(other)),
        Some(_) => return Ok(Attachment::Already(Box::new(disk))),
        None => {}
    }
    if disk.state != DiskState::Ready {
        return Ok(Attachment::DiskNotReady(disk.state));
    }
    if !host.stopped {
        return Ok(Attachment::InstanceNotStopped);
    }
    let attached = fixed(
        "UPDATE disk SET instance_id = $2, state_gen = state_gen + 1, slot = free.slot
         FROM (SELECT min(s.slot) AS slot FROM generate_series(0, $3 - 1) AS s (slot)
               WHERE s.slot NOT IN (SELECT slot FROM disk WHERE instance_id = $2)) free
         WHERE id = $1 AND free.slot IS NOT NULL RETURNING disk.*",
    )
    .bind::<SqlUuid, _>(disk.id.raw())
    .bind::<SqlUuid, _>(instance.raw())
    .bind::<BigInt, _>(SLOTS)
    .get_result(conn)
    .await
    .optional()?;
    Ok(attached.map_or(Attachment::NoSlot, |disk| Attachment::Changed(Box::new(disk))))
}

/// Detaches a disk from what it is attached to. Needs a transaction.
///
/// # Errors
/// Of the database only.
pub async fn detach(conn: &mut AsyncPgConnection, disk: DiskUuid) -> DbResult<Attachment> {
    let Some(seen) = crate::disk::by_id(conn, disk).await? else { return Ok(Attachment::DiskMissing) };
    let Some(instance) = seen.instance_id else { return Ok(Attachment::Already(Box::new(seen))) };
    // The instance first, as everywhere; then the disk as it is under both locks.
    let host = lock_instance(conn, instance).await?;
    let Some(locked) = lock_disk(conn, disk).await? else { return Ok(Attachment::DiskMissing) };
    match locked.instance_id {
        None => return Ok(Attachment::Already(Box::new(locked))),
        Some(other) if other != instance => return Ok(Attachment::AttachedElsewhere(other)),
        Some(_) => {}
    }
    if host.is_some_and(|host| !host.stopped) {
        return Ok(Attachment::InstanceNotStopped);
    }
    let detached = fixed(
        "UPDATE disk SET instance_id = NULL, slot = NULL, state_gen = state_gen + 1 WHERE id = $1 RETURNING *",
    )
    .bind::<SqlUuid, _>(locked.id.raw())
    .get_result(conn)
    .await?;
    Ok(Attachment::Changed(Box::new(detached)))
}

/// Stopped: nothing of it runs, nothing is under way for it, and nothing is going to start it but its user.
async fn lock_instance(conn: &mut AsyncPgConnection, id: InstanceUuid) -> DbResult<Option<Host>> {
    let found = fixed(
        "SELECT i.project_id, i.state IN ('no_vmm', 'failed') AND i.updater_id IS NULL
             AND (i.intent = 'stopped' OR (i.intent = 'running' AND i.rest IN ('guest_shutdown', 'gave_up')))
             AND NOT EXISTS (SELECT 1 FROM operation o WHERE o.subject_id = i.id AND o.ended_at IS NULL)
             AND NOT EXISTS (SELECT 1 FROM vmm v WHERE v.instance_id = i.id AND v.ended_by IS NULL) AS stopped
         FROM instance i WHERE i.id = $1 AND i.state <> 'destroyed' FOR NO KEY UPDATE OF i",
    )
    .bind::<SqlUuid, _>(id.raw())
    .get_result(conn)
    .await
    .optional()?;
    Ok(found)
}

async fn lock_disk(conn: &mut AsyncPgConnection, id: DiskUuid) -> DbResult<Option<Disk>> {
    let locked = disk::table.filter(disk::id.eq(id.raw())).select(Disk::as_select()).for_no_key_update();
    Ok(locked.first(conn).await.optional()?)
}
