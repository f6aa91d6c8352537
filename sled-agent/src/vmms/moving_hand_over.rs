//! How a VMM's task hands its guest over, or takes one over, with as little as possible to be done while the guest is
//! paused: see the pause in [`crate::migration`]. What is expected is written ahead, while the hypervisors or the other
//! agent have something to do.

use std::time::Duration;

use berth_common::migration::MigrationPhase;
use slog::info;
use tokio::sync::oneshot;

use super::machine::Phase;
use super::migration::{Event, Stage};
use super::task::Task;
use crate::hypervisor::migration::Progress;
use crate::ledger::ahead::Ahead;
use crate::ledger::entry::Entry;
use crate::ledger::half::Half;
use crate::ledger::{Work, WriteError, off_thread};
use crate::migration::Pause;

/// The entry with its guest given away, or taken over.
fn handed_over(entry: &Entry, stage: Stage) -> Option<Entry> {
    let half = entry.migration.clone()?;
    let half = Half { stage, phase: MigrationPhase::HandedOff, ..half };
    let mut entry = Entry { migration: Some(half), ..entry.clone() };
    entry.count_change();
    Some(entry)
}

impl Task {
    pub(super) async fn hear_progress(&mut self, progress: Progress) {
        self.remark_half(|half| {
            // The last numbers may come after the hand-off.
            if half.stage == Stage::Sending {
                half.phase = progress.phase;
            }
            if progress.numbers.total_bytes > 0 {
                half.progress = Some(progress.numbers);
            }
        });
        let sends = self.entry.moving() == Some(Stage::Sending);
        if sends && progress.phase == MigrationPhase::SwitchingOver && self.ahead.is_none() {
            // The hypervisors are busy with the rest of the guest, meanwhile.
            self.write_ahead(Stage::HandedOff).await;
        }
    }

    /// All has arrived. The guest is given away by this one write.
    pub(super) async fn hand_off(&mut self, durable: oneshot::Sender<()>) {
        // One whose end was ordered has no guest to give any more: it would run on at the target.
        if self.entry.moving() != Some(Stage::Sending) || self.entry.phase != Phase::Running {
            return;
        }
        let Some(entry) = handed_over(&self.entry, Stage::HandedOff) else { return };
        if let Err(error) = self.put_expected(entry).await {
            // A full disk refuses before anything is in place.
            self.hand_off_unknown = matches!(error, WriteError::Io(_));
            let why = format!("the hand-off can't be written to the ledger: {error}");
            return self.happen(Event::CopyFailed, |half| half.detail = Some(why)).await;
        }
        // Whoever waits for it says so now; if it can't, it is said again until it is heard.
        let _told = durable.send(());
        self.publish();
        info!(self.log, "the guest is handed off");
        self.end_process().await;
    }

    /// The guest runs at the target.
    pub(super) async fn settle(&mut self, pause: Option<Pause>) {
        if let Some(pause) = pause {
            let at = |time: Duration| format!("{:.1}", time.as_secs_f64() * 1000.0);
            info!(self.log, "how long the guest stood still, and until when for what, in milliseconds";
                "sent" => at(pause.sent), "arrived" => at(pause.arrived), "handed off" => at(pause.handed_off),
                "in all" => at(pause.runs));
        }
        let downtime_ms = pause.map(|pause| u64::try_from(pause.runs.as_millis()).unwrap_or(u64::MAX));
        self.happen(Event::RunsThere, |half| {
            let progress = half.progress.get_or_insert_default();
            (progress.downtime_ms, progress.remaining_bytes) = (downtime_ms, 0);
        })
        .await;
    }

    /// The source has handed off. It is told that the guest goes on here as soon as that is so: the release is durable
    /// by then, and whoever comes after this agent lets the guest go on, too.
    pub(super) async fn take_over(&mut self, running: oneshot::Sender<()>) {
        self.awaiting_guest = Some(running);
        self.happen(Event::HandedOver, |half| half.phase = MigrationPhase::HandedOff).await;
        if self.entry.migration.as_ref().is_some_and(|half| half.stage == Stage::Resumed) {
            self.tell_that_it_goes_on();
        }
        // Without an answer the source asks again.
        self.awaiting_guest = None;
    }

    pub(super) fn tell_that_it_goes_on(&mut self) {
        if let Some(waiting) = self.awaiting_guest.take() {
            let _told = waiting.send(());
        }
    }

    /// Writes ahead that the hand-over has come to this stage, which is the next one if all goes well.
    pub(super) async fn write_ahead(&mut self, stage: Stage) {
        self.forget_ahead().await;
        if let Some(entry) = handed_over(&self.entry, stage) {
            // Without it the whole is written later.
            self.ahead = off_thread(&self.shared.ledger, move |ledger| ledger.write_ahead(&entry)).await.ok();
        }
    }

    /// Puts the entry on disk, and in memory if that worked: by what was written ahead, if that is it.
    pub(super) async fn put_expected(&mut self, entry: Entry) -> Result<(), WriteError> {
        let Some(ahead) = self.ahead.take_if(|ahead| ahead.stands_for(&entry)) else {
            return self.write(entry, Work::Standing).await;
        };
        let put = off_thread(&self.shared.ledger, move |ledger| ledger.put_ahead(ahead)).await;
        let written = match put {
            Ok(written) => written,
            // It may be in place all the same: whatever is said of a second failure, the first one counts.
            Err(first) => return self.write(entry, Work::Standing).await.map_err(|_| first),
        };
        let (ledger, generation_reserved) = (written.ledger, written.generation_reserved);
        self.entry = Entry { ledger, generation_reserved, ..entry };
        self.unsaved = self.entry != written;
        Ok(())
    }

    /// It came otherwise.
    pub(super) async fn forget_ahead(&mut self) {
        if let Some(ahead) = self.ahead.take() {
            // A file that stays counts for nothing.
            drop(crate::blocking::off_thread(move || Ahead::discard(ahead)).await);
        }
    }
}
