//! Events.

use crate::ids::OptId;
use berth_common::ids::{ProjectKind, ProjectUuid, SledKind, SledUuid};
use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

/// One transition, with who caused it. Ordered by (`txid`, `id`).
#[derive(Clone, Debug, PartialEq, QueryableByName)]
pub struct Event {
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    /// Number of the transaction that wrote it.
    #[diesel(sql_type = BigInt)]
    pub txid: i64,
    #[diesel(sql_type = Timestamptz)]
    pub at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Text)]
    pub subject_kind: String,
    #[diesel(sql_type = SqlUuid)]
    pub subject_id: Uuid,
    #[diesel(sql_type = Text)]
    pub subject_name: String,
    #[diesel(sql_type = Nullable<SqlUuid>, deserialize_as = OptId<ProjectKind>)]
    pub project_id: Option<ProjectUuid>,
    #[diesel(sql_type = Nullable<SqlUuid>, deserialize_as = OptId<SledKind>)]
    pub sled_id: Option<SledUuid>,
    #[diesel(sql_type = Text)]
    pub actor: String,
    #[diesel(sql_type = Text)]
    pub cause: String,
    #[diesel(sql_type = Text)]
    pub message: String,
    #[diesel(sql_type = Jsonb)]
    pub data: serde_json::Value,
}
