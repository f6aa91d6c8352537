//! Images and their files.

use crate::ids::{DbId, DbText, OptText};
use crate::tables::{image, image_file};
use berth_common::Name;
use berth_common::ids::{ImageKind as ImageId, ImageUuid, ProjectKind, ProjectUuid};
use berth_common::storage::{DiskFormat, ImageKind, ImagePart, ImageState};
use chrono::{DateTime, Utc};
use diesel::{Queryable, QueryableByName, Selectable};
use uuid::Uuid;

/// What an instance boots, or a disk is made from.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, QueryableByName)]
#[diesel(table_name = image)]
pub struct Image {
    #[diesel(deserialize_as = DbId<ImageId>)]
    pub id: ImageUuid,
    #[diesel(deserialize_as = DbId<ProjectKind>)]
    pub project_id: ProjectUuid,
    #[diesel(deserialize_as = DbText<Name>)]
    pub name: Name,
    pub description: String,
    #[diesel(deserialize_as = DbText<ImageKind>)]
    pub kind: ImageKind,
    #[diesel(deserialize_as = DbText<ImageState>)]
    pub state: ImageState,
    /// Of a ready disk image.
    #[diesel(deserialize_as = OptText<DiskFormat>)]
    pub disk_format: Option<DiskFormat>,
    /// Of a ready disk image: size of the disk in it.
    pub virtual_bytes: Option<i64>,
    pub created_at: DateTime<Utc>,
}

/// One file of an image: complete, or an upload that isn't (yet).
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, QueryableByName)]
#[diesel(table_name = image_file)]
pub struct ImageFile {
    #[diesel(deserialize_as = DbId<ImageId>)]
    pub image_id: ImageUuid,
    #[diesel(deserialize_as = DbText<ImagePart>)]
    pub part: ImagePart,
    pub upload_id: Uuid,
    /// Bytes stored so far; all of them once there is a checksum.
    pub size_bytes: i64,
    /// Hexadecimal, lower case; none until the upload is complete.
    pub sha256: Option<String>,
    pub created_at: DateTime<Utc>,
}
