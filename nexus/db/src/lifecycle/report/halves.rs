//! What a report tells of migrations: each end by itself, stored if it is newer.

use berth_common::ids::MigrationUuid;
use berth_common::migration::{MigrationHalf, MigrationPhase, MigrationRole};
use serde::Serialize;

/// One end of a migration as reported. Field names are the statement's.
#[derive(Clone, Debug, Serialize)]
pub struct ReportedMigration {
    pub migration: MigrationUuid,
    pub role: MigrationRole,
    pub half: MigrationHalf,
    pub phase: MigrationPhase,
    /// The target: where the source's stream is awaited.
    pub address: Option<String>,
    pub detail: Option<String>,
    /// The source: numbers.
    pub progress: Option<ReportedProgress>,
}

/// Numbers of a migration, none of them negative.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct ReportedProgress {
    pub sent_bytes: i64,
    pub remaining_bytes: i64,
    pub total_bytes: i64,
    pub dirty_bytes_per_s: i64,
    pub throttle_percent: i64,
    pub elapsed_ms: i64,
    pub downtime_ms: Option<i64>,
}

/// The ends of migrations that the VMMs which said something newer are. A half that is over stays as it ended; what people
/// look at goes on their operation in the same statement.
macro_rules! store_halves {
    () => {
        "half AS (
    SELECT n.id AS vmm_id, i.gen, (i.migration->>'migration')::uuid AS id, i.migration->>'role' AS role,
        i.migration->>'half' AS half, i.migration->>'phase' AS phase, i.migration->>'address' AS address,
        i.migration->>'detail' AS detail, p.*
    FROM input i JOIN newer n ON n.id = i.vmm_id
    LEFT JOIN LATERAL jsonb_to_record(nullif(i.migration->'progress', 'null')) AS p (sent_bytes bigint,
        remaining_bytes bigint, total_bytes bigint, dirty_bytes_per_s bigint, throttle_percent bigint,
        elapsed_ms bigint, downtime_ms bigint) ON true
    WHERE i.migration IS NOT NULL
), source_half AS (
    UPDATE migration m SET source_state = h.half, source_gen = h.gen, source_phase = h.phase,
        source_detail = h.detail, sent_bytes = coalesce(h.sent_bytes, m.sent_bytes),
        remaining_bytes = coalesce(h.remaining_bytes, m.remaining_bytes),
        total_bytes = coalesce(h.total_bytes, m.total_bytes),
        dirty_bytes_per_s = coalesce(h.dirty_bytes_per_s, m.dirty_bytes_per_s),
        throttle_percent = coalesce(h.throttle_percent, m.throttle_percent),
        elapsed_ms = coalesce(h.elapsed_ms, m.elapsed_ms), downtime_ms = coalesce(h.downtime_ms, m.downtime_ms)
    FROM half h
    WHERE m.id = h.id AND h.role = 'source' AND m.source_vmm_id = h.vmm_id AND m.source_gen < h.gen
        AND m.source_state NOT IN ('completed', 'failed')
    RETURNING m.id, m.instance_id, h.vmm_id, m.operation_id, m.source_state AS half, m.source_phase AS phase,
        m.source_detail AS detail, m.sent_bytes, m.remaining_bytes, m.total_bytes
), target_half AS (
    UPDATE migration m SET target_state = h.half, target_gen = h.gen, target_phase = h.phase,
        target_detail = h.detail, address = coalesce(h.address, m.address)
    FROM half h
    WHERE m.id = h.id AND h.role = 'target' AND m.target_vmm_id = h.vmm_id AND m.target_gen < h.gen
        AND m.target_state NOT IN ('completed', 'failed')
    RETURNING m.id, m.instance_id, h.vmm_id, m.operation_id, m.target_state AS half, m.target_phase AS phase,
        m.target_detail AS detail
), shown AS (
    UPDATE operation o SET state = 'running', phase = h.phase, bytes = h.sent_bytes, total = h.total_bytes,
        done = greatest(0, h.total_bytes - h.remaining_bytes), waiting_for = NULL,
        cancellable = o.cancellable AND h.half IN ('pending', 'in_progress'), updated_at = now()
    FROM source_half h WHERE o.id = h.operation_id AND o.ended_at IS NULL
), halves AS (
    SELECT id, instance_id, vmm_id, half, detail, 'source' AS role FROM source_half
    UNION ALL SELECT id, instance_id, vmm_id, half, detail, 'target' FROM target_half
), told_of_halves AS (
    INSERT INTO event (kind, subject_kind, subject_id, subject_name, project_id, sled_id, actor, cause, message, data)
    SELECT 'migration_' || h.role || '_' || h.half, 'instance', o.id, o.name, o.project_id, $1, 'sled ' || s.name, $15,
        'the ' || h.role || ' of its migration, on sled ' || s.name || ', ' || h.half
            || coalesce(': ' || h.detail, ''),
        jsonb_strip_nulls(jsonb_build_object('migration', h.id, 'vmm', h.vmm_id, 'role', h.role, 'half', h.half,
            'detail', h.detail))
    FROM halves h JOIN instance o ON o.id = h.instance_id, claims s
    WHERE h.half IN ('completed', 'failed')
)"
    };
}
pub(super) use store_halves;
