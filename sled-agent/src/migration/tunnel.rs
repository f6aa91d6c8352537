//! This agent's end of every tunnel: who is expected, and the way to others.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use berth_common::ids::{MigrationUuid, SledUuid};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::wire::{Header, Purpose, Welcome, hear, say};
use crate::hypervisor::migration::Stream;

/// How long a caller has for its first line, and we for the answer to ours.
const GREETING_TIMEOUT: Duration = Duration::from_secs(5);

/// How connections to other agents are made.
#[async_trait]
pub trait Way: Send + Sync + std::fmt::Debug {
    /// Connects to `address`, behind which `sled` must be, and is told who we are.
    async fn connect(&self, sled: SledUuid, address: &str) -> io::Result<Stream>;
}

/// A connection of a source that is expected.
pub struct Visitor {
    pub purpose: Purpose,
    stream: Stream,
}

impl std::fmt::Debug for Visitor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Visitor").field("purpose", &self.purpose).finish_non_exhaustive()
    }
}

impl Visitor {
    /// Lets it in.
    pub async fn take(mut self) -> io::Result<Stream> {
        say(&mut self.stream, &Welcome::Taken).await?;
        Ok(self.stream)
    }

    /// Sends it away.
    pub async fn refuse(mut self, why: &str) {
        // Whoever left already needs no reason.
        drop(say(&mut self.stream, &Welcome::Refused { why: why.to_owned() }).await);
    }
}

#[derive(Debug)]
struct Expectation {
    token: u64,
    source: SledUuid,
    visitors: mpsc::UnboundedSender<Visitor>,
}

#[derive(Debug, Default)]
struct Rows {
    next_token: u64,
    by_migration: HashMap<MigrationUuid, Expectation>,
}

/// Who is expected here, and how others are reached.
#[derive(Debug)]
pub struct Tunnel {
    way: Arc<dyn Way>,
    address: String,
    rows: Mutex<Rows>,
}

/// A migration is expected for as long as this lives.
#[derive(Debug)]
pub struct Expecting {
    tunnel: Arc<Tunnel>,
    migration: MigrationUuid,
    token: u64,
    pub visitors: mpsc::UnboundedReceiver<Visitor>,
}

impl Drop for Expecting {
    fn drop(&mut self) {
        let mut rows = self.tunnel.rows();
        if rows.by_migration.get(&self.migration).is_some_and(|row| row.token == self.token) {
            rows.by_migration.remove(&self.migration);
        }
    }
}

impl Tunnel {
    /// `address`: where other agents reach this one, `host:port`; whoever connects there is given to
    /// [`Tunnel::welcome`].
    pub fn new(way: Arc<dyn Way>, address: String) -> Arc<Tunnel> {
        Arc::new(Tunnel { way, address, rows: Mutex::default() })
    }

    /// Where sources connect, `host:port`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// From now on connections of this migration are handed over, if they come from that sled. A later expectation
    /// of the same migration takes the place of an earlier one.
    pub fn expect(self: &Arc<Self>, migration: MigrationUuid, source: SledUuid) -> Expecting {
        let (sender, visitors) = mpsc::unbounded_channel();
        let mut rows = self.rows();
        rows.next_token += 1;
        let token = rows.next_token;
        rows.by_migration.insert(migration, Expectation { token, source, visitors: sender });
        drop(rows);
        Expecting { tunnel: self.clone(), migration, token, visitors }
    }

    /// Connects to the target's agent.
    pub async fn visit(&self, target: SledUuid, address: &str, header: Header) -> io::Result<Stream> {
        let mut stream = self.way.connect(target, address).await?;
        let greeted = async {
            say(&mut stream, &header).await?;
            hear::<Welcome>(&mut stream).await
        };
        match timeout(GREETING_TIMEOUT, greeted).await.map_err(io::Error::from)?? {
            Welcome::Taken => Ok(stream),
            Welcome::Refused { why } => Err(io::Error::new(io::ErrorKind::ConnectionRefused, why)),
        }
    }

    /// Takes a connection of a sled that has proven to be `from`.
    pub async fn welcome(&self, from: SledUuid, mut stream: Stream) -> io::Result<()> {
        let header: Header =
            timeout(GREETING_TIMEOUT, hear(&mut stream)).await.map_err(io::Error::from)??;
        let visitors = self
            .rows()
            .by_migration
            .get(&header.migration)
            .filter(|row| row.source == from)
            .map(|row| row.visitors.clone());
        let visitor = Visitor { purpose: header.purpose, stream };
        // Who isn't expected doesn't learn whether somebody else is.
        let refused = match visitors {
            Some(visitors) => visitors.send(visitor).err().map(|late| late.0),
            None => Some(visitor),
        };
        if let Some(visitor) = refused {
            visitor.refuse("this migration isn't expected here").await;
        }
        Ok(())
    }

    fn rows(&self) -> MutexGuard<'_, Rows> {
        // Each change is one map operation.
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
