//! The client of the public API, made from nexus/api/nexus.json by `cargo xtask openapi`: not edited.
//!
//! document-sha256: d47a2acbcf1612eb777dca277f7d9be1b6a6559cc616b20c28c5ea8a0267469b
#![expect(clippy::allow_attributes, clippy::unwrap_used, reason = "written by a generator")]

#[allow(unused_imports)]
pub use progenitor_client::{ByteStream, ClientInfo, Error, ResponseValue};
#[allow(unused_imports)]
use progenitor_client::{ClientHooks, OperationInfo, RequestBuilderExt, encode_path};
/// Types used as operation parameters and responses.
#[allow(clippy::all)]
pub mod types {
    ///What a check found.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct CheckReport {
        ///Invariants that were checked, by name.
        pub checked: ::std::vec::Vec<::std::string::String>,
        ///Differences; empty: all is well.
        pub findings: ::std::vec::Vec<Finding>,
    }
    impl CheckReport {
        pub fn builder() -> builder::CheckReport {
            Default::default()
        }
    }
    ///A disk.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct Disk {
        ///The instance it is attached to.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub attached_to: ::std::option::Option<DiskAttachment>,
        ///When it was made.
        pub created_at: ::chrono::DateTime<::chrono::offset::Utc>,
        ///The users' own words.
        pub description: ::std::string::String,
        ///Its id.
        pub id: ::berth_common::ids::DiskUuid,
        ///The image it was made from.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub image_id: ::std::option::Option<::berth_common::ids::ImageUuid>,
        ///Unique in its project.
        pub name: ::berth_common::Name,
        ///The pool its file is in.
        pub pool_id: ::berth_common::ids::PoolUuid,
        ///Its project.
        pub project_id: ::berth_common::ids::ProjectUuid,
        ///Size in bytes.
        pub size_bytes: u64,
        ///How far its file is.
        pub state: ::berth_common::storage::DiskState,
    }
    impl Disk {
        pub fn builder() -> builder::Disk {
            Default::default()
        }
    }
    ///Where to attach a disk.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    pub struct DiskAttach {
        ///The instance, by name (in the disk's project) or id. It must be stopped.
        pub instance: ::std::string::String,
    }
    impl DiskAttach {
        pub fn builder() -> builder::DiskAttach {
            Default::default()
        }
    }
    ///Where a disk is attached.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct DiskAttachment {
        ///The instance.
        pub instance_id: ::berth_common::ids::InstanceUuid,
        ///Position on its bus, from 0.
        pub slot: u32,
    }
    impl DiskAttachment {
        pub fn builder() -> builder::DiskAttachment {
            Default::default()
        }
    }
    ///A disk to be made.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    pub struct DiskCreate {
        ///The users' own words.
        #[serde(default)]
        pub description: ::std::string::String,
        ///Disk image to copy, by name (in the same project) or id. Omitted: the disk is empty.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub image: ::std::option::Option<::std::string::String>,
        ///Unique in its project.
        pub name: ::berth_common::Name,
        ///Pool, by name or id. Omitted: the one with the most room.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub pool: ::std::option::Option<::std::string::String>,
        ///Size in bytes, a multiple of 512. Omitted with an image: the image's own.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub size_bytes: ::std::option::Option<u64>,
    }
    impl DiskCreate {
        pub fn builder() -> builder::DiskCreate {
            Default::default()
        }
    }
    ///One page of a list.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct DiskPage {
        ///The items, in the list's order.
        pub items: ::std::vec::Vec<Disk>,
        ///`page_token` of the next page; absent on the last.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub next_page: ::std::option::Option<::std::string::String>,
    }
    impl DiskPage {
        pub fn builder() -> builder::DiskPage {
            Default::default()
        }
    }
    ///An error as the client gets it.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct Error {
        ///More, for programs; its shape depends on the code.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub details: ::std::option::Option<::serde_json::Value>,
        ///Name of the refusal. Scripts match on it; it never changes its meaning.
        #[serde(default)]
        pub error_code: ::std::string::String,
        ///The thing, the reason, and what would help.
        pub message: ::std::string::String,
        ///Names this request in logs, operations and events.
        pub request_id: ::std::string::String,
    }
    impl Error {
        pub fn builder() -> builder::Error {
            Default::default()
        }
    }
    ///Something that happened.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct Event {
        ///Who did it: a user, or a part of nexus.
        pub actor: ::std::string::String,
        ///When, by the database's clock.
        pub at: ::chrono::DateTime<::chrono::offset::Utc>,
        ///The id of the request it follows from.
        pub cause: ::std::string::String,
        ///The evidence, for programs.
        pub data: ::serde_json::Value,
        ///Its number; grows, with gaps.
        pub id: u64,
        ///What happened, by name.
        pub kind: ::std::string::String,
        ///For people.
        pub message: ::std::string::String,
        ///The subject's project.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub project_id: ::std::option::Option<::berth_common::ids::ProjectUuid>,
        ///The sled it happened on.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub sled_id: ::std::option::Option<::berth_common::ids::SledUuid>,
        ///To what.
        pub subject: Subject,
    }
    impl Event {
        pub fn builder() -> builder::Event {
            Default::default()
        }
    }
    ///Events in the order in which they became visible. Nothing appears before `next` later.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct EventPage {
        ///The events.
        pub items: ::std::vec::Vec<Event>,
        ///`since` of the next request; there, even if nothing happened.
        pub next: ::std::string::String,
    }
    impl EventPage {
        pub fn builder() -> builder::EventPage {
            Default::default()
        }
    }
    ///One difference.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct Finding {
        ///The invariant that doesn't hold.
        pub invariant: ::std::string::String,
        ///What was found, and what was expected.
        pub message: ::std::string::String,
        ///Of what.
        pub subject: ::std::string::String,
    }
    impl Finding {
        pub fn builder() -> builder::Finding {
            Default::default()
        }
    }
    ///It answers. The only thing said without a token.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct Health {
        ///Always `ok`: who can't say so doesn't answer.
        pub status: ::std::string::String,
    }
    impl Health {
        pub fn builder() -> builder::Health {
            Default::default()
        }
    }
    ///An image.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct Image {
        ///When it was made.
        pub created_at: ::chrono::DateTime<::chrono::offset::Utc>,
        ///The users' own words.
        pub description: ::std::string::String,
        ///Of a disk image: what its file is.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub disk_format: ::std::option::Option<::berth_common::storage::DiskFormat>,
        ///Complete files.
        pub files: ::std::vec::Vec<ImageFile>,
        ///Its id.
        pub id: ::berth_common::ids::ImageUuid,
        ///What it consists of.
        pub kind: ::berth_common::storage::ImageKind,
        ///Unique in its project.
        pub name: ::berth_common::Name,
        ///Its project.
        pub project_id: ::berth_common::ids::ProjectUuid,
        ///`ready` once all its files are here.
        pub state: ::berth_common::storage::ImageState,
        ///Of a disk image: size in bytes of the disk in it, the least a disk made from it has.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub virtual_bytes: ::std::option::Option<u64>,
    }
    impl Image {
        pub fn builder() -> builder::Image {
            Default::default()
        }
    }
    ///An image to be made; its files are uploaded afterwards.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    pub struct ImageCreate {
        ///The users' own words.
        #[serde(default)]
        pub description: ::std::string::String,
        ///`kernel`: files `kernel` and `initrd`. `disk`: one file `disk`, raw or qcow2.
        pub kind: ::berth_common::storage::ImageKind,
        ///Unique in its project.
        pub name: ::berth_common::Name,
    }
    impl ImageCreate {
        pub fn builder() -> builder::ImageCreate {
            Default::default()
        }
    }
    ///One complete file of an image.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct ImageFile {
        ///Which of its files.
        pub part: ::berth_common::storage::ImagePart,
        ///SHA-256, lower-case hexadecimal.
        pub sha256: ::std::string::String,
        ///Size in bytes.
        pub size_bytes: u64,
    }
    impl ImageFile {
        pub fn builder() -> builder::ImageFile {
            Default::default()
        }
    }
    ///One page of a list.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct ImagePage {
        ///The items, in the list's order.
        pub items: ::std::vec::Vec<Image>,
        ///`page_token` of the next page; absent on the last.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub next_page: ::std::option::Option<::std::string::String>,
    }
    impl ImagePage {
        pub fn builder() -> builder::ImagePage {
            Default::default()
        }
    }
    ///An instance: configuration, wish, and what was observed.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct Instance {
        ///Kernel command line, with a kernel image.
        pub command_line: ::std::string::String,
        ///Virtual CPUs.
        pub cpus: u32,
        ///Crashes that count against its budget of 10; time that the guest runs makes them good.
        pub crashes: u32,
        ///When it was made.
        pub created_at: ::chrono::DateTime<::chrono::offset::Utc>,
        ///The users' own words.
        pub description: ::std::string::String,
        ///Attached disks, in order of their slots.
        pub disks: ::std::vec::Vec<InstanceDisk>,
        ///Counts changes of the configuration; for `If-Match`.
        pub generation: i64,
        ///Its id, also the guest's SMBIOS UUID.
        pub id: ::berth_common::ids::InstanceUuid,
        ///The kernel image it boots; absent: it boots its first disk.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub image_id: ::std::option::Option<::berth_common::ids::ImageUuid>,
        ///What was last asked for.
        pub intent: ::berth_common::instance::Intent,
        ///How its last incarnation ended.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub last_end: ::std::option::Option<VmmEnd>,
        ///Memory in MiB.
        pub memory_mib: u32,
        ///Unique in its project.
        pub name: ::berth_common::Name,
        ///Network interfaces, in order of their slots.
        pub nics: ::std::vec::Vec<Nic>,
        ///When `state` was observed; absent while nothing was ever observed.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub observed_at: ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>,
        ///Work in flight on it.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub operation: ::std::option::Option<Operation>,
        ///Its project.
        pub project_id: ::berth_common::ids::ProjectUuid,
        ///Why it isn't to be started although it shall run.
        pub rest: ::berth_common::instance::Rest,
        ///When it is started again, if it waits for that.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub restart_at: ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>,
        ///Whether it is started again after its guest ended by itself.
        pub restart_policy: ::berth_common::instance::RestartPolicy,
        ///Where it runs.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub sled: ::std::option::Option<InstanceSled>,
        ///What it does, as last observed.
        pub state: ::berth_common::instance::ShownState,
        ///Milliseconds since then, by the database's clock.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub state_age_ms: ::std::option::Option<u64>,
        ///Seconds a stop leaves the guest when the request doesn't say.
        pub stop_grace_s: u64,
        ///When its host is shut down, higher numbers are stopped first; 0 to 1000.
        pub stop_priority: u32,
        ///Its current incarnation.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub vmm: ::std::option::Option<Vmm>,
    }
    impl Instance {
        pub fn builder() -> builder::Instance {
            Default::default()
        }
    }
    ///An instance to be made.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    pub struct InstanceCreate {
        ///Kernel command line, with a kernel image.
        #[serde(default)]
        pub command_line: ::std::string::String,
        ///Virtual CPUs, 1 to 255.
        pub cpus: u32,
        ///The users' own words.
        #[serde(default)]
        pub description: ::std::string::String,
        ///Disks to attach, by name or id, in order of their slots; at most 8.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub disks: ::std::vec::Vec<::std::string::String>,
        ///Kernel image to boot, by name (in the same project) or id. Omitted: it boots its first disk.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub image: ::std::option::Option<::std::string::String>,
        ///Memory in MiB, from 16.
        pub memory_mib: u32,
        ///Unique in its project.
        pub name: ::berth_common::Name,
        ///How many network interfaces it gets; at most 8.
        #[serde(default)]
        pub nics: u32,
        ///Whether it is started again after its guest ended by itself; default `on_failure`.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub restart_policy: ::std::option::Option<::berth_common::instance::RestartPolicy>,
        ///Whether it is started at once.
        #[serde(default)]
        pub start: bool,
        ///Seconds a stop leaves the guest when the request doesn't say; default 30, at most a day.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub stop_grace_s: ::std::option::Option<u64>,
        ///When its host is shut down, higher numbers are stopped first; 0 to 1000, default 0.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub stop_priority: ::std::option::Option<u32>,
    }
    impl InstanceCreate {
        pub fn builder() -> builder::InstanceCreate {
            Default::default()
        }
    }
    ///An attached disk.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct InstanceDisk {
        ///The disk.
        pub id: ::berth_common::ids::DiskUuid,
        ///Its name.
        pub name: ::berth_common::Name,
        ///Position on the bus, from 0.
        pub slot: u32,
    }
    impl InstanceDisk {
        pub fn builder() -> builder::InstanceDisk {
            Default::default()
        }
    }
    ///Why an instance is as it is.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct InstanceExplanation {
        ///What a follow-up would do if it were decided now; absent: nothing.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub follow_up: ::std::option::Option<::std::string::String>,
        ///The instance itself: intent, observation with its age, operation.
        pub instance: Instance,
        ///Who changes its record now.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub lock: ::std::option::Option<LockHolder>,
        ///The migration that it is in the middle of, or its last one.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub migration: ::std::option::Option<Migration>,
        ///Why the sled it runs on was chosen, or why none was, the last time.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub placement: ::std::option::Option<Event>,
        ///Its last transitions, newest first.
        pub recent: ::std::vec::Vec<Event>,
        ///One or two sentences for people.
        pub summary: ::std::string::String,
        ///What it waits for.
        pub waiting: ::std::vec::Vec<Waiting>,
    }
    impl InstanceExplanation {
        pub fn builder() -> builder::InstanceExplanation {
            Default::default()
        }
    }
    ///How to force-stop: everything that runs of the instance is ended at once and for certain, as if the power cord were pulled.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    #[serde(deny_unknown_fields)]
    pub struct InstanceForceStop {
        ///Names of sleds that an operator asserts to be dead: what the instance had there has ended, without their word. If one of them still runs a guest, two can write to the same disk. At most 16.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub assume_dead: ::std::vec::Vec<::berth_common::Name>,
    }
    impl InstanceForceStop {
        pub fn builder() -> builder::InstanceForceStop {
            Default::default()
        }
    }
    ///How to migrate a running instance to another sled.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    #[serde(deny_unknown_fields)]
    pub struct InstanceMigrate {
        ///Seconds after which it is given up and the guest goes on where it is, 1 to 86400; default 600.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub deadline_s: ::std::option::Option<u64>,
        ///Longest pause of the guest that is aimed at, in milliseconds, 1 to 60000; default 300.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub downtime_limit_ms: ::std::option::Option<u64>,
        ///The sled, by name or id: for those who may operate the fleet. Omitted: the best one that fits.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub to: ::std::option::Option<::std::string::String>,
    }
    impl InstanceMigrate {
        pub fn builder() -> builder::InstanceMigrate {
            Default::default()
        }
    }
    ///One page of a list.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct InstancePage {
        ///The items, in the list's order.
        pub items: ::std::vec::Vec<Instance>,
        ///`page_token` of the next page; absent on the last.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub next_page: ::std::option::Option<::std::string::String>,
    }
    impl InstancePage {
        pub fn builder() -> builder::InstancePage {
            Default::default()
        }
    }
    ///How to reboot: a new hypervisor process for the same incarnation.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    pub struct InstanceReboot {
        ///Seconds for the guest to obey the power button; default: the instance's own grace of stops. Soft only.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub grace_s: ::std::option::Option<u64>,
        ///`soft`: by the power button, and at the end of the grace by force. `hard`: by force at once; it takes over a soft one in flight.
        pub mode: ::berth_common::reboot::RebootKind,
    }
    impl InstanceReboot {
        pub fn builder() -> builder::InstanceReboot {
            Default::default()
        }
    }
    ///The sled an instance runs on.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct InstanceSled {
        ///The sled.
        pub id: ::berth_common::ids::SledUuid,
        ///Its name.
        pub name: ::berth_common::Name,
    }
    impl InstanceSled {
        pub fn builder() -> builder::InstanceSled {
            Default::default()
        }
    }
    ///How to stop. Repeated, it can only shorten what is left.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    #[serde(deny_unknown_fields)]
    pub struct InstanceStop {
        ///Force at once: a grace of 0. Not together with `grace_s`.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub force: ::std::option::Option<bool>,
        ///Seconds for the guest to obey the power button; default: the instance's own.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub grace_s: ::std::option::Option<u64>,
    }
    impl InstanceStop {
        pub fn builder() -> builder::InstanceStop {
            Default::default()
        }
    }
    ///What shall change; the rest stays. CPUs, memory, image and command line need a stopped instance; a new stop priority counts from the next start or reboot.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    #[serde(deny_unknown_fields)]
    pub struct InstanceUpdate {
        ///Kernel command line.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub command_line: ::std::option::Option<::std::string::String>,
        ///Virtual CPUs.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub cpus: ::std::option::Option<u32>,
        ///New words.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub description: ::std::option::Option<::std::string::String>,
        ///Another kernel image.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub image: ::std::option::Option<::std::string::String>,
        ///Memory in MiB.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub memory_mib: ::std::option::Option<u32>,
        ///A new name.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::berth_common::Name>,
        ///Whether it is started again after its guest ended by itself.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub restart_policy: ::std::option::Option<::berth_common::instance::RestartPolicy>,
        ///Seconds a stop leaves the guest.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub stop_grace_s: ::std::option::Option<u64>,
        ///When its host is shut down, higher numbers are stopped first; 0 to 1000.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub stop_priority: ::std::option::Option<u32>,
    }
    impl InstanceUpdate {
        pub fn builder() -> builder::InstanceUpdate {
            Default::default()
        }
    }
    ///A join token. Its secret is shown once.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct JoinToken {
        ///When.
        pub created_at: ::chrono::DateTime<::chrono::offset::Utc>,
        ///Who made it.
        pub created_by: ::std::string::String,
        ///When it stops being valid.
        pub expires_at: ::chrono::DateTime<::chrono::offset::Utc>,
        ///Its id.
        pub id: ::berth_common::ids::JoinTokenUuid,
        ///The sled it made.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub sled_id: ::std::option::Option<::berth_common::ids::SledUuid>,
    }
    impl JoinToken {
        pub fn builder() -> builder::JoinToken {
            Default::default()
        }
    }
    ///A join token to be made.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    #[serde(deny_unknown_fields)]
    pub struct JoinTokenCreate {
        ///Seconds it is valid; default one hour, at most a week.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub expires_in_s: ::std::option::Option<u64>,
    }
    impl JoinTokenCreate {
        pub fn builder() -> builder::JoinTokenCreate {
            Default::default()
        }
    }
    ///A join token that was just made.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct JoinTokenMade {
        ///The cluster's CA certificate, PEM: by it the host knows that it speaks with its own cluster.
        pub ca_pem: ::std::string::String,
        ///The token.
        pub join_token: JoinToken,
        ///Its secret. Nobody can read it again.
        pub secret: ::std::string::String,
    }
    impl JoinTokenMade {
        pub fn builder() -> builder::JoinTokenMade {
            Default::default()
        }
    }
    ///One page of a list.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct JoinTokenPage {
        ///The items, in the list's order.
        pub items: ::std::vec::Vec<JoinToken>,
        ///`page_token` of the next page; absent on the last.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub next_page: ::std::option::Option<::std::string::String>,
    }
    impl JoinTokenPage {
        pub fn builder() -> builder::JoinTokenPage {
            Default::default()
        }
    }
    ///The saga that holds an instance's updater lock.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct LockHolder {
        ///The nexus that runs it.
        pub nexus_id: ::berth_common::ids::NexusUuid,
        ///The update saga.
        pub saga_id: ::berth_common::ids::SagaUuid,
        ///Since when.
        pub since: ::chrono::DateTime<::chrono::offset::Utc>,
    }
    impl LockHolder {
        pub fn builder() -> builder::LockHolder {
            Default::default()
        }
    }
    ///A live migration, with the numbers of both ends.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct Migration {
        ///Words of both ends for people.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub detail: ::std::option::Option<::std::string::String>,
        ///Bytes of memory that the guest writes per second.
        pub dirty_bytes_per_s: u64,
        ///Milliseconds that the guest was paused, once it is over.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub downtime_ms: ::std::option::Option<u64>,
        ///Milliseconds that the source has worked at it.
        pub elapsed_ms: u64,
        ///The sled that the guest leaves.
        pub from: ::std::string::String,
        ///Why it is being given up, or was.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub given_up: ::std::option::Option<::std::string::String>,
        ///Its id.
        pub id: ::berth_common::ids::MigrationUuid,
        ///Milliseconds until it is given up, while it goes on.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub left_ms: ::std::option::Option<u64>,
        ///What was decided; absent while it goes on.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub outcome: ::std::option::Option<::berth_common::migration::MigrationOutcome>,
        ///Bytes still to be sent.
        pub remaining_bytes: u64,
        ///Bytes of memory and disks that were sent.
        pub sent_bytes: u64,
        ///What the source's sled reported.
        pub source: ::berth_common::migration::MigrationHalf,
        ///How far the source is.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub source_phase: ::std::option::Option<::berth_common::migration::MigrationPhase>,
        ///What the target's sled reported.
        pub target: ::berth_common::migration::MigrationHalf,
        ///How far the target is.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub target_phase: ::std::option::Option<::berth_common::migration::MigrationPhase>,
        ///How much the guest is slowed down so that the copy converges, in percent.
        pub throttle_percent: u64,
        ///The sled that it goes to.
        pub to: ::std::string::String,
        ///Bytes in all.
        pub total_bytes: u64,
    }
    impl Migration {
        pub fn builder() -> builder::Migration {
            Default::default()
        }
    }
    ///One nexus.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct NexusView {
        ///Whether it renewed its row lately: a nexus that answers does.
        pub answering: bool,
        ///Its id; a restart keeps it, a declaration of death ends it.
        pub id: ::berth_common::ids::NexusUuid,
        ///Where agents reach it.
        pub internal_address: ::std::string::String,
        ///Its name in the configuration.
        pub name: ::std::string::String,
        ///Where users reach it.
        pub public_address: ::std::string::String,
        ///When it last renewed its row.
        pub renewed_at: ::chrono::DateTime<::chrono::offset::Utc>,
        ///When it started.
        pub started_at: ::chrono::DateTime<::chrono::offset::Utc>,
        ///`active`, `stopped` or `dead`.
        pub state: ::std::string::String,
        ///Version of the program.
        pub version: ::std::string::String,
    }
    impl NexusView {
        pub fn builder() -> builder::NexusView {
            Default::default()
        }
    }
    ///A network interface.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct Nic {
        ///The interface.
        pub id: ::berth_common::ids::NicUuid,
        ///Its MAC address, unique in the cluster.
        pub mac: ::std::string::String,
    }
    impl Nic {
        pub fn builder() -> builder::Nic {
            Default::default()
        }
    }
    ///Accepted work: how far it is, and how it ended.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct Operation {
        ///Who asked for it.
        pub actor: ::std::string::String,
        ///Whether `cancel` would be accepted now.
        pub cancellable: bool,
        ///The id of the request that asked for it.
        pub cause: ::std::string::String,
        ///When it was accepted.
        pub created_at: ::chrono::DateTime<::chrono::offset::Utc>,
        ///When it ended.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub ended_at: ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>,
        ///With state `failed`: why.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub error: ::std::option::Option<OperationError>,
        ///Its id.
        pub id: ::berth_common::ids::OperationUuid,
        ///What was accepted.
        pub kind: ::berth_common::operation::OperationKind,
        ///The operation it is a part of.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub parent: ::std::option::Option<::berth_common::ids::OperationUuid>,
        ///The same in numbers.
        pub progress: Progress,
        ///The subject's project.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub project_id: ::std::option::Option<::berth_common::ids::ProjectUuid>,
        ///How far it is.
        pub state: ::berth_common::operation::OperationState,
        ///What it is about.
        pub subject: Subject,
        ///When it last changed.
        pub updated_at: ::chrono::DateTime<::chrono::offset::Utc>,
        ///With state `waiting`: for what, by name.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub waiting_for: ::std::option::Option<::std::string::String>,
    }
    impl Operation {
        pub fn builder() -> builder::Operation {
            Default::default()
        }
    }
    ///Why accepted work failed.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct OperationError {
        ///Name of the refusal.
        pub error_code: ::std::string::String,
        ///The thing, the reason, and what would help.
        pub message: ::std::string::String,
    }
    impl OperationError {
        pub fn builder() -> builder::OperationError {
            Default::default()
        }
    }
    ///One page of a list.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct OperationPage {
        ///The items, in the list's order.
        pub items: ::std::vec::Vec<Operation>,
        ///`page_token` of the next page; absent on the last.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub next_page: ::std::option::Option<::std::string::String>,
    }
    impl OperationPage {
        pub fn builder() -> builder::OperationPage {
            Default::default()
        }
    }
    ///A pool. Its name is the sleds' own word for it and needn't be unique.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct Pool {
        ///Bytes that disks may take in all.
        pub capacity_bytes: u64,
        ///When it was first offered.
        pub created_at: ::chrono::DateTime<::chrono::offset::Utc>,
        ///Its id, from the marker in its directory.
        pub id: ::berth_common::ids::PoolUuid,
        ///Where its bytes are.
        pub kind: ::berth_common::storage::PoolKind,
        ///Its name in the sleds' configuration.
        pub name: ::berth_common::Name,
        ///The sleds that have it.
        pub sleds: ::std::vec::Vec<::berth_common::ids::SledUuid>,
        ///Bytes that disks take.
        pub used_bytes: u64,
    }
    impl Pool {
        pub fn builder() -> builder::Pool {
            Default::default()
        }
    }
    ///One page of a list.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct PoolPage {
        ///The items, in the list's order.
        pub items: ::std::vec::Vec<Pool>,
        ///`page_token` of the next page; absent on the last.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub next_page: ::std::option::Option<::std::string::String>,
    }
    impl PoolPage {
        pub fn builder() -> builder::PoolPage {
            Default::default()
        }
    }
    ///How far work is.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct Progress {
        ///Bytes moved.
        pub bytes: u64,
        ///Steps done.
        pub done: u64,
        ///What is being done, by name.
        pub phase: ::std::string::String,
        ///Steps in all; 0: not known yet.
        pub total: u64,
    }
    impl Progress {
        pub fn builder() -> builder::Progress {
            Default::default()
        }
    }
    ///A project.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct Project {
        ///When it was made.
        pub created_at: ::chrono::DateTime<::chrono::offset::Utc>,
        ///The users' own words.
        pub description: ::std::string::String,
        ///Counts changes; for `If-Match`.
        pub generation: i64,
        ///Its id.
        pub id: ::berth_common::ids::ProjectUuid,
        ///Unique in the cluster.
        pub name: ::berth_common::Name,
        ///What it may use.
        pub quota: Quota,
        ///What it uses.
        pub used: Quota,
    }
    impl Project {
        pub fn builder() -> builder::Project {
            Default::default()
        }
    }
    ///A project to be made. Who makes it becomes its admin.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    pub struct ProjectCreate {
        ///The users' own words.
        #[serde(default)]
        pub description: ::std::string::String,
        ///Unique in the cluster.
        pub name: ::berth_common::Name,
        ///What it may use; omitted: the cluster's default.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub quota: ::std::option::Option<Quota>,
    }
    impl ProjectCreate {
        pub fn builder() -> builder::ProjectCreate {
            Default::default()
        }
    }
    ///A role in one project.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct ProjectMembership {
        ///The project.
        pub project_id: ::berth_common::ids::ProjectUuid,
        ///Its name.
        pub project_name: ::berth_common::Name,
        ///The role.
        pub role: ::berth_common::role::Role,
    }
    impl ProjectMembership {
        pub fn builder() -> builder::ProjectMembership {
            Default::default()
        }
    }
    ///One page of a list.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct ProjectPage {
        ///The items, in the list's order.
        pub items: ::std::vec::Vec<Project>,
        ///`page_token` of the next page; absent on the last.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub next_page: ::std::option::Option<::std::string::String>,
    }
    impl ProjectPage {
        pub fn builder() -> builder::ProjectPage {
            Default::default()
        }
    }
    ///What shall change; the rest stays.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    #[serde(deny_unknown_fields)]
    pub struct ProjectUpdate {
        ///New words.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub description: ::std::option::Option<::std::string::String>,
        ///A new name.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::berth_common::Name>,
        ///A new quota; may be below what is used, then nothing more is admitted. Only fleet admins may change it.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub quota: ::std::option::Option<Quota>,
    }
    impl ProjectUpdate {
        pub fn builder() -> builder::ProjectUpdate {
            Default::default()
        }
    }
    ///Something on a host that nobody answers for.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct QuarantinedThing {
        ///The process, if it is one.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub pid: ::std::option::Option<i32>,
        ///The VMM that it seems to belong to.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub vmm: ::std::option::Option<::berth_common::ids::VmmUuid>,
        ///What and where it is.
        pub what: ::std::string::String,
        ///Why nobody answers for it: `no_entry`, `ended_for_certain`, `other_ledger` or `unknown_to_nexus`.
        pub why: ::std::string::String,
    }
    impl QuarantinedThing {
        pub fn builder() -> builder::QuarantinedThing {
            Default::default()
        }
    }
    ///Amounts of what is limited per project.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    pub struct Quota {
        ///Virtual CPUs of all instances.
        pub cpus: u64,
        ///Size of all disks, in bytes.
        pub disk_bytes: u64,
        ///Instances, running or not.
        pub instances: u64,
        ///Memory of all instances, in MiB.
        pub memory_mib: u64,
    }
    impl Quota {
        pub fn builder() -> builder::Quota {
            Default::default()
        }
    }
    ///Storage, network and capacity of a sled.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct Readiness {
        ///CPU model that guests see.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub cpu_model: ::std::option::Option<::std::string::String>,
        ///Virtual CPUs it may give.
        pub cpus: u64,
        ///Virtual CPUs that are reserved.
        pub cpus_reserved: u64,
        ///Whether a bridge for guests' interfaces is configured.
        pub has_bridge: bool,
        ///What runs its guests.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub hypervisor: ::std::option::Option<::berth_common::sled::Hypervisor>,
        ///Memory it may give, in MiB.
        pub memory_mib: u64,
        ///Memory that is reserved, in MiB.
        pub memory_mib_reserved: u64,
        ///Ledger entries that its agent has recovered since it started.
        pub recovered_done: u64,
        ///Ledger entries in all.
        pub recovered_total: u64,
    }
    impl Readiness {
        pub fn builder() -> builder::Readiness {
            Default::default()
        }
    }
    ///Who has which role where.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct RoleGrant {
        ///The project; absent: the fleet.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub project_id: ::std::option::Option<::berth_common::ids::ProjectUuid>,
        ///The role.
        pub role: ::berth_common::role::Role,
        ///The user.
        pub user_id: ::berth_common::ids::UserUuid,
        ///Its name.
        pub user_name: ::berth_common::Name,
    }
    impl RoleGrant {
        pub fn builder() -> builder::RoleGrant {
            Default::default()
        }
    }
    ///A role to be granted. It replaces the one the user has there.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    pub struct RoleGrantCreate {
        ///The project, by name or id; omitted: the fleet.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub project: ::std::option::Option<::std::string::String>,
        ///The role.
        pub role: ::berth_common::role::Role,
        ///The user, by name or id.
        pub user: ::std::string::String,
    }
    impl RoleGrantCreate {
        pub fn builder() -> builder::RoleGrantCreate {
            Default::default()
        }
    }
    ///One page of a list.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct RoleGrantPage {
        ///The items, in the list's order.
        pub items: ::std::vec::Vec<RoleGrant>,
        ///`page_token` of the next page; absent on the last.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub next_page: ::std::option::Option<::std::string::String>,
    }
    impl RoleGrantPage {
        pub fn builder() -> builder::RoleGrantPage {
            Default::default()
        }
    }
    ///A role to be taken away.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    pub struct RoleRevoke {
        ///The project, by name or id; omitted: the fleet.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub project: ::std::option::Option<::std::string::String>,
        ///The user, by name or id.
        pub user: ::std::string::String,
    }
    impl RoleRevoke {
        pub fn builder() -> builder::RoleRevoke {
            Default::default()
        }
    }
    ///A saga.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct Saga {
        ///Counts how often it was adopted.
        pub adoption_generation: u64,
        ///The id of the request it follows from.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub cause: ::std::option::Option<::std::string::String>,
        ///When it was created.
        pub created_at: ::chrono::DateTime<::chrono::offset::Utc>,
        ///When it stopped.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub finished_at: ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>,
        ///Its id.
        pub id: ::berth_common::ids::SagaUuid,
        ///Which saga it is.
        pub name: ::std::string::String,
        ///The nexus that runs it.
        pub owner: ::berth_common::ids::NexusUuid,
        ///`running`, `unwinding`, `done`, `stuck` or `abandoned`.
        pub state: ::std::string::String,
        ///What it is about.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub subject_id: ::std::option::Option<::uuid::Uuid>,
        ///When it last changed.
        pub updated_at: ::chrono::DateTime<::chrono::offset::Utc>,
        ///Version of its steps.
        pub version: u32,
    }
    impl Saga {
        pub fn builder() -> builder::Saga {
            Default::default()
        }
    }
    ///A saga with its steps.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct SagaDetail {
        ///Its log, in order of time.
        pub events: ::std::vec::Vec<SagaStep>,
        ///The saga.
        pub saga: Saga,
    }
    impl SagaDetail {
        pub fn builder() -> builder::SagaDetail {
            Default::default()
        }
    }
    ///One page of a list.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct SagaPage {
        ///The items, in the list's order.
        pub items: ::std::vec::Vec<Saga>,
        ///`page_token` of the next page; absent on the last.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub next_page: ::std::option::Option<::std::string::String>,
    }
    impl SagaPage {
        pub fn builder() -> builder::SagaPage {
            Default::default()
        }
    }
    ///States of a saga.
    #[derive(
        ::serde::Deserialize, ::serde::Serialize, Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd,
    )]
    pub enum SagaState {
        ///Going forward.
        #[serde(rename = "running")]
        Running,
        ///Being undone.
        #[serde(rename = "unwinding")]
        Unwinding,
        ///Finished, either way.
        #[serde(rename = "done")]
        Done,
        ///An undo failed: an operator is needed.
        #[serde(rename = "stuck")]
        Stuck,
        ///An operator resolved it by hand.
        #[serde(rename = "abandoned")]
        Abandoned,
    }
    impl ::std::fmt::Display for SagaState {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::Running => f.write_str("running"),
                Self::Unwinding => f.write_str("unwinding"),
                Self::Done => f.write_str("done"),
                Self::Stuck => f.write_str("stuck"),
                Self::Abandoned => f.write_str("abandoned"),
            }
        }
    }
    impl ::std::str::FromStr for SagaState {
        type Err = self::error::ConversionError;
        fn from_str(value: &str) -> ::std::result::Result<Self, self::error::ConversionError> {
            match value {
                "running" => Ok(Self::Running),
                "unwinding" => Ok(Self::Unwinding),
                "done" => Ok(Self::Done),
                "stuck" => Ok(Self::Stuck),
                "abandoned" => Ok(Self::Abandoned),
                _ => Err("invalid value".into()),
            }
        }
    }
    impl ::std::convert::TryFrom<&str> for SagaState {
        type Error = self::error::ConversionError;
        fn try_from(value: &str) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for SagaState {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    ///One entry of a saga's log.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct SagaStep {
        ///When.
        pub at: ::chrono::DateTime<::chrono::offset::Utc>,
        ///Of a failure: its reason.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub error: ::std::option::Option<::std::string::String>,
        ///What happened: `started`, `succeeded`, `failed`, `undo_started`, `undo_finished`, `undo_failed`.
        pub event: ::std::string::String,
        ///Name of the node, where it has one.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
        ///Number of the node.
        pub node: u64,
    }
    impl SagaStep {
        pub fn builder() -> builder::SagaStep {
            Default::default()
        }
    }
    ///A piece of it.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct SerialHistory {
        ///The guest's output, base64, because it is bytes and not always text.
        pub data_base64: ::std::string::String,
        ///Offset of the first byte of `data_base64`; above what was asked for where the beginning was cut off.
        pub from: u64,
        ///Offset to ask for next.
        pub next: u64,
        ///Whose output it is: the current incarnation, or the last one.
        pub vmm_id: ::berth_common::ids::VmmUuid,
    }
    impl SerialHistory {
        pub fn builder() -> builder::SerialHistory {
            Default::default()
        }
    }
    ///A sled: three independent axes, none of which hides another.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct Sled {
        ///Where nexus reaches its agent; absent until it registered.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub address: ::std::option::Option<::std::string::String>,
        ///What the operator allows.
        pub admission: ::berth_common::sled::Admission,
        ///The host's boot.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub boot_id: ::std::option::Option<::berth_common::ids::BootUuid>,
        ///When it joined.
        pub created_at: ::chrono::DateTime<::chrono::offset::Utc>,
        ///Its id.
        pub id: ::berth_common::ids::SledUuid,
        ///When it last reported.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub last_report_at: ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>,
        ///Its current lease epoch.
        pub lease_epoch: i64,
        ///What is known of the host.
        pub liveness: ::berth_common::sled::Liveness,
        ///Unique in the cluster.
        pub name: ::berth_common::Name,
        ///What it has.
        pub readiness: Readiness,
        ///Milliseconds since then, by the database's clock.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub report_age_ms: ::std::option::Option<u64>,
        ///Version of the agent.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub version: ::std::option::Option<::std::string::String>,
    }
    impl Sled {
        pub fn builder() -> builder::Sled {
            Default::default()
        }
    }
    ///Why a sled is as it is.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct SledExplanation {
        ///What would happen to its VMMs if it were lost.
        pub if_lost: ::std::string::String,
        ///What is on its host and nobody answers for: left alone, kept from counting as gone.
        pub quarantined: ::std::vec::Vec<QuarantinedThing>,
        ///Its last transitions, newest first.
        pub recent: ::std::vec::Vec<Event>,
        ///What keeps it from taking more.
        pub refuses: ::std::vec::Vec<::std::string::String>,
        ///The sled itself: three axes, capacity, age of its last report.
        pub sled: Sled,
        ///One or two sentences for people.
        pub summary: ::std::string::String,
        ///What runs there, or should.
        pub vmms: ::std::vec::Vec<SledVmm>,
    }
    impl SledExplanation {
        pub fn builder() -> builder::SledExplanation {
            Default::default()
        }
    }
    ///One page of a list.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct SledPage {
        ///The items, in the list's order.
        pub items: ::std::vec::Vec<Sled>,
        ///`page_token` of the next page; absent on the last.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub next_page: ::std::option::Option<::std::string::String>,
    }
    impl SledPage {
        pub fn builder() -> builder::SledPage {
            Default::default()
        }
    }
    ///A VMM on a sled that hasn't ended.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct SledVmm {
        ///Its instance.
        pub instance_id: ::berth_common::ids::InstanceUuid,
        ///The instance's name.
        pub instance_name: ::std::string::String,
        ///When.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub reported_at: ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>,
        ///What the sled last reported.
        pub state: ::berth_common::vmm::VmmState,
        ///Its process can't be ended.
        pub stuck: bool,
        ///The VMM.
        pub vmm_id: ::berth_common::ids::VmmUuid,
    }
    impl SledVmm {
        pub fn builder() -> builder::SledVmm {
            Default::default()
        }
    }
    ///A thing that operations and events are about.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct Subject {
        ///Its id.
        pub id: ::uuid::Uuid,
        ///Its noun: `instance`, `disk`, `sled`, …
        pub kind: ::std::string::String,
        ///Its name then.
        pub name: ::std::string::String,
    }
    impl Subject {
        pub fn builder() -> builder::Subject {
            Default::default()
        }
    }
    ///A token without its secret.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct Token {
        ///When it was made.
        pub created_at: ::chrono::DateTime<::chrono::offset::Utc>,
        ///When it stops being valid.
        pub expires_at: ::chrono::DateTime<::chrono::offset::Utc>,
        ///Its id.
        pub id: ::berth_common::ids::TokenUuid,
        ///What it is for, in the user's words.
        pub label: ::std::string::String,
        ///When it was revoked.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub revoked_at: ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>,
        ///Whose it is.
        pub user_id: ::berth_common::ids::UserUuid,
    }
    impl Token {
        pub fn builder() -> builder::Token {
            Default::default()
        }
    }
    ///A token to be made.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    #[serde(deny_unknown_fields)]
    pub struct TokenCreate {
        ///Seconds it is valid; default 30 days, at most 366.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub expires_in_s: ::std::option::Option<u64>,
        ///What it is for; at most 63 bytes.
        #[serde(default)]
        pub label: ::std::string::String,
        ///Whose it shall be, by name or id; omitted: the asker's own. Only fleet admins may name another.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub user: ::std::option::Option<::std::string::String>,
    }
    impl TokenCreate {
        pub fn builder() -> builder::TokenCreate {
            Default::default()
        }
    }
    ///A token that was just made.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct TokenMade {
        ///Its secret, for `Authorization: Bearer …`. Nobody can read it again.
        pub secret: ::std::string::String,
        ///The token.
        pub token: Token,
    }
    impl TokenMade {
        pub fn builder() -> builder::TokenMade {
            Default::default()
        }
    }
    ///One page of a list.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct TokenPage {
        ///The items, in the list's order.
        pub items: ::std::vec::Vec<Token>,
        ///`page_token` of the next page; absent on the last.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub next_page: ::std::option::Option<::std::string::String>,
    }
    impl TokenPage {
        pub fn builder() -> builder::TokenPage {
            Default::default()
        }
    }
    ///A user.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct User {
        ///When it was made.
        pub created_at: ::chrono::DateTime<::chrono::offset::Utc>,
        ///Its role for the fleet.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub fleet_role: ::std::option::Option<::berth_common::role::Role>,
        ///Its id.
        pub id: ::berth_common::ids::UserUuid,
        ///Unique in the cluster.
        pub name: ::berth_common::Name,
    }
    impl User {
        pub fn builder() -> builder::User {
            Default::default()
        }
    }
    ///A user to be made.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    pub struct UserCreate {
        ///Its role for the fleet; omitted: none.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub fleet_role: ::std::option::Option<::berth_common::role::Role>,
        ///Unique in the cluster.
        pub name: ::berth_common::Name,
    }
    impl UserCreate {
        pub fn builder() -> builder::UserCreate {
            Default::default()
        }
    }
    ///One page of a list.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct UserPage {
        ///The items, in the list's order.
        pub items: ::std::vec::Vec<User>,
        ///`page_token` of the next page; absent on the last.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub next_page: ::std::option::Option<::std::string::String>,
    }
    impl UserPage {
        pub fn builder() -> builder::UserPage {
            Default::default()
        }
    }
    ///Versions.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct Version {
        ///Of this API.
        pub api: ::std::string::String,
        ///Of the program that answers.
        pub nexus: ::std::string::String,
    }
    impl Version {
        pub fn builder() -> builder::Version {
            Default::default()
        }
    }
    ///One incarnation.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct Vmm {
        ///Words for people: the hypervisor's own reason, or what it is stuck on.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub detail: ::std::option::Option<::std::string::String>,
        ///Why it ended.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub ended_by: ::std::option::Option<::berth_common::vmm::EndedBy>,
        ///Its epoch.
        pub epoch: i64,
        ///The VMM.
        pub id: ::berth_common::ids::VmmUuid,
        ///What its sled last reported.
        pub state: ::berth_common::vmm::VmmState,
        ///The hypervisor process can't be ended, not even by SIGKILL.
        pub stuck: bool,
        ///The hypervisor's monitor doesn't answer; `state` is the last one known.
        pub unresponsive: bool,
    }
    impl Vmm {
        pub fn builder() -> builder::Vmm {
            Default::default()
        }
    }
    ///How an incarnation ended.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct VmmEnd {
        ///Words for people.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub detail: ::std::option::Option<::std::string::String>,
        ///When.
        pub ended_at: ::chrono::DateTime<::chrono::offset::Utc>,
        ///Why.
        pub ended_by: ::berth_common::vmm::EndedBy,
        ///The VMM.
        pub vmm_id: ::berth_common::ids::VmmUuid,
    }
    impl VmmEnd {
        pub fn builder() -> builder::VmmEnd {
            Default::default()
        }
    }
    ///Something that is waited for.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct Waiting {
        ///Since when.
        pub since: ::chrono::DateTime<::chrono::offset::Utc>,
        ///What, by name.
        pub what: ::std::string::String,
    }
    impl Waiting {
        pub fn builder() -> builder::Waiting {
            Default::default()
        }
    }
    ///Who asks.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct Whoami {
        ///Its roles in projects.
        pub projects: ::std::vec::Vec<ProjectMembership>,
        ///When the token that was used expires.
        pub token_expires_at: ::chrono::DateTime<::chrono::offset::Utc>,
        ///The user.
        pub user: User,
    }
    impl Whoami {
        pub fn builder() -> builder::Whoami {
            Default::default()
        }
    }
    /// Types for composing complex structures.
    pub mod builder {
        #[derive(Clone, Debug)]
        pub struct CheckReport {
            checked: ::std::result::Result<::std::vec::Vec<::std::string::String>, ::std::string::String>,
            findings: ::std::result::Result<::std::vec::Vec<super::Finding>, ::std::string::String>,
        }
        impl ::std::default::Default for CheckReport {
            fn default() -> Self {
                Self {
                    checked: Err("no value supplied for checked".to_string()),
                    findings: Err("no value supplied for findings".to_string()),
                }
            }
        }
        impl CheckReport {
            pub fn checked<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::vec::Vec<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.checked =
                    value.try_into().map_err(|e| format!("error converting supplied value for checked: {e}"));
                self
            }
            pub fn findings<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::vec::Vec<super::Finding>>,
                T::Error: ::std::fmt::Display,
            {
                self.findings = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for findings: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<CheckReport> for super::CheckReport {
            type Error = super::error::ConversionError;
            fn try_from(value: CheckReport) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { checked: value.checked?, findings: value.findings? })
            }
        }
        impl ::std::convert::From<super::CheckReport> for CheckReport {
            fn from(value: super::CheckReport) -> Self {
                Self { checked: Ok(value.checked), findings: Ok(value.findings) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct Disk {
            attached_to:
                ::std::result::Result<::std::option::Option<super::DiskAttachment>, ::std::string::String>,
            created_at:
                ::std::result::Result<::chrono::DateTime<::chrono::offset::Utc>, ::std::string::String>,
            description: ::std::result::Result<::std::string::String, ::std::string::String>,
            id: ::std::result::Result<::berth_common::ids::DiskUuid, ::std::string::String>,
            image_id: ::std::result::Result<
                ::std::option::Option<::berth_common::ids::ImageUuid>,
                ::std::string::String,
            >,
            name: ::std::result::Result<::berth_common::Name, ::std::string::String>,
            pool_id: ::std::result::Result<::berth_common::ids::PoolUuid, ::std::string::String>,
            project_id: ::std::result::Result<::berth_common::ids::ProjectUuid, ::std::string::String>,
            size_bytes: ::std::result::Result<u64, ::std::string::String>,
            state: ::std::result::Result<::berth_common::storage::DiskState, ::std::string::String>,
        }
        impl ::std::default::Default for Disk {
            fn default() -> Self {
                Self {
                    attached_to: Ok(Default::default()),
                    created_at: Err("no value supplied for created_at".to_string()),
                    description: Err("no value supplied for description".to_string()),
                    id: Err("no value supplied for id".to_string()),
                    image_id: Ok(Default::default()),
                    name: Err("no value supplied for name".to_string()),
                    pool_id: Err("no value supplied for pool_id".to_string()),
                    project_id: Err("no value supplied for project_id".to_string()),
                    size_bytes: Err("no value supplied for size_bytes".to_string()),
                    state: Err("no value supplied for state".to_string()),
                }
            }
        }
        impl Disk {
            pub fn attached_to<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<super::DiskAttachment>>,
                T::Error: ::std::fmt::Display,
            {
                self.attached_to = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for attached_to: {e}"));
                self
            }
            pub fn created_at<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::chrono::DateTime<::chrono::offset::Utc>>,
                T::Error: ::std::fmt::Display,
            {
                self.created_at = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for created_at: {e}"));
                self
            }
            pub fn description<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.description = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for description: {e}"));
                self
            }
            pub fn id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::ids::DiskUuid>,
                T::Error: ::std::fmt::Display,
            {
                self.id =
                    value.try_into().map_err(|e| format!("error converting supplied value for id: {e}"));
                self
            }
            pub fn image_id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::berth_common::ids::ImageUuid>>,
                T::Error: ::std::fmt::Display,
            {
                self.image_id = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for image_id: {e}"));
                self
            }
            pub fn name<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::Name>,
                T::Error: ::std::fmt::Display,
            {
                self.name =
                    value.try_into().map_err(|e| format!("error converting supplied value for name: {e}"));
                self
            }
            pub fn pool_id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::ids::PoolUuid>,
                T::Error: ::std::fmt::Display,
            {
                self.pool_id =
                    value.try_into().map_err(|e| format!("error converting supplied value for pool_id: {e}"));
                self
            }
            pub fn project_id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::ids::ProjectUuid>,
                T::Error: ::std::fmt::Display,
            {
                self.project_id = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for project_id: {e}"));
                self
            }
            pub fn size_bytes<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u64>,
                T::Error: ::std::fmt::Display,
            {
                self.size_bytes = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for size_bytes: {e}"));
                self
            }
            pub fn state<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::storage::DiskState>,
                T::Error: ::std::fmt::Display,
            {
                self.state =
                    value.try_into().map_err(|e| format!("error converting supplied value for state: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<Disk> for super::Disk {
            type Error = super::error::ConversionError;
            fn try_from(value: Disk) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    attached_to: value.attached_to?,
                    created_at: value.created_at?,
                    description: value.description?,
                    id: value.id?,
                    image_id: value.image_id?,
                    name: value.name?,
                    pool_id: value.pool_id?,
                    project_id: value.project_id?,
                    size_bytes: value.size_bytes?,
                    state: value.state?,
                })
            }
        }
        impl ::std::convert::From<super::Disk> for Disk {
            fn from(value: super::Disk) -> Self {
                Self {
                    attached_to: Ok(value.attached_to),
                    created_at: Ok(value.created_at),
                    description: Ok(value.description),
                    id: Ok(value.id),
                    image_id: Ok(value.image_id),
                    name: Ok(value.name),
                    pool_id: Ok(value.pool_id),
                    project_id: Ok(value.project_id),
                    size_bytes: Ok(value.size_bytes),
                    state: Ok(value.state),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct DiskAttach {
            instance: ::std::result::Result<::std::string::String, ::std::string::String>,
        }
        impl ::std::default::Default for DiskAttach {
            fn default() -> Self {
                Self { instance: Err("no value supplied for instance".to_string()) }
            }
        }
        impl DiskAttach {
            pub fn instance<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.instance = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for instance: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<DiskAttach> for super::DiskAttach {
            type Error = super::error::ConversionError;
            fn try_from(value: DiskAttach) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { instance: value.instance? })
            }
        }
        impl ::std::convert::From<super::DiskAttach> for DiskAttach {
            fn from(value: super::DiskAttach) -> Self {
                Self { instance: Ok(value.instance) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct DiskAttachment {
            instance_id: ::std::result::Result<::berth_common::ids::InstanceUuid, ::std::string::String>,
            slot: ::std::result::Result<u32, ::std::string::String>,
        }
        impl ::std::default::Default for DiskAttachment {
            fn default() -> Self {
                Self {
                    instance_id: Err("no value supplied for instance_id".to_string()),
                    slot: Err("no value supplied for slot".to_string()),
                }
            }
        }
        impl DiskAttachment {
            pub fn instance_id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::ids::InstanceUuid>,
                T::Error: ::std::fmt::Display,
            {
                self.instance_id = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for instance_id: {e}"));
                self
            }
            pub fn slot<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u32>,
                T::Error: ::std::fmt::Display,
            {
                self.slot =
                    value.try_into().map_err(|e| format!("error converting supplied value for slot: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<DiskAttachment> for super::DiskAttachment {
            type Error = super::error::ConversionError;
            fn try_from(value: DiskAttachment) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { instance_id: value.instance_id?, slot: value.slot? })
            }
        }
        impl ::std::convert::From<super::DiskAttachment> for DiskAttachment {
            fn from(value: super::DiskAttachment) -> Self {
                Self { instance_id: Ok(value.instance_id), slot: Ok(value.slot) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct DiskCreate {
            description: ::std::result::Result<::std::string::String, ::std::string::String>,
            image: ::std::result::Result<::std::option::Option<::std::string::String>, ::std::string::String>,
            name: ::std::result::Result<::berth_common::Name, ::std::string::String>,
            pool: ::std::result::Result<::std::option::Option<::std::string::String>, ::std::string::String>,
            size_bytes: ::std::result::Result<::std::option::Option<u64>, ::std::string::String>,
        }
        impl ::std::default::Default for DiskCreate {
            fn default() -> Self {
                Self {
                    description: Ok(Default::default()),
                    image: Ok(Default::default()),
                    name: Err("no value supplied for name".to_string()),
                    pool: Ok(Default::default()),
                    size_bytes: Ok(Default::default()),
                }
            }
        }
        impl DiskCreate {
            pub fn description<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.description = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for description: {e}"));
                self
            }
            pub fn image<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.image =
                    value.try_into().map_err(|e| format!("error converting supplied value for image: {e}"));
                self
            }
            pub fn name<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::Name>,
                T::Error: ::std::fmt::Display,
            {
                self.name =
                    value.try_into().map_err(|e| format!("error converting supplied value for name: {e}"));
                self
            }
            pub fn pool<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.pool =
                    value.try_into().map_err(|e| format!("error converting supplied value for pool: {e}"));
                self
            }
            pub fn size_bytes<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<u64>>,
                T::Error: ::std::fmt::Display,
            {
                self.size_bytes = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for size_bytes: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<DiskCreate> for super::DiskCreate {
            type Error = super::error::ConversionError;
            fn try_from(value: DiskCreate) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    description: value.description?,
                    image: value.image?,
                    name: value.name?,
                    pool: value.pool?,
                    size_bytes: value.size_bytes?,
                })
            }
        }
        impl ::std::convert::From<super::DiskCreate> for DiskCreate {
            fn from(value: super::DiskCreate) -> Self {
                Self {
                    description: Ok(value.description),
                    image: Ok(value.image),
                    name: Ok(value.name),
                    pool: Ok(value.pool),
                    size_bytes: Ok(value.size_bytes),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct DiskPage {
            items: ::std::result::Result<::std::vec::Vec<super::Disk>, ::std::string::String>,
            next_page:
                ::std::result::Result<::std::option::Option<::std::string::String>, ::std::string::String>,
        }
        impl ::std::default::Default for DiskPage {
            fn default() -> Self {
                Self {
                    items: Err("no value supplied for items".to_string()),
                    next_page: Ok(Default::default()),
                }
            }
        }
        impl DiskPage {
            pub fn items<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::vec::Vec<super::Disk>>,
                T::Error: ::std::fmt::Display,
            {
                self.items =
                    value.try_into().map_err(|e| format!("error converting supplied value for items: {e}"));
                self
            }
            pub fn next_page<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.next_page = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for next_page: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<DiskPage> for super::DiskPage {
            type Error = super::error::ConversionError;
            fn try_from(value: DiskPage) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { items: value.items?, next_page: value.next_page? })
            }
        }
        impl ::std::convert::From<super::DiskPage> for DiskPage {
            fn from(value: super::DiskPage) -> Self {
                Self { items: Ok(value.items), next_page: Ok(value.next_page) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct Error {
            details: ::std::result::Result<::std::option::Option<::serde_json::Value>, ::std::string::String>,
            error_code: ::std::result::Result<::std::string::String, ::std::string::String>,
            message: ::std::result::Result<::std::string::String, ::std::string::String>,
            request_id: ::std::result::Result<::std::string::String, ::std::string::String>,
        }
        impl ::std::default::Default for Error {
            fn default() -> Self {
                Self {
                    details: Ok(Default::default()),
                    error_code: Ok(Default::default()),
                    message: Err("no value supplied for message".to_string()),
                    request_id: Err("no value supplied for request_id".to_string()),
                }
            }
        }
        impl Error {
            pub fn details<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::serde_json::Value>>,
                T::Error: ::std::fmt::Display,
            {
                self.details =
                    value.try_into().map_err(|e| format!("error converting supplied value for details: {e}"));
                self
            }
            pub fn error_code<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.error_code = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for error_code: {e}"));
                self
            }
            pub fn message<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.message =
                    value.try_into().map_err(|e| format!("error converting supplied value for message: {e}"));
                self
            }
            pub fn request_id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.request_id = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for request_id: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<Error> for super::Error {
            type Error = super::error::ConversionError;
            fn try_from(value: Error) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    details: value.details?,
                    error_code: value.error_code?,
                    message: value.message?,
                    request_id: value.request_id?,
                })
            }
        }
        impl ::std::convert::From<super::Error> for Error {
            fn from(value: super::Error) -> Self {
                Self {
                    details: Ok(value.details),
                    error_code: Ok(value.error_code),
                    message: Ok(value.message),
                    request_id: Ok(value.request_id),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct Event {
            actor: ::std::result::Result<::std::string::String, ::std::string::String>,
            at: ::std::result::Result<::chrono::DateTime<::chrono::offset::Utc>, ::std::string::String>,
            cause: ::std::result::Result<::std::string::String, ::std::string::String>,
            data: ::std::result::Result<::serde_json::Value, ::std::string::String>,
            id: ::std::result::Result<u64, ::std::string::String>,
            kind: ::std::result::Result<::std::string::String, ::std::string::String>,
            message: ::std::result::Result<::std::string::String, ::std::string::String>,
            project_id: ::std::result::Result<
                ::std::option::Option<::berth_common::ids::ProjectUuid>,
                ::std::string::String,
            >,
            sled_id: ::std::result::Result<
                ::std::option::Option<::berth_common::ids::SledUuid>,
                ::std::string::String,
            >,
            subject: ::std::result::Result<super::Subject, ::std::string::String>,
        }
        impl ::std::default::Default for Event {
            fn default() -> Self {
                Self {
                    actor: Err("no value supplied for actor".to_string()),
                    at: Err("no value supplied for at".to_string()),
                    cause: Err("no value supplied for cause".to_string()),
                    data: Err("no value supplied for data".to_string()),
                    id: Err("no value supplied for id".to_string()),
                    kind: Err("no value supplied for kind".to_string()),
                    message: Err("no value supplied for message".to_string()),
                    project_id: Ok(Default::default()),
                    sled_id: Ok(Default::default()),
                    subject: Err("no value supplied for subject".to_string()),
                }
            }
        }
        impl Event {
            pub fn actor<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.actor =
                    value.try_into().map_err(|e| format!("error converting supplied value for actor: {e}"));
                self
            }
            pub fn at<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::chrono::DateTime<::chrono::offset::Utc>>,
                T::Error: ::std::fmt::Display,
            {
                self.at =
                    value.try_into().map_err(|e| format!("error converting supplied value for at: {e}"));
                self
            }
            pub fn cause<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.cause =
                    value.try_into().map_err(|e| format!("error converting supplied value for cause: {e}"));
                self
            }
            pub fn data<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::serde_json::Value>,
                T::Error: ::std::fmt::Display,
            {
                self.data =
                    value.try_into().map_err(|e| format!("error converting supplied value for data: {e}"));
                self
            }
            pub fn id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u64>,
                T::Error: ::std::fmt::Display,
            {
                self.id =
                    value.try_into().map_err(|e| format!("error converting supplied value for id: {e}"));
                self
            }
            pub fn kind<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.kind =
                    value.try_into().map_err(|e| format!("error converting supplied value for kind: {e}"));
                self
            }
            pub fn message<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.message =
                    value.try_into().map_err(|e| format!("error converting supplied value for message: {e}"));
                self
            }
            pub fn project_id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::berth_common::ids::ProjectUuid>>,
                T::Error: ::std::fmt::Display,
            {
                self.project_id = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for project_id: {e}"));
                self
            }
            pub fn sled_id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::berth_common::ids::SledUuid>>,
                T::Error: ::std::fmt::Display,
            {
                self.sled_id =
                    value.try_into().map_err(|e| format!("error converting supplied value for sled_id: {e}"));
                self
            }
            pub fn subject<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<super::Subject>,
                T::Error: ::std::fmt::Display,
            {
                self.subject =
                    value.try_into().map_err(|e| format!("error converting supplied value for subject: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<Event> for super::Event {
            type Error = super::error::ConversionError;
            fn try_from(value: Event) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    actor: value.actor?,
                    at: value.at?,
                    cause: value.cause?,
                    data: value.data?,
                    id: value.id?,
                    kind: value.kind?,
                    message: value.message?,
                    project_id: value.project_id?,
                    sled_id: value.sled_id?,
                    subject: value.subject?,
                })
            }
        }
        impl ::std::convert::From<super::Event> for Event {
            fn from(value: super::Event) -> Self {
                Self {
                    actor: Ok(value.actor),
                    at: Ok(value.at),
                    cause: Ok(value.cause),
                    data: Ok(value.data),
                    id: Ok(value.id),
                    kind: Ok(value.kind),
                    message: Ok(value.message),
                    project_id: Ok(value.project_id),
                    sled_id: Ok(value.sled_id),
                    subject: Ok(value.subject),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct EventPage {
            items: ::std::result::Result<::std::vec::Vec<super::Event>, ::std::string::String>,
            next: ::std::result::Result<::std::string::String, ::std::string::String>,
        }
        impl ::std::default::Default for EventPage {
            fn default() -> Self {
                Self {
                    items: Err("no value supplied for items".to_string()),
                    next: Err("no value supplied for next".to_string()),
                }
            }
        }
        impl EventPage {
            pub fn items<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::vec::Vec<super::Event>>,
                T::Error: ::std::fmt::Display,
            {
                self.items =
                    value.try_into().map_err(|e| format!("error converting supplied value for items: {e}"));
                self
            }
            pub fn next<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.next =
                    value.try_into().map_err(|e| format!("error converting supplied value for next: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<EventPage> for super::EventPage {
            type Error = super::error::ConversionError;
            fn try_from(value: EventPage) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { items: value.items?, next: value.next? })
            }
        }
        impl ::std::convert::From<super::EventPage> for EventPage {
            fn from(value: super::EventPage) -> Self {
                Self { items: Ok(value.items), next: Ok(value.next) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct Finding {
            invariant: ::std::result::Result<::std::string::String, ::std::string::String>,
            message: ::std::result::Result<::std::string::String, ::std::string::String>,
            subject: ::std::result::Result<::std::string::String, ::std::string::String>,
        }
        impl ::std::default::Default for Finding {
            fn default() -> Self {
                Self {
                    invariant: Err("no value supplied for invariant".to_string()),
                    message: Err("no value supplied for message".to_string()),
                    subject: Err("no value supplied for subject".to_string()),
                }
            }
        }
        impl Finding {
            pub fn invariant<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.invariant = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for invariant: {e}"));
                self
            }
            pub fn message<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.message =
                    value.try_into().map_err(|e| format!("error converting supplied value for message: {e}"));
                self
            }
            pub fn subject<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.subject =
                    value.try_into().map_err(|e| format!("error converting supplied value for subject: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<Finding> for super::Finding {
            type Error = super::error::ConversionError;
            fn try_from(value: Finding) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { invariant: value.invariant?, message: value.message?, subject: value.subject? })
            }
        }
        impl ::std::convert::From<super::Finding> for Finding {
            fn from(value: super::Finding) -> Self {
                Self {
                    invariant: Ok(value.invariant),
                    message: Ok(value.message),
                    subject: Ok(value.subject),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct Health {
            status: ::std::result::Result<::std::string::String, ::std::string::String>,
        }
        impl ::std::default::Default for Health {
            fn default() -> Self {
                Self { status: Err("no value supplied for status".to_string()) }
            }
        }
        impl Health {
            pub fn status<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.status =
                    value.try_into().map_err(|e| format!("error converting supplied value for status: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<Health> for super::Health {
            type Error = super::error::ConversionError;
            fn try_from(value: Health) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { status: value.status? })
            }
        }
        impl ::std::convert::From<super::Health> for Health {
            fn from(value: super::Health) -> Self {
                Self { status: Ok(value.status) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct Image {
            created_at:
                ::std::result::Result<::chrono::DateTime<::chrono::offset::Utc>, ::std::string::String>,
            description: ::std::result::Result<::std::string::String, ::std::string::String>,
            disk_format: ::std::result::Result<
                ::std::option::Option<::berth_common::storage::DiskFormat>,
                ::std::string::String,
            >,
            files: ::std::result::Result<::std::vec::Vec<super::ImageFile>, ::std::string::String>,
            id: ::std::result::Result<::berth_common::ids::ImageUuid, ::std::string::String>,
            kind: ::std::result::Result<::berth_common::storage::ImageKind, ::std::string::String>,
            name: ::std::result::Result<::berth_common::Name, ::std::string::String>,
            project_id: ::std::result::Result<::berth_common::ids::ProjectUuid, ::std::string::String>,
            state: ::std::result::Result<::berth_common::storage::ImageState, ::std::string::String>,
            virtual_bytes: ::std::result::Result<::std::option::Option<u64>, ::std::string::String>,
        }
        impl ::std::default::Default for Image {
            fn default() -> Self {
                Self {
                    created_at: Err("no value supplied for created_at".to_string()),
                    description: Err("no value supplied for description".to_string()),
                    disk_format: Ok(Default::default()),
                    files: Err("no value supplied for files".to_string()),
                    id: Err("no value supplied for id".to_string()),
                    kind: Err("no value supplied for kind".to_string()),
                    name: Err("no value supplied for name".to_string()),
                    project_id: Err("no value supplied for project_id".to_string()),
                    state: Err("no value supplied for state".to_string()),
                    virtual_bytes: Ok(Default::default()),
                }
            }
        }
        impl Image {
            pub fn created_at<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::chrono::DateTime<::chrono::offset::Utc>>,
                T::Error: ::std::fmt::Display,
            {
                self.created_at = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for created_at: {e}"));
                self
            }
            pub fn description<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.description = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for description: {e}"));
                self
            }
            pub fn disk_format<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::berth_common::storage::DiskFormat>>,
                T::Error: ::std::fmt::Display,
            {
                self.disk_format = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for disk_format: {e}"));
                self
            }
            pub fn files<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::vec::Vec<super::ImageFile>>,
                T::Error: ::std::fmt::Display,
            {
                self.files =
                    value.try_into().map_err(|e| format!("error converting supplied value for files: {e}"));
                self
            }
            pub fn id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::ids::ImageUuid>,
                T::Error: ::std::fmt::Display,
            {
                self.id =
                    value.try_into().map_err(|e| format!("error converting supplied value for id: {e}"));
                self
            }
            pub fn kind<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::storage::ImageKind>,
                T::Error: ::std::fmt::Display,
            {
                self.kind =
                    value.try_into().map_err(|e| format!("error converting supplied value for kind: {e}"));
                self
            }
            pub fn name<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::Name>,
                T::Error: ::std::fmt::Display,
            {
                self.name =
                    value.try_into().map_err(|e| format!("error converting supplied value for name: {e}"));
                self
            }
            pub fn project_id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::ids::ProjectUuid>,
                T::Error: ::std::fmt::Display,
            {
                self.project_id = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for project_id: {e}"));
                self
            }
            pub fn state<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::storage::ImageState>,
                T::Error: ::std::fmt::Display,
            {
                self.state =
                    value.try_into().map_err(|e| format!("error converting supplied value for state: {e}"));
                self
            }
            pub fn virtual_bytes<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<u64>>,
                T::Error: ::std::fmt::Display,
            {
                self.virtual_bytes = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for virtual_bytes: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<Image> for super::Image {
            type Error = super::error::ConversionError;
            fn try_from(value: Image) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    created_at: value.created_at?,
                    description: value.description?,
                    disk_format: value.disk_format?,
                    files: value.files?,
                    id: value.id?,
                    kind: value.kind?,
                    name: value.name?,
                    project_id: value.project_id?,
                    state: value.state?,
                    virtual_bytes: value.virtual_bytes?,
                })
            }
        }
        impl ::std::convert::From<super::Image> for Image {
            fn from(value: super::Image) -> Self {
                Self {
                    created_at: Ok(value.created_at),
                    description: Ok(value.description),
                    disk_format: Ok(value.disk_format),
                    files: Ok(value.files),
                    id: Ok(value.id),
                    kind: Ok(value.kind),
                    name: Ok(value.name),
                    project_id: Ok(value.project_id),
                    state: Ok(value.state),
                    virtual_bytes: Ok(value.virtual_bytes),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct ImageCreate {
            description: ::std::result::Result<::std::string::String, ::std::string::String>,
            kind: ::std::result::Result<::berth_common::storage::ImageKind, ::std::string::String>,
            name: ::std::result::Result<::berth_common::Name, ::std::string::String>,
        }
        impl ::std::default::Default for ImageCreate {
            fn default() -> Self {
                Self {
                    description: Ok(Default::default()),
                    kind: Err("no value supplied for kind".to_string()),
                    name: Err("no value supplied for name".to_string()),
                }
            }
        }
        impl ImageCreate {
            pub fn description<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.description = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for description: {e}"));
                self
            }
            pub fn kind<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::storage::ImageKind>,
                T::Error: ::std::fmt::Display,
            {
                self.kind =
                    value.try_into().map_err(|e| format!("error converting supplied value for kind: {e}"));
                self
            }
            pub fn name<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::Name>,
                T::Error: ::std::fmt::Display,
            {
                self.name =
                    value.try_into().map_err(|e| format!("error converting supplied value for name: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<ImageCreate> for super::ImageCreate {
            type Error = super::error::ConversionError;
            fn try_from(value: ImageCreate) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { description: value.description?, kind: value.kind?, name: value.name? })
            }
        }
        impl ::std::convert::From<super::ImageCreate> for ImageCreate {
            fn from(value: super::ImageCreate) -> Self {
                Self { description: Ok(value.description), kind: Ok(value.kind), name: Ok(value.name) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct ImageFile {
            part: ::std::result::Result<::berth_common::storage::ImagePart, ::std::string::String>,
            sha256: ::std::result::Result<::std::string::String, ::std::string::String>,
            size_bytes: ::std::result::Result<u64, ::std::string::String>,
        }
        impl ::std::default::Default for ImageFile {
            fn default() -> Self {
                Self {
                    part: Err("no value supplied for part".to_string()),
                    sha256: Err("no value supplied for sha256".to_string()),
                    size_bytes: Err("no value supplied for size_bytes".to_string()),
                }
            }
        }
        impl ImageFile {
            pub fn part<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::storage::ImagePart>,
                T::Error: ::std::fmt::Display,
            {
                self.part =
                    value.try_into().map_err(|e| format!("error converting supplied value for part: {e}"));
                self
            }
            pub fn sha256<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.sha256 =
                    value.try_into().map_err(|e| format!("error converting supplied value for sha256: {e}"));
                self
            }
            pub fn size_bytes<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u64>,
                T::Error: ::std::fmt::Display,
            {
                self.size_bytes = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for size_bytes: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<ImageFile> for super::ImageFile {
            type Error = super::error::ConversionError;
            fn try_from(value: ImageFile) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { part: value.part?, sha256: value.sha256?, size_bytes: value.size_bytes? })
            }
        }
        impl ::std::convert::From<super::ImageFile> for ImageFile {
            fn from(value: super::ImageFile) -> Self {
                Self { part: Ok(value.part), sha256: Ok(value.sha256), size_bytes: Ok(value.size_bytes) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct ImagePage {
            items: ::std::result::Result<::std::vec::Vec<super::Image>, ::std::string::String>,
            next_page:
                ::std::result::Result<::std::option::Option<::std::string::String>, ::std::string::String>,
        }
        impl ::std::default::Default for ImagePage {
            fn default() -> Self {
                Self {
                    items: Err("no value supplied for items".to_string()),
                    next_page: Ok(Default::default()),
                }
            }
        }
        impl ImagePage {
            pub fn items<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::vec::Vec<super::Image>>,
                T::Error: ::std::fmt::Display,
            {
                self.items =
                    value.try_into().map_err(|e| format!("error converting supplied value for items: {e}"));
                self
            }
            pub fn next_page<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.next_page = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for next_page: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<ImagePage> for super::ImagePage {
            type Error = super::error::ConversionError;
            fn try_from(value: ImagePage) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { items: value.items?, next_page: value.next_page? })
            }
        }
        impl ::std::convert::From<super::ImagePage> for ImagePage {
            fn from(value: super::ImagePage) -> Self {
                Self { items: Ok(value.items), next_page: Ok(value.next_page) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct Instance {
            command_line: ::std::result::Result<::std::string::String, ::std::string::String>,
            cpus: ::std::result::Result<u32, ::std::string::String>,
            crashes: ::std::result::Result<u32, ::std::string::String>,
            created_at:
                ::std::result::Result<::chrono::DateTime<::chrono::offset::Utc>, ::std::string::String>,
            description: ::std::result::Result<::std::string::String, ::std::string::String>,
            disks: ::std::result::Result<::std::vec::Vec<super::InstanceDisk>, ::std::string::String>,
            generation: ::std::result::Result<i64, ::std::string::String>,
            id: ::std::result::Result<::berth_common::ids::InstanceUuid, ::std::string::String>,
            image_id: ::std::result::Result<
                ::std::option::Option<::berth_common::ids::ImageUuid>,
                ::std::string::String,
            >,
            intent: ::std::result::Result<::berth_common::instance::Intent, ::std::string::String>,
            last_end: ::std::result::Result<::std::option::Option<super::VmmEnd>, ::std::string::String>,
            memory_mib: ::std::result::Result<u32, ::std::string::String>,
            name: ::std::result::Result<::berth_common::Name, ::std::string::String>,
            nics: ::std::result::Result<::std::vec::Vec<super::Nic>, ::std::string::String>,
            observed_at: ::std::result::Result<
                ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>,
                ::std::string::String,
            >,
            operation: ::std::result::Result<::std::option::Option<super::Operation>, ::std::string::String>,
            project_id: ::std::result::Result<::berth_common::ids::ProjectUuid, ::std::string::String>,
            rest: ::std::result::Result<::berth_common::instance::Rest, ::std::string::String>,
            restart_at: ::std::result::Result<
                ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>,
                ::std::string::String,
            >,
            restart_policy:
                ::std::result::Result<::berth_common::instance::RestartPolicy, ::std::string::String>,
            sled: ::std::result::Result<::std::option::Option<super::InstanceSled>, ::std::string::String>,
            state: ::std::result::Result<::berth_common::instance::ShownState, ::std::string::String>,
            state_age_ms: ::std::result::Result<::std::option::Option<u64>, ::std::string::String>,
            stop_grace_s: ::std::result::Result<u64, ::std::string::String>,
            stop_priority: ::std::result::Result<u32, ::std::string::String>,
            vmm: ::std::result::Result<::std::option::Option<super::Vmm>, ::std::string::String>,
        }
        impl ::std::default::Default for Instance {
            fn default() -> Self {
                Self {
                    command_line: Err("no value supplied for command_line".to_string()),
                    cpus: Err("no value supplied for cpus".to_string()),
                    crashes: Err("no value supplied for crashes".to_string()),
                    created_at: Err("no value supplied for created_at".to_string()),
                    description: Err("no value supplied for description".to_string()),
                    disks: Err("no value supplied for disks".to_string()),
                    generation: Err("no value supplied for generation".to_string()),
                    id: Err("no value supplied for id".to_string()),
                    image_id: Ok(Default::default()),
                    intent: Err("no value supplied for intent".to_string()),
                    last_end: Ok(Default::default()),
                    memory_mib: Err("no value supplied for memory_mib".to_string()),
                    name: Err("no value supplied for name".to_string()),
                    nics: Err("no value supplied for nics".to_string()),
                    observed_at: Ok(Default::default()),
                    operation: Ok(Default::default()),
                    project_id: Err("no value supplied for project_id".to_string()),
                    rest: Err("no value supplied for rest".to_string()),
                    restart_at: Ok(Default::default()),
                    restart_policy: Err("no value supplied for restart_policy".to_string()),
                    sled: Ok(Default::default()),
                    state: Err("no value supplied for state".to_string()),
                    state_age_ms: Ok(Default::default()),
                    stop_grace_s: Err("no value supplied for stop_grace_s".to_string()),
                    stop_priority: Err("no value supplied for stop_priority".to_string()),
                    vmm: Ok(Default::default()),
                }
            }
        }
        impl Instance {
            pub fn command_line<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.command_line = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for command_line: {e}"));
                self
            }
            pub fn cpus<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u32>,
                T::Error: ::std::fmt::Display,
            {
                self.cpus =
                    value.try_into().map_err(|e| format!("error converting supplied value for cpus: {e}"));
                self
            }
            pub fn crashes<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u32>,
                T::Error: ::std::fmt::Display,
            {
                self.crashes =
                    value.try_into().map_err(|e| format!("error converting supplied value for crashes: {e}"));
                self
            }
            pub fn created_at<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::chrono::DateTime<::chrono::offset::Utc>>,
                T::Error: ::std::fmt::Display,
            {
                self.created_at = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for created_at: {e}"));
                self
            }
            pub fn description<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.description = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for description: {e}"));
                self
            }
            pub fn disks<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::vec::Vec<super::InstanceDisk>>,
                T::Error: ::std::fmt::Display,
            {
                self.disks =
                    value.try_into().map_err(|e| format!("error converting supplied value for disks: {e}"));
                self
            }
            pub fn generation<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<i64>,
                T::Error: ::std::fmt::Display,
            {
                self.generation = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for generation: {e}"));
                self
            }
            pub fn id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::ids::InstanceUuid>,
                T::Error: ::std::fmt::Display,
            {
                self.id =
                    value.try_into().map_err(|e| format!("error converting supplied value for id: {e}"));
                self
            }
            pub fn image_id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::berth_common::ids::ImageUuid>>,
                T::Error: ::std::fmt::Display,
            {
                self.image_id = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for image_id: {e}"));
                self
            }
            pub fn intent<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::instance::Intent>,
                T::Error: ::std::fmt::Display,
            {
                self.intent =
                    value.try_into().map_err(|e| format!("error converting supplied value for intent: {e}"));
                self
            }
            pub fn last_end<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<super::VmmEnd>>,
                T::Error: ::std::fmt::Display,
            {
                self.last_end = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for last_end: {e}"));
                self
            }
            pub fn memory_mib<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u32>,
                T::Error: ::std::fmt::Display,
            {
                self.memory_mib = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for memory_mib: {e}"));
                self
            }
            pub fn name<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::Name>,
                T::Error: ::std::fmt::Display,
            {
                self.name =
                    value.try_into().map_err(|e| format!("error converting supplied value for name: {e}"));
                self
            }
            pub fn nics<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::vec::Vec<super::Nic>>,
                T::Error: ::std::fmt::Display,
            {
                self.nics =
                    value.try_into().map_err(|e| format!("error converting supplied value for nics: {e}"));
                self
            }
            pub fn observed_at<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>>,
                T::Error: ::std::fmt::Display,
            {
                self.observed_at = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for observed_at: {e}"));
                self
            }
            pub fn operation<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<super::Operation>>,
                T::Error: ::std::fmt::Display,
            {
                self.operation = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for operation: {e}"));
                self
            }
            pub fn project_id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::ids::ProjectUuid>,
                T::Error: ::std::fmt::Display,
            {
                self.project_id = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for project_id: {e}"));
                self
            }
            pub fn rest<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::instance::Rest>,
                T::Error: ::std::fmt::Display,
            {
                self.rest =
                    value.try_into().map_err(|e| format!("error converting supplied value for rest: {e}"));
                self
            }
            pub fn restart_at<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>>,
                T::Error: ::std::fmt::Display,
            {
                self.restart_at = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for restart_at: {e}"));
                self
            }
            pub fn restart_policy<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::instance::RestartPolicy>,
                T::Error: ::std::fmt::Display,
            {
                self.restart_policy = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for restart_policy: {e}"));
                self
            }
            pub fn sled<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<super::InstanceSled>>,
                T::Error: ::std::fmt::Display,
            {
                self.sled =
                    value.try_into().map_err(|e| format!("error converting supplied value for sled: {e}"));
                self
            }
            pub fn state<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::instance::ShownState>,
                T::Error: ::std::fmt::Display,
            {
                self.state =
                    value.try_into().map_err(|e| format!("error converting supplied value for state: {e}"));
                self
            }
            pub fn state_age_ms<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<u64>>,
                T::Error: ::std::fmt::Display,
            {
                self.state_age_ms = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for state_age_ms: {e}"));
                self
            }
            pub fn stop_grace_s<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u64>,
                T::Error: ::std::fmt::Display,
            {
                self.stop_grace_s = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for stop_grace_s: {e}"));
                self
            }
            pub fn stop_priority<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u32>,
                T::Error: ::std::fmt::Display,
            {
                self.stop_priority = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for stop_priority: {e}"));
                self
            }
            pub fn vmm<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<super::Vmm>>,
                T::Error: ::std::fmt::Display,
            {
                self.vmm =
                    value.try_into().map_err(|e| format!("error converting supplied value for vmm: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<Instance> for super::Instance {
            type Error = super::error::ConversionError;
            fn try_from(value: Instance) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    command_line: value.command_line?,
                    cpus: value.cpus?,
                    crashes: value.crashes?,
                    created_at: value.created_at?,
                    description: value.description?,
                    disks: value.disks?,
                    generation: value.generation?,
                    id: value.id?,
                    image_id: value.image_id?,
                    intent: value.intent?,
                    last_end: value.last_end?,
                    memory_mib: value.memory_mib?,
                    name: value.name?,
                    nics: value.nics?,
                    observed_at: value.observed_at?,
                    operation: value.operation?,
                    project_id: value.project_id?,
                    rest: value.rest?,
                    restart_at: value.restart_at?,
                    restart_policy: value.restart_policy?,
                    sled: value.sled?,
                    state: value.state?,
                    state_age_ms: value.state_age_ms?,
                    stop_grace_s: value.stop_grace_s?,
                    stop_priority: value.stop_priority?,
                    vmm: value.vmm?,
                })
            }
        }
        impl ::std::convert::From<super::Instance> for Instance {
            fn from(value: super::Instance) -> Self {
                Self {
                    command_line: Ok(value.command_line),
                    cpus: Ok(value.cpus),
                    crashes: Ok(value.crashes),
                    created_at: Ok(value.created_at),
                    description: Ok(value.description),
                    disks: Ok(value.disks),
                    generation: Ok(value.generation),
                    id: Ok(value.id),
                    image_id: Ok(value.image_id),
                    intent: Ok(value.intent),
                    last_end: Ok(value.last_end),
                    memory_mib: Ok(value.memory_mib),
                    name: Ok(value.name),
                    nics: Ok(value.nics),
                    observed_at: Ok(value.observed_at),
                    operation: Ok(value.operation),
                    project_id: Ok(value.project_id),
                    rest: Ok(value.rest),
                    restart_at: Ok(value.restart_at),
                    restart_policy: Ok(value.restart_policy),
                    sled: Ok(value.sled),
                    state: Ok(value.state),
                    state_age_ms: Ok(value.state_age_ms),
                    stop_grace_s: Ok(value.stop_grace_s),
                    stop_priority: Ok(value.stop_priority),
                    vmm: Ok(value.vmm),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct InstanceCreate {
            command_line: ::std::result::Result<::std::string::String, ::std::string::String>,
            cpus: ::std::result::Result<u32, ::std::string::String>,
            description: ::std::result::Result<::std::string::String, ::std::string::String>,
            disks: ::std::result::Result<::std::vec::Vec<::std::string::String>, ::std::string::String>,
            image: ::std::result::Result<::std::option::Option<::std::string::String>, ::std::string::String>,
            memory_mib: ::std::result::Result<u32, ::std::string::String>,
            name: ::std::result::Result<::berth_common::Name, ::std::string::String>,
            nics: ::std::result::Result<u32, ::std::string::String>,
            restart_policy: ::std::result::Result<
                ::std::option::Option<::berth_common::instance::RestartPolicy>,
                ::std::string::String,
            >,
            start: ::std::result::Result<bool, ::std::string::String>,
            stop_grace_s: ::std::result::Result<::std::option::Option<u64>, ::std::string::String>,
            stop_priority: ::std::result::Result<::std::option::Option<u32>, ::std::string::String>,
        }
        impl ::std::default::Default for InstanceCreate {
            fn default() -> Self {
                Self {
                    command_line: Ok(Default::default()),
                    cpus: Err("no value supplied for cpus".to_string()),
                    description: Ok(Default::default()),
                    disks: Ok(Default::default()),
                    image: Ok(Default::default()),
                    memory_mib: Err("no value supplied for memory_mib".to_string()),
                    name: Err("no value supplied for name".to_string()),
                    nics: Ok(Default::default()),
                    restart_policy: Ok(Default::default()),
                    start: Ok(Default::default()),
                    stop_grace_s: Ok(Default::default()),
                    stop_priority: Ok(Default::default()),
                }
            }
        }
        impl InstanceCreate {
            pub fn command_line<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.command_line = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for command_line: {e}"));
                self
            }
            pub fn cpus<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u32>,
                T::Error: ::std::fmt::Display,
            {
                self.cpus =
                    value.try_into().map_err(|e| format!("error converting supplied value for cpus: {e}"));
                self
            }
            pub fn description<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.description = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for description: {e}"));
                self
            }
            pub fn disks<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::vec::Vec<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.disks =
                    value.try_into().map_err(|e| format!("error converting supplied value for disks: {e}"));
                self
            }
            pub fn image<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.image =
                    value.try_into().map_err(|e| format!("error converting supplied value for image: {e}"));
                self
            }
            pub fn memory_mib<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u32>,
                T::Error: ::std::fmt::Display,
            {
                self.memory_mib = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for memory_mib: {e}"));
                self
            }
            pub fn name<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::Name>,
                T::Error: ::std::fmt::Display,
            {
                self.name =
                    value.try_into().map_err(|e| format!("error converting supplied value for name: {e}"));
                self
            }
            pub fn nics<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u32>,
                T::Error: ::std::fmt::Display,
            {
                self.nics =
                    value.try_into().map_err(|e| format!("error converting supplied value for nics: {e}"));
                self
            }
            pub fn restart_policy<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::berth_common::instance::RestartPolicy>>,
                T::Error: ::std::fmt::Display,
            {
                self.restart_policy = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for restart_policy: {e}"));
                self
            }
            pub fn start<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<bool>,
                T::Error: ::std::fmt::Display,
            {
                self.start =
                    value.try_into().map_err(|e| format!("error converting supplied value for start: {e}"));
                self
            }
            pub fn stop_grace_s<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<u64>>,
                T::Error: ::std::fmt::Display,
            {
                self.stop_grace_s = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for stop_grace_s: {e}"));
                self
            }
            pub fn stop_priority<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<u32>>,
                T::Error: ::std::fmt::Display,
            {
                self.stop_priority = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for stop_priority: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<InstanceCreate> for super::InstanceCreate {
            type Error = super::error::ConversionError;
            fn try_from(value: InstanceCreate) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    command_line: value.command_line?,
                    cpus: value.cpus?,
                    description: value.description?,
                    disks: value.disks?,
                    image: value.image?,
                    memory_mib: value.memory_mib?,
                    name: value.name?,
                    nics: value.nics?,
                    restart_policy: value.restart_policy?,
                    start: value.start?,
                    stop_grace_s: value.stop_grace_s?,
                    stop_priority: value.stop_priority?,
                })
            }
        }
        impl ::std::convert::From<super::InstanceCreate> for InstanceCreate {
            fn from(value: super::InstanceCreate) -> Self {
                Self {
                    command_line: Ok(value.command_line),
                    cpus: Ok(value.cpus),
                    description: Ok(value.description),
                    disks: Ok(value.disks),
                    image: Ok(value.image),
                    memory_mib: Ok(value.memory_mib),
                    name: Ok(value.name),
                    nics: Ok(value.nics),
                    restart_policy: Ok(value.restart_policy),
                    start: Ok(value.start),
                    stop_grace_s: Ok(value.stop_grace_s),
                    stop_priority: Ok(value.stop_priority),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct InstanceDisk {
            id: ::std::result::Result<::berth_common::ids::DiskUuid, ::std::string::String>,
            name: ::std::result::Result<::berth_common::Name, ::std::string::String>,
            slot: ::std::result::Result<u32, ::std::string::String>,
        }
        impl ::std::default::Default for InstanceDisk {
            fn default() -> Self {
                Self {
                    id: Err("no value supplied for id".to_string()),
                    name: Err("no value supplied for name".to_string()),
                    slot: Err("no value supplied for slot".to_string()),
                }
            }
        }
        impl InstanceDisk {
            pub fn id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::ids::DiskUuid>,
                T::Error: ::std::fmt::Display,
            {
                self.id =
                    value.try_into().map_err(|e| format!("error converting supplied value for id: {e}"));
                self
            }
            pub fn name<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::Name>,
                T::Error: ::std::fmt::Display,
            {
                self.name =
                    value.try_into().map_err(|e| format!("error converting supplied value for name: {e}"));
                self
            }
            pub fn slot<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u32>,
                T::Error: ::std::fmt::Display,
            {
                self.slot =
                    value.try_into().map_err(|e| format!("error converting supplied value for slot: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<InstanceDisk> for super::InstanceDisk {
            type Error = super::error::ConversionError;
            fn try_from(value: InstanceDisk) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { id: value.id?, name: value.name?, slot: value.slot? })
            }
        }
        impl ::std::convert::From<super::InstanceDisk> for InstanceDisk {
            fn from(value: super::InstanceDisk) -> Self {
                Self { id: Ok(value.id), name: Ok(value.name), slot: Ok(value.slot) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct InstanceExplanation {
            follow_up:
                ::std::result::Result<::std::option::Option<::std::string::String>, ::std::string::String>,
            instance: ::std::result::Result<super::Instance, ::std::string::String>,
            lock: ::std::result::Result<::std::option::Option<super::LockHolder>, ::std::string::String>,
            migration: ::std::result::Result<::std::option::Option<super::Migration>, ::std::string::String>,
            placement: ::std::result::Result<::std::option::Option<super::Event>, ::std::string::String>,
            recent: ::std::result::Result<::std::vec::Vec<super::Event>, ::std::string::String>,
            summary: ::std::result::Result<::std::string::String, ::std::string::String>,
            waiting: ::std::result::Result<::std::vec::Vec<super::Waiting>, ::std::string::String>,
        }
        impl ::std::default::Default for InstanceExplanation {
            fn default() -> Self {
                Self {
                    follow_up: Ok(Default::default()),
                    instance: Err("no value supplied for instance".to_string()),
                    lock: Ok(Default::default()),
                    migration: Ok(Default::default()),
                    placement: Ok(Default::default()),
                    recent: Err("no value supplied for recent".to_string()),
                    summary: Err("no value supplied for summary".to_string()),
                    waiting: Err("no value supplied for waiting".to_string()),
                }
            }
        }
        impl InstanceExplanation {
            pub fn follow_up<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.follow_up = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for follow_up: {e}"));
                self
            }
            pub fn instance<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<super::Instance>,
                T::Error: ::std::fmt::Display,
            {
                self.instance = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for instance: {e}"));
                self
            }
            pub fn lock<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<super::LockHolder>>,
                T::Error: ::std::fmt::Display,
            {
                self.lock =
                    value.try_into().map_err(|e| format!("error converting supplied value for lock: {e}"));
                self
            }
            pub fn migration<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<super::Migration>>,
                T::Error: ::std::fmt::Display,
            {
                self.migration = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for migration: {e}"));
                self
            }
            pub fn placement<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<super::Event>>,
                T::Error: ::std::fmt::Display,
            {
                self.placement = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for placement: {e}"));
                self
            }
            pub fn recent<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::vec::Vec<super::Event>>,
                T::Error: ::std::fmt::Display,
            {
                self.recent =
                    value.try_into().map_err(|e| format!("error converting supplied value for recent: {e}"));
                self
            }
            pub fn summary<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.summary =
                    value.try_into().map_err(|e| format!("error converting supplied value for summary: {e}"));
                self
            }
            pub fn waiting<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::vec::Vec<super::Waiting>>,
                T::Error: ::std::fmt::Display,
            {
                self.waiting =
                    value.try_into().map_err(|e| format!("error converting supplied value for waiting: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<InstanceExplanation> for super::InstanceExplanation {
            type Error = super::error::ConversionError;
            fn try_from(
                value: InstanceExplanation,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    follow_up: value.follow_up?,
                    instance: value.instance?,
                    lock: value.lock?,
                    migration: value.migration?,
                    placement: value.placement?,
                    recent: value.recent?,
                    summary: value.summary?,
                    waiting: value.waiting?,
                })
            }
        }
        impl ::std::convert::From<super::InstanceExplanation> for InstanceExplanation {
            fn from(value: super::InstanceExplanation) -> Self {
                Self {
                    follow_up: Ok(value.follow_up),
                    instance: Ok(value.instance),
                    lock: Ok(value.lock),
                    migration: Ok(value.migration),
                    placement: Ok(value.placement),
                    recent: Ok(value.recent),
                    summary: Ok(value.summary),
                    waiting: Ok(value.waiting),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct InstanceForceStop {
            assume_dead: ::std::result::Result<::std::vec::Vec<::berth_common::Name>, ::std::string::String>,
        }
        impl ::std::default::Default for InstanceForceStop {
            fn default() -> Self {
                Self { assume_dead: Ok(Default::default()) }
            }
        }
        impl InstanceForceStop {
            pub fn assume_dead<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::vec::Vec<::berth_common::Name>>,
                T::Error: ::std::fmt::Display,
            {
                self.assume_dead = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for assume_dead: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<InstanceForceStop> for super::InstanceForceStop {
            type Error = super::error::ConversionError;
            fn try_from(
                value: InstanceForceStop,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { assume_dead: value.assume_dead? })
            }
        }
        impl ::std::convert::From<super::InstanceForceStop> for InstanceForceStop {
            fn from(value: super::InstanceForceStop) -> Self {
                Self { assume_dead: Ok(value.assume_dead) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct InstanceMigrate {
            deadline_s: ::std::result::Result<::std::option::Option<u64>, ::std::string::String>,
            downtime_limit_ms: ::std::result::Result<::std::option::Option<u64>, ::std::string::String>,
            to: ::std::result::Result<::std::option::Option<::std::string::String>, ::std::string::String>,
        }
        impl ::std::default::Default for InstanceMigrate {
            fn default() -> Self {
                Self {
                    deadline_s: Ok(Default::default()),
                    downtime_limit_ms: Ok(Default::default()),
                    to: Ok(Default::default()),
                }
            }
        }
        impl InstanceMigrate {
            pub fn deadline_s<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<u64>>,
                T::Error: ::std::fmt::Display,
            {
                self.deadline_s = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for deadline_s: {e}"));
                self
            }
            pub fn downtime_limit_ms<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<u64>>,
                T::Error: ::std::fmt::Display,
            {
                self.downtime_limit_ms = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for downtime_limit_ms: {e}"));
                self
            }
            pub fn to<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.to =
                    value.try_into().map_err(|e| format!("error converting supplied value for to: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<InstanceMigrate> for super::InstanceMigrate {
            type Error = super::error::ConversionError;
            fn try_from(
                value: InstanceMigrate,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    deadline_s: value.deadline_s?,
                    downtime_limit_ms: value.downtime_limit_ms?,
                    to: value.to?,
                })
            }
        }
        impl ::std::convert::From<super::InstanceMigrate> for InstanceMigrate {
            fn from(value: super::InstanceMigrate) -> Self {
                Self {
                    deadline_s: Ok(value.deadline_s),
                    downtime_limit_ms: Ok(value.downtime_limit_ms),
                    to: Ok(value.to),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct InstancePage {
            items: ::std::result::Result<::std::vec::Vec<super::Instance>, ::std::string::String>,
            next_page:
                ::std::result::Result<::std::option::Option<::std::string::String>, ::std::string::String>,
        }
        impl ::std::default::Default for InstancePage {
            fn default() -> Self {
                Self {
                    items: Err("no value supplied for items".to_string()),
                    next_page: Ok(Default::default()),
                }
            }
        }
        impl InstancePage {
            pub fn items<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::vec::Vec<super::Instance>>,
                T::Error: ::std::fmt::Display,
            {
                self.items =
                    value.try_into().map_err(|e| format!("error converting supplied value for items: {e}"));
                self
            }
            pub fn next_page<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.next_page = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for next_page: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<InstancePage> for super::InstancePage {
            type Error = super::error::ConversionError;
            fn try_from(value: InstancePage) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { items: value.items?, next_page: value.next_page? })
            }
        }
        impl ::std::convert::From<super::InstancePage> for InstancePage {
            fn from(value: super::InstancePage) -> Self {
                Self { items: Ok(value.items), next_page: Ok(value.next_page) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct InstanceReboot {
            grace_s: ::std::result::Result<::std::option::Option<u64>, ::std::string::String>,
            mode: ::std::result::Result<::berth_common::reboot::RebootKind, ::std::string::String>,
        }
        impl ::std::default::Default for InstanceReboot {
            fn default() -> Self {
                Self { grace_s: Ok(Default::default()), mode: Err("no value supplied for mode".to_string()) }
            }
        }
        impl InstanceReboot {
            pub fn grace_s<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<u64>>,
                T::Error: ::std::fmt::Display,
            {
                self.grace_s =
                    value.try_into().map_err(|e| format!("error converting supplied value for grace_s: {e}"));
                self
            }
            pub fn mode<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::reboot::RebootKind>,
                T::Error: ::std::fmt::Display,
            {
                self.mode =
                    value.try_into().map_err(|e| format!("error converting supplied value for mode: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<InstanceReboot> for super::InstanceReboot {
            type Error = super::error::ConversionError;
            fn try_from(value: InstanceReboot) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { grace_s: value.grace_s?, mode: value.mode? })
            }
        }
        impl ::std::convert::From<super::InstanceReboot> for InstanceReboot {
            fn from(value: super::InstanceReboot) -> Self {
                Self { grace_s: Ok(value.grace_s), mode: Ok(value.mode) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct InstanceSled {
            id: ::std::result::Result<::berth_common::ids::SledUuid, ::std::string::String>,
            name: ::std::result::Result<::berth_common::Name, ::std::string::String>,
        }
        impl ::std::default::Default for InstanceSled {
            fn default() -> Self {
                Self {
                    id: Err("no value supplied for id".to_string()),
                    name: Err("no value supplied for name".to_string()),
                }
            }
        }
        impl InstanceSled {
            pub fn id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::ids::SledUuid>,
                T::Error: ::std::fmt::Display,
            {
                self.id =
                    value.try_into().map_err(|e| format!("error converting supplied value for id: {e}"));
                self
            }
            pub fn name<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::Name>,
                T::Error: ::std::fmt::Display,
            {
                self.name =
                    value.try_into().map_err(|e| format!("error converting supplied value for name: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<InstanceSled> for super::InstanceSled {
            type Error = super::error::ConversionError;
            fn try_from(value: InstanceSled) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { id: value.id?, name: value.name? })
            }
        }
        impl ::std::convert::From<super::InstanceSled> for InstanceSled {
            fn from(value: super::InstanceSled) -> Self {
                Self { id: Ok(value.id), name: Ok(value.name) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct InstanceStop {
            force: ::std::result::Result<::std::option::Option<bool>, ::std::string::String>,
            grace_s: ::std::result::Result<::std::option::Option<u64>, ::std::string::String>,
        }
        impl ::std::default::Default for InstanceStop {
            fn default() -> Self {
                Self { force: Ok(Default::default()), grace_s: Ok(Default::default()) }
            }
        }
        impl InstanceStop {
            pub fn force<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<bool>>,
                T::Error: ::std::fmt::Display,
            {
                self.force =
                    value.try_into().map_err(|e| format!("error converting supplied value for force: {e}"));
                self
            }
            pub fn grace_s<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<u64>>,
                T::Error: ::std::fmt::Display,
            {
                self.grace_s =
                    value.try_into().map_err(|e| format!("error converting supplied value for grace_s: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<InstanceStop> for super::InstanceStop {
            type Error = super::error::ConversionError;
            fn try_from(value: InstanceStop) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { force: value.force?, grace_s: value.grace_s? })
            }
        }
        impl ::std::convert::From<super::InstanceStop> for InstanceStop {
            fn from(value: super::InstanceStop) -> Self {
                Self { force: Ok(value.force), grace_s: Ok(value.grace_s) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct InstanceUpdate {
            command_line:
                ::std::result::Result<::std::option::Option<::std::string::String>, ::std::string::String>,
            cpus: ::std::result::Result<::std::option::Option<u32>, ::std::string::String>,
            description:
                ::std::result::Result<::std::option::Option<::std::string::String>, ::std::string::String>,
            image: ::std::result::Result<::std::option::Option<::std::string::String>, ::std::string::String>,
            memory_mib: ::std::result::Result<::std::option::Option<u32>, ::std::string::String>,
            name: ::std::result::Result<::std::option::Option<::berth_common::Name>, ::std::string::String>,
            restart_policy: ::std::result::Result<
                ::std::option::Option<::berth_common::instance::RestartPolicy>,
                ::std::string::String,
            >,
            stop_grace_s: ::std::result::Result<::std::option::Option<u64>, ::std::string::String>,
            stop_priority: ::std::result::Result<::std::option::Option<u32>, ::std::string::String>,
        }
        impl ::std::default::Default for InstanceUpdate {
            fn default() -> Self {
                Self {
                    command_line: Ok(Default::default()),
                    cpus: Ok(Default::default()),
                    description: Ok(Default::default()),
                    image: Ok(Default::default()),
                    memory_mib: Ok(Default::default()),
                    name: Ok(Default::default()),
                    restart_policy: Ok(Default::default()),
                    stop_grace_s: Ok(Default::default()),
                    stop_priority: Ok(Default::default()),
                }
            }
        }
        impl InstanceUpdate {
            pub fn command_line<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.command_line = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for command_line: {e}"));
                self
            }
            pub fn cpus<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<u32>>,
                T::Error: ::std::fmt::Display,
            {
                self.cpus =
                    value.try_into().map_err(|e| format!("error converting supplied value for cpus: {e}"));
                self
            }
            pub fn description<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.description = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for description: {e}"));
                self
            }
            pub fn image<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.image =
                    value.try_into().map_err(|e| format!("error converting supplied value for image: {e}"));
                self
            }
            pub fn memory_mib<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<u32>>,
                T::Error: ::std::fmt::Display,
            {
                self.memory_mib = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for memory_mib: {e}"));
                self
            }
            pub fn name<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::berth_common::Name>>,
                T::Error: ::std::fmt::Display,
            {
                self.name =
                    value.try_into().map_err(|e| format!("error converting supplied value for name: {e}"));
                self
            }
            pub fn restart_policy<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::berth_common::instance::RestartPolicy>>,
                T::Error: ::std::fmt::Display,
            {
                self.restart_policy = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for restart_policy: {e}"));
                self
            }
            pub fn stop_grace_s<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<u64>>,
                T::Error: ::std::fmt::Display,
            {
                self.stop_grace_s = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for stop_grace_s: {e}"));
                self
            }
            pub fn stop_priority<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<u32>>,
                T::Error: ::std::fmt::Display,
            {
                self.stop_priority = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for stop_priority: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<InstanceUpdate> for super::InstanceUpdate {
            type Error = super::error::ConversionError;
            fn try_from(value: InstanceUpdate) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    command_line: value.command_line?,
                    cpus: value.cpus?,
                    description: value.description?,
                    image: value.image?,
                    memory_mib: value.memory_mib?,
                    name: value.name?,
                    restart_policy: value.restart_policy?,
                    stop_grace_s: value.stop_grace_s?,
                    stop_priority: value.stop_priority?,
                })
            }
        }
        impl ::std::convert::From<super::InstanceUpdate> for InstanceUpdate {
            fn from(value: super::InstanceUpdate) -> Self {
                Self {
                    command_line: Ok(value.command_line),
                    cpus: Ok(value.cpus),
                    description: Ok(value.description),
                    image: Ok(value.image),
                    memory_mib: Ok(value.memory_mib),
                    name: Ok(value.name),
                    restart_policy: Ok(value.restart_policy),
                    stop_grace_s: Ok(value.stop_grace_s),
                    stop_priority: Ok(value.stop_priority),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct JoinToken {
            created_at:
                ::std::result::Result<::chrono::DateTime<::chrono::offset::Utc>, ::std::string::String>,
            created_by: ::std::result::Result<::std::string::String, ::std::string::String>,
            expires_at:
                ::std::result::Result<::chrono::DateTime<::chrono::offset::Utc>, ::std::string::String>,
            id: ::std::result::Result<::berth_common::ids::JoinTokenUuid, ::std::string::String>,
            sled_id: ::std::result::Result<
                ::std::option::Option<::berth_common::ids::SledUuid>,
                ::std::string::String,
            >,
        }
        impl ::std::default::Default for JoinToken {
            fn default() -> Self {
                Self {
                    created_at: Err("no value supplied for created_at".to_string()),
                    created_by: Err("no value supplied for created_by".to_string()),
                    expires_at: Err("no value supplied for expires_at".to_string()),
                    id: Err("no value supplied for id".to_string()),
                    sled_id: Ok(Default::default()),
                }
            }
        }
        impl JoinToken {
            pub fn created_at<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::chrono::DateTime<::chrono::offset::Utc>>,
                T::Error: ::std::fmt::Display,
            {
                self.created_at = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for created_at: {e}"));
                self
            }
            pub fn created_by<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.created_by = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for created_by: {e}"));
                self
            }
            pub fn expires_at<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::chrono::DateTime<::chrono::offset::Utc>>,
                T::Error: ::std::fmt::Display,
            {
                self.expires_at = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for expires_at: {e}"));
                self
            }
            pub fn id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::ids::JoinTokenUuid>,
                T::Error: ::std::fmt::Display,
            {
                self.id =
                    value.try_into().map_err(|e| format!("error converting supplied value for id: {e}"));
                self
            }
            pub fn sled_id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::berth_common::ids::SledUuid>>,
                T::Error: ::std::fmt::Display,
            {
                self.sled_id =
                    value.try_into().map_err(|e| format!("error converting supplied value for sled_id: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<JoinToken> for super::JoinToken {
            type Error = super::error::ConversionError;
            fn try_from(value: JoinToken) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    created_at: value.created_at?,
                    created_by: value.created_by?,
                    expires_at: value.expires_at?,
                    id: value.id?,
                    sled_id: value.sled_id?,
                })
            }
        }
        impl ::std::convert::From<super::JoinToken> for JoinToken {
            fn from(value: super::JoinToken) -> Self {
                Self {
                    created_at: Ok(value.created_at),
                    created_by: Ok(value.created_by),
                    expires_at: Ok(value.expires_at),
                    id: Ok(value.id),
                    sled_id: Ok(value.sled_id),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct JoinTokenCreate {
            expires_in_s: ::std::result::Result<::std::option::Option<u64>, ::std::string::String>,
        }
        impl ::std::default::Default for JoinTokenCreate {
            fn default() -> Self {
                Self { expires_in_s: Ok(Default::default()) }
            }
        }
        impl JoinTokenCreate {
            pub fn expires_in_s<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<u64>>,
                T::Error: ::std::fmt::Display,
            {
                self.expires_in_s = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for expires_in_s: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<JoinTokenCreate> for super::JoinTokenCreate {
            type Error = super::error::ConversionError;
            fn try_from(
                value: JoinTokenCreate,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { expires_in_s: value.expires_in_s? })
            }
        }
        impl ::std::convert::From<super::JoinTokenCreate> for JoinTokenCreate {
            fn from(value: super::JoinTokenCreate) -> Self {
                Self { expires_in_s: Ok(value.expires_in_s) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct JoinTokenMade {
            ca_pem: ::std::result::Result<::std::string::String, ::std::string::String>,
            join_token: ::std::result::Result<super::JoinToken, ::std::string::String>,
            secret: ::std::result::Result<::std::string::String, ::std::string::String>,
        }
        impl ::std::default::Default for JoinTokenMade {
            fn default() -> Self {
                Self {
                    ca_pem: Err("no value supplied for ca_pem".to_string()),
                    join_token: Err("no value supplied for join_token".to_string()),
                    secret: Err("no value supplied for secret".to_string()),
                }
            }
        }
        impl JoinTokenMade {
            pub fn ca_pem<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.ca_pem =
                    value.try_into().map_err(|e| format!("error converting supplied value for ca_pem: {e}"));
                self
            }
            pub fn join_token<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<super::JoinToken>,
                T::Error: ::std::fmt::Display,
            {
                self.join_token = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for join_token: {e}"));
                self
            }
            pub fn secret<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.secret =
                    value.try_into().map_err(|e| format!("error converting supplied value for secret: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<JoinTokenMade> for super::JoinTokenMade {
            type Error = super::error::ConversionError;
            fn try_from(value: JoinTokenMade) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { ca_pem: value.ca_pem?, join_token: value.join_token?, secret: value.secret? })
            }
        }
        impl ::std::convert::From<super::JoinTokenMade> for JoinTokenMade {
            fn from(value: super::JoinTokenMade) -> Self {
                Self { ca_pem: Ok(value.ca_pem), join_token: Ok(value.join_token), secret: Ok(value.secret) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct JoinTokenPage {
            items: ::std::result::Result<::std::vec::Vec<super::JoinToken>, ::std::string::String>,
            next_page:
                ::std::result::Result<::std::option::Option<::std::string::String>, ::std::string::String>,
        }
        impl ::std::default::Default for JoinTokenPage {
            fn default() -> Self {
                Self {
                    items: Err("no value supplied for items".to_string()),
                    next_page: Ok(Default::default()),
                }
            }
        }
        impl JoinTokenPage {
            pub fn items<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::vec::Vec<super::JoinToken>>,
                T::Error: ::std::fmt::Display,
            {
                self.items =
                    value.try_into().map_err(|e| format!("error converting supplied value for items: {e}"));
                self
            }
            pub fn next_page<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.next_page = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for next_page: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<JoinTokenPage> for super::JoinTokenPage {
            type Error = super::error::ConversionError;
            fn try_from(value: JoinTokenPage) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { items: value.items?, next_page: value.next_page? })
            }
        }
        impl ::std::convert::From<super::JoinTokenPage> for JoinTokenPage {
            fn from(value: super::JoinTokenPage) -> Self {
                Self { items: Ok(value.items), next_page: Ok(value.next_page) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct LockHolder {
            nexus_id: ::std::result::Result<::berth_common::ids::NexusUuid, ::std::string::String>,
            saga_id: ::std::result::Result<::berth_common::ids::SagaUuid, ::std::string::String>,
            since: ::std::result::Result<::chrono::DateTime<::chrono::offset::Utc>, ::std::string::String>,
        }
        impl ::std::default::Default for LockHolder {
            fn default() -> Self {
                Self {
                    nexus_id: Err("no value supplied for nexus_id".to_string()),
                    saga_id: Err("no value supplied for saga_id".to_string()),
                    since: Err("no value supplied for since".to_string()),
                }
            }
        }
        impl LockHolder {
            pub fn nexus_id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::ids::NexusUuid>,
                T::Error: ::std::fmt::Display,
            {
                self.nexus_id = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for nexus_id: {e}"));
                self
            }
            pub fn saga_id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::ids::SagaUuid>,
                T::Error: ::std::fmt::Display,
            {
                self.saga_id =
                    value.try_into().map_err(|e| format!("error converting supplied value for saga_id: {e}"));
                self
            }
            pub fn since<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::chrono::DateTime<::chrono::offset::Utc>>,
                T::Error: ::std::fmt::Display,
            {
                self.since =
                    value.try_into().map_err(|e| format!("error converting supplied value for since: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<LockHolder> for super::LockHolder {
            type Error = super::error::ConversionError;
            fn try_from(value: LockHolder) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { nexus_id: value.nexus_id?, saga_id: value.saga_id?, since: value.since? })
            }
        }
        impl ::std::convert::From<super::LockHolder> for LockHolder {
            fn from(value: super::LockHolder) -> Self {
                Self { nexus_id: Ok(value.nexus_id), saga_id: Ok(value.saga_id), since: Ok(value.since) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct Migration {
            detail:
                ::std::result::Result<::std::option::Option<::std::string::String>, ::std::string::String>,
            dirty_bytes_per_s: ::std::result::Result<u64, ::std::string::String>,
            downtime_ms: ::std::result::Result<::std::option::Option<u64>, ::std::string::String>,
            elapsed_ms: ::std::result::Result<u64, ::std::string::String>,
            from: ::std::result::Result<::std::string::String, ::std::string::String>,
            given_up:
                ::std::result::Result<::std::option::Option<::std::string::String>, ::std::string::String>,
            id: ::std::result::Result<::berth_common::ids::MigrationUuid, ::std::string::String>,
            left_ms: ::std::result::Result<::std::option::Option<u64>, ::std::string::String>,
            outcome: ::std::result::Result<
                ::std::option::Option<::berth_common::migration::MigrationOutcome>,
                ::std::string::String,
            >,
            remaining_bytes: ::std::result::Result<u64, ::std::string::String>,
            sent_bytes: ::std::result::Result<u64, ::std::string::String>,
            source: ::std::result::Result<::berth_common::migration::MigrationHalf, ::std::string::String>,
            source_phase: ::std::result::Result<
                ::std::option::Option<::berth_common::migration::MigrationPhase>,
                ::std::string::String,
            >,
            target: ::std::result::Result<::berth_common::migration::MigrationHalf, ::std::string::String>,
            target_phase: ::std::result::Result<
                ::std::option::Option<::berth_common::migration::MigrationPhase>,
                ::std::string::String,
            >,
            throttle_percent: ::std::result::Result<u64, ::std::string::String>,
            to: ::std::result::Result<::std::string::String, ::std::string::String>,
            total_bytes: ::std::result::Result<u64, ::std::string::String>,
        }
        impl ::std::default::Default for Migration {
            fn default() -> Self {
                Self {
                    detail: Ok(Default::default()),
                    dirty_bytes_per_s: Err("no value supplied for dirty_bytes_per_s".to_string()),
                    downtime_ms: Ok(Default::default()),
                    elapsed_ms: Err("no value supplied for elapsed_ms".to_string()),
                    from: Err("no value supplied for from".to_string()),
                    given_up: Ok(Default::default()),
                    id: Err("no value supplied for id".to_string()),
                    left_ms: Ok(Default::default()),
                    outcome: Ok(Default::default()),
                    remaining_bytes: Err("no value supplied for remaining_bytes".to_string()),
                    sent_bytes: Err("no value supplied for sent_bytes".to_string()),
                    source: Err("no value supplied for source".to_string()),
                    source_phase: Ok(Default::default()),
                    target: Err("no value supplied for target".to_string()),
                    target_phase: Ok(Default::default()),
                    throttle_percent: Err("no value supplied for throttle_percent".to_string()),
                    to: Err("no value supplied for to".to_string()),
                    total_bytes: Err("no value supplied for total_bytes".to_string()),
                }
            }
        }
        impl Migration {
            pub fn detail<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.detail =
                    value.try_into().map_err(|e| format!("error converting supplied value for detail: {e}"));
                self
            }
            pub fn dirty_bytes_per_s<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u64>,
                T::Error: ::std::fmt::Display,
            {
                self.dirty_bytes_per_s = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for dirty_bytes_per_s: {e}"));
                self
            }
            pub fn downtime_ms<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<u64>>,
                T::Error: ::std::fmt::Display,
            {
                self.downtime_ms = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for downtime_ms: {e}"));
                self
            }
            pub fn elapsed_ms<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u64>,
                T::Error: ::std::fmt::Display,
            {
                self.elapsed_ms = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for elapsed_ms: {e}"));
                self
            }
            pub fn from<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.from =
                    value.try_into().map_err(|e| format!("error converting supplied value for from: {e}"));
                self
            }
            pub fn given_up<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.given_up = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for given_up: {e}"));
                self
            }
            pub fn id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::ids::MigrationUuid>,
                T::Error: ::std::fmt::Display,
            {
                self.id =
                    value.try_into().map_err(|e| format!("error converting supplied value for id: {e}"));
                self
            }
            pub fn left_ms<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<u64>>,
                T::Error: ::std::fmt::Display,
            {
                self.left_ms =
                    value.try_into().map_err(|e| format!("error converting supplied value for left_ms: {e}"));
                self
            }
            pub fn outcome<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<
                        ::std::option::Option<::berth_common::migration::MigrationOutcome>,
                    >,
                T::Error: ::std::fmt::Display,
            {
                self.outcome =
                    value.try_into().map_err(|e| format!("error converting supplied value for outcome: {e}"));
                self
            }
            pub fn remaining_bytes<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u64>,
                T::Error: ::std::fmt::Display,
            {
                self.remaining_bytes = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for remaining_bytes: {e}"));
                self
            }
            pub fn sent_bytes<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u64>,
                T::Error: ::std::fmt::Display,
            {
                self.sent_bytes = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for sent_bytes: {e}"));
                self
            }
            pub fn source<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::migration::MigrationHalf>,
                T::Error: ::std::fmt::Display,
            {
                self.source =
                    value.try_into().map_err(|e| format!("error converting supplied value for source: {e}"));
                self
            }
            pub fn source_phase<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::berth_common::migration::MigrationPhase>>,
                T::Error: ::std::fmt::Display,
            {
                self.source_phase = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for source_phase: {e}"));
                self
            }
            pub fn target<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::migration::MigrationHalf>,
                T::Error: ::std::fmt::Display,
            {
                self.target =
                    value.try_into().map_err(|e| format!("error converting supplied value for target: {e}"));
                self
            }
            pub fn target_phase<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::berth_common::migration::MigrationPhase>>,
                T::Error: ::std::fmt::Display,
            {
                self.target_phase = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for target_phase: {e}"));
                self
            }
            pub fn throttle_percent<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u64>,
                T::Error: ::std::fmt::Display,
            {
                self.throttle_percent = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for throttle_percent: {e}"));
                self
            }
            pub fn to<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.to =
                    value.try_into().map_err(|e| format!("error converting supplied value for to: {e}"));
                self
            }
            pub fn total_bytes<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u64>,
                T::Error: ::std::fmt::Display,
            {
                self.total_bytes = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for total_bytes: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<Migration> for super::Migration {
            type Error = super::error::ConversionError;
            fn try_from(value: Migration) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    detail: value.detail?,
                    dirty_bytes_per_s: value.dirty_bytes_per_s?,
                    downtime_ms: value.downtime_ms?,
                    elapsed_ms: value.elapsed_ms?,
                    from: value.from?,
                    given_up: value.given_up?,
                    id: value.id?,
                    left_ms: value.left_ms?,
                    outcome: value.outcome?,
                    remaining_bytes: value.remaining_bytes?,
                    sent_bytes: value.sent_bytes?,
                    source: value.source?,
                    source_phase: value.source_phase?,
                    target: value.target?,
                    target_phase: value.target_phase?,
                    throttle_percent: value.throttle_percent?,
                    to: value.to?,
                    total_bytes: value.total_bytes?,
                })
            }
        }
        impl ::std::convert::From<super::Migration> for Migration {
            fn from(value: super::Migration) -> Self {
                Self {
                    detail: Ok(value.detail),
                    dirty_bytes_per_s: Ok(value.dirty_bytes_per_s),
                    downtime_ms: Ok(value.downtime_ms),
                    elapsed_ms: Ok(value.elapsed_ms),
                    from: Ok(value.from),
                    given_up: Ok(value.given_up),
                    id: Ok(value.id),
                    left_ms: Ok(value.left_ms),
                    outcome: Ok(value.outcome),
                    remaining_bytes: Ok(value.remaining_bytes),
                    sent_bytes: Ok(value.sent_bytes),
                    source: Ok(value.source),
                    source_phase: Ok(value.source_phase),
                    target: Ok(value.target),
                    target_phase: Ok(value.target_phase),
                    throttle_percent: Ok(value.throttle_percent),
                    to: Ok(value.to),
                    total_bytes: Ok(value.total_bytes),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct NexusView {
            answering: ::std::result::Result<bool, ::std::string::String>,
            id: ::std::result::Result<::berth_common::ids::NexusUuid, ::std::string::String>,
            internal_address: ::std::result::Result<::std::string::String, ::std::string::String>,
            name: ::std::result::Result<::std::string::String, ::std::string::String>,
            public_address: ::std::result::Result<::std::string::String, ::std::string::String>,
            renewed_at:
                ::std::result::Result<::chrono::DateTime<::chrono::offset::Utc>, ::std::string::String>,
            started_at:
                ::std::result::Result<::chrono::DateTime<::chrono::offset::Utc>, ::std::string::String>,
            state: ::std::result::Result<::std::string::String, ::std::string::String>,
            version: ::std::result::Result<::std::string::String, ::std::string::String>,
        }
        impl ::std::default::Default for NexusView {
            fn default() -> Self {
                Self {
                    answering: Err("no value supplied for answering".to_string()),
                    id: Err("no value supplied for id".to_string()),
                    internal_address: Err("no value supplied for internal_address".to_string()),
                    name: Err("no value supplied for name".to_string()),
                    public_address: Err("no value supplied for public_address".to_string()),
                    renewed_at: Err("no value supplied for renewed_at".to_string()),
                    started_at: Err("no value supplied for started_at".to_string()),
                    state: Err("no value supplied for state".to_string()),
                    version: Err("no value supplied for version".to_string()),
                }
            }
        }
        impl NexusView {
            pub fn answering<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<bool>,
                T::Error: ::std::fmt::Display,
            {
                self.answering = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for answering: {e}"));
                self
            }
            pub fn id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::ids::NexusUuid>,
                T::Error: ::std::fmt::Display,
            {
                self.id =
                    value.try_into().map_err(|e| format!("error converting supplied value for id: {e}"));
                self
            }
            pub fn internal_address<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.internal_address = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for internal_address: {e}"));
                self
            }
            pub fn name<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.name =
                    value.try_into().map_err(|e| format!("error converting supplied value for name: {e}"));
                self
            }
            pub fn public_address<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.public_address = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for public_address: {e}"));
                self
            }
            pub fn renewed_at<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::chrono::DateTime<::chrono::offset::Utc>>,
                T::Error: ::std::fmt::Display,
            {
                self.renewed_at = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for renewed_at: {e}"));
                self
            }
            pub fn started_at<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::chrono::DateTime<::chrono::offset::Utc>>,
                T::Error: ::std::fmt::Display,
            {
                self.started_at = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for started_at: {e}"));
                self
            }
            pub fn state<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.state =
                    value.try_into().map_err(|e| format!("error converting supplied value for state: {e}"));
                self
            }
            pub fn version<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.version =
                    value.try_into().map_err(|e| format!("error converting supplied value for version: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<NexusView> for super::NexusView {
            type Error = super::error::ConversionError;
            fn try_from(value: NexusView) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    answering: value.answering?,
                    id: value.id?,
                    internal_address: value.internal_address?,
                    name: value.name?,
                    public_address: value.public_address?,
                    renewed_at: value.renewed_at?,
                    started_at: value.started_at?,
                    state: value.state?,
                    version: value.version?,
                })
            }
        }
        impl ::std::convert::From<super::NexusView> for NexusView {
            fn from(value: super::NexusView) -> Self {
                Self {
                    answering: Ok(value.answering),
                    id: Ok(value.id),
                    internal_address: Ok(value.internal_address),
                    name: Ok(value.name),
                    public_address: Ok(value.public_address),
                    renewed_at: Ok(value.renewed_at),
                    started_at: Ok(value.started_at),
                    state: Ok(value.state),
                    version: Ok(value.version),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct Nic {
            id: ::std::result::Result<::berth_common::ids::NicUuid, ::std::string::String>,
            mac: ::std::result::Result<::std::string::String, ::std::string::String>,
        }
        impl ::std::default::Default for Nic {
            fn default() -> Self {
                Self {
                    id: Err("no value supplied for id".to_string()),
                    mac: Err("no value supplied for mac".to_string()),
                }
            }
        }
        impl Nic {
            pub fn id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::ids::NicUuid>,
                T::Error: ::std::fmt::Display,
            {
                self.id =
                    value.try_into().map_err(|e| format!("error converting supplied value for id: {e}"));
                self
            }
            pub fn mac<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.mac =
                    value.try_into().map_err(|e| format!("error converting supplied value for mac: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<Nic> for super::Nic {
            type Error = super::error::ConversionError;
            fn try_from(value: Nic) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { id: value.id?, mac: value.mac? })
            }
        }
        impl ::std::convert::From<super::Nic> for Nic {
            fn from(value: super::Nic) -> Self {
                Self { id: Ok(value.id), mac: Ok(value.mac) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct Operation {
            actor: ::std::result::Result<::std::string::String, ::std::string::String>,
            cancellable: ::std::result::Result<bool, ::std::string::String>,
            cause: ::std::result::Result<::std::string::String, ::std::string::String>,
            created_at:
                ::std::result::Result<::chrono::DateTime<::chrono::offset::Utc>, ::std::string::String>,
            ended_at: ::std::result::Result<
                ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>,
                ::std::string::String,
            >,
            error: ::std::result::Result<::std::option::Option<super::OperationError>, ::std::string::String>,
            id: ::std::result::Result<::berth_common::ids::OperationUuid, ::std::string::String>,
            kind: ::std::result::Result<::berth_common::operation::OperationKind, ::std::string::String>,
            parent: ::std::result::Result<
                ::std::option::Option<::berth_common::ids::OperationUuid>,
                ::std::string::String,
            >,
            progress: ::std::result::Result<super::Progress, ::std::string::String>,
            project_id: ::std::result::Result<
                ::std::option::Option<::berth_common::ids::ProjectUuid>,
                ::std::string::String,
            >,
            state: ::std::result::Result<::berth_common::operation::OperationState, ::std::string::String>,
            subject: ::std::result::Result<super::Subject, ::std::string::String>,
            updated_at:
                ::std::result::Result<::chrono::DateTime<::chrono::offset::Utc>, ::std::string::String>,
            waiting_for:
                ::std::result::Result<::std::option::Option<::std::string::String>, ::std::string::String>,
        }
        impl ::std::default::Default for Operation {
            fn default() -> Self {
                Self {
                    actor: Err("no value supplied for actor".to_string()),
                    cancellable: Err("no value supplied for cancellable".to_string()),
                    cause: Err("no value supplied for cause".to_string()),
                    created_at: Err("no value supplied for created_at".to_string()),
                    ended_at: Ok(Default::default()),
                    error: Ok(Default::default()),
                    id: Err("no value supplied for id".to_string()),
                    kind: Err("no value supplied for kind".to_string()),
                    parent: Ok(Default::default()),
                    progress: Err("no value supplied for progress".to_string()),
                    project_id: Ok(Default::default()),
                    state: Err("no value supplied for state".to_string()),
                    subject: Err("no value supplied for subject".to_string()),
                    updated_at: Err("no value supplied for updated_at".to_string()),
                    waiting_for: Ok(Default::default()),
                }
            }
        }
        impl Operation {
            pub fn actor<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.actor =
                    value.try_into().map_err(|e| format!("error converting supplied value for actor: {e}"));
                self
            }
            pub fn cancellable<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<bool>,
                T::Error: ::std::fmt::Display,
            {
                self.cancellable = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for cancellable: {e}"));
                self
            }
            pub fn cause<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.cause =
                    value.try_into().map_err(|e| format!("error converting supplied value for cause: {e}"));
                self
            }
            pub fn created_at<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::chrono::DateTime<::chrono::offset::Utc>>,
                T::Error: ::std::fmt::Display,
            {
                self.created_at = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for created_at: {e}"));
                self
            }
            pub fn ended_at<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>>,
                T::Error: ::std::fmt::Display,
            {
                self.ended_at = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for ended_at: {e}"));
                self
            }
            pub fn error<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<super::OperationError>>,
                T::Error: ::std::fmt::Display,
            {
                self.error =
                    value.try_into().map_err(|e| format!("error converting supplied value for error: {e}"));
                self
            }
            pub fn id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::ids::OperationUuid>,
                T::Error: ::std::fmt::Display,
            {
                self.id =
                    value.try_into().map_err(|e| format!("error converting supplied value for id: {e}"));
                self
            }
            pub fn kind<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::operation::OperationKind>,
                T::Error: ::std::fmt::Display,
            {
                self.kind =
                    value.try_into().map_err(|e| format!("error converting supplied value for kind: {e}"));
                self
            }
            pub fn parent<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::berth_common::ids::OperationUuid>>,
                T::Error: ::std::fmt::Display,
            {
                self.parent =
                    value.try_into().map_err(|e| format!("error converting supplied value for parent: {e}"));
                self
            }
            pub fn progress<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<super::Progress>,
                T::Error: ::std::fmt::Display,
            {
                self.progress = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for progress: {e}"));
                self
            }
            pub fn project_id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::berth_common::ids::ProjectUuid>>,
                T::Error: ::std::fmt::Display,
            {
                self.project_id = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for project_id: {e}"));
                self
            }
            pub fn state<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::operation::OperationState>,
                T::Error: ::std::fmt::Display,
            {
                self.state =
                    value.try_into().map_err(|e| format!("error converting supplied value for state: {e}"));
                self
            }
            pub fn subject<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<super::Subject>,
                T::Error: ::std::fmt::Display,
            {
                self.subject =
                    value.try_into().map_err(|e| format!("error converting supplied value for subject: {e}"));
                self
            }
            pub fn updated_at<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::chrono::DateTime<::chrono::offset::Utc>>,
                T::Error: ::std::fmt::Display,
            {
                self.updated_at = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for updated_at: {e}"));
                self
            }
            pub fn waiting_for<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.waiting_for = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for waiting_for: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<Operation> for super::Operation {
            type Error = super::error::ConversionError;
            fn try_from(value: Operation) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    actor: value.actor?,
                    cancellable: value.cancellable?,
                    cause: value.cause?,
                    created_at: value.created_at?,
                    ended_at: value.ended_at?,
                    error: value.error?,
                    id: value.id?,
                    kind: value.kind?,
                    parent: value.parent?,
                    progress: value.progress?,
                    project_id: value.project_id?,
                    state: value.state?,
                    subject: value.subject?,
                    updated_at: value.updated_at?,
                    waiting_for: value.waiting_for?,
                })
            }
        }
        impl ::std::convert::From<super::Operation> for Operation {
            fn from(value: super::Operation) -> Self {
                Self {
                    actor: Ok(value.actor),
                    cancellable: Ok(value.cancellable),
                    cause: Ok(value.cause),
                    created_at: Ok(value.created_at),
                    ended_at: Ok(value.ended_at),
                    error: Ok(value.error),
                    id: Ok(value.id),
                    kind: Ok(value.kind),
                    parent: Ok(value.parent),
                    progress: Ok(value.progress),
                    project_id: Ok(value.project_id),
                    state: Ok(value.state),
                    subject: Ok(value.subject),
                    updated_at: Ok(value.updated_at),
                    waiting_for: Ok(value.waiting_for),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct OperationError {
            error_code: ::std::result::Result<::std::string::String, ::std::string::String>,
            message: ::std::result::Result<::std::string::String, ::std::string::String>,
        }
        impl ::std::default::Default for OperationError {
            fn default() -> Self {
                Self {
                    error_code: Err("no value supplied for error_code".to_string()),
                    message: Err("no value supplied for message".to_string()),
                }
            }
        }
        impl OperationError {
            pub fn error_code<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.error_code = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for error_code: {e}"));
                self
            }
            pub fn message<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.message =
                    value.try_into().map_err(|e| format!("error converting supplied value for message: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<OperationError> for super::OperationError {
            type Error = super::error::ConversionError;
            fn try_from(value: OperationError) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { error_code: value.error_code?, message: value.message? })
            }
        }
        impl ::std::convert::From<super::OperationError> for OperationError {
            fn from(value: super::OperationError) -> Self {
                Self { error_code: Ok(value.error_code), message: Ok(value.message) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct OperationPage {
            items: ::std::result::Result<::std::vec::Vec<super::Operation>, ::std::string::String>,
            next_page:
                ::std::result::Result<::std::option::Option<::std::string::String>, ::std::string::String>,
        }
        impl ::std::default::Default for OperationPage {
            fn default() -> Self {
                Self {
                    items: Err("no value supplied for items".to_string()),
                    next_page: Ok(Default::default()),
                }
            }
        }
        impl OperationPage {
            pub fn items<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::vec::Vec<super::Operation>>,
                T::Error: ::std::fmt::Display,
            {
                self.items =
                    value.try_into().map_err(|e| format!("error converting supplied value for items: {e}"));
                self
            }
            pub fn next_page<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.next_page = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for next_page: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<OperationPage> for super::OperationPage {
            type Error = super::error::ConversionError;
            fn try_from(value: OperationPage) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { items: value.items?, next_page: value.next_page? })
            }
        }
        impl ::std::convert::From<super::OperationPage> for OperationPage {
            fn from(value: super::OperationPage) -> Self {
                Self { items: Ok(value.items), next_page: Ok(value.next_page) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct Pool {
            capacity_bytes: ::std::result::Result<u64, ::std::string::String>,
            created_at:
                ::std::result::Result<::chrono::DateTime<::chrono::offset::Utc>, ::std::string::String>,
            id: ::std::result::Result<::berth_common::ids::PoolUuid, ::std::string::String>,
            kind: ::std::result::Result<::berth_common::storage::PoolKind, ::std::string::String>,
            name: ::std::result::Result<::berth_common::Name, ::std::string::String>,
            sleds:
                ::std::result::Result<::std::vec::Vec<::berth_common::ids::SledUuid>, ::std::string::String>,
            used_bytes: ::std::result::Result<u64, ::std::string::String>,
        }
        impl ::std::default::Default for Pool {
            fn default() -> Self {
                Self {
                    capacity_bytes: Err("no value supplied for capacity_bytes".to_string()),
                    created_at: Err("no value supplied for created_at".to_string()),
                    id: Err("no value supplied for id".to_string()),
                    kind: Err("no value supplied for kind".to_string()),
                    name: Err("no value supplied for name".to_string()),
                    sleds: Err("no value supplied for sleds".to_string()),
                    used_bytes: Err("no value supplied for used_bytes".to_string()),
                }
            }
        }
        impl Pool {
            pub fn capacity_bytes<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u64>,
                T::Error: ::std::fmt::Display,
            {
                self.capacity_bytes = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for capacity_bytes: {e}"));
                self
            }
            pub fn created_at<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::chrono::DateTime<::chrono::offset::Utc>>,
                T::Error: ::std::fmt::Display,
            {
                self.created_at = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for created_at: {e}"));
                self
            }
            pub fn id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::ids::PoolUuid>,
                T::Error: ::std::fmt::Display,
            {
                self.id =
                    value.try_into().map_err(|e| format!("error converting supplied value for id: {e}"));
                self
            }
            pub fn kind<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::storage::PoolKind>,
                T::Error: ::std::fmt::Display,
            {
                self.kind =
                    value.try_into().map_err(|e| format!("error converting supplied value for kind: {e}"));
                self
            }
            pub fn name<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::Name>,
                T::Error: ::std::fmt::Display,
            {
                self.name =
                    value.try_into().map_err(|e| format!("error converting supplied value for name: {e}"));
                self
            }
            pub fn sleds<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::vec::Vec<::berth_common::ids::SledUuid>>,
                T::Error: ::std::fmt::Display,
            {
                self.sleds =
                    value.try_into().map_err(|e| format!("error converting supplied value for sleds: {e}"));
                self
            }
            pub fn used_bytes<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u64>,
                T::Error: ::std::fmt::Display,
            {
                self.used_bytes = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for used_bytes: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<Pool> for super::Pool {
            type Error = super::error::ConversionError;
            fn try_from(value: Pool) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    capacity_bytes: value.capacity_bytes?,
                    created_at: value.created_at?,
                    id: value.id?,
                    kind: value.kind?,
                    name: value.name?,
                    sleds: value.sleds?,
                    used_bytes: value.used_bytes?,
                })
            }
        }
        impl ::std::convert::From<super::Pool> for Pool {
            fn from(value: super::Pool) -> Self {
                Self {
                    capacity_bytes: Ok(value.capacity_bytes),
                    created_at: Ok(value.created_at),
                    id: Ok(value.id),
                    kind: Ok(value.kind),
                    name: Ok(value.name),
                    sleds: Ok(value.sleds),
                    used_bytes: Ok(value.used_bytes),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct PoolPage {
            items: ::std::result::Result<::std::vec::Vec<super::Pool>, ::std::string::String>,
            next_page:
                ::std::result::Result<::std::option::Option<::std::string::String>, ::std::string::String>,
        }
        impl ::std::default::Default for PoolPage {
            fn default() -> Self {
                Self {
                    items: Err("no value supplied for items".to_string()),
                    next_page: Ok(Default::default()),
                }
            }
        }
        impl PoolPage {
            pub fn items<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::vec::Vec<super::Pool>>,
                T::Error: ::std::fmt::Display,
            {
                self.items =
                    value.try_into().map_err(|e| format!("error converting supplied value for items: {e}"));
                self
            }
            pub fn next_page<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.next_page = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for next_page: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<PoolPage> for super::PoolPage {
            type Error = super::error::ConversionError;
            fn try_from(value: PoolPage) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { items: value.items?, next_page: value.next_page? })
            }
        }
        impl ::std::convert::From<super::PoolPage> for PoolPage {
            fn from(value: super::PoolPage) -> Self {
                Self { items: Ok(value.items), next_page: Ok(value.next_page) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct Progress {
            bytes: ::std::result::Result<u64, ::std::string::String>,
            done: ::std::result::Result<u64, ::std::string::String>,
            phase: ::std::result::Result<::std::string::String, ::std::string::String>,
            total: ::std::result::Result<u64, ::std::string::String>,
        }
        impl ::std::default::Default for Progress {
            fn default() -> Self {
                Self {
                    bytes: Err("no value supplied for bytes".to_string()),
                    done: Err("no value supplied for done".to_string()),
                    phase: Err("no value supplied for phase".to_string()),
                    total: Err("no value supplied for total".to_string()),
                }
            }
        }
        impl Progress {
            pub fn bytes<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u64>,
                T::Error: ::std::fmt::Display,
            {
                self.bytes =
                    value.try_into().map_err(|e| format!("error converting supplied value for bytes: {e}"));
                self
            }
            pub fn done<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u64>,
                T::Error: ::std::fmt::Display,
            {
                self.done =
                    value.try_into().map_err(|e| format!("error converting supplied value for done: {e}"));
                self
            }
            pub fn phase<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.phase =
                    value.try_into().map_err(|e| format!("error converting supplied value for phase: {e}"));
                self
            }
            pub fn total<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u64>,
                T::Error: ::std::fmt::Display,
            {
                self.total =
                    value.try_into().map_err(|e| format!("error converting supplied value for total: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<Progress> for super::Progress {
            type Error = super::error::ConversionError;
            fn try_from(value: Progress) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { bytes: value.bytes?, done: value.done?, phase: value.phase?, total: value.total? })
            }
        }
        impl ::std::convert::From<super::Progress> for Progress {
            fn from(value: super::Progress) -> Self {
                Self {
                    bytes: Ok(value.bytes),
                    done: Ok(value.done),
                    phase: Ok(value.phase),
                    total: Ok(value.total),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct Project {
            created_at:
                ::std::result::Result<::chrono::DateTime<::chrono::offset::Utc>, ::std::string::String>,
            description: ::std::result::Result<::std::string::String, ::std::string::String>,
            generation: ::std::result::Result<i64, ::std::string::String>,
            id: ::std::result::Result<::berth_common::ids::ProjectUuid, ::std::string::String>,
            name: ::std::result::Result<::berth_common::Name, ::std::string::String>,
            quota: ::std::result::Result<super::Quota, ::std::string::String>,
            used: ::std::result::Result<super::Quota, ::std::string::String>,
        }
        impl ::std::default::Default for Project {
            fn default() -> Self {
                Self {
                    created_at: Err("no value supplied for created_at".to_string()),
                    description: Err("no value supplied for description".to_string()),
                    generation: Err("no value supplied for generation".to_string()),
                    id: Err("no value supplied for id".to_string()),
                    name: Err("no value supplied for name".to_string()),
                    quota: Err("no value supplied for quota".to_string()),
                    used: Err("no value supplied for used".to_string()),
                }
            }
        }
        impl Project {
            pub fn created_at<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::chrono::DateTime<::chrono::offset::Utc>>,
                T::Error: ::std::fmt::Display,
            {
                self.created_at = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for created_at: {e}"));
                self
            }
            pub fn description<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.description = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for description: {e}"));
                self
            }
            pub fn generation<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<i64>,
                T::Error: ::std::fmt::Display,
            {
                self.generation = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for generation: {e}"));
                self
            }
            pub fn id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::ids::ProjectUuid>,
                T::Error: ::std::fmt::Display,
            {
                self.id =
                    value.try_into().map_err(|e| format!("error converting supplied value for id: {e}"));
                self
            }
            pub fn name<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::Name>,
                T::Error: ::std::fmt::Display,
            {
                self.name =
                    value.try_into().map_err(|e| format!("error converting supplied value for name: {e}"));
                self
            }
            pub fn quota<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<super::Quota>,
                T::Error: ::std::fmt::Display,
            {
                self.quota =
                    value.try_into().map_err(|e| format!("error converting supplied value for quota: {e}"));
                self
            }
            pub fn used<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<super::Quota>,
                T::Error: ::std::fmt::Display,
            {
                self.used =
                    value.try_into().map_err(|e| format!("error converting supplied value for used: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<Project> for super::Project {
            type Error = super::error::ConversionError;
            fn try_from(value: Project) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    created_at: value.created_at?,
                    description: value.description?,
                    generation: value.generation?,
                    id: value.id?,
                    name: value.name?,
                    quota: value.quota?,
                    used: value.used?,
                })
            }
        }
        impl ::std::convert::From<super::Project> for Project {
            fn from(value: super::Project) -> Self {
                Self {
                    created_at: Ok(value.created_at),
                    description: Ok(value.description),
                    generation: Ok(value.generation),
                    id: Ok(value.id),
                    name: Ok(value.name),
                    quota: Ok(value.quota),
                    used: Ok(value.used),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct ProjectCreate {
            description: ::std::result::Result<::std::string::String, ::std::string::String>,
            name: ::std::result::Result<::berth_common::Name, ::std::string::String>,
            quota: ::std::result::Result<::std::option::Option<super::Quota>, ::std::string::String>,
        }
        impl ::std::default::Default for ProjectCreate {
            fn default() -> Self {
                Self {
                    description: Ok(Default::default()),
                    name: Err("no value supplied for name".to_string()),
                    quota: Ok(Default::default()),
                }
            }
        }
        impl ProjectCreate {
            pub fn description<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.description = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for description: {e}"));
                self
            }
            pub fn name<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::Name>,
                T::Error: ::std::fmt::Display,
            {
                self.name =
                    value.try_into().map_err(|e| format!("error converting supplied value for name: {e}"));
                self
            }
            pub fn quota<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<super::Quota>>,
                T::Error: ::std::fmt::Display,
            {
                self.quota =
                    value.try_into().map_err(|e| format!("error converting supplied value for quota: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<ProjectCreate> for super::ProjectCreate {
            type Error = super::error::ConversionError;
            fn try_from(value: ProjectCreate) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { description: value.description?, name: value.name?, quota: value.quota? })
            }
        }
        impl ::std::convert::From<super::ProjectCreate> for ProjectCreate {
            fn from(value: super::ProjectCreate) -> Self {
                Self { description: Ok(value.description), name: Ok(value.name), quota: Ok(value.quota) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct ProjectMembership {
            project_id: ::std::result::Result<::berth_common::ids::ProjectUuid, ::std::string::String>,
            project_name: ::std::result::Result<::berth_common::Name, ::std::string::String>,
            role: ::std::result::Result<::berth_common::role::Role, ::std::string::String>,
        }
        impl ::std::default::Default for ProjectMembership {
            fn default() -> Self {
                Self {
                    project_id: Err("no value supplied for project_id".to_string()),
                    project_name: Err("no value supplied for project_name".to_string()),
                    role: Err("no value supplied for role".to_string()),
                }
            }
        }
        impl ProjectMembership {
            pub fn project_id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::ids::ProjectUuid>,
                T::Error: ::std::fmt::Display,
            {
                self.project_id = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for project_id: {e}"));
                self
            }
            pub fn project_name<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::Name>,
                T::Error: ::std::fmt::Display,
            {
                self.project_name = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for project_name: {e}"));
                self
            }
            pub fn role<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::role::Role>,
                T::Error: ::std::fmt::Display,
            {
                self.role =
                    value.try_into().map_err(|e| format!("error converting supplied value for role: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<ProjectMembership> for super::ProjectMembership {
            type Error = super::error::ConversionError;
            fn try_from(
                value: ProjectMembership,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    project_id: value.project_id?,
                    project_name: value.project_name?,
                    role: value.role?,
                })
            }
        }
        impl ::std::convert::From<super::ProjectMembership> for ProjectMembership {
            fn from(value: super::ProjectMembership) -> Self {
                Self {
                    project_id: Ok(value.project_id),
                    project_name: Ok(value.project_name),
                    role: Ok(value.role),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct ProjectPage {
            items: ::std::result::Result<::std::vec::Vec<super::Project>, ::std::string::String>,
            next_page:
                ::std::result::Result<::std::option::Option<::std::string::String>, ::std::string::String>,
        }
        impl ::std::default::Default for ProjectPage {
            fn default() -> Self {
                Self {
                    items: Err("no value supplied for items".to_string()),
                    next_page: Ok(Default::default()),
                }
            }
        }
        impl ProjectPage {
            pub fn items<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::vec::Vec<super::Project>>,
                T::Error: ::std::fmt::Display,
            {
                self.items =
                    value.try_into().map_err(|e| format!("error converting supplied value for items: {e}"));
                self
            }
            pub fn next_page<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.next_page = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for next_page: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<ProjectPage> for super::ProjectPage {
            type Error = super::error::ConversionError;
            fn try_from(value: ProjectPage) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { items: value.items?, next_page: value.next_page? })
            }
        }
        impl ::std::convert::From<super::ProjectPage> for ProjectPage {
            fn from(value: super::ProjectPage) -> Self {
                Self { items: Ok(value.items), next_page: Ok(value.next_page) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct ProjectUpdate {
            description:
                ::std::result::Result<::std::option::Option<::std::string::String>, ::std::string::String>,
            name: ::std::result::Result<::std::option::Option<::berth_common::Name>, ::std::string::String>,
            quota: ::std::result::Result<::std::option::Option<super::Quota>, ::std::string::String>,
        }
        impl ::std::default::Default for ProjectUpdate {
            fn default() -> Self {
                Self {
                    description: Ok(Default::default()),
                    name: Ok(Default::default()),
                    quota: Ok(Default::default()),
                }
            }
        }
        impl ProjectUpdate {
            pub fn description<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.description = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for description: {e}"));
                self
            }
            pub fn name<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::berth_common::Name>>,
                T::Error: ::std::fmt::Display,
            {
                self.name =
                    value.try_into().map_err(|e| format!("error converting supplied value for name: {e}"));
                self
            }
            pub fn quota<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<super::Quota>>,
                T::Error: ::std::fmt::Display,
            {
                self.quota =
                    value.try_into().map_err(|e| format!("error converting supplied value for quota: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<ProjectUpdate> for super::ProjectUpdate {
            type Error = super::error::ConversionError;
            fn try_from(value: ProjectUpdate) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { description: value.description?, name: value.name?, quota: value.quota? })
            }
        }
        impl ::std::convert::From<super::ProjectUpdate> for ProjectUpdate {
            fn from(value: super::ProjectUpdate) -> Self {
                Self { description: Ok(value.description), name: Ok(value.name), quota: Ok(value.quota) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct QuarantinedThing {
            pid: ::std::result::Result<::std::option::Option<i32>, ::std::string::String>,
            vmm: ::std::result::Result<
                ::std::option::Option<::berth_common::ids::VmmUuid>,
                ::std::string::String,
            >,
            what: ::std::result::Result<::std::string::String, ::std::string::String>,
            why: ::std::result::Result<::std::string::String, ::std::string::String>,
        }
        impl ::std::default::Default for QuarantinedThing {
            fn default() -> Self {
                Self {
                    pid: Ok(Default::default()),
                    vmm: Ok(Default::default()),
                    what: Err("no value supplied for what".to_string()),
                    why: Err("no value supplied for why".to_string()),
                }
            }
        }
        impl QuarantinedThing {
            pub fn pid<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<i32>>,
                T::Error: ::std::fmt::Display,
            {
                self.pid =
                    value.try_into().map_err(|e| format!("error converting supplied value for pid: {e}"));
                self
            }
            pub fn vmm<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::berth_common::ids::VmmUuid>>,
                T::Error: ::std::fmt::Display,
            {
                self.vmm =
                    value.try_into().map_err(|e| format!("error converting supplied value for vmm: {e}"));
                self
            }
            pub fn what<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.what =
                    value.try_into().map_err(|e| format!("error converting supplied value for what: {e}"));
                self
            }
            pub fn why<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.why =
                    value.try_into().map_err(|e| format!("error converting supplied value for why: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<QuarantinedThing> for super::QuarantinedThing {
            type Error = super::error::ConversionError;
            fn try_from(
                value: QuarantinedThing,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { pid: value.pid?, vmm: value.vmm?, what: value.what?, why: value.why? })
            }
        }
        impl ::std::convert::From<super::QuarantinedThing> for QuarantinedThing {
            fn from(value: super::QuarantinedThing) -> Self {
                Self { pid: Ok(value.pid), vmm: Ok(value.vmm), what: Ok(value.what), why: Ok(value.why) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct Quota {
            cpus: ::std::result::Result<u64, ::std::string::String>,
            disk_bytes: ::std::result::Result<u64, ::std::string::String>,
            instances: ::std::result::Result<u64, ::std::string::String>,
            memory_mib: ::std::result::Result<u64, ::std::string::String>,
        }
        impl ::std::default::Default for Quota {
            fn default() -> Self {
                Self {
                    cpus: Err("no value supplied for cpus".to_string()),
                    disk_bytes: Err("no value supplied for disk_bytes".to_string()),
                    instances: Err("no value supplied for instances".to_string()),
                    memory_mib: Err("no value supplied for memory_mib".to_string()),
                }
            }
        }
        impl Quota {
            pub fn cpus<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u64>,
                T::Error: ::std::fmt::Display,
            {
                self.cpus =
                    value.try_into().map_err(|e| format!("error converting supplied value for cpus: {e}"));
                self
            }
            pub fn disk_bytes<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u64>,
                T::Error: ::std::fmt::Display,
            {
                self.disk_bytes = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for disk_bytes: {e}"));
                self
            }
            pub fn instances<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u64>,
                T::Error: ::std::fmt::Display,
            {
                self.instances = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for instances: {e}"));
                self
            }
            pub fn memory_mib<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u64>,
                T::Error: ::std::fmt::Display,
            {
                self.memory_mib = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for memory_mib: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<Quota> for super::Quota {
            type Error = super::error::ConversionError;
            fn try_from(value: Quota) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    cpus: value.cpus?,
                    disk_bytes: value.disk_bytes?,
                    instances: value.instances?,
                    memory_mib: value.memory_mib?,
                })
            }
        }
        impl ::std::convert::From<super::Quota> for Quota {
            fn from(value: super::Quota) -> Self {
                Self {
                    cpus: Ok(value.cpus),
                    disk_bytes: Ok(value.disk_bytes),
                    instances: Ok(value.instances),
                    memory_mib: Ok(value.memory_mib),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct Readiness {
            cpu_model:
                ::std::result::Result<::std::option::Option<::std::string::String>, ::std::string::String>,
            cpus: ::std::result::Result<u64, ::std::string::String>,
            cpus_reserved: ::std::result::Result<u64, ::std::string::String>,
            has_bridge: ::std::result::Result<bool, ::std::string::String>,
            hypervisor: ::std::result::Result<
                ::std::option::Option<::berth_common::sled::Hypervisor>,
                ::std::string::String,
            >,
            memory_mib: ::std::result::Result<u64, ::std::string::String>,
            memory_mib_reserved: ::std::result::Result<u64, ::std::string::String>,
            recovered_done: ::std::result::Result<u64, ::std::string::String>,
            recovered_total: ::std::result::Result<u64, ::std::string::String>,
        }
        impl ::std::default::Default for Readiness {
            fn default() -> Self {
                Self {
                    cpu_model: Ok(Default::default()),
                    cpus: Err("no value supplied for cpus".to_string()),
                    cpus_reserved: Err("no value supplied for cpus_reserved".to_string()),
                    has_bridge: Err("no value supplied for has_bridge".to_string()),
                    hypervisor: Ok(Default::default()),
                    memory_mib: Err("no value supplied for memory_mib".to_string()),
                    memory_mib_reserved: Err("no value supplied for memory_mib_reserved".to_string()),
                    recovered_done: Err("no value supplied for recovered_done".to_string()),
                    recovered_total: Err("no value supplied for recovered_total".to_string()),
                }
            }
        }
        impl Readiness {
            pub fn cpu_model<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.cpu_model = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for cpu_model: {e}"));
                self
            }
            pub fn cpus<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u64>,
                T::Error: ::std::fmt::Display,
            {
                self.cpus =
                    value.try_into().map_err(|e| format!("error converting supplied value for cpus: {e}"));
                self
            }
            pub fn cpus_reserved<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u64>,
                T::Error: ::std::fmt::Display,
            {
                self.cpus_reserved = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for cpus_reserved: {e}"));
                self
            }
            pub fn has_bridge<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<bool>,
                T::Error: ::std::fmt::Display,
            {
                self.has_bridge = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for has_bridge: {e}"));
                self
            }
            pub fn hypervisor<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::berth_common::sled::Hypervisor>>,
                T::Error: ::std::fmt::Display,
            {
                self.hypervisor = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for hypervisor: {e}"));
                self
            }
            pub fn memory_mib<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u64>,
                T::Error: ::std::fmt::Display,
            {
                self.memory_mib = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for memory_mib: {e}"));
                self
            }
            pub fn memory_mib_reserved<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u64>,
                T::Error: ::std::fmt::Display,
            {
                self.memory_mib_reserved = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for memory_mib_reserved: {e}"));
                self
            }
            pub fn recovered_done<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u64>,
                T::Error: ::std::fmt::Display,
            {
                self.recovered_done = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for recovered_done: {e}"));
                self
            }
            pub fn recovered_total<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u64>,
                T::Error: ::std::fmt::Display,
            {
                self.recovered_total = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for recovered_total: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<Readiness> for super::Readiness {
            type Error = super::error::ConversionError;
            fn try_from(value: Readiness) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    cpu_model: value.cpu_model?,
                    cpus: value.cpus?,
                    cpus_reserved: value.cpus_reserved?,
                    has_bridge: value.has_bridge?,
                    hypervisor: value.hypervisor?,
                    memory_mib: value.memory_mib?,
                    memory_mib_reserved: value.memory_mib_reserved?,
                    recovered_done: value.recovered_done?,
                    recovered_total: value.recovered_total?,
                })
            }
        }
        impl ::std::convert::From<super::Readiness> for Readiness {
            fn from(value: super::Readiness) -> Self {
                Self {
                    cpu_model: Ok(value.cpu_model),
                    cpus: Ok(value.cpus),
                    cpus_reserved: Ok(value.cpus_reserved),
                    has_bridge: Ok(value.has_bridge),
                    hypervisor: Ok(value.hypervisor),
                    memory_mib: Ok(value.memory_mib),
                    memory_mib_reserved: Ok(value.memory_mib_reserved),
                    recovered_done: Ok(value.recovered_done),
                    recovered_total: Ok(value.recovered_total),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct RoleGrant {
            project_id: ::std::result::Result<
                ::std::option::Option<::berth_common::ids::ProjectUuid>,
                ::std::string::String,
            >,
            role: ::std::result::Result<::berth_common::role::Role, ::std::string::String>,
            user_id: ::std::result::Result<::berth_common::ids::UserUuid, ::std::string::String>,
            user_name: ::std::result::Result<::berth_common::Name, ::std::string::String>,
        }
        impl ::std::default::Default for RoleGrant {
            fn default() -> Self {
                Self {
                    project_id: Ok(Default::default()),
                    role: Err("no value supplied for role".to_string()),
                    user_id: Err("no value supplied for user_id".to_string()),
                    user_name: Err("no value supplied for user_name".to_string()),
                }
            }
        }
        impl RoleGrant {
            pub fn project_id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::berth_common::ids::ProjectUuid>>,
                T::Error: ::std::fmt::Display,
            {
                self.project_id = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for project_id: {e}"));
                self
            }
            pub fn role<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::role::Role>,
                T::Error: ::std::fmt::Display,
            {
                self.role =
                    value.try_into().map_err(|e| format!("error converting supplied value for role: {e}"));
                self
            }
            pub fn user_id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::ids::UserUuid>,
                T::Error: ::std::fmt::Display,
            {
                self.user_id =
                    value.try_into().map_err(|e| format!("error converting supplied value for user_id: {e}"));
                self
            }
            pub fn user_name<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::Name>,
                T::Error: ::std::fmt::Display,
            {
                self.user_name = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for user_name: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<RoleGrant> for super::RoleGrant {
            type Error = super::error::ConversionError;
            fn try_from(value: RoleGrant) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    project_id: value.project_id?,
                    role: value.role?,
                    user_id: value.user_id?,
                    user_name: value.user_name?,
                })
            }
        }
        impl ::std::convert::From<super::RoleGrant> for RoleGrant {
            fn from(value: super::RoleGrant) -> Self {
                Self {
                    project_id: Ok(value.project_id),
                    role: Ok(value.role),
                    user_id: Ok(value.user_id),
                    user_name: Ok(value.user_name),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct RoleGrantCreate {
            project:
                ::std::result::Result<::std::option::Option<::std::string::String>, ::std::string::String>,
            role: ::std::result::Result<::berth_common::role::Role, ::std::string::String>,
            user: ::std::result::Result<::std::string::String, ::std::string::String>,
        }
        impl ::std::default::Default for RoleGrantCreate {
            fn default() -> Self {
                Self {
                    project: Ok(Default::default()),
                    role: Err("no value supplied for role".to_string()),
                    user: Err("no value supplied for user".to_string()),
                }
            }
        }
        impl RoleGrantCreate {
            pub fn project<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.project =
                    value.try_into().map_err(|e| format!("error converting supplied value for project: {e}"));
                self
            }
            pub fn role<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::role::Role>,
                T::Error: ::std::fmt::Display,
            {
                self.role =
                    value.try_into().map_err(|e| format!("error converting supplied value for role: {e}"));
                self
            }
            pub fn user<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.user =
                    value.try_into().map_err(|e| format!("error converting supplied value for user: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<RoleGrantCreate> for super::RoleGrantCreate {
            type Error = super::error::ConversionError;
            fn try_from(
                value: RoleGrantCreate,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { project: value.project?, role: value.role?, user: value.user? })
            }
        }
        impl ::std::convert::From<super::RoleGrantCreate> for RoleGrantCreate {
            fn from(value: super::RoleGrantCreate) -> Self {
                Self { project: Ok(value.project), role: Ok(value.role), user: Ok(value.user) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct RoleGrantPage {
            items: ::std::result::Result<::std::vec::Vec<super::RoleGrant>, ::std::string::String>,
            next_page:
                ::std::result::Result<::std::option::Option<::std::string::String>, ::std::string::String>,
        }
        impl ::std::default::Default for RoleGrantPage {
            fn default() -> Self {
                Self {
                    items: Err("no value supplied for items".to_string()),
                    next_page: Ok(Default::default()),
                }
            }
        }
        impl RoleGrantPage {
            pub fn items<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::vec::Vec<super::RoleGrant>>,
                T::Error: ::std::fmt::Display,
            {
                self.items =
                    value.try_into().map_err(|e| format!("error converting supplied value for items: {e}"));
                self
            }
            pub fn next_page<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.next_page = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for next_page: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<RoleGrantPage> for super::RoleGrantPage {
            type Error = super::error::ConversionError;
            fn try_from(value: RoleGrantPage) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { items: value.items?, next_page: value.next_page? })
            }
        }
        impl ::std::convert::From<super::RoleGrantPage> for RoleGrantPage {
            fn from(value: super::RoleGrantPage) -> Self {
                Self { items: Ok(value.items), next_page: Ok(value.next_page) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct RoleRevoke {
            project:
                ::std::result::Result<::std::option::Option<::std::string::String>, ::std::string::String>,
            user: ::std::result::Result<::std::string::String, ::std::string::String>,
        }
        impl ::std::default::Default for RoleRevoke {
            fn default() -> Self {
                Self { project: Ok(Default::default()), user: Err("no value supplied for user".to_string()) }
            }
        }
        impl RoleRevoke {
            pub fn project<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.project =
                    value.try_into().map_err(|e| format!("error converting supplied value for project: {e}"));
                self
            }
            pub fn user<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.user =
                    value.try_into().map_err(|e| format!("error converting supplied value for user: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<RoleRevoke> for super::RoleRevoke {
            type Error = super::error::ConversionError;
            fn try_from(value: RoleRevoke) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { project: value.project?, user: value.user? })
            }
        }
        impl ::std::convert::From<super::RoleRevoke> for RoleRevoke {
            fn from(value: super::RoleRevoke) -> Self {
                Self { project: Ok(value.project), user: Ok(value.user) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct Saga {
            adoption_generation: ::std::result::Result<u64, ::std::string::String>,
            cause: ::std::result::Result<::std::option::Option<::std::string::String>, ::std::string::String>,
            created_at:
                ::std::result::Result<::chrono::DateTime<::chrono::offset::Utc>, ::std::string::String>,
            finished_at: ::std::result::Result<
                ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>,
                ::std::string::String,
            >,
            id: ::std::result::Result<::berth_common::ids::SagaUuid, ::std::string::String>,
            name: ::std::result::Result<::std::string::String, ::std::string::String>,
            owner: ::std::result::Result<::berth_common::ids::NexusUuid, ::std::string::String>,
            state: ::std::result::Result<::std::string::String, ::std::string::String>,
            subject_id: ::std::result::Result<::std::option::Option<::uuid::Uuid>, ::std::string::String>,
            updated_at:
                ::std::result::Result<::chrono::DateTime<::chrono::offset::Utc>, ::std::string::String>,
            version: ::std::result::Result<u32, ::std::string::String>,
        }
        impl ::std::default::Default for Saga {
            fn default() -> Self {
                Self {
                    adoption_generation: Err("no value supplied for adoption_generation".to_string()),
                    cause: Ok(Default::default()),
                    created_at: Err("no value supplied for created_at".to_string()),
                    finished_at: Ok(Default::default()),
                    id: Err("no value supplied for id".to_string()),
                    name: Err("no value supplied for name".to_string()),
                    owner: Err("no value supplied for owner".to_string()),
                    state: Err("no value supplied for state".to_string()),
                    subject_id: Ok(Default::default()),
                    updated_at: Err("no value supplied for updated_at".to_string()),
                    version: Err("no value supplied for version".to_string()),
                }
            }
        }
        impl Saga {
            pub fn adoption_generation<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u64>,
                T::Error: ::std::fmt::Display,
            {
                self.adoption_generation = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for adoption_generation: {e}"));
                self
            }
            pub fn cause<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.cause =
                    value.try_into().map_err(|e| format!("error converting supplied value for cause: {e}"));
                self
            }
            pub fn created_at<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::chrono::DateTime<::chrono::offset::Utc>>,
                T::Error: ::std::fmt::Display,
            {
                self.created_at = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for created_at: {e}"));
                self
            }
            pub fn finished_at<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>>,
                T::Error: ::std::fmt::Display,
            {
                self.finished_at = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for finished_at: {e}"));
                self
            }
            pub fn id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::ids::SagaUuid>,
                T::Error: ::std::fmt::Display,
            {
                self.id =
                    value.try_into().map_err(|e| format!("error converting supplied value for id: {e}"));
                self
            }
            pub fn name<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.name =
                    value.try_into().map_err(|e| format!("error converting supplied value for name: {e}"));
                self
            }
            pub fn owner<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::ids::NexusUuid>,
                T::Error: ::std::fmt::Display,
            {
                self.owner =
                    value.try_into().map_err(|e| format!("error converting supplied value for owner: {e}"));
                self
            }
            pub fn state<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.state =
                    value.try_into().map_err(|e| format!("error converting supplied value for state: {e}"));
                self
            }
            pub fn subject_id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::uuid::Uuid>>,
                T::Error: ::std::fmt::Display,
            {
                self.subject_id = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for subject_id: {e}"));
                self
            }
            pub fn updated_at<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::chrono::DateTime<::chrono::offset::Utc>>,
                T::Error: ::std::fmt::Display,
            {
                self.updated_at = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for updated_at: {e}"));
                self
            }
            pub fn version<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u32>,
                T::Error: ::std::fmt::Display,
            {
                self.version =
                    value.try_into().map_err(|e| format!("error converting supplied value for version: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<Saga> for super::Saga {
            type Error = super::error::ConversionError;
            fn try_from(value: Saga) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    adoption_generation: value.adoption_generation?,
                    cause: value.cause?,
                    created_at: value.created_at?,
                    finished_at: value.finished_at?,
                    id: value.id?,
                    name: value.name?,
                    owner: value.owner?,
                    state: value.state?,
                    subject_id: value.subject_id?,
                    updated_at: value.updated_at?,
                    version: value.version?,
                })
            }
        }
        impl ::std::convert::From<super::Saga> for Saga {
            fn from(value: super::Saga) -> Self {
                Self {
                    adoption_generation: Ok(value.adoption_generation),
                    cause: Ok(value.cause),
                    created_at: Ok(value.created_at),
                    finished_at: Ok(value.finished_at),
                    id: Ok(value.id),
                    name: Ok(value.name),
                    owner: Ok(value.owner),
                    state: Ok(value.state),
                    subject_id: Ok(value.subject_id),
                    updated_at: Ok(value.updated_at),
                    version: Ok(value.version),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct SagaDetail {
            events: ::std::result::Result<::std::vec::Vec<super::SagaStep>, ::std::string::String>,
            saga: ::std::result::Result<super::Saga, ::std::string::String>,
        }
        impl ::std::default::Default for SagaDetail {
            fn default() -> Self {
                Self {
                    events: Err("no value supplied for events".to_string()),
                    saga: Err("no value supplied for saga".to_string()),
                }
            }
        }
        impl SagaDetail {
            pub fn events<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::vec::Vec<super::SagaStep>>,
                T::Error: ::std::fmt::Display,
            {
                self.events =
                    value.try_into().map_err(|e| format!("error converting supplied value for events: {e}"));
                self
            }
            pub fn saga<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<super::Saga>,
                T::Error: ::std::fmt::Display,
            {
                self.saga =
                    value.try_into().map_err(|e| format!("error converting supplied value for saga: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<SagaDetail> for super::SagaDetail {
            type Error = super::error::ConversionError;
            fn try_from(value: SagaDetail) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { events: value.events?, saga: value.saga? })
            }
        }
        impl ::std::convert::From<super::SagaDetail> for SagaDetail {
            fn from(value: super::SagaDetail) -> Self {
                Self { events: Ok(value.events), saga: Ok(value.saga) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct SagaPage {
            items: ::std::result::Result<::std::vec::Vec<super::Saga>, ::std::string::String>,
            next_page:
                ::std::result::Result<::std::option::Option<::std::string::String>, ::std::string::String>,
        }
        impl ::std::default::Default for SagaPage {
            fn default() -> Self {
                Self {
                    items: Err("no value supplied for items".to_string()),
                    next_page: Ok(Default::default()),
                }
            }
        }
        impl SagaPage {
            pub fn items<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::vec::Vec<super::Saga>>,
                T::Error: ::std::fmt::Display,
            {
                self.items =
                    value.try_into().map_err(|e| format!("error converting supplied value for items: {e}"));
                self
            }
            pub fn next_page<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.next_page = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for next_page: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<SagaPage> for super::SagaPage {
            type Error = super::error::ConversionError;
            fn try_from(value: SagaPage) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { items: value.items?, next_page: value.next_page? })
            }
        }
        impl ::std::convert::From<super::SagaPage> for SagaPage {
            fn from(value: super::SagaPage) -> Self {
                Self { items: Ok(value.items), next_page: Ok(value.next_page) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct SagaStep {
            at: ::std::result::Result<::chrono::DateTime<::chrono::offset::Utc>, ::std::string::String>,
            error: ::std::result::Result<::std::option::Option<::std::string::String>, ::std::string::String>,
            event: ::std::result::Result<::std::string::String, ::std::string::String>,
            name: ::std::result::Result<::std::option::Option<::std::string::String>, ::std::string::String>,
            node: ::std::result::Result<u64, ::std::string::String>,
        }
        impl ::std::default::Default for SagaStep {
            fn default() -> Self {
                Self {
                    at: Err("no value supplied for at".to_string()),
                    error: Ok(Default::default()),
                    event: Err("no value supplied for event".to_string()),
                    name: Ok(Default::default()),
                    node: Err("no value supplied for node".to_string()),
                }
            }
        }
        impl SagaStep {
            pub fn at<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::chrono::DateTime<::chrono::offset::Utc>>,
                T::Error: ::std::fmt::Display,
            {
                self.at =
                    value.try_into().map_err(|e| format!("error converting supplied value for at: {e}"));
                self
            }
            pub fn error<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.error =
                    value.try_into().map_err(|e| format!("error converting supplied value for error: {e}"));
                self
            }
            pub fn event<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.event =
                    value.try_into().map_err(|e| format!("error converting supplied value for event: {e}"));
                self
            }
            pub fn name<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.name =
                    value.try_into().map_err(|e| format!("error converting supplied value for name: {e}"));
                self
            }
            pub fn node<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u64>,
                T::Error: ::std::fmt::Display,
            {
                self.node =
                    value.try_into().map_err(|e| format!("error converting supplied value for node: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<SagaStep> for super::SagaStep {
            type Error = super::error::ConversionError;
            fn try_from(value: SagaStep) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    at: value.at?,
                    error: value.error?,
                    event: value.event?,
                    name: value.name?,
                    node: value.node?,
                })
            }
        }
        impl ::std::convert::From<super::SagaStep> for SagaStep {
            fn from(value: super::SagaStep) -> Self {
                Self {
                    at: Ok(value.at),
                    error: Ok(value.error),
                    event: Ok(value.event),
                    name: Ok(value.name),
                    node: Ok(value.node),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct SerialHistory {
            data_base64: ::std::result::Result<::std::string::String, ::std::string::String>,
            from: ::std::result::Result<u64, ::std::string::String>,
            next: ::std::result::Result<u64, ::std::string::String>,
            vmm_id: ::std::result::Result<::berth_common::ids::VmmUuid, ::std::string::String>,
        }
        impl ::std::default::Default for SerialHistory {
            fn default() -> Self {
                Self {
                    data_base64: Err("no value supplied for data_base64".to_string()),
                    from: Err("no value supplied for from".to_string()),
                    next: Err("no value supplied for next".to_string()),
                    vmm_id: Err("no value supplied for vmm_id".to_string()),
                }
            }
        }
        impl SerialHistory {
            pub fn data_base64<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.data_base64 = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for data_base64: {e}"));
                self
            }
            pub fn from<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u64>,
                T::Error: ::std::fmt::Display,
            {
                self.from =
                    value.try_into().map_err(|e| format!("error converting supplied value for from: {e}"));
                self
            }
            pub fn next<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u64>,
                T::Error: ::std::fmt::Display,
            {
                self.next =
                    value.try_into().map_err(|e| format!("error converting supplied value for next: {e}"));
                self
            }
            pub fn vmm_id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::ids::VmmUuid>,
                T::Error: ::std::fmt::Display,
            {
                self.vmm_id =
                    value.try_into().map_err(|e| format!("error converting supplied value for vmm_id: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<SerialHistory> for super::SerialHistory {
            type Error = super::error::ConversionError;
            fn try_from(value: SerialHistory) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    data_base64: value.data_base64?,
                    from: value.from?,
                    next: value.next?,
                    vmm_id: value.vmm_id?,
                })
            }
        }
        impl ::std::convert::From<super::SerialHistory> for SerialHistory {
            fn from(value: super::SerialHistory) -> Self {
                Self {
                    data_base64: Ok(value.data_base64),
                    from: Ok(value.from),
                    next: Ok(value.next),
                    vmm_id: Ok(value.vmm_id),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct Sled {
            address:
                ::std::result::Result<::std::option::Option<::std::string::String>, ::std::string::String>,
            admission: ::std::result::Result<::berth_common::sled::Admission, ::std::string::String>,
            boot_id: ::std::result::Result<
                ::std::option::Option<::berth_common::ids::BootUuid>,
                ::std::string::String,
            >,
            created_at:
                ::std::result::Result<::chrono::DateTime<::chrono::offset::Utc>, ::std::string::String>,
            id: ::std::result::Result<::berth_common::ids::SledUuid, ::std::string::String>,
            last_report_at: ::std::result::Result<
                ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>,
                ::std::string::String,
            >,
            lease_epoch: ::std::result::Result<i64, ::std::string::String>,
            liveness: ::std::result::Result<::berth_common::sled::Liveness, ::std::string::String>,
            name: ::std::result::Result<::berth_common::Name, ::std::string::String>,
            readiness: ::std::result::Result<super::Readiness, ::std::string::String>,
            report_age_ms: ::std::result::Result<::std::option::Option<u64>, ::std::string::String>,
            version:
                ::std::result::Result<::std::option::Option<::std::string::String>, ::std::string::String>,
        }
        impl ::std::default::Default for Sled {
            fn default() -> Self {
                Self {
                    address: Ok(Default::default()),
                    admission: Err("no value supplied for admission".to_string()),
                    boot_id: Ok(Default::default()),
                    created_at: Err("no value supplied for created_at".to_string()),
                    id: Err("no value supplied for id".to_string()),
                    last_report_at: Ok(Default::default()),
                    lease_epoch: Err("no value supplied for lease_epoch".to_string()),
                    liveness: Err("no value supplied for liveness".to_string()),
                    name: Err("no value supplied for name".to_string()),
                    readiness: Err("no value supplied for readiness".to_string()),
                    report_age_ms: Ok(Default::default()),
                    version: Ok(Default::default()),
                }
            }
        }
        impl Sled {
            pub fn address<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.address =
                    value.try_into().map_err(|e| format!("error converting supplied value for address: {e}"));
                self
            }
            pub fn admission<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::sled::Admission>,
                T::Error: ::std::fmt::Display,
            {
                self.admission = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for admission: {e}"));
                self
            }
            pub fn boot_id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::berth_common::ids::BootUuid>>,
                T::Error: ::std::fmt::Display,
            {
                self.boot_id =
                    value.try_into().map_err(|e| format!("error converting supplied value for boot_id: {e}"));
                self
            }
            pub fn created_at<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::chrono::DateTime<::chrono::offset::Utc>>,
                T::Error: ::std::fmt::Display,
            {
                self.created_at = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for created_at: {e}"));
                self
            }
            pub fn id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::ids::SledUuid>,
                T::Error: ::std::fmt::Display,
            {
                self.id =
                    value.try_into().map_err(|e| format!("error converting supplied value for id: {e}"));
                self
            }
            pub fn last_report_at<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>>,
                T::Error: ::std::fmt::Display,
            {
                self.last_report_at = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for last_report_at: {e}"));
                self
            }
            pub fn lease_epoch<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<i64>,
                T::Error: ::std::fmt::Display,
            {
                self.lease_epoch = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for lease_epoch: {e}"));
                self
            }
            pub fn liveness<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::sled::Liveness>,
                T::Error: ::std::fmt::Display,
            {
                self.liveness = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for liveness: {e}"));
                self
            }
            pub fn name<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::Name>,
                T::Error: ::std::fmt::Display,
            {
                self.name =
                    value.try_into().map_err(|e| format!("error converting supplied value for name: {e}"));
                self
            }
            pub fn readiness<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<super::Readiness>,
                T::Error: ::std::fmt::Display,
            {
                self.readiness = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for readiness: {e}"));
                self
            }
            pub fn report_age_ms<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<u64>>,
                T::Error: ::std::fmt::Display,
            {
                self.report_age_ms = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for report_age_ms: {e}"));
                self
            }
            pub fn version<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.version =
                    value.try_into().map_err(|e| format!("error converting supplied value for version: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<Sled> for super::Sled {
            type Error = super::error::ConversionError;
            fn try_from(value: Sled) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    address: value.address?,
                    admission: value.admission?,
                    boot_id: value.boot_id?,
                    created_at: value.created_at?,
                    id: value.id?,
                    last_report_at: value.last_report_at?,
                    lease_epoch: value.lease_epoch?,
                    liveness: value.liveness?,
                    name: value.name?,
                    readiness: value.readiness?,
                    report_age_ms: value.report_age_ms?,
                    version: value.version?,
                })
            }
        }
        impl ::std::convert::From<super::Sled> for Sled {
            fn from(value: super::Sled) -> Self {
                Self {
                    address: Ok(value.address),
                    admission: Ok(value.admission),
                    boot_id: Ok(value.boot_id),
                    created_at: Ok(value.created_at),
                    id: Ok(value.id),
                    last_report_at: Ok(value.last_report_at),
                    lease_epoch: Ok(value.lease_epoch),
                    liveness: Ok(value.liveness),
                    name: Ok(value.name),
                    readiness: Ok(value.readiness),
                    report_age_ms: Ok(value.report_age_ms),
                    version: Ok(value.version),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct SledExplanation {
            if_lost: ::std::result::Result<::std::string::String, ::std::string::String>,
            quarantined:
                ::std::result::Result<::std::vec::Vec<super::QuarantinedThing>, ::std::string::String>,
            recent: ::std::result::Result<::std::vec::Vec<super::Event>, ::std::string::String>,
            refuses: ::std::result::Result<::std::vec::Vec<::std::string::String>, ::std::string::String>,
            sled: ::std::result::Result<super::Sled, ::std::string::String>,
            summary: ::std::result::Result<::std::string::String, ::std::string::String>,
            vmms: ::std::result::Result<::std::vec::Vec<super::SledVmm>, ::std::string::String>,
        }
        impl ::std::default::Default for SledExplanation {
            fn default() -> Self {
                Self {
                    if_lost: Err("no value supplied for if_lost".to_string()),
                    quarantined: Err("no value supplied for quarantined".to_string()),
                    recent: Err("no value supplied for recent".to_string()),
                    refuses: Err("no value supplied for refuses".to_string()),
                    sled: Err("no value supplied for sled".to_string()),
                    summary: Err("no value supplied for summary".to_string()),
                    vmms: Err("no value supplied for vmms".to_string()),
                }
            }
        }
        impl SledExplanation {
            pub fn if_lost<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.if_lost =
                    value.try_into().map_err(|e| format!("error converting supplied value for if_lost: {e}"));
                self
            }
            pub fn quarantined<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::vec::Vec<super::QuarantinedThing>>,
                T::Error: ::std::fmt::Display,
            {
                self.quarantined = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for quarantined: {e}"));
                self
            }
            pub fn recent<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::vec::Vec<super::Event>>,
                T::Error: ::std::fmt::Display,
            {
                self.recent =
                    value.try_into().map_err(|e| format!("error converting supplied value for recent: {e}"));
                self
            }
            pub fn refuses<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::vec::Vec<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.refuses =
                    value.try_into().map_err(|e| format!("error converting supplied value for refuses: {e}"));
                self
            }
            pub fn sled<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<super::Sled>,
                T::Error: ::std::fmt::Display,
            {
                self.sled =
                    value.try_into().map_err(|e| format!("error converting supplied value for sled: {e}"));
                self
            }
            pub fn summary<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.summary =
                    value.try_into().map_err(|e| format!("error converting supplied value for summary: {e}"));
                self
            }
            pub fn vmms<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::vec::Vec<super::SledVmm>>,
                T::Error: ::std::fmt::Display,
            {
                self.vmms =
                    value.try_into().map_err(|e| format!("error converting supplied value for vmms: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<SledExplanation> for super::SledExplanation {
            type Error = super::error::ConversionError;
            fn try_from(
                value: SledExplanation,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    if_lost: value.if_lost?,
                    quarantined: value.quarantined?,
                    recent: value.recent?,
                    refuses: value.refuses?,
                    sled: value.sled?,
                    summary: value.summary?,
                    vmms: value.vmms?,
                })
            }
        }
        impl ::std::convert::From<super::SledExplanation> for SledExplanation {
            fn from(value: super::SledExplanation) -> Self {
                Self {
                    if_lost: Ok(value.if_lost),
                    quarantined: Ok(value.quarantined),
                    recent: Ok(value.recent),
                    refuses: Ok(value.refuses),
                    sled: Ok(value.sled),
                    summary: Ok(value.summary),
                    vmms: Ok(value.vmms),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct SledPage {
            items: ::std::result::Result<::std::vec::Vec<super::Sled>, ::std::string::String>,
            next_page:
                ::std::result::Result<::std::option::Option<::std::string::String>, ::std::string::String>,
        }
        impl ::std::default::Default for SledPage {
            fn default() -> Self {
                Self {
                    items: Err("no value supplied for items".to_string()),
                    next_page: Ok(Default::default()),
                }
            }
        }
        impl SledPage {
            pub fn items<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::vec::Vec<super::Sled>>,
                T::Error: ::std::fmt::Display,
            {
                self.items =
                    value.try_into().map_err(|e| format!("error converting supplied value for items: {e}"));
                self
            }
            pub fn next_page<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.next_page = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for next_page: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<SledPage> for super::SledPage {
            type Error = super::error::ConversionError;
            fn try_from(value: SledPage) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { items: value.items?, next_page: value.next_page? })
            }
        }
        impl ::std::convert::From<super::SledPage> for SledPage {
            fn from(value: super::SledPage) -> Self {
                Self { items: Ok(value.items), next_page: Ok(value.next_page) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct SledVmm {
            instance_id: ::std::result::Result<::berth_common::ids::InstanceUuid, ::std::string::String>,
            instance_name: ::std::result::Result<::std::string::String, ::std::string::String>,
            reported_at: ::std::result::Result<
                ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>,
                ::std::string::String,
            >,
            state: ::std::result::Result<::berth_common::vmm::VmmState, ::std::string::String>,
            stuck: ::std::result::Result<bool, ::std::string::String>,
            vmm_id: ::std::result::Result<::berth_common::ids::VmmUuid, ::std::string::String>,
        }
        impl ::std::default::Default for SledVmm {
            fn default() -> Self {
                Self {
                    instance_id: Err("no value supplied for instance_id".to_string()),
                    instance_name: Err("no value supplied for instance_name".to_string()),
                    reported_at: Ok(Default::default()),
                    state: Err("no value supplied for state".to_string()),
                    stuck: Err("no value supplied for stuck".to_string()),
                    vmm_id: Err("no value supplied for vmm_id".to_string()),
                }
            }
        }
        impl SledVmm {
            pub fn instance_id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::ids::InstanceUuid>,
                T::Error: ::std::fmt::Display,
            {
                self.instance_id = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for instance_id: {e}"));
                self
            }
            pub fn instance_name<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.instance_name = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for instance_name: {e}"));
                self
            }
            pub fn reported_at<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>>,
                T::Error: ::std::fmt::Display,
            {
                self.reported_at = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for reported_at: {e}"));
                self
            }
            pub fn state<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::vmm::VmmState>,
                T::Error: ::std::fmt::Display,
            {
                self.state =
                    value.try_into().map_err(|e| format!("error converting supplied value for state: {e}"));
                self
            }
            pub fn stuck<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<bool>,
                T::Error: ::std::fmt::Display,
            {
                self.stuck =
                    value.try_into().map_err(|e| format!("error converting supplied value for stuck: {e}"));
                self
            }
            pub fn vmm_id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::ids::VmmUuid>,
                T::Error: ::std::fmt::Display,
            {
                self.vmm_id =
                    value.try_into().map_err(|e| format!("error converting supplied value for vmm_id: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<SledVmm> for super::SledVmm {
            type Error = super::error::ConversionError;
            fn try_from(value: SledVmm) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    instance_id: value.instance_id?,
                    instance_name: value.instance_name?,
                    reported_at: value.reported_at?,
                    state: value.state?,
                    stuck: value.stuck?,
                    vmm_id: value.vmm_id?,
                })
            }
        }
        impl ::std::convert::From<super::SledVmm> for SledVmm {
            fn from(value: super::SledVmm) -> Self {
                Self {
                    instance_id: Ok(value.instance_id),
                    instance_name: Ok(value.instance_name),
                    reported_at: Ok(value.reported_at),
                    state: Ok(value.state),
                    stuck: Ok(value.stuck),
                    vmm_id: Ok(value.vmm_id),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct Subject {
            id: ::std::result::Result<::uuid::Uuid, ::std::string::String>,
            kind: ::std::result::Result<::std::string::String, ::std::string::String>,
            name: ::std::result::Result<::std::string::String, ::std::string::String>,
        }
        impl ::std::default::Default for Subject {
            fn default() -> Self {
                Self {
                    id: Err("no value supplied for id".to_string()),
                    kind: Err("no value supplied for kind".to_string()),
                    name: Err("no value supplied for name".to_string()),
                }
            }
        }
        impl Subject {
            pub fn id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::uuid::Uuid>,
                T::Error: ::std::fmt::Display,
            {
                self.id =
                    value.try_into().map_err(|e| format!("error converting supplied value for id: {e}"));
                self
            }
            pub fn kind<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.kind =
                    value.try_into().map_err(|e| format!("error converting supplied value for kind: {e}"));
                self
            }
            pub fn name<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.name =
                    value.try_into().map_err(|e| format!("error converting supplied value for name: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<Subject> for super::Subject {
            type Error = super::error::ConversionError;
            fn try_from(value: Subject) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { id: value.id?, kind: value.kind?, name: value.name? })
            }
        }
        impl ::std::convert::From<super::Subject> for Subject {
            fn from(value: super::Subject) -> Self {
                Self { id: Ok(value.id), kind: Ok(value.kind), name: Ok(value.name) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct Token {
            created_at:
                ::std::result::Result<::chrono::DateTime<::chrono::offset::Utc>, ::std::string::String>,
            expires_at:
                ::std::result::Result<::chrono::DateTime<::chrono::offset::Utc>, ::std::string::String>,
            id: ::std::result::Result<::berth_common::ids::TokenUuid, ::std::string::String>,
            label: ::std::result::Result<::std::string::String, ::std::string::String>,
            revoked_at: ::std::result::Result<
                ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>,
                ::std::string::String,
            >,
            user_id: ::std::result::Result<::berth_common::ids::UserUuid, ::std::string::String>,
        }
        impl ::std::default::Default for Token {
            fn default() -> Self {
                Self {
                    created_at: Err("no value supplied for created_at".to_string()),
                    expires_at: Err("no value supplied for expires_at".to_string()),
                    id: Err("no value supplied for id".to_string()),
                    label: Err("no value supplied for label".to_string()),
                    revoked_at: Ok(Default::default()),
                    user_id: Err("no value supplied for user_id".to_string()),
                }
            }
        }
        impl Token {
            pub fn created_at<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::chrono::DateTime<::chrono::offset::Utc>>,
                T::Error: ::std::fmt::Display,
            {
                self.created_at = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for created_at: {e}"));
                self
            }
            pub fn expires_at<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::chrono::DateTime<::chrono::offset::Utc>>,
                T::Error: ::std::fmt::Display,
            {
                self.expires_at = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for expires_at: {e}"));
                self
            }
            pub fn id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::ids::TokenUuid>,
                T::Error: ::std::fmt::Display,
            {
                self.id =
                    value.try_into().map_err(|e| format!("error converting supplied value for id: {e}"));
                self
            }
            pub fn label<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.label =
                    value.try_into().map_err(|e| format!("error converting supplied value for label: {e}"));
                self
            }
            pub fn revoked_at<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>>,
                T::Error: ::std::fmt::Display,
            {
                self.revoked_at = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for revoked_at: {e}"));
                self
            }
            pub fn user_id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::ids::UserUuid>,
                T::Error: ::std::fmt::Display,
            {
                self.user_id =
                    value.try_into().map_err(|e| format!("error converting supplied value for user_id: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<Token> for super::Token {
            type Error = super::error::ConversionError;
            fn try_from(value: Token) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    created_at: value.created_at?,
                    expires_at: value.expires_at?,
                    id: value.id?,
                    label: value.label?,
                    revoked_at: value.revoked_at?,
                    user_id: value.user_id?,
                })
            }
        }
        impl ::std::convert::From<super::Token> for Token {
            fn from(value: super::Token) -> Self {
                Self {
                    created_at: Ok(value.created_at),
                    expires_at: Ok(value.expires_at),
                    id: Ok(value.id),
                    label: Ok(value.label),
                    revoked_at: Ok(value.revoked_at),
                    user_id: Ok(value.user_id),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct TokenCreate {
            expires_in_s: ::std::result::Result<::std::option::Option<u64>, ::std::string::String>,
            label: ::std::result::Result<::std::string::String, ::std::string::String>,
            user: ::std::result::Result<::std::option::Option<::std::string::String>, ::std::string::String>,
        }
        impl ::std::default::Default for TokenCreate {
            fn default() -> Self {
                Self {
                    expires_in_s: Ok(Default::default()),
                    label: Ok(Default::default()),
                    user: Ok(Default::default()),
                }
            }
        }
        impl TokenCreate {
            pub fn expires_in_s<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<u64>>,
                T::Error: ::std::fmt::Display,
            {
                self.expires_in_s = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for expires_in_s: {e}"));
                self
            }
            pub fn label<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.label =
                    value.try_into().map_err(|e| format!("error converting supplied value for label: {e}"));
                self
            }
            pub fn user<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.user =
                    value.try_into().map_err(|e| format!("error converting supplied value for user: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<TokenCreate> for super::TokenCreate {
            type Error = super::error::ConversionError;
            fn try_from(value: TokenCreate) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { expires_in_s: value.expires_in_s?, label: value.label?, user: value.user? })
            }
        }
        impl ::std::convert::From<super::TokenCreate> for TokenCreate {
            fn from(value: super::TokenCreate) -> Self {
                Self { expires_in_s: Ok(value.expires_in_s), label: Ok(value.label), user: Ok(value.user) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct TokenMade {
            secret: ::std::result::Result<::std::string::String, ::std::string::String>,
            token: ::std::result::Result<super::Token, ::std::string::String>,
        }
        impl ::std::default::Default for TokenMade {
            fn default() -> Self {
                Self {
                    secret: Err("no value supplied for secret".to_string()),
                    token: Err("no value supplied for token".to_string()),
                }
            }
        }
        impl TokenMade {
            pub fn secret<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.secret =
                    value.try_into().map_err(|e| format!("error converting supplied value for secret: {e}"));
                self
            }
            pub fn token<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<super::Token>,
                T::Error: ::std::fmt::Display,
            {
                self.token =
                    value.try_into().map_err(|e| format!("error converting supplied value for token: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<TokenMade> for super::TokenMade {
            type Error = super::error::ConversionError;
            fn try_from(value: TokenMade) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { secret: value.secret?, token: value.token? })
            }
        }
        impl ::std::convert::From<super::TokenMade> for TokenMade {
            fn from(value: super::TokenMade) -> Self {
                Self { secret: Ok(value.secret), token: Ok(value.token) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct TokenPage {
            items: ::std::result::Result<::std::vec::Vec<super::Token>, ::std::string::String>,
            next_page:
                ::std::result::Result<::std::option::Option<::std::string::String>, ::std::string::String>,
        }
        impl ::std::default::Default for TokenPage {
            fn default() -> Self {
                Self {
                    items: Err("no value supplied for items".to_string()),
                    next_page: Ok(Default::default()),
                }
            }
        }
        impl TokenPage {
            pub fn items<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::vec::Vec<super::Token>>,
                T::Error: ::std::fmt::Display,
            {
                self.items =
                    value.try_into().map_err(|e| format!("error converting supplied value for items: {e}"));
                self
            }
            pub fn next_page<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.next_page = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for next_page: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<TokenPage> for super::TokenPage {
            type Error = super::error::ConversionError;
            fn try_from(value: TokenPage) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { items: value.items?, next_page: value.next_page? })
            }
        }
        impl ::std::convert::From<super::TokenPage> for TokenPage {
            fn from(value: super::TokenPage) -> Self {
                Self { items: Ok(value.items), next_page: Ok(value.next_page) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct User {
            created_at:
                ::std::result::Result<::chrono::DateTime<::chrono::offset::Utc>, ::std::string::String>,
            fleet_role: ::std::result::Result<
                ::std::option::Option<::berth_common::role::Role>,
                ::std::string::String,
            >,
            id: ::std::result::Result<::berth_common::ids::UserUuid, ::std::string::String>,
            name: ::std::result::Result<::berth_common::Name, ::std::string::String>,
        }
        impl ::std::default::Default for User {
            fn default() -> Self {
                Self {
                    created_at: Err("no value supplied for created_at".to_string()),
                    fleet_role: Ok(Default::default()),
                    id: Err("no value supplied for id".to_string()),
                    name: Err("no value supplied for name".to_string()),
                }
            }
        }
        impl User {
            pub fn created_at<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::chrono::DateTime<::chrono::offset::Utc>>,
                T::Error: ::std::fmt::Display,
            {
                self.created_at = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for created_at: {e}"));
                self
            }
            pub fn fleet_role<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::berth_common::role::Role>>,
                T::Error: ::std::fmt::Display,
            {
                self.fleet_role = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for fleet_role: {e}"));
                self
            }
            pub fn id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::ids::UserUuid>,
                T::Error: ::std::fmt::Display,
            {
                self.id =
                    value.try_into().map_err(|e| format!("error converting supplied value for id: {e}"));
                self
            }
            pub fn name<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::Name>,
                T::Error: ::std::fmt::Display,
            {
                self.name =
                    value.try_into().map_err(|e| format!("error converting supplied value for name: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<User> for super::User {
            type Error = super::error::ConversionError;
            fn try_from(value: User) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    created_at: value.created_at?,
                    fleet_role: value.fleet_role?,
                    id: value.id?,
                    name: value.name?,
                })
            }
        }
        impl ::std::convert::From<super::User> for User {
            fn from(value: super::User) -> Self {
                Self {
                    created_at: Ok(value.created_at),
                    fleet_role: Ok(value.fleet_role),
                    id: Ok(value.id),
                    name: Ok(value.name),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct UserCreate {
            fleet_role: ::std::result::Result<
                ::std::option::Option<::berth_common::role::Role>,
                ::std::string::String,
            >,
            name: ::std::result::Result<::berth_common::Name, ::std::string::String>,
        }
        impl ::std::default::Default for UserCreate {
            fn default() -> Self {
                Self {
                    fleet_role: Ok(Default::default()),
                    name: Err("no value supplied for name".to_string()),
                }
            }
        }
        impl UserCreate {
            pub fn fleet_role<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::berth_common::role::Role>>,
                T::Error: ::std::fmt::Display,
            {
                self.fleet_role = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for fleet_role: {e}"));
                self
            }
            pub fn name<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::Name>,
                T::Error: ::std::fmt::Display,
            {
                self.name =
                    value.try_into().map_err(|e| format!("error converting supplied value for name: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<UserCreate> for super::UserCreate {
            type Error = super::error::ConversionError;
            fn try_from(value: UserCreate) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { fleet_role: value.fleet_role?, name: value.name? })
            }
        }
        impl ::std::convert::From<super::UserCreate> for UserCreate {
            fn from(value: super::UserCreate) -> Self {
                Self { fleet_role: Ok(value.fleet_role), name: Ok(value.name) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct UserPage {
            items: ::std::result::Result<::std::vec::Vec<super::User>, ::std::string::String>,
            next_page:
                ::std::result::Result<::std::option::Option<::std::string::String>, ::std::string::String>,
        }
        impl ::std::default::Default for UserPage {
            fn default() -> Self {
                Self {
                    items: Err("no value supplied for items".to_string()),
                    next_page: Ok(Default::default()),
                }
            }
        }
        impl UserPage {
            pub fn items<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::vec::Vec<super::User>>,
                T::Error: ::std::fmt::Display,
            {
                self.items =
                    value.try_into().map_err(|e| format!("error converting supplied value for items: {e}"));
                self
            }
            pub fn next_page<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.next_page = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for next_page: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<UserPage> for super::UserPage {
            type Error = super::error::ConversionError;
            fn try_from(value: UserPage) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { items: value.items?, next_page: value.next_page? })
            }
        }
        impl ::std::convert::From<super::UserPage> for UserPage {
            fn from(value: super::UserPage) -> Self {
                Self { items: Ok(value.items), next_page: Ok(value.next_page) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct Version {
            api: ::std::result::Result<::std::string::String, ::std::string::String>,
            nexus: ::std::result::Result<::std::string::String, ::std::string::String>,
        }
        impl ::std::default::Default for Version {
            fn default() -> Self {
                Self {
                    api: Err("no value supplied for api".to_string()),
                    nexus: Err("no value supplied for nexus".to_string()),
                }
            }
        }
        impl Version {
            pub fn api<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.api =
                    value.try_into().map_err(|e| format!("error converting supplied value for api: {e}"));
                self
            }
            pub fn nexus<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.nexus =
                    value.try_into().map_err(|e| format!("error converting supplied value for nexus: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<Version> for super::Version {
            type Error = super::error::ConversionError;
            fn try_from(value: Version) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { api: value.api?, nexus: value.nexus? })
            }
        }
        impl ::std::convert::From<super::Version> for Version {
            fn from(value: super::Version) -> Self {
                Self { api: Ok(value.api), nexus: Ok(value.nexus) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct Vmm {
            detail:
                ::std::result::Result<::std::option::Option<::std::string::String>, ::std::string::String>,
            ended_by: ::std::result::Result<
                ::std::option::Option<::berth_common::vmm::EndedBy>,
                ::std::string::String,
            >,
            epoch: ::std::result::Result<i64, ::std::string::String>,
            id: ::std::result::Result<::berth_common::ids::VmmUuid, ::std::string::String>,
            state: ::std::result::Result<::berth_common::vmm::VmmState, ::std::string::String>,
            stuck: ::std::result::Result<bool, ::std::string::String>,
            unresponsive: ::std::result::Result<bool, ::std::string::String>,
        }
        impl ::std::default::Default for Vmm {
            fn default() -> Self {
                Self {
                    detail: Ok(Default::default()),
                    ended_by: Ok(Default::default()),
                    epoch: Err("no value supplied for epoch".to_string()),
                    id: Err("no value supplied for id".to_string()),
                    state: Err("no value supplied for state".to_string()),
                    stuck: Err("no value supplied for stuck".to_string()),
                    unresponsive: Err("no value supplied for unresponsive".to_string()),
                }
            }
        }
        impl Vmm {
            pub fn detail<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.detail =
                    value.try_into().map_err(|e| format!("error converting supplied value for detail: {e}"));
                self
            }
            pub fn ended_by<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::berth_common::vmm::EndedBy>>,
                T::Error: ::std::fmt::Display,
            {
                self.ended_by = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for ended_by: {e}"));
                self
            }
            pub fn epoch<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<i64>,
                T::Error: ::std::fmt::Display,
            {
                self.epoch =
                    value.try_into().map_err(|e| format!("error converting supplied value for epoch: {e}"));
                self
            }
            pub fn id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::ids::VmmUuid>,
                T::Error: ::std::fmt::Display,
            {
                self.id =
                    value.try_into().map_err(|e| format!("error converting supplied value for id: {e}"));
                self
            }
            pub fn state<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::vmm::VmmState>,
                T::Error: ::std::fmt::Display,
            {
                self.state =
                    value.try_into().map_err(|e| format!("error converting supplied value for state: {e}"));
                self
            }
            pub fn stuck<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<bool>,
                T::Error: ::std::fmt::Display,
            {
                self.stuck =
                    value.try_into().map_err(|e| format!("error converting supplied value for stuck: {e}"));
                self
            }
            pub fn unresponsive<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<bool>,
                T::Error: ::std::fmt::Display,
            {
                self.unresponsive = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for unresponsive: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<Vmm> for super::Vmm {
            type Error = super::error::ConversionError;
            fn try_from(value: Vmm) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    detail: value.detail?,
                    ended_by: value.ended_by?,
                    epoch: value.epoch?,
                    id: value.id?,
                    state: value.state?,
                    stuck: value.stuck?,
                    unresponsive: value.unresponsive?,
                })
            }
        }
        impl ::std::convert::From<super::Vmm> for Vmm {
            fn from(value: super::Vmm) -> Self {
                Self {
                    detail: Ok(value.detail),
                    ended_by: Ok(value.ended_by),
                    epoch: Ok(value.epoch),
                    id: Ok(value.id),
                    state: Ok(value.state),
                    stuck: Ok(value.stuck),
                    unresponsive: Ok(value.unresponsive),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct VmmEnd {
            detail:
                ::std::result::Result<::std::option::Option<::std::string::String>, ::std::string::String>,
            ended_at: ::std::result::Result<::chrono::DateTime<::chrono::offset::Utc>, ::std::string::String>,
            ended_by: ::std::result::Result<::berth_common::vmm::EndedBy, ::std::string::String>,
            vmm_id: ::std::result::Result<::berth_common::ids::VmmUuid, ::std::string::String>,
        }
        impl ::std::default::Default for VmmEnd {
            fn default() -> Self {
                Self {
                    detail: Ok(Default::default()),
                    ended_at: Err("no value supplied for ended_at".to_string()),
                    ended_by: Err("no value supplied for ended_by".to_string()),
                    vmm_id: Err("no value supplied for vmm_id".to_string()),
                }
            }
        }
        impl VmmEnd {
            pub fn detail<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.detail =
                    value.try_into().map_err(|e| format!("error converting supplied value for detail: {e}"));
                self
            }
            pub fn ended_at<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::chrono::DateTime<::chrono::offset::Utc>>,
                T::Error: ::std::fmt::Display,
            {
                self.ended_at = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for ended_at: {e}"));
                self
            }
            pub fn ended_by<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::vmm::EndedBy>,
                T::Error: ::std::fmt::Display,
            {
                self.ended_by = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for ended_by: {e}"));
                self
            }
            pub fn vmm_id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::berth_common::ids::VmmUuid>,
                T::Error: ::std::fmt::Display,
            {
                self.vmm_id =
                    value.try_into().map_err(|e| format!("error converting supplied value for vmm_id: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<VmmEnd> for super::VmmEnd {
            type Error = super::error::ConversionError;
            fn try_from(value: VmmEnd) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    detail: value.detail?,
                    ended_at: value.ended_at?,
                    ended_by: value.ended_by?,
                    vmm_id: value.vmm_id?,
                })
            }
        }
        impl ::std::convert::From<super::VmmEnd> for VmmEnd {
            fn from(value: super::VmmEnd) -> Self {
                Self {
                    detail: Ok(value.detail),
                    ended_at: Ok(value.ended_at),
                    ended_by: Ok(value.ended_by),
                    vmm_id: Ok(value.vmm_id),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct Waiting {
            since: ::std::result::Result<::chrono::DateTime<::chrono::offset::Utc>, ::std::string::String>,
            what: ::std::result::Result<::std::string::String, ::std::string::String>,
        }
        impl ::std::default::Default for Waiting {
            fn default() -> Self {
                Self {
                    since: Err("no value supplied for since".to_string()),
                    what: Err("no value supplied for what".to_string()),
                }
            }
        }
        impl Waiting {
            pub fn since<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::chrono::DateTime<::chrono::offset::Utc>>,
                T::Error: ::std::fmt::Display,
            {
                self.since =
                    value.try_into().map_err(|e| format!("error converting supplied value for since: {e}"));
                self
            }
            pub fn what<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.what =
                    value.try_into().map_err(|e| format!("error converting supplied value for what: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<Waiting> for super::Waiting {
            type Error = super::error::ConversionError;
            fn try_from(value: Waiting) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { since: value.since?, what: value.what? })
            }
        }
        impl ::std::convert::From<super::Waiting> for Waiting {
            fn from(value: super::Waiting) -> Self {
                Self { since: Ok(value.since), what: Ok(value.what) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct Whoami {
            projects: ::std::result::Result<::std::vec::Vec<super::ProjectMembership>, ::std::string::String>,
            token_expires_at:
                ::std::result::Result<::chrono::DateTime<::chrono::offset::Utc>, ::std::string::String>,
            user: ::std::result::Result<super::User, ::std::string::String>,
        }
        impl ::std::default::Default for Whoami {
            fn default() -> Self {
                Self {
                    projects: Err("no value supplied for projects".to_string()),
                    token_expires_at: Err("no value supplied for token_expires_at".to_string()),
                    user: Err("no value supplied for user".to_string()),
                }
            }
        }
        impl Whoami {
            pub fn projects<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::vec::Vec<super::ProjectMembership>>,
                T::Error: ::std::fmt::Display,
            {
                self.projects = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for projects: {e}"));
                self
            }
            pub fn token_expires_at<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::chrono::DateTime<::chrono::offset::Utc>>,
                T::Error: ::std::fmt::Display,
            {
                self.token_expires_at = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for token_expires_at: {e}"));
                self
            }
            pub fn user<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<super::User>,
                T::Error: ::std::fmt::Display,
            {
                self.user =
                    value.try_into().map_err(|e| format!("error converting supplied value for user: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<Whoami> for super::Whoami {
            type Error = super::error::ConversionError;
            fn try_from(value: Whoami) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    projects: value.projects?,
                    token_expires_at: value.token_expires_at?,
                    user: value.user?,
                })
            }
        }
        impl ::std::convert::From<super::Whoami> for Whoami {
            fn from(value: super::Whoami) -> Self {
                Self {
                    projects: Ok(value.projects),
                    token_expires_at: Ok(value.token_expires_at),
                    user: Ok(value.user),
                }
            }
        }
    }
    /// Error types.
    pub mod error {
        /// Error from a `TryFrom` or `FromStr` implementation.
        pub struct ConversionError(::std::borrow::Cow<'static, str>);
        impl ::std::error::Error for ConversionError {}
        impl ::std::fmt::Display for ConversionError {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> Result<(), ::std::fmt::Error> {
                ::std::fmt::Display::fmt(&self.0, f)
            }
        }
        impl ::std::fmt::Debug for ConversionError {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> Result<(), ::std::fmt::Error> {
                ::std::fmt::Debug::fmt(&self.0, f)
            }
        }
        impl From<&'static str> for ConversionError {
            fn from(value: &'static str) -> Self {
                Self(value.into())
            }
        }
        impl From<String> for ConversionError {
            fn from(value: String) -> Self {
                Self(value.into())
            }
        }
    }
}
#[derive(Clone, Debug)]
/**Client for Berth

The API of users (/v1) and operators (/v1/system) of a Berth cluster.

Version: 1.0.0*/
pub struct Client {
    pub(crate) baseurl: String,
    pub(crate) client: reqwest::Client,
}
impl Client {
    /// Create a new client.
    ///
    /// `baseurl` is the base URL provided to the internal
    /// `reqwest::Client`, and should include a scheme and hostname,
    /// as well as port and a path stem if applicable.
    pub fn new(baseurl: &str) -> Self {
        #[cfg(not(target_arch = "wasm32"))]
        let client = {
            let dur = ::std::time::Duration::from_secs(15u64);
            reqwest::ClientBuilder::new().connect_timeout(dur).timeout(dur)
        };
        #[cfg(target_arch = "wasm32")]
        let client = reqwest::ClientBuilder::new();
        Self::new_with_client(baseurl, client.build().unwrap())
    }
    /// Construct a new client with an existing `reqwest::Client`,
    /// allowing more control over its configuration.
    ///
    /// `baseurl` is the base URL provided to the internal
    /// `reqwest::Client`, and should include a scheme and hostname,
    /// as well as port and a path stem if applicable.
    pub fn new_with_client(baseurl: &str, client: reqwest::Client) -> Self {
        Self { baseurl: baseurl.to_string(), client }
    }
}
impl ClientInfo<()> for Client {
    fn api_version() -> &'static str {
        "1.0.0"
    }
    fn baseurl(&self) -> &str {
        self.baseurl.as_str()
    }
    fn client(&self) -> &reqwest::Client {
        &self.client
    }
    fn inner(&self) -> &() {
        &()
    }
}
impl ClientHooks<()> for &Client {}
impl Client {
    /**List disks

    Sends a `GET` request to `/v1/disks`

    Arguments:
    - `limit`: Items at most, 1 to 1000; default 100.
    - `page_token`: `next_page` of the page before.
    - `project`: The project, by name or id. Omitted: all projects, for those who may see the fleet.
    ```ignore
    let response = client.disk_list()
        .limit(limit)
        .page_token(page_token)
        .project(project)
        .send()
        .await;
    ```*/
    pub fn disk_list(&self) -> builder::DiskList<'_> {
        builder::DiskList::new(self)
    }
    /**Make a disk, empty or from an image

    Sends a `POST` request to `/v1/disks`

    Arguments:
    - `project`: The project, by name or id.
    - `idempotency_key`: 1 to 128 printable characters, chosen by the client, unique for what it wants to be done once.
    - `body`
    ```ignore
    let response = client.disk_create()
        .project(project)
        .idempotency_key(idempotency_key)
        .body(body)
        .send()
        .await;
    ```*/
    pub fn disk_create(&self) -> builder::DiskCreate<'_> {
        builder::DiskCreate::new(self)
    }
    /**View a disk

    Sends a `GET` request to `/v1/disks/{disk}`

    Arguments:
    - `disk`: The disk, by name or id.
    - `project`: The project of a name, by name or id; not allowed beside an id.
    ```ignore
    let response = client.disk_view()
        .disk(disk)
        .project(project)
        .send()
        .await;
    ```*/
    pub fn disk_view(&self) -> builder::DiskView<'_> {
        builder::DiskView::new(self)
    }
    /**Delete a disk that is attached to nothing

    Sends a `DELETE` request to `/v1/disks/{disk}`

    Arguments:
    - `disk`: The disk, by name or id.
    - `project`: The project of a name, by name or id; not allowed beside an id.
    ```ignore
    let response = client.disk_delete()
        .disk(disk)
        .project(project)
        .send()
        .await;
    ```*/
    pub fn disk_delete(&self) -> builder::DiskDelete<'_> {
        builder::DiskDelete::new(self)
    }
    /**Attach a disk to a stopped instance

    Sends a `POST` request to `/v1/disks/{disk}/attach`

    Arguments:
    - `disk`: The disk, by name or id.
    - `project`: The project of a name, by name or id; not allowed beside an id.
    - `body`
    ```ignore
    let response = client.disk_attach()
        .disk(disk)
        .project(project)
        .body(body)
        .send()
        .await;
    ```*/
    pub fn disk_attach(&self) -> builder::DiskAttach<'_> {
        builder::DiskAttach::new(self)
    }
    /**Detach a disk from its stopped instance

    Sends a `POST` request to `/v1/disks/{disk}/detach`

    Arguments:
    - `disk`: The disk, by name or id.
    - `project`: The project of a name, by name or id; not allowed beside an id.
    ```ignore
    let response = client.disk_detach()
        .disk(disk)
        .project(project)
        .send()
        .await;
    ```*/
    pub fn disk_detach(&self) -> builder::DiskDetach<'_> {
        builder::DiskDetach::new(self)
    }
    /**List what happened, or wait for it

    Sends a `GET` request to `/v1/events`

    Arguments:
    - `limit`: Events at most, 1 to 1000; default 100.
    - `project`: The project, by name or id. Omitted: all, for those who may see the fleet.
    - `since`: `next` of the page before, or `now`: what happens from now on. Omitted: from the oldest event kept.
    - `wait`: If there is nothing yet, answer when there is, or after this time (`30s`); at most 55 s.
    ```ignore
    let response = client.event_list()
        .limit(limit)
        .project(project)
        .since(since)
        .wait(wait)
        .send()
        .await;
    ```*/
    pub fn event_list(&self) -> builder::EventList<'_> {
        builder::EventList::new(self)
    }
    /**Say that this nexus answers. Needs no token

    Sends a `GET` request to `/v1/health`

    ```ignore
    let response = client.health()
        .send()
        .await;
    ```*/
    pub fn health(&self) -> builder::Health<'_> {
        builder::Health::new(self)
    }
    /**List images

    Sends a `GET` request to `/v1/images`

    Arguments:
    - `limit`: Items at most, 1 to 1000; default 100.
    - `page_token`: `next_page` of the page before.
    - `project`: The project, by name or id. Omitted: all projects, for those who may see the fleet.
    ```ignore
    let response = client.image_list()
        .limit(limit)
        .page_token(page_token)
        .project(project)
        .send()
        .await;
    ```*/
    pub fn image_list(&self) -> builder::ImageList<'_> {
        builder::ImageList::new(self)
    }
    /**Make an image, to be filled by uploads

    Sends a `POST` request to `/v1/images`

    Arguments:
    - `project`: The project, by name or id.
    - `idempotency_key`: 1 to 128 printable characters, chosen by the client, unique for what it wants to be done once.
    - `body`
    ```ignore
    let response = client.image_create()
        .project(project)
        .idempotency_key(idempotency_key)
        .body(body)
        .send()
        .await;
    ```*/
    pub fn image_create(&self) -> builder::ImageCreate<'_> {
        builder::ImageCreate::new(self)
    }
    /**View an image

    Sends a `GET` request to `/v1/images/{image}`

    Arguments:
    - `image`: The image, by name or id.
    - `project`: The project of a name, by name or id; not allowed beside an id.
    ```ignore
    let response = client.image_view()
        .image(image)
        .project(project)
        .send()
        .await;
    ```*/
    pub fn image_view(&self) -> builder::ImageView<'_> {
        builder::ImageView::new(self)
    }
    /**Delete an image that nothing uses

    Sends a `DELETE` request to `/v1/images/{image}`

    Arguments:
    - `image`: The image, by name or id.
    - `project`: The project of a name, by name or id; not allowed beside an id.
    ```ignore
    let response = client.image_delete()
        .image(image)
        .project(project)
        .send()
        .await;
    ```*/
    pub fn image_delete(&self) -> builder::ImageDelete<'_> {
        builder::ImageDelete::new(self)
    }
    /**Upload one file of an image. Asked again with the same bytes, it answers the same

    Sends a `PUT` request to `/v1/images/{image}/files/{part}`

    Arguments:
    - `image`: The image, by name or id.
    - `part`: Which of its files.
    - `project`: The project of a name; not allowed beside an id.
    - `sha256`: SHA-256 of the file, hexadecimal. If what arrives differs, nothing is kept.
    - `body`
    ```ignore
    let response = client.image_upload()
        .image(image)
        .part(part)
        .project(project)
        .sha256(sha256)
        .body(body)
        .send()
        .await;
    ```*/
    pub fn image_upload(&self) -> builder::ImageUpload<'_> {
        builder::ImageUpload::new(self)
    }
    /**List instances

    Sends a `GET` request to `/v1/instances`

    Arguments:
    - `limit`: Items at most, 1 to 1000; default 100.
    - `page_token`: `next_page` of the page before.
    - `project`: The project, by name or id. Omitted: all projects, for those who may see the fleet.
    ```ignore
    let response = client.instance_list()
        .limit(limit)
        .page_token(page_token)
        .project(project)
        .send()
        .await;
    ```*/
    pub fn instance_list(&self) -> builder::InstanceList<'_> {
        builder::InstanceList::new(self)
    }
    /**Make an instance

    Sends a `POST` request to `/v1/instances`

    Arguments:
    - `project`: The project, by name or id.
    - `idempotency_key`: 1 to 128 printable characters, chosen by the client, unique for what it wants to be done once.
    - `body`
    ```ignore
    let response = client.instance_create()
        .project(project)
        .idempotency_key(idempotency_key)
        .body(body)
        .send()
        .await;
    ```*/
    pub fn instance_create(&self) -> builder::InstanceCreate<'_> {
        builder::InstanceCreate::new(self)
    }
    /**View an instance

    Sends a `GET` request to `/v1/instances/{instance}`

    Arguments:
    - `instance`: The instance, by name or id.
    - `project`: The project of a name, by name or id; not allowed beside an id.
    ```ignore
    let response = client.instance_view()
        .instance(instance)
        .project(project)
        .send()
        .await;
    ```*/
    pub fn instance_view(&self) -> builder::InstanceView<'_> {
        builder::InstanceView::new(self)
    }
    /**Delete an instance, in whatever state. Its disks stay

    Sends a `DELETE` request to `/v1/instances/{instance}`

    Arguments:
    - `instance`: The instance, by name or id.
    - `project`: The project of a name, by name or id; not allowed beside an id.
    ```ignore
    let response = client.instance_delete()
        .instance(instance)
        .project(project)
        .send()
        .await;
    ```*/
    pub fn instance_delete(&self) -> builder::InstanceDelete<'_> {
        builder::InstanceDelete::new(self)
    }
    /**Change an instance

    Sends a `PATCH` request to `/v1/instances/{instance}`

    Arguments:
    - `instance`: The instance, by name or id.
    - `project`: The project of a name, by name or id; not allowed beside an id.
    - `if_match`: A generation, with or without quotes; omitted: whatever is there is updated.
    - `body`
    ```ignore
    let response = client.instance_update()
        .instance(instance)
        .project(project)
        .if_match(if_match)
        .body(body)
        .send()
        .await;
    ```*/
    pub fn instance_update(&self) -> builder::InstanceUpdate<'_> {
        builder::InstanceUpdate::new(self)
    }
    /**List what happened to an instance

    Sends a `GET` request to `/v1/instances/{instance}/events`

    Arguments:
    - `instance`: The instance, by name or id.
    - `limit`: Events at most, 1 to 1000; default 100.
    - `project`: The project of a name; not allowed beside an id.
    - `since`: `next` of the page before, or `now`. Omitted: from the oldest event kept.
    - `wait`: If there is nothing yet, answer when there is, or after this time (`30s`); at most 55 s.
    ```ignore
    let response = client.instance_events()
        .instance(instance)
        .limit(limit)
        .project(project)
        .since(since)
        .wait(wait)
        .send()
        .await;
    ```*/
    pub fn instance_events(&self) -> builder::InstanceEvents<'_> {
        builder::InstanceEvents::new(self)
    }
    /**Explain why an instance is as it is

    Sends a `GET` request to `/v1/instances/{instance}/explain`

    Arguments:
    - `instance`: The instance, by name or id.
    - `project`: The project of a name, by name or id; not allowed beside an id.
    ```ignore
    let response = client.instance_explain()
        .instance(instance)
        .project(project)
        .send()
        .await;
    ```*/
    pub fn instance_explain(&self) -> builder::InstanceExplain<'_> {
        builder::InstanceExplain::new(self)
    }
    /**End everything that runs of an instance, at once and for certain: the guest's cord is pulled

    Sends a `POST` request to `/v1/instances/{instance}/force-stop`

    Arguments:
    - `instance`: The instance, by name or id.
    - `project`: The project of a name, by name or id; not allowed beside an id.
    - `body`
    ```ignore
    let response = client.instance_force_stop()
        .instance(instance)
        .project(project)
        .body(body)
        .send()
        .await;
    ```*/
    pub fn instance_force_stop(&self) -> builder::InstanceForceStop<'_> {
        builder::InstanceForceStop::new(self)
    }
    /**Migrate a running instance to another sled

    Sends a `POST` request to `/v1/instances/{instance}/migrate`

    Arguments:
    - `instance`: The instance, by name or id.
    - `project`: The project of a name, by name or id; not allowed beside an id.
    - `body`
    ```ignore
    let response = client.instance_migrate()
        .instance(instance)
        .project(project)
        .body(body)
        .send()
        .await;
    ```*/
    pub fn instance_migrate(&self) -> builder::InstanceMigrate<'_> {
        builder::InstanceMigrate::new(self)
    }
    /**Reboot an instance in place: the same incarnation, in a new hypervisor process

    Sends a `POST` request to `/v1/instances/{instance}/reboot`

    Arguments:
    - `instance`: The instance, by name or id.
    - `project`: The project of a name, by name or id; not allowed beside an id.
    - `body`
    ```ignore
    let response = client.instance_reboot()
        .instance(instance)
        .project(project)
        .body(body)
        .send()
        .await;
    ```*/
    pub fn instance_reboot(&self) -> builder::InstanceReboot<'_> {
        builder::InstanceReboot::new(self)
    }
    /**Read the history of an instance's serial console

    Sends a `GET` request to `/v1/instances/{instance}/serial-console`

    Arguments:
    - `instance`: The instance, by name or id.
    - `from`: First byte wanted, counted from the incarnation's first output. Omitted: the last `max_bytes`.
    - `max_bytes`: At most so many bytes; 1 to 1 MiB, default 64 KiB.
    - `project`: The project of a name; not allowed beside an id.
    ```ignore
    let response = client.instance_serial_console()
        .instance(instance)
        .from(from)
        .max_bytes(max_bytes)
        .project(project)
        .send()
        .await;
    ```*/
    pub fn instance_serial_console(&self) -> builder::InstanceSerialConsole<'_> {
        builder::InstanceSerialConsole::new(self)
    }
    /**Follow an instance's serial console, and type: a websocket. See the frames in `serial`

    Sends a `GET` request to `/v1/instances/{instance}/serial-console/stream`

    Arguments:
    - `instance`: The instance, by name or id.
    - `from`: First byte wanted, counted from the incarnation's first output. Omitted: the last 64 KiB, then what comes.
    - `project`: The project of a name; not allowed beside an id.
    ```ignore
    let response = client.instance_console()
        .instance(instance)
        .from(from)
        .project(project)
        .send()
        .await;
    ```*/
    pub fn instance_console(&self) -> builder::InstanceConsole<'_> {
        builder::InstanceConsole::new(self)
    }
    /**Start an instance

    Sends a `POST` request to `/v1/instances/{instance}/start`

    Arguments:
    - `instance`: The instance, by name or id.
    - `project`: The project of a name, by name or id; not allowed beside an id.
    ```ignore
    let response = client.instance_start()
        .instance(instance)
        .project(project)
        .send()
        .await;
    ```*/
    pub fn instance_start(&self) -> builder::InstanceStart<'_> {
        builder::InstanceStart::new(self)
    }
    /**Stop an instance, by the power button first

    Sends a `POST` request to `/v1/instances/{instance}/stop`

    Arguments:
    - `instance`: The instance, by name or id.
    - `project`: The project of a name, by name or id; not allowed beside an id.
    - `body`
    ```ignore
    let response = client.instance_stop()
        .instance(instance)
        .project(project)
        .body(body)
        .send()
        .await;
    ```*/
    pub fn instance_stop(&self) -> builder::InstanceStop<'_> {
        builder::InstanceStop::new(self)
    }
    /**List operations, newest first

    Sends a `GET` request to `/v1/operations`

    Arguments:
    - `limit`: Items at most, 1 to 1000; default 100.
    - `open`: Only those that haven't ended.
    - `page_token`: `next_page` of the page before.
    - `project`: The project, by name or id. Omitted: all projects, for those who may see the fleet.
    - `subject`: Only those about this thing.
    ```ignore
    let response = client.operation_list()
        .limit(limit)
        .open(open)
        .page_token(page_token)
        .project(project)
        .subject(subject)
        .send()
        .await;
    ```*/
    pub fn operation_list(&self) -> builder::OperationList<'_> {
        builder::OperationList::new(self)
    }
    /**View an operation, or wait for its end

    Sends a `GET` request to `/v1/operations/{operation}`

    Arguments:
    - `operation`: The operation.
    - `wait`: Answer when it has ended, or after this time (`30s`), whichever is first; at most 55 s.
    ```ignore
    let response = client.operation_view()
        .operation(operation)
        .wait(wait)
        .send()
        .await;
    ```*/
    pub fn operation_view(&self) -> builder::OperationView<'_> {
        builder::OperationView::new(self)
    }
    /**Ask for an operation to be given up. It ends by itself soon after

    Sends a `POST` request to `/v1/operations/{operation}/cancel`

    Arguments:
    - `operation`: The operation.
    ```ignore
    let response = client.operation_cancel()
        .operation(operation)
        .send()
        .await;
    ```*/
    pub fn operation_cancel(&self) -> builder::OperationCancel<'_> {
        builder::OperationCancel::new(self)
    }
    /**List storage pools

    Sends a `GET` request to `/v1/pools`

    Arguments:
    - `limit`: Items at most, 1 to 1000; default 100.
    - `page_token`: `next_page` of the page before.
    ```ignore
    let response = client.pool_list()
        .limit(limit)
        .page_token(page_token)
        .send()
        .await;
    ```*/
    pub fn pool_list(&self) -> builder::PoolList<'_> {
        builder::PoolList::new(self)
    }
    /**List the projects one can see

    Sends a `GET` request to `/v1/projects`

    Arguments:
    - `limit`: Items at most, 1 to 1000; default 100.
    - `page_token`: `next_page` of the page before.
    ```ignore
    let response = client.project_list()
        .limit(limit)
        .page_token(page_token)
        .send()
        .await;
    ```*/
    pub fn project_list(&self) -> builder::ProjectList<'_> {
        builder::ProjectList::new(self)
    }
    /**Make a project

    Sends a `POST` request to `/v1/projects`

    Arguments:
    - `idempotency_key`: 1 to 128 printable characters, chosen by the client, unique for what it wants to be done once.
    - `body`
    ```ignore
    let response = client.project_create()
        .idempotency_key(idempotency_key)
        .body(body)
        .send()
        .await;
    ```*/
    pub fn project_create(&self) -> builder::ProjectCreate<'_> {
        builder::ProjectCreate::new(self)
    }
    /**View a project

    Sends a `GET` request to `/v1/projects/{project}`

    Arguments:
    - `project`: The project, by name or id.
    ```ignore
    let response = client.project_view()
        .project(project)
        .send()
        .await;
    ```*/
    pub fn project_view(&self) -> builder::ProjectView<'_> {
        builder::ProjectView::new(self)
    }
    /**Delete a project. It must be empty

    Sends a `DELETE` request to `/v1/projects/{project}`

    Arguments:
    - `project`: The project, by name or id.
    ```ignore
    let response = client.project_delete()
        .project(project)
        .send()
        .await;
    ```*/
    pub fn project_delete(&self) -> builder::ProjectDelete<'_> {
        builder::ProjectDelete::new(self)
    }
    /**Change a project

    Sends a `PATCH` request to `/v1/projects/{project}`

    Arguments:
    - `project`: The project, by name or id.
    - `if_match`: A generation, with or without quotes; omitted: whatever is there is updated.
    - `body`
    ```ignore
    let response = client.project_update()
        .project(project)
        .if_match(if_match)
        .body(body)
        .send()
        .await;
    ```*/
    pub fn project_update(&self) -> builder::ProjectUpdate<'_> {
        builder::ProjectUpdate::new(self)
    }
    /**Recompute every invariant from the rows

    Sends a `POST` request to `/v1/system/check`

    ```ignore
    let response = client.check()
        .send()
        .await;
    ```*/
    pub fn check(&self) -> builder::Check<'_> {
        builder::Check::new(self)
    }
    /**List join tokens

    Sends a `GET` request to `/v1/system/join-tokens`

    Arguments:
    - `limit`: Items at most, 1 to 1000; default 100.
    - `page_token`: `next_page` of the page before.
    ```ignore
    let response = client.join_token_list()
        .limit(limit)
        .page_token(page_token)
        .send()
        .await;
    ```*/
    pub fn join_token_list(&self) -> builder::JoinTokenList<'_> {
        builder::JoinTokenList::new(self)
    }
    /**Make a one-time token by which a host becomes a sled

    Sends a `POST` request to `/v1/system/join-tokens`

    ```ignore
    let response = client.join_token_create()
        .body(body)
        .send()
        .await;
    ```*/
    pub fn join_token_create(&self) -> builder::JoinTokenCreate<'_> {
        builder::JoinTokenCreate::new(self)
    }
    /**Revoke a join token

    Sends a `DELETE` request to `/v1/system/join-tokens/{join_token}`

    Arguments:
    - `join_token`: The join token.
    ```ignore
    let response = client.join_token_revoke()
        .join_token(join_token)
        .send()
        .await;
    ```*/
    pub fn join_token_revoke(&self) -> builder::JoinTokenRevoke<'_> {
        builder::JoinTokenRevoke::new(self)
    }
    /**Read this nexus' metrics, in the text form of OpenMetrics. Counters are of this process alone

    Sends a `GET` request to `/v1/system/metrics`

    ```ignore
    let response = client.metrics()
        .send()
        .await;
    ```*/
    pub fn metrics(&self) -> builder::Metrics<'_> {
        builder::Metrics::new(self)
    }
    /**List the nexus of the cluster

    Sends a `GET` request to `/v1/system/nexus`

    ```ignore
    let response = client.nexus_list()
        .send()
        .await;
    ```*/
    pub fn nexus_list(&self) -> builder::NexusList<'_> {
        builder::NexusList::new(self)
    }
    /**List who has which role in a project, or in the fleet

    Sends a `GET` request to `/v1/system/roles`

    Arguments:
    - `limit`: Items at most, 1 to 1000; default 100.
    - `page_token`: `next_page` of the page before.
    - `project`: The project, by name or id. Omitted: all projects, for those who may see the fleet.
    ```ignore
    let response = client.role_list()
        .limit(limit)
        .page_token(page_token)
        .project(project)
        .send()
        .await;
    ```*/
    pub fn role_list(&self) -> builder::RoleList<'_> {
        builder::RoleList::new(self)
    }
    /**Give a user a role in a project, or in the fleet

    Sends a `POST` request to `/v1/system/roles/grant`

    ```ignore
    let response = client.role_grant()
        .body(body)
        .send()
        .await;
    ```*/
    pub fn role_grant(&self) -> builder::RoleGrant<'_> {
        builder::RoleGrant::new(self)
    }
    /**Take a role away

    Sends a `POST` request to `/v1/system/roles/revoke`

    ```ignore
    let response = client.role_revoke()
        .body(body)
        .send()
        .await;
    ```*/
    pub fn role_revoke(&self) -> builder::RoleRevoke<'_> {
        builder::RoleRevoke::new(self)
    }
    /**List sagas, newest first

    Sends a `GET` request to `/v1/system/sagas`

    Arguments:
    - `limit`: Items at most, 1 to 1000; default 100.
    - `page_token`: `next_page` of the page before.
    - `state`: Only those in this state.
    ```ignore
    let response = client.saga_list()
        .limit(limit)
        .page_token(page_token)
        .state(state)
        .send()
        .await;
    ```*/
    pub fn saga_list(&self) -> builder::SagaList<'_> {
        builder::SagaList::new(self)
    }
    /**View a saga with its steps

    Sends a `GET` request to `/v1/system/sagas/{saga}`

    Arguments:
    - `saga`: The saga.
    ```ignore
    let response = client.saga_view()
        .saga(saga)
        .send()
        .await;
    ```*/
    pub fn saga_view(&self) -> builder::SagaView<'_> {
        builder::SagaView::new(self)
    }
    /**Give a stuck saga up: free it, its lock and its operation together

    Sends a `POST` request to `/v1/system/sagas/{saga}/resolve`

    Arguments:
    - `saga`: The saga.
    ```ignore
    let response = client.saga_resolve()
        .saga(saga)
        .send()
        .await;
    ```*/
    pub fn saga_resolve(&self) -> builder::SagaResolve<'_> {
        builder::SagaResolve::new(self)
    }
    /**Run the failed undo of a stuck saga again

    Sends a `POST` request to `/v1/system/sagas/{saga}/retry`

    Arguments:
    - `saga`: The saga.
    ```ignore
    let response = client.saga_retry()
        .saga(saga)
        .send()
        .await;
    ```*/
    pub fn saga_retry(&self) -> builder::SagaRetry<'_> {
        builder::SagaRetry::new(self)
    }
    /**List sleds

    Sends a `GET` request to `/v1/system/sleds`

    Arguments:
    - `limit`: Items at most, 1 to 1000; default 100.
    - `page_token`: `next_page` of the page before.
    ```ignore
    let response = client.sled_list()
        .limit(limit)
        .page_token(page_token)
        .send()
        .await;
    ```*/
    pub fn sled_list(&self) -> builder::SledList<'_> {
        builder::SledList::new(self)
    }
    /**View a sled

    Sends a `GET` request to `/v1/system/sleds/{sled}`

    Arguments:
    - `sled`: The sled, by name or id.
    ```ignore
    let response = client.sled_view()
        .sled(sled)
        .send()
        .await;
    ```*/
    pub fn sled_view(&self) -> builder::SledView<'_> {
        builder::SledView::new(self)
    }
    /**Let a sled take no new instances. What runs there runs on

    Sends a `POST` request to `/v1/system/sleds/{sled}/cordon`

    Arguments:
    - `sled`: The sled, by name or id.
    ```ignore
    let response = client.sled_cordon()
        .sled(sled)
        .send()
        .await;
    ```*/
    pub fn sled_cordon(&self) -> builder::SledCordon<'_> {
        builder::SledCordon::new(self)
    }
    /**List what happened on a sled

    Sends a `GET` request to `/v1/system/sleds/{sled}/events`

    Arguments:
    - `sled`: The sled, by name or id.
    - `limit`: Events at most, 1 to 1000; default 100.
    - `since`: `next` of the page before, or `now`. Omitted: from the oldest event kept.
    - `wait`: If there is nothing yet, answer when there is, or after this time (`30s`); at most 55 s.
    ```ignore
    let response = client.sled_events()
        .sled(sled)
        .limit(limit)
        .since(since)
        .wait(wait)
        .send()
        .await;
    ```*/
    pub fn sled_events(&self) -> builder::SledEvents<'_> {
        builder::SledEvents::new(self)
    }
    /**Explain why a sled is as it is

    Sends a `GET` request to `/v1/system/sleds/{sled}/explain`

    Arguments:
    - `sled`: The sled, by name or id.
    ```ignore
    let response = client.sled_explain()
        .sled(sled)
        .send()
        .await;
    ```*/
    pub fn sled_explain(&self) -> builder::SledExplain<'_> {
        builder::SledExplain::new(self)
    }
    /**List the instances of a sled

    Sends a `GET` request to `/v1/system/sleds/{sled}/instances`

    Arguments:
    - `sled`: The sled, by name or id.
    - `limit`: Items at most, 1 to 1000; default 100.
    - `page_token`: `next_page` of the page before.
    ```ignore
    let response = client.sled_instances()
        .sled(sled)
        .limit(limit)
        .page_token(page_token)
        .send()
        .await;
    ```*/
    pub fn sled_instances(&self) -> builder::SledInstances<'_> {
        builder::SledInstances::new(self)
    }
    /**Read the metrics of a sled's agent, in the text form of OpenMetrics. Counters are of that process alone

    Sends a `GET` request to `/v1/system/sleds/{sled}/metrics`

    Arguments:
    - `sled`: The sled, by name or id.
    ```ignore
    let response = client.sled_metrics()
        .sled(sled)
        .send()
        .await;
    ```*/
    pub fn sled_metrics(&self) -> builder::SledMetrics<'_> {
        builder::SledMetrics::new(self)
    }
    /**Let a sled take instances again

    Sends a `POST` request to `/v1/system/sleds/{sled}/uncordon`

    Arguments:
    - `sled`: The sled, by name or id.
    ```ignore
    let response = client.sled_uncordon()
        .sled(sled)
        .send()
        .await;
    ```*/
    pub fn sled_uncordon(&self) -> builder::SledUncordon<'_> {
        builder::SledUncordon::new(self)
    }
    /**List a user's tokens

    Sends a `GET` request to `/v1/system/tokens`

    Arguments:
    - `limit`: Items at most, 1 to 1000; default 100.
    - `page_token`: `next_page` of the page before.
    - `user`: Whose, by name or id; omitted: the asker's own.
    ```ignore
    let response = client.token_list()
        .limit(limit)
        .page_token(page_token)
        .user(user)
        .send()
        .await;
    ```*/
    pub fn token_list(&self) -> builder::TokenList<'_> {
        builder::TokenList::new(self)
    }
    /**Make a token

    Sends a `POST` request to `/v1/system/tokens`

    ```ignore
    let response = client.token_create()
        .body(body)
        .send()
        .await;
    ```*/
    pub fn token_create(&self) -> builder::TokenCreate<'_> {
        builder::TokenCreate::new(self)
    }
    /**Revoke a token

    Sends a `DELETE` request to `/v1/system/tokens/{token}`

    Arguments:
    - `token`: The token.
    ```ignore
    let response = client.token_revoke()
        .token(token)
        .send()
        .await;
    ```*/
    pub fn token_revoke(&self) -> builder::TokenRevoke<'_> {
        builder::TokenRevoke::new(self)
    }
    /**List users

    Sends a `GET` request to `/v1/system/users`

    Arguments:
    - `limit`: Items at most, 1 to 1000; default 100.
    - `page_token`: `next_page` of the page before.
    ```ignore
    let response = client.user_list()
        .limit(limit)
        .page_token(page_token)
        .send()
        .await;
    ```*/
    pub fn user_list(&self) -> builder::UserList<'_> {
        builder::UserList::new(self)
    }
    /**Make a user

    Sends a `POST` request to `/v1/system/users`

    Arguments:
    - `idempotency_key`: 1 to 128 printable characters, chosen by the client, unique for what it wants to be done once.
    - `body`
    ```ignore
    let response = client.user_create()
        .idempotency_key(idempotency_key)
        .body(body)
        .send()
        .await;
    ```*/
    pub fn user_create(&self) -> builder::UserCreate<'_> {
        builder::UserCreate::new(self)
    }
    /**Say which versions answer

    Sends a `GET` request to `/v1/version`

    ```ignore
    let response = client.version()
        .send()
        .await;
    ```*/
    pub fn version(&self) -> builder::Version<'_> {
        builder::Version::new(self)
    }
    /**Say who asks, and what they may do where

    Sends a `GET` request to `/v1/whoami`

    ```ignore
    let response = client.whoami()
        .send()
        .await;
    ```*/
    pub fn whoami(&self) -> builder::Whoami<'_> {
        builder::Whoami::new(self)
    }
}
/// Types for composing operation parameters.
#[allow(clippy::all)]
pub mod builder {
    use super::types;
    #[allow(unused_imports)]
    use super::{
        ByteStream, ClientHooks, ClientInfo, Error, OperationInfo, RequestBuilderExt, ResponseValue,
        encode_path,
    };
    /**Builder for [`Client::disk_list`]

    [`Client::disk_list`]: super::Client::disk_list*/
    #[derive(Debug, Clone)]
    pub struct DiskList<'a> {
        client: &'a super::Client,
        limit: Result<Option<u32>, String>,
        page_token: Result<Option<::std::string::String>, String>,
        project: Result<Option<::std::string::String>, String>,
    }
    impl<'a> DiskList<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self { client: client, limit: Ok(None), page_token: Ok(None), project: Ok(None) }
        }
        pub fn limit<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<u32>,
        {
            self.limit =
                value.try_into().map(Some).map_err(|_| "conversion to `u32` for limit failed".to_string());
            self
        }
        pub fn page_token<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.page_token = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `:: std :: string :: String` for page_token failed".to_string());
            self
        }
        pub fn project<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.project = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `:: std :: string :: String` for project failed".to_string());
            self
        }
        ///Sends a `GET` request to `/v1/disks`
        pub async fn send(self) -> Result<ResponseValue<types::DiskPage>, Error<types::Error>> {
            let Self { client, limit, page_token, project } = self;
            let limit = limit.map_err(Error::InvalidRequest)?;
            let page_token = page_token.map_err(Error::InvalidRequest)?;
            let project = project.map_err(Error::InvalidRequest)?;
            let url = format!("{}/v1/disks", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .get(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .query(&progenitor_client::QueryParam::new("limit", &limit))
                .query(&progenitor_client::QueryParam::new("page_token", &page_token))
                .query(&progenitor_client::QueryParam::new("project", &project))
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "disk_list" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::disk_create`]

    [`Client::disk_create`]: super::Client::disk_create*/
    #[derive(Debug, Clone)]
    pub struct DiskCreate<'a> {
        client: &'a super::Client,
        project: Result<::std::string::String, String>,
        idempotency_key: Result<Option<::std::string::String>, String>,
        body: Result<types::builder::DiskCreate, String>,
    }
    impl<'a> DiskCreate<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                project: Err("project was not initialized".to_string()),
                idempotency_key: Ok(None),
                body: Ok(::std::default::Default::default()),
            }
        }
        pub fn project<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.project = value
                .try_into()
                .map_err(|_| "conversion to `:: std :: string :: String` for project failed".to_string());
            self
        }
        pub fn idempotency_key<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.idempotency_key = value.try_into().map(Some).map_err(|_| {
                "conversion to `:: std :: string :: String` for idempotency_key failed".to_string()
            });
            self
        }
        pub fn body<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::DiskCreate>,
            <V as std::convert::TryInto<types::DiskCreate>>::Error: std::fmt::Display,
        {
            self.body = value
                .try_into()
                .map(From::from)
                .map_err(|s| format!("conversion to `DiskCreate` for body failed: {}", s));
            self
        }
        pub fn body_map<F>(mut self, f: F) -> Self
        where
            F: std::ops::FnOnce(types::builder::DiskCreate) -> types::builder::DiskCreate,
        {
            self.body = self.body.map(f);
            self
        }
        ///Sends a `POST` request to `/v1/disks`
        pub async fn send(self) -> Result<ResponseValue<types::Operation>, Error<types::Error>> {
            let Self { client, project, idempotency_key, body } = self;
            let project = project.map_err(Error::InvalidRequest)?;
            let idempotency_key = idempotency_key.map_err(Error::InvalidRequest)?;
            let body = body
                .and_then(|v| types::DiskCreate::try_from(v).map_err(|e| e.to_string()))
                .map_err(Error::InvalidRequest)?;
            let url = format!("{}/v1/disks", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(2usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            if let Some(value) = idempotency_key {
                header_map.append("Idempotency-Key", value.to_string().try_into()?);
            }
            #[allow(unused_mut)]
            let mut request = client
                .client
                .post(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .json(&body)
                .query(&progenitor_client::QueryParam::new("project", &project))
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "disk_create" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                202u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::disk_view`]

    [`Client::disk_view`]: super::Client::disk_view*/
    #[derive(Debug, Clone)]
    pub struct DiskView<'a> {
        client: &'a super::Client,
        disk: Result<::std::string::String, String>,
        project: Result<Option<::std::string::String>, String>,
    }
    impl<'a> DiskView<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self { client: client, disk: Err("disk was not initialized".to_string()), project: Ok(None) }
        }
        pub fn disk<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.disk = value
                .try_into()
                .map_err(|_| "conversion to `:: std :: string :: String` for disk failed".to_string());
            self
        }
        pub fn project<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.project = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `:: std :: string :: String` for project failed".to_string());
            self
        }
        ///Sends a `GET` request to `/v1/disks/{disk}`
        pub async fn send(self) -> Result<ResponseValue<types::Disk>, Error<types::Error>> {
            let Self { client, disk, project } = self;
            let disk = disk.map_err(Error::InvalidRequest)?;
            let project = project.map_err(Error::InvalidRequest)?;
            let url = format!("{}/v1/disks/{}", client.baseurl, encode_path(&disk.to_string()),);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .get(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .query(&progenitor_client::QueryParam::new("project", &project))
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "disk_view" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::disk_delete`]

    [`Client::disk_delete`]: super::Client::disk_delete*/
    #[derive(Debug, Clone)]
    pub struct DiskDelete<'a> {
        client: &'a super::Client,
        disk: Result<::std::string::String, String>,
        project: Result<Option<::std::string::String>, String>,
    }
    impl<'a> DiskDelete<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self { client: client, disk: Err("disk was not initialized".to_string()), project: Ok(None) }
        }
        pub fn disk<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.disk = value
                .try_into()
                .map_err(|_| "conversion to `:: std :: string :: String` for disk failed".to_string());
            self
        }
        pub fn project<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.project = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `:: std :: string :: String` for project failed".to_string());
            self
        }
        ///Sends a `DELETE` request to `/v1/disks/{disk}`
        pub async fn send(self) -> Result<ResponseValue<types::Operation>, Error<types::Error>> {
            let Self { client, disk, project } = self;
            let disk = disk.map_err(Error::InvalidRequest)?;
            let project = project.map_err(Error::InvalidRequest)?;
            let url = format!("{}/v1/disks/{}", client.baseurl, encode_path(&disk.to_string()),);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .delete(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .query(&progenitor_client::QueryParam::new("project", &project))
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "disk_delete" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                202u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::disk_attach`]

    [`Client::disk_attach`]: super::Client::disk_attach*/
    #[derive(Debug, Clone)]
    pub struct DiskAttach<'a> {
        client: &'a super::Client,
        disk: Result<::std::string::String, String>,
        project: Result<Option<::std::string::String>, String>,
        body: Result<types::builder::DiskAttach, String>,
    }
    impl<'a> DiskAttach<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                disk: Err("disk was not initialized".to_string()),
                project: Ok(None),
                body: Ok(::std::default::Default::default()),
            }
        }
        pub fn disk<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.disk = value
                .try_into()
                .map_err(|_| "conversion to `:: std :: string :: String` for disk failed".to_string());
            self
        }
        pub fn project<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.project = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `:: std :: string :: String` for project failed".to_string());
            self
        }
        pub fn body<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::DiskAttach>,
            <V as std::convert::TryInto<types::DiskAttach>>::Error: std::fmt::Display,
        {
            self.body = value
                .try_into()
                .map(From::from)
                .map_err(|s| format!("conversion to `DiskAttach` for body failed: {}", s));
            self
        }
        pub fn body_map<F>(mut self, f: F) -> Self
        where
            F: std::ops::FnOnce(types::builder::DiskAttach) -> types::builder::DiskAttach,
        {
            self.body = self.body.map(f);
            self
        }
        ///Sends a `POST` request to `/v1/disks/{disk}/attach`
        pub async fn send(self) -> Result<ResponseValue<types::Disk>, Error<types::Error>> {
            let Self { client, disk, project, body } = self;
            let disk = disk.map_err(Error::InvalidRequest)?;
            let project = project.map_err(Error::InvalidRequest)?;
            let body = body
                .and_then(|v| types::DiskAttach::try_from(v).map_err(|e| e.to_string()))
                .map_err(Error::InvalidRequest)?;
            let url = format!("{}/v1/disks/{}/attach", client.baseurl, encode_path(&disk.to_string()),);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .post(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .json(&body)
                .query(&progenitor_client::QueryParam::new("project", &project))
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "disk_attach" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::disk_detach`]

    [`Client::disk_detach`]: super::Client::disk_detach*/
    #[derive(Debug, Clone)]
    pub struct DiskDetach<'a> {
        client: &'a super::Client,
        disk: Result<::std::string::String, String>,
        project: Result<Option<::std::string::String>, String>,
    }
    impl<'a> DiskDetach<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self { client: client, disk: Err("disk was not initialized".to_string()), project: Ok(None) }
        }
        pub fn disk<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.disk = value
                .try_into()
                .map_err(|_| "conversion to `:: std :: string :: String` for disk failed".to_string());
            self
        }
        pub fn project<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.project = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `:: std :: string :: String` for project failed".to_string());
            self
        }
        ///Sends a `POST` request to `/v1/disks/{disk}/detach`
        pub async fn send(self) -> Result<ResponseValue<types::Disk>, Error<types::Error>> {
            let Self { client, disk, project } = self;
            let disk = disk.map_err(Error::InvalidRequest)?;
            let project = project.map_err(Error::InvalidRequest)?;
            let url = format!("{}/v1/disks/{}/detach", client.baseurl, encode_path(&disk.to_string()),);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .post(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .query(&progenitor_client::QueryParam::new("project", &project))
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "disk_detach" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::event_list`]

    [`Client::event_list`]: super::Client::event_list*/
    #[derive(Debug, Clone)]
    pub struct EventList<'a> {
        client: &'a super::Client,
        limit: Result<Option<u32>, String>,
        project: Result<Option<::std::string::String>, String>,
        since: Result<Option<::std::string::String>, String>,
        wait: Result<Option<::std::string::String>, String>,
    }
    impl<'a> EventList<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self { client: client, limit: Ok(None), project: Ok(None), since: Ok(None), wait: Ok(None) }
        }
        pub fn limit<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<u32>,
        {
            self.limit =
                value.try_into().map(Some).map_err(|_| "conversion to `u32` for limit failed".to_string());
            self
        }
        pub fn project<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.project = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `:: std :: string :: String` for project failed".to_string());
            self
        }
        pub fn since<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.since = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `:: std :: string :: String` for since failed".to_string());
            self
        }
        pub fn wait<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.wait = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `:: std :: string :: String` for wait failed".to_string());
            self
        }
        ///Sends a `GET` request to `/v1/events`
        pub async fn send(self) -> Result<ResponseValue<types::EventPage>, Error<types::Error>> {
            let Self { client, limit, project, since, wait } = self;
            let limit = limit.map_err(Error::InvalidRequest)?;
            let project = project.map_err(Error::InvalidRequest)?;
            let since = since.map_err(Error::InvalidRequest)?;
            let wait = wait.map_err(Error::InvalidRequest)?;
            let url = format!("{}/v1/events", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .get(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .query(&progenitor_client::QueryParam::new("limit", &limit))
                .query(&progenitor_client::QueryParam::new("project", &project))
                .query(&progenitor_client::QueryParam::new("since", &since))
                .query(&progenitor_client::QueryParam::new("wait", &wait))
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "event_list" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::health`]

    [`Client::health`]: super::Client::health*/
    #[derive(Debug, Clone)]
    pub struct Health<'a> {
        client: &'a super::Client,
    }
    impl<'a> Health<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self { client: client }
        }
        ///Sends a `GET` request to `/v1/health`
        pub async fn send(self) -> Result<ResponseValue<types::Health>, Error<types::Error>> {
            let Self { client } = self;
            let url = format!("{}/v1/health", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .get(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "health" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::image_list`]

    [`Client::image_list`]: super::Client::image_list*/
    #[derive(Debug, Clone)]
    pub struct ImageList<'a> {
        client: &'a super::Client,
        limit: Result<Option<u32>, String>,
        page_token: Result<Option<::std::string::String>, String>,
        project: Result<Option<::std::string::String>, String>,
    }
    impl<'a> ImageList<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self { client: client, limit: Ok(None), page_token: Ok(None), project: Ok(None) }
        }
        pub fn limit<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<u32>,
        {
            self.limit =
                value.try_into().map(Some).map_err(|_| "conversion to `u32` for limit failed".to_string());
            self
        }
        pub fn page_token<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.page_token = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `:: std :: string :: String` for page_token failed".to_string());
            self
        }
        pub fn project<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.project = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `:: std :: string :: String` for project failed".to_string());
            self
        }
        ///Sends a `GET` request to `/v1/images`
        pub async fn send(self) -> Result<ResponseValue<types::ImagePage>, Error<types::Error>> {
            let Self { client, limit, page_token, project } = self;
            let limit = limit.map_err(Error::InvalidRequest)?;
            let page_token = page_token.map_err(Error::InvalidRequest)?;
            let project = project.map_err(Error::InvalidRequest)?;
            let url = format!("{}/v1/images", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .get(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .query(&progenitor_client::QueryParam::new("limit", &limit))
                .query(&progenitor_client::QueryParam::new("page_token", &page_token))
                .query(&progenitor_client::QueryParam::new("project", &project))
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "image_list" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::image_create`]

    [`Client::image_create`]: super::Client::image_create*/
    #[derive(Debug, Clone)]
    pub struct ImageCreate<'a> {
        client: &'a super::Client,
        project: Result<::std::string::String, String>,
        idempotency_key: Result<Option<::std::string::String>, String>,
        body: Result<types::builder::ImageCreate, String>,
    }
    impl<'a> ImageCreate<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                project: Err("project was not initialized".to_string()),
                idempotency_key: Ok(None),
                body: Ok(::std::default::Default::default()),
            }
        }
        pub fn project<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.project = value
                .try_into()
                .map_err(|_| "conversion to `:: std :: string :: String` for project failed".to_string());
            self
        }
        pub fn idempotency_key<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.idempotency_key = value.try_into().map(Some).map_err(|_| {
                "conversion to `:: std :: string :: String` for idempotency_key failed".to_string()
            });
            self
        }
        pub fn body<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::ImageCreate>,
            <V as std::convert::TryInto<types::ImageCreate>>::Error: std::fmt::Display,
        {
            self.body = value
                .try_into()
                .map(From::from)
                .map_err(|s| format!("conversion to `ImageCreate` for body failed: {}", s));
            self
        }
        pub fn body_map<F>(mut self, f: F) -> Self
        where
            F: std::ops::FnOnce(types::builder::ImageCreate) -> types::builder::ImageCreate,
        {
            self.body = self.body.map(f);
            self
        }
        ///Sends a `POST` request to `/v1/images`
        pub async fn send(self) -> Result<ResponseValue<types::Image>, Error<types::Error>> {
            let Self { client, project, idempotency_key, body } = self;
            let project = project.map_err(Error::InvalidRequest)?;
            let idempotency_key = idempotency_key.map_err(Error::InvalidRequest)?;
            let body = body
                .and_then(|v| types::ImageCreate::try_from(v).map_err(|e| e.to_string()))
                .map_err(Error::InvalidRequest)?;
            let url = format!("{}/v1/images", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(2usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            if let Some(value) = idempotency_key {
                header_map.append("Idempotency-Key", value.to_string().try_into()?);
            }
            #[allow(unused_mut)]
            let mut request = client
                .client
                .post(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .json(&body)
                .query(&progenitor_client::QueryParam::new("project", &project))
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "image_create" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                201u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::image_view`]

    [`Client::image_view`]: super::Client::image_view*/
    #[derive(Debug, Clone)]
    pub struct ImageView<'a> {
        client: &'a super::Client,
        image: Result<::std::string::String, String>,
        project: Result<Option<::std::string::String>, String>,
    }
    impl<'a> ImageView<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self { client: client, image: Err("image was not initialized".to_string()), project: Ok(None) }
        }
        pub fn image<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.image = value
                .try_into()
                .map_err(|_| "conversion to `:: std :: string :: String` for image failed".to_string());
            self
        }
        pub fn project<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.project = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `:: std :: string :: String` for project failed".to_string());
            self
        }
        ///Sends a `GET` request to `/v1/images/{image}`
        pub async fn send(self) -> Result<ResponseValue<types::Image>, Error<types::Error>> {
            let Self { client, image, project } = self;
            let image = image.map_err(Error::InvalidRequest)?;
            let project = project.map_err(Error::InvalidRequest)?;
            let url = format!("{}/v1/images/{}", client.baseurl, encode_path(&image.to_string()),);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .get(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .query(&progenitor_client::QueryParam::new("project", &project))
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "image_view" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::image_delete`]

    [`Client::image_delete`]: super::Client::image_delete*/
    #[derive(Debug, Clone)]
    pub struct ImageDelete<'a> {
        client: &'a super::Client,
        image: Result<::std::string::String, String>,
        project: Result<Option<::std::string::String>, String>,
    }
    impl<'a> ImageDelete<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self { client: client, image: Err("image was not initialized".to_string()), project: Ok(None) }
        }
        pub fn image<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.image = value
                .try_into()
                .map_err(|_| "conversion to `:: std :: string :: String` for image failed".to_string());
            self
        }
        pub fn project<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.project = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `:: std :: string :: String` for project failed".to_string());
            self
        }
        ///Sends a `DELETE` request to `/v1/images/{image}`
        pub async fn send(self) -> Result<ResponseValue<()>, Error<types::Error>> {
            let Self { client, image, project } = self;
            let image = image.map_err(Error::InvalidRequest)?;
            let project = project.map_err(Error::InvalidRequest)?;
            let url = format!("{}/v1/images/{}", client.baseurl, encode_path(&image.to_string()),);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .delete(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .query(&progenitor_client::QueryParam::new("project", &project))
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "image_delete" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                204u16 => Ok(ResponseValue::empty(response)),
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::image_upload`]

    [`Client::image_upload`]: super::Client::image_upload*/
    #[derive(Debug)]
    pub struct ImageUpload<'a> {
        client: &'a super::Client,
        image: Result<::std::string::String, String>,
        part: Result<::berth_common::storage::ImagePart, String>,
        project: Result<Option<::std::string::String>, String>,
        sha256: Result<Option<::std::string::String>, String>,
        body: Result<reqwest::Body, String>,
    }
    impl<'a> ImageUpload<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                image: Err("image was not initialized".to_string()),
                part: Err("part was not initialized".to_string()),
                project: Ok(None),
                sha256: Ok(None),
                body: Err("body was not initialized".to_string()),
            }
        }
        pub fn image<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.image = value
                .try_into()
                .map_err(|_| "conversion to `:: std :: string :: String` for image failed".to_string());
            self
        }
        pub fn part<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::berth_common::storage::ImagePart>,
        {
            self.part = value.try_into().map_err(|_| {
                "conversion to `:: berth_common :: storage :: ImagePart` for part failed".to_string()
            });
            self
        }
        pub fn project<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.project = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `:: std :: string :: String` for project failed".to_string());
            self
        }
        pub fn sha256<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.sha256 = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `:: std :: string :: String` for sha256 failed".to_string());
            self
        }
        pub fn body<B>(mut self, value: B) -> Self
        where
            B: std::convert::TryInto<reqwest::Body>,
        {
            self.body =
                value.try_into().map_err(|_| "conversion to `reqwest::Body` for body failed".to_string());
            self
        }
        ///Sends a `PUT` request to `/v1/images/{image}/files/{part}`
        pub async fn send(self) -> Result<ResponseValue<types::Image>, Error<types::Error>> {
            let Self { client, image, part, project, sha256, body } = self;
            let image = image.map_err(Error::InvalidRequest)?;
            let part = part.map_err(Error::InvalidRequest)?;
            let project = project.map_err(Error::InvalidRequest)?;
            let sha256 = sha256.map_err(Error::InvalidRequest)?;
            let body = body.map_err(Error::InvalidRequest)?;
            let url = format!(
                "{}/v1/images/{}/files/{}",
                client.baseurl,
                encode_path(&image.to_string()),
                encode_path(&part.to_string()),
            );
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .put(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .header(
                    ::reqwest::header::CONTENT_TYPE,
                    ::reqwest::header::HeaderValue::from_static("application/octet-stream"),
                )
                .body(body)
                .query(&progenitor_client::QueryParam::new("project", &project))
                .query(&progenitor_client::QueryParam::new("sha256", &sha256))
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "image_upload" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::instance_list`]

    [`Client::instance_list`]: super::Client::instance_list*/
    #[derive(Debug, Clone)]
    pub struct InstanceList<'a> {
        client: &'a super::Client,
        limit: Result<Option<u32>, String>,
        page_token: Result<Option<::std::string::String>, String>,
        project: Result<Option<::std::string::String>, String>,
    }
    impl<'a> InstanceList<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self { client: client, limit: Ok(None), page_token: Ok(None), project: Ok(None) }
        }
        pub fn limit<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<u32>,
        {
            self.limit =
                value.try_into().map(Some).map_err(|_| "conversion to `u32` for limit failed".to_string());
            self
        }
        pub fn page_token<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.page_token = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `:: std :: string :: String` for page_token failed".to_string());
            self
        }
        pub fn project<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.project = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `:: std :: string :: String` for project failed".to_string());
            self
        }
        ///Sends a `GET` request to `/v1/instances`
        pub async fn send(self) -> Result<ResponseValue<types::InstancePage>, Error<types::Error>> {
            let Self { client, limit, page_token, project } = self;
            let limit = limit.map_err(Error::InvalidRequest)?;
            let page_token = page_token.map_err(Error::InvalidRequest)?;
            let project = project.map_err(Error::InvalidRequest)?;
            let url = format!("{}/v1/instances", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .get(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .query(&progenitor_client::QueryParam::new("limit", &limit))
                .query(&progenitor_client::QueryParam::new("page_token", &page_token))
                .query(&progenitor_client::QueryParam::new("project", &project))
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "instance_list" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::instance_create`]

    [`Client::instance_create`]: super::Client::instance_create*/
    #[derive(Debug, Clone)]
    pub struct InstanceCreate<'a> {
        client: &'a super::Client,
        project: Result<::std::string::String, String>,
        idempotency_key: Result<Option<::std::string::String>, String>,
        body: Result<types::builder::InstanceCreate, String>,
    }
    impl<'a> InstanceCreate<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                project: Err("project was not initialized".to_string()),
                idempotency_key: Ok(None),
                body: Ok(::std::default::Default::default()),
            }
        }
        pub fn project<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.project = value
                .try_into()
                .map_err(|_| "conversion to `:: std :: string :: String` for project failed".to_string());
            self
        }
        pub fn idempotency_key<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.idempotency_key = value.try_into().map(Some).map_err(|_| {
                "conversion to `:: std :: string :: String` for idempotency_key failed".to_string()
            });
            self
        }
        pub fn body<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::InstanceCreate>,
            <V as std::convert::TryInto<types::InstanceCreate>>::Error: std::fmt::Display,
        {
            self.body = value
                .try_into()
                .map(From::from)
                .map_err(|s| format!("conversion to `InstanceCreate` for body failed: {}", s));
            self
        }
        pub fn body_map<F>(mut self, f: F) -> Self
        where
            F: std::ops::FnOnce(types::builder::InstanceCreate) -> types::builder::InstanceCreate,
        {
            self.body = self.body.map(f);
            self
        }
        ///Sends a `POST` request to `/v1/instances`
        pub async fn send(self) -> Result<ResponseValue<types::Operation>, Error<types::Error>> {
            let Self { client, project, idempotency_key, body } = self;
            let project = project.map_err(Error::InvalidRequest)?;
            let idempotency_key = idempotency_key.map_err(Error::InvalidRequest)?;
            let body = body
                .and_then(|v| types::InstanceCreate::try_from(v).map_err(|e| e.to_string()))
                .map_err(Error::InvalidRequest)?;
            let url = format!("{}/v1/instances", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(2usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            if let Some(value) = idempotency_key {
                header_map.append("Idempotency-Key", value.to_string().try_into()?);
            }
            #[allow(unused_mut)]
            let mut request = client
                .client
                .post(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .json(&body)
                .query(&progenitor_client::QueryParam::new("project", &project))
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "instance_create" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                202u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::instance_view`]

    [`Client::instance_view`]: super::Client::instance_view*/
    #[derive(Debug, Clone)]
    pub struct InstanceView<'a> {
        client: &'a super::Client,
        instance: Result<::std::string::String, String>,
        project: Result<Option<::std::string::String>, String>,
    }
    impl<'a> InstanceView<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                instance: Err("instance was not initialized".to_string()),
                project: Ok(None),
            }
        }
        pub fn instance<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.instance = value
                .try_into()
                .map_err(|_| "conversion to `:: std :: string :: String` for instance failed".to_string());
            self
        }
        pub fn project<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.project = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `:: std :: string :: String` for project failed".to_string());
            self
        }
        ///Sends a `GET` request to `/v1/instances/{instance}`
        pub async fn send(self) -> Result<ResponseValue<types::Instance>, Error<types::Error>> {
            let Self { client, instance, project } = self;
            let instance = instance.map_err(Error::InvalidRequest)?;
            let project = project.map_err(Error::InvalidRequest)?;
            let url = format!("{}/v1/instances/{}", client.baseurl, encode_path(&instance.to_string()),);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .get(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .query(&progenitor_client::QueryParam::new("project", &project))
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "instance_view" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::instance_delete`]

    [`Client::instance_delete`]: super::Client::instance_delete*/
    #[derive(Debug, Clone)]
    pub struct InstanceDelete<'a> {
        client: &'a super::Client,
        instance: Result<::std::string::String, String>,
        project: Result<Option<::std::string::String>, String>,
    }
    impl<'a> InstanceDelete<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                instance: Err("instance was not initialized".to_string()),
                project: Ok(None),
            }
        }
        pub fn instance<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.instance = value
                .try_into()
                .map_err(|_| "conversion to `:: std :: string :: String` for instance failed".to_string());
            self
        }
        pub fn project<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.project = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `:: std :: string :: String` for project failed".to_string());
            self
        }
        ///Sends a `DELETE` request to `/v1/instances/{instance}`
        pub async fn send(self) -> Result<ResponseValue<types::Operation>, Error<types::Error>> {
            let Self { client, instance, project } = self;
            let instance = instance.map_err(Error::InvalidRequest)?;
            let project = project.map_err(Error::InvalidRequest)?;
            let url = format!("{}/v1/instances/{}", client.baseurl, encode_path(&instance.to_string()),);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .delete(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .query(&progenitor_client::QueryParam::new("project", &project))
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "instance_delete" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                202u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::instance_update`]

    [`Client::instance_update`]: super::Client::instance_update*/
    #[derive(Debug, Clone)]
    pub struct InstanceUpdate<'a> {
        client: &'a super::Client,
        instance: Result<::std::string::String, String>,
        project: Result<Option<::std::string::String>, String>,
        if_match: Result<Option<::std::string::String>, String>,
        body: Result<types::builder::InstanceUpdate, String>,
    }
    impl<'a> InstanceUpdate<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                instance: Err("instance was not initialized".to_string()),
                project: Ok(None),
                if_match: Ok(None),
                body: Ok(::std::default::Default::default()),
            }
        }
        pub fn instance<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.instance = value
                .try_into()
                .map_err(|_| "conversion to `:: std :: string :: String` for instance failed".to_string());
            self
        }
        pub fn project<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.project = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `:: std :: string :: String` for project failed".to_string());
            self
        }
        pub fn if_match<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.if_match = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `:: std :: string :: String` for if_match failed".to_string());
            self
        }
        pub fn body<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::InstanceUpdate>,
            <V as std::convert::TryInto<types::InstanceUpdate>>::Error: std::fmt::Display,
        {
            self.body = value
                .try_into()
                .map(From::from)
                .map_err(|s| format!("conversion to `InstanceUpdate` for body failed: {}", s));
            self
        }
        pub fn body_map<F>(mut self, f: F) -> Self
        where
            F: std::ops::FnOnce(types::builder::InstanceUpdate) -> types::builder::InstanceUpdate,
        {
            self.body = self.body.map(f);
            self
        }
        ///Sends a `PATCH` request to `/v1/instances/{instance}`
        pub async fn send(self) -> Result<ResponseValue<types::Instance>, Error<types::Error>> {
            let Self { client, instance, project, if_match, body } = self;
            let instance = instance.map_err(Error::InvalidRequest)?;
            let project = project.map_err(Error::InvalidRequest)?;
            let if_match = if_match.map_err(Error::InvalidRequest)?;
            let body = body
                .and_then(|v| types::InstanceUpdate::try_from(v).map_err(|e| e.to_string()))
                .map_err(Error::InvalidRequest)?;
            let url = format!("{}/v1/instances/{}", client.baseurl, encode_path(&instance.to_string()),);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(2usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            if let Some(value) = if_match {
                header_map.append("If-Match", value.to_string().try_into()?);
            }
            #[allow(unused_mut)]
            let mut request = client
                .client
                .patch(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .json(&body)
                .query(&progenitor_client::QueryParam::new("project", &project))
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "instance_update" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::instance_events`]

    [`Client::instance_events`]: super::Client::instance_events*/
    #[derive(Debug, Clone)]
    pub struct InstanceEvents<'a> {
        client: &'a super::Client,
        instance: Result<::std::string::String, String>,
        limit: Result<Option<u32>, String>,
        project: Result<Option<::std::string::String>, String>,
        since: Result<Option<::std::string::String>, String>,
        wait: Result<Option<::std::string::String>, String>,
    }
    impl<'a> InstanceEvents<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                instance: Err("instance was not initialized".to_string()),
                limit: Ok(None),
                project: Ok(None),
                since: Ok(None),
                wait: Ok(None),
            }
        }
        pub fn instance<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.instance = value
                .try_into()
                .map_err(|_| "conversion to `:: std :: string :: String` for instance failed".to_string());
            self
        }
        pub fn limit<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<u32>,
        {
            self.limit =
                value.try_into().map(Some).map_err(|_| "conversion to `u32` for limit failed".to_string());
            self
        }
        pub fn project<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.project = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `:: std :: string :: String` for project failed".to_string());
            self
        }
        pub fn since<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.since = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `:: std :: string :: String` for since failed".to_string());
            self
        }
        pub fn wait<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.wait = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `:: std :: string :: String` for wait failed".to_string());
            self
        }
        ///Sends a `GET` request to `/v1/instances/{instance}/events`
        pub async fn send(self) -> Result<ResponseValue<types::EventPage>, Error<types::Error>> {
            let Self { client, instance, limit, project, since, wait } = self;
            let instance = instance.map_err(Error::InvalidRequest)?;
            let limit = limit.map_err(Error::InvalidRequest)?;
            let project = project.map_err(Error::InvalidRequest)?;
            let since = since.map_err(Error::InvalidRequest)?;
            let wait = wait.map_err(Error::InvalidRequest)?;
            let url =
                format!("{}/v1/instances/{}/events", client.baseurl, encode_path(&instance.to_string()),);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .get(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .query(&progenitor_client::QueryParam::new("limit", &limit))
                .query(&progenitor_client::QueryParam::new("project", &project))
                .query(&progenitor_client::QueryParam::new("since", &since))
                .query(&progenitor_client::QueryParam::new("wait", &wait))
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "instance_events" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::instance_explain`]

    [`Client::instance_explain`]: super::Client::instance_explain*/
    #[derive(Debug, Clone)]
    pub struct InstanceExplain<'a> {
        client: &'a super::Client,
        instance: Result<::std::string::String, String>,
        project: Result<Option<::std::string::String>, String>,
    }
    impl<'a> InstanceExplain<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                instance: Err("instance was not initialized".to_string()),
                project: Ok(None),
            }
        }
        pub fn instance<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.instance = value
                .try_into()
                .map_err(|_| "conversion to `:: std :: string :: String` for instance failed".to_string());
            self
        }
        pub fn project<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.project = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `:: std :: string :: String` for project failed".to_string());
            self
        }
        ///Sends a `GET` request to `/v1/instances/{instance}/explain`
        pub async fn send(self) -> Result<ResponseValue<types::InstanceExplanation>, Error<types::Error>> {
            let Self { client, instance, project } = self;
            let instance = instance.map_err(Error::InvalidRequest)?;
            let project = project.map_err(Error::InvalidRequest)?;
            let url =
                format!("{}/v1/instances/{}/explain", client.baseurl, encode_path(&instance.to_string()),);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .get(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .query(&progenitor_client::QueryParam::new("project", &project))
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "instance_explain" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::instance_force_stop`]

    [`Client::instance_force_stop`]: super::Client::instance_force_stop*/
    #[derive(Debug, Clone)]
    pub struct InstanceForceStop<'a> {
        client: &'a super::Client,
        instance: Result<::std::string::String, String>,
        project: Result<Option<::std::string::String>, String>,
        body: Result<types::builder::InstanceForceStop, String>,
    }
    impl<'a> InstanceForceStop<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                instance: Err("instance was not initialized".to_string()),
                project: Ok(None),
                body: Ok(::std::default::Default::default()),
            }
        }
        pub fn instance<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.instance = value
                .try_into()
                .map_err(|_| "conversion to `:: std :: string :: String` for instance failed".to_string());
            self
        }
        pub fn project<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.project = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `:: std :: string :: String` for project failed".to_string());
            self
        }
        pub fn body<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::InstanceForceStop>,
            <V as std::convert::TryInto<types::InstanceForceStop>>::Error: std::fmt::Display,
        {
            self.body = value
                .try_into()
                .map(From::from)
                .map_err(|s| format!("conversion to `InstanceForceStop` for body failed: {}", s));
            self
        }
        pub fn body_map<F>(mut self, f: F) -> Self
        where
            F: std::ops::FnOnce(types::builder::InstanceForceStop) -> types::builder::InstanceForceStop,
        {
            self.body = self.body.map(f);
            self
        }
        ///Sends a `POST` request to `/v1/instances/{instance}/force-stop`
        pub async fn send(self) -> Result<ResponseValue<types::Operation>, Error<types::Error>> {
            let Self { client, instance, project, body } = self;
            let instance = instance.map_err(Error::InvalidRequest)?;
            let project = project.map_err(Error::InvalidRequest)?;
            let body = body
                .and_then(|v| types::InstanceForceStop::try_from(v).map_err(|e| e.to_string()))
                .map_err(Error::InvalidRequest)?;
            let url =
                format!("{}/v1/instances/{}/force-stop", client.baseurl, encode_path(&instance.to_string()),);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .post(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .json(&body)
                .query(&progenitor_client::QueryParam::new("project", &project))
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "instance_force_stop" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                202u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::instance_migrate`]

    [`Client::instance_migrate`]: super::Client::instance_migrate*/
    #[derive(Debug, Clone)]
    pub struct InstanceMigrate<'a> {
        client: &'a super::Client,
        instance: Result<::std::string::String, String>,
        project: Result<Option<::std::string::String>, String>,
        body: Result<types::builder::InstanceMigrate, String>,
    }
    impl<'a> InstanceMigrate<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                instance: Err("instance was not initialized".to_string()),
                project: Ok(None),
                body: Ok(::std::default::Default::default()),
            }
        }
        pub fn instance<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.instance = value
                .try_into()
                .map_err(|_| "conversion to `:: std :: string :: String` for instance failed".to_string());
            self
        }
        pub fn project<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.project = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `:: std :: string :: String` for project failed".to_string());
            self
        }
        pub fn body<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::InstanceMigrate>,
            <V as std::convert::TryInto<types::InstanceMigrate>>::Error: std::fmt::Display,
        {
            self.body = value
                .try_into()
                .map(From::from)
                .map_err(|s| format!("conversion to `InstanceMigrate` for body failed: {}", s));
            self
        }
        pub fn body_map<F>(mut self, f: F) -> Self
        where
            F: std::ops::FnOnce(types::builder::InstanceMigrate) -> types::builder::InstanceMigrate,
        {
            self.body = self.body.map(f);
            self
        }
        ///Sends a `POST` request to `/v1/instances/{instance}/migrate`
        pub async fn send(self) -> Result<ResponseValue<types::Operation>, Error<types::Error>> {
            let Self { client, instance, project, body } = self;
            let instance = instance.map_err(Error::InvalidRequest)?;
            let project = project.map_err(Error::InvalidRequest)?;
            let body = body
                .and_then(|v| types::InstanceMigrate::try_from(v).map_err(|e| e.to_string()))
                .map_err(Error::InvalidRequest)?;
            let url =
                format!("{}/v1/instances/{}/migrate", client.baseurl, encode_path(&instance.to_string()),);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .post(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .json(&body)
                .query(&progenitor_client::QueryParam::new("project", &project))
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "instance_migrate" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                202u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::instance_reboot`]

    [`Client::instance_reboot`]: super::Client::instance_reboot*/
    #[derive(Debug, Clone)]
    pub struct InstanceReboot<'a> {
        client: &'a super::Client,
        instance: Result<::std::string::String, String>,
        project: Result<Option<::std::string::String>, String>,
        body: Result<types::builder::InstanceReboot, String>,
    }
    impl<'a> InstanceReboot<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                instance: Err("instance was not initialized".to_string()),
                project: Ok(None),
                body: Ok(::std::default::Default::default()),
            }
        }
        pub fn instance<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.instance = value
                .try_into()
                .map_err(|_| "conversion to `:: std :: string :: String` for instance failed".to_string());
            self
        }
        pub fn project<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.project = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `:: std :: string :: String` for project failed".to_string());
            self
        }
        pub fn body<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::InstanceReboot>,
            <V as std::convert::TryInto<types::InstanceReboot>>::Error: std::fmt::Display,
        {
            self.body = value
                .try_into()
                .map(From::from)
                .map_err(|s| format!("conversion to `InstanceReboot` for body failed: {}", s));
            self
        }
        pub fn body_map<F>(mut self, f: F) -> Self
        where
            F: std::ops::FnOnce(types::builder::InstanceReboot) -> types::builder::InstanceReboot,
        {
            self.body = self.body.map(f);
            self
        }
        ///Sends a `POST` request to `/v1/instances/{instance}/reboot`
        pub async fn send(self) -> Result<ResponseValue<types::Operation>, Error<types::Error>> {
            let Self { client, instance, project, body } = self;
            let instance = instance.map_err(Error::InvalidRequest)?;
            let project = project.map_err(Error::InvalidRequest)?;
            let body = body
                .and_then(|v| types::InstanceReboot::try_from(v).map_err(|e| e.to_string()))
                .map_err(Error::InvalidRequest)?;
            let url =
                format!("{}/v1/instances/{}/reboot", client.baseurl, encode_path(&instance.to_string()),);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .post(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .json(&body)
                .query(&progenitor_client::QueryParam::new("project", &project))
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "instance_reboot" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                202u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::instance_serial_console`]

    [`Client::instance_serial_console`]: super::Client::instance_serial_console*/
    #[derive(Debug, Clone)]
    pub struct InstanceSerialConsole<'a> {
        client: &'a super::Client,
        instance: Result<::std::string::String, String>,
        from: Result<Option<u64>, String>,
        max_bytes: Result<Option<u32>, String>,
        project: Result<Option<::std::string::String>, String>,
    }
    impl<'a> InstanceSerialConsole<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                instance: Err("instance was not initialized".to_string()),
                from: Ok(None),
                max_bytes: Ok(None),
                project: Ok(None),
            }
        }
        pub fn instance<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.instance = value
                .try_into()
                .map_err(|_| "conversion to `:: std :: string :: String` for instance failed".to_string());
            self
        }
        pub fn from<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<u64>,
        {
            self.from =
                value.try_into().map(Some).map_err(|_| "conversion to `u64` for from failed".to_string());
            self
        }
        pub fn max_bytes<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<u32>,
        {
            self.max_bytes = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `u32` for max_bytes failed".to_string());
            self
        }
        pub fn project<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.project = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `:: std :: string :: String` for project failed".to_string());
            self
        }
        ///Sends a `GET` request to `/v1/instances/{instance}/serial-console`
        pub async fn send(self) -> Result<ResponseValue<types::SerialHistory>, Error<types::Error>> {
            let Self { client, instance, from, max_bytes, project } = self;
            let instance = instance.map_err(Error::InvalidRequest)?;
            let from = from.map_err(Error::InvalidRequest)?;
            let max_bytes = max_bytes.map_err(Error::InvalidRequest)?;
            let project = project.map_err(Error::InvalidRequest)?;
            let url = format!(
                "{}/v1/instances/{}/serial-console",
                client.baseurl,
                encode_path(&instance.to_string()),
            );
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .get(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .query(&progenitor_client::QueryParam::new("from", &from))
                .query(&progenitor_client::QueryParam::new("max_bytes", &max_bytes))
                .query(&progenitor_client::QueryParam::new("project", &project))
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "instance_serial_console" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::instance_console`]

    [`Client::instance_console`]: super::Client::instance_console*/
    #[derive(Debug, Clone)]
    pub struct InstanceConsole<'a> {
        client: &'a super::Client,
        instance: Result<::std::string::String, String>,
        from: Result<Option<u64>, String>,
        project: Result<Option<::std::string::String>, String>,
    }
    impl<'a> InstanceConsole<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                instance: Err("instance was not initialized".to_string()),
                from: Ok(None),
                project: Ok(None),
            }
        }
        pub fn instance<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.instance = value
                .try_into()
                .map_err(|_| "conversion to `:: std :: string :: String` for instance failed".to_string());
            self
        }
        pub fn from<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<u64>,
        {
            self.from =
                value.try_into().map(Some).map_err(|_| "conversion to `u64` for from failed".to_string());
            self
        }
        pub fn project<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.project = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `:: std :: string :: String` for project failed".to_string());
            self
        }
        ///Sends a `GET` request to `/v1/instances/{instance}/serial-console/stream`
        pub async fn send(self) -> Result<ResponseValue<reqwest::Upgraded>, Error<types::Error>> {
            let Self { client, instance, from, project } = self;
            let instance = instance.map_err(Error::InvalidRequest)?;
            let from = from.map_err(Error::InvalidRequest)?;
            let project = project.map_err(Error::InvalidRequest)?;
            let url = format!(
                "{}/v1/instances/{}/serial-console/stream",
                client.baseurl,
                encode_path(&instance.to_string()),
            );
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .get(url)
                .query(&progenitor_client::QueryParam::new("from", &from))
                .query(&progenitor_client::QueryParam::new("project", &project))
                .headers(header_map)
                .header(::reqwest::header::CONNECTION, "Upgrade")
                .header(::reqwest::header::UPGRADE, "websocket")
                .header(::reqwest::header::SEC_WEBSOCKET_VERSION, "13")
                .header(
                    ::reqwest::header::SEC_WEBSOCKET_KEY,
                    ::base64::Engine::encode(
                        &::base64::engine::general_purpose::STANDARD,
                        ::rand::random::<[u8; 16]>(),
                    ),
                )
                .build()?;
            let info = OperationInfo { operation_id: "instance_console" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                101u16 => ResponseValue::upgrade(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::instance_start`]

    [`Client::instance_start`]: super::Client::instance_start*/
    #[derive(Debug, Clone)]
    pub struct InstanceStart<'a> {
        client: &'a super::Client,
        instance: Result<::std::string::String, String>,
        project: Result<Option<::std::string::String>, String>,
    }
    impl<'a> InstanceStart<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                instance: Err("instance was not initialized".to_string()),
                project: Ok(None),
            }
        }
        pub fn instance<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.instance = value
                .try_into()
                .map_err(|_| "conversion to `:: std :: string :: String` for instance failed".to_string());
            self
        }
        pub fn project<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.project = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `:: std :: string :: String` for project failed".to_string());
            self
        }
        ///Sends a `POST` request to `/v1/instances/{instance}/start`
        pub async fn send(self) -> Result<ResponseValue<types::Operation>, Error<types::Error>> {
            let Self { client, instance, project } = self;
            let instance = instance.map_err(Error::InvalidRequest)?;
            let project = project.map_err(Error::InvalidRequest)?;
            let url =
                format!("{}/v1/instances/{}/start", client.baseurl, encode_path(&instance.to_string()),);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .post(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .query(&progenitor_client::QueryParam::new("project", &project))
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "instance_start" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                202u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::instance_stop`]

    [`Client::instance_stop`]: super::Client::instance_stop*/
    #[derive(Debug, Clone)]
    pub struct InstanceStop<'a> {
        client: &'a super::Client,
        instance: Result<::std::string::String, String>,
        project: Result<Option<::std::string::String>, String>,
        body: Result<types::builder::InstanceStop, String>,
    }
    impl<'a> InstanceStop<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                instance: Err("instance was not initialized".to_string()),
                project: Ok(None),
                body: Ok(::std::default::Default::default()),
            }
        }
        pub fn instance<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.instance = value
                .try_into()
                .map_err(|_| "conversion to `:: std :: string :: String` for instance failed".to_string());
            self
        }
        pub fn project<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.project = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `:: std :: string :: String` for project failed".to_string());
            self
        }
        pub fn body<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::InstanceStop>,
            <V as std::convert::TryInto<types::InstanceStop>>::Error: std::fmt::Display,
        {
            self.body = value
                .try_into()
                .map(From::from)
                .map_err(|s| format!("conversion to `InstanceStop` for body failed: {}", s));
            self
        }
        pub fn body_map<F>(mut self, f: F) -> Self
        where
            F: std::ops::FnOnce(types::builder::InstanceStop) -> types::builder::InstanceStop,
        {
            self.body = self.body.map(f);
            self
        }
        ///Sends a `POST` request to `/v1/instances/{instance}/stop`
        pub async fn send(self) -> Result<ResponseValue<types::Operation>, Error<types::Error>> {
            let Self { client, instance, project, body } = self;
            let instance = instance.map_err(Error::InvalidRequest)?;
            let project = project.map_err(Error::InvalidRequest)?;
            let body = body
                .and_then(|v| types::InstanceStop::try_from(v).map_err(|e| e.to_string()))
                .map_err(Error::InvalidRequest)?;
            let url = format!("{}/v1/instances/{}/stop", client.baseurl, encode_path(&instance.to_string()),);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .post(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .json(&body)
                .query(&progenitor_client::QueryParam::new("project", &project))
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "instance_stop" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                202u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::operation_list`]

    [`Client::operation_list`]: super::Client::operation_list*/
    #[derive(Debug, Clone)]
    pub struct OperationList<'a> {
        client: &'a super::Client,
        limit: Result<Option<u32>, String>,
        open: Result<Option<bool>, String>,
        page_token: Result<Option<::std::string::String>, String>,
        project: Result<Option<::std::string::String>, String>,
        subject: Result<Option<::uuid::Uuid>, String>,
    }
    impl<'a> OperationList<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                limit: Ok(None),
                open: Ok(None),
                page_token: Ok(None),
                project: Ok(None),
                subject: Ok(None),
            }
        }
        pub fn limit<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<u32>,
        {
            self.limit =
                value.try_into().map(Some).map_err(|_| "conversion to `u32` for limit failed".to_string());
            self
        }
        pub fn open<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<bool>,
        {
            self.open =
                value.try_into().map(Some).map_err(|_| "conversion to `bool` for open failed".to_string());
            self
        }
        pub fn page_token<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.page_token = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `:: std :: string :: String` for page_token failed".to_string());
            self
        }
        pub fn project<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.project = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `:: std :: string :: String` for project failed".to_string());
            self
        }
        pub fn subject<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::uuid::Uuid>,
        {
            self.subject = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `:: uuid :: Uuid` for subject failed".to_string());
            self
        }
        ///Sends a `GET` request to `/v1/operations`
        pub async fn send(self) -> Result<ResponseValue<types::OperationPage>, Error<types::Error>> {
            let Self { client, limit, open, page_token, project, subject } = self;
            let limit = limit.map_err(Error::InvalidRequest)?;
            let open = open.map_err(Error::InvalidRequest)?;
            let page_token = page_token.map_err(Error::InvalidRequest)?;
            let project = project.map_err(Error::InvalidRequest)?;
            let subject = subject.map_err(Error::InvalidRequest)?;
            let url = format!("{}/v1/operations", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .get(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .query(&progenitor_client::QueryParam::new("limit", &limit))
                .query(&progenitor_client::QueryParam::new("open", &open))
                .query(&progenitor_client::QueryParam::new("page_token", &page_token))
                .query(&progenitor_client::QueryParam::new("project", &project))
                .query(&progenitor_client::QueryParam::new("subject", &subject))
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "operation_list" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::operation_view`]

    [`Client::operation_view`]: super::Client::operation_view*/
    #[derive(Debug, Clone)]
    pub struct OperationView<'a> {
        client: &'a super::Client,
        operation: Result<::berth_common::ids::OperationUuid, String>,
        wait: Result<Option<::std::string::String>, String>,
    }
    impl<'a> OperationView<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                operation: Err("operation was not initialized".to_string()),
                wait: Ok(None),
            }
        }
        pub fn operation<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::berth_common::ids::OperationUuid>,
        {
            self.operation = value.try_into().map_err(|_| {
                "conversion to `:: berth_common :: ids :: OperationUuid` for operation failed".to_string()
            });
            self
        }
        pub fn wait<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.wait = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `:: std :: string :: String` for wait failed".to_string());
            self
        }
        ///Sends a `GET` request to `/v1/operations/{operation}`
        pub async fn send(self) -> Result<ResponseValue<types::Operation>, Error<types::Error>> {
            let Self { client, operation, wait } = self;
            let operation = operation.map_err(Error::InvalidRequest)?;
            let wait = wait.map_err(Error::InvalidRequest)?;
            let url = format!("{}/v1/operations/{}", client.baseurl, encode_path(&operation.to_string()),);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .get(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .query(&progenitor_client::QueryParam::new("wait", &wait))
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "operation_view" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::operation_cancel`]

    [`Client::operation_cancel`]: super::Client::operation_cancel*/
    #[derive(Debug, Clone)]
    pub struct OperationCancel<'a> {
        client: &'a super::Client,
        operation: Result<::berth_common::ids::OperationUuid, String>,
    }
    impl<'a> OperationCancel<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self { client: client, operation: Err("operation was not initialized".to_string()) }
        }
        pub fn operation<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::berth_common::ids::OperationUuid>,
        {
            self.operation = value.try_into().map_err(|_| {
                "conversion to `:: berth_common :: ids :: OperationUuid` for operation failed".to_string()
            });
            self
        }
        ///Sends a `POST` request to `/v1/operations/{operation}/cancel`
        pub async fn send(self) -> Result<ResponseValue<types::Operation>, Error<types::Error>> {
            let Self { client, operation } = self;
            let operation = operation.map_err(Error::InvalidRequest)?;
            let url =
                format!("{}/v1/operations/{}/cancel", client.baseurl, encode_path(&operation.to_string()),);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .post(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "operation_cancel" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::pool_list`]

    [`Client::pool_list`]: super::Client::pool_list*/
    #[derive(Debug, Clone)]
    pub struct PoolList<'a> {
        client: &'a super::Client,
        limit: Result<Option<u32>, String>,
        page_token: Result<Option<::std::string::String>, String>,
    }
    impl<'a> PoolList<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self { client: client, limit: Ok(None), page_token: Ok(None) }
        }
        pub fn limit<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<u32>,
        {
            self.limit =
                value.try_into().map(Some).map_err(|_| "conversion to `u32` for limit failed".to_string());
            self
        }
        pub fn page_token<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.page_token = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `:: std :: string :: String` for page_token failed".to_string());
            self
        }
        ///Sends a `GET` request to `/v1/pools`
        pub async fn send(self) -> Result<ResponseValue<types::PoolPage>, Error<types::Error>> {
            let Self { client, limit, page_token } = self;
            let limit = limit.map_err(Error::InvalidRequest)?;
            let page_token = page_token.map_err(Error::InvalidRequest)?;
            let url = format!("{}/v1/pools", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .get(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .query(&progenitor_client::QueryParam::new("limit", &limit))
                .query(&progenitor_client::QueryParam::new("page_token", &page_token))
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "pool_list" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::project_list`]

    [`Client::project_list`]: super::Client::project_list*/
    #[derive(Debug, Clone)]
    pub struct ProjectList<'a> {
        client: &'a super::Client,
        limit: Result<Option<u32>, String>,
        page_token: Result<Option<::std::string::String>, String>,
    }
    impl<'a> ProjectList<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self { client: client, limit: Ok(None), page_token: Ok(None) }
        }
        pub fn limit<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<u32>,
        {
            self.limit =
                value.try_into().map(Some).map_err(|_| "conversion to `u32` for limit failed".to_string());
            self
        }
        pub fn page_token<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.page_token = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `:: std :: string :: String` for page_token failed".to_string());
            self
        }
        ///Sends a `GET` request to `/v1/projects`
        pub async fn send(self) -> Result<ResponseValue<types::ProjectPage>, Error<types::Error>> {
            let Self { client, limit, page_token } = self;
            let limit = limit.map_err(Error::InvalidRequest)?;
            let page_token = page_token.map_err(Error::InvalidRequest)?;
            let url = format!("{}/v1/projects", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .get(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .query(&progenitor_client::QueryParam::new("limit", &limit))
                .query(&progenitor_client::QueryParam::new("page_token", &page_token))
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "project_list" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::project_create`]

    [`Client::project_create`]: super::Client::project_create*/
    #[derive(Debug, Clone)]
    pub struct ProjectCreate<'a> {
        client: &'a super::Client,
        idempotency_key: Result<Option<::std::string::String>, String>,
        body: Result<types::builder::ProjectCreate, String>,
    }
    impl<'a> ProjectCreate<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self { client: client, idempotency_key: Ok(None), body: Ok(::std::default::Default::default()) }
        }
        pub fn idempotency_key<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.idempotency_key = value.try_into().map(Some).map_err(|_| {
                "conversion to `:: std :: string :: String` for idempotency_key failed".to_string()
            });
            self
        }
        pub fn body<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::ProjectCreate>,
            <V as std::convert::TryInto<types::ProjectCreate>>::Error: std::fmt::Display,
        {
            self.body = value
                .try_into()
                .map(From::from)
                .map_err(|s| format!("conversion to `ProjectCreate` for body failed: {}", s));
            self
        }
        pub fn body_map<F>(mut self, f: F) -> Self
        where
            F: std::ops::FnOnce(types::builder::ProjectCreate) -> types::builder::ProjectCreate,
        {
            self.body = self.body.map(f);
            self
        }
        ///Sends a `POST` request to `/v1/projects`
        pub async fn send(self) -> Result<ResponseValue<types::Project>, Error<types::Error>> {
            let Self { client, idempotency_key, body } = self;
            let idempotency_key = idempotency_key.map_err(Error::InvalidRequest)?;
            let body = body
                .and_then(|v| types::ProjectCreate::try_from(v).map_err(|e| e.to_string()))
                .map_err(Error::InvalidRequest)?;
            let url = format!("{}/v1/projects", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(2usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            if let Some(value) = idempotency_key {
                header_map.append("Idempotency-Key", value.to_string().try_into()?);
            }
            #[allow(unused_mut)]
            let mut request = client
                .client
                .post(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .json(&body)
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "project_create" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                201u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::project_view`]

    [`Client::project_view`]: super::Client::project_view*/
    #[derive(Debug, Clone)]
    pub struct ProjectView<'a> {
        client: &'a super::Client,
        project: Result<::std::string::String, String>,
    }
    impl<'a> ProjectView<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self { client: client, project: Err("project was not initialized".to_string()) }
        }
        pub fn project<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.project = value
                .try_into()
                .map_err(|_| "conversion to `:: std :: string :: String` for project failed".to_string());
            self
        }
        ///Sends a `GET` request to `/v1/projects/{project}`
        pub async fn send(self) -> Result<ResponseValue<types::Project>, Error<types::Error>> {
            let Self { client, project } = self;
            let project = project.map_err(Error::InvalidRequest)?;
            let url = format!("{}/v1/projects/{}", client.baseurl, encode_path(&project.to_string()),);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .get(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "project_view" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::project_delete`]

    [`Client::project_delete`]: super::Client::project_delete*/
    #[derive(Debug, Clone)]
    pub struct ProjectDelete<'a> {
        client: &'a super::Client,
        project: Result<::std::string::String, String>,
    }
    impl<'a> ProjectDelete<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self { client: client, project: Err("project was not initialized".to_string()) }
        }
        pub fn project<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.project = value
                .try_into()
                .map_err(|_| "conversion to `:: std :: string :: String` for project failed".to_string());
            self
        }
        ///Sends a `DELETE` request to `/v1/projects/{project}`
        pub async fn send(self) -> Result<ResponseValue<()>, Error<types::Error>> {
            let Self { client, project } = self;
            let project = project.map_err(Error::InvalidRequest)?;
            let url = format!("{}/v1/projects/{}", client.baseurl, encode_path(&project.to_string()),);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .delete(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "project_delete" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                204u16 => Ok(ResponseValue::empty(response)),
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::project_update`]

    [`Client::project_update`]: super::Client::project_update*/
    #[derive(Debug, Clone)]
    pub struct ProjectUpdate<'a> {
        client: &'a super::Client,
        project: Result<::std::string::String, String>,
        if_match: Result<Option<::std::string::String>, String>,
        body: Result<types::builder::ProjectUpdate, String>,
    }
    impl<'a> ProjectUpdate<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                project: Err("project was not initialized".to_string()),
                if_match: Ok(None),
                body: Ok(::std::default::Default::default()),
            }
        }
        pub fn project<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.project = value
                .try_into()
                .map_err(|_| "conversion to `:: std :: string :: String` for project failed".to_string());
            self
        }
        pub fn if_match<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.if_match = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `:: std :: string :: String` for if_match failed".to_string());
            self
        }
        pub fn body<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::ProjectUpdate>,
            <V as std::convert::TryInto<types::ProjectUpdate>>::Error: std::fmt::Display,
        {
            self.body = value
                .try_into()
                .map(From::from)
                .map_err(|s| format!("conversion to `ProjectUpdate` for body failed: {}", s));
            self
        }
        pub fn body_map<F>(mut self, f: F) -> Self
        where
            F: std::ops::FnOnce(types::builder::ProjectUpdate) -> types::builder::ProjectUpdate,
        {
            self.body = self.body.map(f);
            self
        }
        ///Sends a `PATCH` request to `/v1/projects/{project}`
        pub async fn send(self) -> Result<ResponseValue<types::Project>, Error<types::Error>> {
            let Self { client, project, if_match, body } = self;
            let project = project.map_err(Error::InvalidRequest)?;
            let if_match = if_match.map_err(Error::InvalidRequest)?;
            let body = body
                .and_then(|v| types::ProjectUpdate::try_from(v).map_err(|e| e.to_string()))
                .map_err(Error::InvalidRequest)?;
            let url = format!("{}/v1/projects/{}", client.baseurl, encode_path(&project.to_string()),);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(2usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            if let Some(value) = if_match {
                header_map.append("If-Match", value.to_string().try_into()?);
            }
            #[allow(unused_mut)]
            let mut request = client
                .client
                .patch(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .json(&body)
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "project_update" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::check`]

    [`Client::check`]: super::Client::check*/
    #[derive(Debug, Clone)]
    pub struct Check<'a> {
        client: &'a super::Client,
    }
    impl<'a> Check<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self { client: client }
        }
        ///Sends a `POST` request to `/v1/system/check`
        pub async fn send(self) -> Result<ResponseValue<types::CheckReport>, Error<types::Error>> {
            let Self { client } = self;
            let url = format!("{}/v1/system/check", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .post(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "check" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::join_token_list`]

    [`Client::join_token_list`]: super::Client::join_token_list*/
    #[derive(Debug, Clone)]
    pub struct JoinTokenList<'a> {
        client: &'a super::Client,
        limit: Result<Option<u32>, String>,
        page_token: Result<Option<::std::string::String>, String>,
    }
    impl<'a> JoinTokenList<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self { client: client, limit: Ok(None), page_token: Ok(None) }
        }
        pub fn limit<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<u32>,
        {
            self.limit =
                value.try_into().map(Some).map_err(|_| "conversion to `u32` for limit failed".to_string());
            self
        }
        pub fn page_token<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.page_token = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `:: std :: string :: String` for page_token failed".to_string());
            self
        }
        ///Sends a `GET` request to `/v1/system/join-tokens`
        pub async fn send(self) -> Result<ResponseValue<types::JoinTokenPage>, Error<types::Error>> {
            let Self { client, limit, page_token } = self;
            let limit = limit.map_err(Error::InvalidRequest)?;
            let page_token = page_token.map_err(Error::InvalidRequest)?;
            let url = format!("{}/v1/system/join-tokens", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .get(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .query(&progenitor_client::QueryParam::new("limit", &limit))
                .query(&progenitor_client::QueryParam::new("page_token", &page_token))
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "join_token_list" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::join_token_create`]

    [`Client::join_token_create`]: super::Client::join_token_create*/
    #[derive(Debug, Clone)]
    pub struct JoinTokenCreate<'a> {
        client: &'a super::Client,
        body: Result<types::builder::JoinTokenCreate, String>,
    }
    impl<'a> JoinTokenCreate<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self { client: client, body: Ok(::std::default::Default::default()) }
        }
        pub fn body<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::JoinTokenCreate>,
            <V as std::convert::TryInto<types::JoinTokenCreate>>::Error: std::fmt::Display,
        {
            self.body = value
                .try_into()
                .map(From::from)
                .map_err(|s| format!("conversion to `JoinTokenCreate` for body failed: {}", s));
            self
        }
        pub fn body_map<F>(mut self, f: F) -> Self
        where
            F: std::ops::FnOnce(types::builder::JoinTokenCreate) -> types::builder::JoinTokenCreate,
        {
            self.body = self.body.map(f);
            self
        }
        ///Sends a `POST` request to `/v1/system/join-tokens`
        pub async fn send(self) -> Result<ResponseValue<types::JoinTokenMade>, Error<types::Error>> {
            let Self { client, body } = self;
            let body = body
                .and_then(|v| types::JoinTokenCreate::try_from(v).map_err(|e| e.to_string()))
                .map_err(Error::InvalidRequest)?;
            let url = format!("{}/v1/system/join-tokens", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .post(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .json(&body)
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "join_token_create" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                201u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::join_token_revoke`]

    [`Client::join_token_revoke`]: super::Client::join_token_revoke*/
    #[derive(Debug, Clone)]
    pub struct JoinTokenRevoke<'a> {
        client: &'a super::Client,
        join_token: Result<::berth_common::ids::JoinTokenUuid, String>,
    }
    impl<'a> JoinTokenRevoke<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self { client: client, join_token: Err("join_token was not initialized".to_string()) }
        }
        pub fn join_token<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::berth_common::ids::JoinTokenUuid>,
        {
            self.join_token = value.try_into().map_err(|_| {
                "conversion to `:: berth_common :: ids :: JoinTokenUuid` for join_token failed".to_string()
            });
            self
        }
        ///Sends a `DELETE` request to `/v1/system/join-tokens/{join_token}`
        pub async fn send(self) -> Result<ResponseValue<()>, Error<types::Error>> {
            let Self { client, join_token } = self;
            let join_token = join_token.map_err(Error::InvalidRequest)?;
            let url =
                format!("{}/v1/system/join-tokens/{}", client.baseurl, encode_path(&join_token.to_string()),);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .delete(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "join_token_revoke" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                204u16 => Ok(ResponseValue::empty(response)),
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::metrics`]

    [`Client::metrics`]: super::Client::metrics*/
    #[derive(Debug, Clone)]
    pub struct Metrics<'a> {
        client: &'a super::Client,
    }
    impl<'a> Metrics<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self { client: client }
        }
        ///Sends a `GET` request to `/v1/system/metrics`
        pub async fn send(self) -> Result<ResponseValue<ByteStream>, Error<types::Error>> {
            let Self { client } = self;
            let url = format!("{}/v1/system/metrics", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client.client.get(url).headers(header_map).build()?;
            let info = OperationInfo { operation_id: "metrics" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => Ok(ResponseValue::stream(response)),
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::nexus_list`]

    [`Client::nexus_list`]: super::Client::nexus_list*/
    #[derive(Debug, Clone)]
    pub struct NexusList<'a> {
        client: &'a super::Client,
    }
    impl<'a> NexusList<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self { client: client }
        }
        ///Sends a `GET` request to `/v1/system/nexus`
        pub async fn send(
            self,
        ) -> Result<ResponseValue<::std::vec::Vec<types::NexusView>>, Error<types::Error>> {
            let Self { client } = self;
            let url = format!("{}/v1/system/nexus", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .get(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "nexus_list" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::role_list`]

    [`Client::role_list`]: super::Client::role_list*/
    #[derive(Debug, Clone)]
    pub struct RoleList<'a> {
        client: &'a super::Client,
        limit: Result<Option<u32>, String>,
        page_token: Result<Option<::std::string::String>, String>,
        project: Result<Option<::std::string::String>, String>,
    }
    impl<'a> RoleList<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self { client: client, limit: Ok(None), page_token: Ok(None), project: Ok(None) }
        }
        pub fn limit<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<u32>,
        {
            self.limit =
                value.try_into().map(Some).map_err(|_| "conversion to `u32` for limit failed".to_string());
            self
        }
        pub fn page_token<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.page_token = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `:: std :: string :: String` for page_token failed".to_string());
            self
        }
        pub fn project<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.project = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `:: std :: string :: String` for project failed".to_string());
            self
        }
        ///Sends a `GET` request to `/v1/system/roles`
        pub async fn send(self) -> Result<ResponseValue<types::RoleGrantPage>, Error<types::Error>> {
            let Self { client, limit, page_token, project } = self;
            let limit = limit.map_err(Error::InvalidRequest)?;
            let page_token = page_token.map_err(Error::InvalidRequest)?;
            let project = project.map_err(Error::InvalidRequest)?;
            let url = format!("{}/v1/system/roles", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .get(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .query(&progenitor_client::QueryParam::new("limit", &limit))
                .query(&progenitor_client::QueryParam::new("page_token", &page_token))
                .query(&progenitor_client::QueryParam::new("project", &project))
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "role_list" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::role_grant`]

    [`Client::role_grant`]: super::Client::role_grant*/
    #[derive(Debug, Clone)]
    pub struct RoleGrant<'a> {
        client: &'a super::Client,
        body: Result<types::builder::RoleGrantCreate, String>,
    }
    impl<'a> RoleGrant<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self { client: client, body: Ok(::std::default::Default::default()) }
        }
        pub fn body<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::RoleGrantCreate>,
            <V as std::convert::TryInto<types::RoleGrantCreate>>::Error: std::fmt::Display,
        {
            self.body = value
                .try_into()
                .map(From::from)
                .map_err(|s| format!("conversion to `RoleGrantCreate` for body failed: {}", s));
            self
        }
        pub fn body_map<F>(mut self, f: F) -> Self
        where
            F: std::ops::FnOnce(types::builder::RoleGrantCreate) -> types::builder::RoleGrantCreate,
        {
            self.body = self.body.map(f);
            self
        }
        ///Sends a `POST` request to `/v1/system/roles/grant`
        pub async fn send(self) -> Result<ResponseValue<types::RoleGrant>, Error<types::Error>> {
            let Self { client, body } = self;
            let body = body
                .and_then(|v| types::RoleGrantCreate::try_from(v).map_err(|e| e.to_string()))
                .map_err(Error::InvalidRequest)?;
            let url = format!("{}/v1/system/roles/grant", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .post(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .json(&body)
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "role_grant" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::role_revoke`]

    [`Client::role_revoke`]: super::Client::role_revoke*/
    #[derive(Debug, Clone)]
    pub struct RoleRevoke<'a> {
        client: &'a super::Client,
        body: Result<types::builder::RoleRevoke, String>,
    }
    impl<'a> RoleRevoke<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self { client: client, body: Ok(::std::default::Default::default()) }
        }
        pub fn body<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::RoleRevoke>,
            <V as std::convert::TryInto<types::RoleRevoke>>::Error: std::fmt::Display,
        {
            self.body = value
                .try_into()
                .map(From::from)
                .map_err(|s| format!("conversion to `RoleRevoke` for body failed: {}", s));
            self
        }
        pub fn body_map<F>(mut self, f: F) -> Self
        where
            F: std::ops::FnOnce(types::builder::RoleRevoke) -> types::builder::RoleRevoke,
        {
            self.body = self.body.map(f);
            self
        }
        ///Sends a `POST` request to `/v1/system/roles/revoke`
        pub async fn send(self) -> Result<ResponseValue<()>, Error<types::Error>> {
            let Self { client, body } = self;
            let body = body
                .and_then(|v| types::RoleRevoke::try_from(v).map_err(|e| e.to_string()))
                .map_err(Error::InvalidRequest)?;
            let url = format!("{}/v1/system/roles/revoke", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .post(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .json(&body)
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "role_revoke" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                204u16 => Ok(ResponseValue::empty(response)),
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::saga_list`]

    [`Client::saga_list`]: super::Client::saga_list*/
    #[derive(Debug, Clone)]
    pub struct SagaList<'a> {
        client: &'a super::Client,
        limit: Result<Option<u32>, String>,
        page_token: Result<Option<::std::string::String>, String>,
        state: Result<Option<types::SagaState>, String>,
    }
    impl<'a> SagaList<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self { client: client, limit: Ok(None), page_token: Ok(None), state: Ok(None) }
        }
        pub fn limit<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<u32>,
        {
            self.limit =
                value.try_into().map(Some).map_err(|_| "conversion to `u32` for limit failed".to_string());
            self
        }
        pub fn page_token<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.page_token = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `:: std :: string :: String` for page_token failed".to_string());
            self
        }
        pub fn state<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::SagaState>,
        {
            self.state = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `SagaState` for state failed".to_string());
            self
        }
        ///Sends a `GET` request to `/v1/system/sagas`
        pub async fn send(self) -> Result<ResponseValue<types::SagaPage>, Error<types::Error>> {
            let Self { client, limit, page_token, state } = self;
            let limit = limit.map_err(Error::InvalidRequest)?;
            let page_token = page_token.map_err(Error::InvalidRequest)?;
            let state = state.map_err(Error::InvalidRequest)?;
            let url = format!("{}/v1/system/sagas", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .get(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .query(&progenitor_client::QueryParam::new("limit", &limit))
                .query(&progenitor_client::QueryParam::new("page_token", &page_token))
                .query(&progenitor_client::QueryParam::new("state", &state))
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "saga_list" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::saga_view`]

    [`Client::saga_view`]: super::Client::saga_view*/
    #[derive(Debug, Clone)]
    pub struct SagaView<'a> {
        client: &'a super::Client,
        saga: Result<::berth_common::ids::SagaUuid, String>,
    }
    impl<'a> SagaView<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self { client: client, saga: Err("saga was not initialized".to_string()) }
        }
        pub fn saga<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::berth_common::ids::SagaUuid>,
        {
            self.saga = value.try_into().map_err(|_| {
                "conversion to `:: berth_common :: ids :: SagaUuid` for saga failed".to_string()
            });
            self
        }
        ///Sends a `GET` request to `/v1/system/sagas/{saga}`
        pub async fn send(self) -> Result<ResponseValue<types::SagaDetail>, Error<types::Error>> {
            let Self { client, saga } = self;
            let saga = saga.map_err(Error::InvalidRequest)?;
            let url = format!("{}/v1/system/sagas/{}", client.baseurl, encode_path(&saga.to_string()),);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .get(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "saga_view" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::saga_resolve`]

    [`Client::saga_resolve`]: super::Client::saga_resolve*/
    #[derive(Debug, Clone)]
    pub struct SagaResolve<'a> {
        client: &'a super::Client,
        saga: Result<::berth_common::ids::SagaUuid, String>,
    }
    impl<'a> SagaResolve<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self { client: client, saga: Err("saga was not initialized".to_string()) }
        }
        pub fn saga<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::berth_common::ids::SagaUuid>,
        {
            self.saga = value.try_into().map_err(|_| {
                "conversion to `:: berth_common :: ids :: SagaUuid` for saga failed".to_string()
            });
            self
        }
        ///Sends a `POST` request to `/v1/system/sagas/{saga}/resolve`
        pub async fn send(self) -> Result<ResponseValue<types::Saga>, Error<types::Error>> {
            let Self { client, saga } = self;
            let saga = saga.map_err(Error::InvalidRequest)?;
            let url =
                format!("{}/v1/system/sagas/{}/resolve", client.baseurl, encode_path(&saga.to_string()),);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .post(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "saga_resolve" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::saga_retry`]

    [`Client::saga_retry`]: super::Client::saga_retry*/
    #[derive(Debug, Clone)]
    pub struct SagaRetry<'a> {
        client: &'a super::Client,
        saga: Result<::berth_common::ids::SagaUuid, String>,
    }
    impl<'a> SagaRetry<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self { client: client, saga: Err("saga was not initialized".to_string()) }
        }
        pub fn saga<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::berth_common::ids::SagaUuid>,
        {
            self.saga = value.try_into().map_err(|_| {
                "conversion to `:: berth_common :: ids :: SagaUuid` for saga failed".to_string()
            });
            self
        }
        ///Sends a `POST` request to `/v1/system/sagas/{saga}/retry`
        pub async fn send(self) -> Result<ResponseValue<types::Saga>, Error<types::Error>> {
            let Self { client, saga } = self;
            let saga = saga.map_err(Error::InvalidRequest)?;
            let url = format!("{}/v1/system/sagas/{}/retry", client.baseurl, encode_path(&saga.to_string()),);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .post(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "saga_retry" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::sled_list`]

    [`Client::sled_list`]: super::Client::sled_list*/
    #[derive(Debug, Clone)]
    pub struct SledList<'a> {
        client: &'a super::Client,
        limit: Result<Option<u32>, String>,
        page_token: Result<Option<::std::string::String>, String>,
    }
    impl<'a> SledList<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self { client: client, limit: Ok(None), page_token: Ok(None) }
        }
        pub fn limit<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<u32>,
        {
            self.limit =
                value.try_into().map(Some).map_err(|_| "conversion to `u32` for limit failed".to_string());
            self
        }
        pub fn page_token<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.page_token = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `:: std :: string :: String` for page_token failed".to_string());
            self
        }
        ///Sends a `GET` request to `/v1/system/sleds`
        pub async fn send(self) -> Result<ResponseValue<types::SledPage>, Error<types::Error>> {
            let Self { client, limit, page_token } = self;
            let limit = limit.map_err(Error::InvalidRequest)?;
            let page_token = page_token.map_err(Error::InvalidRequest)?;
            let url = format!("{}/v1/system/sleds", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .get(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .query(&progenitor_client::QueryParam::new("limit", &limit))
                .query(&progenitor_client::QueryParam::new("page_token", &page_token))
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "sled_list" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::sled_view`]

    [`Client::sled_view`]: super::Client::sled_view*/
    #[derive(Debug, Clone)]
    pub struct SledView<'a> {
        client: &'a super::Client,
        sled: Result<::std::string::String, String>,
    }
    impl<'a> SledView<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self { client: client, sled: Err("sled was not initialized".to_string()) }
        }
        pub fn sled<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.sled = value
                .try_into()
                .map_err(|_| "conversion to `:: std :: string :: String` for sled failed".to_string());
            self
        }
        ///Sends a `GET` request to `/v1/system/sleds/{sled}`
        pub async fn send(self) -> Result<ResponseValue<types::Sled>, Error<types::Error>> {
            let Self { client, sled } = self;
            let sled = sled.map_err(Error::InvalidRequest)?;
            let url = format!("{}/v1/system/sleds/{}", client.baseurl, encode_path(&sled.to_string()),);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .get(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "sled_view" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::sled_cordon`]

    [`Client::sled_cordon`]: super::Client::sled_cordon*/
    #[derive(Debug, Clone)]
    pub struct SledCordon<'a> {
        client: &'a super::Client,
        sled: Result<::std::string::String, String>,
    }
    impl<'a> SledCordon<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self { client: client, sled: Err("sled was not initialized".to_string()) }
        }
        pub fn sled<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.sled = value
                .try_into()
                .map_err(|_| "conversion to `:: std :: string :: String` for sled failed".to_string());
            self
        }
        ///Sends a `POST` request to `/v1/system/sleds/{sled}/cordon`
        pub async fn send(self) -> Result<ResponseValue<types::Sled>, Error<types::Error>> {
            let Self { client, sled } = self;
            let sled = sled.map_err(Error::InvalidRequest)?;
            let url =
                format!("{}/v1/system/sleds/{}/cordon", client.baseurl, encode_path(&sled.to_string()),);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .post(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "sled_cordon" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::sled_events`]

    [`Client::sled_events`]: super::Client::sled_events*/
    #[derive(Debug, Clone)]
    pub struct SledEvents<'a> {
        client: &'a super::Client,
        sled: Result<::std::string::String, String>,
        limit: Result<Option<u32>, String>,
        since: Result<Option<::std::string::String>, String>,
        wait: Result<Option<::std::string::String>, String>,
    }
    impl<'a> SledEvents<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                sled: Err("sled was not initialized".to_string()),
                limit: Ok(None),
                since: Ok(None),
                wait: Ok(None),
            }
        }
        pub fn sled<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.sled = value
                .try_into()
                .map_err(|_| "conversion to `:: std :: string :: String` for sled failed".to_string());
            self
        }
        pub fn limit<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<u32>,
        {
            self.limit =
                value.try_into().map(Some).map_err(|_| "conversion to `u32` for limit failed".to_string());
            self
        }
        pub fn since<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.since = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `:: std :: string :: String` for since failed".to_string());
            self
        }
        pub fn wait<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.wait = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `:: std :: string :: String` for wait failed".to_string());
            self
        }
        ///Sends a `GET` request to `/v1/system/sleds/{sled}/events`
        pub async fn send(self) -> Result<ResponseValue<types::EventPage>, Error<types::Error>> {
            let Self { client, sled, limit, since, wait } = self;
            let sled = sled.map_err(Error::InvalidRequest)?;
            let limit = limit.map_err(Error::InvalidRequest)?;
            let since = since.map_err(Error::InvalidRequest)?;
            let wait = wait.map_err(Error::InvalidRequest)?;
            let url =
                format!("{}/v1/system/sleds/{}/events", client.baseurl, encode_path(&sled.to_string()),);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .get(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .query(&progenitor_client::QueryParam::new("limit", &limit))
                .query(&progenitor_client::QueryParam::new("since", &since))
                .query(&progenitor_client::QueryParam::new("wait", &wait))
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "sled_events" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::sled_explain`]

    [`Client::sled_explain`]: super::Client::sled_explain*/
    #[derive(Debug, Clone)]
    pub struct SledExplain<'a> {
        client: &'a super::Client,
        sled: Result<::std::string::String, String>,
    }
    impl<'a> SledExplain<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self { client: client, sled: Err("sled was not initialized".to_string()) }
        }
        pub fn sled<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.sled = value
                .try_into()
                .map_err(|_| "conversion to `:: std :: string :: String` for sled failed".to_string());
            self
        }
        ///Sends a `GET` request to `/v1/system/sleds/{sled}/explain`
        pub async fn send(self) -> Result<ResponseValue<types::SledExplanation>, Error<types::Error>> {
            let Self { client, sled } = self;
            let sled = sled.map_err(Error::InvalidRequest)?;
            let url =
                format!("{}/v1/system/sleds/{}/explain", client.baseurl, encode_path(&sled.to_string()),);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .get(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "sled_explain" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::sled_instances`]

    [`Client::sled_instances`]: super::Client::sled_instances*/
    #[derive(Debug, Clone)]
    pub struct SledInstances<'a> {
        client: &'a super::Client,
        sled: Result<::std::string::String, String>,
        limit: Result<Option<u32>, String>,
        page_token: Result<Option<::std::string::String>, String>,
    }
    impl<'a> SledInstances<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                sled: Err("sled was not initialized".to_string()),
                limit: Ok(None),
                page_token: Ok(None),
            }
        }
        pub fn sled<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.sled = value
                .try_into()
                .map_err(|_| "conversion to `:: std :: string :: String` for sled failed".to_string());
            self
        }
        pub fn limit<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<u32>,
        {
            self.limit =
                value.try_into().map(Some).map_err(|_| "conversion to `u32` for limit failed".to_string());
            self
        }
        pub fn page_token<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.page_token = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `:: std :: string :: String` for page_token failed".to_string());
            self
        }
        ///Sends a `GET` request to `/v1/system/sleds/{sled}/instances`
        pub async fn send(self) -> Result<ResponseValue<types::InstancePage>, Error<types::Error>> {
            let Self { client, sled, limit, page_token } = self;
            let sled = sled.map_err(Error::InvalidRequest)?;
            let limit = limit.map_err(Error::InvalidRequest)?;
            let page_token = page_token.map_err(Error::InvalidRequest)?;
            let url =
                format!("{}/v1/system/sleds/{}/instances", client.baseurl, encode_path(&sled.to_string()),);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .get(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .query(&progenitor_client::QueryParam::new("limit", &limit))
                .query(&progenitor_client::QueryParam::new("page_token", &page_token))
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "sled_instances" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::sled_metrics`]

    [`Client::sled_metrics`]: super::Client::sled_metrics*/
    #[derive(Debug, Clone)]
    pub struct SledMetrics<'a> {
        client: &'a super::Client,
        sled: Result<::std::string::String, String>,
    }
    impl<'a> SledMetrics<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self { client: client, sled: Err("sled was not initialized".to_string()) }
        }
        pub fn sled<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.sled = value
                .try_into()
                .map_err(|_| "conversion to `:: std :: string :: String` for sled failed".to_string());
            self
        }
        ///Sends a `GET` request to `/v1/system/sleds/{sled}/metrics`
        pub async fn send(self) -> Result<ResponseValue<ByteStream>, Error<types::Error>> {
            let Self { client, sled } = self;
            let sled = sled.map_err(Error::InvalidRequest)?;
            let url =
                format!("{}/v1/system/sleds/{}/metrics", client.baseurl, encode_path(&sled.to_string()),);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client.client.get(url).headers(header_map).build()?;
            let info = OperationInfo { operation_id: "sled_metrics" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => Ok(ResponseValue::stream(response)),
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::sled_uncordon`]

    [`Client::sled_uncordon`]: super::Client::sled_uncordon*/
    #[derive(Debug, Clone)]
    pub struct SledUncordon<'a> {
        client: &'a super::Client,
        sled: Result<::std::string::String, String>,
    }
    impl<'a> SledUncordon<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self { client: client, sled: Err("sled was not initialized".to_string()) }
        }
        pub fn sled<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.sled = value
                .try_into()
                .map_err(|_| "conversion to `:: std :: string :: String` for sled failed".to_string());
            self
        }
        ///Sends a `POST` request to `/v1/system/sleds/{sled}/uncordon`
        pub async fn send(self) -> Result<ResponseValue<types::Sled>, Error<types::Error>> {
            let Self { client, sled } = self;
            let sled = sled.map_err(Error::InvalidRequest)?;
            let url =
                format!("{}/v1/system/sleds/{}/uncordon", client.baseurl, encode_path(&sled.to_string()),);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .post(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "sled_uncordon" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::token_list`]

    [`Client::token_list`]: super::Client::token_list*/
    #[derive(Debug, Clone)]
    pub struct TokenList<'a> {
        client: &'a super::Client,
        limit: Result<Option<u32>, String>,
        page_token: Result<Option<::std::string::String>, String>,
        user: Result<Option<::std::string::String>, String>,
    }
    impl<'a> TokenList<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self { client: client, limit: Ok(None), page_token: Ok(None), user: Ok(None) }
        }
        pub fn limit<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<u32>,
        {
            self.limit =
                value.try_into().map(Some).map_err(|_| "conversion to `u32` for limit failed".to_string());
            self
        }
        pub fn page_token<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.page_token = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `:: std :: string :: String` for page_token failed".to_string());
            self
        }
        pub fn user<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.user = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `:: std :: string :: String` for user failed".to_string());
            self
        }
        ///Sends a `GET` request to `/v1/system/tokens`
        pub async fn send(self) -> Result<ResponseValue<types::TokenPage>, Error<types::Error>> {
            let Self { client, limit, page_token, user } = self;
            let limit = limit.map_err(Error::InvalidRequest)?;
            let page_token = page_token.map_err(Error::InvalidRequest)?;
            let user = user.map_err(Error::InvalidRequest)?;
            let url = format!("{}/v1/system/tokens", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .get(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .query(&progenitor_client::QueryParam::new("limit", &limit))
                .query(&progenitor_client::QueryParam::new("page_token", &page_token))
                .query(&progenitor_client::QueryParam::new("user", &user))
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "token_list" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::token_create`]

    [`Client::token_create`]: super::Client::token_create*/
    #[derive(Debug, Clone)]
    pub struct TokenCreate<'a> {
        client: &'a super::Client,
        body: Result<types::builder::TokenCreate, String>,
    }
    impl<'a> TokenCreate<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self { client: client, body: Ok(::std::default::Default::default()) }
        }
        pub fn body<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::TokenCreate>,
            <V as std::convert::TryInto<types::TokenCreate>>::Error: std::fmt::Display,
        {
            self.body = value
                .try_into()
                .map(From::from)
                .map_err(|s| format!("conversion to `TokenCreate` for body failed: {}", s));
            self
        }
        pub fn body_map<F>(mut self, f: F) -> Self
        where
            F: std::ops::FnOnce(types::builder::TokenCreate) -> types::builder::TokenCreate,
        {
            self.body = self.body.map(f);
            self
        }
        ///Sends a `POST` request to `/v1/system/tokens`
        pub async fn send(self) -> Result<ResponseValue<types::TokenMade>, Error<types::Error>> {
            let Self { client, body } = self;
            let body = body
                .and_then(|v| types::TokenCreate::try_from(v).map_err(|e| e.to_string()))
                .map_err(Error::InvalidRequest)?;
            let url = format!("{}/v1/system/tokens", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .post(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .json(&body)
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "token_create" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                201u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::token_revoke`]

    [`Client::token_revoke`]: super::Client::token_revoke*/
    #[derive(Debug, Clone)]
    pub struct TokenRevoke<'a> {
        client: &'a super::Client,
        token: Result<::berth_common::ids::TokenUuid, String>,
    }
    impl<'a> TokenRevoke<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self { client: client, token: Err("token was not initialized".to_string()) }
        }
        pub fn token<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::berth_common::ids::TokenUuid>,
        {
            self.token = value.try_into().map_err(|_| {
                "conversion to `:: berth_common :: ids :: TokenUuid` for token failed".to_string()
            });
            self
        }
        ///Sends a `DELETE` request to `/v1/system/tokens/{token}`
        pub async fn send(self) -> Result<ResponseValue<()>, Error<types::Error>> {
            let Self { client, token } = self;
            let token = token.map_err(Error::InvalidRequest)?;
            let url = format!("{}/v1/system/tokens/{}", client.baseurl, encode_path(&token.to_string()),);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .delete(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "token_revoke" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                204u16 => Ok(ResponseValue::empty(response)),
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::user_list`]

    [`Client::user_list`]: super::Client::user_list*/
    #[derive(Debug, Clone)]
    pub struct UserList<'a> {
        client: &'a super::Client,
        limit: Result<Option<u32>, String>,
        page_token: Result<Option<::std::string::String>, String>,
    }
    impl<'a> UserList<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self { client: client, limit: Ok(None), page_token: Ok(None) }
        }
        pub fn limit<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<u32>,
        {
            self.limit =
                value.try_into().map(Some).map_err(|_| "conversion to `u32` for limit failed".to_string());
            self
        }
        pub fn page_token<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.page_token = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `:: std :: string :: String` for page_token failed".to_string());
            self
        }
        ///Sends a `GET` request to `/v1/system/users`
        pub async fn send(self) -> Result<ResponseValue<types::UserPage>, Error<types::Error>> {
            let Self { client, limit, page_token } = self;
            let limit = limit.map_err(Error::InvalidRequest)?;
            let page_token = page_token.map_err(Error::InvalidRequest)?;
            let url = format!("{}/v1/system/users", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .get(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .query(&progenitor_client::QueryParam::new("limit", &limit))
                .query(&progenitor_client::QueryParam::new("page_token", &page_token))
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "user_list" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::user_create`]

    [`Client::user_create`]: super::Client::user_create*/
    #[derive(Debug, Clone)]
    pub struct UserCreate<'a> {
        client: &'a super::Client,
        idempotency_key: Result<Option<::std::string::String>, String>,
        body: Result<types::builder::UserCreate, String>,
    }
    impl<'a> UserCreate<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self { client: client, idempotency_key: Ok(None), body: Ok(::std::default::Default::default()) }
        }
        pub fn idempotency_key<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.idempotency_key = value.try_into().map(Some).map_err(|_| {
                "conversion to `:: std :: string :: String` for idempotency_key failed".to_string()
            });
            self
        }
        pub fn body<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::UserCreate>,
            <V as std::convert::TryInto<types::UserCreate>>::Error: std::fmt::Display,
        {
            self.body = value
                .try_into()
                .map(From::from)
                .map_err(|s| format!("conversion to `UserCreate` for body failed: {}", s));
            self
        }
        pub fn body_map<F>(mut self, f: F) -> Self
        where
            F: std::ops::FnOnce(types::builder::UserCreate) -> types::builder::UserCreate,
        {
            self.body = self.body.map(f);
            self
        }
        ///Sends a `POST` request to `/v1/system/users`
        pub async fn send(self) -> Result<ResponseValue<types::User>, Error<types::Error>> {
            let Self { client, idempotency_key, body } = self;
            let idempotency_key = idempotency_key.map_err(Error::InvalidRequest)?;
            let body = body
                .and_then(|v| types::UserCreate::try_from(v).map_err(|e| e.to_string()))
                .map_err(Error::InvalidRequest)?;
            let url = format!("{}/v1/system/users", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(2usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            if let Some(value) = idempotency_key {
                header_map.append("Idempotency-Key", value.to_string().try_into()?);
            }
            #[allow(unused_mut)]
            let mut request = client
                .client
                .post(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .json(&body)
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "user_create" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                201u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::version`]

    [`Client::version`]: super::Client::version*/
    #[derive(Debug, Clone)]
    pub struct Version<'a> {
        client: &'a super::Client,
    }
    impl<'a> Version<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self { client: client }
        }
        ///Sends a `GET` request to `/v1/version`
        pub async fn send(self) -> Result<ResponseValue<types::Version>, Error<types::Error>> {
            let Self { client } = self;
            let url = format!("{}/v1/version", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .get(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "version" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::whoami`]

    [`Client::whoami`]: super::Client::whoami*/
    #[derive(Debug, Clone)]
    pub struct Whoami<'a> {
        client: &'a super::Client,
    }
    impl<'a> Whoami<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self { client: client }
        }
        ///Sends a `GET` request to `/v1/whoami`
        pub async fn send(self) -> Result<ResponseValue<types::Whoami>, Error<types::Error>> {
            let Self { client } = self;
            let url = format!("{}/v1/whoami", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
            );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .get(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .headers(header_map)
                .build()?;
            let info = OperationInfo { operation_id: "whoami" };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                500u16..=599u16 => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
}
/// Items consumers will typically use such as the Client.
pub mod prelude {
    pub use self::super::Client;
}
