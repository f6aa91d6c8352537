//! A flag that can be awaited: fired once, seen by all.

use tokio::sync::watch;

#[derive(Clone, Debug)]
pub(crate) struct Signal(watch::Sender<bool>);

impl Signal {
    pub fn new() -> Signal {
        Signal(watch::Sender::new(false))
    }

    /// Fires it; true if this call was the first.
    pub fn fire(&self) -> bool {
        !self.0.send_replace(true)
    }

    pub fn is_fired(&self) -> bool {
        *self.0.borrow()
    }

    pub async fn fired(&self) {
        // The sender lives in self, so the channel can't close under us.
        let _ = self.0.subscribe().wait_for(|fired| *fired).await;
    }
}
