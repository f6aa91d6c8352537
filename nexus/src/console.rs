//! A guest's serial console, read from the sled that has it, in a request's own time.
//!
//! History is fetched; the live stream is relayed, frame by frame, between a user's websocket and the sled's. Neither
//! side waits for the other beyond [`SEND_PATIENCE`], and a user from whom nothing comes for [`SILENCE`] is let go.
//! It changes no record and decides nothing, so it needs no saga; it is a room of its own so that `app` stays away from
//! the clients of agents.

use std::time::Duration;

use berth_common::ids::{GenericUuid, VmmUuid};
use berth_common::refusal::Denial;
use berth_db::lifecycle::delivery::Due;
use berth_sled_agent_api::console::{ConsoleQuery, FRAME_MAX_BYTES, PING_EVERY_S};
use berth_sled_agent_api::vmm::{SerialChunk, SerialQuery};
use futures::{Sink, SinkExt as _, Stream, StreamExt as _};
use slog::{Logger, debug};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error as WebSocketError, Message};

use crate::agents::{AgentAddress, AgentError};
use crate::world::World;

/// Why there is no output.
#[derive(Debug, thiserror::Error)]
pub enum ConsoleError {
    #[error("sled {sled} no longer keeps the serial output")]
    Gone { sled: String },
    #[error("sled {sled} can't be asked for the serial output now")]
    Unreachable { sled: String, source: AgentError },
    #[error("{CONSOLES_MAX} consoles are open at this nexus; close one, or ask another nexus")]
    TooMany,
}

/// Live consoles that one nexus relays at once.
pub const CONSOLES_MAX: usize = 256;
/// Who takes nothing for so long is let go.
const SEND_PATIENCE: Duration = Duration::from_secs(30);
/// The sled pings, and the ping is passed on: a user who is there answers.
const SILENCE: Duration = Duration::from_secs(3 * PING_EVERY_S);

/// The sled's side of a live console, open.
pub struct LiveConsole {
    sled: reqwest::Upgraded,
    log: Logger,
    _place: OwnedSemaphorePermit,
}

impl std::fmt::Debug for LiveConsole {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LiveConsole")
    }
}

/// Opens the stream of a VMM's console at its sled.
pub async fn open(world: &World, of: &Due, from: Option<u64>) -> Result<LiveConsole, ConsoleError> {
    let place = world.consoles.clone().try_acquire_owned().map_err(|_| ConsoleError::TooMany)?;
    let to = AgentAddress::from(of);
    let vmm = VmmUuid::from_untyped_uuid(of.vmm);
    match world.agents.vmm_console(&to, vmm, &ConsoleQuery { from }).await {
        Ok(sled) => Ok(LiveConsole { sled, log: world.log.clone(), _place: place }),
        Err(AgentError::Denied { denial: Denial::NotRegistered, .. }) => {
            Err(ConsoleError::Gone { sled: to.name })
        }
        Err(source) => Err(ConsoleError::Unreachable { sled: to.name, source }),
    }
}

impl LiveConsole {
    /// Relays until one side ends.
    pub async fn relay(self, user: impl AsyncRead + AsyncWrite + Unpin) {
        let limits = WebSocketConfig::default()
            .max_message_size(Some(FRAME_MAX_BYTES))
            .max_frame_size(Some(FRAME_MAX_BYTES));
        let user = WebSocketStream::from_raw_socket(user, Role::Server, Some(limits)).await;
        let sled = WebSocketStream::from_raw_socket(self.sled, Role::Client, Some(limits)).await;
        let (mut to_user, from_user) = user.split();
        let (mut to_sled, from_sled) = sled.split();
        let ended = tokio::select! {
            ended = pass_on(from_sled, &mut to_user, SILENCE) => ended,
            ended = pass_on(from_user, &mut to_sled, SILENCE) => ended,
        };
        if let Err(broken) = ended {
            debug!(self.log, "a live console broke"; "error" => %broken);
        }
        // Whoever is still there is told; whoever isn't costs no more than this.
        let _ = timeout(Duration::from_secs(1), to_user.close()).await;
        let _ = timeout(Duration::from_secs(1), to_sled.close()).await;
    }
}

/// Why a relay ended early.
#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error("a connection broke: {0}")]
    Connection(#[from] WebSocketError),
    #[error("one side is silent, or doesn't read")]
    Silent,
}

/// Passes on each frame until the sender ends. Pongs answer by themselves, on each connection for itself.
async fn pass_on(
    mut from: impl Stream<Item = Result<Message, WebSocketError>> + Unpin,
    to: &mut (impl Sink<Message, Error = WebSocketError> + Unpin),
    silence: Duration,
) -> Result<(), Broken> {
    loop {
        let Some(message) = timeout(silence, from.next()).await.map_err(|_| Broken::Silent)? else {
            return Ok(());
        };
        match message? {
            Message::Close(_) => return Ok(()),
            Message::Pong(_) | Message::Frame(_) => {}
            passed @ (Message::Text(_) | Message::Binary(_) | Message::Ping(_)) => {
                timeout(SEND_PATIENCE, to.send(passed)).await.map_err(|_| Broken::Silent)??;
            }
        }
    }
}

/// A piece of a VMM's output, kept or still growing.
pub async fn serial(world: &World, of: &Due, part: &SerialQuery) -> Result<SerialChunk, ConsoleError> {
    let to = AgentAddress::from(of);
    let vmm = VmmUuid::from_untyped_uuid(of.vmm);
    world.agents.vmm_serial(&to, vmm, part).await.map_err(|error| match error {
        AgentError::Denied { denial: Denial::NotRegistered, .. } => ConsoleError::Gone { sled: to.name },
        source => ConsoleError::Unreachable { sled: to.name, source },
    })
}
