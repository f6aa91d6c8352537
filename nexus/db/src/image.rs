//! Images: records, lists, removal. Their files are in [`crate::image_file`].

use crate::error::DbResult;
use crate::fixed::fixed;
use crate::ids::Raw;
use crate::models::{Image, ImageFile};
use crate::page::{InProject, Page, Paging};
use crate::tables::{image, image_file};
use berth_common::Name;
use berth_common::ids::{ImageUuid, ProjectUuid};
use berth_common::storage::{ImageKind, ImagePart};
use diesel::sql_types::{BigInt, Text, Uuid as SqlUuid};
use diesel::{
    BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, QueryableByName, SelectableHelper,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// A new image, whose files are still to come.
#[derive(Clone, Debug)]
pub struct NewImage<'a> {
    pub id: ImageUuid,
    pub project: ProjectUuid,
    pub name: &'a Name,
    pub description: &'a str,
    pub kind: ImageKind,
}

/// What became of an image that was to be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageRemoval {
    Removed,
    /// Instances boot it, or disks are copies of it: it stays.
    InUse {
        instances: i64,
        disks: i64,
    },
    Missing,
}

/// Makes an image in state *uploading*.
///
/// # Errors
/// Conflict of `image_project_id_name_key` (the name is taken) or `image_project_id_fkey` (there is no such project).
pub async fn create(conn: &mut AsyncPgConnection, new: &NewImage<'_>) -> DbResult<Image> {
    let made = fixed(
        "INSERT INTO image (id, project_id, name, description, kind, state)
         VALUES ($1, $2, $3, $4, $5, 'uploading') RETURNING *",
    )
    .bind::<SqlUuid, _>(new.id.raw())
    .bind::<SqlUuid, _>(new.project.raw())
    .bind::<Text, _>(new.name.as_str())
    .bind::<Text, _>(new.description)
    .bind::<Text, _>(new.kind.as_str())
    .get_result(conn)
    .await?;
    Ok(made)
}

/// One image.
///
/// # Errors
/// Of the database only.
pub async fn by_id(conn: &mut AsyncPgConnection, id: ImageUuid) -> DbResult<Option<Image>> {
    let found = image::table.filter(image::id.eq(id.raw()));
    Ok(found.select(Image::as_select()).first(conn).await.optional()?)
}

/// One image.
///
/// # Errors
/// Of the database only.
pub async fn by_name(
    conn: &mut AsyncPgConnection,
    project: ProjectUuid,
    name: &Name,
) -> DbResult<Option<Image>> {
    let found = image::table.filter(image::project_id.eq(project.raw()).and(image::name.eq(name.as_str())));
    Ok(found.select(Image::as_select()).first(conn).await.optional()?)
}

/// Images of a project, or of all, project by project.
///
/// # Errors
/// Of the database only.
pub async fn list(
    conn: &mut AsyncPgConnection,
    project: Option<ProjectUuid>,
    paging: &Paging<InProject>,
) -> DbResult<Page<Image, InProject>> {
    let after = paging.after().map_or("", |after| after.name.as_str());
    let query = match project {
        Some(project) => {
            fixed("SELECT * FROM image WHERE project_id = $1 AND name > $2 ORDER BY name LIMIT $3")
                .bind::<SqlUuid, _>(project.raw())
        }
        None => fixed(
            "SELECT * FROM image WHERE (project_id, name) > ($1, $2) ORDER BY project_id, name LIMIT $3",
        )
        .bind::<SqlUuid, _>(paging.after().map_or(Uuid::nil(), |after| after.project.raw())),
    };
    let rows = query.bind::<Text, _>(after).bind::<BigInt, _>(paging.rows()).load(conn).await?;
    Ok(Page::of(rows, paging, |last: &Image| InProject { project: last.project_id, name: last.name.clone() }))
}

/// The complete files of these images.
///
/// # Errors
/// Of the database only.
pub async fn files(conn: &mut AsyncPgConnection, images: &[ImageUuid]) -> DbResult<Vec<ImageFile>> {
    let ids: Vec<Uuid> = images.iter().map(|id| id.raw()).collect();
    let complete = image_file::image_id.eq_any(ids).and(image_file::sha256.is_not_null());
    let ordered = image_file::table.filter(complete).order((image_file::image_id, image_file::part));
    Ok(ordered.select(ImageFile::as_select()).load(conn).await?)
}

/// One complete file of an image.
///
/// # Errors
/// Of the database only.
pub async fn file(
    conn: &mut AsyncPgConnection,
    image: ImageUuid,
    part: ImagePart,
) -> DbResult<Option<ImageFile>> {
    let found = image_file::table
        .filter(image_file::image_id.eq(image.raw()).and(image_file::part.eq(part.as_str())))
        .filter(image_file::sha256.is_not_null());
    Ok(found.select(ImageFile::as_select()).first(conn).await.optional()?)
}

#[derive(QueryableByName)]
struct Users {
    #[diesel(sql_type = BigInt)]
    instances: i64,
    #[diesel(sql_type = BigInt)]
    disks: i64,
}

/// Removes an image with its files, unless it is used. Needs a transaction: its row is locked so that nothing begins to
/// use it meanwhile.
///
/// # Errors
/// Of the database only.
pub async fn delete(conn: &mut AsyncPgConnection, id: ImageUuid) -> DbResult<ImageRemoval> {
    let locked = fixed("SELECT * FROM image WHERE id = $1 FOR UPDATE").bind::<SqlUuid, _>(id.raw());
    if locked.get_result::<Image>(conn).await.optional()?.is_none() {
        return Ok(ImageRemoval::Missing);
    }
    let users: Users = fixed(
        "SELECT (SELECT count(*) FROM instance WHERE image_id = $1) AS instances,
                (SELECT count(*) FROM disk WHERE image_id = $1) AS disks",
    )
    .bind::<SqlUuid, _>(id.raw())
    .get_result(conn)
    .await?;
    if users.instances + users.disks > 0 {
        return Ok(ImageRemoval::InUse { instances: users.instances, disks: users.disks });
    }
    fixed("DELETE FROM image WHERE id = $1").bind::<SqlUuid, _>(id.raw()).execute(conn).await?;
    Ok(ImageRemoval::Removed)
}
