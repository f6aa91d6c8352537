//! API tokens: made, listed and revoked by their users, and by fleet admins.

use berth_common::Name;
use berth_common::ids::{GenericUuid, TokenUuid, UserUuid};
use berth_db::token::{self, NewToken};
use berth_db::{Guarded, models, user};
use berth_nexus_api::limits::{TOKEN_LABEL_MAX_BYTES, TOKEN_LIFE_DEFAULT_S, TOKEN_LIFE_MAX_S, text};
use berth_nexus_api::token::{Token, TokenCreate, TokenListQuery, TokenMade};
use berth_nexus_api::{NameOrId, Page};
use chrono::SecondsFormat;
use diesel_async::AsyncPgConnection;
use serde_json::json;

use super::access_event::{About, tell};
use super::actor::Actor;
use super::authorise::{Action, authorise_fleet};
use super::error::{AppError, AppResult};
use super::find::user_in;
use super::page::{paging, shown};
use super::secret::{API_TOKEN_PREFIX, Secret};
use crate::context::Nexus;

/// Whose tokens they are.
struct Owner {
    id: UserUuid,
    name: Name,
}

/// A user's tokens; the asker's own, if none is named.
pub async fn token_list(nexus: &Nexus, actor: &Actor, query: TokenListQuery) -> AppResult<Page<Token>> {
    let user = user_of(nexus, actor, query.user.as_ref()).await?;
    let paging = paging(query.limit, query.page_token.as_deref())?;
    let rows = nexus
        .db
        .statement("token.list", async |conn| Ok::<_, AppError>(token::list(conn, user.id, &paging).await?))
        .await?;
    Ok(shown(rows, view))
}

/// Makes a token. Its secret is in the answer, and nowhere else.
pub async fn token_create(nexus: &Nexus, actor: &Actor, wanted: TokenCreate) -> AppResult<TokenMade> {
    text("label", &wanted.label, TOKEN_LABEL_MAX_BYTES).map_err(AppError::invalid)?;
    let life_s = life("expires_in_s", wanted.expires_in_s, TOKEN_LIFE_DEFAULT_S, TOKEN_LIFE_MAX_S)?;
    let user = user_of(nexus, actor, wanted.user.as_ref()).await?;
    let secret = Secret::generate(API_TOKEN_PREFIX);
    let new = NewToken {
        id: TokenUuid::new_v4(),
        user: user.id,
        label: &wanted.label,
        hash: secret.hash(),
        life_s,
    };
    let made = nexus
        .db
        .transaction("token.create", async |conn| {
            let made = token::create(conn, &new).await?;
            let until = made.expires_at.to_rfc3339_opts(SecondsFormat::Secs, true);
            let message = format!("token {:?} made, valid until {until}", made.label);
            let data = json!({"token_id": made.id, "label": made.label});
            let about = About::user(user.id, &user.name);
            tell(conn, actor.into(), about, "token_created", &message, data).await?;
            Ok::<_, AppError>(made)
        })
        .await?;
    Ok(TokenMade { token: view(made), secret: secret.expose().to_string() })
}

/// Revokes a token. Revoked twice, it is revoked.
pub async fn token_revoke(nexus: &Nexus, actor: &Actor, id: TokenUuid) -> AppResult<()> {
    let missing = || AppError::not_found("token", id);
    nexus
        .db
        .transaction("token.revoke", async |conn| {
            let token = token::by_id(conn, id).await?.ok_or_else(missing)?;
            let mine = token.user_id == actor.user_id;
            if !mine && authorise_fleet(actor, Action::AdministerFleet).is_err() {
                return Err(missing());
            }
            match token::revoke(conn, id).await? {
                Guarded::Changed(()) => revoked(conn, actor, &token).await,
                Guarded::Stale => Ok(()),
                Guarded::Missing => Err(missing()),
            }
        })
        .await
}

/// Tells it of the token's user.
async fn revoked(conn: &mut AsyncPgConnection, actor: &Actor, token: &models::Token) -> AppResult<()> {
    let user = user::by_id(conn, token.user_id).await?;
    let user = user.ok_or_else(|| AppError::not_found("user", token.user_id))?;
    let message = format!("token {:?} revoked", token.label);
    let data = json!({"token_id": token.id, "label": token.label});
    let about = About::user(user.id, &user.name);
    Ok(tell(conn, actor.into(), about, "token_revoked", &message, data).await?)
}

/// Whose tokens a request is about. Only a fleet admin may mean another user.
async fn user_of(nexus: &Nexus, actor: &Actor, which: Option<&NameOrId>) -> AppResult<Owner> {
    let me = || Owner { id: actor.user_id, name: actor.name.clone() };
    let Some(which) = which else { return Ok(me()) };
    let is_me = match which {
        NameOrId::Name(name) => *name == actor.name,
        NameOrId::Id(id) => actor.user_id.into_untyped_uuid() == *id,
    };
    if is_me {
        return Ok(me());
    }
    authorise_fleet(actor, Action::AdministerFleet)?;
    let found = nexus.db.statement("user.find", async |conn| user_in(conn, which).await);
    let found = found.await?;
    Ok(Owner { id: found.id, name: found.name })
}

/// A life in seconds, within its limit.
///
/// # Errors
/// `invalid_request` if it is out of range.
pub(super) fn life(field: &str, wanted: Option<u64>, default: u64, most: u64) -> AppResult<i64> {
    match wanted.unwrap_or(default) {
        seconds if (1..=most).contains(&seconds) => Ok(i64::try_from(seconds).unwrap_or(i64::MAX)),
        seconds => Err(AppError::invalid(format!("`{field}` is {seconds}; it must be 1 to {most} seconds"))),
    }
}

fn view(token: models::Token) -> Token {
    Token {
        id: token.id,
        user_id: token.user_id,
        label: token.label,
        created_at: token.created_at,
        expires_at: token.expires_at,
        revoked_at: token.revoked_at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_life_has_a_default_and_a_limit() {
        assert_eq!(life("f", None, 5, 10).ok(), Some(5));
        assert_eq!(life("f", Some(10), 5, 10).ok(), Some(10));
        assert!(life("f", Some(0), 5, 10).is_err());
        assert!(life("f", Some(u64::MAX), 5, 10).is_err());
    }
}
