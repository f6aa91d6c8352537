//! Renews this nexus' row, and reads which others are active: what sleds and lists are told.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use berth_db::{DbError, Guarded};

use super::task::{Task, TaskError};
use crate::world::World;

/// The task.
#[derive(Debug)]
pub struct NexusRenewal;

#[async_trait]
impl Task for NexusRenewal {
    fn name(&self) -> &'static str {
        "nexus_renewal"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(1)
    }

    fn limit(&self) -> Duration {
        Duration::from_secs(10)
    }

    async fn run(&self, world: &Arc<World>) -> Result<String, TaskError> {
        let (nexus, epoch) = (world.nexus, world.epoch().ok_or("not announced yet")?);
        let (renewed, addresses) = world
            .db
            .transaction("nexus.renew", async |conn| {
                let renewed = berth_db::nexus::renew(conn, nexus, epoch).await?;
                Ok((renewed, berth_db::nexus::internal_addresses(conn).await?))
            })
            .await
            .map_err(|error: DbError| error)?;
        world.peers.set(addresses.into_iter().map(|address| format!("https://{address}")).collect());
        match renewed {
            Guarded::Changed(()) => Ok(String::new()),
            Guarded::Stale | Guarded::Missing => {
                world.declared_dead();
                Err("this nexus is no longer an active one".into())
            }
        }
    }
}
