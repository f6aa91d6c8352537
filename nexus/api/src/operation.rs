//! Operations: the handles of accepted work.

use berth_common::ids::{OperationUuid, ProjectUuid};
use berth_common::operation::{OperationKind, OperationState};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::duration::Wait;
use crate::name_or_id::NameOrId;

/// Accepted work: how far it is, and how it ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Operation {
    /// Its id.
    pub id: OperationUuid,
    /// What was accepted.
    pub kind: OperationKind,
    /// What it is about.
    pub subject: Subject,
    /// The subject's project.
    pub project_id: Option<ProjectUuid>,
    /// How far it is.
    pub state: OperationState,
    /// The same in numbers.
    pub progress: Progress,
    /// With state `waiting`: for what, by name.
    pub waiting_for: Option<String>,
    /// With state `failed`: why.
    pub error: Option<OperationError>,
    /// Whether `cancel` would be accepted now.
    pub cancellable: bool,
    /// The operation it is a part of.
    pub parent: Option<OperationUuid>,
    /// Who asked for it.
    pub actor: String,
    /// The id of the request that asked for it.
    pub cause: String,
    /// When it was accepted.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
}

/// A thing that operations and events are about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Subject {
    /// Its noun: `instance`, `disk`, `sled`, …
    pub kind: String,
    /// Its id.
    pub id: Uuid,
    /// Its name then.
    pub name: String,
}

/// How far work is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Progress {
    /// Steps done.
    pub done: u64,
    /// Steps in all; 0: not known yet.
    pub total: u64,
    /// What is being done, by name.
    pub phase: String,
    /// Bytes moved.
    pub bytes: u64,
}

/// Why accepted work failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OperationError {
    /// Name of the refusal.
    pub error_code: String,
    /// The thing, the reason, and what would help.
    pub message: String,
}

/// Path of one operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct OperationPath {
    /// The operation.
    pub operation: OperationUuid,
}

/// About a look at an operation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OperationQuery {
    /// Answer when it has ended, or after this time (`30s`), whichever is first; at most 55 s.
    pub wait: Option<Wait>,
}

/// Which operations. Newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OperationListQuery {
    /// The project, by name or id. Omitted: all projects, for those who may see the fleet.
    pub project: Option<NameOrId>,
    /// Only those about this thing.
    pub subject: Option<Uuid>,
    /// Only those that haven't ended.
    pub open: Option<bool>,
    /// Items at most, 1 to 1000; default 100.
    pub limit: Option<u32>,
    /// `next_page` of the page before.
    pub page_token: Option<String>,
}
