//! What can be asked of an agent, as typed calls over a [`Wire`].

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use berth_common::ids::{DiskUuid, LedgerUuid, PoolUuid, SledUuid, VmmUuid};
use berth_common::refusal::Denial;
use berth_sled_agent_api::console::ConsoleQuery;
use berth_sled_agent_api::disk::{DiskAnswer, DiskDeleteQuery, DiskEnsure};
use berth_sled_agent_api::migration::MigrationPut;
use berth_sled_agent_api::report::SledReport;
use berth_sled_agent_api::vmm::{SerialChunk, SerialQuery, VmmAnswer, VmmEndQuery, VmmEnsure, VmmStatePut};
use berth_transport::KeyRing;
use reqwest::{Method, Request, RequestBuilder, StatusCode, header};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::error::{AgentError, with_causes};
use super::wire::{Tls, Wire};

/// How long one call may take. Registering a VMM may fetch images, which takes longer.
const CALL_TIMEOUT: Duration = Duration::from_secs(5);
const ENSURE_TIMEOUT: Duration = Duration::from_secs(120);

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
    wire: Arc<dyn Wire>,
    /// Only makes requests; the wire carries them.
    maker: reqwest::Client,
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
        Agents::over(Arc::new(Tls::new(keys)))
    }

    /// The same calls over another wire: for simulated clusters.
    pub fn over(wire: Arc<dyn Wire>) -> Agents {
        // It needs no certificates, and so looks for none.
        Agents { wire, maker: reqwest::Client::builder().tls_certs_only([]).build().unwrap_or_default() }
    }

    /// See `SledAgentApi::vmm_ensure`.
    pub async fn vmm_ensure(
        &self,
        to: &AgentAddress,
        vmm: VmmUuid,
        body: &VmmEnsure,
    ) -> Result<VmmAnswer, AgentError> {
        let request = self.request(to, Method::PUT, &format!("vmms/{vmm}"))?;
        self.send(to, request.json(body).timeout(ENSURE_TIMEOUT)).await
    }

    /// See `SledAgentApi::vmm_put_state`.
    pub async fn vmm_put_state(
        &self,
        to: &AgentAddress,
        vmm: VmmUuid,
        body: &VmmStatePut,
    ) -> Result<VmmAnswer, AgentError> {
        self.send(to, self.request(to, Method::PUT, &format!("vmms/{vmm}/state"))?.json(body)).await
    }

    /// See `SledAgentApi::vmm_put_migration`.
    pub async fn vmm_put_migration(
        &self,
        to: &AgentAddress,
        vmm: VmmUuid,
        body: &MigrationPut,
    ) -> Result<VmmAnswer, AgentError> {
        self.send(to, self.request(to, Method::PUT, &format!("vmms/{vmm}/migration"))?.json(body)).await
    }

    /// See `SledAgentApi::vmm_end`.
    pub async fn vmm_end(
        &self,
        to: &AgentAddress,
        vmm: VmmUuid,
        query: &VmmEndQuery,
    ) -> Result<VmmAnswer, AgentError> {
        self.send(to, self.request(to, Method::DELETE, &format!("vmms/{vmm}"))?.query(query)).await
    }

    /// See `SledAgentApi::vmm_list`.
    pub async fn vmm_list(&self, to: &AgentAddress) -> Result<SledReport, AgentError> {
        self.send(to, self.request(to, Method::GET, "vmms")?).await
    }

    /// See `SledAgentApi::metrics`.
    pub async fn metrics(&self, to: &AgentAddress) -> Result<String, AgentError> {
        let request = self.request(to, Method::GET, "metrics")?.build().map_err(unknown)?;
        let response = self.wire.carry(to, request).await.map_err(AgentError::Unknown)?;
        accepted(response).await?.text().await.map_err(unknown)
    }

    /// See `SledAgentApi::vmm_serial`.
    pub async fn vmm_serial(
        &self,
        to: &AgentAddress,
        vmm: VmmUuid,
        query: &SerialQuery,
    ) -> Result<SerialChunk, AgentError> {
        self.send(to, self.request(to, Method::GET, &format!("vmms/{vmm}/serial"))?.query(query)).await
    }

    /// See `SledAgentApi::vmm_console`: the connection, which is a websocket by then.
    pub async fn vmm_console(
        &self,
        to: &AgentAddress,
        vmm: VmmUuid,
        query: &ConsoleQuery,
    ) -> Result<reqwest::Upgraded, AgentError> {
        let ask = self.request(to, Method::GET, &format!("vmms/{vmm}/console"))?.query(query);
        let ask = ask
            .header(header::CONNECTION, "Upgrade")
            .header(header::UPGRADE, "websocket")
            .header(header::SEC_WEBSOCKET_VERSION, "13")
            .header(header::SEC_WEBSOCKET_KEY, STANDARD.encode(rand::random::<[u8; 16]>()));
        let request = ask.build().map_err(unknown)?;
        let response = self.wire.carry_upgrade(to, request).await.map_err(AgentError::Unknown)?;
        if response.status() == StatusCode::SWITCHING_PROTOCOLS {
            return response.upgrade().await.map_err(unknown);
        }
        if response.status() == StatusCode::NOT_FOUND {
            let message = "no log of it is kept".to_string();
            return Err(AgentError::Denied { denial: Denial::NotRegistered, message });
        }
        let status = response.status();
        let body = response.json::<ErrorBody>().await.map_err(unknown)?;
        Err(AgentError::Unknown(format!("{status}: {}", body.message)))
    }

    /// See `SledAgentApi::disk_ensure`.
    pub async fn disk_ensure(
        &self,
        to: &AgentAddress,
        pool: PoolUuid,
        disk: DiskUuid,
        body: &DiskEnsure,
    ) -> Result<DiskAnswer, AgentError> {
        self.send(to, self.request(to, Method::PUT, &format!("pools/{pool}/disks/{disk}"))?.json(body)).await
    }

    /// See `SledAgentApi::disk_delete`.
    pub async fn disk_delete(
        &self,
        to: &AgentAddress,
        pool: PoolUuid,
        disk: DiskUuid,
        query: &DiskDeleteQuery,
    ) -> Result<DiskAnswer, AgentError> {
        self.send(to, self.request(to, Method::DELETE, &format!("pools/{pool}/disks/{disk}"))?.query(query))
            .await
    }

    fn request(&self, to: &AgentAddress, method: Method, path: &str) -> Result<RequestBuilder, AgentError> {
        let url = format!("{}/{path}", to.url.trim_end_matches('/'));
        let url =
            url.parse().map_err(|error| AgentError::Unknown(format!("{url} is no address: {error}")))?;
        let request = RequestBuilder::from_parts(self.maker.clone(), Request::new(method, url));
        Ok(request.timeout(CALL_TIMEOUT))
    }

    async fn send<T: DeserializeOwned>(
        &self,
        to: &AgentAddress,
        request: RequestBuilder,
    ) -> Result<T, AgentError> {
        let request = request.build().map_err(unknown)?;
        let response = self.wire.carry(to, request).await.map_err(AgentError::Unknown)?;
        understood(response).await
    }
}

fn unknown(error: reqwest::Error) -> AgentError {
    AgentError::Unknown(with_causes(&error.without_url()))
}

async fn understood<T: DeserializeOwned>(response: reqwest::Response) -> Result<T, AgentError> {
    accepted(response).await?.json().await.map_err(unknown)
}

/// An answer that isn't a refusal.
async fn accepted(response: reqwest::Response) -> Result<reqwest::Response, AgentError> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
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
