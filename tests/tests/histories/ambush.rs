//! What lies in wait for the next migration: troubles that strike while a guest is on its way are rare unless they are
//! aimed.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use berth_common::ids::VmmUuid;
use berth_sled_agent_api::migration::{MigrationOrder, MigrationPut};
use reqwest::Request;
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};

use crate::cluster::Cluster;
use crate::doors;

/// A source was told to send its guest.
#[derive(Clone, Copy, Debug)]
pub struct Sent {
    pub from: VmmUuid,
    pub to: VmmUuid,
    pub source: usize,
    pub target: usize,
}

impl Sent {
    /// What this request to a sled begins, if it is an order to send.
    pub fn by(request: &Request, source: usize, cluster: &Cluster) -> Option<Sent> {
        let from = request.url().path().strip_prefix("/vmms/")?.strip_suffix("/migration")?.parse().ok()?;
        let put: MigrationPut = doors::body(request).ok()?;
        let MigrationOrder::Send { target_sled, target_vmm, .. } = put.order else { return None };
        let target = cluster.sleds.iter().position(|sled| sled.id == target_sled)?;
        Some(Sent { from, to: target_vmm, source, target })
    }

    /// As soon as the guest is paused it goes on where it is, for ever.
    pub async fn haunt(self, cluster: Arc<Cluster>) {
        const LOOKS: usize = 2_000;
        for _ in 0..LOOKS {
            sleep(Duration::from_millis(1)).await;
            let living = cluster.sleds[self.source].living().unwrap_or_default();
            match living.iter().find(|living| living.vmm == self.from) {
                None => return,
                Some(living) if living.runs => {}
                Some(_) => {
                    if let Err(error) = cluster.sleds[self.source].haunt(self.from) {
                        cluster.journal.wrong(format!("the history itself: {error:#}"));
                    }
                    return;
                }
            }
        }
    }
}

/// Those who wait; the first one is the next.
#[derive(Debug, Default)]
pub struct Ambushes(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<oneshot::Sender<Sent>>,
    sprung: u64,
}

/// A history without another migration goes on.
const WAITS_FOR: Duration = Duration::from_secs(20);

impl Ambushes {
    /// The next migration, once its source is told.
    pub async fn lie_in_wait(&self) -> Option<Sent> {
        let (sender, sent) = oneshot::channel();
        self.state().waiting.push_back(sender);
        timeout(WAITS_FOR, sent).await.ok()?.ok()
    }

    /// A guest is to be sent: whoever has waited longest strikes.
    pub fn spring(&self, sent: Sent) {
        let mut state = self.state();
        while let Some(next) = state.waiting.pop_front() {
            // One that has waited too long is gone.
            if next.send(sent).is_ok() {
                state.sprung += 1;
                return;
            }
        }
    }

    /// How many have struck.
    pub fn sprung(&self) -> u64 {
        self.state().sprung
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
