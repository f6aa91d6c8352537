//! The source: sends the guest, or takes it back.
//!
//! QEMU pauses the guest as soon as it believes that the rest can be sent within the limit that it is given, be the first
//! pass over the memory ever so unfinished. Given the longest pause that is allowed, it makes most guests pause that
//! long. So it is given little at first, and more with each pass that didn't suffice: see [`pause_limit_ms`].

use std::sync::Arc;
use std::time::Duration;

use berth_common::migration::MigrationPhase;
use berth_sled_agent_api::migration::MigrationProgress;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use super::disks::{self, Copies};
use super::link::Link;
use super::status::Stage;
use super::streams::Outlet;
use super::{DISKS_SOCKET, MEMORY_SOCKET, QemuMigrator};
use crate::hypervisor::LaunchError;
use crate::hypervisor::migration::{Channel, Peer, Progress, Sending, Trail};

/// How often QEMU is asked how far it is.
const PROGRESS_EVERY: Duration = Duration::from_millis(250);
/// No limit: what a guest may take of the network is the network's business. (Zero means a default to some versions.)
const BANDWIDTH_BYTES_PER_S: u64 = 1 << 40;
/// The pause that is aimed at in the first pass, and how much longer it may be in each further one.
const FIRST_LIMIT_MS: u64 = 10;
const LIMIT_GROWS_BY: u64 = 3;
/// How long a migration that is over or cancelled may take to be cleared up, and how often that is looked at.
const CANCEL_PATIENCE: Duration = Duration::from_secs(20);
const CANCEL_POLL: Duration = Duration::from_millis(10);

/// A copy under way.
struct Course<'a> {
    link: &'a Link,
    peer: &'a Arc<dyn Peer>,
    copies: Copies,
    longest_pause_ms: u64,
    progress: mpsc::UnboundedSender<Progress>,
    phase: MigrationPhase,
}

impl QemuMigrator {
    pub(super) async fn send_guest(
        &self,
        sending: &Sending,
        peer: Arc<dyn Peer>,
        progress: mpsc::UnboundedSender<Progress>,
    ) -> Result<Trail, LaunchError> {
        // A new connection has no old events.
        self.unlink().await;
        let link = self.link().await?;
        if link.status().await?.stage == Stage::Active {
            return Err(LaunchError("another migration of this guest is going on".to_owned()));
        }
        prepare(&link, sending).await?;
        let memory = Outlet::open(&self.place, MEMORY_SOCKET, Channel::Memory, peer.clone())?;
        let disks = match sending.copied_slots.is_empty() {
            true => None,
            false => Some(Outlet::open(&self.place, DISKS_SOCKET, Channel::Disks, peer.clone())?),
        };
        let copies = Copies::new(&sending.copied_slots);
        let phase = MigrationPhase::Preparing;
        let longest_pause_ms = sending.downtime_limit_ms;
        let mut course = Course { link: &link, peer: &peer, copies, longest_pause_ms, progress, phase };
        course.copy_disks().await?;
        let uri = format!("unix:{MEMORY_SOCKET}");
        link.execute("migrate", json!({ "uri": uri })).await?;
        course.phase = MigrationPhase::CopyingMemory;
        course.copy_memory().await?;
        let Course { copies, progress, phase, .. } = course;
        let has_disks = !copies.is_empty();
        Ok(Trail::new(async move {
            let _disks = disks;
            // A quick copy has had no other numbers.
            let last = async {
                if let Ok(numbers) = numbers(&link, has_disks).await {
                    let _told = progress.send(Progress { phase, numbers });
                }
            };
            let (drained, ()) = tokio::join!(memory.drained(), last);
            drained
        }))
    }

    pub(super) async fn take_guest_back(&self) -> Result<(), LaunchError> {
        let link = self.link().await?;
        let until = Instant::now() + CANCEL_PATIENCE;
        while let Stage::Active | Stage::PreSwitchover = link.status().await?.stage {
            link.execute("migrate_cancel", json!({})).await?;
            if Instant::now() > until {
                return Err(LaunchError("QEMU doesn't give the migration up".to_owned()));
            }
            sleep(CANCEL_POLL).await;
        }
        disks::abandon(&link).await?;
        // Told `cont` while its own thread is about to end the migration, QEMU would abort.
        while link.run_state().await? == "finish-migrate" {
            if Instant::now() > until {
                return Err(LaunchError("QEMU doesn't end the migration".to_owned()));
            }
            sleep(CANCEL_POLL).await;
        }
        if !link.is_running().await? {
            // Also after *completed*: it opens its disks again, which a target that was never released hasn't opened.
            link.execute("cont", json!({})).await?;
        }
        for name in [MEMORY_SOCKET, DISKS_SOCKET] {
            drop(std::fs::remove_file(self.place.directory().join(name)));
        }
        self.unlink().await;
        Ok(())
    }
}

async fn prepare(link: &Link, sending: &Sending) -> Result<(), LaunchError> {
    let has_copies = !sending.copied_slots.is_empty();
    let capabilities = [("events", true), ("auto-converge", true), ("pause-before-switchover", has_copies)];
    let capabilities: Vec<Value> =
        capabilities.iter().map(|(name, state)| json!({ "capability": name, "state": state })).collect();
    link.execute("migrate-set-capabilities", json!({ "capabilities": capabilities })).await?;
    let limit = pause_limit_ms(sending.downtime_limit_ms, 1);
    let parameters = json!({ "downtime-limit": limit, "max-bandwidth": BANDWIDTH_BYTES_PER_S });
    link.execute("migrate-set-parameters", parameters).await?;
    Ok(())
}

/// The pause that is aimed at in a pass over the memory, counted from 1. Pure.
fn pause_limit_ms(longest_ms: u64, pass: u64) -> u64 {
    let grown =
        u32::try_from(pass.saturating_sub(1)).ok().and_then(|times| LIMIT_GROWS_BY.checked_pow(times));
    grown
        .and_then(|times| times.checked_mul(FIRST_LIMIT_MS))
        .map_or(longest_ms, |limit| limit.min(longest_ms))
}

impl Course<'_> {
    /// Until every copied disk is equal to its copy, and stays so.
    async fn copy_disks(&mut self) -> Result<(), LaunchError> {
        if self.copies.is_empty() {
            return Ok(());
        }
        self.phase = MigrationPhase::CopyingDisks;
        self.copies.begin(self.link).await?;
        let mut ticks = ticks();
        while !self.copies.are_equal() {
            tokio::select! {
                event = self.link.event() => self.copies.hear(&event?)?,
                _ = ticks.tick() => self.tell().await?,
            }
        }
        Ok(())
    }

    async fn copy_memory(&mut self) -> Result<(), LaunchError> {
        let mut ticks = ticks();
        let (link, has_disks) = (self.link, !self.copies.is_empty());
        // Not waited for: it is answered late when the guest is about to be paused, and events matter more.
        let mut asked = None;
        loop {
            tokio::select! {
                biased;
                event = self.link.event() => {
                    let event = event?;
                    self.copies.hear(&event)?;
                    let stage = match event["event"].as_str() {
                        Some("STOP") => {
                            self.phase = MigrationPhase::SwitchingOver;
                            self.tell_phase();
                            continue;
                        }
                        Some("MIGRATION_PASS") if self.phase == MigrationPhase::CopyingMemory => {
                            let pass = event.pointer("/data/pass").and_then(Value::as_u64).unwrap_or(1);
                            self.allow(pass);
                            continue;
                        }
                        Some("MIGRATION") => event.pointer("/data/status").and_then(Value::as_str),
                        _ => None,
                    };
                    match stage.map(Stage::read) {
                        Some(Stage::PreSwitchover) => self.switch_over().await?,
                        Some(Stage::Completed) => return Ok(()),
                        Some(Stage::Failed) => return Err(self.why_failed().await),
                        Some(Stage::None | Stage::Active) | None => {}
                    }
                }
                numbers = answer(&mut asked) => {
                    asked = None;
                    let _told = self.progress.send(Progress { phase: self.phase, numbers: numbers? });
                }
                _ = ticks.tick(), if asked.is_none() && self.phase == MigrationPhase::CopyingMemory => {
                    asked = Some(numbers(link, has_disks).boxed());
                }
            }
        }
    }

    /// Another pass begins: the last one wasn't enough.
    fn allow(&self, pass: u64) {
        let limit = pause_limit_ms(self.longest_pause_ms, pass);
        if pass > 1 && limit > pause_limit_ms(self.longest_pause_ms, pass - 1) {
            self.link.tell("migrate-set-parameters", json!({ "downtime-limit": limit }));
        }
    }

    /// The guest is paused, its disks are still being copied: that ends here, at both ends, before QEMU gives the
    /// disks away. (Ended later, the two would fight for the target's file.)
    async fn switch_over(&mut self) -> Result<(), LaunchError> {
        self.copies.finish(self.link).await?;
        let closed = self.peer.close_disks().await;
        closed.map_err(|error| LaunchError(format!("the target doesn't close its disks: {error}")))?;
        self.copies.let_go(self.link).await?;
        self.link.execute("migrate-continue", json!({ "state": "pre-switchover" })).await?;
        Ok(())
    }

    async fn tell(&self) -> Result<(), LaunchError> {
        let numbers = numbers(self.link, !self.copies.is_empty()).await?;
        // Whoever doesn't listen doesn't need to know.
        let _told = self.progress.send(Progress { phase: self.phase, numbers });
        Ok(())
    }

    fn tell_phase(&self) {
        let _told = self.progress.send(Progress { phase: self.phase, numbers: Default::default() });
    }

    async fn why_failed(&self) -> LaunchError {
        let error = self.link.status().await.ok().and_then(|status| status.error);
        LaunchError(error.unwrap_or_else(|| "QEMU gave the migration up".to_owned()))
    }
}

async fn answer<T>(asked: &mut Option<BoxFuture<'_, T>>) -> T {
    match asked {
        Some(asked) => asked.await,
        None => std::future::pending().await,
    }
}

/// How far QEMU is.
async fn numbers(link: &Link, has_disks: bool) -> Result<MigrationProgress, LaunchError> {
    let mut status = link.status().await?;
    if has_disks {
        let (sent, total) = disks::progress(link).await?;
        status = status.with_disks(sent, total);
    }
    Ok(status.numbers)
}

fn ticks() -> tokio::time::Interval {
    let mut ticks = interval(PROGRESS_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_is_allowed_at_first_and_in_the_end_what_was_asked_for() {
        let of = |longest_ms| [1, 2, 3, 4, 5, 6].map(|pass| pause_limit_ms(longest_ms, pass));
        assert_eq!(of(300), [10, 30, 90, 270, 300, 300]);
        assert_eq!(of(20), [10, 20, 20, 20, 20, 20]);
        assert_eq!(of(1), [1; 6]);
        assert_eq!(pause_limit_ms(u64::MAX, u64::MAX), u64::MAX);
        assert_eq!(pause_limit_ms(300, 0), 10);
    }
}
