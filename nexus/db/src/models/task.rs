//! Runs of background tasks.

use crate::ids::OptId;
use crate::tables::task_run;
use berth_common::ids::{NexusKind, NexusUuid};
use chrono::{DateTime, Utc};
use diesel::{Queryable, QueryableByName, Selectable};

/// When a background task last ran, anywhere in the cluster.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, QueryableByName)]
#[diesel(table_name = task_run)]
pub struct TaskRun {
    pub name: String,
    #[diesel(deserialize_as = OptId<NexusKind>)]
    pub claimed_by: Option<NexusUuid>,
    pub claim_gen: i64,
    pub last_started_at: Option<DateTime<Utc>>,
    pub last_ended_at: Option<DateTime<Utc>>,
    pub last_result: Option<String>,
}
