//! The one row that says which cluster this database is.

use crate::error::{DbError, DbResult};
use crate::fixed::fixed;
use crate::ids::Raw;
use crate::models::Cluster;
use crate::tables::cluster;
use berth_common::ids::ClusterUuid;
use diesel::sql_types::{Text, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryDsl, SelectableHelper};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// Makes the cluster, unless another nexus was faster: the answer is the one that is.
///
/// # Errors
/// Of the database only.
pub async fn ensure(
    conn: &mut AsyncPgConnection,
    id: ClusterUuid,
    ca_cert_pem: &str,
    ca_key_pem: &str,
) -> DbResult<Cluster> {
    fixed("INSERT INTO cluster (id, ca_cert_pem, ca_key_pem) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
        .bind::<SqlUuid, _>(id.raw())
        .bind::<Text, _>(ca_cert_pem)
        .bind::<Text, _>(ca_key_pem)
        .execute(conn)
        .await?;
    read(conn).await?.ok_or(DbError::NotFound)
}

/// The cluster; none in a new database.
///
/// # Errors
/// Of the database only.
pub async fn read(conn: &mut AsyncPgConnection) -> DbResult<Option<Cluster>> {
    Ok(cluster::table.select(Cluster::as_select()).first(conn).await.optional()?)
}
