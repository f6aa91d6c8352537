//! Join tokens: one-time secrets by which a host becomes a sled.

use berth_common::ids::JoinTokenUuid;
use berth_common::refusal::ErrorCode;
use berth_db::{Guarded, join_token, models};
use berth_nexus_api::Page;
use berth_nexus_api::join_token::{JoinToken, JoinTokenCreate, JoinTokenMade};
use berth_nexus_api::limits::{JOIN_TOKEN_LIFE_DEFAULT_S, JOIN_TOKEN_LIFE_MAX_S};
use berth_nexus_api::page::PageQuery;
use chrono::SecondsFormat;
use serde_json::json;

use super::access_event::{About, tell};
use super::actor::Actor;
use super::authorise::{Action, authorise_fleet};
use super::error::{AppError, AppResult};
use super::page::{paging, shown};
use super::secret::{JOIN_TOKEN_PREFIX, Secret};
use super::token::life;
use crate::context::Nexus;

/// All join tokens, without their secrets.
pub async fn join_token_list(nexus: &Nexus, actor: &Actor, query: PageQuery) -> AppResult<Page<JoinToken>> {
    authorise_fleet(actor, Action::AdministerFleet)?;
    let paging = paging(query.limit, query.page_token.as_deref())?;
    let rows = nexus
        .db
        .statement("join_token.list", async |conn| Ok::<_, AppError>(join_token::list(conn, &paging).await?))
        .await?;
    Ok(shown(rows, view))
}

/// Makes a join token. Its secret is in the answer, and nowhere else.
pub async fn join_token_create(
    nexus: &Nexus,
    actor: &Actor,
    wanted: JoinTokenCreate,
) -> AppResult<JoinTokenMade> {
    authorise_fleet(actor, Action::AdministerFleet)?;
    let life_s = life("expires_in_s", wanted.expires_in_s, JOIN_TOKEN_LIFE_DEFAULT_S, JOIN_TOKEN_LIFE_MAX_S)?;
    let secret = Secret::generate(JOIN_TOKEN_PREFIX);
    let (id, hash, by) = (JoinTokenUuid::new_v4(), secret.hash(), actor.name.as_str());
    let made = nexus
        .db
        .transaction("join_token.create", async |conn| {
            let made = join_token::create(conn, id, &hash, by, life_s).await?;
            let until = made.expires_at.to_rfc3339_opts(SecondsFormat::Secs, true);
            let message = format!("made, valid until {until}");
            let about = About::join_token(id);
            tell(conn, actor.into(), about, "join_token_created", &message, json!({})).await?;
            Ok::<_, AppError>(made)
        })
        .await?;
    Ok(JoinTokenMade {
        join_token: view(made),
        secret: secret.expose().to_string(),
        ca_pem: nexus.authority.cert_pem().to_string(),
    })
}

/// Takes a join token back that wasn't used.
pub async fn join_token_revoke(nexus: &Nexus, actor: &Actor, id: JoinTokenUuid) -> AppResult<()> {
    authorise_fleet(actor, Action::AdministerFleet)?;
    let deleted = nexus.db.transaction("join_token.delete", async |conn| {
        let deleted = join_token::delete(conn, id).await?;
        if let Guarded::Changed(()) = deleted {
            let about = About::join_token(id);
            tell(conn, actor.into(), about, "join_token_revoked", "taken back unused", json!({})).await?;
        }
        Ok::<_, AppError>(deleted)
    });
    match deleted.await? {
        Guarded::Changed(()) => Ok(()),
        Guarded::Stale => Err(AppError::refused(
            ErrorCode::JoinTokenUsed,
            "this token was used: its sled is part of the cluster, and the token works no more",
        )),
        Guarded::Missing => Err(AppError::not_found("join token", id)),
    }
}

fn view(token: models::JoinToken) -> JoinToken {
    JoinToken {
        id: token.id,
        created_by: token.created_by,
        created_at: token.created_at,
        expires_at: token.expires_at,
        sled_id: token.sled_id,
    }
}
