//! `berth instance console`: a terminal at the guest's serial port.
//!
//! On a terminal every key goes to the guest but the escape key; what isn't a terminal is passed through, so that it
//! works in a pipe, too. A guest that moves to another sled is followed: its console there begins with its arrival. The
//! terminal is put back however this ends: by a guard that is dropped on every way out, a panic included; what would
//! kill the process on the spot (SIGTERM, SIGHUP) is taken as leaving.

use std::io::{IsTerminal, Read};
use std::time::{Duration, Instant};

use berth_common::console::ConsoleTold as Told;
use berth_common::ids::VmmUuid;
use berth_common::vmm::EndedBy;
use clap::Args;
use futures::{SinkExt as _, StreamExt as _};
use nix::sys::termios::{SetArg, Termios, cfmakeraw, tcgetattr, tcsetattr};
use reqwest::Upgraded;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::Target;
use crate::client::Repeat;
use crate::failure::Failure;
use crate::generated::Client as Nexus;
use crate::output::{note, print_bytes};
use crate::pages::Given;
use crate::session::Session;

/// Ctrl-], as other consoles have it.
const ESCAPE: u8 = 0x1d;
/// Longest frame that nexus takes.
const TYPED_MAX_BYTES: usize = 4096;
/// After the end of what is typed into a pipe, for the guest's answer.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// From the end of an incarnation until the record says what follows.
const RECORDED_WITHIN: Duration = Duration::from_secs(10);
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Where the console begins.
#[derive(Debug, Args)]
pub struct Console {
    #[command(flatten)]
    target: Target,
    /// From this byte, counted from the incarnation's first output, instead of the last 64 KiB
    #[arg(long, value_name = "OFFSET")]
    from: Option<u64>,
}

/// Sits there until the escape key, the end of the incarnation unless the guest moved, or of the connection.
pub async fn run(session: &Session, args: Console) -> Result<(), Failure> {
    let instance = args.target.name.as_str();
    let at = super::view(session, instance).await?.vmm.map(|vmm| vmm.id);
    let socket = open(session, instance, args.from).await?;
    if std::io::stdin().is_terminal() {
        note(&format!("at the console of {instance}; Ctrl-] leaves it"));
    }
    let raw = RawTerminal::enter()?;
    let ended = follow(session, &args.target, at, socket).await;
    drop(raw);
    match ended? {
        Left::ByKey => note("left the console; the guest goes on"),
        Left::Over => note("the incarnation is over; `berth instance view` shows what follows"),
        Left::Closed => note("the connection was closed; ask again to go on"),
    }
    Ok(())
}

async fn open(
    session: &Session,
    instance: &str,
    from: Option<u64>,
) -> Result<WebSocketStream<Upgraded>, Failure> {
    let project = session.project_of(instance)?;
    let ask = async |nexus: &Nexus| {
        let ask = nexus.instance_console().instance(instance);
        let ask = ask.given(project.clone(), |ask, project| ask.project(project));
        ask.given(from, |ask, from| ask.from(from)).send().await
    };
    let connection = session.upgrading()?.ask(Repeat::Safe, ask).await?;
    Ok(WebSocketStream::from_raw_socket(connection, Role::Client, None).await)
}

/// Sits there, and wherever the guest moves to.
async fn follow(
    session: &Session,
    target: &Target,
    mut at: Option<VmmUuid>,
    mut socket: WebSocketStream<Upgraded>,
) -> Result<Left, Failure> {
    let mut keys = Keys::read();
    loop {
        let left = sit(socket, &mut keys).await?;
        let (Left::Over, Some(ended)) = (&left, at) else { return Ok(left) };
        let Some((sled, next)) = moved(session, target, ended).await? else { return Ok(left) };
        note(&format!("-- the guest moved to sled {sled}; its console goes on there --\r"));
        at = Some(next);
        socket = open(session, &target.name, Some(0)).await?;
    }
}

/// Where the guest of this incarnation is now, if that one was migrated away. The record comes a moment after the end.
async fn moved(
    session: &Session,
    target: &Target,
    ended: VmmUuid,
) -> Result<Option<(String, VmmUuid)>, Failure> {
    let began = Instant::now();
    loop {
        let seen = super::view(session, &target.name).await?;
        let end = seen.last_end.filter(|end| end.vmm_id == ended);
        let next = seen.vmm.map(|vmm| vmm.id).filter(|next| *next != ended);
        match (end.map(|end| end.ended_by), next, seen.sled) {
            (Some(EndedBy::MigratedAway), Some(next), Some(sled)) => {
                return Ok(Some((sled.name.to_string(), next)));
            }
            (Some(EndedBy::MigratedAway) | None, ..) if began.elapsed() < RECORDED_WITHIN => {}
            _ => return Ok(None),
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// How it was left.
enum Left {
    ByKey,
    Over,
    Closed,
}

async fn sit(socket: WebSocketStream<Upgraded>, keys: &mut Keys) -> Result<Left, Failure> {
    let broken = |error: &dyn std::fmt::Display| Failure::Local {
        message: format!("the console's connection broke: {error}"),
        help: Some("ask again: the history is kept".to_string()),
    };
    let (mut to_guest, mut from_guest) = socket.split();
    let local = |error: std::io::Error| Failure::Local { message: error.to_string(), help: None };
    let mut terminated = signal(SignalKind::terminate()).map_err(local)?;
    let mut hung_up = signal(SignalKind::hangup()).map_err(local)?;
    loop {
        tokio::select! {
            message = from_guest.next() => match message {
                None => return Ok(Left::Closed),
                Some(Err(error)) => return Err(broken(&error)),
                Some(Ok(Message::Binary(bytes))) => print_bytes(&bytes)?,
                Some(Ok(Message::Text(text))) => if let Some(left) = told(text.as_str()) { return Ok(left) },
                Some(Ok(Message::Close(_))) => return Ok(Left::Closed),
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
            },
            typed = keys.typed.recv(), if !keys.over => match typed {
                Some(Typed { bytes, escape }) => {
                    if !bytes.is_empty() {
                        to_guest.send(Message::binary(bytes)).await.map_err(|error| broken(&error))?;
                    }
                    if escape {
                        let _ = to_guest.close().await;
                        return Ok(Left::ByKey);
                    }
                }
                None => keys.over = true,
            },
            () = tokio::time::sleep(LAST_WORDS), if keys.over => return Ok(Left::ByKey),
            _ = terminated.recv() => return Ok(Left::ByKey),
            _ = hung_up.recv() => return Ok(Left::ByKey),
        }
    }
}

/// Says what was told; some of it is the end.
fn told(text: &str) -> Option<Left> {
    match serde_json::from_str(text) {
        Ok(Told::Gap { from }) => note(&format!("-- output was dropped; it goes on at byte {from} --\r")),
        Ok(Told::InputDropped { bytes }) => {
            note(&format!("-- {bytes} bytes didn't reach the guest: it doesn't read --\r"));
        }
        Ok(Told::End) => return Some(Left::Over),
        Ok(Told::Begin { from }) if from > 0 => note(&format!("-- from byte {from} on --\r")),
        // A later version says more.
        Ok(Told::Begin { .. }) | Err(_) => {}
    }
    None
}

/// A piece of what is typed.
#[derive(Debug, PartialEq, Eq)]
struct Typed {
    bytes: Vec<u8>,
    /// The escape key came after it.
    escape: bool,
}

/// What is typed, wherever the guest is.
struct Keys {
    typed: mpsc::Receiver<Typed>,
    /// There is no more.
    over: bool,
}

impl Keys {
    /// Reads in a thread of its own: it ends with the process.
    fn read() -> Keys {
        let (sender, typed) = mpsc::channel(4);
        let is_terminal = std::io::stdin().is_terminal();
        std::thread::spawn(move || {
            let mut buffer = [0; TYPED_MAX_BYTES];
            while let Ok(count @ 1..) = std::io::stdin().read(&mut buffer) {
                let typed = split(&buffer[..count], is_terminal);
                let escape = typed.escape;
                if sender.blocking_send(typed).is_err() || escape {
                    return;
                }
            }
        });
        Keys { typed, over: false }
    }
}

/// Up to the escape key. In a pipe there is none: bytes are bytes.
fn split(bytes: &[u8], is_terminal: bool) -> Typed {
    let escape = bytes.iter().position(|byte| is_terminal && *byte == ESCAPE);
    Typed { bytes: bytes[..escape.unwrap_or(bytes.len())].to_vec(), escape: escape.is_some() }
}

/// The terminal passes every key on while this lives, and is as before when it is dropped.
struct RawTerminal(Option<Termios>);

impl RawTerminal {
    fn enter() -> Result<RawTerminal, Failure> {
        if !std::io::stdin().is_terminal() {
            return Ok(RawTerminal(None));
        }
        let cannot = |error: nix::Error| Failure::Local {
            message: format!("this terminal can't be made raw: {error}"),
            help: Some("`berth instance serial --follow` shows the console without typing".to_string()),
        };
        let before = tcgetattr(std::io::stdin()).map_err(cannot)?;
        let mut raw = before.clone();
        cfmakeraw(&mut raw);
        tcsetattr(std::io::stdin(), SetArg::TCSADRAIN, &raw).map_err(cannot)?;
        Ok(RawTerminal(Some(before)))
    }
}

impl Drop for RawTerminal {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            // A terminal that is gone needs nothing any more.
            let _ = tcsetattr(std::io::stdin(), SetArg::TCSADRAIN, before);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_escape_key_ends_what_is_typed_at_a_terminal_and_nothing_in_a_pipe() {
        let typed = |bytes: &[u8], escape| Typed { bytes: bytes.to_vec(), escape };
        assert_eq!(split(b"ls\x1drest", true), typed(b"ls", true));
        assert_eq!(split(b"ls\r", true), typed(b"ls\r", false));
        assert_eq!(split(b"ls\x1drest", false), typed(b"ls\x1drest", false));
    }

    #[test]
    fn what_a_later_version_tells_is_passed_over_and_the_end_is_the_end() {
        assert!(told(r#"{"type":"mood","of":"guest"}"#).is_none());
        assert!(told(r#"{"type":"begin","from":0}"#).is_none());
        assert!(matches!(told(r#"{"type":"end"}"#), Some(Left::Over)));
    }
}
