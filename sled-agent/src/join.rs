//! Joining: how a host becomes a sled, once, by a one-time token.
//!
//! The key is on disk before the token is used. If the answer is lost, the same key asks again, and nexus gives the
//! same sled; a new key with a used token would be refused.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use berth_common::ids::GenericUuid;
use berth_sled_agent_api::sled::{JoinRequest, Joined};
use berth_transport::{
    ClientError, JoinKey, JoinKeyError, KeyError, KeyMaterial, KeyRing, SecretFileError, SecretPem,
    ca_client, read_secret, write_secret,
};
use camino::Utf8PathBuf;
use slog::{Logger, info, warn};

use crate::config::{Config, JoinConfig};
use crate::nexus_client::{NexusClient, NexusError};

const JOIN_KEY: &str = "join-key.pem";
/// How long to wait before nexus is asked again: doubled up to the maximum.
const RETRY_MIN: Duration = Duration::from_millis(200);
const RETRY_MAX: Duration = Duration::from_secs(5);

/// Why the host isn't a sled.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    #[error(
        "this host has no certificate, and no [join] section says how to get one; make a token with `berth sled add`"
    )]
    NotConfigured,
    #[error("{0} can't be read: {1}")]
    File(Utf8PathBuf, std::io::Error),
    #[error("nexus refuses: {0}; make a new token with `berth sled add`")]
    Refused(NexusError),
    #[error("nexus answered for another sled than it certified")]
    Inconsistent,
    #[error("the identity can't be used: {}", words(.0))]
    Key(#[from] KeyError),
    #[error(transparent)]
    JoinKey(#[from] JoinKeyError),
    #[error("the join key can't be kept: {0}")]
    Secret(#[from] SecretFileError),
    #[error("the CA can't be used: {}", words(.0))]
    Client(#[from] ClientError),
}

/// An error with its causes.
fn words(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}

/// The sled's keys: those it has, or those it gets by joining. Waits for a nexus that answers.
pub async fn keys(config: &Config, log: &Logger) -> Result<Arc<KeyRing>, JoinError> {
    match KeyMaterial::load(config.identity_dir()) {
        Ok(material) => Ok(KeyRing::new(material)),
        Err(KeyError::File(SecretFileError::Absent { .. })) => {
            let join = config.join.as_ref().ok_or(JoinError::NotConfigured)?;
            Ok(KeyRing::new(ask(config, join, log).await?))
        }
        Err(error) => Err(error.into()),
    }
}

async fn ask(config: &Config, join: &JoinConfig, log: &Logger) -> Result<KeyMaterial, JoinError> {
    let token = read(&join.token_file)?.trim().to_string();
    let ca_pem = read(&join.ca_file)?;
    let key = join_key(config)?;
    let nexus = NexusClient::new(ca_client(&ca_pem)?, &config.nexus);
    let request = JoinRequest { token, name: config.name.clone(), csr_pem: key.request_pem().to_string() };
    let joined = answer(&nexus, &request, log).await?;
    let material = key.complete(&ca_pem, &joined.certificate_pem)?;
    let identity = material.identity();
    let said = (joined.sled.into_untyped_uuid(), joined.cluster.into_untyped_uuid());
    if said != (identity.id, identity.cluster) {
        return Err(JoinError::Inconsistent);
    }
    material.store(config.identity_dir())?;
    // What is left of it would only join again as the same sled.
    drop(fs::remove_file(config.identity_dir().join(JOIN_KEY)));
    info!(log, "joined"; "sled" => %joined.sled, "cluster" => %joined.cluster);
    Ok(material)
}

/// Asks until a nexus answers; only a refusal ends it.
async fn answer(nexus: &NexusClient, request: &JoinRequest, log: &Logger) -> Result<Joined, JoinError> {
    let mut pause = RETRY_MIN;
    loop {
        match nexus.post("/internal/join", request).await {
            Ok(joined) => return Ok(joined),
            Err(error) if error.is_refusal() => return Err(JoinError::Refused(error)),
            Err(error) => {
                warn!(log, "no nexus takes this host in yet"; "error" => %error);
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(RETRY_MAX);
            }
        }
    }
}

/// The key of an earlier try, or a new one, on disk either way.
fn join_key(config: &Config) -> Result<JoinKey, JoinError> {
    match read_secret(config.identity_dir(), JOIN_KEY) {
        Ok(pem) => Ok(JoinKey::from_key(SecretPem::new(pem))?),
        Err(SecretFileError::Absent { .. }) => {
            let key = JoinKey::generate()?;
            write_secret(config.identity_dir(), JOIN_KEY, key.key_pem().expose())?;
            Ok(key)
        }
        Err(error) => Err(error.into()),
    }
}

fn read(path: &Utf8PathBuf) -> Result<String, JoinError> {
    fs::read_to_string(path).map_err(|error| JoinError::File(path.clone(), error))
}
