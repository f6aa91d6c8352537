//! The part of host shutdown that is about one VMM: what it is, how it is asked to go, and how it went.
//!
//! Its order is in the ledger before the shim is told, as of any stop; beside it stands that the host's shutdown was
//! the reason, unless somebody had stopped it before. Which VMM goes when is decided in [`crate::shutdown`].

use std::time::Duration;

use berth_common::Name;
use berth_common::ids::{InstanceUuid, VmmUuid};
use berth_common::vmm::EndedBy;
use futures::future::join_all;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::machine::{Event, Phase};
use super::manager::Manager;
use super::requests::{Asked, Decision, decide};
use super::task::{Command, Exit, Task};
use crate::host;
use crate::ledger::entry::{Entry, StopOrder};
use crate::ledger::host_stop::HostStop;

/// How a guest wants to be treated when its host goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Care {
    /// Unknown where the ledger entry was unreadable.
    pub name: Option<Name>,
    pub priority: u32,
    pub grace: Duration,
}

/// What a VMM is to a host that goes.
#[derive(Clone, Debug)]
pub enum Looked {
    /// Nothing of it runs, and nothing will.
    Idle,
    /// It runs, or is about to.
    Runs(Care),
    /// It went with the host already.
    Went(Care, HostStopped),
}

/// How a VMM went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostStopped {
    /// How its run really ended.
    pub rung: EndedBy,
}

/// How it is asked to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostOrder {
    /// By the ladder. Repeated, it can only shorten.
    Stop { grace: Duration },
    /// At once.
    Kill,
}

/// A VMM of the ledger.
#[derive(Clone, Debug)]
pub struct Resident {
    pub vmm: VmmUuid,
    pub instance: InstanceUuid,
    /// `None`: its task is busy finding out, or has none to say.
    pub looked: Option<Looked>,
}

impl Manager {
    /// Every VMM that is here, as its task says it within `patience`. New work must be refused already: what was
    /// admitted before is seen as begun then.
    pub async fn residents(&self, patience: Duration) -> Vec<Resident> {
        let asked = self.mailboxes().into_iter().map(async |(vmm, instance, commands)| {
            let (reply, looked) = oneshot::channel();
            drop(commands.send(Command::HostLook { reply }));
            let looked = timeout(patience, looked).await.ok().map(|told| told.unwrap_or(Looked::Idle));
            Resident { vmm, instance, looked }
        });
        join_all(asked).await
    }

    /// Orders a VMM to go with its host. The answer comes when it has gone; never, if it isn't here any more.
    pub fn order_with_host(&self, vmm: VmmUuid, order: HostOrder) -> oneshot::Receiver<HostStopped> {
        let (reply, stopped) = oneshot::channel();
        if let Some(commands) = self.mailbox(vmm) {
            drop(commands.send(Command::HostStop { order, reply }));
        }
        stopped
    }
}

impl Task {
    pub(super) fn look_for_host(&self) -> Looked {
        let care = || match &self.entry.spec {
            Some(spec) => Care {
                name: Some(spec.name.clone()),
                priority: spec.stop_priority,
                grace: Duration::from_millis(spec.stop_grace_ms),
            },
            None => Care::default(),
        };
        let gone_with_this_boot = self.entry.host_stop.is_some_and(|stop| stop.boot == self.shared.boot);
        match self.entry.phase {
            Phase::Preparing | Phase::Registered | Phase::Withdrawn => Looked::Idle,
            Phase::Ended if gone_with_this_boot => Looked::Went(care(), self.stopped_with_host()),
            Phase::Ended => Looked::Idle,
            Phase::Launching
            | Phase::LaunchingThenStop
            | Phase::LaunchingThenKill
            | Phase::Started
            | Phase::Running
            | Phase::Stopping
            | Phase::Killing
            | Phase::Reboot(_) => Looked::Runs(care()),
        }
    }

    fn stopped_with_host(&self) -> HostStopped {
        let rung = self.entry.host_stop.and_then(|stop| stop.rung);
        let told = self.entry.ended.map(|ended| ended.ended_by);
        HostStopped { rung: rung.or(told).unwrap_or(EndedBy::NeverStarted) }
    }

    pub(super) async fn serve_host_stop(&mut self, order: HostOrder, reply: oneshot::Sender<HostStopped>) {
        if matches!(self.look_for_host(), Looked::Idle) && self.entry.phase != Phase::Ended {
            return;
        }
        self.awaiting_host_stop.push(reply);
        let grace = match order {
            HostOrder::Stop { grace } => grace,
            HostOrder::Kill => Duration::ZERO,
        };
        let grace_ms = u64::try_from(grace.as_millis()).unwrap_or(u64::MAX);
        let deadline_ms = host::boottime_ms().saturating_add(grace_ms);
        let stop = self.earlier(StopOrder { boot: self.shared.boot, deadline_ms });
        let shortens = self.entry.stop.is_none_or(|standing| self.remaining(stop) < self.remaining(standing));
        let asked = match order {
            HostOrder::Stop { .. } => Asked::Stop { shortens },
            HostOrder::Kill => Asked::End,
        };
        if self.stop_moving().await {
            // A guest that isn't here has nothing to be asked: its process is ended already.
            return self.tell_end();
        }
        if let Decision::Do(event) = decide(self.entry.phase, asked, None) {
            let host_stop = self.host_stop();
            let change = |entry: &mut Entry| {
                entry.host_stop = host_stop;
                if shortens {
                    entry.stop = Some(stop);
                }
            };
            // Not refused for a full disk: the shim keeps the deadline all the same.
            drop(self.apply(event, Exit::default(), change).await);
        }
        self.tell_end();
    }

    /// The host's shutdown as this VMM's reason to go: not if somebody had stopped or ended it before.
    fn host_stop(&self) -> Option<HostStop> {
        let others = self.entry.stop.is_some()
            || matches!(self.entry.phase, Phase::Killing | Phase::LaunchingThenKill)
            || self.shared.past().tombstone(self.entry.vmm).is_some();
        let own = (!others).then_some(HostStop { boot: self.shared.boot, rung: None });
        self.entry.host_stop.or(own)
    }

    /// Nothing is begun on a host that goes: what was about to be ends here, before its turn.
    pub(super) async fn go_with_host(&mut self) {
        let host_stop = self.host_stop();
        drop(self.apply(Event::StopAsked, Exit::default(), |entry| entry.host_stop = host_stop).await);
        if self.entry.phase.is_launching() {
            drop(self.apply(Event::LaunchFailed, Exit::default(), |_| {}).await);
        }
    }

    pub(super) fn tell_host(&mut self) {
        for reply in std::mem::take(&mut self.awaiting_host_stop) {
            drop(reply.send(self.stopped_with_host()));
        }
    }
}
