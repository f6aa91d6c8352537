//! Projects.

use berth_common::Generation;
use berth_common::ids::{GenericUuid, ProjectUuid};
use berth_common::refusal::ErrorCode;
use berth_common::role::Role;
use berth_db::project::{self, NewProject, ProjectChange, ProjectRemoval};
use berth_db::{Guarded, models, quota, role, user};
use berth_nexus_api::limits::{self, text};
use berth_nexus_api::page::PageQuery;
use berth_nexus_api::project::{Project, ProjectCreate, ProjectUpdate, Quota};
use berth_nexus_api::{NameOrId, Page};
use berth_plan::quota::Amounts;

use super::access_event::role_changed;
use super::actor::Actor;
use super::authorise::{Action, Scope, authorise, authorise_fleet};
use super::error::{AppError, AppResult};
use super::find::project_in;
use super::idempotent::{Claim, Keyed, claim};
use super::page::{paging, shown};
use super::project_event::{project_changed, project_gone, project_made};
use crate::context::Nexus;

/// What a project may use when nobody says.
const QUOTA_DEFAULT: Quota = Quota {
    instances: limits::QUOTA_DEFAULT_INSTANCES,
    cpus: limits::QUOTA_DEFAULT_CPUS,
    memory_mib: limits::QUOTA_DEFAULT_MEMORY_MIB,
    disk_bytes: limits::QUOTA_DEFAULT_DISK_BYTES,
};

/// The projects that the actor can see.
pub async fn project_list(nexus: &Nexus, actor: &Actor, query: PageQuery) -> AppResult<Page<Project>> {
    let paging = paging(query.limit, query.page_token.as_deref())?;
    let visible_to = actor.fleet_role.is_none().then_some(actor.user_id);
    let rows = nexus
        .db
        .statement("project.list", async |conn| {
            let page = project::list(conn, visible_to, &paging).await?;
            let mut items = Vec::new();
            for project in page.items {
                let used = quota::used(conn, project.id).await?;
                items.push((project, used));
            }
            Ok::<_, AppError>(berth_db::page::Page { items, next: page.next })
        })
        .await?;
    Ok(shown(rows, |(project, used)| view(project, &used)))
}

/// Makes a project; who makes it becomes its admin.
pub async fn project_create(
    nexus: &Nexus,
    actor: &Actor,
    wanted: ProjectCreate,
    key: Option<Keyed>,
) -> AppResult<Project> {
    authorise_fleet(actor, Action::OperateFleet)?;
    text("description", &wanted.description, limits::DESCRIPTION_MAX_BYTES).map_err(AppError::invalid)?;
    if wanted.quota.is_some() {
        authorise_fleet(actor, Action::AdministerFleet)?;
    }
    let id = ProjectUuid::new_v4();
    let quota = amounts(wanted.quota.unwrap_or(QUOTA_DEFAULT))?;
    let new = NewProject { id, name: &wanted.name, description: &wanted.description, quota };
    let made = nexus.db.transaction("project.create", async |conn| {
        match claim(conn, actor, key.as_ref(), id.into_untyped_uuid(), None).await? {
            Claim::First => {
                let made = project::create(conn, &new).await?;
                project_made(conn, actor.into(), &made).await?;
                role::grant(conn, actor.user_id, id, Role::Admin).await?;
                if let Some(user) = user::by_id(conn, actor.user_id).await? {
                    let change = (None, Some(Role::Admin));
                    role_changed(conn, actor.into(), &user, Some(&made), change).await?;
                }
                Ok((made, Amounts::default()))
            }
            Claim::Before { subject, .. } => {
                let before = project_in(conn, &NameOrId::Id(subject)).await?;
                let used = quota::used(conn, before.id).await?;
                Ok((before, used))
            }
        }
    });
    let (made, used) = made.await.map_err(|error: AppError| name_taken(error, &wanted.name))?;
    Ok(view(made, &used))
}

/// One project.
pub async fn project_view(nexus: &Nexus, actor: &Actor, which: &NameOrId) -> AppResult<Project> {
    let (found, used) = nexus
        .db
        .statement("project.view", async |conn| {
            let found = project_in(conn, which).await?;
            authorise(actor, Action::View, Scope::Project(found.id), ("project", &which.to_string()))?;
            let used = quota::used(conn, found.id).await?;
            Ok::<_, AppError>((found, used))
        })
        .await?;
    Ok(view(found, &used))
}

/// Changes a project.
pub async fn project_update(
    nexus: &Nexus,
    actor: &Actor,
    which: &NameOrId,
    expected: Option<Generation>,
    wanted: ProjectUpdate,
) -> AppResult<Project> {
    if let Some(description) = &wanted.description {
        text("description", description, limits::DESCRIPTION_MAX_BYTES).map_err(AppError::invalid)?;
    }
    let change = ProjectChange {
        name: wanted.name.as_ref(),
        description: wanted.description.as_deref(),
        quota: wanted.quota.map(amounts).transpose()?,
    };
    let changed = nexus.db.transaction("project.update", async |conn| {
        let found = project_in(conn, which).await?;
        let scope = Scope::Project(found.id);
        authorise(actor, Action::AdministerProject, scope, ("project", &which.to_string()))?;
        if change.quota.is_some() {
            authorise(actor, Action::SetQuota, scope, ("project", &which.to_string()))?;
        }
        // Locked, so that what is told of the change is what was there before it.
        let missing = || AppError::not_found("project", which);
        let before = project::locked(conn, found.id).await?.ok_or_else(missing)?;
        match project::update(conn, found.id, expected.map(Generation::as_i64), &change).await? {
            Guarded::Changed(changed) => {
                project_changed(conn, actor.into(), &before, &changed).await?;
                let used = quota::used(conn, changed.id).await?;
                Ok((changed, used))
            }
            Guarded::Stale => Err(stale("project", which, before.generation)),
            Guarded::Missing => Err(missing()),
        }
    });
    let new_name = wanted.name.clone();
    let (changed, used) = changed.await.map_err(|error: AppError| match &new_name {
        Some(name) => name_taken(error, name),
        None => error,
    })?;
    Ok(view(changed, &used))
}

/// Deletes a project that has nothing in it.
pub async fn project_delete(nexus: &Nexus, actor: &Actor, which: &NameOrId) -> AppResult<()> {
    nexus
        .db
        .transaction("project.delete", async |conn| {
            let found = project_in(conn, which).await?;
            let scope = Scope::Project(found.id);
            authorise(actor, Action::AdministerProject, scope, ("project", &which.to_string()))?;
            match project::delete(conn, found.id).await? {
                ProjectRemoval::Removed => Ok(project_gone(conn, actor.into(), &found).await?),
                ProjectRemoval::Missing => Err(AppError::not_found("project", which)),
                ProjectRemoval::NotEmpty { instances, disks, images } => Err(AppError::refused_with(
                    ErrorCode::ProjectNotEmpty,
                    format!(
                        "project {} still has {instances} instances, {disks} disks and {images} images; \
                         delete them first",
                        found.name
                    ),
                    serde_json::json!({"instances": instances, "disks": disks, "images": images}),
                )),
            }
        })
        .await
}

/// The refusal of an update that was made for another generation.
pub(super) fn stale(noun: &str, which: &dyn std::fmt::Display, now: i64) -> AppError {
    AppError::refused_with(
        ErrorCode::GenerationMismatch,
        format!("{noun} {which} was changed meanwhile: its generation is {now}; look at it again"),
        serde_json::json!({"generation": now}),
    )
}

fn name_taken(error: AppError, name: &berth_common::Name) -> AppError {
    error.or_if_conflict("project_name_key", || {
        AppError::refused(ErrorCode::NameTaken, format!("a project {name} exists; choose another name"))
    })
}

fn amounts(quota: Quota) -> AppResult<Amounts> {
    let Quota { instances, cpus, memory_mib, disk_bytes } = quota;
    if [instances, cpus, memory_mib, disk_bytes].iter().any(|amount| *amount > limits::QUOTA_MAX) {
        return Err(AppError::invalid(format!("a quota is at most {}", limits::QUOTA_MAX)));
    }
    Ok(Amounts { instances, cpus, memory_mib, disk_bytes })
}

fn shown_quota(amounts: &Amounts) -> Quota {
    let Amounts { instances, cpus, memory_mib, disk_bytes } = *amounts;
    Quota { instances, cpus, memory_mib, disk_bytes }
}

fn view(project: models::Project, used: &Amounts) -> Project {
    let quota = shown_quota(&quota::limits(&project));
    Project {
        id: project.id,
        name: project.name,
        description: project.description,
        generation: Generation::from(project.generation),
        quota,
        used: shown_quota(used),
        created_at: project.created_at,
    }
}
