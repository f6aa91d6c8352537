//! The way to nexus: any of its replicas will do, and the one that failed is left for the next.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use berth_common::ids::ImageUuid;
use berth_common::storage::ImagePart;
use reqwest::{Request, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// How long one nexus may take for one request before another is asked.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(4);
/// How long the whole of an image's file may take.
const IMAGE_TIMEOUT: Duration = Duration::from_secs(3600);
/// Longest error text that is kept of an answer.
const MESSAGE_MAX_CHARS: usize = 500;

/// Why nexus has not answered as hoped.
#[derive(Debug, thiserror::Error)]
pub enum NexusError {
    #[error("{address} can't be reached: {}", root_cause(source.as_ref()))]
    Unreachable { address: String, source: WireError },
    #[error("{address} refused ({status}, {code}): {message}")]
    Refused { address: String, status: u16, code: String, message: String },
    #[error("{address} answered what isn't understood: {source}")]
    Unintelligible { address: String, source: reqwest::Error },
}

/// The innermost words: the outer ones only say that a request failed.
fn root_cause(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

impl NexusError {
    /// Whether nexus understood and said no: asking again, or elsewhere, won't help.
    pub fn is_refusal(&self) -> bool {
        matches!(self, NexusError::Refused { status: 400..=499, .. })
    }
}

/// Why a request got no answer.
pub type WireError = Box<dyn std::error::Error + Send + Sync>;

/// What carries a request to nexus: mutual TLS, or whatever a simulated cluster puts in its place.
#[async_trait]
pub trait Wire: Send + Sync + std::fmt::Debug {
    /// Carries it there and the answer back, within the request's own limit.
    async fn carry(&self, request: Request) -> Result<Response, WireError>;
}

#[async_trait]
impl Wire for reqwest::Client {
    async fn carry(&self, request: Request) -> Result<Response, WireError> {
        Ok(self.execute(request).await?)
    }
}

#[derive(Debug)]
struct Addresses {
    configured: Vec<String>,
    learned: Vec<String>,
    current: String,
}

impl Addresses {
    /// The one after the current one, learned ones first: configured ones are how the first nexus is found, and
    /// what is left when all learned ones are gone.
    fn rotate(&mut self) {
        let mut all: Vec<&String> = self.learned.iter().collect();
        all.extend(self.configured.iter().filter(|address| !self.learned.contains(address)));
        let at = all.iter().position(|address| **address == self.current);
        if let Some(next) = all.get(at.map_or(0, |at| (at + 1) % all.len())) {
            self.current = (*next).clone();
        }
    }
}

/// A client of all nexus.
#[derive(Debug)]
pub struct NexusClient {
    /// Makes requests, and carries them where no other wire does.
    http: reqwest::Client,
    wire: Option<Arc<dyn Wire>>,
    addresses: Mutex<Addresses>,
}

impl NexusClient {
    /// `addresses`: `https://host:port` each, at least one. Which is asked first is left to chance, so that sleds
    /// spread over the replicas.
    pub fn new(http: reqwest::Client, addresses: &[String]) -> NexusClient {
        let configured: Vec<String> = addresses.iter().map(|address| normal(address)).collect();
        let first = if configured.is_empty() { 0 } else { rand::random_range(0..configured.len()) };
        let current = configured.get(first).cloned().unwrap_or_default();
        let addresses = Mutex::new(Addresses { configured, learned: Vec::new(), current });
        NexusClient { http, wire: None, addresses }
    }

    /// The same over another wire: for simulated clusters.
    pub fn over(wire: Arc<dyn Wire>, addresses: &[String]) -> NexusClient {
        // It only makes requests: it needs no certificates, and so looks for none.
        let maker = reqwest::Client::builder().tls_certs_only([]).build().unwrap_or_default();
        NexusClient { wire: Some(wire), ..NexusClient::new(maker, addresses) }
    }

    /// Whom the next request goes to.
    pub fn current(&self) -> String {
        self.addresses().current.clone()
    }

    /// Remembers the addresses that nexus named.
    pub fn learn(&self, learned: &[String]) {
        if !learned.is_empty() {
            self.addresses().learned = learned.iter().map(|address| normal(address)).collect();
        }
    }

    /// How many addresses are known.
    pub fn known(&self) -> usize {
        let addresses = self.addresses();
        let more = addresses.configured.iter().filter(|address| !addresses.learned.contains(address)).count();
        addresses.learned.len() + more
    }

    /// Posts to the current nexus. After a failure that isn't a refusal the next call goes to another.
    pub async fn post<Answer: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<Answer, NexusError> {
        let address = self.current();
        let request = self.http.post(format!("{address}{path}")).json(body).timeout(REQUEST_TIMEOUT);
        let answered = self.send(&address, request).await?;
        answered.json().await.map_err(|source| {
            self.leave(&address);
            NexusError::Unintelligible { address, source }
        })
    }

    /// Posts what needs no answer but that it was taken.
    pub async fn tell(&self, path: &str, body: &impl Serialize) -> Result<(), NexusError> {
        let address = self.current();
        let request = self.http.post(format!("{address}{path}")).json(body).timeout(REQUEST_TIMEOUT);
        self.send(&address, request).await.map(drop)
    }

    /// Begins to fetch an image's file, from whichever nexus answers.
    pub async fn image(&self, image: ImageUuid, part: ImagePart) -> Result<Response, NexusError> {
        let mut tries = self.known().max(1);
        loop {
            let address = self.current();
            let url = format!("{address}/internal/images/{image}/{part}");
            tries -= 1;
            match self.send(&address, self.http.get(url).timeout(IMAGE_TIMEOUT)).await {
                Err(error) if tries == 0 || error.is_refusal() => return Err(error),
                Err(_) => {}
                Ok(response) => return Ok(response),
            }
        }
    }

    async fn send(&self, address: &str, request: reqwest::RequestBuilder) -> Result<Response, NexusError> {
        let carried = match request.build() {
            Ok(request) => self.wire.as_deref().unwrap_or(&self.http).carry(request).await,
            Err(error) => Err(error.into()),
        };
        let response = carried.map_err(|source| {
            self.leave(address);
            NexusError::Unreachable { address: address.to_string(), source }
        })?;
        if response.status().is_success() {
            return Ok(response);
        }
        let error = refusal(address, response).await;
        if !error.is_refusal() {
            self.leave(address);
        }
        Err(error)
    }

    /// Turns to another nexus, unless somebody else has done so already.
    fn leave(&self, address: &str) {
        let mut addresses = self.addresses();
        if addresses.current == address {
            addresses.rotate();
        }
    }

    fn addresses(&self) -> MutexGuard<'_, Addresses> {
        // Each change is one assignment.
        self.addresses.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn normal(address: &str) -> String {
    address.trim_end_matches('/').to_string()
}

/// Reads the error body every Berth server sends.
async fn refusal(address: &str, response: reqwest::Response) -> NexusError {
    #[derive(serde::Deserialize)]
    struct ErrorBody {
        error_code: Option<String>,
        message: String,
    }
    let status = response.status().as_u16();
    let text = response.text().await.unwrap_or_default();
    let (code, message) = match serde_json::from_str::<ErrorBody>(&text) {
        Ok(body) => (body.error_code.unwrap_or_default(), body.message),
        Err(_) => (String::new(), text),
    };
    let message = message.chars().take(MESSAGE_MAX_CHARS).collect();
    NexusError::Refused { address: address.to_string(), status, code, message }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(addresses: &[&str]) -> NexusClient {
        let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
        NexusClient::new(reqwest::Client::new(), &addresses)
    }

    #[test]
    fn leaving_goes_round_all_that_are_known() {
        let client = client(&["https://a:1/", "https://b:1"]);
        client.learn(&["https://c:1".to_string(), "https://a:1".to_string()]);
        assert_eq!(client.known(), 3);
        let mut seen = Vec::new();
        for _ in 0..3 {
            let current = client.current();
            client.leave(&current);
            seen.push(current);
        }
        seen.sort();
        assert_eq!(seen, ["https://a:1", "https://b:1", "https://c:1"]);
    }

    #[test]
    fn two_failures_of_one_nexus_leave_it_once() {
        let client = client(&["https://a:1", "https://b:1", "https://c:1"]);
        let failed = client.current();
        client.leave(&failed);
        let next = client.current();
        client.leave(&failed);
        assert_eq!(client.current(), next);
    }

    #[test]
    fn a_learned_list_without_the_current_one_doesnt_strand_it() {
        let client = client(&["https://a:1"]);
        client.learn(&["https://b:1".to_string()]);
        assert_eq!(client.current(), "https://a:1", "what works is kept");
        client.leave("https://a:1");
        assert_eq!(client.current(), "https://b:1");
    }
}
