//! The manager: admits requests, keeps the map of tasks, answers for VMMs that are no more.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use async_trait::async_trait;
use berth_common::Generation;
use berth_common::ids::{DiskUuid, InstanceUuid, RequestUuid, VmmUuid};
use berth_common::refusal::Denial;
use berth_sled_agent_api::envelope::Envelope;
use berth_sled_agent_api::report::{Verdict, VmmVerdict};
use berth_sled_agent_api::vmm::{
    Admitted, Denied, VmmAnswer, VmmDesired, VmmEndQuery, VmmEnsure, VmmStatePut,
};
use slog::{o, warn};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::Shared;
use super::admission::{
    Addressee, Named, Offer, check_offer, check_standing, copies_fault, denied, spec_fault,
};
use super::parts::Parts;
use super::quarantine::{Known, sweep_from_time_to_time};
use super::room::{Reservation, size_of};
use super::task::{Command, Task};
use crate::host;
use crate::ledger::entry::Entry;
use crate::ledger::half::Half;

/// How long the answer to an end waits for the end itself. After it the report tells.
const END_WAIT: Duration = Duration::from_secs(3);

/// Why a request wasn't served.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unserved {
    /// By name: nothing was changed.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// It makes no sense, whoever asks.
    #[error("{0}")]
    Invalid(String),
    /// Not now: nothing is promised, ask again.
    #[error("{0}")]
    Unavailable(String),
}

/// A task as the manager knows it.
#[derive(Debug)]
pub(super) struct Handle {
    instance: InstanceUuid,
    epoch: Generation,
    pub(super) parts: Arc<Parts>,
    commands: mpsc::UnboundedSender<Command>,
    task: JoinHandle<()>,
}

#[derive(Debug, Default)]
pub(super) struct Inner {
    pub(super) vmms: HashMap<VmmUuid, Handle>,
    quarantined: HashSet<VmmUuid>,
}

/// All VMMs of this sled.
#[derive(Debug)]
pub struct Manager {
    me: Weak<Manager>,
    pub(super) shared: Arc<Shared>,
    pub(super) addressee: Addressee,
    offer: Offer,
    inner: Mutex<Inner>,
}

impl Manager {
    /// Begins to recover the ledger's entries, all at once, and serves from now on.
    pub fn start(
        shared: Arc<Shared>,
        addressee: Addressee,
        offer: Offer,
        entries: Vec<Entry>,
    ) -> Arc<Manager> {
        let manager = Arc::new_cyclic(|me| Manager {
            me: me.clone(),
            shared,
            addressee,
            offer,
            inner: Mutex::default(),
        });
        let mut inner = manager.inner();
        for entry in entries {
            let reservation = entry
                .spec
                .as_ref()
                .filter(|_| !entry.phase.is_final())
                .map(|spec| manager.shared.room.reserve_anyway(size_of(spec)));
            manager.spawn(&mut inner, entry, reservation, None);
        }
        drop(inner);
        tokio::spawn(sweep_from_time_to_time(Arc::downgrade(&manager)));
        manager
    }

    /// Whom this agent answers for.
    pub(super) fn known(&self) -> Known {
        let buried = self.shared.past().buried();
        let inner = self.inner();
        Known {
            here: inner.vmms.keys().copied().collect(),
            unknown_to_nexus: inner.quarantined.clone(),
            buried,
        }
    }

    /// Registers a VMM. Answers when its parts are ready.
    pub async fn ensure(&self, vmm: VmmUuid, body: VmmEnsure) -> Result<VmmAnswer, Unserved> {
        let VmmEnsure { envelope, spec, incoming } = body;
        self.addressee.check(envelope.cluster, envelope.ledger)?;
        if let Some(fault) = spec_fault(envelope.instance, &spec) {
            return Err(Unserved::Invalid(format!("VMM {vmm} can't be: {fault}")));
        }
        if let Some(fault) =
            incoming.as_ref().and_then(|incoming| copies_fault(&incoming.copied_disks, &spec))
        {
            return Err(Unserved::Invalid(format!("VMM {vmm} can't be a target: {fault}")));
        }
        let named = Named { vmm, instance: envelope.instance, epoch: envelope.epoch };
        loop {
            let (reply, answer) = oneshot::channel();
            {
                let mut inner = self.inner();
                let handle = self.find(&inner, named)?;
                let request = envelope.request;
                if let Some(handle) = handle {
                    let (spec, incoming) = (Box::new(spec.clone()), incoming.clone());
                    let command = Command::Ensure { request, spec, incoming, reply };
                    // A task that is just ending answers by dropping the command: then it is asked anew.
                    drop(handle.commands.send(command));
                } else {
                    let shutting_down = self.shared.is_shutting_down();
                    let offer = Offer { shutting_down, ..self.offer.clone() };
                    check_offer(&offer, &spec)?;
                    if let Some(incoming) = &incoming {
                        self.check_copies(&inner, &incoming.copied_disks, &spec)?;
                    }
                    let reservation = self.shared.room.reserve(size_of(&spec)).map_err(|why| {
                        let message = format!("no room for VMM {vmm}: {why}; place it on another sled");
                        denied(Denial::NoCapacity, message)
                    })?;
                    let mut entry =
                        Entry::new(vmm, named.instance, named.epoch, spec.clone(), envelope.cause.clone());
                    entry.migration = incoming
                        .as_ref()
                        .map(|incoming| Half::awaiting(incoming, self.shared.boot, host::boottime_ms()));
                    self.spawn(&mut inner, entry, Some(reservation), Some((request, reply)));
                }
            }
            if let Ok(answer) = answer.await {
                return Ok(answer?);
            }
            tokio::task::yield_now().await;
        }
    }

    /// Says what a VMM shall do.
    pub async fn put_state(&self, vmm: VmmUuid, body: VmmStatePut) -> Result<VmmAnswer, Unserved> {
        let VmmStatePut { envelope, desired } = body;
        self.addressee.check(envelope.cluster, envelope.ledger)?;
        if let VmmDesired::Rebooted { order } = &desired {
            if let Some(fault) = spec_fault(envelope.instance, &order.spec) {
                return Err(Unserved::Invalid(format!("VMM {vmm} can't become: {fault}")));
            }
            let shutting_down = self.shared.is_shutting_down();
            check_offer(&Offer { shutting_down, ..self.offer.clone() }, &order.spec)?;
        }
        loop {
            let (reply, answer) = oneshot::channel();
            let request = envelope.request;
            let command = match &desired {
                VmmDesired::Running => Command::Run { request, reply },
                VmmDesired::Stopped { grace_ms } => {
                    Command::Stop { request, grace: Duration::from_millis(*grace_ms), reply }
                }
                VmmDesired::Rebooted { order } => Command::Reboot { request, order: order.clone(), reply },
            };
            self.send(vmm, &envelope, command)?;
            if let Ok(answer) = answer.await {
                return Ok(answer?);
            }
            tokio::task::yield_now().await;
        }
    }

    pub(super) fn send(&self, vmm: VmmUuid, envelope: &Envelope, command: Command) -> Result<(), Unserved> {
        let named = Named { vmm, instance: envelope.instance, epoch: envelope.epoch };
        let inner = self.inner();
        let Some(handle) = self.find(&inner, named)? else {
            let message = format!("VMM {vmm} isn't registered on this sled; register it first");
            return Err(denied(Denial::NotRegistered, message).into());
        };
        drop(handle.commands.send(command));
        Ok(())
    }

    /// Ends a VMM for certain: known, unknown or long gone.
    pub async fn end(&self, vmm: VmmUuid, query: VmmEndQuery) -> Result<VmmAnswer, Unserved> {
        self.addressee.check(query.cluster, query.ledger)?;
        let answer =
            self.end_for_certain(Named { vmm, instance: query.instance, epoch: query.epoch }).await?;
        if query.erase.unwrap_or(false) {
            self.shared.serial.discard(vmm);
        }
        Ok(answer)
    }

    async fn end_for_certain(&self, named: Named) -> Result<VmmAnswer, Unserved> {
        let first = self.bury_unless_buried(named).await?;
        let (reply, ended) = oneshot::channel();
        let is_here = self
            .inner()
            .vmms
            .get(&named.vmm)
            .is_some_and(|handle| handle.commands.send(Command::End { reply }).is_ok());
        let admitted = if first { Admitted::Accepted } else { Admitted::Already };
        if is_here {
            if let Ok(Ok(vmm)) = tokio::time::timeout(END_WAIT, ended).await {
                return Ok(VmmAnswer { admitted, vmm });
            }
            if let Some(vmm) = self.shared.reports.get(named.vmm) {
                return Ok(VmmAnswer { admitted, vmm });
            }
        }
        let vmm = self.end_unknown(named.vmm).await?;
        Ok(VmmAnswer { admitted, vmm })
    }

    /// Carries out what nexus says about a reported VMM.
    fn judge(&self, verdict: &VmmVerdict) {
        let mut inner = self.inner();
        let Some(handle) = inner.vmms.get(&verdict.vmm) else { return };
        match verdict.verdict {
            Verdict::Forget => drop(handle.commands.send(Command::Forget)),
            Verdict::Quarantine => {
                if inner.quarantined.insert(verdict.vmm) {
                    warn!(self.shared.log, "nexus doesn't know this VMM: listed, and left alone";
                        "vmm" => %verdict.vmm);
                }
            }
            Verdict::End => {
                let named = Named { vmm: verdict.vmm, instance: handle.instance, epoch: handle.epoch };
                let Some(me) = self.me.upgrade() else { return };
                tokio::spawn(async move {
                    if let Err(error) = me.end_for_certain(named).await {
                        warn!(me.shared.log, "a verdict can't be carried out yet"; "error" => %error);
                    }
                });
            }
        }
    }

    /// Whether a VMM that isn't over has this disk's file.
    pub fn has_disk(&self, disk: DiskUuid) -> bool {
        self.inner().vmms.iter().any(|(vmm, handle)| handle.parts.has_disk(disk) && !self.is_over(*vmm))
    }

    /// Checksums of the image files that VMMs here may need again.
    pub fn images_in_use(&self) -> HashSet<String> {
        let inner = self.inner();
        let live = inner.vmms.iter().filter(|(vmm, _)| !self.is_over(**vmm));
        live.flat_map(|(_, handle)| handle.parts.images()).collect()
    }

    pub(super) fn is_over(&self, vmm: VmmUuid) -> bool {
        self.shared.reports.get(vmm).is_some_and(|report| report.state.is_terminal())
    }

    /// Whether the manager has, or remembers, this VMM.
    pub fn knows(&self, vmm: VmmUuid) -> bool {
        self.inner().vmms.contains_key(&vmm) || self.shared.past().tombstone(vmm).is_some()
    }

    /// Lets go of every VMM; their guests run on.
    pub async fn close(&self) {
        let handles: Vec<Handle> = self.inner().vmms.drain().map(|(_, handle)| handle).collect();
        for Handle { commands, task, .. } in handles {
            drop(commands);
            drop(task.await);
        }
    }

    /// Where each VMM's task takes commands.
    pub(super) fn mailboxes(&self) -> Vec<(VmmUuid, InstanceUuid, mpsc::UnboundedSender<Command>)> {
        let inner = self.inner();
        inner.vmms.iter().map(|(vmm, handle)| (*vmm, handle.instance, handle.commands.clone())).collect()
    }

    /// Where one VMM's task takes commands.
    pub(super) fn mailbox(&self, vmm: VmmUuid) -> Option<mpsc::UnboundedSender<Command>> {
        self.inner().vmms.get(&vmm).map(|handle| handle.commands.clone())
    }

    /// The VMM's task, if the request isn't late and means that VMM.
    fn find<'a>(&self, inner: &'a Inner, named: Named) -> Result<Option<&'a Handle>, Denied> {
        let of_instance = inner.vmms.values().filter(|handle| handle.instance == named.instance);
        let highest = of_instance.map(|handle| handle.epoch).max();
        let handle = inner.vmms.get(&named.vmm);
        check_standing(named, &self.shared.past(), highest, handle.is_some())?;
        match handle {
            Some(handle) if (handle.instance, handle.epoch) != (named.instance, named.epoch) => {
                let message = format!(
                    "VMM {} is epoch {} of instance {}, the request says {} of {}; an id stands for one of them",
                    named.vmm, handle.epoch, handle.instance, named.epoch, named.instance
                );
                Err(denied(Denial::SpecMismatch, message))
            }
            handle => Ok(handle),
        }
    }

    fn spawn(
        &self,
        inner: &mut Inner,
        entry: Entry,
        reservation: Option<Reservation>,
        asked: Option<(RequestUuid, super::task::Reply)>,
    ) {
        let (sender, commands) = mpsc::unbounded_channel();
        let vmm = entry.vmm;
        let (instance, epoch) = (entry.instance, entry.epoch);
        let parts = Arc::new(Parts::of(&entry));
        let log = self.shared.log.new(o!("vmm" => vmm.to_string(), "instance" => instance.to_string(),
            "cause" => entry.cause.clone()));
        let task = Task {
            shared: self.shared.clone(),
            log,
            entry,
            reservation,
            parts: parts.clone(),
            commands,
            work: None,
            machine: None,
            events: None,
            joined: Vec::new(),
            awaiting_end: Vec::new(),
            awaiting_host_stop: Vec::new(),
            unsaved: false,
            ahead: None,
            hand_off_unknown: false,
            order_failed: false,
            to_recover: false,
            moving: None,
            awaiting_guest: None,
            disks_to_adopt: false,
            gone: false,
        };
        let me = self.me.clone();
        let task = tokio::spawn(async move {
            match asked {
                Some((request, reply)) => task.run_new(request, reply).await,
                None => task.run_recovered().await,
            }
            if let Some(me) = me.upgrade() {
                me.inner().vmms.remove(&vmm);
            }
        });
        inner.vmms.insert(vmm, Handle { instance, epoch, parts, commands: sender, task });
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        // Each change is one map operation.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl crate::report::reporter::VerdictTaker for Manager {
    fn take(&self, verdict: &VmmVerdict) {
        self.judge(verdict);
    }
}
