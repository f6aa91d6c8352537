//! Room for a VMM: the facts placement chooses by, and the row and reservation that take it.

use berth_common::ids::{GenericUuid, InstanceUuid, LedgerUuid, OperationUuid, SledUuid, VmmUuid};
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryResult};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::fixed::fixed;

/// A sled as placement sees it, with its row locked against other reservations.
#[derive(Clone, Debug, diesel::QueryableByName)]
pub struct Candidate {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub admission: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub silent_ms: Option<i64>,
    #[diesel(sql_type = Bool)]
    pub planned_down: bool,
    #[diesel(sql_type = Text)]
    pub hypervisor: String,
    #[diesel(sql_type = Text)]
    pub url: String,
    #[diesel(sql_type = SqlUuid)]
    pub ledger: Uuid,
    #[diesel(sql_type = Bool)]
    pub has_bridge: bool,
    #[diesel(sql_type = BigInt)]
    pub cpus: i64,
    #[diesel(sql_type = BigInt)]
    pub memory_mib: i64,
    #[diesel(sql_type = BigInt)]
    pub reserved_cpus: i64,
    #[diesel(sql_type = BigInt)]
    pub reserved_memory_mib: i64,
    #[diesel(sql_type = diesel::sql_types::Array<SqlUuid>)]
    pub pools: Vec<Uuid>,
    #[diesel(sql_type = Text)]
    pub cpu_model: String,
    #[diesel(sql_type = Text)]
    pub machine_type: String,
    /// Its local pools, and what no disk and no copy has of each.
    #[diesel(sql_type = diesel::sql_types::Array<SqlUuid>)]
    pub local_pools: Vec<Uuid>,
    #[diesel(sql_type = diesel::sql_types::Array<BigInt>)]
    pub local_free_bytes: Vec<i64>,
}

/// What a VMM of an instance needs of a sled.
#[derive(Clone, Debug)]
pub struct Need {
    pub cpus: i64,
    pub memory_mib: i64,
    pub has_nics: bool,
    pub disks: Vec<NeedDisk>,
    pub epoch: i64,
}

/// An attached disk and its pool.
#[derive(Clone, Debug, diesel::QueryableByName)]
pub struct NeedDisk {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = SqlUuid)]
    pub pool_id: Uuid,
    #[diesel(sql_type = Text)]
    pub pool_name: String,
}

#[derive(diesel::QueryableByName)]
struct NeedRow {
    #[diesel(sql_type = BigInt)]
    cpus: i64,
    #[diesel(sql_type = BigInt)]
    memory_mib: i64,
    #[diesel(sql_type = BigInt)]
    epoch: i64,
    #[diesel(sql_type = Bool)]
    has_nics: bool,
}

/// Reads what the instance needs, if its intent is still the planned one: otherwise none.
pub async fn need(
    conn: &mut AsyncPgConnection,
    instance: InstanceUuid,
    intent_gen: i64,
) -> QueryResult<Option<Need>> {
    // A VMM that was never linked has had an epoch, too.
    let text = "SELECT cpus, memory_mib,
            greatest(epoch, (SELECT max(v.epoch) FROM vmm v WHERE v.instance_id = i.id)) AS epoch,
            EXISTS (SELECT 1 FROM nic n WHERE n.instance_id = i.id) AS has_nics
        FROM instance i WHERE i.id = $1 AND i.intent = 'running' AND i.intent_gen = $2 FOR SHARE OF i";
    let row = fixed(text)
        .bind::<SqlUuid, _>(instance.into_untyped_uuid())
        .bind::<BigInt, _>(intent_gen)
        .get_result::<NeedRow>(conn)
        .await
        .optional()?;
    let Some(row) = row else { return Ok(None) };
    let disks = disks(conn, instance).await?;
    Ok(Some(Need {
        cpus: row.cpus,
        memory_mib: row.memory_mib,
        has_nics: row.has_nics,
        disks,
        epoch: row.epoch,
    }))
}

/// Locks the rows of all sleds that are in service, in order, and reads what is free. Two reservations at once wait
/// for each other here, so none is decided on a sum that the other changes.
pub async fn lock_candidates(conn: &mut AsyncPgConnection) -> QueryResult<Vec<Candidate>> {
    fixed(
        "SELECT id FROM sled WHERE registered_at IS NOT NULL AND admission = 'in_service'
         ORDER BY id FOR NO KEY UPDATE",
    )
    .execute(conn)
    .await?;
    candidates(conn).await
}

/// The same without locks, and with every registered sled: for explaining.
pub async fn candidates(conn: &mut AsyncPgConnection) -> QueryResult<Vec<Candidate>> {
    let text = "SELECT s.id, s.name, s.admission, s.hypervisor, s.address AS url, s.ledger_id AS ledger,
            s.has_bridge, s.cpus, s.memory_mib, s.planned_down_at IS NOT NULL AS planned_down,
            (extract(epoch FROM now() - s.last_report_at) * 1000)::bigint AS silent_ms,
            coalesce(r.cpus, 0)::bigint AS reserved_cpus,
            coalesce(r.memory_mib, 0)::bigint AS reserved_memory_mib,
            ARRAY (SELECT p.pool_id FROM sled_pool p WHERE p.sled_id = s.id ORDER BY 1) AS pools,
            s.cpu_model, coalesce(s.machine_type, '') AS machine_type,
            coalesce(l.pools, '{}') AS local_pools, coalesce(l.free_bytes, '{}') AS local_free_bytes
        FROM sled s
        LEFT JOIN LATERAL (
            SELECT array_agg(p.id ORDER BY p.id) AS pools, array_agg(greatest(0, p.capacity_bytes
                - coalesce((SELECT sum(d.size_bytes) FROM disk d WHERE d.pool_id = p.id), 0)::bigint
                - coalesce((SELECT sum(c.size_bytes) FROM disk_copy c WHERE c.pool_id = p.id), 0)::bigint)
                ORDER BY p.id) AS free_bytes
            FROM sled_pool sp JOIN pool p ON p.id = sp.pool_id WHERE sp.sled_id = s.id AND p.kind = 'local') l ON true
        LEFT JOIN (SELECT sled_id, sum(cpus) AS cpus, sum(memory_mib) AS memory_mib
                   FROM reservation GROUP BY sled_id) r ON r.sled_id = s.id
        WHERE s.registered_at IS NOT NULL ORDER BY s.id";
    fixed(text).load(conn).await
}

/// The disks attached to an instance, with their pools.
pub async fn disks(conn: &mut AsyncPgConnection, instance: InstanceUuid) -> QueryResult<Vec<NeedDisk>> {
    fixed(
        "SELECT d.id, d.name, d.pool_id, p.name AS pool_name FROM disk d JOIN pool p ON p.id = d.pool_id
         WHERE d.instance_id = $1 ORDER BY d.slot",
    )
    .bind::<SqlUuid, _>(instance.into_untyped_uuid())
    .load(conn)
    .await
}

/// A place for one VMM.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub vmm: VmmUuid,
    pub instance: InstanceUuid,
    pub sled: SledUuid,
    pub ledger: LedgerUuid,
    pub epoch: i64,
    pub cpus: i64,
    pub memory_mib: i64,
    pub role: Role,
}

/// What the room is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A VMM that is started.
    Active,
    /// The target of a migration.
    Target,
}

impl Role {
    const fn as_str(self) -> &'static str {
        match self {
            Role::Active => "active",
            Role::Target => "target",
        }
    }
}

/// Inserts the VMM and its reservation. The caller holds the locks of [`lock_candidates`].
pub async fn take(conn: &mut AsyncPgConnection, place: &Place) -> QueryResult<()> {
    let text = "WITH made AS (
            INSERT INTO vmm (id, instance_id, sled_id, epoch, ledger_id, state)
            VALUES ($1, $2, $3, $4, $5, 'creating') RETURNING id, sled_id
        ) INSERT INTO reservation (vmm_id, sled_id, cpus, memory_mib, role)
        SELECT id, sled_id, $6, $7, $8 FROM made";
    fixed(text)
        .bind::<SqlUuid, _>(place.vmm.into_untyped_uuid())
        .bind::<SqlUuid, _>(place.instance.into_untyped_uuid())
        .bind::<SqlUuid, _>(place.sled.into_untyped_uuid())
        .bind::<BigInt, _>(place.epoch)
        .bind::<SqlUuid, _>(place.ledger.into_untyped_uuid())
        .bind::<BigInt, _>(place.cpus)
        .bind::<BigInt, _>(place.memory_mib)
        .bind::<Text, _>(place.role.as_str())
        .execute(conn)
        .await?;
    Ok(())
}

/// Where a VMM was placed before, by a run of the same step whose answer was lost.
#[derive(Clone, Debug, diesel::QueryableByName)]
pub struct Placed {
    #[diesel(sql_type = SqlUuid)]
    pub sled: Uuid,
    #[diesel(sql_type = Text)]
    pub sled_name: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub url: Option<String>,
    #[diesel(sql_type = SqlUuid)]
    pub ledger: Uuid,
    #[diesel(sql_type = BigInt)]
    pub epoch: i64,
    #[diesel(sql_type = Text)]
    pub state: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub ended_by: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub detail: Option<String>,
    /// Its guest ran at some time.
    #[diesel(sql_type = Bool)]
    pub ran: bool,
}

/// Reads a VMM's place and state.
pub async fn placed(conn: &mut AsyncPgConnection, vmm: VmmUuid) -> QueryResult<Option<Placed>> {
    let text =
        "SELECT v.sled_id AS sled, s.name AS sled_name, s.address AS url, v.ledger_id AS ledger, v.epoch,
            v.state, v.ended_by, v.detail, v.running_at IS NOT NULL AS ran
        FROM vmm v JOIN sled s ON s.id = v.sled_id WHERE v.id = $1";
    fixed(text).bind::<SqlUuid, _>(vmm.into_untyped_uuid()).get_result::<Placed>(conn).await.optional()
}

/// Gives a VMM's room back: its start was undone before any sled could run it, or after its sled confirmed its end.
pub async fn release(conn: &mut AsyncPgConnection, vmm: VmmUuid) -> QueryResult<()> {
    fixed("DELETE FROM reservation WHERE vmm_id = $1")
        .bind::<SqlUuid, _>(vmm.into_untyped_uuid())
        .execute(conn)
        .await?;
    fixed(
        "UPDATE vmm SET state = 'unwound', ended_by = 'never_started', ended_at = now()
         WHERE id = $1 AND ended_by IS NULL",
    )
    .bind::<SqlUuid, _>(vmm.into_untyped_uuid())
    .execute(conn)
    .await?;
    Ok(())
}

/// Sleds that a start has already tried.
pub async fn tried(conn: &mut AsyncPgConnection, operation: OperationUuid) -> QueryResult<Vec<Tried>> {
    let text = "SELECT a.sled_id, s.name AS sled_name, a.code, a.message
        FROM start_attempt a LEFT JOIN sled s ON s.id = a.sled_id WHERE a.operation_id = $1 ORDER BY a.at, a.vmm_id";
    fixed(text).bind::<SqlUuid, _>(operation.into_untyped_uuid()).load(conn).await
}

/// One failed try of a start.
#[derive(Clone, Debug, diesel::QueryableByName)]
pub struct Tried {
    /// None: no sled was found.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub sled_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    pub sled_name: Option<String>,
    #[diesel(sql_type = Text)]
    pub code: String,
    #[diesel(sql_type = Text)]
    pub message: String,
}
