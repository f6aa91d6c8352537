//! Secrets of tokens: 256 random bits as text, of which only a hash is kept.
//!
//! The hash is plain SHA-256: there is nothing to guess in 256 random bits, so nothing to slow down.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// What every API token begins with, so that one can be found where it shouldn't be.
pub const API_TOKEN_PREFIX: &str = "berth_";

/// What every join token begins with.
pub const JOIN_TOKEN_PREFIX: &str = "berthjoin_";

const SECRET_BYTES: usize = 32;

/// A secret as its owner gets it, once. Doesn't show in `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A new one.
    pub fn generate(prefix: &str) -> Secret {
        let bytes: [u8; SECRET_BYTES] = rand::random();
        Secret(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// What a client sent, if it has the form of a secret: anything else needn't be looked for.
    pub fn parse(prefix: &str, text: &str) -> Option<Secret> {
        let body = text.strip_prefix(prefix)?;
        let bytes = URL_SAFE_NO_PAD.decode(body).ok()?;
        (bytes.len() == SECRET_BYTES).then(|| Secret(text.to_string()))
    }

    /// What is stored.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }

    /// The text itself, to be handed to its owner.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_recognised_and_never_repeats() {
        let one = Secret::generate(API_TOKEN_PREFIX);
        let other = Secret::generate(API_TOKEN_PREFIX);
        assert_ne!(one, other);
        assert_eq!(Secret::parse(API_TOKEN_PREFIX, one.expose()), Some(one.clone()));
        assert_ne!(one.hash(), other.hash());
    }

    #[test]
    fn other_texts_are_not_secrets() {
        let join = Secret::generate(JOIN_TOKEN_PREFIX);
        for text in ["", "berth_", "berth_short", "Bearer x", join.expose()] {
            assert_eq!(Secret::parse(API_TOKEN_PREFIX, text), None, "{text}");
        }
    }

    #[test]
    fn a_secret_doesnt_show_in_debug_output() {
        let secret = Secret::generate(API_TOKEN_PREFIX);
        assert!(!format!("{secret:?}").contains(secret.expose()));
    }
}
