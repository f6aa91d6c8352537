//! Finds instances that need an update, or a start, and have none running: what a push missed.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use berth_common::ids::InstanceUuid;
use berth_db::DbError;
use berth_db::lifecycle::{snapshot, update};
use berth_plan::follow_up::{FollowUp, follow_up};
use uuid::Uuid;

use super::task::{Bell, Task, TaskError};
use crate::sagas::begin::{self, BeginError};
use crate::sagas::instance_start;
use crate::world::World;

/// Instances looked at in one run.
const BATCH: i64 = 200;
const CAUSE: &str = "instance_updater";

/// The task.
#[derive(Debug)]
pub struct InstanceUpdater {
    pub period: Duration,
}

#[async_trait]
impl Task for InstanceUpdater {
    fn name(&self) -> &'static str {
        "instance_updater"
    }

    fn period(&self) -> Duration {
        self.period
    }

    fn bell(&self) -> Bell {
        Bell::Changes
    }

    /// Every step of every saga rings, and what is looked for here was mostly begun by whoever made it due.
    fn breath(&self) -> Duration {
        Duration::from_millis(100)
    }

    async fn run(&self, world: &Arc<World>) -> Result<String, TaskError> {
        let (candidates, due) = world
            .db
            .statement("updater.look", async |conn| {
                let candidates = update::candidates(conn, BATCH).await?;
                Ok::<_, DbError>((candidates, update::starts_due(conn, BATCH).await?))
            })
            .await?;
        let mut updates = 0;
        for instance in candidates {
            updates += u32::from(update_if_needed(world, instance).await?);
        }
        let mut starts = 0;
        for instance in due {
            starts += u32::from(start_if_due(world, instance).await?);
        }
        let did = updates + starts > 0;
        Ok(if did { format!("{updates} updates and {starts} starts begun") } else { String::new() })
    }
}

async fn update_if_needed(world: &World, instance: InstanceUuid) -> Result<bool, TaskError> {
    let found = world
        .db
        .statement("updater.read", async |conn| Ok::<_, DbError>(snapshot::read(conn, instance).await?))
        .await?;
    let Some(snapshot) = found else { return Ok(false) };
    if snapshot.updater.is_some() || matches!(follow_up(&snapshot.facts()), FollowUp::Nothing) {
        return Ok(false);
    }
    Ok(begin::update(world, instance, CAUSE).await?)
}

async fn start_if_due(world: &World, instance: InstanceUuid) -> Result<bool, TaskError> {
    let id = Uuid::new_v4();
    let begun = world
        .db
        .transaction("updater.start", async |conn| {
            let Some(snapshot) = snapshot::read_locked(conn, instance).await.map_err(DbError::from)? else {
                return Ok(None);
            };
            if snapshot.updater.is_some() || !snapshot.facts().start_is_due() {
                return Ok(None);
            }
            instance_start::begin_due(world, conn, id, &snapshot, CAUSE).await.map(Some)
        })
        .await;
    match begun {
        Ok(Some(prepared)) => {
            begin::run(world, &prepared);
            Ok(true)
        }
        Ok(None) => Ok(false),
        Err(error) => {
            let error: BeginError = error;
            Err(error.into())
        }
    }
}
