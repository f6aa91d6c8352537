//! VMMs declared dead without a word of their sled: by recorded proof, in one guarded statement, for ever.

use berth_common::ids::{GenericUuid, InstanceUuid, SledUuid, VmmUuid};
use diesel::QueryResult;
use diesel::sql_types::{Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::fixed::fixed;

/// An operator has asserted that a sled is dead: what an instance had there has ended. Gives the VMMs that hadn't
/// before. Whatever that sled says of them later is stored no more, and is answered with their end.
pub async fn assert_dead(
    conn: &mut AsyncPgConnection,
    instance: InstanceUuid,
    sled: SledUuid,
    words: &str,
) -> QueryResult<Vec<VmmUuid>> {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
    }
    let rows = fixed(
        "UPDATE vmm SET state = 'failed', ended_by = 'fenced', ended_at = now(), proof = 'operator_asserted',
             detail = $3, end_wanted = true
         WHERE instance_id = $1 AND sled_id = $2 AND ended_by IS NULL RETURNING id",
    )
    .bind::<SqlUuid, _>(instance.into_untyped_uuid())
    .bind::<SqlUuid, _>(sled.into_untyped_uuid())
    .bind::<Text, _>(words)
    .load::<Row>(conn)
    .await?;
    Ok(rows.into_iter().map(|row| VmmUuid::from_untyped_uuid(row.id)).collect())
}
