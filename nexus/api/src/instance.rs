//! Instances: virtual machines as users see them.

use berth_common::ids::{DiskUuid, ImageUuid, InstanceUuid, NicUuid, ProjectUuid, SledUuid, VmmUuid};
use berth_common::instance::{Intent, Rest, RestartPolicy, ShownState};
use berth_common::reboot::RebootKind;
use berth_common::vmm::{EndedBy, VmmState};
use berth_common::{Generation, Name};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::name_or_id::NameOrId;
use crate::operation::Operation;

/// An instance: configuration, wish, and what was observed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Instance {
    /// Its id, also the guest's SMBIOS UUID.
    pub id: InstanceUuid,
    /// Its project.
    pub project_id: ProjectUuid,
    /// Unique in its project.
    pub name: Name,
    /// The users' own words.
    pub description: String,
    /// Counts changes of the configuration; for `If-Match`.
    pub generation: Generation,
    /// Virtual CPUs.
    pub cpus: u32,
    /// Memory in MiB.
    pub memory_mib: u32,
    /// The kernel image it boots; absent: it boots its first disk.
    pub image_id: Option<ImageUuid>,
    /// Kernel command line, with a kernel image.
    pub command_line: String,
    /// Attached disks, in order of their slots.
    pub disks: Vec<InstanceDisk>,
    /// Network interfaces, in order of their slots.
    pub nics: Vec<Nic>,
    /// Seconds a stop leaves the guest when the request doesn't say.
    pub stop_grace_s: u64,
    /// When its host is shut down, higher numbers are stopped first; 0 to 1000.
    pub stop_priority: u32,
    /// Whether it is started again after its guest ended by itself.
    pub restart_policy: RestartPolicy,
    /// Crashes that count against its budget of 10; time that the guest runs makes them good.
    pub crashes: u32,
    /// When it is started again, if it waits for that.
    pub restart_at: Option<DateTime<Utc>>,
    /// What it does, as last observed.
    pub state: ShownState,
    /// When `state` was observed; absent while nothing was ever observed.
    pub observed_at: Option<DateTime<Utc>>,
    /// Milliseconds since then, by the database's clock.
    pub state_age_ms: Option<u64>,
    /// What was last asked for.
    pub intent: Intent,
    /// Why it isn't to be started although it shall run.
    pub rest: Rest,
    /// Where it runs.
    pub sled: Option<InstanceSled>,
    /// Its current incarnation.
    pub vmm: Option<Vmm>,
    /// How its last incarnation ended.
    pub last_end: Option<VmmEnd>,
    /// Work in flight on it.
    pub operation: Option<Operation>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// An attached disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InstanceDisk {
    /// The disk.
    pub id: DiskUuid,
    /// Its name.
    pub name: Name,
    /// Position on the bus, from 0.
    pub slot: u32,
}

/// A network interface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Nic {
    /// The interface.
    pub id: NicUuid,
    /// Its MAC address, unique in the cluster.
    pub mac: String,
}

/// The sled an instance runs on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InstanceSled {
    /// The sled.
    pub id: SledUuid,
    /// Its name.
    pub name: Name,
}

/// One incarnation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Vmm {
    /// The VMM.
    pub id: VmmUuid,
    /// Its epoch.
    pub epoch: Generation,
    /// What its sled last reported.
    pub state: VmmState,
    /// Why it ended.
    pub ended_by: Option<EndedBy>,
    /// Words for people: the hypervisor's own reason, or what it is stuck on.
    pub detail: Option<String>,
    /// The hypervisor's monitor doesn't answer; `state` is the last one known.
    pub unresponsive: bool,
    /// The hypervisor process can't be ended, not even by SIGKILL.
    pub stuck: bool,
}

/// How an incarnation ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VmmEnd {
    /// The VMM.
    pub vmm_id: VmmUuid,
    /// Why.
    pub ended_by: EndedBy,
    /// Words for people.
    pub detail: Option<String>,
    /// When.
    pub ended_at: DateTime<Utc>,
}

/// An instance to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InstanceCreate {
    /// Unique in its project.
    pub name: Name,
    /// The users' own words.
    #[serde(default)]
    pub description: String,
    /// Virtual CPUs, 1 to 255.
    pub cpus: u32,
    /// Memory in MiB, from 16.
    pub memory_mib: u32,
    /// Kernel image to boot, by name (in the same project) or id. Omitted: it boots its first disk.
    pub image: Option<NameOrId>,
    /// Kernel command line, with a kernel image.
    #[serde(default)]
    pub command_line: String,
    /// Disks to attach, by name or id, in order of their slots; at most 8.
    #[serde(default)]
    pub disks: Vec<NameOrId>,
    /// How many network interfaces it gets; at most 8.
    #[serde(default)]
    pub nics: u32,
    /// Whether it is started at once.
    #[serde(default)]
    pub start: bool,
    /// Seconds a stop leaves the guest when the request doesn't say; default 30, at most a day.
    pub stop_grace_s: Option<u64>,
    /// When its host is shut down, higher numbers are stopped first; 0 to 1000, default 0.
    pub stop_priority: Option<u32>,
    /// Whether it is started again after its guest ended by itself; default `on_failure`.
    pub restart_policy: Option<RestartPolicy>,
}

/// What shall change; the rest stays. CPUs, memory, image and command line need a stopped instance; a new stop priority
/// counts from the next start or reboot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InstanceUpdate {
    /// A new name.
    pub name: Option<Name>,
    /// New words.
    pub description: Option<String>,
    /// Virtual CPUs.
    pub cpus: Option<u32>,
    /// Memory in MiB.
    pub memory_mib: Option<u32>,
    /// Another kernel image.
    pub image: Option<NameOrId>,
    /// Kernel command line.
    pub command_line: Option<String>,
    /// Seconds a stop leaves the guest.
    pub stop_grace_s: Option<u64>,
    /// When its host is shut down, higher numbers are stopped first; 0 to 1000.
    pub stop_priority: Option<u32>,
    /// Whether it is started again after its guest ended by itself.
    pub restart_policy: Option<RestartPolicy>,
}

/// How to stop. Repeated, it can only shorten what is left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InstanceStop {
    /// Seconds for the guest to obey the power button; default: the instance's own.
    pub grace_s: Option<u64>,
    /// Force at once: a grace of 0. Not together with `grace_s`.
    pub force: Option<bool>,
}

/// How to reboot: a new hypervisor process for the same incarnation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InstanceReboot {
    /// `soft`: by the power button, and at the end of the grace by force. `hard`: by force at once; it takes over a soft
    /// one in flight.
    pub mode: RebootKind,
    /// Seconds for the guest to obey the power button; default: the instance's own grace of stops. Soft only.
    pub grace_s: Option<u64>,
}

/// How to migrate a running instance to another sled.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InstanceMigrate {
    /// The sled, by name or id: for those who may operate the fleet. Omitted: the best one that fits.
    pub to: Option<NameOrId>,
    /// Seconds after which it is given up and the guest goes on where it is, 1 to 86400; default 600.
    pub deadline_s: Option<u64>,
    /// Longest pause of the guest that is aimed at, in milliseconds, 1 to 60000; default 300.
    pub downtime_limit_ms: Option<u64>,
}

/// How to force-stop: everything that runs of the instance is ended at once and for certain, as if the power cord were
/// pulled.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InstanceForceStop {
    /// Names of sleds that an operator asserts to be dead: what the instance had there has ended, without their word. If
    /// one of them still runs a guest, two can write to the same disk. At most 16.
    #[serde(default)]
    pub assume_dead: Vec<Name>,
}

/// Path of one instance.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct InstancePath {
    /// The instance, by name or id.
    pub instance: NameOrId,
}
