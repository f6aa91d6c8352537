//! Ways between agents of one process: for simulated clusters. What is cut here fails as a broken network does, and an
//! agent that is over can say nothing any more, however much of it still runs in this process.

mod half;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use async_trait::async_trait;
use berth_common::ids::SledUuid;

use self::half::{Breaker, Half};
use super::tunnel::{Tunnel, Way};
use crate::hypervisor::migration::Stream;

/// Bytes under way in one direction.
const UNDER_WAY_BYTES: usize = 64 * 1024;

/// One agent's life: the next agent of the same sled has another number.
type Life = u64;

/// A stream that somebody may still hold.
#[derive(Debug)]
struct Open {
    ends: [(Life, SledUuid, Breaker); 2],
}

#[derive(Debug, Default)]
struct Map {
    lives: Life,
    /// The present agent of each sled.
    ends: BTreeMap<SledUuid, (Life, Weak<Tunnel>)>,
    cut: BTreeSet<SledUuid>,
    open: Vec<Open>,
}

/// All ways of one simulated cluster.
#[derive(Clone, Debug, Default)]
pub struct Roads(Arc<Mutex<Map>>);

#[derive(Debug)]
struct Road {
    roads: Roads,
    life: Life,
    from: SledUuid,
}

impl Roads {
    /// This sled's end; a former one of the same sled is over.
    pub fn tunnel(&self, sled: SledUuid) -> Arc<Tunnel> {
        self.end(sled);
        let mut map = self.map();
        map.lives += 1;
        let life = map.lives;
        let road = Road { roads: self.clone(), life, from: sled };
        let tunnel = Tunnel::new(Arc::new(road), format!("{sled}:0"));
        map.ends.insert(sled, (life, Arc::downgrade(&tunnel)));
        tunnel
    }

    /// The agent of this sled dies: it connects nowhere, and isn't reached. Its halves of streams fail at once; the
    /// other halves end when what it had said is read.
    pub fn end(&self, sled: SledUuid) {
        let broken: Vec<Breaker> = {
            let mut map = self.map();
            let Some((dead, _)) = map.ends.remove(&sled) else { return };
            let halves = map.open.iter().flat_map(|open| &open.ends);
            halves.filter(|(life, ..)| *life == dead).map(|(.., half)| half.clone()).collect()
        };
        broken.iter().for_each(Breaker::break_off);
    }

    /// Every stream from and to this sled breaks, with what was under way in it, and new connections fail; or they don't
    /// any more.
    pub fn cut(&self, sled: SledUuid, cut: bool) {
        let broken: Vec<Breaker> = {
            let mut map = self.map();
            if !cut {
                map.cut.remove(&sled);
                return;
            }
            map.cut.insert(sled);
            let touching = map.open.iter().filter(|open| open.ends.iter().any(|(_, end, _)| *end == sled));
            touching.flat_map(|open| &open.ends).map(|(.., half)| half.clone()).collect()
        };
        broken.iter().for_each(Breaker::break_off);
    }

    /// The tunnel that a connection comes to, and our half and its half of the stream.
    fn connect(&self, road: &Road, to: SledUuid) -> Option<(Arc<Tunnel>, Half, Half)> {
        let mut map = self.map();
        let alive = map.ends.get(&road.from).is_some_and(|(life, _)| *life == road.life);
        if !alive || map.cut.contains(&to) || map.cut.contains(&road.from) {
            return None;
        }
        let (life, tunnel) = map.ends.get(&to)?;
        let (life, tunnel) = (*life, tunnel.upgrade()?);
        let (ours, theirs) = tokio::io::duplex(UNDER_WAY_BYTES);
        let (ours, theirs) = (Half::new(ours), Half::new(theirs));
        map.open.retain(|open| open.ends.iter().any(|(.., half)| half.is_held()));
        let ends = [(road.life, road.from, ours.breaker()), (life, to, theirs.breaker())];
        map.open.push(Open { ends });
        Some((tunnel, ours, theirs))
    }

    fn map(&self) -> MutexGuard<'_, Map> {
        // Nothing that could panic stands between the changes that belong together.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Way for Road {
    async fn connect(&self, sled: SledUuid, _address: &str) -> io::Result<Stream> {
        let connected = self.roads.connect(self, sled);
        let (end, ours, theirs) =
            connected.ok_or_else(|| io::Error::from(io::ErrorKind::ConnectionRefused))?;
        let from = self.from;
        tokio::spawn(async move { end.welcome(from, Box::new(theirs)).await });
        Ok(Box::new(ours))
    }
}
