//! One VMM in the ledger: what the agent must know of it after any death of its own.

use berth_common::Generation;
use berth_common::ids::{BootUuid, InstanceUuid, LedgerUuid, NicUuid, RequestUuid, VmmUuid};
use berth_common::migration::MigrationRole;
use berth_common::reboot::{RebootKind, RebootPhase};
use berth_common::vmm::{EndedBy, VmmState};
use berth_sled_agent_api::migration::Incoming;
use berth_sled_agent_api::spec::VmmSpec;
use berth_sled_agent_api::vmm::Admitted;
use serde::{Deserialize, Serialize};

use super::half::Half;
use super::host_stop::HostStop;
use super::reboot::Reboot;
use crate::vmms::machine::Phase;
use crate::vmms::migration::Stage;
use crate::vmms::reboot::Leg;

/// Requests remembered per VMM. A request older than so many later ones of the same VMM is judged anew, which is
/// safe, because every request is idempotent by itself: the memory only keeps its answer the same.
const REQUESTS_MAX: usize = 16;

/// Changes of an entry that may be reported before the next write: after a restart generations go on above what a
/// full disk may have kept from being written.
const GENERATION_RESERVE: i64 = 1000;

/// The first generation of a VMM whose history isn't known, above any that was ever counted up to.
pub const GENERATION_WITHOUT_HISTORY: i64 = 1 << 40;

/// A VMM's durable record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub vmm: VmmUuid,
    pub instance: InstanceUuid,
    pub epoch: Generation,
    /// The ledger it was written into; `None` in entries of former versions. Another one's is another host's VMM.
    #[serde(default)]
    pub ledger: Option<LedgerUuid>,
    /// What it consists of; `None` where a corrupt entry was replaced and nothing but its name was left.
    pub spec: Option<VmmSpec>,
    pub phase: Phase,
    /// The hypervisor process begun last, counted from 1; 0 before the first.
    pub run: u32,
    /// The host's boot in which that run was begun.
    pub run_boot: Option<BootUuid>,
    /// The stop in force.
    pub stop: Option<StopOrder>,
    /// It goes, or went, with its host.
    #[serde(default)]
    pub host_stop: Option<HostStop>,
    /// The last reboot begun.
    #[serde(default)]
    pub reboot: Option<Reboot>,
    /// Interfaces of former specifications whose taps may still be there.
    #[serde(default)]
    pub former_nics: Vec<NicUuid>,
    /// Set ⇔ `phase` is [`Phase::Ended`].
    pub ended: Option<Ending>,
    /// Taps are given back; meaningful once it ended.
    pub released: bool,
    /// Words for people.
    pub detail: Option<String>,
    pub unresponsive: bool,
    pub stuck: bool,
    /// Counts what is reported.
    pub generation: Generation,
    /// No generation above this was ever reported.
    pub generation_reserved: Generation,
    /// How the last requests were taken, oldest first.
    pub answered: Vec<Answered>,
    /// Id of the user's request that registered it, for logs.
    pub cause: Option<String>,
    /// The migration it takes, or last took, part in.
    #[serde(default)]
    pub migration: Option<Half>,
}

/// A stop's deadline, on the clock of the host's boot, which counts suspension and never steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StopOrder {
    pub boot: BootUuid,
    /// Milliseconds of `CLOCK_BOOTTIME`.
    pub deadline_ms: u64,
}

/// How a VMM ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// Terminal.
    pub state: VmmState,
    pub ended_by: EndedBy,
}

/// How one request was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    pub request: RequestUuid,
    pub admitted: Admitted,
}

impl Entry {
    /// A VMM that is about to be prepared.
    pub fn new(
        vmm: VmmUuid,
        instance: InstanceUuid,
        epoch: Generation,
        spec: VmmSpec,
        cause: Option<String>,
    ) -> Entry {
        Entry {
            spec: Some(spec),
            phase: Phase::Preparing,
            generation: Generation::FIRST,
            generation_reserved: Generation::from(0),
            cause,
            detail: None,
            ..Entry::salvaged(vmm, instance, epoch)
        }
    }

    /// What a corrupt entry's name tells: that this VMM was here, and may run.
    pub fn salvaged(vmm: VmmUuid, instance: InstanceUuid, epoch: Generation) -> Entry {
        let generation = Generation::from(GENERATION_WITHOUT_HISTORY);
        Entry {
            vmm,
            instance,
            epoch,
            ledger: None,
            spec: None,
            phase: Phase::Running,
            run: 0,
            run_boot: None,
            stop: None,
            host_stop: None,
            reboot: None,
            former_nics: Vec::new(),
            ended: None,
            released: false,
            detail: Some("its ledger entry was unreadable".to_string()),
            unresponsive: false,
            stuck: false,
            generation,
            generation_reserved: generation,
            answered: Vec::new(),
            cause: None,
            migration: None,
        }
    }

    /// Name of its file. It carries what must be known even if the content is unreadable.
    pub fn file_name(&self) -> String {
        format!("{}_{}_{}.vmm", self.vmm, self.instance, self.epoch)
    }

    /// The reverse of [`Entry::file_name`].
    pub fn identity_of(file_name: &str) -> Option<(VmmUuid, InstanceUuid, Generation)> {
        let mut parts = file_name.strip_suffix(".vmm")?.split('_');
        let identity = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() {
            return None;
        }
        let epoch: i64 = identity.2.parse().ok()?;
        Some((identity.0.parse().ok()?, identity.1.parse().ok()?, Generation::from(epoch)))
    }

    /// Counts a change that is to be reported. Tells whether the reserve is used up, so that it must be written
    /// before it is reported.
    pub fn count_change(&mut self) -> bool {
        self.generation = self.generation.next();
        self.generation > self.generation_reserved
    }

    /// As it is to be written: with a fresh reserve.
    pub fn with_reserve(&self) -> Entry {
        let reserved = Generation::from(self.generation.as_i64().saturating_add(GENERATION_RESERVE));
        Entry { generation_reserved: reserved, ..self.clone() }
    }

    /// As it goes on after a restart: above whatever was reported.
    pub fn reloaded(mut self) -> Entry {
        self.generation = self.generation.max(self.generation_reserved);
        self.generation_reserved = self.generation;
        self
    }

    /// How a request of this id was taken before.
    pub fn seen(&self, request: RequestUuid) -> Option<Admitted> {
        self.answered.iter().find(|answered| answered.request == request).map(|answered| answered.admitted)
    }

    /// Remembers how a request was taken.
    pub fn remember(&mut self, request: RequestUuid, admitted: Admitted) {
        if self.seen(request).is_none() {
            if self.answered.len() == REQUESTS_MAX {
                self.answered.remove(0);
            }
            self.answered.push(Answered { request, admitted });
        }
    }

    /// The reboot in flight, by what it is now; not one that a stop or an end has won over.
    pub fn rebooting(&self) -> Option<RebootKind> {
        let reboot = self.reboot.as_ref()?;
        let in_flight = match self.phase {
            Phase::Reboot(leg) => !leg.is_lost(),
            Phase::Started => reboot.phase == RebootPhase::Starting,
            _ => false,
        };
        in_flight.then_some(reboot.kind)
    }

    /// The next run gets the specification that its reboot brought.
    pub fn take_next_spec(&mut self) {
        let Some(next) = self.reboot.as_mut().and_then(|reboot| reboot.next_spec.take()) else { return };
        let former = self.spec.replace(next);
        let kept: Vec<NicUuid> = self.spec.iter().flat_map(|spec| &spec.nics).map(|nic| nic.nic).collect();
        let former = former.iter().flat_map(|spec| &spec.nics).map(|nic| nic.nic);
        self.former_nics.extend(former.filter(|nic| !kept.contains(nic)));
        self.former_nics.retain(|nic| !kept.contains(nic));
    }

    /// How a guest ended that was stopped while it was down for a reboot: as it went down, if it was made to.
    pub fn went_down_by(&self) -> EndedBy {
        match self.reboot.as_ref().and_then(|reboot| reboot.went_down) {
            Some(by @ (EndedBy::ForcedAtDeadline | EndedBy::Killed)) => by,
            // By itself, or nobody knows: nothing more had to be done to it.
            _ => EndedBy::GracefulStop,
        }
    }

    /// The deadline that its shim keeps now.
    pub fn deadline(&self) -> Option<StopOrder> {
        match self.phase {
            Phase::Reboot(_) => self.reboot.as_ref()?.deadline,
            _ => self.stop,
        }
    }

    /// Whether a registration as this migration's target, or as none's, is the one it has. A VMM that came and takes
    /// part in another migration by now is no target any more.
    pub fn is_target_of(&self, incoming: Option<&Incoming>) -> bool {
        let target = self.migration.as_ref().filter(|half| half.role() == MigrationRole::Target);
        match (target, incoming) {
            (Some(half), Some(incoming)) => half.is_of(incoming),
            (Some(_), None) => false,
            (None, incoming) => incoming.is_none() || self.migration.is_some(),
        }
    }

    /// Its end of a migration, if there is one and it isn't over.
    pub fn moving(&self) -> Option<Stage> {
        self.migration.as_ref().map(|half| half.stage).filter(|stage| !stage.is_final())
    }

    /// The state that is reported.
    pub fn state(&self) -> VmmState {
        match self.phase {
            Phase::Started if self.rebooting().is_some() => VmmState::Rebooting,
            Phase::Reboot(Leg::LaunchingThenKill) => VmmState::Stopping,
            Phase::Reboot(
                Leg::ShuttingDown | Leg::Killing | Leg::Down | Leg::Launching | Leg::LaunchingThenReboot,
            ) => VmmState::Rebooting,
            Phase::Registered | Phase::Launching | Phase::Started | Phase::Running | Phase::Killing
                if self.moving().is_some() =>
            {
                VmmState::Migrating
            }
            Phase::Preparing | Phase::Registered | Phase::Launching | Phase::Started => VmmState::Starting,
            Phase::Running => VmmState::Running,
            Phase::LaunchingThenStop | Phase::LaunchingThenKill | Phase::Stopping | Phase::Killing => {
                VmmState::Stopping
            }
            Phase::Withdrawn => VmmState::Failed,
            Phase::Ended => self.ended.map_or(VmmState::Failed, |ended| ended.state),
        }
    }
}

#[cfg(test)]
mod tests {
    use berth_common::ids::GenericUuid;
    use uuid::Uuid;

    use super::*;

    fn entry() -> Entry {
        Entry::salvaged(
            VmmUuid::from_untyped_uuid(Uuid::from_u128(1)),
            InstanceUuid::from_untyped_uuid(Uuid::from_u128(2)),
            Generation::from(7),
        )
    }

    #[test]
    fn the_file_name_tells_who_it_is() {
        let entry = entry();
        assert_eq!(Entry::identity_of(&entry.file_name()), Some((entry.vmm, entry.instance, entry.epoch)));
        for name in ["", "x.vmm", "a_b_c.vmm", &entry.file_name().replace(".vmm", ".vmm.corrupt")] {
            assert_eq!(Entry::identity_of(name), None, "{name}");
        }
    }

    #[test]
    fn generations_never_decrease_across_a_restart_even_unwritten() {
        let mut entry = Entry { generation: Generation::FIRST, ..entry() }.with_reserve();
        let written = entry.clone();
        let mut last = entry.generation;
        for _ in 0..GENERATION_RESERVE {
            assert!(!entry.count_change(), "the reserve covers it");
            last = entry.generation;
        }
        assert!(entry.count_change(), "the reserve is used up");
        let mut reloaded = written.reloaded();
        reloaded.count_change();
        assert!(reloaded.generation > last);
    }

    #[test]
    fn the_oldest_request_is_forgotten_first_and_the_first_answer_stays() {
        let request = |n: usize| RequestUuid::from_untyped_uuid(Uuid::from_u128(n as u128));
        let mut entry = entry();
        for n in 0..=REQUESTS_MAX {
            entry.remember(request(n), Admitted::Accepted);
            entry.remember(request(n), Admitted::Already);
        }
        assert_eq!(entry.seen(request(0)), None);
        assert_eq!(entry.seen(request(REQUESTS_MAX)), Some(Admitted::Accepted));
        assert_eq!(entry.answered.len(), REQUESTS_MAX);
    }
}
