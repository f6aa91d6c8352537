//! Long-polls: look, and look again when something changed, until there is an answer or the time is over.

use std::time::Duration;

use berth_nexus_api::duration::Wait;
use tokio::time::Instant;

use super::error::AppResult;
use crate::context::Nexus;

/// What another nexus changes rings no bell here, so there is a look without one, soon at first: most of what is waited
/// for takes a fraction of a second.
const FIRST_LOOK_AFTER: Duration = Duration::from_millis(25);
/// Longest time without a look.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Calls `look` until it says that its answer is worth giving, or the client's time is over; then the last answer is
/// given. Without a time to wait there is one look.
pub(super) async fn until<T, Look>(
    nexus: &Nexus,
    wait: Option<Wait>,
    look: impl Fn() -> Look,
    is_enough: impl Fn(&T) -> bool,
) -> AppResult<T>
where
    Look: Future<Output = AppResult<T>>,
{
    let end = Instant::now() + wait.map_or(Duration::ZERO, Wait::duration);
    let mut pause = FIRST_LOOK_AFTER;
    loop {
        // Subscribed before the look, so that a change in between isn't missed.
        let mut changes = nexus.world.wake.on_change();
        let seen = look().await?;
        let left = end.saturating_duration_since(Instant::now());
        if is_enough(&seen) || left.is_zero() {
            return Ok(seen);
        }
        changes.wait(left.min(pause)).await;
        pause = (pause * 2).min(LOOK_EVERY);
    }
}
