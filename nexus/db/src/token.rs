//! Bearer tokens: who asks, and what may he do, in one query.

use crate::error::DbResult;
use crate::fixed::fixed;
use crate::guarded::Guarded;
use crate::ids::Raw;
use crate::models::{Token, User};
use crate::page::{ById, Page, Paging};
use crate::tables::api_token;
use berth_common::ids::{GenericUuid, ProjectUuid, TokenUuid, UserUuid};
use berth_common::role::Role;
use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Binary, Bool, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{
    BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, QueryableByName, SelectableHelper,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A token that was valid at the time of the query.
#[derive(Clone, Debug)]
pub struct Identity {
    pub token: TokenUuid,
    pub user: User,
    pub expires_at: DateTime<Utc>,
    /// What the user may do in which projects, beside the role in the fleet.
    pub projects: BTreeMap<ProjectUuid, Role>,
}

/// What a token is worth.
#[derive(Clone, Debug)]
pub enum Authentication {
    Valid(Box<Identity>),
    Expired,
    Revoked,
    /// Nobody's token.
    Unknown,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(embed)]
    user: User,
    #[diesel(sql_type = SqlUuid)]
    token_id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    expires_at: DateTime<Utc>,
    #[diesel(sql_type = Bool)]
    expired: bool,
    #[diesel(sql_type = Bool)]
    revoked: bool,
    #[diesel(sql_type = Array<SqlUuid>)]
    projects: Vec<Uuid>,
    #[diesel(sql_type = Array<Text>)]
    roles: Vec<String>,
}

/// Looks a token up by its SHA-256.
///
/// # Errors
/// Of the database only.
pub async fn authenticate(conn: &mut AsyncPgConnection, hash: &[u8; 32]) -> DbResult<Authentication> {
    let row = fixed(
        "SELECT u.id, u.name, u.fleet_role, u.created_at, t.id AS token_id, t.expires_at,
                t.expires_at <= now() AS expired, t.revoked_at IS NOT NULL AS revoked, r.projects, r.roles
         FROM api_token t JOIN api_user u ON u.id = t.user_id,
         LATERAL (SELECT coalesce(array_agg(p.project_id), '{}') AS projects,
                         coalesce(array_agg(p.role), '{}') AS roles
                  FROM project_role p WHERE p.user_id = u.id) r
         WHERE t.hash = $1",
    )
    .bind::<Binary, _>(&hash[..])
    .get_result::<Row>(conn)
    .await
    .optional()?;
    Ok(match row {
        None => Authentication::Unknown,
        Some(row) if row.revoked => Authentication::Revoked,
        Some(row) if row.expired => Authentication::Expired,
        Some(row) => Authentication::Valid(Box::new(row.identity())),
    })
}

impl Row {
    fn identity(self) -> Identity {
        // A role that this version doesn't know gives nothing.
        let roles = self.projects.into_iter().zip(self.roles).filter_map(|(project, role)| {
            Some((ProjectUuid::from_untyped_uuid(project), role.parse::<Role>().ok()?))
        });
        Identity {
            token: TokenUuid::from_untyped_uuid(self.token_id),
            user: self.user,
            expires_at: self.expires_at,
            projects: roles.collect(),
        }
    }
}

/// A new token of a user, valid for so many seconds from now.
#[derive(Clone, Debug)]
pub struct NewToken<'a> {
    pub id: TokenUuid,
    pub user: UserUuid,
    pub label: &'a str,
    /// SHA-256 of the secret.
    pub hash: [u8; 32],
    pub life_s: i64,
}

/// Makes a token.
///
/// # Errors
/// Conflict of `api_token_user_id_fkey`: there is no such user.
pub async fn create(conn: &mut AsyncPgConnection, new: &NewToken<'_>) -> DbResult<Token> {
    let made = fixed(
        "INSERT INTO api_token (id, user_id, label, hash, expires_at)
         VALUES ($1, $2, $3, $4, now() + $5 * interval '1 second') RETURNING *",
    )
    .bind::<SqlUuid, _>(new.id.raw())
    .bind::<SqlUuid, _>(new.user.raw())
    .bind::<Text, _>(new.label)
    .bind::<Binary, _>(&new.hash[..])
    .bind::<BigInt, _>(new.life_s)
    .get_result(conn)
    .await?;
    Ok(made)
}

/// One token.
///
/// # Errors
/// Of the database only.
pub async fn by_id(conn: &mut AsyncPgConnection, id: TokenUuid) -> DbResult<Option<Token>> {
    let found = api_token::table.filter(api_token::id.eq(id.raw()));
    Ok(found.select(Token::as_select()).first(conn).await.optional()?)
}

/// Ends a token. *Stale*: it was revoked before, and when that was stays as it is.
///
/// # Errors
/// Of the database only.
pub async fn revoke(conn: &mut AsyncPgConnection, id: TokenUuid) -> DbResult<Guarded<()>> {
    let changed = fixed("UPDATE api_token SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL")
        .bind::<SqlUuid, _>(id.raw())
        .execute(conn)
        .await?
        == 1;
    let exists = changed || by_id(conn, id).await?.is_some();
    Ok(Guarded::of(changed.then_some(()), exists))
}

/// A user's tokens.
///
/// # Errors
/// Of the database only.
pub async fn list(
    conn: &mut AsyncPgConnection,
    user: UserUuid,
    paging: &Paging<ById>,
) -> DbResult<Page<Token, ById>> {
    let after = paging.after().map_or(Uuid::nil(), |after| after.id);
    let rows = api_token::table
        .filter(api_token::user_id.eq(user.raw()).and(api_token::id.gt(after)))
        .order(api_token::id)
        .limit(paging.rows())
        .select(Token::as_select())
        .load(conn)
        .await?;
    Ok(Page::of(rows, paging, |last: &Token| ById { id: last.id.raw() }))
}
