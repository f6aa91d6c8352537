//! The agent: builds every room, joins them, and serves. Decides nothing.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use anyhow::Context;
use berth_common::ids::{ClusterUuid, GenericUuid, SledUuid};
use berth_sled_agent_api::BODY_MAX_BYTES;
use berth_sled_agent_api::agent::sled_agent_api_mod::api_description;
use berth_transport::{Expected, Front, FrontConfig, FrontMode, KeyRing, PeerTable, mutual_client};
use dropshot::{ConfigDropshot, HttpServer, ServerBuilder};
use slog::{Logger, info, o};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use crate::certificate::renew_in_time;
use crate::config::Config;
use crate::host;
use crate::http::{AgentDoor, Doors};
use crate::hypervisor::Hypervisor;
use crate::migration::tls::TlsDoor;
use crate::nexus_client::NexusClient;
use crate::rooms::{Identity, Rooms};
use crate::serial::console::SESSIONS_MAX;
use crate::shutdown::announce::Announcer;
use crate::shutdown::{Shutdown, door};
use crate::tally::Tally;
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
        let migration_bind = config.migration_listen_address().context("`migration_listen`")?;
        let migrations = TlsDoor::bind(keys.clone(), migration_bind).await.context("`migration_listen`")?;
        let bound = migrations.local_addr().context("`migration_listen`")?;
        let tunnel = migrations.tunnel(config.migration_advertised(bound).map_err(anyhow::Error::msg)?);
        let rooms = Rooms::open(
            config,
            Identity { sled, cluster: ClusterUuid::from_untyped_uuid(me.cluster), boot },
            nexus.clone(),
            hypervisor,
            tunnel.clone(),
            &log,
        )?;

        let peers = PeerTable::new();
        let doors = Doors {
            peers: peers.clone(),
            me,
            addressee: rooms.addressee,
            manager: rooms.manager.clone(),
            shared: rooms.shared.clone(),
            consoles: Arc::new(Semaphore::new(SESSIONS_MAX)),
            denied: Tally::default(),
        };
        let server = plain_server(Arc::new(doors), &log)?;
        let bind = config.listen_address().context("`listen`")?;
        // Whoever has no certificate may ask for the health, and is refused the rest by the door.
        let front = FrontConfig::new(bind, server.local_addr(), FrontMode::OptionalClientCert);
        let front = Front::start(front, keys.clone(), peers, &log).await.map_err(anyhow::Error::from)?;
        let advertised = config.advertised(front.local_addr()).map_err(anyhow::Error::msg)?;

        let reporter = rooms.reporter(config, &advertised, &log);
        let announcer = Announcer::new(nexus.clone());
        let renewal = renew_in_time(keys, nexus, config.identity_dir(), log.new(o!("room" => "certificate")));
        let shutdown = Shutdown::new(
            config.state_dir.clone(),
            rooms.shared.clone(),
            rooms.manager.clone(),
            Some(announcer),
            log.new(o!("room" => "shutdown")),
        );
        let control = door::open(&config.state_dir, shutdown.clone(), log.new(o!("room" => "control")))
            .with_context(|| format!("the control socket in {}", config.state_dir))?;
        shutdown.go_on();
        let tasks = vec![
            tokio::spawn(reporter.run()),
            tokio::spawn(renewal),
            tokio::spawn(migrations.serve(tunnel, log.new(o!("room" => "migration")))),
            control,
        ];
        info!(log, "serving"; "address" => &advertised, "ledger" => %rooms.addressee.ledger);
        Ok(Agent { address: front.local_addr(), advertised, manager: rooms.manager, front, server, tasks })
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
