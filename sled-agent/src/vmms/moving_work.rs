//! Who does the work of an end of a migration: begun here, heard in [`super::moving`], ended by being dropped.

use std::future::Future;

use slog::warn;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::migration::Stage;
use super::task::Task;
use crate::hypervisor::migration::Sending;
use crate::migration::source::Target;
use crate::migration::target::{Receiving, answer};
use crate::migration::{AGAIN, News};

/// Whoever does the work of an end; it ends with this.
#[derive(Debug)]
pub(super) struct Moving {
    work: JoinHandle<()>,
    pub(super) news: mpsc::UnboundedReceiver<News>,
}

impl Moving {
    fn begin<F: Future<Output = ()> + Send + 'static>(
        work: impl FnOnce(mpsc::UnboundedSender<News>) -> F,
    ) -> Moving {
        let (sender, news) = mpsc::unbounded_channel();
        Moving { work: tokio::spawn(work(sender)), news }
    }
}

impl Drop for Moving {
    fn drop(&mut self) {
        self.work.abort();
    }
}

impl Task {
    fn target(&self) -> Option<Target> {
        let half = self.entry.migration.as_ref()?;
        let other = half.other.as_ref()?;
        Some(Target {
            tunnel: self.shared.tunnel.clone(),
            migration: half.migration,
            sled: other.sled,
            address: other.address.clone()?,
        })
    }

    /// Slots of the disks that are copied.
    fn copied_slots(&self) -> Vec<u32> {
        let copied = self.entry.migration.as_ref().map(|half| half.copied.as_slice()).unwrap_or_default();
        let disks = self.entry.spec.iter().flat_map(|spec| &spec.disks);
        disks.filter(|disk| copied.contains(&disk.disk)).map(|disk| disk.slot).collect()
    }

    pub(super) fn begin_to_send(&mut self) {
        let (Some(migrator), Some(target), Some(half)) =
            (self.migrator(), self.target(), &self.entry.migration)
        else {
            return;
        };
        let sending =
            Sending { downtime_limit_ms: half.downtime_limit_ms, copied_slots: self.copied_slots() };
        let deadline_ms = half.deadline_on(self.shared.boot);
        self.moving = Some(Moving::begin(|news| target.send(migrator, sending, deadline_ms, news)));
    }

    pub(super) fn begin_to_take_back(&mut self) {
        let Some(migrator) = self.migrator() else { return };
        let log = self.log.clone();
        self.moving = Some(Moving::begin(|news| async move {
            while let Err(error) = migrator.take_back().await {
                warn!(log, "the guest can't be brought back yet"; "error" => %error);
                tokio::time::sleep(AGAIN).await;
            }
            drop(news.send(News::TakenBack));
        }));
    }

    pub(super) fn begin_to_tell(&mut self) {
        let Some(target) = self.target() else { return };
        self.moving = Some(Moving::begin(|news| target.tell_again(news)));
    }

    /// Be there for the source; `again`: after an agent that was.
    pub(super) fn listen(&mut self, again: bool) {
        let Some(half) = &self.entry.migration else { return };
        let Some(other) = &half.other else { return };
        let expecting = self.shared.tunnel.expect(half.migration, other.sled);
        if half.stage == Stage::Resumed {
            self.moving = Some(Moving::begin(|news| async move {
                // Held, because its end would mean a breakdown.
                let _news = news;
                answer(expecting).await;
            }));
            return;
        }
        let Some(migrator) = self.migrator() else { return };
        let copied_slots = self.copied_slots();
        let deadline_ms = half.deadline_on(self.shared.boot);
        self.moving = Some(Moving::begin(|news| {
            Receiving { expecting, migrator, copied_slots, deadline_ms, again, news }.run()
        }));
    }
}
