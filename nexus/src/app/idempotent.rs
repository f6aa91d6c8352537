//! Creations that are done once, however often they are asked for.

use berth_common::ids::OperationUuid;
use berth_common::refusal::ErrorCode;
use berth_db::idempotency;
use berth_nexus_api::limits::IDEMPOTENCY_KEY_MAX_BYTES;
use diesel_async::AsyncPgConnection;
use serde::Serialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::actor::Actor;
use super::error::{AppError, AppResult};

/// A key that a client chose, with the hash of what it asked under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keyed {
    /// The client's key; its user's alone.
    pub key: String,
    /// SHA-256 of the request: the same key with another one is a conflict.
    pub request_hash: [u8; 32],
}

impl Keyed {
    /// Binds a key to a request: its verb, and everything that makes two of them the same.
    ///
    /// # Errors
    /// `invalid_request` if the key is empty, too long, or has characters that aren't printable ASCII.
    pub fn new(key: String, verb: &str, request: &impl Serialize) -> AppResult<Keyed> {
        let length = 1..=IDEMPOTENCY_KEY_MAX_BYTES;
        if !length.contains(&key.len()) || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(AppError::invalid(format!(
                "Idempotency-Key must be 1 to {IDEMPOTENCY_KEY_MAX_BYTES} printable characters without spaces"
            )));
        }
        let request = serde_json::to_vec(request)
            .map_err(|error| AppError::invalid(format!("the request can't be written down: {error}")))?;
        let mut hash = Sha256::new();
        hash.update(verb.as_bytes());
        hash.update([0]);
        hash.update(&request);
        Ok(Keyed { key, request_hash: hash.finalize().into() })
    }
}

/// Which sending of a creation this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The first, or one without a key: go on.
    First,
    /// A repetition: this is what the first made.
    Before {
        /// Id of the thing.
        subject: Uuid,
        /// Its operation, if it has one.
        operation: Option<OperationUuid>,
    },
}

/// Claims a key for what is about to be made, in the transaction that makes it.
///
/// # Errors
/// `idempotency_conflict` if the key was used for another request.
pub async fn claim(
    conn: &mut AsyncPgConnection,
    actor: &Actor,
    key: Option<&Keyed>,
    subject: Uuid,
    operation: Option<OperationUuid>,
) -> AppResult<Claim> {
    let Some(Keyed { key, request_hash }) = key else { return Ok(Claim::First) };
    let keyed =
        idempotency::Keyed { user: actor.user_id, key, request_hash: *request_hash, subject, operation };
    match idempotency::claim(conn, &keyed).await? {
        idempotency::Claim::First => Ok(Claim::First),
        idempotency::Claim::Repeated(first) => {
            Ok(Claim::Before { subject: first.subject_id, operation: first.operation_id })
        }
        idempotency::Claim::Conflict => Err(AppError::refused(
            ErrorCode::IdempotencyConflict,
            "this Idempotency-Key was used for another request; take a new one",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(verb: &str, request: &str) -> [u8; 32] {
        Keyed::new("k".to_string(), verb, &request).expect("a good key").request_hash
    }

    #[test]
    fn the_hash_tells_requests_and_verbs_apart() {
        assert_eq!(hash("disk_create", "a"), hash("disk_create", "a"));
        assert_ne!(hash("disk_create", "a"), hash("disk_create", "b"));
        assert_ne!(hash("disk_create", "a"), hash("image_create", "a"));
    }

    #[test]
    fn keys_that_are_no_keys_are_refused() {
        for key in ["", "a b", "ä", "\u{7}", &"k".repeat(129)] {
            assert!(Keyed::new(key.to_string(), "v", &()).is_err(), "{key:?}");
        }
    }
}
