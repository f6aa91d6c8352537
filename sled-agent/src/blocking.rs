//! Work that blocks, kept away from the threads that serve.
//!
//! A simulated host does it where it stands, and takes a little of its own time for it: so what happens in which order
//! follows from its seed alone, and an agent can die when its ledger was written and nobody was told.

use std::cell::Cell;
use std::time::Duration;

use tokio::task::JoinError;

/// How long a simulated disk takes.
const SIMULATED_DISK: Duration = Duration::from_millis(1);

thread_local! {
    static SIMULATED: Cell<bool> = const { Cell::new(false) };
}

/// From here on, whatever blocks on this thread is done there: for simulated clusters, which are one thread.
pub fn simulate() {
    SIMULATED.set(true);
}

/// Does it on a thread that may block. What was begun is done to its end, even if nobody waits for it any more.
///
/// # Errors
/// When the work panicked, or the runtime ends.
pub async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, JoinError> {
    if SIMULATED.get() {
        let done = work();
        tokio::time::sleep(SIMULATED_DISK).await;
        return Ok(done);
    }
    tokio::task::spawn_blocking(work).await
}
