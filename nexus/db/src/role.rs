//! Roles in projects.

use crate::error::DbResult;
use crate::fixed::fixed;
use crate::ids::{DbId, DbText, Raw};
use crate::models::ProjectRole;
use crate::page::{ByName, Page, Paging};
use berth_common::Name;
use berth_common::ids::{ProjectKind, ProjectUuid, UserKind, UserUuid};
use berth_common::role::Role;
use diesel::sql_types::{BigInt, Text, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryableByName};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// A user's role in a project, with both names.
#[derive(Clone, Debug, PartialEq, Eq, QueryableByName)]
pub struct Membership {
    #[diesel(sql_type = SqlUuid, deserialize_as = DbId<UserKind>)]
    pub user: UserUuid,
    #[diesel(sql_type = Text, deserialize_as = DbText<Name>)]
    pub user_name: Name,
    #[diesel(sql_type = SqlUuid, deserialize_as = DbId<ProjectKind>)]
    pub project: ProjectUuid,
    #[diesel(sql_type = Text, deserialize_as = DbText<Name>)]
    pub project_name: Name,
    #[diesel(sql_type = Text, deserialize_as = DbText<Role>)]
    pub role: Role,
}

/// Gives a user this role in a project, in place of the one there was.
///
/// # Errors
/// Conflict of `project_role_user_id_fkey` or `project_role_project_id_fkey`: there is no such user or project.
pub async fn grant(
    conn: &mut AsyncPgConnection,
    user: UserUuid,
    project: ProjectUuid,
    role: Role,
) -> DbResult<ProjectRole> {
    let granted = fixed(
        "INSERT INTO project_role (user_id, project_id, role) VALUES ($1, $2, $3)
         ON CONFLICT (user_id, project_id) DO UPDATE SET role = excluded.role RETURNING *",
    )
    .bind::<SqlUuid, _>(user.raw())
    .bind::<SqlUuid, _>(project.raw())
    .bind::<Text, _>(role.as_str())
    .get_result(conn)
    .await?;
    Ok(granted)
}

/// A user's role in a project.
///
/// # Errors
/// Of the database only.
pub async fn held(
    conn: &mut AsyncPgConnection,
    user: UserUuid,
    project: ProjectUuid,
) -> DbResult<Option<Role>> {
    #[derive(QueryableByName)]
    struct Held {
        #[diesel(sql_type = Text, deserialize_as = DbText<Role>)]
        role: Role,
    }
    let held = fixed("SELECT role FROM project_role WHERE user_id = $1 AND project_id = $2 FOR UPDATE")
        .bind::<SqlUuid, _>(user.raw())
        .bind::<SqlUuid, _>(project.raw())
        .get_result::<Held>(conn)
        .await
        .optional()?;
    Ok(held.map(|held| held.role))
}

/// Takes a user's role in a project away. False: there was none.
///
/// # Errors
/// Of the database only.
pub async fn revoke(conn: &mut AsyncPgConnection, user: UserUuid, project: ProjectUuid) -> DbResult<bool> {
    let gone = fixed("DELETE FROM project_role WHERE user_id = $1 AND project_id = $2")
        .bind::<SqlUuid, _>(user.raw())
        .bind::<SqlUuid, _>(project.raw())
        .execute(conn)
        .await?;
    Ok(gone == 1)
}

/// Who has a role in a project, by the user's name.
///
/// # Errors
/// Of the database only.
pub async fn of_project(
    conn: &mut AsyncPgConnection,
    project: ProjectUuid,
    paging: &Paging<ByName>,
) -> DbResult<Page<Membership, ByName>> {
    let rows = fixed(
        "SELECT u.id AS \"user\", u.name AS user_name, p.id AS project, p.name AS project_name, r.role
         FROM project_role r JOIN api_user u ON u.id = r.user_id JOIN project p ON p.id = r.project_id
         WHERE r.project_id = $1 AND u.name > $2 ORDER BY u.name LIMIT $3",
    )
    .bind::<SqlUuid, _>(project.raw())
    .bind::<Text, _>(paging.after().map_or("", |after| after.name.as_str()))
    .bind::<BigInt, _>(paging.rows())
    .load(conn)
    .await?;
    Ok(Page::of(rows, paging, |last: &Membership| ByName { name: last.user_name.to_string() }))
}

/// The projects in which a user has a role, by the project's name.
///
/// # Errors
/// Of the database only.
pub async fn of_user(
    conn: &mut AsyncPgConnection,
    user: UserUuid,
    paging: &Paging<ByName>,
) -> DbResult<Page<Membership, ByName>> {
    let rows = fixed(
        "SELECT u.id AS \"user\", u.name AS user_name, p.id AS project, p.name AS project_name, r.role
         FROM project_role r JOIN api_user u ON u.id = r.user_id JOIN project p ON p.id = r.project_id
         WHERE r.user_id = $1 AND p.name > $2 ORDER BY p.name LIMIT $3",
    )
    .bind::<SqlUuid, _>(user.raw())
    .bind::<Text, _>(paging.after().map_or("", |after| after.name.as_str()))
    .bind::<BigInt, _>(paging.rows())
    .load(conn)
    .await?;
    Ok(Page::of(rows, paging, |last: &Membership| ByName { name: last.project_name.to_string() }))
}
