//! Instances and their network interfaces.

use crate::ids::{DbId, DbText, OptId};
use crate::tables::{instance, nic};
use berth_common::Name;
use berth_common::ids::{
    ImageKind, ImageUuid, InstanceKind, InstanceUuid, MigrationKind, MigrationUuid, NicKind, NicUuid,
    ProjectKind, ProjectUuid, SagaKind, SagaUuid, VmmKind, VmmUuid,
};
use berth_common::instance::{InstanceState, Intent, Rest, RestartPolicy};
use chrono::{DateTime, Utc};
use diesel::{Queryable, QueryableByName, Selectable};

/// A user's virtual machine: wish, configuration and record.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, QueryableByName)]
#[diesel(table_name = instance)]
pub struct Instance {
    #[diesel(deserialize_as = DbId<InstanceKind>)]
    pub id: InstanceUuid,
    #[diesel(deserialize_as = DbId<ProjectKind>)]
    pub project_id: ProjectUuid,
    #[diesel(deserialize_as = DbText<Name>)]
    pub name: Name,
    pub description: String,
    pub generation: i64,
    pub cpus: i64,
    pub memory_mib: i64,
    #[diesel(deserialize_as = OptId<ImageKind>)]
    pub image_id: Option<ImageUuid>,
    pub command_line: String,
    pub stop_grace_ms: i64,
    pub created_at: DateTime<Utc>,
    #[diesel(deserialize_as = DbText<Intent>)]
    pub intent: Intent,
    pub intent_gen: i64,
    pub intent_at: DateTime<Utc>,
    pub stop_deadline: Option<DateTime<Utc>>,
    #[diesel(deserialize_as = DbText<InstanceState>)]
    pub state: InstanceState,
    pub state_gen: i64,
    pub epoch: i64,
    #[diesel(deserialize_as = OptId<VmmKind>)]
    pub active_vmm_id: Option<VmmUuid>,
    #[diesel(deserialize_as = OptId<VmmKind>)]
    pub target_vmm_id: Option<VmmUuid>,
    #[diesel(deserialize_as = OptId<MigrationKind>)]
    pub migration_id: Option<MigrationUuid>,
    #[diesel(deserialize_as = DbText<Rest>)]
    pub rest: Rest,
    #[diesel(deserialize_as = OptId<SagaKind>)]
    pub updater_id: Option<SagaUuid>,
    pub updater_gen: i64,
    #[diesel(deserialize_as = OptId<SagaKind>)]
    pub last_updater_id: Option<SagaUuid>,
    pub stop_priority: i64,
    #[diesel(deserialize_as = DbText<RestartPolicy>)]
    pub restart_policy: RestartPolicy,
    /// Crashes that count; see `berth_plan::restart`.
    pub crashes: i64,
    /// No start is due before.
    pub restart_at: Option<DateTime<Utc>>,
}

/// A network interface: a tap on the bridge of whatever sled its instance runs on.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, QueryableByName)]
#[diesel(table_name = nic)]
pub struct Nic {
    #[diesel(deserialize_as = DbId<NicKind>)]
    pub id: NicUuid,
    #[diesel(deserialize_as = DbId<InstanceKind>)]
    pub instance_id: InstanceUuid,
    pub slot: i64,
    /// `02:xx:xx:xx:xx:xx`, unique in the cluster.
    pub mac: String,
}
