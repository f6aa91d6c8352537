//! What carries a request to an agent: mutual TLS, or whatever a simulated cluster puts in its place.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use berth_common::ids::{GenericUuid, SledUuid};
use berth_transport::{Expected, KeyRing, mutual_client, mutual_upgrade_client};
use reqwest::{Request, Response};

use super::client::AgentAddress;
use super::error::with_causes;

/// Clients kept at most; one more than this empties the pool, which only costs new handshakes.
const CLIENTS_MAX: usize = 4096;

/// The way to all agents. An error says, in words, why there is no answer: the request may have arrived or not.
#[async_trait]
pub trait Wire: Send + Sync + std::fmt::Debug {
    /// Carries one request there and its answer back, within the request's own limit.
    async fn carry(&self, to: &AgentAddress, request: Request) -> Result<Response, String>;

    /// Carries a request that asks to become a websocket, over a connection of its own. Not every wire can.
    async fn carry_upgrade(&self, to: &AgentAddress, request: Request) -> Result<Response, String> {
        let _ = request;
        Err(format!("nothing here carries a stream to sled {}", to.name))
    }
}

/// HTTP over mutual TLS: one client per sled, kept for as long as the sled stays at its address.
#[derive(Debug)]
pub(super) struct Tls {
    keys: Arc<KeyRing>,
    clients: Mutex<HashMap<(SledUuid, String), reqwest::Client>>,
}

impl Tls {
    pub(super) fn new(keys: Arc<KeyRing>) -> Tls {
        Tls { keys, clients: Mutex::new(HashMap::new()) }
    }

    fn client(&self, to: &AgentAddress) -> Result<reqwest::Client, String> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (to.sled, to.url.clone());
        if let Some(client) = clients.get(&key) {
            return Ok(client.clone());
        }
        if clients.len() >= CLIENTS_MAX {
            clients.clear();
        }
        let expected = Expected::sled(to.sled.into_untyped_uuid());
        let client = mutual_client(&self.keys, expected)
            .map_err(|error| format!("no client: {}", with_causes(&error)))?;
        clients.insert(key, client.clone());
        Ok(client)
    }
}

#[async_trait]
impl Wire for Tls {
    async fn carry(&self, to: &AgentAddress, request: Request) -> Result<Response, String> {
        let answered = self.client(to)?.execute(request).await;
        answered.map_err(|error| with_causes(&error.without_url()))
    }

    async fn carry_upgrade(&self, to: &AgentAddress, request: Request) -> Result<Response, String> {
        let expected = Expected::sled(to.sled.into_untyped_uuid());
        let client = mutual_upgrade_client(&self.keys, expected)
            .map_err(|error| format!("no client: {}", with_causes(&error)))?;
        client.execute(request).await.map_err(|error| with_causes(&error.without_url()))
    }
}
