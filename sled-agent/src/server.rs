//! The agent: builds every room, joins them, and serves. Decides nothing.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use anyhow::Context;
use berth_common::ids::{BootUuid, ClusterUuid, GenericUuid, SledUuid};
use berth_sled_agent_api::BODY_MAX_BYTES;
use berth_sled_agent_api::agent::sled_agent_api_mod::api_description;
use berth_sled_agent_api::sled::SledRegister;
use berth_transport::{Expected, Front, FrontConfig, FrontMode, KeyRing, PeerTable, mutual_client};
use dropshot::{ConfigDropshot, HttpServer, ServerBuilder};
use slog::{Logger, info, o, warn};
use tokio::task::JoinHandle;

use crate::certificate::renew_in_time;
use crate::config::Config;
use crate::host;
use crate::http::{AgentDoor, Doors};
use crate::hypervisor::Hypervisor;
use crate::ledger::entry::Entry;
use crate::ledger::{Ledger, Loaded, now_s};
use crate::network::Network;
use crate::nexus_client::NexusClient;
use crate::report::Reports;
use crate::report::reporter::Reporter;
use crate::serial::SerialArchive;
use crate::storage::Storage;
use crate::storage::images::Images;
use crate::vmms::Shared;
use crate::vmms::admission::{Addressee, Offer};
use crate::vmms::manager::Manager;

/// A running agent. Dropping it without [`Agent::close`] ends no guest either.
pub struct Agent {
    address: SocketAddr,
    advertised: String,
    manager: Arc<Manager>,
    front: Front,
    server: HttpServer<Arc<Doors>>,
    tasks: Vec<JoinHandle<()>>,
}

impl std::fmt::Debug for Agent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Agent").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Agent {
    /// Serves from now on, and recovers what the ledger holds meanwhile.
    pub async fn start(
        config: &Config,
        keys: Arc<KeyRing>,
        hypervisor: Arc<dyn Hypervisor>,
        log: &Logger,
    ) -> anyhow::Result<Agent> {
        let me = keys.identity();
        let sled = SledUuid::from_untyped_uuid(me.id);
        let log = log.new(o!("sled" => sled.to_string()));
        let boot = host::boot_id().context("the host's boot id")?;
        let nexus = Arc::new(NexusClient::new(mutual_client(&keys, Expected::any_nexus())?, &config.nexus));
        let (shared, entries) = build_shared(config, boot, sled, &nexus, hypervisor, &log)?;
        let offers = shared.storage.offers();
        let offer = Offer {
            pools: offers.iter().map(|offer| offer.pool).collect(),
            has_bridge: shared.network.has_bridge(),
            shutting_down: false,
        };
        let cluster = ClusterUuid::from_untyped_uuid(me.cluster);
        let addressee = Addressee { cluster, ledger: shared.ledger.id() };
        let capacity = config.capacity().context("the host's memory")?;
        let manager = Manager::start(shared.clone(), addressee, capacity, offer, entries);
        let needed = Arc::downgrade(&manager);
        shared.storage.images().set_in_use(Box::new(move || {
            needed.upgrade().map(|manager| manager.images_in_use()).unwrap_or_default()
        }));

        let peers = PeerTable::new();
        let doors =
            Doors { peers: peers.clone(), me, addressee, manager: manager.clone(), shared: shared.clone() };
        let server = plain_server(Arc::new(doors), &log)?;
        let bind = config.listen_address().context("`listen`")?;
        // Whoever has no certificate may ask for the health, and is refused the rest by the door.
        let front = FrontConfig::new(bind, server.local_addr(), FrontMode::OptionalClientCert);
        let front = Front::start(front, keys.clone(), peers, &log).await.map_err(anyhow::Error::from)?;
        let advertised = config.advertised(front.local_addr()).map_err(anyhow::Error::msg)?;

        let register = SledRegister {
            address: advertised.clone(),
            boot,
            ledger: shared.ledger.id(),
            version: env!("CARGO_PKG_VERSION").to_string(),
            hypervisor: shared.hypervisor.kind(),
            cpu_model: shared.hypervisor.cpu_model(),
            machine_type: shared.hypervisor.machine_type(),
            cpus: capacity.cpus,
            memory_mib: capacity.memory_mib,
            has_bridge: shared.network.has_bridge(),
            pools: offers,
        };
        let reporter = Reporter {
            nexus: nexus.clone(),
            reports: shared.reports.clone(),
            verdicts: manager.clone(),
            sled: register,
            interval: config.report_interval(),
            log: log.new(o!("room" => "report")),
        };
        let renewal = renew_in_time(keys, nexus, config.identity_dir(), log.new(o!("room" => "certificate")));
        let tasks = vec![tokio::spawn(reporter.run()), tokio::spawn(renewal)];
        info!(log, "serving"; "address" => &advertised, "ledger" => %shared.ledger.id());
        Ok(Agent { address: front.local_addr(), advertised, manager, front, server, tasks })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where nexus reaches it: `https://host:port`.
    pub fn advertised(&self) -> &str {
        &self.advertised
    }

    /// Serves no more and lets go of everything. Guests run on.
    pub async fn close(self) {
        for task in &self.tasks {
            task.abort();
        }
        let (_, closed) = tokio::join!(self.front.close(), self.server.close());
        drop(closed);
        self.manager.close().await;
    }
}

/// Everything the VMMs need, with the ledger's entries.
fn build_shared(
    config: &Config,
    boot: BootUuid,
    sled: SledUuid,
    nexus: &Arc<NexusClient>,
    hypervisor: Arc<dyn Hypervisor>,
    log: &Logger,
) -> anyhow::Result<(Arc<Shared>, Vec<Entry>)> {
    let (ledger, loaded) = Ledger::open(&config.state_dir.join("ledger"))?;
    let Loaded { entries, mut past, unreadable } = loaded;
    for what in &unreadable {
        warn!(log, "a piece of the ledger was unreadable, and is kept aside"; "what" => what);
    }
    if let Err(error) = ledger.fold(&mut past, now_s()) {
        warn!(log, "old tombstones can't be folded"; "error" => %error);
    }
    let images_dir = config.state_dir.join("images");
    let images =
        Images::open(images_dir, config.image_cache_bytes, nexus.clone(), log.new(o!("room" => "images")))
            .context("the image cache")?;
    let storage = Storage::open(&config.pools, sled, Arc::new(images), log.new(o!("room" => "storage")))?;
    let serial =
        SerialArchive::open(config.state_dir.join("serial"), log.clone()).context("the serial logs")?;
    let count = u32::try_from(entries.len()).unwrap_or(u32::MAX);
    let reports = Arc::new(Reports::new(boot, ledger.id(), count));
    let shared = Shared {
        boot,
        ledger: Arc::new(ledger),
        past: Mutex::new(past),
        reports,
        hypervisor,
        storage: Arc::new(storage),
        network: Arc::new(Network::new(config.bridge.clone())),
        serial,
        log: log.clone(),
    };
    Ok((Arc::new(shared), entries))
}

/// The plain HTTP server on loopback, behind the front.
fn plain_server(doors: Arc<Doors>, log: &Logger) -> anyhow::Result<HttpServer<Arc<Doors>>> {
    let api = api_description::<AgentDoor>().map_err(|error| anyhow::anyhow!("the API: {error:?}"))?;
    let config = ConfigDropshot {
        bind_address: (Ipv4Addr::LOCALHOST, 0).into(),
        default_request_body_max_bytes: BODY_MAX_BYTES,
        ..ConfigDropshot::default()
    };
    let server = ServerBuilder::new(api, doors, log.new(o!("room" => "http"))).config(config).start();
    server.map_err(|error| anyhow::anyhow!("the HTTP server: {error}"))
}
