//! Finds what a request names: by name, which needs a project, or by id, which forbids it.
//!
//! What the actor may not see is not found: the answer to both is the same.

use berth_common::ids::{DiskUuid, GenericUuid, ImageUuid, ProjectUuid, SledUuid, UserUuid};
use berth_db::models::{Disk, Image, Project, User};
use berth_db::sled::SledSeen;
use berth_nexus_api::name_or_id::NameOrId;
use diesel_async::AsyncPgConnection;
use uuid::Uuid;

use super::actor::Actor;
use super::authorise::{Action, Scope, authorise};
use super::error::{AppError, AppResult};
use crate::context::Nexus;

/// What a request names, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Which {
    /// The thing.
    pub name_or_id: NameOrId,
    /// The project of a name.
    pub project: Option<NameOrId>,
}

impl std::fmt::Display for Which {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.name_or_id.fmt(f)
    }
}

/// The id of a project that the actor can see.
///
/// # Errors
/// `invalid_request` if none is named, `not_found`.
pub async fn project_of(nexus: &Nexus, actor: &Actor, project: Option<&NameOrId>) -> AppResult<ProjectUuid> {
    let which = project.ok_or_else(|| {
        AppError::invalid("a name needs its project: say `project=NAME`, or give the id instead of the name")
    })?;
    let found = nexus.db.statement("project.find", async |conn| project_in(conn, which).await).await?;
    authorise(actor, Action::View, Scope::Project(found.id), ("project", &which.to_string()))?;
    Ok(found.id)
}

/// A project, whoever asks.
///
/// # Errors
/// `not_found`.
pub async fn project_in(conn: &mut AsyncPgConnection, which: &NameOrId) -> AppResult<Project> {
    let found = match which {
        NameOrId::Id(id) => berth_db::project::by_id(conn, ProjectUuid::from_untyped_uuid(*id)).await?,
        NameOrId::Name(name) => berth_db::project::by_name(conn, name).await?,
    };
    found.ok_or_else(|| AppError::not_found("project", which))
}

/// A user, whoever asks.
///
/// # Errors
/// `not_found`.
pub async fn user_in(conn: &mut AsyncPgConnection, which: &NameOrId) -> AppResult<User> {
    let found = match which {
        NameOrId::Id(id) => berth_db::user::by_id(conn, UserUuid::from_untyped_uuid(*id)).await?,
        NameOrId::Name(name) => berth_db::user::by_name(conn, name).await?,
    };
    found.ok_or_else(|| AppError::not_found("user", which))
}

/// A sled, whoever asks.
///
/// # Errors
/// `not_found`.
pub async fn sled_in(conn: &mut AsyncPgConnection, which: &NameOrId) -> AppResult<SledSeen> {
    let found = match which {
        NameOrId::Id(id) => berth_db::sled::by_id(conn, SledUuid::from_untyped_uuid(*id)).await?,
        NameOrId::Name(name) => berth_db::sled::by_name(conn, name).await?,
    };
    found.ok_or_else(|| AppError::not_found("sled", which))
}

/// An image of this project.
///
/// # Errors
/// `not_found`.
pub async fn image_in(
    conn: &mut AsyncPgConnection,
    project: ProjectUuid,
    which: &NameOrId,
) -> AppResult<Image> {
    let found = match which {
        NameOrId::Id(id) => berth_db::image::by_id(conn, ImageUuid::from_untyped_uuid(*id)).await?,
        NameOrId::Name(name) => berth_db::image::by_name(conn, project, name).await?,
    };
    found.filter(|image| image.project_id == project).ok_or_else(|| AppError::not_found("image", which))
}

/// The id of a disk of this project.
///
/// # Errors
/// `not_found`.
pub async fn disk_in(
    conn: &mut AsyncPgConnection,
    project: ProjectUuid,
    which: &NameOrId,
) -> AppResult<Uuid> {
    let found = match which {
        NameOrId::Id(id) => berth_db::disk::by_id(conn, DiskUuid::from_untyped_uuid(*id)).await?,
        NameOrId::Name(name) => berth_db::disk::by_name(conn, project, name).await?,
    };
    let found = found.filter(|disk| disk.project_id == project);
    found.map(|disk| disk.id.into_untyped_uuid()).ok_or_else(|| AppError::not_found("disk", which))
}

/// An image that the actor may do this with.
///
/// # Errors
/// `not_found`, `forbidden`, `invalid_request` for a project beside an id.
pub async fn image(nexus: &Nexus, actor: &Actor, action: Action, which: &Which) -> AppResult<Image> {
    let project = project_of_name(nexus, actor, which).await?;
    let name_or_id = &which.name_or_id;
    let found = nexus.db.statement("image.find", async |conn| {
        let found = match (name_or_id, project) {
            (NameOrId::Name(name), Some(project)) => berth_db::image::by_name(conn, project, name).await?,
            (NameOrId::Name(_), None) => None,
            (NameOrId::Id(id), _) => berth_db::image::by_id(conn, ImageUuid::from_untyped_uuid(*id)).await?,
        };
        Ok::<_, AppError>(found)
    });
    let found = found.await?.ok_or_else(|| AppError::not_found("image", which))?;
    authorise(actor, action, Scope::Project(found.project_id), ("image", &which.to_string()))?;
    Ok(found)
}

/// A disk that the actor may do this with.
///
/// # Errors
/// `not_found`, `forbidden`, `invalid_request` for a project beside an id.
pub async fn disk(nexus: &Nexus, actor: &Actor, action: Action, which: &Which) -> AppResult<Disk> {
    let project = project_of_name(nexus, actor, which).await?;
    let name_or_id = &which.name_or_id;
    let found = nexus.db.statement("disk.find", async |conn| {
        let found = match (name_or_id, project) {
            (NameOrId::Name(name), Some(project)) => berth_db::disk::by_name(conn, project, name).await?,
            (NameOrId::Name(_), None) => None,
            (NameOrId::Id(id), _) => berth_db::disk::by_id(conn, DiskUuid::from_untyped_uuid(*id)).await?,
        };
        Ok::<_, AppError>(found)
    });
    let found = found.await?.ok_or_else(|| AppError::not_found("disk", which))?;
    authorise(actor, action, Scope::Project(found.project_id), ("disk", &which.to_string()))?;
    Ok(found)
}

/// The project of a name; none for an id.
pub async fn project_of_name(nexus: &Nexus, actor: &Actor, which: &Which) -> AppResult<Option<ProjectUuid>> {
    match (&which.name_or_id, &which.project) {
        (NameOrId::Id(_), Some(_)) => {
            Err(AppError::invalid("an id needs no project; leave `project` out, or give a name"))
        }
        (NameOrId::Id(_), None) => Ok(None),
        (NameOrId::Name(_), project) => Ok(Some(project_of(nexus, actor, project.as_ref()).await?)),
    }
}
