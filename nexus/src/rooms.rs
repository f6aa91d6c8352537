//! The rooms of a nexus, joined: everything but its doors. The program opens them to TLS ([`crate::server`]), a simulated
//! cluster calls them directly.

use std::sync::{Arc, OnceLock};

use berth_common::ids::{ClusterUuid, GenericUuid, NexusUuid};
use berth_db::Db;
use berth_saga_store::{DefinitionError, EngineConfig, Faults, SagaEngine};
use berth_transport::Authority;
use slog::{Logger, o};

use crate::agents::Agents;
use crate::background::{Task, Tasks};
use crate::context::Nexus;
use crate::sagas;
use crate::wake::Wake;
use crate::world::World;

/// What a nexus is made of.
#[derive(Debug)]
pub struct Parts {
    pub id: NexusUuid,
    pub name: String,
    /// The cluster's incarnation.
    pub cluster: ClusterUuid,
    pub authority: Authority,
    pub db: Db,
    pub agents: Agents,
    /// What goes wrong in its engine; nothing, but in tests.
    pub faults: Faults,
}

/// A nexus without doors.
#[derive(Debug)]
pub struct Rooms {
    pub nexus: Arc<Nexus>,
    tasks: Arc<OnceLock<Arc<Tasks>>>,
}

impl Rooms {
    /// Joins them. Nothing runs yet: no task was started, no saga taken up.
    ///
    /// # Errors
    /// When a saga contradicts itself.
    pub fn join(parts: Parts, log: &Logger) -> Result<Rooms, DefinitionError> {
        let Parts { id, name, cluster, authority, db, agents, faults } = parts;
        let world = World::new(id, cluster, db.clone(), agents, Wake::new(), log.clone());
        let mut config = EngineConfig::new(id.into_untyped_uuid(), db.config().clone());
        config.naming = berth_db::counters::count_as;
        config.faults = faults;
        let engine = SagaEngine::new(
            log.new(o!("room" => "sagas")),
            config,
            db.pool().clone(),
            sagas::registry()?,
            Arc::clone(&world),
        );
        world.set_engine(&engine);
        let tasks: Arc<OnceLock<Arc<Tasks>>> = Arc::default();
        let statuses = Arc::clone(&tasks);
        let nexus = Nexus {
            id,
            name,
            cluster,
            db,
            log: log.clone(),
            sagas: engine,
            world,
            authority,
            tasks: Box::new(move || {
                statuses.get().map(|tasks| tasks.statuses().into_iter().collect()).unwrap_or_default()
            }),
        };
        Ok(Rooms { nexus: Arc::new(nexus), tasks })
    }

    /// Starts the background tasks.
    pub fn start_tasks(&self, tasks: Vec<Box<dyn Task>>) -> Arc<Tasks> {
        Arc::clone(self.tasks.get_or_init(|| Arc::new(Tasks::start(&self.nexus.world, tasks))))
    }
}
