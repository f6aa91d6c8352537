//! Telling nexus that this host goes on purpose, if any nexus answers. Nobody waits for it.

use std::sync::Arc;
use std::time::Duration;

use berth_common::ids::{BootUuid, LedgerUuid};
use berth_sled_agent_api::sled::PlannedDown;
use slog::{Logger, info, warn};

use crate::nexus_client::NexusClient;

/// Between two tries.
const AGAIN: Duration = Duration::from_secs(1);

/// The way to nexus, for one message.
#[derive(Clone, Debug)]
pub struct Announcer {
    nexus: Arc<NexusClient>,
}

impl Announcer {
    pub fn new(nexus: Arc<NexusClient>) -> Announcer {
        Announcer { nexus }
    }

    /// Asks one nexus after the other until one has taken it, or refuses it.
    pub(super) async fn until_told(self, boot: BootUuid, ledger: LedgerUuid, log: Logger) {
        let mut failing = false;
        loop {
            match self.nexus.tell("/internal/planned-down", &PlannedDown { boot, ledger }).await {
                Ok(()) => return info!(log, "nexus knows that this host is being shut down"),
                Err(error) if error.is_refusal() => {
                    return warn!(log, "nexus doesn't take that this host is being shut down"; "error" => %error);
                }
                Err(error) if !failing => {
                    failing = true;
                    warn!(log, "nexus can't be told that this host is being shut down: going on"; "error" => %error);
                }
                Err(_) => {}
            }
            tokio::time::sleep(AGAIN).await;
        }
    }
}
