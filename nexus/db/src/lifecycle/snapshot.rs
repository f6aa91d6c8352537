//! One instance with all that decisions about it need, read in one statement.

use berth_common::ids::{
    GenericUuid, InstanceUuid, MigrationUuid, OperationUuid, ProjectUuid, SledUuid, VmmUuid,
};
use berth_common::instance::{InstanceState, Intent, Rest};
use berth_common::operation::OperationKind;
use berth_common::reboot::RebootKind;
use berth_plan::facts::{InstanceFacts, MigrationFacts, VmmFacts};
use berth_plan::restart::RestartFacts;
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryResult};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::text::{liveness, parsed};
use crate::fixed::fixed;

/// An instance, its VMMs, its migration and its open operation, as of one moment.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub instance: InstanceUuid,
    pub project: ProjectUuid,
    pub name: String,
    pub intent: Intent,
    pub intent_gen: i64,
    /// Milliseconds until the last accepted stop wants the guest forced; negative once it is past.
    pub stop_remaining_ms: Option<i64>,
    pub stop_grace_ms: i64,
    pub state: InstanceState,
    pub state_gen: i64,
    pub epoch: i64,
    pub rest: Rest,
    pub updater: Option<Uuid>,
    pub updater_gen: i64,
    pub last_updater: Option<Uuid>,
    pub active: Option<SnapshotVmm>,
    pub target: Option<SnapshotVmm>,
    pub migration: Option<SnapshotMigration>,
    /// The newest migration that nothing was decided about, linked or not.
    pub undecided: Option<SnapshotMigration>,
    /// The newest operation that hasn't ended.
    pub operation: Option<SnapshotOperation>,
    /// A saga about this instance runs, other than an update.
    pub saga_runs: bool,
    /// A VMM that isn't linked hasn't ended.
    pub unlinked_alive: bool,
    /// What the restart policy goes by; its jitter is another one at each reading.
    pub restart: RestartFacts,
    /// The reboot that is open: the last one asked of the active VMM.
    pub reboot: Option<RebootKind>,
}

impl Snapshot {
    /// What the planners are told.
    pub fn facts(&self) -> InstanceFacts {
        InstanceFacts {
            intent: self.intent,
            state: self.state,
            rest: self.rest,
            active: self.active.as_ref().map(|vmm| vmm.facts),
            target: self.target.as_ref().map(|vmm| vmm.facts),
            migration: self.migration.map(|migration| migration.facts),
            unlinked_alive: self.unlinked_alive,
            operation: self.operation.as_ref().map(|operation| operation.kind),
            reboot: self.reboot,
            restart: self.restart,
        }
    }
}

/// A VMM as of one moment.
#[derive(Clone, Debug)]
pub struct SnapshotVmm {
    pub vmm: VmmUuid,
    pub facts: VmmFacts,
    pub sled: SledUuid,
    pub sled_name: String,
    pub epoch: i64,
    pub detail: Option<String>,
    /// It ran at some time.
    pub ran: bool,
}

/// A migration as of one moment.
#[derive(Clone, Copy, Debug)]
pub struct SnapshotMigration {
    pub migration: MigrationUuid,
    pub facts: MigrationFacts,
}

/// An operation that hasn't ended.
#[derive(Clone, Debug)]
pub struct SnapshotOperation {
    pub operation: OperationUuid,
    pub kind: OperationKind,
    pub saga: Option<Uuid>,
}

#[derive(diesel::QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    project_id: Uuid,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    intent: String,
    #[diesel(sql_type = BigInt)]
    intent_gen: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    stop_remaining_ms: Option<i64>,
    #[diesel(sql_type = BigInt)]
    stop_grace_ms: i64,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = BigInt)]
    state_gen: i64,
    #[diesel(sql_type = BigInt)]
    epoch: i64,
    #[diesel(sql_type = Text)]
    rest: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    updater_id: Option<Uuid>,
    #[diesel(sql_type = BigInt)]
    updater_gen: i64,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    last_updater_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    a_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    a_sled: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    a_sled_name: Option<String>,
    #[diesel(sql_type = Nullable<Bool>)]
    a_ran: Option<bool>,
    #[diesel(sql_type = Nullable<Bool>)]
    a_end_wanted: Option<bool>,
    #[diesel(sql_type = Nullable<BigInt>)]
    a_silent_ms: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    a_epoch: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    a_state: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    a_ended_by: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    a_detail: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    t_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    t_sled: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    t_sled_name: Option<String>,
    #[diesel(sql_type = Nullable<Bool>)]
    t_ran: Option<bool>,
    #[diesel(sql_type = Nullable<Bool>)]
    t_end_wanted: Option<bool>,
    #[diesel(sql_type = Nullable<BigInt>)]
    t_silent_ms: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    t_epoch: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    t_state: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    t_ended_by: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    t_detail: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    migration_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    source_state: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    target_state: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    u_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    u_source: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    u_target: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    op_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    op_kind: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    op_saga: Option<Uuid>,
    #[diesel(sql_type = Bool)]
    saga_runs: bool,
    #[diesel(sql_type = Bool)]
    unlinked_alive: bool,
    #[diesel(sql_type = Nullable<Text>)]
    reboot_kind: Option<String>,
    #[diesel(sql_type = Text)]
    restart_policy: String,
    #[diesel(sql_type = BigInt)]
    crashes: i64,
    #[diesel(sql_type = BigInt)]
    ran_ms: i64,
    #[diesel(sql_type = BigInt)]
    jitter: i64,
    #[diesel(sql_type = Bool)]
    pausing: bool,
}

const READ: &str = "
SELECT i.id, i.project_id, i.name, i.intent, i.intent_gen, i.stop_grace_ms, i.state, i.state_gen, i.epoch, i.rest,
    (extract(epoch FROM i.stop_deadline - now()) * 1000)::bigint AS stop_remaining_ms,
    i.updater_id, i.updater_gen, i.last_updater_id,
    a.id AS a_id, a.sled_id AS a_sled, asl.name AS a_sled_name, a.running_at IS NOT NULL AS a_ran, a.end_wanted AS a_end_wanted,
    (extract(epoch FROM now() - asl.last_report_at) * 1000)::bigint AS a_silent_ms,
    a.epoch AS a_epoch, a.state AS a_state, a.ended_by AS a_ended_by, a.detail AS a_detail,
    t.id AS t_id, t.sled_id AS t_sled, tsl.name AS t_sled_name, t.running_at IS NOT NULL AS t_ran, t.end_wanted AS t_end_wanted,
    (extract(epoch FROM now() - tsl.last_report_at) * 1000)::bigint AS t_silent_ms,
    t.epoch AS t_epoch, t.state AS t_state, t.ended_by AS t_ended_by, t.detail AS t_detail,
    m.id AS migration_id, m.source_state, m.target_state,
    CASE o.kind WHEN 'instance_reboot' THEN b.kind END AS reboot_kind,
    i.restart_policy, i.crashes, coalesce(i.restart_at > now(), false) AS pausing,
    floor(random() * 1000)::bigint AS jitter,
    coalesce((extract(epoch FROM coalesce(a.ended_at, now()) - a.running_at) * 1000)::bigint,
             (extract(epoch FROM coalesce(t.ended_at, now()) - t.running_at) * 1000)::bigint, 0) AS ran_ms,
    u.id AS u_id, u.source_state AS u_source, u.target_state AS u_target,
    o.id AS op_id, o.kind AS op_kind, o.saga_id AS op_saga,
    EXISTS (SELECT 1 FROM saga s WHERE s.subject_id = i.id AND s.name <> 'instance_update'
            AND s.state IN ('running', 'unwinding')) AS saga_runs,
    EXISTS (SELECT 1 FROM vmm v WHERE v.instance_id = i.id AND v.ended_by IS NULL
            AND v.id IS DISTINCT FROM i.active_vmm_id AND v.id IS DISTINCT FROM i.target_vmm_id) AS unlinked_alive
FROM instance i
LEFT JOIN vmm a ON a.id = i.active_vmm_id LEFT JOIN sled asl ON asl.id = a.sled_id
LEFT JOIN vmm t ON t.id = i.target_vmm_id LEFT JOIN sled tsl ON tsl.id = t.sled_id
LEFT JOIN reboot b ON b.vmm_id = a.id
LEFT JOIN migration m ON m.id = i.migration_id
LEFT JOIN LATERAL (SELECT id, source_state, target_state FROM migration n WHERE n.instance_id = i.id
                   AND n.outcome IS NULL ORDER BY n.created_at DESC, n.id LIMIT 1) u ON true
LEFT JOIN LATERAL (SELECT * FROM operation p WHERE p.subject_id = i.id AND p.ended_at IS NULL
                   ORDER BY p.created_at DESC, p.id DESC LIMIT 1) o ON true
WHERE i.id = $1";

/// Reads without locking.
pub async fn read(conn: &mut AsyncPgConnection, instance: InstanceUuid) -> QueryResult<Option<Snapshot>> {
    query(conn, instance, READ).await
}

/// Reads and locks the instance's row until the transaction ends: what is decided on it still holds when it is written.
pub async fn read_locked(
    conn: &mut AsyncPgConnection,
    instance: InstanceUuid,
) -> QueryResult<Option<Snapshot>> {
    // The lock comes first, in a statement of its own: a statement that waits for a lock still sees the other rows
    // as they were before it waited.
    let locked = fixed("SELECT id FROM instance WHERE id = $1 FOR NO KEY UPDATE")
        .bind::<SqlUuid, _>(instance.into_untyped_uuid())
        .execute(conn)
        .await?;
    if locked == 0 {
        return Ok(None);
    }
    read(conn, instance).await
}

async fn query(
    conn: &mut AsyncPgConnection,
    instance: InstanceUuid,
    text: &'static str,
) -> QueryResult<Option<Snapshot>> {
    let row = fixed(text)
        .bind::<SqlUuid, _>(instance.into_untyped_uuid())
        .get_result::<Row>(conn)
        .await
        .optional()?;
    row.map(snapshot).transpose()
}

fn snapshot(row: Row) -> QueryResult<Snapshot> {
    let active = vmm(VmmColumns {
        id: row.a_id,
        sled: row.a_sled,
        sled_name: row.a_sled_name,
        epoch: row.a_epoch,
        state: row.a_state,
        ended_by: row.a_ended_by,
        detail: row.a_detail,
        silent_ms: row.a_silent_ms,
        ran: row.a_ran,
        end_wanted: row.a_end_wanted,
    })?;
    let target = vmm(VmmColumns {
        id: row.t_id,
        sled: row.t_sled,
        sled_name: row.t_sled_name,
        epoch: row.t_epoch,
        state: row.t_state,
        ended_by: row.t_ended_by,
        detail: row.t_detail,
        silent_ms: row.t_silent_ms,
        ran: row.t_ran,
        end_wanted: row.t_end_wanted,
    })?;
    let linked = migration(row.migration_id, row.source_state, row.target_state)?;
    let undecided = migration(row.u_id, row.u_source, row.u_target)?;
    let operation = match (row.op_id, row.op_kind) {
        (Some(id), Some(kind)) => Some(SnapshotOperation {
            operation: OperationUuid::from_untyped_uuid(id),
            kind: parsed(&kind)?,
            saga: row.op_saga,
        }),
        _ => None,
    };
    Ok(Snapshot {
        instance: InstanceUuid::from_untyped_uuid(row.id),
        project: ProjectUuid::from_untyped_uuid(row.project_id),
        name: row.name,
        intent: parsed(&row.intent)?,
        intent_gen: row.intent_gen,
        stop_remaining_ms: row.stop_remaining_ms,
        stop_grace_ms: row.stop_grace_ms,
        state: parsed(&row.state)?,
        state_gen: row.state_gen,
        epoch: row.epoch,
        rest: parsed(&row.rest)?,
        updater: row.updater_id,
        updater_gen: row.updater_gen,
        last_updater: row.last_updater_id,
        active,
        target,
        migration: linked,
        undecided,
        operation,
        saga_runs: row.saga_runs,
        unlinked_alive: row.unlinked_alive,
        reboot: row.reboot_kind.as_deref().map(parsed).transpose()?,
        restart: RestartFacts {
            policy: parsed(&row.restart_policy)?,
            crashes: u32::try_from(row.crashes).unwrap_or(u32::MAX),
            ran_ms: u64::try_from(row.ran_ms).unwrap_or(0),
            jitter: u16::try_from(row.jitter).unwrap_or(0),
            pausing: row.pausing,
        },
    })
}

fn migration(
    id: Option<Uuid>,
    source: Option<String>,
    target: Option<String>,
) -> QueryResult<Option<SnapshotMigration>> {
    let (Some(id), Some(source), Some(target)) = (id, source, target) else { return Ok(None) };
    Ok(Some(SnapshotMigration {
        migration: MigrationUuid::from_untyped_uuid(id),
        facts: MigrationFacts { source: parsed(&source)?, target: parsed(&target)? },
    }))
}

struct VmmColumns {
    id: Option<Uuid>,
    sled: Option<Uuid>,
    sled_name: Option<String>,
    epoch: Option<i64>,
    state: Option<String>,
    ended_by: Option<String>,
    detail: Option<String>,
    silent_ms: Option<i64>,
    ran: Option<bool>,
    end_wanted: Option<bool>,
}

fn vmm(columns: VmmColumns) -> QueryResult<Option<SnapshotVmm>> {
    let VmmColumns { id: Some(id), sled: Some(sled), sled_name: Some(sled_name), epoch: Some(epoch), .. } =
        columns
    else {
        return Ok(None);
    };
    let vmm = VmmUuid::from_untyped_uuid(id);
    let facts = VmmFacts {
        id: vmm,
        state: parsed(columns.state.as_deref().unwrap_or_default())?,
        ended_by: columns.ended_by.as_deref().map(parsed).transpose()?,
        end_wanted: columns.end_wanted.unwrap_or_default(),
        liveness: liveness(columns.silent_ms),
    };
    Ok(Some(SnapshotVmm {
        vmm,
        facts,
        sled: SledUuid::from_untyped_uuid(sled),
        sled_name,
        epoch,
        detail: columns.detail,
        ran: columns.ran.unwrap_or_default(),
    }))
}
