//! Work that blocks, kept away from the threads that serve.
//!
//! A simulated host does it where it stands, and takes a little of its own time for it: so what happens in which order
//! follows from its seed alone, and an agent can die when its ledger was written and nobody was told.

use std::cell::Cell;
use std::time::Duration;

use tokio::task::JoinError;

thread_local! {
    /// How long a simulated disk takes.
    static SIMULATED: Cell<Option<Duration>> = const { Cell::new(None) };
}

/// From here on, whatever blocks on this thread is done there, and takes `each` of the runtime's time: for simulated
/// clusters, which are one thread.
pub fn simulate(each: Duration) {
    SIMULATED.set(Some(each));
}

/// Does it on a thread that may block. What was begun is done to its end, even if nobody waits for it any more.
///
/// # Errors
/// When the work panicked, or the runtime ends.
pub async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, JoinError> {
    if let Some(each) = SIMULATED.get() {
        let done = work();
        tokio::time::sleep(each).await;
        return Ok(done);
    }
    tokio::task::spawn_blocking(work).await
}
