//! What is still to be told to the ends of migrations: let the guest run, or give it up.
//!
//! A source is told to give up at once. Its target only when nothing can be handed over any more: by the source's word,
//! or because it has ended. A target that is ended while the hand-over is under way takes the guest with it; only a stop,
//! which wants it ended anyway, doesn't wait longer than a second for the source.

use berth_common::ids::{GenericUuid, InstanceUuid, MigrationUuid};
use diesel::sql_types::{BigInt, Bool, Uuid as SqlUuid};
use diesel::{QueryResult, QueryableByName};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::delivery::Due;
use crate::fixed::fixed;

/// An order to one end.
#[derive(Clone, Debug, QueryableByName)]
pub struct Order {
    #[diesel(embed)]
    pub due: Due,
    #[diesel(sql_type = SqlUuid)]
    migration: Uuid,
    /// Let the guest run; else give it up.
    #[diesel(sql_type = Bool)]
    pub resume: bool,
}

impl Order {
    pub fn migration(&self) -> MigrationUuid {
        MigrationUuid::from_untyped_uuid(self.migration)
    }
}

/// Gives up what is past its time, or has lost its source without a last word, unless the guest was handed over.
///
/// A source that was declared dead may have handed off or not: only its target's sled can know. That one is asked to give
/// up; if the source's word has reached it, it refuses and lets the guest run. Without that word the guest it holds is
/// never let run: its source may have taken it back, and written to the disks, before it died.
pub async fn give_up_lost(conn: &mut AsyncPgConnection) -> QueryResult<usize> {
    fixed(
        "UPDATE migration m SET cancel_at = now(), cancel_why =
             CASE WHEN s.ended_by IS NULL THEN 'its time was up' ELSE 'its source was declared dead' END
         FROM vmm s WHERE s.id = m.source_vmm_id AND m.outcome IS NULL AND m.cancel_at IS NULL
             AND (m.deadline < now() OR s.ended_by = 'fenced') AND m.source_state <> 'completed'
             AND m.target_state <> 'completed'",
    )
    .execute(conn)
    .await
}

/// A stop gets its way: a target that holds no guest yet is ended for certain, when its source hasn't said within a
/// second that it gave up. Returns whose.
pub async fn end_targets_of_stops(conn: &mut AsyncPgConnection) -> QueryResult<Vec<InstanceUuid>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        instance_id: Uuid,
    }
    let rows = fixed(
        "UPDATE vmm v SET end_wanted = true FROM migration m JOIN instance i ON i.migration_id = m.id
         WHERE v.id = m.target_vmm_id AND i.intent = 'stopped' AND m.outcome IS NULL
             AND m.cancel_at < now() - interval '1 second' AND m.source_state <> 'completed'
             AND m.target_state <> 'completed' AND v.ended_by IS NULL AND NOT v.end_wanted
         RETURNING v.instance_id",
    )
    .load::<Row>(conn)
    .await?;
    Ok(rows.into_iter().map(|row| InstanceUuid::from_untyped_uuid(row.instance_id)).collect())
}

/// Claims what is to be told; at most `limit`.
pub async fn claim(conn: &mut AsyncPgConnection, limit: i64) -> QueryResult<Vec<Order>> {
    fixed(concat!(
        "WITH due AS (
            SELECT v.id, m.id AS migration, m.source_state = 'completed' AS resume
            FROM migration m JOIN instance i ON i.migration_id = m.id
            JOIN vmm v ON v.id IN (m.source_vmm_id, m.target_vmm_id)
            JOIN vmm s ON s.id = m.source_vmm_id
            LEFT JOIN migration_delivery d ON d.vmm_id = v.id
            WHERE m.outcome IS NULL AND v.ended_by IS NULL AND NOT v.end_wanted AND v.state <> 'creating'
                AND (d.claimed_at IS NULL OR d.claimed_at < now() - interval '1 second')
                AND CASE WHEN m.source_state = 'completed'
                    THEN v.id = m.target_vmm_id AND m.target_state IN ('pending', 'in_progress')
                    ELSE m.cancel_at IS NOT NULL AND (
                        v.id = m.source_vmm_id AND m.send_at IS NOT NULL
                            AND m.source_state IN ('pending', 'in_progress')
                        OR v.id = m.target_vmm_id AND m.target_state IN ('pending', 'in_progress')
                            AND (m.send_at IS NULL OR m.source_state = 'failed' OR s.ended_by IS NOT NULL))
                    END
            ORDER BY v.id LIMIT $1 FOR NO KEY UPDATE OF v SKIP LOCKED
        ), claimed AS (
            INSERT INTO migration_delivery (vmm_id) SELECT id FROM due
            ON CONFLICT (vmm_id) DO UPDATE SET claimed_at = now() RETURNING vmm_id
        ) SELECT c.migration, c.resume, ",
        super::delivery::due_columns!(),
        " FROM due c JOIN claimed x ON x.vmm_id = c.id JOIN vmm v ON v.id = c.id
          JOIN instance i ON i.id = v.instance_id JOIN sled s ON s.id = v.sled_id"
    ))
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await
}
