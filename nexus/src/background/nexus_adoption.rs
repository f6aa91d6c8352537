//! Watches the other nexus, declares dead who is silent, and adopts the sagas of whoever is gone.
//!
//! Silence counts on this process' own clock, between successful reads only: a database that was away makes nobody
//! dead. The declaring statement names the beat that was watched; adoption comes after its COMMIT, and each saga's log
//! is read after the claim on it is committed. Update locks go on under the same saga ids.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use berth_common::Generation;
use berth_db::DbError;
use berth_db::nexus::{self, OtherBeat};
use berth_plan::saga_adoption::{Beat, MyRow, Observation, Read, Verdict, Watch, observe};
use nix::time::{ClockId, clock_gettime};
use slog::{info, warn};
use uuid::Uuid;

use super::task::{Task, TaskError};
use crate::world::World;

/// Sagas adopted at a time, so that one adopter doesn't take thousands while others have time, too.
const CLAIM: usize = 100;

/// The task.
#[derive(Debug, Default)]
pub struct NexusAdoption {
    watches: Mutex<BTreeMap<Uuid, Watch>>,
}

#[async_trait]
impl Task for NexusAdoption {
    fn name(&self) -> &'static str {
        "nexus_adoption"
    }

    fn period(&self) -> Duration {
        Duration::from_millis(400)
    }

    async fn run(&self, world: &Arc<World>) -> Result<String, TaskError> {
        let (me, epoch) = (world.nexus, world.epoch().ok_or("not announced yet")?);
        let sent = since_boot()?;
        let read = world
            .db
            .statement("adoption.watch", async |conn| {
                let others = nexus::others(conn, me, epoch).await?;
                Ok::<_, DbError>((others, nexus::gone_with_sagas(conn).await?))
            })
            .await;
        let (others, gone) = match read {
            Ok(read) => read,
            Err(error) => {
                // A failed read says nothing, and takes away what the earlier ones said.
                self.watches.lock().unwrap_or_else(PoisonError::into_inner).clear();
                return Err(error.into());
            }
        };
        let silent = self.silent(&others, sent, since_boot()?);
        let mut done = Vec::new();
        for other in silent {
            let dead = world
                .db
                .transaction("adoption.declare", async |conn| {
                    nexus::declare_dead(conn, &other, me, epoch).await
                })
                .await
                .map_err(|error: DbError| error)?;
            if dead {
                warn!(world.log, "another nexus was declared dead"; "name" => &other.name, "id" => %other.id);
                done.push(format!("{} declared dead", other.name));
            }
        }
        for owner in gone {
            done.extend(adopt(world, owner).await?);
        }
        Ok(done.join("; "))
    }
}

impl NexusAdoption {
    /// Takes one read into the watches; those that have been silent for long enough.
    fn silent(&self, others: &[OtherBeat], sent: Duration, received: Duration) -> Vec<OtherBeat> {
        let mut watches = self.watches.lock().unwrap_or_else(PoisonError::into_inner);
        let mut next = BTreeMap::new();
        let mut silent = Vec::new();
        for other in others {
            let beat = Beat { epoch: Generation::from(other.epoch), seq: other.seq };
            let my_row = if other.mine_is_current { MyRow::Current } else { MyRow::Stale };
            let seen = Observation { read: Read::Active(beat), my_row, sent, received };
            let (watch, verdict) = observe(watches.get(&other.id).copied(), &seen);
            next.extend(watch.map(|watch| (other.id, watch)));
            if matches!(verdict, Verdict::DeclareDead(_)) {
                silent.push(other.clone());
            }
        }
        *watches = next;
        silent
    }
}

async fn adopt(world: &World, owner: Uuid) -> Result<Option<String>, TaskError> {
    let taken = world.engine()?.adopt(owner, CLAIM).await?;
    for (saga, why) in &taken.broken {
        warn!(world.log, "an adopted saga can't be run"; "saga" => %saga, "error" => why);
    }
    if taken.resumed.is_empty() {
        return Ok(None);
    }
    info!(world.log, "sagas adopted"; "from" => %owner, "count" => taken.resumed.len());
    Ok(Some(format!("{} sagas of {owner} adopted", taken.resumed.len())))
}

/// Time since boot, suspension included: the clock that no one sets.
fn since_boot() -> Result<Duration, nix::Error> {
    Ok(clock_gettime(ClockId::CLOCK_BOOTTIME)?.into())
}
