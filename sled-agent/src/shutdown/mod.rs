//! Shutting down the host: every guest ends in its turn, whether nexus, database or this agent live or not.
//!
//! ```text
//!  sled-agent shutdown ──control.sock──▶ the running agent ─┐
//!        └── no agent: takes its lock, and serves the same ──┴▶ course ──▶ VMMs' tasks ──▶ shims
//!                                                                └──▶ mark (on disk), table (to all who ask)
//! ```
//!
//! - [`share`]: how one deadline is shared among priorities, pure. [`table`]: how each guest went, and the exit status.
//! - `course`: highest priority first, in parallel inside one. `stray`: what runs without a ledger entry.
//! - [`mark`]: that a shutdown was begun in this boot. [`door`]: the local socket. [`ask`]: the command.
//! - `alone`: the agent's lock and who holds it. [`without_agent`]: the rooms that are needed when no agent lives.
//!
//! Invariants:
//! - Nothing waits for nexus, and nothing is read from where guests' disks are.
//! - One process at a time ends guests (the lock of the ledger), and one task each of them (by VMM id).
//! - From the mark on nothing new is begun in this boot, until an agent is started after it was completed.
//! - A second call joins the first; it can bring the deadline forward, never put it off.
//! - Only what didn't go by itself is forced; its order is in the ledger first, with the host's shutdown as its reason.
//!
//! Not here: what nexus makes of it (a guest that ran is started again when nexus says so), leases (the keeper's).

pub mod alone;
pub mod announce;
pub mod ask;
mod course;
pub mod door;
pub mod mark;
pub mod share;
mod stray;
pub mod table;
pub mod without_agent;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use berth_common::ids::VmmUuid;
use camino::Utf8PathBuf;
use serde::{Deserialize, Serialize};
use slog::{Logger, warn};
use tokio::sync::watch;

use self::announce::Announcer;
use self::course::Course;
use self::mark::Mark;
use self::table::Table;
use crate::host;
use crate::vmms::Shared;
use crate::vmms::manager::Manager;

/// How far a shutdown is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    pub table: Table,
    /// It is over: what isn't gone remains.
    pub done: bool,
    /// When each was asked, on the host's own clock.
    #[serde(skip)]
    asked_ms: HashMap<VmmUuid, u64>,
}

#[derive(Debug)]
struct Begun {
    deadline: watch::Sender<u64>,
    progress: watch::Receiver<Progress>,
}

/// The one shutdown of this process, if it was asked for.
#[derive(Debug)]
pub struct Shutdown {
    state_dir: Utf8PathBuf,
    shared: Arc<Shared>,
    manager: Arc<Manager>,
    announcer: Option<Announcer>,
    begun: Mutex<Option<Begun>>,
    log: Logger,
}

impl Shutdown {
    /// None was asked for yet.
    pub fn new(
        state_dir: Utf8PathBuf,
        shared: Arc<Shared>,
        manager: Arc<Manager>,
        announcer: Option<Announcer>,
        log: Logger,
    ) -> Arc<Shutdown> {
        Arc::new(Shutdown { state_dir, shared, manager, announcer, begun: Mutex::default(), log })
    }

    /// Begins a shutdown that is to be over by `deadline_ms` of `CLOCK_BOOTTIME`, or joins the one begun before.
    pub fn begin(self: &Arc<Self>, deadline_ms: u64) -> watch::Receiver<Progress> {
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(Begun { deadline, progress }) = &*begun {
            deadline.send_if_modified(|standing| {
                let earlier = deadline_ms < *standing;
                *standing = deadline_ms.min(*standing);
                earlier
            });
            return progress.clone();
        }
        let former = Mark::of_boot(&self.state_dir, self.shared.boot, &self.log);
        let deadline_ms = match &former {
            Some(mark) if !mark.complete => deadline_ms.min(mark.deadline_ms),
            _ => deadline_ms,
        };
        let table = former.map(|mark| mark.table).unwrap_or_default();
        let (deadline, follow) = watch::channel(deadline_ms);
        let (sender, progress) = watch::channel(Progress { table, ..Progress::default() });
        self.shared.refuse_new_work();
        let course = Course {
            shared: self.shared.clone(),
            manager: self.manager.clone(),
            deadline: follow.clone(),
            progress: sender,
            log: self.log.clone(),
        };
        tokio::spawn(self.clone().conduct(course, follow, progress.clone()));
        *begun = Some(Begun { deadline, progress: progress.clone() });
        progress
    }

    async fn conduct(
        self: Arc<Self>,
        course: Course,
        deadline: watch::Receiver<u64>,
        progress: watch::Receiver<Progress>,
    ) {
        let boot = self.shared.boot;
        let mark_of = |progress: &watch::Receiver<Progress>, complete| Mark {
            boot,
            deadline_ms: *deadline.borrow(),
            complete,
            table: progress.borrow().table.clone(),
        };
        self.keep(mark_of(&progress, false)).await;
        if let Some(announcer) = self.announcer.clone() {
            tokio::spawn(announcer.until_told(boot, self.shared.ledger.id(), self.log.clone()));
        }
        let mut follow = progress.clone();
        let written = async {
            while follow.changed().await.is_ok() {
                follow.mark_unchanged();
                self.keep(mark_of(&follow, false)).await;
            }
        };
        let sender = tokio::select! {
            sender = course.run() => sender,
            // It ends only with the sender, which the course has.
            () = written => return,
        };
        // Durable before it is told: whoever is told may start an agent, and that one is free to begin.
        self.keep(mark_of(&progress, true)).await;
        sender.send_modify(|progress| progress.done = true);
    }

    /// A disk that can't be written to is no reason to keep guests from going.
    async fn keep(&self, mark: Mark) {
        let state_dir = self.state_dir.clone();
        let written = crate::blocking::off_thread(move || mark.write(&state_dir)).await;
        if let Err(error) = written.unwrap_or_else(|error| Err(std::io::Error::other(error))) {
            warn!(self.log, "how far the shutdown is can't be written down"; "error" => %error);
        }
    }

    /// Goes on with what a former agent process of this boot had begun.
    pub fn go_on(self: &Arc<Self>) {
        if let Some(mark) = Mark::unfinished(&self.state_dir, self.shared.boot, &self.log) {
            warn!(self.log, "the host was being shut down: going on with it";
                "left_ms" => mark.deadline_ms.saturating_sub(host::boottime_ms()));
            drop(self.begin(mark.deadline_ms));
        }
    }
}
