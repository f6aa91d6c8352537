//! Reboots: asked of a VMM in the transaction that accepts them, delivered until its sled has said how they went.
//!
//! What sleds say of them is stored with their reports ([`super::report`]), in the same statement that ends the
//! operation.

use berth_common::ids::{GenericUuid, InstanceUuid, OperationUuid, VmmUuid};
use berth_common::reboot::RebootKind;
use berth_common::refusal::ErrorCode;
use diesel::sql_types::{BigInt, Text, Uuid as SqlUuid};
use diesel::{QueryResult, QueryableByName};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::delivery::{Due, due_columns, from_claimed};
use crate::fixed::fixed;

/// A reboot that a sled is to be told of.
#[derive(Clone, Debug, QueryableByName)]
pub struct DueReboot {
    #[diesel(embed)]
    pub due: Due,
    #[diesel(sql_type = BigInt)]
    pub asked_gen: i64,
    #[diesel(sql_type = Text)]
    pub kind: String,
    /// Milliseconds that the guest has left to obey; 0 where that is past.
    #[diesel(sql_type = BigInt)]
    pub reboot_grace_ms: i64,
    #[diesel(sql_type = SqlUuid)]
    pub operation: uuid::Uuid,
}

/// Asks the next reboot of a VMM. The caller holds the instance's row locked.
pub async fn ask(
    conn: &mut AsyncPgConnection,
    vmm: VmmUuid,
    kind: RebootKind,
    grace_ms: i64,
    operation: OperationUuid,
) -> QueryResult<()> {
    let text = "INSERT INTO reboot (vmm_id, asked_gen, kind, deadline, operation_id)
        VALUES ($1, 1, $2, now() + $3 * interval '1 millisecond', $4)
        ON CONFLICT (vmm_id) DO UPDATE SET
            asked_gen = greatest(reboot.asked_gen, coalesce(reboot.seen_gen, 0)) + 1, kind = excluded.kind,
            deadline = excluded.deadline, operation_id = excluded.operation_id, asked_at = now()";
    fixed(text)
        .bind::<SqlUuid, _>(vmm.into_untyped_uuid())
        .bind::<Text, _>(kind.as_str())
        .bind::<BigInt, _>(grace_ms)
        .bind::<SqlUuid, _>(operation.into_untyped_uuid())
        .execute(conn)
        .await?;
    Ok(())
}

/// The user wants it running, as before: only the wish's generation moves. Returns it.
pub async fn count_intent(conn: &mut AsyncPgConnection, instance: InstanceUuid) -> QueryResult<i64> {
    #[derive(QueryableByName)]
    struct IntentGen {
        #[diesel(sql_type = BigInt)]
        intent_gen: i64,
    }
    let text = "UPDATE instance SET intent_gen = intent_gen + 1, intent_at = now() WHERE id = $1 RETURNING intent_gen";
    let query = fixed(text).bind::<SqlUuid, _>(instance.into_untyped_uuid());
    Ok(query.get_result::<IntentGen>(conn).await?.intent_gen)
}

/// Claims reboots whose operation is open and whose sled hasn't said that it has begun them, oldest first; at most
/// `limit`.
pub async fn claim(conn: &mut AsyncPgConnection, limit: i64) -> QueryResult<Vec<DueReboot>> {
    fixed(concat!(
        "WITH due AS (
            SELECT r.vmm_id FROM reboot r
            JOIN operation p ON p.id = r.operation_id AND p.ended_at IS NULL
            JOIN vmm v ON v.id = r.vmm_id AND v.ended_by IS NULL AND NOT v.end_wanted
            JOIN instance i ON i.active_vmm_id = v.id AND i.intent = 'running'
            WHERE coalesce(r.seen_gen, 0) < r.asked_gen
                AND (r.delivered_gen IS DISTINCT FROM r.asked_gen OR r.delivered_at < now() - interval '5 seconds')
                AND (r.claimed_gen IS DISTINCT FROM r.asked_gen OR r.claimed_at < now() - interval '1 second')
            ORDER BY r.asked_at LIMIT $1 FOR NO KEY UPDATE OF r SKIP LOCKED
        ), claimed AS (
            UPDATE reboot r SET claimed_gen = r.asked_gen, claimed_at = now() FROM due d WHERE d.vmm_id = r.vmm_id
            RETURNING r.vmm_id, r.asked_gen, r.kind, r.operation_id AS operation,
                greatest(0, ceil(extract(epoch FROM r.deadline - now()) * 1000))::bigint AS reboot_grace_ms
        ) SELECT c.asked_gen, c.kind, c.operation, c.reboot_grace_ms, ",
        due_columns!(),
        from_claimed!()
    ))
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await
}

/// A sled has taken it: it can no longer be given up.
pub async fn delivered(conn: &mut AsyncPgConnection, vmm: VmmUuid, asked_gen: i64) -> QueryResult<()> {
    fixed(
        "WITH taken AS (
            UPDATE reboot SET delivered_gen = $2, delivered_at = now() WHERE vmm_id = $1 AND asked_gen = $2
            RETURNING operation_id
        ) UPDATE operation o SET state = 'running', waiting_for = NULL, cancellable = false, updated_at = now(),
              phase = CASE o.phase WHEN '' THEN 'rebooting' ELSE o.phase END
          FROM taken t WHERE o.id = t.operation_id AND o.ended_at IS NULL AND (o.cancellable OR o.state <> 'running')",
    )
    .bind::<SqlUuid, _>(vmm.into_untyped_uuid())
    .bind::<BigInt, _>(asked_gen)
    .execute(conn)
    .await?;
    Ok(())
}

/// A sled refused it for good: the operation ends, unless another reboot has taken it over meanwhile.
pub async fn refused(
    conn: &mut AsyncPgConnection,
    vmm: VmmUuid,
    asked_gen: i64,
    why: &str,
) -> QueryResult<()> {
    fixed(
        "UPDATE operation o SET state = 'failed', error_code = $3, error_message = $4, waiting_for = NULL,
             updated_at = now(), ended_at = now()
         FROM reboot r WHERE r.vmm_id = $1 AND r.asked_gen = $2 AND o.id = r.operation_id AND o.ended_at IS NULL",
    )
    .bind::<SqlUuid, _>(vmm.into_untyped_uuid())
    .bind::<BigInt, _>(asked_gen)
    .bind::<Text, _>(ErrorCode::RebootFailed.as_str())
    .bind::<Text, _>(why)
    .execute(conn)
    .await?;
    Ok(())
}
