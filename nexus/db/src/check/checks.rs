//! The invariants of the records, each as the SELECT of what contradicts it.

use super::Check;

/// All checks, in the order in which they are reported.
pub const CHECKS: &[Check] = &[
    Check {
        name: "a linked VMM exists and belongs to its instance",
        sql: "SELECT 'instance ' || i.id AS subject,
                  'VMM ' || l.vmm_id || CASE WHEN v.id IS NULL THEN ' doesn''t exist'
                      ELSE ' belongs to instance ' || v.instance_id END AS message
              FROM instance i CROSS JOIN LATERAL (VALUES (i.active_vmm_id), (i.target_vmm_id)) AS l (vmm_id)
              LEFT JOIN vmm v ON v.id = l.vmm_id
              WHERE l.vmm_id IS NOT NULL AND (v.id IS NULL OR v.instance_id <> i.id)",
    },
    Check {
        name: "a linked VMM's epoch isn't above its instance's",
        sql: "SELECT 'instance ' || i.id AS subject,
                  'VMM ' || v.id || ' has epoch ' || v.epoch || ', the instance ' || i.epoch AS message
              FROM instance i JOIN vmm v ON v.id IN (i.active_vmm_id, i.target_vmm_id) WHERE v.epoch > i.epoch",
    },
    Check {
        name: "a VMM that hasn't ended is linked, or being ended, or in its saga",
        sql: "SELECT 'vmm ' || v.id AS subject,
                  'is ' || v.state || ' on sled ' || v.sled_id || ', and instance ' || v.instance_id
                      || ' knows nothing of it' AS message
              FROM vmm v WHERE v.ended_by IS NULL AND NOT v.end_wanted
                AND NOT EXISTS (SELECT 1 FROM instance i WHERE v.id IN (i.active_vmm_id, i.target_vmm_id))
                AND NOT EXISTS (SELECT 1 FROM saga s WHERE s.subject_id = v.instance_id
                    AND s.state IN ('running', 'unwinding', 'stuck'))",
    },
    Check {
        name: "without a migration at most one VMM of an instance runs",
        sql: "SELECT 'instance ' || i.id AS subject, count(*) || ' VMMs run: ' || string_agg(v.id::text, ', ') AS message
              FROM instance i JOIN vmm v ON v.instance_id = i.id
              WHERE i.target_vmm_id IS NULL AND v.ended_by IS NULL AND NOT v.end_wanted AND v.state <> 'creating'
              GROUP BY i.id HAVING count(*) > 1",
    },
    Check {
        name: "a linked VMM that ended is followed up",
        sql: "SELECT 'instance ' || i.id AS subject,
                  'VMM ' || v.id || ' ended ' || v.ended_by || ' at ' || v.ended_at || ', and is still linked' AS message
              FROM instance i JOIN vmm v ON v.id IN (i.active_vmm_id, i.target_vmm_id)
              WHERE v.ended_at <= now() - $1 * interval '1 second' AND i.updater_id IS NULL",
    },
    Check {
        name: "who holds an instance's lock is a saga that runs",
        sql: "SELECT 'instance ' || i.id AS subject,
                  'locked by saga ' || i.updater_id || ', which ' || coalesce('is ' || s.state, 'doesn''t exist') AS message
              FROM instance i LEFT JOIN saga s ON s.id = i.updater_id
              WHERE i.updater_id IS NOT NULL AND (s.id IS NULL OR s.state = 'stuck')",
    },
    Check {
        name: "a finished saga holds nothing",
        sql: "SELECT 'saga ' || s.id AS subject,
                  'is ' || s.state || ', and still holds the lock of instance ' || i.id AS message
              FROM saga s JOIN instance i ON i.updater_id = s.id WHERE s.state IN ('done', 'abandoned')",
    },
    Check {
        name: "a VMM that hasn't ended has its room",
        sql: "SELECT 'vmm ' || v.id AS subject,
                  'is ' || v.state || ' on sled ' || v.sled_id || coalesce(', its room on sled ' || r.sled_id,
                      ' without a reservation') AS message
              FROM vmm v LEFT JOIN reservation r ON r.vmm_id = v.id
              WHERE v.ended_by IS NULL AND r.sled_id IS DISTINCT FROM v.sled_id",
    },
    Check {
        name: "who has room hasn't ended",
        sql: "SELECT 'reservation ' || r.vmm_id AS subject,
                  coalesce('its VMM ended ' || v.ended_by || ' at ' || v.ended_at, 'its VMM doesn''t exist') AS message
              FROM reservation r LEFT JOIN vmm v ON v.id = r.vmm_id
              WHERE v.id IS NULL OR v.ended_at <= now() - $1 * interval '1 second'",
    },
    Check {
        name: "no sled has given more room than it has",
        sql: "SELECT 'sled ' || s.name AS subject,
                  sum(r.cpus) || ' of ' || s.cpus || ' CPUs and ' || sum(r.memory_mib) || ' of ' || s.memory_mib
                      || ' MiB are reserved' AS message
              FROM sled s JOIN reservation r ON r.sled_id = s.id GROUP BY s.id
              HAVING sum(r.cpus) > s.cpus OR sum(r.memory_mib) > s.memory_mib",
    },
    Check {
        name: "no pool has given more room than it has",
        sql: "SELECT 'pool ' || p.id AS subject,
                  'disks have ' || sum(d.size_bytes) || ' of ' || p.capacity_bytes || ' bytes' AS message
              FROM pool p JOIN (SELECT pool_id, size_bytes FROM disk UNION ALL SELECT pool_id, size_bytes FROM disk_copy) d
                  ON d.pool_id = p.id GROUP BY p.id HAVING sum(d.size_bytes) > p.capacity_bytes",
    },
    Check {
        name: "what is used of quotas is what instances and disks are",
        sql: "WITH due AS (
                  SELECT id, project_id, 'instance' AS kind, cpus, memory_mib, 0::bigint AS disk_bytes
                  FROM instance WHERE state <> 'destroyed'
                  UNION ALL SELECT id, project_id, 'disk', 0, 0, size_bytes FROM disk)
              SELECT coalesce(d.kind, u.kind) || ' ' || coalesce(d.id, u.subject_id) AS subject,
                  CASE WHEN u.subject_id IS NULL THEN 'uses nothing of its project''s quota'
                       WHEN d.id IS NULL THEN 'is gone, and still uses quota of project ' || u.project_id
                       ELSE 'uses another amount of quota, or another project''s' END AS message
              FROM due d FULL JOIN quota_use u ON u.subject_id = d.id
              WHERE (d.id, d.project_id, d.kind, d.cpus, d.memory_mib, d.disk_bytes)
                  IS DISTINCT FROM (u.subject_id, u.project_id, u.kind, u.cpus, u.memory_mib, u.disk_bytes)",
    },
    Check {
        name: "an operation has ended exactly if it says when",
        sql: "SELECT 'operation ' || id AS subject,
                  'is ' || state || ', and ' || coalesce('ended at ' || ended_at, 'has no time of its end') AS message
              FROM operation
              WHERE (state IN ('succeeded', 'failed', 'cancelled')) <> (ended_at IS NOT NULL)",
    },
    Check {
        name: "what waits says for what",
        sql: "SELECT 'operation ' || id AS subject, 'waits since ' || updated_at || ' for nothing it names' AS message
              FROM operation WHERE state = 'waiting' AND coalesce(waiting_for, '') = ''",
    },
    Check {
        name: "an open operation is driven by a saga or by an intent",
        sql: "SELECT 'operation ' || o.id AS subject,
                  o.kind || ' of ' || o.subject_kind || ' ' || o.subject_id || ' is ' || o.state
                      || ', and nothing works at it' AS message
              FROM operation o LEFT JOIN instance i ON i.id = o.subject_id
              WHERE o.ended_at IS NULL AND o.updated_at <= now() - $1 * interval '1 second'
                AND NOT EXISTS (SELECT 1 FROM saga s WHERE s.state IN ('running', 'unwinding', 'stuck')
                    AND s.id = o.saga_id)
                AND NOT EXISTS (SELECT 1 FROM saga s WHERE s.state IN ('running', 'unwinding', 'stuck')
                    AND s.subject_id = o.subject_id)
                AND NOT EXISTS (SELECT 1 FROM vmm v WHERE v.instance_id = i.id
                    AND v.ended_at > now() - $1 * interval '1 second')
                AND (o.kind NOT IN ('instance_stop', 'instance_force_stop') OR i.id IS NULL OR i.intent = 'running'
                     OR i.state NOT IN ('vmm', 'disowned'))",
    },
    Check {
        name: "an instance that shall run and may run does run, or is being started",
        sql: "SELECT 'instance ' || i.id AS subject,
                  'shall run since ' || i.intent_at || ', is ' || i.state || ', and nothing starts it' AS message
              FROM instance i
              WHERE i.intent = 'running' AND i.state IN ('no_vmm', 'failed') AND i.rest IN ('none', 'platform')
                AND i.intent_at <= now() - $1 * interval '1 second'
                AND NOT EXISTS (SELECT 1 FROM operation o WHERE o.subject_id = i.id
                    AND (o.ended_at IS NULL OR o.ended_at > now() - $1 * interval '1 second'))
                AND NOT EXISTS (SELECT 1 FROM saga s WHERE s.subject_id = i.id
                    AND s.state IN ('running', 'unwinding', 'stuck'))
                AND NOT EXISTS (SELECT 1 FROM vmm v WHERE v.instance_id = i.id
                    AND (v.ended_by IS NULL OR v.ended_at > now() - $1 * interval '1 second'))",
    },
    Check {
        name: "an attached disk's instance is there, and of the same project",
        sql: "SELECT 'disk ' || d.id AS subject,
                  CASE WHEN i.id IS NULL THEN 'is attached to instance ' || d.instance_id || ', which doesn''t exist'
                       WHEN i.state = 'destroyed' THEN 'is attached to instance ' || i.id || ', which is destroyed'
                       ELSE 'is attached to instance ' || i.id || ' of another project' END AS message
              FROM disk d LEFT JOIN instance i ON i.id = d.instance_id
              WHERE d.instance_id IS NOT NULL
                AND (i.id IS NULL OR i.state = 'destroyed' OR i.project_id <> d.project_id)",
    },
    Check {
        name: "a migration that nothing was decided about is linked, or its saga runs",
        sql: "SELECT 'migration ' || m.id AS subject,
                  'of instance ' || m.instance_id || ' was begun at ' || m.created_at || ', and nothing goes on with it'
                      AS message
              FROM migration m JOIN instance i ON i.id = m.instance_id
              WHERE m.outcome IS NULL AND i.migration_id IS DISTINCT FROM m.id AND i.state <> 'disowned'
                AND i.updater_id IS NULL AND NOT EXISTS (SELECT 1 FROM saga s WHERE s.subject_id = m.instance_id
                    AND s.state IN ('running', 'unwinding', 'stuck'))",
    },
    Check {
        name: "a linked migration is between the linked VMMs, and undecided",
        sql: "SELECT 'instance ' || i.id AS subject,
                  'migration ' || m.id || ' is from ' || m.source_vmm_id || ' to ' || m.target_vmm_id
                      || coalesce(', ' || m.outcome, '') AS message
              FROM instance i JOIN migration m ON m.id = i.migration_id
              WHERE m.outcome IS NOT NULL
                OR (m.source_vmm_id, m.target_vmm_id) IS DISTINCT FROM (i.active_vmm_id, i.target_vmm_id)",
    },
    Check {
        name: "room for a target is a migration's",
        sql: "SELECT 'reservation ' || r.vmm_id AS subject,
                  'is for ' || r.role || ', which VMM ' || r.vmm_id || ' of instance ' || v.instance_id || ' isn''t'
                      AS message
              FROM reservation r JOIN vmm v ON v.id = r.vmm_id JOIN instance i ON i.id = v.instance_id
              WHERE v.ended_by IS NULL AND (r.role = 'target' AND i.active_vmm_id = v.id
                OR r.role = 'active' AND i.target_vmm_id = v.id)",
    },
    Check {
        name: "a copy of a disk is being filled for a migration, or doomed",
        sql: "SELECT 'file ' || c.file_id AS subject,
                  'of disk ' || c.disk_id || ' is copied by migration ' || c.migration_id
                      || ', which isn''t going on' AS message
              FROM disk_copy c LEFT JOIN migration m ON m.id = c.migration_id LEFT JOIN vmm v ON v.id = c.vmm_id
              WHERE NOT c.doomed AND m.outcome IS NOT NULL OR (NOT c.doomed AND m.id IS NULL AND NOT EXISTS (
                  SELECT 1 FROM saga s WHERE s.subject_id = v.instance_id
                      AND s.state IN ('running', 'unwinding', 'stuck')))",
    },
    Check {
        name: "a disk and a copy are different files",
        sql: "SELECT 'disk ' || d.id AS subject, 'its file ' || c.file_id || ' is a copy, too' AS message
              FROM disk d JOIN disk_copy c ON c.file_id = coalesce(d.file_id, d.id) AND c.pool_id = d.pool_id",
    },
];
