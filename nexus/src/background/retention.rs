//! Deletes history that is older than what is kept: ended operations, events, finished sagas, VMMs that ended.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use berth_db::{DbError, retention};

use super::task::{Task, TaskError};
use crate::world::World;

/// Rows deleted in one statement.
const BATCH: i64 = 1_000;
/// Keys of repeated requests are kept for a day: longer, and nobody repeats.
const KEYS_S: i64 = 86_400;

/// The task.
#[derive(Debug)]
pub struct Retention {
    pub days: u32,
}

#[async_trait]
impl Task for Retention {
    fn name(&self) -> &'static str {
        "retention"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(600)
    }

    async fn run(&self, world: &Arc<World>) -> Result<String, TaskError> {
        let age_s = i64::from(self.days) * 86_400;
        let age = Duration::from_secs(u64::from(self.days) * 86_400);
        let sagas = world.engine()?.delete_finished(age, BATCH).await?;
        let rows = world
            .db
            .transaction("retention.delete", async |conn| {
                let mut rows = retention::events(conn, age_s, BATCH).await?;
                rows += retention::operations(conn, age_s, BATCH).await?;
                rows += retention::vmms(conn, age_s, BATCH).await?;
                rows += retention::idempotency(conn, KEYS_S, BATCH).await?;
                rows += retention::join_tokens(conn, age_s, BATCH).await?;
                Ok(rows)
            })
            .await
            .map_err(|error: DbError| error)?;
        let total = sagas + rows;
        Ok(if total > 0 { format!("{total} rows deleted") } else { String::new() })
    }
}
