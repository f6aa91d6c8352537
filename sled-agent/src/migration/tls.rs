//! The real way: TLS, both sides with the cluster's certificates, and a port of its own for migrations.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use berth_common::ids::{GenericUuid as _, SledUuid};
use berth_transport::{Caller, Expected, KeyRing, MutualListener, Role, connect_mutual};
use slog::{Logger, debug};
use tokio::sync::Semaphore;

use super::tunnel::{Tunnel, Way};
use crate::hypervisor::migration::Stream;

/// Connections being greeted at a time. Whoever is let in belongs to a migration that was admitted.
const GREETINGS_MAX: usize = 256;
/// After a failure to accept (no descriptors left), so that the door doesn't spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Other agents by TLS.
#[derive(Debug)]
struct Tls(Arc<KeyRing>);

#[async_trait]
impl Way for Tls {
    async fn connect(&self, sled: SledUuid, address: &str) -> io::Result<Stream> {
        let expected = Expected::sled(*sled.as_untyped_uuid());
        Ok(Box::new(connect_mutual(&self.0, expected, address).await?))
    }
}

/// The door, bound and not yet open.
#[derive(Debug)]
pub struct TlsDoor {
    listener: MutualListener,
    keys: Arc<KeyRing>,
}

impl TlsDoor {
    pub async fn bind(keys: Arc<KeyRing>, address: SocketAddr) -> io::Result<TlsDoor> {
        Ok(TlsDoor { listener: MutualListener::bind(&keys, address).await?, keys })
    }

    /// With the port that was taken.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// The tunnel behind this door; `address` is what others are told.
    pub fn tunnel(&self, address: String) -> Arc<Tunnel> {
        Tunnel::new(Arc::new(Tls(self.keys.clone())), address)
    }

    /// Serves until it is dropped.
    pub async fn serve(self, tunnel: Arc<Tunnel>, log: Logger) {
        let greetings = Arc::new(Semaphore::new(GREETINGS_MAX));
        loop {
            let caller = match self.listener.accept().await {
                Ok(caller) => caller,
                Err(error) => {
                    debug!(log, "a connection couldn't be accepted"; "error" => %error);
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            let Ok(slot) = greetings.clone().try_acquire_owned() else { continue };
            let (tunnel, log) = (tunnel.clone(), log.clone());
            tokio::spawn(async move {
                if let Err(error) = welcome(&tunnel, caller).await {
                    debug!(log, "a connection came to nothing"; "error" => %error);
                }
                drop(slot);
            });
        }
    }
}

async fn welcome(tunnel: &Tunnel, caller: Caller) -> io::Result<()> {
    // The certificate is of this cluster, or the handshake has failed.
    let (identity, stream) = caller.identify().await?;
    if identity.role != Role::Sled {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "only sleds migrate to each other"));
    }
    tunnel.welcome(SledUuid::from_untyped_uuid(identity.id), Box::new(stream)).await
}
