//! The end of an instance's rows.

use berth_common::ids::{GenericUuid, InstanceUuid};
use diesel::QueryResult;
use diesel::sql_types::{Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::fixed::fixed;

/// Detaches the instance's disks: they outlive it.
pub async fn detach_disks(conn: &mut AsyncPgConnection, instance: InstanceUuid) -> QueryResult<()> {
    execute(
        conn,
        instance,
        "UPDATE disk SET instance_id = NULL, slot = NULL, state_gen = state_gen + 1 WHERE instance_id = $1",
    )
    .await
}

/// Removes the instance with everything that is only its own: interfaces, quota, VMMs that ended, migrations. History stays in
/// operations and events.
///
/// The caller holds the row locked and has seen that nothing of it runs; a VMM that still lives, or a lock, makes this
/// fail on a constraint rather than be lost.
pub async fn remove(conn: &mut AsyncPgConnection, instance: InstanceUuid) -> QueryResult<()> {
    const IN_ORDER: [&str; 8] = [
        "UPDATE disk_copy SET doomed = true WHERE NOT doomed
             AND migration_id IN (SELECT id FROM migration WHERE instance_id = $1)",
        "UPDATE disk SET instance_id = NULL, slot = NULL, state_gen = state_gen + 1 WHERE instance_id = $1",
        "DELETE FROM nic WHERE instance_id = $1",
        "DELETE FROM quota_use WHERE subject_id = $1",
        "DELETE FROM migration WHERE instance_id = $1",
        "DELETE FROM reservation r USING vmm v WHERE v.id = r.vmm_id AND v.instance_id = $1
             AND v.ended_by IS NOT NULL",
        "DELETE FROM vmm WHERE instance_id = $1 AND ended_by IS NOT NULL",
        "DELETE FROM instance WHERE id = $1 AND active_vmm_id IS NULL AND updater_id IS NULL",
    ];
    for text in IN_ORDER {
        execute(conn, instance, text).await?;
    }
    Ok(())
}

async fn execute(
    conn: &mut AsyncPgConnection,
    instance: InstanceUuid,
    text: &'static str,
) -> QueryResult<()> {
    fixed(text).bind::<SqlUuid, _>(instance.into_untyped_uuid()).execute(conn).await?;
    Ok(())
}

/// The sleds that haven't confirmed the end of a VMM of this instance, for `waiting_for`.
pub async fn waits_for(conn: &mut AsyncPgConnection, instance: InstanceUuid) -> QueryResult<Vec<String>> {
    #[derive(diesel::QueryableByName)]
    struct Sled {
        #[diesel(sql_type = Text)]
        name: String,
    }
    let text = "SELECT DISTINCT s.name FROM vmm v JOIN sled s ON s.id = v.sled_id
        WHERE v.instance_id = $1 AND v.ended_by IS NULL ORDER BY s.name";
    let rows = fixed(text).bind::<SqlUuid, _>(instance.into_untyped_uuid()).load::<Sled>(conn).await?;
    Ok(rows.into_iter().map(|sled| sled.name).collect())
}

/// Sagas about this instance that still run, beside this one.
pub async fn other_sagas(
    conn: &mut AsyncPgConnection,
    instance: InstanceUuid,
    saga: uuid::Uuid,
) -> QueryResult<i64> {
    #[derive(diesel::QueryableByName)]
    struct Count {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        n: i64,
    }
    let text = "SELECT count(*) AS n FROM saga
        WHERE subject_id = $1 AND id <> $2 AND state IN ('running', 'unwinding', 'stuck')";
    let count = fixed(text)
        .bind::<SqlUuid, _>(instance.into_untyped_uuid())
        .bind::<SqlUuid, _>(saga)
        .get_result::<Count>(conn)
        .await?;
    Ok(count.n)
}
