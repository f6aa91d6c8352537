//! Ways between agents of one process: for simulated clusters. What is cut here fails as a broken network does.

use std::collections::{HashMap, HashSet};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use async_trait::async_trait;
use berth_common::ids::SledUuid;

use super::tunnel::{Tunnel, Way};
use crate::hypervisor::migration::Stream;

/// Bytes under way in one direction.
const UNDER_WAY_BYTES: usize = 64 * 1024;

#[derive(Debug, Default)]
struct Map {
    ends: HashMap<SledUuid, Weak<Tunnel>>,
    cut: HashSet<SledUuid>,
}

/// All ways of one simulated cluster.
#[derive(Clone, Debug, Default)]
pub struct Roads(Arc<Mutex<Map>>);

#[derive(Debug)]
struct Road {
    roads: Roads,
    from: SledUuid,
}

impl Roads {
    /// This sled's end; a former one of the same sled is reached no more.
    pub fn tunnel(&self, sled: SledUuid) -> Arc<Tunnel> {
        let road = Road { roads: self.clone(), from: sled };
        let tunnel = Tunnel::new(Arc::new(road), format!("{sled}:0"));
        self.map().ends.insert(sled, Arc::downgrade(&tunnel));
        tunnel
    }

    /// New connections from and to this sled fail, or not any more.
    pub fn cut(&self, sled: SledUuid, cut: bool) {
        let mut map = self.map();
        if cut {
            map.cut.insert(sled)
        } else {
            map.cut.remove(&sled)
        };
    }

    fn map(&self) -> MutexGuard<'_, Map> {
        // Each change is one map operation.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Way for Road {
    async fn connect(&self, sled: SledUuid, _address: &str) -> io::Result<Stream> {
        let end = {
            let map = self.roads.map();
            let open = !map.cut.contains(&sled) && !map.cut.contains(&self.from);
            map.ends.get(&sled).and_then(Weak::upgrade).filter(|_| open)
        };
        let end = end.ok_or_else(|| io::Error::from(io::ErrorKind::ConnectionRefused))?;
        let (ours, theirs) = tokio::io::duplex(UNDER_WAY_BYTES);
        let from = self.from;
        tokio::spawn(async move { end.welcome(from, Box::new(theirs)).await });
        Ok(Box::new(ours))
    }
}
