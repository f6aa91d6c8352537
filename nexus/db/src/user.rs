//! Users: who can ask for something.

use crate::error::DbResult;
use crate::fixed::fixed;
use crate::ids::Raw;
use crate::models::User;
use crate::page::{ByName, Page, Paging};
use crate::tables::api_user;
use berth_common::Name;
use berth_common::ids::UserUuid;
use berth_common::role::Role;
use diesel::sql_types::{Nullable, Text, Uuid as SqlUuid};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// A new user.
///
/// # Errors
/// Conflict of `api_user_name_key`: the name is taken.
pub async fn create(
    conn: &mut AsyncPgConnection,
    id: UserUuid,
    name: &Name,
    fleet_role: Option<Role>,
) -> DbResult<User> {
    let made = fixed("INSERT INTO api_user (id, name, fleet_role) VALUES ($1, $2, $3) RETURNING *")
        .bind::<SqlUuid, _>(id.raw())
        .bind::<Text, _>(name.as_str())
        .bind::<Nullable<Text>, _>(fleet_role.map(Role::as_str))
        .get_result(conn)
        .await?;
    Ok(made)
}

/// The first user, an administrator of the fleet; none if there is any user already. Of two nexus at once, one gets it.
///
/// # Errors
/// Of the database only.
pub async fn create_first(conn: &mut AsyncPgConnection, id: UserUuid, name: &Name) -> DbResult<Option<User>> {
    let made = fixed(
        "INSERT INTO api_user (id, name, fleet_role) SELECT $1, $2, 'admin'
         WHERE NOT EXISTS (SELECT 1 FROM api_user) ON CONFLICT DO NOTHING RETURNING *",
    )
    .bind::<SqlUuid, _>(id.raw())
    .bind::<Text, _>(name.as_str())
    .get_result(conn)
    .await
    .optional()?;
    Ok(made)
}

/// One user.
///
/// # Errors
/// Of the database only.
pub async fn by_id(conn: &mut AsyncPgConnection, id: UserUuid) -> DbResult<Option<User>> {
    let found = api_user::table.filter(api_user::id.eq(id.raw()));
    Ok(found.select(User::as_select()).first(conn).await.optional()?)
}

/// One user.
///
/// # Errors
/// Of the database only.
pub async fn by_name(conn: &mut AsyncPgConnection, name: &Name) -> DbResult<Option<User>> {
    let found = api_user::table.filter(api_user::name.eq(name.as_str()));
    Ok(found.select(User::as_select()).first(conn).await.optional()?)
}

/// All users, by name.
///
/// # Errors
/// Of the database only.
pub async fn list(conn: &mut AsyncPgConnection, paging: &Paging<ByName>) -> DbResult<Page<User, ByName>> {
    let rows = api_user::table
        .filter(api_user::name.gt(paging.after().map_or("", |after| after.name.as_str())))
        .order(api_user::name)
        .limit(paging.rows())
        .select(User::as_select())
        .load(conn)
        .await?;
    Ok(Page::of(rows, paging, |last: &User| ByName { name: last.name.to_string() }))
}

/// What the user may do everywhere from now on; none takes it away. False: there is no such user.
///
/// # Errors
/// Of the database only.
pub async fn set_fleet_role(
    conn: &mut AsyncPgConnection,
    id: UserUuid,
    role: Option<Role>,
) -> DbResult<bool> {
    let changed = fixed("UPDATE api_user SET fleet_role = $2 WHERE id = $1")
        .bind::<SqlUuid, _>(id.raw())
        .bind::<Nullable<Text>, _>(role.map(Role::as_str))
        .execute(conn)
        .await?;
    Ok(changed == 1)
}

/// Removes a user with all tokens and roles. False: there was none.
///
/// # Errors
/// Of the database only.
pub async fn delete(conn: &mut AsyncPgConnection, id: UserUuid) -> DbResult<bool> {
    let gone = fixed("DELETE FROM api_user WHERE id = $1").bind::<SqlUuid, _>(id.raw()).execute(conn).await?;
    Ok(gone == 1)
}
