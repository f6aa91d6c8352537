//! From what a row says to the words of `berth_common`.

use std::str::FromStr;

use berth_common::sled::Liveness;
use diesel::QueryResult;

/// Milliseconds without a report after which a sled is suspect, and after which it is lost. Both are only shown:
/// nothing happens to a guest because its sled is silent.
pub const SUSPECT_AFTER_MS: i64 = 5_000;
pub const LOST_AFTER_MS: i64 = 30_000;

/// A state's text as its enum. The schema's CHECKs know the same words, so this fails only where a newer nexus has
/// written a word this one doesn't know.
pub(crate) fn parsed<T>(text: &str) -> QueryResult<T>
where
    T: FromStr,
    T::Err: std::error::Error + Send + Sync + 'static,
{
    text.parse().map_err(|error: T::Err| diesel::result::Error::DeserializationError(Box::new(error)))
}

/// How alive a sled looks that has been silent for so long (none: it has never reported).
pub fn liveness(silent_ms: Option<i64>) -> Liveness {
    match silent_ms {
        Some(ms) if ms < SUSPECT_AFTER_MS => Liveness::Online,
        Some(ms) if ms < LOST_AFTER_MS => Liveness::Suspect,
        Some(_) | None => Liveness::Lost,
    }
}

/// The same of the sled itself: one that goes on purpose takes nothing new, and its silence is no fault. What its
/// VMMs do is known for as long as it reports, so they go by [`liveness`].
pub fn sled_liveness(planned_down: bool, silent_ms: Option<i64>) -> Liveness {
    if planned_down { Liveness::PlannedDown } else { liveness(silent_ms) }
}
