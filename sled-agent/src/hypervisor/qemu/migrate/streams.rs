//! Bytes between QEMU's unix sockets and the tunnel.

use std::io;
use std::sync::Arc;

use tokio::io::{
    AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader, copy_bidirectional_with_sizes, copy_buf,
};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinSet;

use super::{INCOMING_SOCKET, NBD_SOCKET};
use crate::hypervisor::LaunchError;
use crate::hypervisor::migration::{Channel, Peer, Stream};
use crate::shim::place::{Place, SocketDoor};

/// Bytes taken at once: few wake-ups, and small enough to stay in the cache.
const PIECE_BYTES: usize = 256 * 1024;

/// A door for the source's QEMU: whatever it connects goes to the target. It lasts as long as this.
#[derive(Debug)]
pub(super) struct Outlet {
    streams: JoinSet<io::Result<()>>,
}

impl Outlet {
    /// Listens in the VMM's folder.
    pub(super) fn open(
        place: &Place,
        name: &'static str,
        channel: Channel,
        peer: Arc<dyn Peer>,
    ) -> Result<Outlet, LaunchError> {
        let failed = |error: io::Error| LaunchError(format!("{name}: {error}"));
        let door = SocketDoor::open(place).map_err(failed)?;
        match std::fs::remove_file(place.directory().join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        let listener = UnixListener::bind(door.path(name)).map_err(failed)?;
        let mut streams = JoinSet::new();
        match channel {
            Channel::Memory => streams.spawn(one_way(listener, peer)),
            Channel::Disks => streams.spawn(both_ways(listener, peer)),
        };
        Ok(Outlet { streams })
    }

    /// Returns when the guest's memory is on its way to its last byte: what QEMU has written may still be here.
    pub(super) async fn drained(mut self) -> Result<(), LaunchError> {
        match self.streams.join_next().await {
            Some(Ok(Ok(()))) => Ok(()),
            Some(Ok(Err(error))) => Err(LaunchError(format!("the stream to the target broke: {error}"))),
            Some(Err(_)) | None => Err(LaunchError("the stream to the target was given up".to_owned())),
        }
    }
}

/// One connection, from QEMU to the target: the other way nothing is said. (Without the target QEMU's connection is
/// closed, and it says that the migration failed.)
async fn one_way(listener: UnixListener, peer: Arc<dyn Peer>) -> io::Result<()> {
    let (socket, _) = listener.accept().await?;
    let mut stream = peer.open(Channel::Memory).await?;
    pass_on(socket, &mut stream).await
}

async fn pass_on(from: impl AsyncRead + Unpin, to: &mut (impl AsyncWrite + Unpin)) -> io::Result<()> {
    let mut from = BufReader::with_capacity(PIECE_BYTES, from);
    copy_buf(&mut from, to).await?;
    to.shutdown().await
}

/// Any number of connections.
async fn both_ways(listener: UnixListener, peer: Arc<dyn Peer>) -> io::Result<()> {
    let mut passing = JoinSet::new();
    loop {
        let (mut socket, _) = listener.accept().await?;
        let peer = peer.clone();
        passing.spawn(async move {
            let mut stream = peer.open(Channel::Disks).await?;
            copy_bidirectional_with_sizes(&mut socket, &mut stream, PIECE_BYTES, PIECE_BYTES).await
        });
    }
}

/// Connects a stream to the target's QEMU, until it has ended.
pub(super) async fn into_qemu(
    place: &Place,
    channel: Channel,
    mut stream: Stream,
) -> Result<(), LaunchError> {
    let name = match channel {
        Channel::Memory => INCOMING_SOCKET,
        Channel::Disks => NBD_SOCKET,
    };
    let failed = |error: io::Error| LaunchError(format!("{name}: {error}"));
    let door = SocketDoor::open(place).map_err(failed)?;
    let mut socket = UnixStream::connect(door.path(name)).await.map_err(failed)?;
    let passed = match channel {
        Channel::Memory => pass_on(stream, &mut socket).await,
        Channel::Disks => copy_bidirectional_with_sizes(&mut stream, &mut socket, PIECE_BYTES, PIECE_BYTES)
            .await
            .map(|_| ()),
    };
    passed.map_err(failed)
}
