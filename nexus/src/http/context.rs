//! What the doors share.

use std::sync::Arc;

use berth_transport::PeerTable;

use crate::context::Nexus;

/// Context of an HTTP server behind a TLS front: one for the public doors, one for those of sleds.
#[derive(Clone)]
pub struct Doors {
    /// What the functions behind the doors need.
    pub nexus: Arc<Nexus>,
    /// Who is at the far end of the front's connections.
    pub peers: Arc<PeerTable>,
}

impl std::fmt::Debug for Doors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Doors").field("peers", &self.peers.len()).finish_non_exhaustive()
    }
}
