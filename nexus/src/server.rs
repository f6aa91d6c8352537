//! Builds every room of a nexus and joins them. Decides nothing.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, anyhow};
use berth_common::ids::{GenericUuid, NexusUuid};
use berth_db::nexus::Announcement;
use berth_db::{Db, DbError, Guarded};
use berth_saga_store::Faults;
use berth_transport::{Front, FrontConfig, FrontMode, KeyRing, PeerTable};
use dropshot::{ApiDescription, ConfigDropshot, HttpServer, ServerBuilder};
use slog::{Logger, info, o};
use tokio::sync::watch;

use crate::agents::Agents;
use crate::background::{self, Tasks};
use crate::config::Config;
use crate::context::Nexus;
use crate::http::context::Doors;
use crate::rooms::{Parts, Rooms};
use crate::start_up::{self, StateLock};
use crate::{app, http};

/// A running nexus.
pub struct Server {
    nexus: Arc<Nexus>,
    epoch: i64,
    public: Entrance,
    internal: Entrance,
    tasks: Arc<Tasks>,
    lost: watch::Receiver<u64>,
    death: watch::Receiver<bool>,
    _lock: StateLock,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("nexus", &self.nexus).finish_non_exhaustive()
    }
}

/// A TLS front and the plain server behind it.
struct Entrance {
    front: Front,
    server: HttpServer<Doors>,
}

/// Where the plain servers listen: whoever reaches them around their front has no entry in its table, and is refused.
const PLAIN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

impl Server {
    /// Settles everything, opens the doors, takes up its sagas.
    pub async fn start(config: Config, log: Logger) -> anyhow::Result<Server> {
        Server::start_with(config, log, Faults::none()).await
    }

    /// The same with an engine in which something goes wrong: for tests.
    pub async fn start_with(config: Config, log: Logger, faults: Faults) -> anyhow::Result<Server> {
        let lock = start_up::lock_state_dir(&config.state_dir)?;
        let url = tokio::task::block_in_place(|| start_up::database_url(&config, &log))?;
        let db = Db::new(&url, config.database.pool_size).context("database.url can't be used")?;
        start_up::migrated(&db, &log).await?;
        let (cluster, authority) = start_up::cluster(&db).await?;
        let identity = start_up::living_identity(&config, &authority, &db, &log).await?;
        let id = NexusUuid::from_untyped_uuid(identity.identity().id);
        let log = log.new(o!("nexus_id" => id.to_string()));
        let keys = KeyRing::new(identity);

        let parts = Parts {
            id,
            name: config.name.to_string(),
            cluster,
            authority,
            db,
            agents: Agents::new(Arc::clone(&keys)),
            faults,
        };
        let rooms = Rooms::join(parts, &log)?;
        let nexus = Arc::clone(&rooms.nexus);
        let lost = nexus.sagas.lost();
        let death = nexus.world.death();

        let public = entrance(
            &nexus,
            &keys,
            config.public.listen,
            FrontMode::ServerOnly,
            api_of(berth_nexus_api::nexus_api_mod::api_description::<http::public::Public>())?,
        )
        .await
        .context("public.listen can't be opened")?;
        let internal = entrance(
            &nexus,
            &keys,
            config.internal.listen,
            FrontMode::OptionalClientCert,
            api_of(berth_sled_agent_api::nexus::nexus_internal_api_mod::api_description::<
                http::internal::Internal,
            >())?,
        )
        .await
        .context("internal.listen can't be opened")?;
        let epoch = announce(&nexus, &config, &public, &internal).await?;
        nexus.world.set_epoch(epoch);
        app::first_admin::ensure(&nexus, &config.state_dir).await.map_err(|error| anyhow!(error))?;
        let tasks = rooms.start_tasks(background::all(&config.background));
        info!(log, "nexus is up"; "public" => %public.front.local_addr(), "internal" => %internal.front.local_addr(),
            "cluster" => %cluster);
        Ok(Server { nexus, epoch, public, internal, tasks, lost, death, _lock: lock })
    }

    /// Where users reach it.
    pub fn public_addr(&self) -> SocketAddr {
        self.public.front.local_addr()
    }

    /// Where sleds reach it.
    pub fn internal_addr(&self) -> SocketAddr {
        self.internal.front.local_addr()
    }

    /// What the rooms share.
    pub fn nexus(&self) -> &Arc<Nexus> {
        &self.nexus
    }

    /// Returns when another nexus has declared this one dead, or taken a saga of it.
    pub async fn was_declared_dead(&mut self) {
        // Both senders live as long as `self`; were one gone, it could say nothing any more.
        tokio::select! {
            Ok(()) = self.lost.changed() => {}
            Ok(_) = self.death.wait_for(|dead| *dead) => {}
            else => std::future::pending::<()>().await,
        }
    }

    /// Closes the doors and leaves; sagas go on where they stand when this nexus is started again.
    pub async fn stop(self) {
        self.tasks.stop();
        tokio::join!(self.public.close(), self.internal.close());
        let (id, epoch) = (self.nexus.id, self.epoch);
        let left = self
            .nexus
            .db
            .transaction("nexus.leave", async |conn| berth_db::nexus::leave(conn, id, epoch).await)
            .await;
        let left: Result<Guarded<()>, DbError> = left;
        info!(self.nexus.log, "nexus has left"; "recorded" => left.is_ok_and(|left| left.is_changed()));
    }
}

impl Entrance {
    async fn close(self) {
        let Entrance { front, server } = self;
        let (_, _closed) = tokio::join!(front.close(), server.close());
    }
}

async fn entrance(
    nexus: &Arc<Nexus>,
    keys: &Arc<KeyRing>,
    listen: SocketAddr,
    mode: FrontMode,
    api: ApiDescription<Doors>,
) -> anyhow::Result<Entrance> {
    let peers = PeerTable::new();
    let doors = Doors { nexus: Arc::clone(nexus), peers: Arc::clone(&peers) };
    let config = ConfigDropshot {
        bind_address: PLAIN,
        default_request_body_max_bytes: berth_nexus_api::limits::JSON_BODY_MAX_BYTES,
        ..ConfigDropshot::default()
    };
    let log = nexus.log.new(o!("room" => "http"));
    let server = ServerBuilder::new(api, doors, log.clone())
        .config(config)
        .start()
        .map_err(|error| anyhow!("{error:#}"))?;
    let front =
        Front::start(FrontConfig::new(listen, server.local_addr(), mode), Arc::clone(keys), peers, &log)
            .await?;
    Ok(Entrance { front, server })
}

/// A description that contradicts itself is a fault of ours; a test makes both.
fn api_of(
    described: Result<ApiDescription<Doors>, dropshot::ApiDescriptionBuildErrors>,
) -> anyhow::Result<ApiDescription<Doors>> {
    described.map_err(|error| anyhow!("{error}"))
}

async fn announce(
    nexus: &Nexus,
    config: &Config,
    public: &Entrance,
    internal: &Entrance,
) -> anyhow::Result<i64> {
    let public_address = start_up::advertised(&config.public, public.front.local_addr());
    let internal_address = start_up::advertised(&config.internal, internal.front.local_addr());
    let (id, name) = (nexus.id, nexus.name.as_str());
    let announced = nexus
        .db
        .transaction("nexus.announce", async |conn| {
            let own = Announcement {
                id,
                name,
                public_address: &public_address,
                internal_address: &internal_address,
                version: env!("CARGO_PKG_VERSION"),
            };
            berth_db::nexus::announce(conn, &own).await
        })
        .await;
    match announced {
        Ok(Guarded::Changed(row)) => Ok(row.epoch),
        Ok(Guarded::Stale | Guarded::Missing) => Err(anyhow!(
            "this nexus was declared dead while it started; start it again, and it comes back under a new id"
        )),
        Err(error @ DbError::Conflict { .. }) => {
            Err(anyhow::Error::new(error).context(format!("the name {name} is taken by another nexus")))
        }
        Err(error) => Err(error.into()),
    }
}
