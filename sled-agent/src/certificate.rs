//! The certificate's renewal: a new key and certificate when two thirds of the old one's life are over.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use berth_sled_agent_api::sled::{RenewCertificate, RenewedCertificate};
use berth_transport::{JoinKey, KeyRing};
use camino::Utf8PathBuf;
use slog::{Logger, info, warn};

use crate::nexus_client::NexusClient;

/// How often the certificate's age is looked at, and a failed renewal tried again: a third of its life is left.
const LOOK_EVERY: Duration = Duration::from_secs(600);

/// Renews until it is dropped.
pub async fn renew_in_time(keys: Arc<KeyRing>, nexus: Arc<NexusClient>, dir: Utf8PathBuf, log: Logger) {
    loop {
        if keys.current().needs_rotation(SystemTime::now()) {
            match renew(&keys, &nexus, &dir).await {
                Ok(()) => info!(log, "certificate renewed"),
                Err(error) => {
                    warn!(log, "the certificate can't be renewed yet"; "error" => %format!("{error:#}"))
                }
            }
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn renew(keys: &Arc<KeyRing>, nexus: &NexusClient, dir: &Utf8PathBuf) -> anyhow::Result<()> {
    let key = JoinKey::generate()?;
    let request = RenewCertificate { csr_pem: key.request_pem().to_string() };
    let renewed: RenewedCertificate = nexus.post("/internal/certificate", &request).await?;
    let material = key.complete(keys.current().ca_pem(), &renewed.certificate_pem)?;
    // On disk first: a restart must find what peers have seen last.
    if material.identity() != keys.identity() {
        anyhow::bail!("nexus sent the certificate of {}", material.identity());
    }
    material.store(dir)?;
    keys.replace(material)?;
    Ok(())
}
