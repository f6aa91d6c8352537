//! Sagas: durable work of several steps, as operators see it.

use berth_common::ids::{NexusUuid, SagaUuid};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A saga.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Saga {
    /// Its id.
    pub id: SagaUuid,
    /// Which saga it is.
    pub name: String,
    /// Version of its steps.
    pub version: u32,
    /// The nexus that runs it.
    pub owner: NexusUuid,
    /// Counts how often it was adopted.
    pub adoption_generation: u64,
    /// `running`, `unwinding`, `done`, `stuck` or `abandoned`.
    pub state: String,
    /// What it is about.
    pub subject_id: Option<Uuid>,
    /// The id of the request it follows from.
    pub cause: Option<String>,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// When it stopped.
    pub finished_at: Option<DateTime<Utc>>,
}

/// A saga with its steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SagaDetail {
    /// The saga.
    pub saga: Saga,
    /// Its log, in order of time.
    pub events: Vec<SagaStep>,
}

/// One entry of a saga's log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SagaStep {
    /// Number of the node.
    pub node: u64,
    /// Name of the node, where it has one.
    pub name: Option<String>,
    /// What happened: `started`, `succeeded`, `failed`, `undo_started`, `undo_finished`, `undo_failed`.
    pub event: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Of a failure: its reason.
    pub error: Option<String>,
}

/// Which sagas. Newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SagaListQuery {
    /// Only those in this state.
    pub state: Option<SagaState>,
    /// Items at most, 1 to 1000; default 100.
    pub limit: Option<u32>,
    /// `next_page` of the page before.
    pub page_token: Option<String>,
}

/// States of a saga.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SagaState {
    /// Going forward.
    Running,
    /// Being undone.
    Unwinding,
    /// Finished, either way.
    Done,
    /// An undo failed: an operator is needed.
    Stuck,
    /// An operator resolved it by hand.
    Abandoned,
}

/// Path of one saga.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct SagaPath {
    /// The saga.
    pub saga: SagaUuid,
}
