//! Images: made empty, filled by uploads, deleted when nothing uses them.

use berth_common::ids::{GenericUuid, ImageUuid};
use berth_common::refusal::ErrorCode;
use berth_db::image::{self, ImageRemoval, NewImage};
use berth_db::models;
use berth_nexus_api::image::{Image, ImageCreate, ImageFile};
use berth_nexus_api::limits::{DESCRIPTION_MAX_BYTES, text};
use berth_nexus_api::page::ProjectPageQuery;
use berth_nexus_api::{NameOrId, Page};
use diesel_async::AsyncPgConnection;

use super::actor::Actor;
use super::authorise::{Action, Scope, authorise, authorise_fleet};
use super::error::{AppError, AppResult};
use super::find::{self, Which, project_of};
use super::idempotent::{Claim, Keyed, claim};
use super::page::{paging, shown};
use super::unreadable::amount;
use crate::context::Nexus;

/// Images of a project, or of all.
pub async fn image_list(nexus: &Nexus, actor: &Actor, query: ProjectPageQuery) -> AppResult<Page<Image>> {
    let project = match &query.project {
        Some(which) => Some(project_of(nexus, actor, Some(which)).await?),
        None => {
            authorise_fleet(actor, Action::ViewFleet)?;
            None
        }
    };
    let paging = paging(query.limit, query.page_token.as_deref())?;
    let (rows, files) = nexus
        .db
        .statement("image.list", async |conn| {
            let rows = image::list(conn, project, &paging).await?;
            let ids: Vec<ImageUuid> = rows.items.iter().map(|image| image.id).collect();
            let files = image::files(conn, &ids).await?;
            Ok::<_, AppError>((rows, files))
        })
        .await?;
    Ok(shown(rows, |row| view(row, &files)))
}

/// Makes an image without files.
pub async fn image_create(
    nexus: &Nexus,
    actor: &Actor,
    project: NameOrId,
    wanted: ImageCreate,
    key: Option<Keyed>,
) -> AppResult<Image> {
    let project_id = project_of(nexus, actor, Some(&project)).await?;
    authorise(actor, Action::Change, Scope::Project(project_id), ("project", &project.to_string()))?;
    text("description", &wanted.description, DESCRIPTION_MAX_BYTES).map_err(AppError::invalid)?;
    let id = ImageUuid::new_v4();
    let new = NewImage {
        id,
        project: project_id,
        name: &wanted.name,
        description: &wanted.description,
        kind: wanted.kind,
    };
    let made = nexus.db.transaction("image.create", async |conn| {
        match claim(conn, actor, key.as_ref(), id.into_untyped_uuid(), None).await? {
            Claim::First => Ok(view(image::create(conn, &new).await?, &[])),
            Claim::Before { subject, .. } => with_files(conn, ImageUuid::from_untyped_uuid(subject)).await,
        }
    });
    made.await.map_err(|error: AppError| {
        error.or_if_conflict("image_project_id_name_key", || {
            AppError::refused(
                ErrorCode::NameTaken,
                format!("an image {} exists in this project; choose another name", wanted.name),
            )
        })
    })
}

/// One image.
pub async fn image_view(nexus: &Nexus, actor: &Actor, which: &Which) -> AppResult<Image> {
    let found = find::image(nexus, actor, Action::View, which).await?;
    by_id(nexus, found.id).await
}

/// Deletes an image that nothing uses.
pub async fn image_delete(nexus: &Nexus, actor: &Actor, which: &Which) -> AppResult<()> {
    let found = find::image(nexus, actor, Action::Change, which).await?;
    nexus
        .db
        .transaction("image.delete", async |conn| match image::delete(conn, found.id).await? {
            ImageRemoval::Removed => Ok(()),
            ImageRemoval::Missing => Err(AppError::not_found("image", which)),
            ImageRemoval::InUse { instances, disks } => Err(AppError::refused_with(
                ErrorCode::ImageInUse,
                format!(
                    "{instances} instances boot image {} and {disks} disks are copies of it; delete them first",
                    found.name
                ),
                serde_json::json!({"instances": instances, "disks": disks}),
            )),
        })
        .await
}

/// One image whose reader is known to be allowed.
pub(super) async fn by_id(nexus: &Nexus, id: ImageUuid) -> AppResult<Image> {
    nexus.db.statement("image.view", async |conn| with_files(conn, id).await).await
}

async fn with_files(conn: &mut AsyncPgConnection, id: ImageUuid) -> AppResult<Image> {
    let row = image::by_id(conn, id).await?.ok_or_else(|| AppError::not_found("image", id))?;
    let files = image::files(conn, &[id]).await?;
    Ok(view(row, &files))
}

fn view(row: models::Image, files: &[models::ImageFile]) -> Image {
    let own = files.iter().filter(|file| file.image_id == row.id);
    let files = own.filter_map(|file| {
        let sha256 = file.sha256.clone()?;
        Some(ImageFile { part: file.part, size_bytes: amount(file.size_bytes), sha256 })
    });
    Image {
        files: files.collect(),
        id: row.id,
        project_id: row.project_id,
        name: row.name,
        description: row.description,
        kind: row.kind,
        state: row.state,
        disk_format: row.disk_format,
        virtual_bytes: row.virtual_bytes.map(amount),
        created_at: row.created_at,
    }
}
