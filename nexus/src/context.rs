//! What the functions behind the doors need: one per process.

use berth_common::ids::{ClusterUuid, NexusUuid};
use berth_db::Db;
use berth_saga_store::SagaEngine;
use berth_transport::Authority;
use slog::Logger;
use std::sync::Arc;

use crate::background::TaskStatus;
use crate::world::World;

/// A nexus, as `app` and `reports` see it.
pub struct Nexus {
    /// This nexus.
    pub id: NexusUuid,
    /// Its name.
    pub name: String,
    /// The cluster's incarnation.
    pub cluster: ClusterUuid,
    pub db: Db,
    pub log: Logger,
    /// Begins sagas, and knows those that run here.
    pub sagas: SagaEngine<World>,
    /// Shared with sagas and background tasks.
    pub world: Arc<World>,
    /// The cluster's own certificate authority.
    pub authority: Authority,
    /// How the background tasks' runs went.
    pub tasks: Box<dyn Fn() -> Vec<(&'static str, TaskStatus)> + Send + Sync>,
}

impl std::fmt::Debug for Nexus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Nexus").field("id", &self.id).field("name", &self.name).finish_non_exhaustive()
    }
}
