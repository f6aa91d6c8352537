//! What the operator allows a sled: one guarded write.

use crate::error::DbResult;
use crate::fixed::fixed;
use crate::ids::Raw;
use berth_common::ids::SledUuid;
use berth_common::sled::Admission;
use diesel::sql_types::{Array, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// Puts a sled from one of these admissions into another. False: it is in none of them, or isn't there.
///
/// # Errors
/// Of the database only.
pub async fn change(
    conn: &mut AsyncPgConnection,
    sled: SledUuid,
    from: &[Admission],
    to: Admission,
) -> DbResult<bool> {
    let from: Vec<&str> = from.iter().map(|admission| admission.as_str()).collect();
    let changed = fixed("UPDATE sled SET admission = $3 WHERE id = $1 AND admission = ANY ($2)")
        .bind::<SqlUuid, _>(sled.raw())
        .bind::<Array<Text>, _>(from)
        .bind::<Text, _>(to.as_str())
        .execute(conn)
        .await?;
    Ok(changed == 1)
}
