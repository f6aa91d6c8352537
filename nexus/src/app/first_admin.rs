//! The first user: made at the cluster's first start, with a token in a file that only its owner reads.
//!
//! The file comes before the row: a nexus that dies in between finds the secret there and goes on with it, and nobody is
//! ever left with an admin whose token is lost.

use berth_common::ids::{TokenUuid, UserUuid};
use berth_db::DbError;
use berth_db::token::NewToken;
use berth_nexus_api::limits::TOKEN_LIFE_MAX_S;
use berth_transport::{SecretFileError, read_secret, write_secret};
use camino::Utf8Path;
use slog::info;

use super::access_event::{By, user_made};
use super::secret::{API_TOKEN_PREFIX, Secret};
use crate::context::Nexus;

/// Name of the first user.
const NAME: &str = "admin";
/// Files in the state folder: its token, and the authority by which clients know nexus.
pub const TOKEN_FILE: &str = "admin-token";
pub const CA_FILE: &str = "ca.pem";

/// Why there is no first admin.
#[derive(Debug, thiserror::Error)]
pub enum FirstAdminError {
    #[error("the first admin's token can't be kept")]
    File(#[from] SecretFileError),
    #[error("{dir}/{TOKEN_FILE} holds no token; remove it, and start again")]
    NoToken { dir: String },
    #[error("the first admin can't be made")]
    Database(#[from] DbError),
    #[error("{NAME} is no name")]
    Name(#[from] berth_common::name::BadName),
}

/// Makes the first admin, unless the cluster has a user.
pub async fn ensure(nexus: &Nexus, state_dir: &Utf8Path) -> Result<(), FirstAdminError> {
    write_secret(state_dir, CA_FILE, nexus.authority.cert_pem())?;
    let has_users = nexus
        .db
        .statement("first_admin.look", async |conn| {
            let paging = berth_db::page::Paging::first(1);
            Ok::<_, DbError>(!berth_db::user::list(conn, &paging).await?.items.is_empty())
        })
        .await?;
    if has_users {
        return Ok(());
    }
    let secret = kept_secret(state_dir)?;
    let (user, token, name) = (UserUuid::new_v4(), TokenUuid::new_v4(), NAME.parse()?);
    let life_s = i64::try_from(TOKEN_LIFE_MAX_S).unwrap_or(i64::MAX);
    let made = nexus
        .db
        .transaction("first_admin.make", async |conn| {
            let Some(user) = berth_db::user::create_first(conn, user, &name).await? else {
                return Ok::<_, DbError>(false);
            };
            let new =
                NewToken { id: token, user: user.id, label: "first admin", hash: secret.hash(), life_s };
            berth_db::token::create(conn, &new).await?;
            user_made(conn, By { name: "nexus", cause: "first-start" }, &user).await?;
            Ok(true)
        })
        .await?;
    if made {
        info!(nexus.log, "the first admin was made"; "token_file" => state_dir.join(TOKEN_FILE).as_str());
    } else if let Err(error) = std::fs::remove_file(state_dir.join(TOKEN_FILE)) {
        // Another nexus was faster: this file opens nothing.
        info!(nexus.log, "a token that isn't one wasn't removed"; "error" => %error);
    }
    Ok(())
}

/// The secret of a start that was cut off, or a new one; on disk either way.
fn kept_secret(state_dir: &Utf8Path) -> Result<Secret, FirstAdminError> {
    match read_secret(state_dir, TOKEN_FILE) {
        Ok(text) => Secret::parse(API_TOKEN_PREFIX, text.trim())
            .ok_or_else(|| FirstAdminError::NoToken { dir: state_dir.to_string() }),
        Err(SecretFileError::Absent { .. }) => {
            let secret = Secret::generate(API_TOKEN_PREFIX);
            write_secret(state_dir, TOKEN_FILE, secret.expose())?;
            Ok(secret)
        }
        Err(error) => Err(error.into()),
    }
}
