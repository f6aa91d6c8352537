//! Waiting for a condition by looking again, with a bound and a name.

use anyhow::{Result, bail};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// Pause between two looks.
const PAUSE: Duration = Duration::from_millis(25);

/// Whether somebody wants everything to end.
static INTERRUPTED: OnceLock<fn() -> bool> = OnceLock::new();

/// From now on every wait of this process ends when `requested` says so (Ctrl-C); the first call counts.
pub fn waits_end_when(requested: fn() -> bool) {
    // A second caller would mean the same Ctrl-C.
    let _ = INTERRUPTED.set(requested);
}

/// Looks until `look` has an answer.
///
/// # Errors
/// The look's own error at once, or a text with `what` after `limit` or when everything shall end.
pub fn until<T>(what: &str, limit: Duration, mut look: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    until_the_end(what, limit, || {
        let answer = look()?;
        if answer.is_none() && INTERRUPTED.get().is_some_and(|requested| requested()) {
            bail!("{what}: no longer waited for");
        }
        Ok(answer)
    })
}

/// The same for what belongs to ending everything: it is waited for although everything shall end.
///
/// # Errors
/// The look's own error at once, or a text with `what` after `limit`.
pub(crate) fn until_the_end<T>(
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
            bail!("{what}: not after {:.1} s", limit.as_secs_f32());
        }
        std::thread::sleep(PAUSE);
    }
}
