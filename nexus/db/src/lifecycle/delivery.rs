//! What is still to be told to sleds: stops that weren't acknowledged, VMMs whose end is wanted.

use berth_common::ids::{GenericUuid, InstanceUuid, VmmUuid};
use diesel::sql_types::{BigInt, Nullable, Text, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryResult};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::text::SUSPECT_AFTER_MS;
use crate::fixed::fixed;

/// A VMM that its sled is to be told something about.
#[derive(Clone, Debug, diesel::QueryableByName)]
pub struct Due {
    #[diesel(sql_type = SqlUuid)]
    pub vmm: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub instance: Uuid,
    #[diesel(sql_type = BigInt)]
    pub epoch: i64,
    #[diesel(sql_type = SqlUuid)]
    pub sled: Uuid,
    #[diesel(sql_type = Text)]
    pub sled_name: String,
    #[diesel(sql_type = Text)]
    pub url: String,
    /// The ledger it was made for.
    #[diesel(sql_type = SqlUuid)]
    pub ledger: Uuid,
    /// The ledger that its sled has now.
    #[diesel(sql_type = SqlUuid)]
    pub sled_ledger: Uuid,
    #[diesel(sql_type = BigInt)]
    pub intent_gen: i64,
    /// Milliseconds that the guest has left to obey; 0 where the deadline is past, or none is set.
    #[diesel(sql_type = BigInt)]
    pub grace_ms: i64,
    /// Milliseconds since the sled last reported.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub silent_ms: Option<i64>,
    /// The request that it follows from.
    #[diesel(sql_type = Text)]
    pub cause: String,
}

impl Due {
    /// Its sled hasn't reported lately, or never: it may stay away for long.
    pub fn is_silent(&self) -> bool {
        self.silent_ms.is_none_or(|ms| ms >= SUSPECT_AFTER_MS)
    }
}

/// What [`Due`] is made of, with `v`, `i` and `s` for the VMM, its instance and its sled.
macro_rules! due_columns {
    () => {
        "v.id AS vmm, v.instance_id AS instance, v.epoch, v.sled_id AS sled, s.name AS sled_name,
    s.address AS url, v.ledger_id AS ledger, s.ledger_id AS sled_ledger, i.intent_gen,
    greatest(0, coalesce(ceil(extract(epoch FROM i.stop_deadline - now()) * 1000), 0))::bigint AS grace_ms,
    (extract(epoch FROM now() - s.last_report_at) * 1000)::bigint AS silent_ms,
    coalesce((SELECT o.cause FROM operation o WHERE o.subject_id = i.id AND o.ended_at IS NULL
              ORDER BY o.created_at DESC LIMIT 1), 'background') AS cause"
    };
}
pub(super) use due_columns;

/// What [`due_columns`] are columns of, where a statement has `claimed` the VMMs.
macro_rules! from_claimed {
    () => {
        " FROM claimed c JOIN vmm v ON v.id = c.vmm_id JOIN instance i ON i.id = v.instance_id
          JOIN sled s ON s.id = v.sled_id"
    };
}
pub(super) use from_claimed;

/// Claims stops that aren't acknowledged as short as they are wished, oldest wish first; at most `limit`. A stop that
/// was acknowledged five seconds ago and whose VMM still lives is delivered again. In mid-migration the source is given a
/// second to give up, so that only one VMM has the guest; a guest that was handed off and doesn't go on at the target is
/// stopped there once its grace is over, whatever keeps it.
pub async fn claim_stops(conn: &mut AsyncPgConnection, limit: i64) -> QueryResult<Vec<Due>> {
    fixed(concat!(
        "WITH due AS (
            SELECT v.id, i.stop_deadline FROM instance i
            JOIN vmm v ON v.id IN (i.active_vmm_id, i.target_vmm_id)
            LEFT JOIN stop_delivery d ON d.vmm_id = v.id
            LEFT JOIN migration m ON m.id = i.migration_id
            WHERE i.intent = 'stopped' AND CASE WHEN m.id IS NULL THEN true
                    -- The one that has the guest; if nobody says which, both may.
                    WHEN m.source_state = 'completed' OR m.target_state = 'completed'
                        THEN v.id = m.target_vmm_id AND (m.target_state = 'completed' OR i.stop_deadline <= now())
                    WHEN m.source_state = 'failed' OR m.send_at IS NULL THEN v.id = m.source_vmm_id
                    ELSE m.cancel_at < now() - interval '1 second' END AND i.state IN ('vmm', 'disowned') AND v.ended_by IS NULL
                AND NOT v.end_wanted AND i.stop_deadline IS NOT NULL
                AND (d.delivered_at IS NULL OR d.deadline > i.stop_deadline
                     OR d.delivered_at < now() - interval '5 seconds')
                AND (d.claimed_at IS NULL OR d.claimed_deadline > i.stop_deadline
                     OR d.claimed_at < now() - interval '1 second')
            ORDER BY i.intent_at LIMIT $1 FOR NO KEY UPDATE OF v SKIP LOCKED
        ), claimed AS (
            INSERT INTO stop_delivery (vmm_id, claimed_deadline) SELECT id, stop_deadline FROM due
            ON CONFLICT (vmm_id) DO UPDATE SET claimed_at = now(), claimed_deadline = excluded.claimed_deadline
            RETURNING vmm_id
        ) SELECT ",
        due_columns!(),
        from_claimed!()
    ))
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await
}

/// A sled acknowledged a stop with so much grace: it can no longer be given up.
pub async fn stop_acknowledged(conn: &mut AsyncPgConnection, vmm: VmmUuid, grace_ms: i64) -> QueryResult<()> {
    fixed(
        "WITH acknowledged AS (
            UPDATE stop_delivery SET delivered_at = now(),
                deadline = least(deadline, now() + $2 * interval '1 millisecond')
            WHERE vmm_id = $1 RETURNING vmm_id
        ) UPDATE operation SET state = 'running', phase = 'stopping', waiting_for = NULL, cancellable = false,
             updated_at = now()
          WHERE kind = 'instance_stop' AND ended_at IS NULL AND (cancellable OR state <> 'running')
              AND subject_id = (SELECT v.instance_id FROM vmm v JOIN acknowledged a ON a.vmm_id = v.id)",
    )
    .bind::<SqlUuid, _>(vmm.into_untyped_uuid())
    .bind::<BigInt, _>(grace_ms)
    .execute(conn)
    .await?;
    Ok(())
}

/// Claims VMMs whose end is wanted for certain and not known yet; at most `limit`.
pub async fn claim_ends(conn: &mut AsyncPgConnection, limit: i64) -> QueryResult<Vec<Due>> {
    fixed(concat!(
        "WITH due AS (
            SELECT v.id FROM vmm v LEFT JOIN end_delivery d ON d.vmm_id = v.id
            WHERE v.end_wanted AND v.ended_by IS NULL
                AND (d.claimed_at IS NULL OR d.claimed_at < now() - interval '1 second')
            ORDER BY v.id LIMIT $1 FOR NO KEY UPDATE OF v SKIP LOCKED
        ), claimed AS (
            INSERT INTO end_delivery (vmm_id) SELECT id FROM due
            ON CONFLICT (vmm_id) DO UPDATE SET claimed_at = now() RETURNING vmm_id
        ) SELECT ",
        due_columns!(),
        from_claimed!()
    ))
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await
}

/// Says that a VMM's end is wanted for certain.
pub async fn want_end(conn: &mut AsyncPgConnection, vmm: VmmUuid) -> QueryResult<()> {
    fixed("UPDATE vmm SET end_wanted = true WHERE id = $1 AND ended_by IS NULL AND NOT end_wanted")
        .bind::<SqlUuid, _>(vmm.into_untyped_uuid())
        .execute(conn)
        .await?;
    Ok(())
}

/// One VMM with its sled's address.
pub async fn one(conn: &mut AsyncPgConnection, vmm: VmmUuid) -> QueryResult<Option<Due>> {
    fixed(concat!(
        "SELECT ",
        due_columns!(),
        " FROM vmm v JOIN instance i ON i.id = v.instance_id JOIN sled s ON s.id = v.sled_id WHERE v.id = $1"
    ))
    .bind::<SqlUuid, _>(vmm.into_untyped_uuid())
    .get_result(conn)
    .await
    .optional()
}

/// VMMs of a sled that the database believes to live and that sled's own ledger is the one they were made for.
pub async fn believed_on(conn: &mut AsyncPgConnection, sled: Uuid) -> QueryResult<Vec<Due>> {
    fixed(concat!(
        "SELECT ",
        due_columns!(),
        " FROM vmm v JOIN instance i ON i.id = v.instance_id JOIN sled s ON s.id = v.sled_id
          WHERE v.sled_id = $1 AND v.ended_by IS NULL AND v.state <> 'creating' AND v.ledger_id = s.ledger_id"
    ))
    .bind::<SqlUuid, _>(sled)
    .load(conn)
    .await
}

/// Records that a sled, asked after the VMM was known to it, no longer has it: evidence that it ended there.
/// False if it had ended already.
pub async fn lost_by_its_sled(conn: &mut AsyncPgConnection, vmm: VmmUuid, detail: &str) -> QueryResult<bool> {
    let changed = fixed(
        "UPDATE vmm SET state = 'failed', ended_by = 'crashed', ended_at = now(), detail = $2
         WHERE id = $1 AND ended_by IS NULL",
    )
    .bind::<SqlUuid, _>(vmm.into_untyped_uuid())
    .bind::<Text, _>(detail)
    .execute(conn)
    .await?;
    Ok(changed == 1)
}

/// The newest VMM of an instance, ended or not.
pub async fn newest(conn: &mut AsyncPgConnection, instance: InstanceUuid) -> QueryResult<Option<VmmUuid>> {
    #[derive(diesel::QueryableByName)]
    struct Newest {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
    }
    let found = fixed("SELECT id FROM vmm WHERE instance_id = $1 ORDER BY epoch DESC LIMIT 1")
        .bind::<SqlUuid, _>(instance.into_untyped_uuid())
        .get_result::<Newest>(conn)
        .await
        .optional()?;
    Ok(found.map(|found| VmmUuid::from_untyped_uuid(found.id)))
}

/// Every VMM of an instance, ended or not.
pub async fn all_of(conn: &mut AsyncPgConnection, instance: InstanceUuid) -> QueryResult<Vec<Due>> {
    fixed(concat!(
        "SELECT ",
        due_columns!(),
        " FROM vmm v JOIN instance i ON i.id = v.instance_id JOIN sled s ON s.id = v.sled_id
          WHERE v.instance_id = $1 ORDER BY v.epoch"
    ))
    .bind::<SqlUuid, _>(instance.into_untyped_uuid())
    .load(conn)
    .await
}
