//! Images: what instances boot and disks are made from.

use berth_common::Name;
use berth_common::ids::{ImageUuid, ProjectUuid};
use berth_common::storage::{DiskFormat, ImageKind, ImagePart, ImageState};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::name_or_id::NameOrId;

/// An image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Image {
    /// Its id.
    pub id: ImageUuid,
    /// Its project.
    pub project_id: ProjectUuid,
    /// Unique in its project.
    pub name: Name,
    /// The users' own words.
    pub description: String,
    /// What it consists of.
    pub kind: ImageKind,
    /// `ready` once all its files are here.
    pub state: ImageState,
    /// Of a disk image: what its file is.
    pub disk_format: Option<DiskFormat>,
    /// Of a disk image: size in bytes of the disk in it, the least a disk made from it has.
    pub virtual_bytes: Option<u64>,
    /// Complete files.
    pub files: Vec<ImageFile>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// One complete file of an image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ImageFile {
    /// Which of its files.
    pub part: ImagePart,
    /// Size in bytes.
    pub size_bytes: u64,
    /// SHA-256, lower-case hexadecimal.
    pub sha256: String,
}

/// An image to be made; its files are uploaded afterwards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImageCreate {
    /// Unique in its project.
    pub name: Name,
    /// The users' own words.
    #[serde(default)]
    pub description: String,
    /// `kernel`: files `kernel` and `initrd`. `disk`: one file `disk`, raw or qcow2.
    pub kind: ImageKind,
}

/// Path of one image.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct ImagePath {
    /// The image, by name or id.
    pub image: NameOrId,
}

/// Path of one file of an image.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct ImageFilePath {
    /// The image, by name or id.
    pub image: NameOrId,
    /// Which of its files.
    pub part: ImagePart,
}

/// About an upload.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImageUploadQuery {
    /// The project of a name; not allowed beside an id.
    pub project: Option<NameOrId>,
    /// SHA-256 of the file, hexadecimal. If what arrives differs, nothing is kept.
    pub sha256: Option<String>,
}
