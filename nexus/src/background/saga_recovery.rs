//! Takes up this nexus' own sagas that aren't running: left by a former process of it, or created by a transaction after
//! which it had no time to start them.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use slog::warn;

use super::task::{Task, TaskError};
use crate::world::World;

/// The task.
#[derive(Debug)]
pub struct SagaRecovery;

#[async_trait]
impl Task for SagaRecovery {
    fn name(&self) -> &'static str {
        "saga_recovery"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(5)
    }

    async fn run(&self, world: &Arc<World>) -> Result<String, TaskError> {
        let taken = world.engine()?.recover().await?;
        for saga in &taken.unloadable {
            warn!(world.log, "a saga of another version isn't run here"; "saga" => %saga.id, "name" => &saga.key.name,
                "version" => saga.key.version);
        }
        for (saga, why) in &taken.broken {
            warn!(world.log, "a saga can't be run"; "saga" => %saga, "error" => why);
        }
        let resumed = taken.resumed.len();
        Ok(if resumed > 0 { format!("{resumed} sagas taken up") } else { String::new() })
    }
}
