//! How one room tells others in this process that something changed, so that nobody waits for the next look.
//!
//! A wake-up carries nothing and may be lost: whoever is woken looks at the database, and looks there by itself
//! every now and then. That is why this is safe to be so small.

use std::time::Duration;

use tokio::sync::watch;

/// Bells that can be rung and waited for.
#[derive(Clone, Debug)]
pub struct Wake {
    /// Something about instances, VMMs or operations changed.
    changes: watch::Sender<u64>,
    /// An intent was written: the intent driver and the reaper have work.
    intents: watch::Sender<u64>,
}

impl Wake {
    /// Bells that nobody has rung.
    pub fn new() -> Wake {
        Wake { changes: watch::Sender::new(0), intents: watch::Sender::new(0) }
    }

    /// Says that records changed.
    pub fn changed(&self) {
        self.changes.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Says that there is an intent to deliver.
    pub fn intent(&self) {
        self.intents.send_modify(|count| *count = count.wrapping_add(1));
        self.changed();
    }

    /// A listener for changes, which hears whatever is rung from now on.
    pub fn on_change(&self) -> Listener {
        Listener(self.changes.subscribe())
    }

    /// A listener for intents, which hears whatever is rung from now on.
    pub fn on_intent(&self) -> Listener {
        Listener(self.intents.subscribe())
    }
}

impl Default for Wake {
    fn default() -> Self {
        Wake::new()
    }
}

/// One who waits. Subscribe before reading what is waited for: a ring in between isn't lost.
#[derive(Debug)]
pub struct Listener(watch::Receiver<u64>);

impl Listener {
    /// Returns at the next ring, at the latest after `longest`.
    pub async fn wait(&mut self, longest: Duration) {
        // The bell lives as long as the process; were it gone, only the time would be left to wait for.
        if let Ok(Err(_)) = tokio::time::timeout(longest, self.0.changed()).await {
            tokio::time::sleep(longest).await;
        }
    }
}
