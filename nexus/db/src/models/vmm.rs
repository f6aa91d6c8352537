//! VMMs, migrations, and what starts and stops keep beside them.

use crate::ids::{DbId, DbText, OptId, OptText};
use crate::tables::{migration, start_attempt, stop_delivery, vmm};
use berth_common::ids::{
    InstanceKind, InstanceUuid, LedgerKind, LedgerUuid, MigrationKind, MigrationUuid, OperationKind,
    OperationUuid, SledKind, SledUuid, VmmKind, VmmUuid,
};
use berth_common::migration::{MigrationHalf, MigrationOutcome, MigrationPhase};
use berth_common::vmm::{EndedBy, VmmState};
use chrono::{DateTime, Utc};
use diesel::{Queryable, QueryableByName, Selectable};

/// One incarnation of an instance on one sled.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = vmm)]
pub struct Vmm {
    #[diesel(deserialize_as = DbId<VmmKind>)]
    pub id: VmmUuid,
    #[diesel(deserialize_as = DbId<InstanceKind>)]
    pub instance_id: InstanceUuid,
    #[diesel(deserialize_as = DbId<SledKind>)]
    pub sled_id: SledUuid,
    pub epoch: i64,
    #[diesel(deserialize_as = DbId<LedgerKind>)]
    pub ledger_id: LedgerUuid,
    pub generation: i64,
    #[diesel(deserialize_as = DbText<VmmState>)]
    pub state: VmmState,
    #[diesel(deserialize_as = OptText<EndedBy>)]
    pub ended_by: Option<EndedBy>,
    pub detail: Option<String>,
    pub unresponsive: bool,
    pub stuck: bool,
    pub end_wanted: bool,
    pub created_at: DateTime<Utc>,
    pub running_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
    pub reported_at: Option<DateTime<Utc>>,
    /// Why it is known to have ended although no sled said so.
    pub proof: Option<String>,
}

/// One live migration.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, QueryableByName)]
#[diesel(table_name = migration)]
pub struct Migration {
    #[diesel(deserialize_as = DbId<MigrationKind>)]
    pub id: MigrationUuid,
    #[diesel(deserialize_as = DbId<InstanceKind>)]
    pub instance_id: InstanceUuid,
    #[diesel(deserialize_as = DbId<VmmKind>)]
    pub source_vmm_id: VmmUuid,
    #[diesel(deserialize_as = DbId<VmmKind>)]
    pub target_vmm_id: VmmUuid,
    #[diesel(deserialize_as = DbText<MigrationHalf>)]
    pub source_state: MigrationHalf,
    #[diesel(deserialize_as = DbText<MigrationHalf>)]
    pub target_state: MigrationHalf,
    pub source_gen: i64,
    pub target_gen: i64,
    #[diesel(deserialize_as = OptText<MigrationOutcome>)]
    pub outcome: Option<MigrationOutcome>,
    pub created_at: DateTime<Utc>,
    #[diesel(deserialize_as = DbId<OperationKind>)]
    pub operation_id: OperationUuid,
    pub intent_gen: i64,
    pub deadline: DateTime<Utc>,
    pub downtime_limit_ms: i64,
    pub cancel_at: Option<DateTime<Utc>>,
    pub cancel_why: Option<String>,
    pub send_at: Option<DateTime<Utc>>,
    #[diesel(deserialize_as = OptText<MigrationPhase>)]
    pub source_phase: Option<MigrationPhase>,
    #[diesel(deserialize_as = OptText<MigrationPhase>)]
    pub target_phase: Option<MigrationPhase>,
    pub source_detail: Option<String>,
    pub target_detail: Option<String>,
    pub address: Option<String>,
    pub sent_bytes: i64,
    pub remaining_bytes: i64,
    pub total_bytes: i64,
    pub dirty_bytes_per_s: i64,
    pub throttle_percent: i64,
    pub elapsed_ms: i64,
    pub downtime_ms: Option<i64>,
    pub ended_at: Option<DateTime<Utc>>,
}

/// A sled that a start has tried, and why it said no.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, QueryableByName)]
#[diesel(table_name = start_attempt)]
pub struct StartAttempt {
    #[diesel(deserialize_as = DbId<OperationKind>)]
    pub operation_id: OperationUuid,
    #[diesel(deserialize_as = DbId<VmmKind>)]
    pub vmm_id: VmmUuid,
    #[diesel(deserialize_as = OptId<SledKind>)]
    pub sled_id: Option<SledUuid>,
    pub code: String,
    pub message: String,
    pub at: DateTime<Utc>,
}

/// The stop that is being delivered to a VMM's sled, and the last one that the sled acknowledged.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, QueryableByName)]
#[diesel(table_name = stop_delivery)]
pub struct StopDelivery {
    #[diesel(deserialize_as = DbId<VmmKind>)]
    pub vmm_id: VmmUuid,
    /// What the nexus that claimed it last is delivering.
    pub claimed_deadline: DateTime<Utc>,
    pub claimed_at: DateTime<Utc>,
    /// What the sled acknowledged.
    pub deadline: Option<DateTime<Utc>>,
    pub delivered_at: Option<DateTime<Utc>>,
}
