//! Reports: what this sled says, from the VMM that changes to the nexus that stores it.
//!
//! ```text
//! vmms/ task ──put──▶ Reports (outbox) ──wake──▶ reporter ──▶ any nexus
//!                                                   └──verdicts──▶ vmms/ manager
//! ```
//!
//! Invariants:
//! - Telling never waits: a VMM's task puts its notice and goes on; the reporter alone waits for nexus.
//! - One report of this sled is under way at a time; changes made meanwhile coalesce into the next.
//! - A VMM is in no report before it was recovered; `recovered` says how many are.
//!
//! Not here: what becomes of a verdict (`vmms/`), leases (the keeper's).

pub mod outbox;
pub mod reporter;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use berth_common::Generation;
use berth_common::ids::{BootUuid, LedgerUuid, VmmUuid};
use berth_common::vmm::VmmState;
use berth_sled_agent_api::report::{Quarantined, Recovered, SledReport, VmmReport};
use tokio::sync::Notify;
use tokio::time::Instant;

use self::outbox::{Notice, Outbox};
use crate::host;

/// What becomes of a report.
const TAKEN: &str = "taken";
const REFUSED: &str = "refused";
const UNANSWERED: &str = "unanswered";

#[derive(Debug)]
struct State {
    outbox: Outbox,
    recovered: Recovered,
    /// What the last look at the host's processes found; `None` before the first.
    quarantined: Option<Vec<Quarantined>>,
    /// Nexus' last word at registration; 0 before the first.
    lease_epoch: Generation,
    sequence: u64,
    /// Reports sent, by what became of them, and when the last one was taken.
    sent: BTreeMap<&'static str, u64>,
    last_taken: Option<Instant>,
}

/// How things stand between this sled and nexus.
#[derive(Clone, Debug)]
pub struct Standing {
    pub vmms: BTreeMap<VmmState, usize>,
    pub unresponsive: usize,
    pub stuck: usize,
    /// VMMs with news that no nexus has taken yet.
    pub unacknowledged: usize,
    pub quarantined: usize,
    pub recovered: Recovered,
    /// Reports sent, by what became of them: `taken`, `refused` or `unanswered`.
    pub sent: BTreeMap<&'static str, u64>,
    /// Time since a nexus last took a report.
    pub last_taken: Option<Duration>,
}

impl State {
    /// Absence counts only after the host's processes were looked at, too: one of them may be what is absent.
    fn recovered(&self) -> Recovered {
        let looks = u32::from(self.quarantined.is_none());
        Recovered { total: self.recovered.total.saturating_add(looks), ..self.recovered }
    }
}

/// What this sled has to say, shared by everybody who has a part in it.
#[derive(Debug)]
pub struct Reports {
    boot: BootUuid,
    ledger: LedgerUuid,
    state: Mutex<State>,
    changed: Notify,
    shutting_down: AtomicBool,
}

impl Reports {
    /// Nothing to say yet, `entries` VMMs to be recovered.
    pub fn new(boot: BootUuid, ledger: LedgerUuid, entries: u32) -> Reports {
        let state = State {
            outbox: Outbox::default(),
            recovered: Recovered { done: 0, total: entries },
            quarantined: None,
            lease_epoch: Generation::from(0),
            sequence: 0,
            sent: BTreeMap::new(),
            last_taken: None,
        };
        Reports {
            boot,
            ledger,
            state: Mutex::new(state),
            changed: Notify::new(),
            shutting_down: AtomicBool::new(false),
        }
    }

    /// Takes a VMM's news. Never waits.
    pub fn put(&self, notice: Notice) {
        self.state().outbox.put(notice);
        self.changed.notify_one();
    }

    /// A VMM is gone from the ledger.
    pub fn remove(&self, vmm: VmmUuid) {
        self.state().outbox.remove(vmm);
    }

    /// The host is being shut down: said at each registration from now on.
    pub fn set_shutting_down(&self) {
        self.shutting_down.store(true, Ordering::SeqCst);
    }

    pub(crate) fn is_shutting_down(&self) -> bool {
        self.shutting_down.load(Ordering::SeqCst)
    }

    /// What was said last of a VMM.
    pub fn get(&self, vmm: VmmUuid) -> Option<VmmReport> {
        self.state().outbox.get(vmm).map(|notice| notice.at(host::boottime_ms()))
    }

    /// One more ledger entry was looked at.
    pub fn recovered_one(&self) {
        let mut state = self.state();
        state.recovered.done += 1;
        let complete = state.recovered().is_complete();
        drop(state);
        if complete {
            self.changed.notify_one();
        }
    }

    /// How much of the ledger is recovered.
    pub fn recovered(&self) -> Recovered {
        self.state().recovered()
    }

    /// What the last look at the host's processes found. Returns whether it is another list than before.
    pub fn set_quarantined(&self, list: Vec<Quarantined>) -> bool {
        let mut state = self.state();
        let is_news = state.quarantined.as_ref() != Some(&list);
        state.quarantined = Some(list);
        drop(state);
        if is_news {
            self.changed.notify_one();
        }
        is_news
    }

    /// How things stand with nexus.
    pub fn standing(&self) -> Standing {
        let state = self.state();
        let mut standing = Standing {
            vmms: VmmState::ALL.iter().map(|state| (*state, 0)).collect(),
            unresponsive: 0,
            stuck: 0,
            unacknowledged: state.outbox.unacknowledged_count(),
            quarantined: state.quarantined.as_ref().map_or(0, Vec::len),
            recovered: state.recovered(),
            sent: state.sent.clone(),
            last_taken: state.last_taken.map(|at| at.elapsed()),
        };
        for report in state.outbox.reports() {
            *standing.vmms.entry(report.state).or_default() += 1;
            standing.unresponsive += usize::from(report.unresponsive);
            standing.stuck += usize::from(report.stuck);
        }
        standing
    }

    /// What became of a report that was sent.
    fn count_sent(&self, became: &'static str) {
        let mut state = self.state();
        *state.sent.entry(became).or_default() += 1;
        if became == TAKEN {
            state.last_taken = Some(Instant::now());
        }
    }

    /// Everything this sled has.
    pub fn inventory(&self) -> SledReport {
        self.build(true)
    }

    /// A report: everything, or what wasn't acknowledged.
    fn build(&self, full: bool) -> SledReport {
        let now_ms = host::boottime_ms();
        let mut state = self.state();
        state.sequence += 1;
        SledReport {
            boot: self.boot,
            ledger: self.ledger,
            lease_epoch: state.lease_epoch,
            sequence: state.sequence,
            recovered: state.recovered(),
            full,
            vmms: if full { state.outbox.all(now_ms) } else { state.outbox.unacknowledged(now_ms) },
            quarantined: state.quarantined.clone().unwrap_or_default(),
        }
    }

    fn acknowledge(&self, report: &SledReport) {
        let sent: Vec<_> = report.vmms.iter().map(|vmm| (vmm.vmm, vmm.generation)).collect();
        self.state().outbox.acknowledge(&sent);
    }

    /// Registered under this epoch: whatever was acknowledged under another is told again.
    fn set_lease_epoch(&self, lease_epoch: Generation) {
        let mut state = self.state();
        if state.lease_epoch != lease_epoch {
            state.lease_epoch = lease_epoch;
            state.outbox.forget_acknowledgements();
        }
    }

    async fn wait_for_change(&self) {
        self.changed.notified().await;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every change is one assignment or map operation.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
