//! What a nexus settles before it opens a door: its folder, its database, the cluster, its own identity.

use std::net::IpAddr;
use std::os::unix::fs::DirBuilderExt;
use std::time::{Duration, SystemTime};

use anyhow::{Context, bail};
use berth_common::ids::{ClusterUuid, GenericUuid, NexusUuid};
use berth_db::models::NexusState;
use berth_db::{Db, DbError};
use berth_postgres::PrivateServer;
use berth_transport::{Authority, KeyError, KeyMaterial, SecretFileError, SecretPem, Subject};
use camino::Utf8Path;
use nix::fcntl::{Flock, FlockArg};
use slog::{Logger, info, warn};

use crate::config::{Config, Door};

/// The lock that keeps a second process out of a nexus' folder. Held until dropped.
pub type StateLock = Flock<std::fs::File>;

/// Makes the folder, if need be, and locks it: two processes under one id would run the same sagas.
pub fn lock_state_dir(dir: &Utf8Path) -> anyhow::Result<StateLock> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .with_context(|| format!("cannot make state_dir {dir}"))?;
    let path = dir.join("lock");
    let file = std::fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .with_context(|| format!("cannot open {path}"))?;
    Flock::lock(file, FlockArg::LockExclusiveNonblock)
        .map_err(|(_, error)| error)
        .with_context(|| format!("another nexus runs with state_dir {dir}; each needs its own"))
}

/// Where the database is; starts the private server where none is configured.
pub fn database_url(config: &Config, log: &Logger) -> anyhow::Result<String> {
    if let Some(url) = &config.database.url {
        return Ok(url.clone());
    }
    if let Some(path) = &config.database.url_file {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {path}"))?;
        return Ok(text.trim().to_string());
    }
    let dir = config.private_postgres_dir();
    info!(log, "using the private PostgreSQL"; "dir" => dir.as_str());
    let server = PrivateServer::start(dir)?;
    let known = server.sql("postgres", "SELECT 1 FROM pg_database WHERE datname = 'berth'")?;
    if known.trim().is_empty()
        && let Err(error) = server.sql("postgres", "CREATE DATABASE berth")
    {
        // Another nexus of this host may have been faster.
        let known = server.sql("postgres", "SELECT 1 FROM pg_database WHERE datname = 'berth'")?;
        if known.trim().is_empty() {
            return Err(error);
        }
    }
    Ok(server.address().conninfo("berth"))
}

/// Waits for the database, however long it is away, and brings it to this version's schema.
pub async fn migrated(db: &Db, log: &Logger) -> anyhow::Result<()> {
    let mut said = false;
    loop {
        match berth_db::migrate::migrate(db).await {
            Ok(applied) => {
                if !applied.is_empty() {
                    info!(log, "migrations applied"; "names" => applied.join(", "));
                }
                return Ok(());
            }
            Err(berth_db::migrate::MigrateError::Database(
                error @ (DbError::Unavailable(_) | DbError::Contended | DbError::OutcomeUnknown),
            )) => {
                if !said {
                    warn!(log, "waiting for the database"; "error" => format!("{:#}", anyhow::Error::new(error)));
                    said = true;
                }
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// The cluster and its authority: made by the first nexus, read by every other.
pub async fn cluster(db: &Db) -> anyhow::Result<(ClusterUuid, Authority)> {
    let proposed = ClusterUuid::new_v4();
    let own = Authority::create(proposed.into_untyped_uuid())?;
    let row = db
        .transaction("cluster.ensure", async |conn| {
            if let Some(row) = berth_db::cluster::read(conn).await? {
                return Ok(row);
            }
            berth_db::cluster::ensure(conn, proposed, own.cert_pem(), own.key_pem().expose()).await
        })
        .await
        .map_err(|error: DbError| anyhow::Error::new(error))?;
    let key = SecretPem::new(row.ca_key_pem);
    let authority = Authority::from_pem(row.id.into_untyped_uuid(), &row.ca_cert_pem, key)?;
    Ok((row.id, authority))
}

/// This nexus' certificate, under an id that nobody has declared dead: one that was comes back under a new id, because its
/// sagas belong to others now.
pub async fn living_identity(
    config: &Config,
    authority: &Authority,
    db: &Db,
    log: &Logger,
) -> anyhow::Result<KeyMaterial> {
    let material = identity(config, authority)?;
    let id = NexusUuid::from_untyped_uuid(material.identity().id);
    let row = db.statement("nexus.look", async |conn| berth_db::nexus::by_id(conn, id).await);
    let row = row.await.map_err(|error: DbError| anyhow::Error::new(error))?;
    if row.is_none_or(|row| row.state != NexusState::Dead) {
        return Ok(material);
    }
    warn!(log, "this nexus was declared dead; it comes back under a new id"; "old_id" => %id);
    let (addresses, names) = own_names(config);
    let fresh = authority.issue(&Subject::nexus(uuid::Uuid::new_v4(), addresses, names))?;
    fresh.store(config.state_dir.join("identity"))?;
    Ok(fresh)
}

/// This nexus' certificate: kept in its folder, made anew for another id, renewed in time.
pub fn identity(config: &Config, authority: &Authority) -> anyhow::Result<KeyMaterial> {
    let dir = config.state_dir.join("identity");
    let stored = match KeyMaterial::load(&dir) {
        Ok(stored) => Some(stored),
        Err(KeyError::File(SecretFileError::Absent { .. })) => None,
        Err(error) => return Err(error).context("cannot use this nexus' key material"),
    };
    let id = match &stored {
        Some(stored) if stored.identity().cluster != authority.cluster() => {
            bail!("{dir} belongs to another cluster than the database; give this nexus a new state_dir")
        }
        Some(stored) if !stored.needs_rotation(SystemTime::now()) => return Ok(stored.clone()),
        Some(stored) => NexusUuid::from_untyped_uuid(stored.identity().id),
        None => NexusUuid::new_v4(),
    };
    let (addresses, names) = own_names(config);
    let material = authority.issue(&Subject::nexus(id.into_untyped_uuid(), addresses, names))?;
    material.store(&dir)?;
    Ok(material)
}

/// Addresses and names that browsers and other strangers' clients look for in a certificate.
fn own_names(config: &Config) -> (Vec<IpAddr>, Vec<String>) {
    let mut addresses = vec![IpAddr::from([127, 0, 0, 1])];
    let mut names = vec!["localhost".to_string()];
    for door in [&config.public, &config.internal] {
        if !door.listen.ip().is_unspecified() && !addresses.contains(&door.listen.ip()) {
            addresses.push(door.listen.ip());
        }
        let host = door.advertise.as_deref().and_then(|text| text.rsplit_once(':')).map(|(host, _)| host);
        match host.map(|host| (host, host.trim_matches(['[', ']']).parse::<IpAddr>())) {
            Some((_, Ok(ip))) if !addresses.contains(&ip) => addresses.push(ip),
            Some((host, Err(_))) if !names.iter().any(|name| name == host) => names.push(host.to_string()),
            Some(_) | None => {}
        }
    }
    (addresses, names)
}

/// `host:port` that others are told.
pub fn advertised(door: &Door, listens: std::net::SocketAddr) -> String {
    door.advertise.clone().unwrap_or_else(|| listens.to_string())
}
