//! Waiting for a condition by looking again, with a bound.

use anyhow::{Result, bail};
use std::time::{Duration, Instant};

/// Pause between two looks: short against everything we wait for, long against the cost of a look.
const PAUSE: Duration = Duration::from_millis(10);

/// Looks until `look` has an answer.
///
/// # Errors
/// The look's own error, or a text with `what` after `limit`.
pub(crate) fn until<T>(
    what: &str,
    limit: Duration,
    mut look: impl FnMut() -> Result<Option<T>>,
) -> Result<T> {
    let begin = Instant::now();
    loop {
        if let Some(answer) = look()? {
            return Ok(answer);
        }
        if begin.elapsed() >= limit {
            bail!("{what} didn't happen within {} s", limit.as_secs_f32());
        }
        std::thread::sleep(PAUSE);
    }
}
