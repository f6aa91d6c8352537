//! Failed tries of a start: recorded before the saga unwinds, read when it is decided whether to try elsewhere.

use berth_common::ids::{GenericUuid, OperationUuid, SledUuid, VmmUuid};
use diesel::QueryResult;
use diesel::sql_types::{Nullable, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::fixed::fixed;

/// Records why a try failed; recorded twice, the first reason stays.
pub async fn record(
    conn: &mut AsyncPgConnection,
    operation: OperationUuid,
    vmm: VmmUuid,
    sled: Option<SledUuid>,
    code: &str,
    message: &str,
) -> QueryResult<()> {
    fixed(
        "INSERT INTO start_attempt (operation_id, vmm_id, sled_id, code, message)
         SELECT $1, $2, $3, $4, $5 WHERE EXISTS (SELECT 1 FROM operation WHERE id = $1)
         ON CONFLICT (operation_id, vmm_id) DO NOTHING",
    )
    .bind::<SqlUuid, _>(operation.into_untyped_uuid())
    .bind::<SqlUuid, _>(vmm.into_untyped_uuid())
    .bind::<Nullable<SqlUuid>, _>(sled.map(GenericUuid::into_untyped_uuid))
    .bind::<Text, _>(code)
    .bind::<Text, _>(message)
    .execute(conn)
    .await?;
    Ok(())
}
