//! Operations, and the keys by which a repeated request finds its first answer.

use crate::ids::{DbId, DbText, OptId};
use crate::tables::{idempotency, operation};
use berth_common::ids::{
    OperationKind as OperationId, OperationUuid, ProjectKind, ProjectUuid, SagaKind, SagaUuid, UserKind,
    UserUuid,
};
use berth_common::operation::{OperationKind, OperationState};
use chrono::{DateTime, Utc};
use diesel::{Queryable, QueryableByName, Selectable};
use uuid::Uuid;

/// Accepted work.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, QueryableByName)]
#[diesel(table_name = operation)]
pub struct Operation {
    #[diesel(deserialize_as = DbId<OperationId>)]
    pub id: OperationUuid,
    #[diesel(deserialize_as = DbText<OperationKind>)]
    pub kind: OperationKind,
    /// `instance` or `disk`.
    pub subject_kind: String,
    pub subject_id: Uuid,
    /// Its name when the work was accepted.
    pub subject_name: String,
    #[diesel(deserialize_as = OptId<ProjectKind>)]
    pub project_id: Option<ProjectUuid>,
    #[diesel(deserialize_as = DbText<OperationState>)]
    pub state: OperationState,
    pub phase: String,
    pub done: i64,
    pub total: i64,
    pub bytes: i64,
    /// What it waits for, if its state is *waiting*.
    pub waiting_for: Option<String>,
    pub error_code: Option<String>,
    pub error_message: Option<String>,
    pub cancellable: bool,
    pub cancel_wanted: bool,
    #[diesel(deserialize_as = OptId<OperationId>)]
    pub parent_id: Option<OperationUuid>,
    /// Of an instance: the intent it stands for.
    pub intent_gen: Option<i64>,
    #[diesel(deserialize_as = OptId<SagaKind>)]
    pub saga_id: Option<SagaUuid>,
    pub actor: String,
    pub cause: String,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
}

/// What a request with an idempotency key led to.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, QueryableByName)]
#[diesel(table_name = idempotency)]
pub struct Idempotency {
    #[diesel(deserialize_as = DbId<UserKind>)]
    pub user_id: UserUuid,
    pub key: String,
    /// SHA-256 of what was asked.
    pub request_hash: Vec<u8>,
    #[diesel(deserialize_as = OptId<OperationId>)]
    pub operation_id: Option<OperationUuid>,
    pub subject_id: Uuid,
    pub created_at: DateTime<Utc>,
}
