//! The rooms that a shutdown needs when no agent lives: ledger, shims, taps. No door, no pool, no nexus; what is on
//! the guests' own storage isn't touched, because that may be what has failed.

use std::sync::Arc;

use anyhow::Context;
use berth_common::ids::{ClusterUuid, GenericUuid, SledUuid};
use berth_transport::{Expected, KeyMaterial, KeyRing, mutual_client};
use slog::{Logger, o, warn};

use super::Shutdown;
use super::announce::Announcer;
use crate::config::{Config, HypervisorChoice};
use crate::host;
use crate::hypervisor::Hypervisor;
use crate::hypervisor::qemu::Qemu;
use crate::hypervisor::simulated::{Simulated, SimulatedClock};
use crate::migration::roads::Roads;
use crate::nexus_client::NexusClient;
use crate::rooms::{Identity, build_shared};
use crate::vmms::admission::{Addressee, Offer};
use crate::vmms::manager::Manager;

/// Opens them. The ledger's lock must be held.
///
/// # Errors
/// In words, when the ledger can't be read at all.
pub fn open(config: &Config, log: &Logger) -> anyhow::Result<Arc<Shutdown>> {
    let boot = host::boot_id().context("the host's boot id")?;
    let hypervisor: Arc<dyn Hypervisor> = match config.hypervisor {
        HypervisorChoice::Simulated => Arc::new(Simulated::open(&config.run_dir, SimulatedClock::begin())?),
        HypervisorChoice::Qemu => Arc::new(Qemu::to_end_only(&config.run_dir, log.clone())?),
    };
    let nowhere = Arc::new(NexusClient::new(reqwest::Client::new(), &[]));
    let without_pools = Config { pools: Vec::new(), ..config.clone() };
    let nobody = SledUuid::from_untyped_uuid(uuid::Uuid::nil());
    let me = Identity { sled: nobody, cluster: ClusterUuid::from_untyped_uuid(uuid::Uuid::nil()), boot };
    // Nothing migrates from or to a host that goes.
    let no_way = Roads::default().tunnel(nobody);
    let (shared, entries) = build_shared(&without_pools, me, &nowhere, hypervisor, no_way, log)?;
    shared.refuse_new_work();
    let ledger = shared.ledger.id();
    let addressee = Addressee { cluster: ClusterUuid::from_untyped_uuid(uuid::Uuid::nil()), ledger };
    let offer = Offer { shutting_down: true, ..Offer::default() };
    let manager = Manager::start(shared.clone(), addressee, offer, entries);
    let log = log.new(o!("room" => "shutdown"));
    Ok(Shutdown::new(config.state_dir.clone(), shared, manager, announcer(config, &log), log))
}

/// A host that never was a sled, or whose keys can't be read, has nobody to tell.
fn announcer(config: &Config, log: &Logger) -> Option<Announcer> {
    let client = KeyMaterial::load(config.identity_dir())
        .map_err(anyhow::Error::from)
        .and_then(|material| Ok(mutual_client(&KeyRing::new(material), Expected::any_nexus())?));
    match client {
        Ok(client) => Some(Announcer::new(Arc::new(NexusClient::new(client, &config.nexus)))),
        Err(error) => {
            warn!(log, "nexus can't be told that this host is being shut down"; "error" => %error);
            None
        }
    }
}
