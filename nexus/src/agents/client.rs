//! One HTTP client per sled, kept for as long as the sled stays at its address.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use berth_common::ids::{DiskUuid, GenericUuid, LedgerUuid, PoolUuid, SledUuid, VmmUuid};
use berth_sled_agent_api::disk::{DiskAnswer, DiskDeleteQuery, DiskEnsure};
use berth_sled_agent_api::report::SledReport;
use berth_sled_agent_api::vmm::{SerialChunk, SerialQuery, VmmAnswer, VmmEndQuery, VmmEnsure, VmmStatePut};
use berth_transport::{Expected, KeyRing, mutual_client};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::error::{AgentError, with_causes};

/// How long one call may take. Registering a VMM may fetch images, which takes longer.
const CALL_TIMEOUT: Duration = Duration::from_secs(5);
const ENSURE_TIMEOUT: Duration = Duration::from_secs(120);
/// Clients kept at most; one more than this empties the pool, which only costs new handshakes.
const CLIENTS_MAX: usize = 4096;

/// Where a sled's agent is, and which memory it has.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AgentAddress {
    /// The sled; its certificate must say the same.
    pub sled: SledUuid,
    /// Its name, for messages.
    pub name: String,
    /// `https://host:port`
    pub url: String,
    /// The ledger that it named when it registered.
    pub ledger: LedgerUuid,
}

/// Clients of all sleds.
#[derive(Debug)]
pub struct Agents {
    keys: Arc<KeyRing>,
    clients: Mutex<HashMap<(SledUuid, String), reqwest::Client>>,
}

/// Shape of an agent's error body.
#[derive(Deserialize)]
struct ErrorBody {
    error_code: Option<String>,
    message: String,
}

impl Agents {
    /// Clients that show the certificate `keys` holds.
    pub fn new(keys: Arc<KeyRing>) -> Agents {
        Agents { keys, clients: Mutex::new(HashMap::new()) }
    }

    /// See `SledAgentApi::vmm_ensure`.
    pub async fn vmm_ensure(
        &self,
        to: &AgentAddress,
        vmm: VmmUuid,
        body: &VmmEnsure,
    ) -> Result<VmmAnswer, AgentError> {
        let request = self.request(to, Method::PUT, &format!("vmms/{vmm}"))?;
        send(request.json(body).timeout(ENSURE_TIMEOUT)).await
    }

    /// See `SledAgentApi::vmm_put_state`.
    pub async fn vmm_put_state(
        &self,
        to: &AgentAddress,
        vmm: VmmUuid,
        body: &VmmStatePut,
    ) -> Result<VmmAnswer, AgentError> {
        send(self.request(to, Method::PUT, &format!("vmms/{vmm}/state"))?.json(body)).await
    }

    /// See `SledAgentApi::vmm_end`.
    pub async fn vmm_end(
        &self,
        to: &AgentAddress,
        vmm: VmmUuid,
        query: &VmmEndQuery,
    ) -> Result<VmmAnswer, AgentError> {
        send(self.request(to, Method::DELETE, &format!("vmms/{vmm}"))?.query(query)).await
    }

    /// See `SledAgentApi::vmm_list`.
    pub async fn vmm_list(&self, to: &AgentAddress) -> Result<SledReport, AgentError> {
        send(self.request(to, Method::GET, "vmms")?).await
    }

    /// See `SledAgentApi::vmm_serial`.
    pub async fn vmm_serial(
        &self,
        to: &AgentAddress,
        vmm: VmmUuid,
        query: &SerialQuery,
    ) -> Result<SerialChunk, AgentError> {
        send(self.request(to, Method::GET, &format!("vmms/{vmm}/serial"))?.query(query)).await
    }

    /// See `SledAgentApi::disk_ensure`.
    pub async fn disk_ensure(
        &self,
        to: &AgentAddress,
        pool: PoolUuid,
        disk: DiskUuid,
        body: &DiskEnsure,
    ) -> Result<DiskAnswer, AgentError> {
        send(self.request(to, Method::PUT, &format!("pools/{pool}/disks/{disk}"))?.json(body)).await
    }

    /// See `SledAgentApi::disk_delete`.
    pub async fn disk_delete(
        &self,
        to: &AgentAddress,
        pool: PoolUuid,
        disk: DiskUuid,
        query: &DiskDeleteQuery,
    ) -> Result<DiskAnswer, AgentError> {
        send(self.request(to, Method::DELETE, &format!("pools/{pool}/disks/{disk}"))?.query(query)).await
    }

    fn request(&self, to: &AgentAddress, method: Method, path: &str) -> Result<RequestBuilder, AgentError> {
        let client = self.client(to)?;
        Ok(client.request(method, format!("{}/{path}", to.url.trim_end_matches('/'))).timeout(CALL_TIMEOUT))
    }

    fn client(&self, to: &AgentAddress) -> Result<reqwest::Client, AgentError> {
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
            .map_err(|error| AgentError::Unknown(format!("no client: {}", with_causes(&error))))?;
        clients.insert(key, client.clone());
        Ok(client)
    }
}

async fn send<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, AgentError> {
    let unknown = |error: reqwest::Error| AgentError::Unknown(with_causes(&error.without_url()));
    let response = request.send().await.map_err(unknown)?;
    let status = response.status();
    if status.is_success() {
        return response.json().await.map_err(unknown);
    }
    let body = response.json::<ErrorBody>().await.map_err(unknown)?;
    // Only a named refusal with its own status is a refusal; whatever else came back tells nothing for certain.
    match body.error_code.as_deref().map(str::parse) {
        Some(Ok(denial)) if status == StatusCode::CONFLICT => {
            Err(AgentError::Denied { denial, message: body.message })
        }
        _ => Err(AgentError::Unknown(format!("{status}: {}", body.message))),
    }
}
