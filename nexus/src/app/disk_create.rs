//! Accepts a new disk: a pool is chosen, room and quota are taken, and the row, operation and saga written, in one transaction.

use berth_common::ids::{DiskUuid, GenericUuid, ImageUuid, OperationUuid, PoolUuid, ProjectUuid, SledUuid};
use berth_common::operation::OperationKind;
use berth_common::refusal::ErrorCode;
use berth_common::storage::{ImageKind, ImagePart, ImageState};
use berth_db::lifecycle::disk_room::{self, PoolRoom};
use berth_db::lifecycle::text::sled_liveness;
use berth_db::lifecycle::work::NewOperation;
use berth_db::models::Image;
use berth_db::quota::QuotaSubject;
use berth_nexus_api::answer::OperationAnswer;
use berth_nexus_api::disk::DiskCreate;
use berth_nexus_api::limits;
use berth_nexus_api::name_or_id::NameOrId;
use berth_plan::disk_placement::{DiskRequest, PoolFacts, PoolSled, place_disk};
use berth_plan::quota::Amounts;
use berth_saga_store::PreparedSaga;
use berth_sled_agent_api::disk::DiskSource;
use berth_sled_agent_api::spec::ImageFile;
use diesel_async::AsyncPgConnection;

use super::actor::Actor;
use super::authorise::{Action, Scope, authorise};
use super::disk_answer::answer;
use super::error::{AppError, AppResult};
use super::find::{image_in, project_of};
use super::idempotent::{Claim, Keyed, claim};
use super::instance_create::{range, text};
use super::quota::take_quota;
use crate::context::Nexus;
use crate::sagas::begin;
use crate::sagas::disk_create::{DiskCreate as CreateSaga, DiskCreateParams, saga_id};

/// Accepts a new disk. The same key with the same request gives the first answer again.
pub async fn disk_create(
    nexus: &Nexus,
    actor: &Actor,
    project: NameOrId,
    wanted: DiskCreate,
    key: Option<Keyed>,
) -> AppResult<OperationAnswer> {
    let project = project_of(nexus, actor, Some(&project)).await?;
    authorise(actor, Action::Change, Scope::Project(project), ("project", &project.to_string()))?;
    text("description", &wanted.description, limits::DESCRIPTION_MAX_BYTES)?;
    let (disk, operation) = (DiskUuid::new_v4(), OperationUuid::new_v4());
    let (operation, prepared) = nexus
        .db
        .transaction("disk_create.accept", async |conn| {
            match claim(conn, actor, key.as_ref(), disk.into_untyped_uuid(), Some(operation)).await? {
                Claim::First => {
                    let prepared = accept(nexus, actor, conn, project, &wanted, (disk, operation)).await?;
                    Ok((operation, Some(prepared)))
                }
                Claim::Before { operation, .. } => {
                    let gone = || AppError::not_found("operation", "of the first request with this key");
                    Ok((operation.ok_or_else(gone)?, None))
                }
            }
        })
        .await
        .map_err(|error: AppError| {
            error.or_if_conflict("disk_project_id_name_key", || {
                let message = format!("a disk {} exists in this project; choose another name", wanted.name);
                AppError::refused(ErrorCode::NameTaken, message)
            })
        })?;
    if let Some(prepared) = &prepared {
        begin::run(&nexus.world, prepared);
    }
    answer(nexus, operation).await
}

async fn accept(
    nexus: &Nexus,
    actor: &Actor,
    conn: &mut AsyncPgConnection,
    project: ProjectUuid,
    wanted: &DiskCreate,
    (disk, operation): (DiskUuid, OperationUuid),
) -> AppResult<PreparedSaga> {
    let image = source_image(conn, project, wanted.image.as_ref()).await?;
    let size_bytes = size(wanted, image.as_ref())?;
    let source = source(conn, image.as_ref()).await?;
    let pool = choose_pool(conn, wanted.pool.as_ref(), size_bytes).await?;
    let size_column = i64::try_from(size_bytes).unwrap_or(i64::MAX);
    let new = disk_room::NewDisk {
        id: disk,
        project,
        name: wanted.name.as_str(),
        description: &wanted.description,
        size_bytes: size_column,
        image: image.as_ref().map(|image| image.id),
        pool,
    };
    disk_room::insert(conn, &new).await?;
    let amounts = Amounts { disk_bytes: size_bytes, ..Amounts::default() };
    take_quota(conn, project, QuotaSubject::Disk(disk), &amounts).await?;
    let saga = saga_id(disk);
    let new = NewOperation {
        id: operation,
        kind: OperationKind::DiskCreate,
        subject_kind: "disk",
        subject_id: disk.into_untyped_uuid(),
        subject_name: wanted.name.to_string(),
        project_id: Some(project),
        intent_gen: None,
        saga_id: Some(saga),
        actor: actor.name.to_string(),
        cause: actor.cause.clone(),
    };
    berth_db::lifecycle::work::insert(conn, &new).await?;
    let cause = actor.cause.clone();
    let params = DiskCreateParams { disk, pool, operation, size_bytes, source, cause };
    let world = &nexus.world;
    let prepared =
        begin::prepare::<CreateSaga>(world, saga, &params, disk.into_untyped_uuid(), &actor.cause)?;
    begin::insert(world, conn, &prepared).await?;
    Ok(prepared)
}

async fn source_image(
    conn: &mut AsyncPgConnection,
    project: ProjectUuid,
    which: Option<&NameOrId>,
) -> AppResult<Option<Image>> {
    let Some(which) = which else { return Ok(None) };
    let image = image_in(conn, project, which).await?;
    if image.kind != ImageKind::Disk {
        return Err(AppError::invalid(format!(
            "image {which} is a kernel image, which has no disk in it; name a disk image, or leave it out"
        )));
    }
    if image.state != ImageState::Ready {
        return Err(AppError::refused(
            ErrorCode::ImageNotReady,
            format!("image {which} isn't complete; upload its file first"),
        ));
    }
    Ok(Some(image))
}

/// The size in bytes: what is asked for, or the image's own; never less than the image's.
fn size(wanted: &DiskCreate, image: Option<&Image>) -> AppResult<u64> {
    let least = image
        .and_then(|image| image.virtual_bytes)
        .map_or(limits::SECTOR_BYTES, |bytes| u64::try_from(bytes).unwrap_or(u64::MAX));
    let Some(size) = wanted.size_bytes else {
        return match image {
            Some(_) => Ok(least),
            None => Err(AppError::invalid("`size_bytes` is needed for a disk that is made without an image")),
        };
    };
    range("size_bytes", size, limits::SECTOR_BYTES, limits::DISK_MAX_BYTES)?;
    if size % limits::SECTOR_BYTES != 0 {
        let sector = limits::SECTOR_BYTES;
        return Err(AppError::invalid(format!("`size_bytes` is {size}; it must be a multiple of {sector}")));
    }
    if size < least {
        return Err(AppError::refused(
            ErrorCode::DiskTooSmall,
            format!("{size} bytes are asked for, but the image's disk has {least}; ask for at least that"),
        ));
    }
    Ok(size)
}

async fn source(conn: &mut AsyncPgConnection, image: Option<&Image>) -> AppResult<DiskSource> {
    let Some(image) = image else { return Ok(DiskSource::Empty) };
    let file = disk_room::disk_file(conn, image.id).await?;
    let (Some((sha256, size_bytes)), Some(format)) = (file, image.disk_format) else {
        return Err(AppError::refused(
            ErrorCode::ImageNotReady,
            format!("the file of image {} isn't complete; upload it again", image.name),
        ));
    };
    let size_bytes = u64::try_from(size_bytes).unwrap_or(0);
    let file = ImageFile {
        image: ImageUuid::from_untyped_uuid(image.id.into_untyped_uuid()),
        part: ImagePart::Disk,
        sha256,
        size_bytes,
    };
    Ok(DiskSource::Image { file, format })
}

/// Chooses the pool under the locks of all pools, so that two disks at once can't both take the last room.
async fn choose_pool(
    conn: &mut AsyncPgConnection,
    which: Option<&NameOrId>,
    size_bytes: u64,
) -> AppResult<PoolUuid> {
    let rooms = disk_room::lock_pools(conn).await?;
    let facts = facts(&rooms)?;
    let matching: Vec<PoolFacts> = match which {
        None => facts,
        Some(which) => facts.into_iter().filter(|pool| is_named(pool, which)).collect(),
    };
    if matching.is_empty() {
        let message = match which {
            Some(which) => format!("no sled has a pool {which}; `berth pool list` shows what there is"),
            None => "no sled has a pool yet; let one join whose configuration names one".to_string(),
        };
        return Err(AppError::refused(ErrorCode::PoolNotFound, message));
    }
    let request = DiskRequest { size_bytes, pool: None, kind: None, reachable_from: None };
    match place_disk(&request, &matching) {
        Ok(placed) => Ok(placed.pool),
        Err(refusal) => Err(AppError::refused(refusal.code, refusal.message)),
    }
}

fn is_named(pool: &PoolFacts, which: &NameOrId) -> bool {
    match which {
        NameOrId::Id(id) => pool.id.into_untyped_uuid() == *id,
        NameOrId::Name(name) => pool.name == name.as_str(),
    }
}

fn facts(rooms: &[PoolRoom]) -> AppResult<Vec<PoolFacts>> {
    rooms
        .iter()
        .map(|room| {
            let sleds = room.sleds().map_err(|error| AppError::Database(error.into()))?;
            Ok(PoolFacts {
                id: PoolUuid::from_untyped_uuid(room.id),
                name: room.name.clone(),
                kind: room.kind().map_err(|error| AppError::Database(error.into()))?,
                capacity_bytes: u64::try_from(room.capacity_bytes).unwrap_or(0),
                provisioned_bytes: u64::try_from(room.provisioned_bytes).unwrap_or(0),
                sleds: sleds
                    .into_iter()
                    .map(|sled| PoolSled {
                        id: SledUuid::from_untyped_uuid(sled.id),
                        admission: sled.admission,
                        liveness: sled_liveness(sled.planned_down, sled.silent_ms),
                    })
                    .collect(),
            })
        })
        .collect()
}
