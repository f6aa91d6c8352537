//! The peer table: which front connection, and so which peer, stands behind a request's loopback address.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::identity::PeerIdentity;

/// Who is at the far end of a connection that came through a front.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// Somebody without a certificate: a user, or a sled about to join. Tokens tell who.
    Public { client_addr: SocketAddr },
    /// A program of this cluster, proven by its certificate.
    Mutual(PeerIdentity),
}

impl Peer {
    /// The proven identity, if there is one.
    pub fn identity(&self) -> Option<&PeerIdentity> {
        match self {
            Peer::Public { .. } => None,
            Peer::Mutual(identity) => Some(identity),
        }
    }
}

#[derive(Debug, Default)]
struct Rows {
    next_token: u64,
    by_address: HashMap<SocketAddr, (u64, Peer)>,
}

/// Shared by a front, which fills it, and the plain HTTP server behind, which asks it.
#[derive(Debug, Default)]
pub struct PeerTable {
    rows: Mutex<Rows>,
}

impl PeerTable {
    pub fn new() -> Arc<PeerTable> {
        Arc::default()
    }

    /// Who sends requests from this address of the plain server's peers. `None`: nobody a front has let in, so
    /// the request came around it and must be refused.
    pub fn lookup(&self, remote_addr: SocketAddr) -> Option<Peer> {
        self.rows().by_address.get(&canonical(remote_addr)).map(|(_, peer)| *peer)
    }

    /// Connections that stand now.
    pub fn len(&self) -> usize {
        self.rows().by_address.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Records `peer` behind `upstream_addr`, the local address of a front's loopback socket, until the returned
    /// entry is dropped. The entry must go before the socket does, or another process could get its port.
    pub fn insert(self: &Arc<Self>, upstream_addr: SocketAddr, peer: Peer) -> PeerEntry {
        let address = canonical(upstream_addr);
        let mut rows = self.rows();
        let token = rows.next_token;
        rows.next_token += 1;
        rows.by_address.insert(address, (token, peer));
        drop(rows);
        PeerEntry { table: self.clone(), address, token }
    }

    fn rows(&self) -> MutexGuard<'_, Rows> {
        // Each change is one map operation: a panic elsewhere cannot have left half of one.
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One row of the table; dropping it takes away that row and no later one of the same address.
#[derive(Debug)]
pub struct PeerEntry {
    table: Arc<PeerTable>,
    address: SocketAddr,
    token: u64,
}

impl Drop for PeerEntry {
    fn drop(&mut self) {
        if let Entry::Occupied(row) = self.table.rows().by_address.entry(self.address)
            && row.get().0 == self.token
        {
            row.remove();
        }
    }
}

/// An IPv4 address seen through an IPv6 socket is the same address.
fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

#[cfg(test)]
mod tests {
    use super::{Peer, PeerTable};

    fn public(client: &str) -> Peer {
        Peer::Public { client_addr: client.parse().expect("an address") }
    }

    #[test]
    fn an_entry_is_found_until_it_is_dropped() {
        let table = PeerTable::new();
        let address = "127.0.0.1:4000".parse().expect("an address");
        let entry = table.insert(address, public("10.0.0.1:1"));
        assert_eq!(table.lookup(address), Some(public("10.0.0.1:1")));
        drop(entry);
        assert_eq!(table.lookup(address), None);
        assert!(table.is_empty());
    }

    #[test]
    fn dropping_an_old_entry_leaves_the_new_one_of_a_reused_port() {
        let table = PeerTable::new();
        let address = "127.0.0.1:4000".parse().expect("an address");
        let old = table.insert(address, public("10.0.0.1:1"));
        let new = table.insert(address, public("10.0.0.2:2"));
        drop(old);
        assert_eq!(table.lookup(address), Some(public("10.0.0.2:2")));
        drop(new);
        assert_eq!(table.lookup(address), None);
    }

    #[test]
    fn an_address_seen_through_an_ipv6_socket_is_the_same() {
        let table = PeerTable::new();
        let _entry = table.insert("127.0.0.1:4000".parse().expect("an address"), public("10.0.0.1:1"));
        assert!(table.lookup("[::ffff:127.0.0.1]:4000".parse().expect("an address")).is_some());
        assert!(table.lookup("127.0.0.1:4001".parse().expect("an address")).is_none());
    }
}
