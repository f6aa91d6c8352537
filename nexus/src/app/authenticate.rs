//! From a bearer token to who asks.

use std::sync::Arc;

use berth_common::refusal::ErrorCode;
use berth_db::token::{self, Authentication, Identity};

use super::actor::Actor;
use super::error::{AppError, AppResult};
use super::secret::{API_TOKEN_PREFIX, Secret};
use crate::context::Nexus;

/// Finds out who asks. `header` is the value of `Authorization`, as it came; `cause` the request's id.
///
/// # Errors
/// `unauthenticated`, with what is wrong with the token as far as its owner may know.
pub async fn authenticate(nexus: &Arc<Nexus>, header: Option<&[u8]>, cause: &str) -> AppResult<Actor> {
    let secret = bearer(header)?;
    let hash = secret.hash();
    let found = nexus.db.statement("token.authenticate", async |conn| {
        Ok::<_, AppError>(token::authenticate(conn, &hash).await?)
    });
    match found.await? {
        Authentication::Valid(identity) => Ok(actor(*identity, cause)),
        Authentication::Expired => {
            Err(refused("this token has expired; make a new one with `berth token create`"))
        }
        Authentication::Revoked => Err(refused("this token was revoked")),
        Authentication::Unknown => Err(refused("nobody's token")),
    }
}

/// The secret in a header `Bearer berth_…`.
fn bearer(header: Option<&[u8]>) -> AppResult<Secret> {
    let header = header.ok_or_else(|| {
        refused(
            "this needs a token: send `Authorization: Bearer berth_…`, or set BERTH_TOKEN_FILE for `berth`",
        )
    })?;
    let malformed = || refused("`Authorization` must be `Bearer berth_…`");
    let text = std::str::from_utf8(header).map_err(|_| malformed())?;
    let (scheme, token) = text.split_once(' ').ok_or_else(malformed)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(malformed());
    }
    Secret::parse(API_TOKEN_PREFIX, token.trim()).ok_or_else(malformed)
}

fn refused(message: &str) -> AppError {
    AppError::refused(ErrorCode::Unauthenticated, message)
}

fn actor(identity: Identity, cause: &str) -> Actor {
    Actor {
        user_id: identity.user.id,
        name: identity.user.name,
        fleet_role: identity.user.fleet_role,
        project_roles: identity.projects,
        token_id: identity.token,
        token_expires_at: identity.expires_at,
        cause: cause.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bearer_token_is_taken_out_of_its_header() {
        let secret = Secret::generate(API_TOKEN_PREFIX);
        for scheme in ["Bearer", "bearer"] {
            let header = format!("{scheme} {}", secret.expose());
            assert_eq!(bearer(Some(header.as_bytes())).ok().as_ref(), Some(&secret));
        }
    }

    #[test]
    fn anything_else_is_unauthenticated() {
        let basic = format!("Basic {}", Secret::generate(API_TOKEN_PREFIX).expose());
        let cases: [Option<&[u8]>; 6] =
            [None, Some(b""), Some(b"Bearer"), Some(b"Bearer x"), Some(b"\xff\xfe"), Some(basic.as_bytes())];
        for header in cases {
            let code = bearer(header).expect_err("no token").code();
            assert_eq!(code, ErrorCode::Unauthenticated, "{header:?}");
        }
    }
}
