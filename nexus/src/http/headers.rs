//! Headers with a meaning of their own, as `app` wants them.

use berth_common::Generation;
use berth_nexus_api::headers::{IdempotencyHeader, IfMatchHeader};
use serde::Serialize;

use crate::app::error::{AppError, AppResult};
use crate::app::idempotent::Keyed;

/// The key of a creation, bound to what is asked: `request` is everything that makes two requests the same.
///
/// # Errors
/// `invalid_request` for a key that is empty, too long or not printable.
pub fn once(header: IdempotencyHeader, verb: &str, request: &impl Serialize) -> AppResult<Option<Keyed>> {
    header.idempotency_key.map(|key| Keyed::new(key, verb, request)).transpose()
}

/// The generation an update was made for.
///
/// # Errors
/// `invalid_request` if it is none.
pub fn if_match(header: IfMatchHeader) -> AppResult<Option<Generation>> {
    let Some(text) = header.if_match else { return Ok(None) };
    let digits = text.trim().trim_matches('"');
    match digits.parse::<i64>() {
        Ok(generation) if generation >= 1 => Ok(Some(Generation::from(generation))),
        _ => Err(AppError::invalid(format!(
            "If-Match must be the generation that a view shows, such as 3, not {:?}",
            text.chars().take(40).collect::<String>()
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn generation(text: &str) -> Option<i64> {
        let header = IfMatchHeader { if_match: Some(text.to_string()) };
        if_match(header).ok().flatten().map(Generation::as_i64)
    }

    #[test]
    fn a_generation_is_taken_with_and_without_quotes() {
        assert_eq!(generation("3"), Some(3));
        assert_eq!(generation("\"3\""), Some(3));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "*", "0", "-1", "W/\"3\"", "three", "99999999999999999999"] {
            let header = IfMatchHeader { if_match: Some(text.to_string()) };
            assert!(if_match(header).is_err(), "{text}");
        }
    }
}
