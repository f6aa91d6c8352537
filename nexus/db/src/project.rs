//! Projects.

use crate::error::DbResult;
use crate::fixed::fixed;
use crate::guarded::Guarded;
use crate::ids::Raw;
use crate::models::Project;
use crate::page::{ByName, Page, Paging};
use crate::quota::stored;
use crate::tables::project;
use berth_common::Name;
use berth_common::ids::{ProjectUuid, UserUuid};
use berth_plan::quota::Amounts;
use diesel::sql_types::{BigInt, Nullable, Text, Uuid as SqlUuid};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, QueryableByName, SelectableHelper};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// A new project.
#[derive(Clone, Debug)]
pub struct NewProject<'a> {
    pub id: ProjectUuid,
    pub name: &'a Name,
    pub description: &'a str,
    pub quota: Amounts,
}

/// What of a project is to be another; what is none stays.
#[derive(Clone, Debug, Default)]
pub struct ProjectChange<'a> {
    pub name: Option<&'a Name>,
    pub description: Option<&'a str>,
    pub quota: Option<Amounts>,
}

/// What became of a project that was to be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProjectRemoval {
    Removed,
    /// It isn't empty, and stays.
    NotEmpty {
        instances: i64,
        disks: i64,
        images: i64,
    },
    Missing,
}

/// Makes a project.
///
/// # Errors
/// Conflict of `project_name_key`: the name is taken.
pub async fn create(conn: &mut AsyncPgConnection, new: &NewProject<'_>) -> DbResult<Project> {
    let made = fixed(
        "INSERT INTO project (id, name, description, quota_instances, quota_cpus, quota_memory_mib,
             quota_disk_bytes) VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING *",
    )
    .bind::<SqlUuid, _>(new.id.raw())
    .bind::<Text, _>(new.name.as_str())
    .bind::<Text, _>(new.description)
    .bind::<BigInt, _>(stored(new.quota.instances))
    .bind::<BigInt, _>(stored(new.quota.cpus))
    .bind::<BigInt, _>(stored(new.quota.memory_mib))
    .bind::<BigInt, _>(stored(new.quota.disk_bytes))
    .get_result(conn)
    .await?;
    Ok(made)
}

/// One project.
///
/// # Errors
/// Of the database only.
pub async fn by_id(conn: &mut AsyncPgConnection, id: ProjectUuid) -> DbResult<Option<Project>> {
    let found = project::table.filter(project::id.eq(id.raw()));
    Ok(found.select(Project::as_select()).first(conn).await.optional()?)
}

/// One project.
///
/// # Errors
/// Of the database only.
pub async fn by_name(conn: &mut AsyncPgConnection, name: &Name) -> DbResult<Option<Project>> {
    let found = project::table.filter(project::name.eq(name.as_str()));
    Ok(found.select(Project::as_select()).first(conn).await.optional()?)
}

/// One project, locked until the transaction's end: it is neither changed nor deleted, and nothing is made in it meanwhile.
///
/// # Errors
/// Of the database only.
pub async fn locked(conn: &mut AsyncPgConnection, id: ProjectUuid) -> DbResult<Option<Project>> {
    let locked = fixed("SELECT * FROM project WHERE id = $1 FOR UPDATE").bind::<SqlUuid, _>(id.raw());
    Ok(locked.get_result(conn).await.optional()?)
}

/// Projects by name: all, or those in which a user has a role.
///
/// # Errors
/// Of the database only.
pub async fn list(
    conn: &mut AsyncPgConnection,
    visible_to: Option<UserUuid>,
    paging: &Paging<ByName>,
) -> DbResult<Page<Project, ByName>> {
    let after = paging.after().map_or("", |after| after.name.as_str());
    let rows = match visible_to {
        None => {
            let all = project::table.filter(project::name.gt(after)).order(project::name);
            all.limit(paging.rows()).select(Project::as_select()).load(conn).await?
        }
        Some(user) => {
            fixed(
                "SELECT p.* FROM project_role r JOIN project p ON p.id = r.project_id
                 WHERE r.user_id = $1 AND p.name > $2 ORDER BY p.name LIMIT $3",
            )
            .bind::<SqlUuid, _>(user.raw())
            .bind::<Text, _>(after)
            .bind::<BigInt, _>(paging.rows())
            .load(conn)
            .await?
        }
    };
    Ok(Page::of(rows, paging, |last: &Project| ByName { name: last.name.to_string() }))
}

/// Changes a project, if its generation is still `expected` (none: whatever it is).
///
/// # Errors
/// Conflict of `project_name_key`: the new name is taken.
pub async fn update(
    conn: &mut AsyncPgConnection,
    id: ProjectUuid,
    expected: Option<i64>,
    change: &ProjectChange<'_>,
) -> DbResult<Guarded<Project>> {
    let quota = change.quota;
    let written = fixed(
        "UPDATE project SET generation = generation + 1, name = coalesce($3, name),
             description = coalesce($4, description), quota_instances = coalesce($5, quota_instances),
             quota_cpus = coalesce($6, quota_cpus), quota_memory_mib = coalesce($7, quota_memory_mib),
             quota_disk_bytes = coalesce($8, quota_disk_bytes)
         WHERE id = $1 AND generation = coalesce($2, generation) RETURNING *",
    )
    .bind::<SqlUuid, _>(id.raw())
    .bind::<Nullable<BigInt>, _>(expected)
    .bind::<Nullable<Text>, _>(change.name.map(Name::as_str))
    .bind::<Nullable<Text>, _>(change.description)
    .bind::<Nullable<BigInt>, _>(quota.map(|q| stored(q.instances)))
    .bind::<Nullable<BigInt>, _>(quota.map(|q| stored(q.cpus)))
    .bind::<Nullable<BigInt>, _>(quota.map(|q| stored(q.memory_mib)))
    .bind::<Nullable<BigInt>, _>(quota.map(|q| stored(q.disk_bytes)))
    .get_result(conn)
    .await
    .optional()?;
    let exists = written.is_some() || by_id(conn, id).await?.is_some();
    Ok(Guarded::of(written, exists))
}

#[derive(QueryableByName)]
struct Contents {
    #[diesel(sql_type = BigInt)]
    instances: i64,
    #[diesel(sql_type = BigInt)]
    disks: i64,
    #[diesel(sql_type = BigInt)]
    images: i64,
}

/// Removes a project that has nothing in it, with its roles and its operations' history. Needs a transaction: its row is
/// locked so that nothing is made in it meanwhile.
///
/// # Errors
/// Of the database only.
pub async fn delete(conn: &mut AsyncPgConnection, id: ProjectUuid) -> DbResult<ProjectRemoval> {
    if locked(conn, id).await?.is_none() {
        return Ok(ProjectRemoval::Missing);
    }
    let contents: Contents = fixed(
        "SELECT (SELECT count(*) FROM instance WHERE project_id = $1) AS instances,
                (SELECT count(*) FROM disk WHERE project_id = $1) AS disks,
                (SELECT count(*) FROM image WHERE project_id = $1) AS images",
    )
    .bind::<SqlUuid, _>(id.raw())
    .get_result(conn)
    .await?;
    let Contents { instances, disks, images } = contents;
    if instances + disks + images > 0 {
        return Ok(ProjectRemoval::NotEmpty { instances, disks, images });
    }
    fixed("DELETE FROM project WHERE id = $1").bind::<SqlUuid, _>(id.raw()).execute(conn).await?;
    Ok(ProjectRemoval::Removed)
}
