//! The live console: a websocket that follows a serial log, and types. The frames are in
//! [`berth_sled_agent_api::console`].
//!
//! ```text
//!  log files ──follow──▶ frames ──▶ reader
//!  guest ◀──input── typist ◀──queue── hear ◀── reader
//! ```
//! Each session is three loops in one task: none waits for another. What can't go on is dropped and told: the output
//! is in files anyway, and the queue of what is typed is short.
//!
//! Not here: who may look (the door), where a log is kept after its VMM was forgotten (the archive).

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use berth_common::ids::VmmUuid;
use berth_sled_agent_api::console::{ConsoleTold, FRAME_MAX_BYTES, PING_EVERY_S};
use bytes::Bytes;
use camino::Utf8PathBuf;
use futures::stream::{SplitSink, SplitStream};
use futures::{SinkExt as _, StreamExt as _};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::{Instant, sleep, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error as WebSocketError, Message};

use super::{Piece, read};
use crate::hypervisor::SerialInput;
use crate::vmms::Shared;

/// Sessions that one agent holds.
pub const SESSIONS_MAX: usize = 64;
/// What is sent of the past, unless told otherwise; and the longest piece that is sent at once.
const HISTORY_BYTES: u32 = 64 * 1024;
const PIECE_BYTES: u32 = 32 * 1024;
/// How soon new output is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(50);
const PING_EVERY: Duration = Duration::from_secs(PING_EVERY_S);
/// A reader that takes nothing for so long is let go.
const SEND_PATIENCE: Duration = Duration::from_secs(30);
/// Frames that wait to be typed.
const QUEUE_FRAMES: usize = 16;
/// A guest that doesn't take what is typed for so long loses it.
const TYPE_PATIENCE: Duration = Duration::from_secs(1);

/// Why a session ended before its VMM did.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    #[error("the log can't be read")]
    Log(#[from] io::Error),
    #[error("the reader's connection broke")]
    Connection(#[from] Box<WebSocketError>),
    #[error("the reader is silent, or doesn't read")]
    Silent,
}

/// One reader's session.
pub struct Session {
    pub shared: Arc<Shared>,
    pub vmm: VmmUuid,
    /// First byte wanted.
    pub from: Option<u64>,
    /// Its place among [`SESSIONS_MAX`].
    pub permit: OwnedSemaphorePermit,
}

impl Session {
    /// Serves until the VMM is over, or the reader leaves.
    pub async fn serve<S: AsyncRead + AsyncWrite + Unpin>(self, socket: S) -> Result<(), Broken> {
        let limits = WebSocketConfig::default()
            .max_message_size(Some(FRAME_MAX_BYTES))
            .max_frame_size(Some(FRAME_MAX_BYTES));
        let socket = WebSocketStream::from_raw_socket(socket, Role::Server, Some(limits)).await;
        let (to_reader, from_reader) = socket.split();
        let (queue, typed) = mpsc::channel(QUEUE_FRAMES);
        let dropped = AtomicU64::new(0);
        let done = tokio::select! {
            told = self.follow(to_reader, &dropped) => told,
            heard = hear(from_reader, queue, &dropped) => heard,
            never = self.type_all(typed, &dropped) => match never {},
        };
        drop(self.permit);
        done
    }

    /// Sends the past, then what comes, until there is no more to come.
    async fn follow<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        mut to_reader: SplitSink<WebSocketStream<S>, Message>,
        dropped: &AtomicU64,
    ) -> Result<(), Broken> {
        let first =
            self.piece(self.from, if self.from.is_some() { PIECE_BYTES } else { HISTORY_BYTES }).await?;
        let first = first.unwrap_or(Piece { from: 0, data: Vec::new() });
        tell(&mut to_reader, ConsoleTold::Begin { from: first.from }).await?;
        let mut next = first.from + first.data.len() as u64;
        if !first.data.is_empty() {
            send(&mut to_reader, Message::binary(first.data)).await?;
        }
        let mut ping_at = Instant::now() + PING_EVERY;
        loop {
            let lost = dropped.swap(0, Ordering::Relaxed);
            if lost > 0 {
                tell(&mut to_reader, ConsoleTold::InputDropped { bytes: lost }).await?;
            }
            if Instant::now() >= ping_at {
                send(&mut to_reader, Message::Ping(Bytes::new())).await?;
                ping_at = Instant::now() + PING_EVERY;
            }
            // Looked at before the log: what was printed before the end is in it by then.
            let over = self.is_over();
            match self.piece(Some(next), PIECE_BYTES).await? {
                Some(piece) if piece.from >= next && !piece.data.is_empty() => {
                    if piece.from > next {
                        tell(&mut to_reader, ConsoleTold::Gap { from: piece.from }).await?;
                    }
                    next = piece.from + piece.data.len() as u64;
                    send(&mut to_reader, Message::binary(piece.data)).await?;
                }
                _ if over => {
                    tell(&mut to_reader, ConsoleTold::End).await?;
                    return send(&mut to_reader, Message::Close(None)).await;
                }
                _ => sleep(LOOK_EVERY).await,
            }
        }
    }

    async fn piece(&self, from: Option<u64>, max_bytes: u32) -> io::Result<Option<Piece>> {
        let places = places(&self.shared, self.vmm);
        let read = tokio::task::spawn_blocking(move || read_first(&places, from, max_bytes));
        read.await.unwrap_or_else(|error| Err(io::Error::other(error)))
    }

    /// Nothing more will be printed: it ended, or was forgotten. One of which nothing is told is not over by that: it
    /// may not have been recovered yet.
    fn is_over(&self) -> bool {
        match self.shared.reports.get(self.vmm) {
            Some(report) => report.state.is_terminal(),
            None => self.shared.past().tombstone(self.vmm).is_some(),
        }
    }

    /// Types what is queued, into whichever run there is.
    async fn type_all(
        &self,
        mut typed: mpsc::Receiver<Bytes>,
        dropped: &AtomicU64,
    ) -> std::convert::Infallible {
        let mut input: Option<SerialInput> = None;
        while let Some(bytes) = typed.recv().await {
            let mut done = write(&mut input, &bytes).await;
            if !done {
                // The run may have ended, and the next one may have begun.
                input = self.shared.hypervisor.serial_input(self.vmm).await.ok();
                done = write(&mut input, &bytes).await;
            }
            if !done {
                dropped.fetch_add(bytes.len() as u64, Ordering::Relaxed);
            }
        }
        std::future::pending().await
    }
}

/// Where a VMM's log is: with its run, or in the archive.
pub fn places(shared: &Shared, vmm: VmmUuid) -> [Utf8PathBuf; 2] {
    [shared.hypervisor.serial_log(vmm), shared.serial.path(vmm)]
}

/// Reads from the first place that has a log. Blocking.
pub fn read_first(places: &[Utf8PathBuf], from: Option<u64>, max_bytes: u32) -> io::Result<Option<Piece>> {
    for place in places {
        if let Some(piece) = read(place, from, max_bytes)? {
            return Ok(Some(piece));
        }
    }
    Ok(None)
}

/// Whether it was all taken in time. An input that fails is of no more use.
async fn write(input: &mut Option<SerialInput>, bytes: &[u8]) -> bool {
    let Some(open) = input else { return false };
    let done = matches!(timeout(TYPE_PATIENCE, open.write_all(bytes)).await, Ok(Ok(())));
    if !done {
        *input = None;
    }
    done
}

/// Takes what the reader says, until it leaves.
async fn hear<S: AsyncRead + AsyncWrite + Unpin>(
    mut from_reader: SplitStream<WebSocketStream<S>>,
    queue: mpsc::Sender<Bytes>,
    dropped: &AtomicU64,
) -> Result<(), Broken> {
    loop {
        match timeout(PING_EVERY * 3, from_reader.next()).await.map_err(|_| Broken::Silent)? {
            Some(Ok(Message::Binary(bytes))) => {
                let length = bytes.len() as u64;
                if queue.try_send(bytes).is_err() {
                    dropped.fetch_add(length, Ordering::Relaxed);
                }
            }
            Some(Ok(Message::Close(_))) | None => return Ok(()),
            // Pings are answered below; the rest is for later versions.
            Some(Ok(Message::Text(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
            Some(Err(error)) => return Err(Box::new(error).into()),
        }
    }
}

async fn tell<S: AsyncRead + AsyncWrite + Unpin>(
    to_reader: &mut SplitSink<WebSocketStream<S>, Message>,
    told: ConsoleTold,
) -> Result<(), Broken> {
    let text = serde_json::to_string(&told).map_err(io::Error::from)?;
    send(to_reader, Message::text(text)).await
}

async fn send<S: AsyncRead + AsyncWrite + Unpin>(
    to_reader: &mut SplitSink<WebSocketStream<S>, Message>,
    message: Message,
) -> Result<(), Broken> {
    match timeout(SEND_PATIENCE, to_reader.send(message)).await {
        Ok(sent) => sent.map_err(|error| Box::new(error).into()),
        Err(_elapsed) => Err(Broken::Silent),
    }
}
