//! The local socket through which `sled-agent shutdown` reaches the process that has the ledger's lock.
//!
//! A caller sends one line, [`Request`], and is sent a [`Progress`] per line: at once, at each change, at least every
//! [`BEAT`], and a last one that is done. Only root, and whoever the agent itself runs as, is listened to: by the
//! socket's mode, and by what the kernel says of the caller.

use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;
use std::time::Duration;

use camino::Utf8Path;
use serde::{Deserialize, Serialize};
use slog::{Logger, info, warn};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::{Progress, Shutdown};
use crate::host;
use crate::shim::place::{Place, SocketDoor};

/// The socket's name in the state directory.
pub const NAME: &str = "control.sock";
/// A caller hears something at least this often while the process lives.
pub const BEAT: Duration = Duration::from_secs(1);
/// How long a caller may take to say what it wants.
const REQUEST_PATIENCE: Duration = Duration::from_secs(5);
/// Longer than any request.
const REQUEST_MAX_BYTES: u64 = 4096;

/// What can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Request {
    /// Shut the host's guests down within so many milliseconds, or join whoever does.
    Shutdown { within_ms: u64 },
}

/// Serves until it is aborted.
///
/// # Errors
/// What the system says, when there can be no socket.
pub fn open(state_dir: &Utf8Path, shutdown: Arc<Shutdown>, log: Logger) -> io::Result<JoinHandle<()>> {
    let listener = bind(state_dir)?;
    Ok(tokio::spawn(async move {
        loop {
            match listener.accept().await {
                Ok((caller, _)) => drop(tokio::spawn(serve(caller, shutdown.clone(), log.clone()))),
                // Too many open files: others end soon.
                Err(error) => {
                    warn!(log, "the control socket can't take a caller"; "error" => %error);
                    tokio::time::sleep(BEAT).await;
                }
            }
        }
    }))
}

/// Under its name it is never there with a looser mode.
fn bind(state_dir: &Utf8Path) -> io::Result<UnixListener> {
    let door = SocketDoor::open(&Place::new(state_dir))?;
    let (new, path) = (door.path("control.sock.new"), door.path(NAME));
    match std::fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(&new)?;
    std::fs::set_permissions(&new, std::fs::Permissions::from_mode(0o600))?;
    std::fs::rename(&new, &path)?;
    Ok(listener)
}

/// Connects to whoever serves there.
pub async fn connect(state_dir: &Utf8Path) -> io::Result<UnixStream> {
    let door = SocketDoor::open(&Place::new(state_dir))?;
    UnixStream::connect(door.path(NAME)).await
}

async fn serve(caller: UnixStream, shutdown: Arc<Shutdown>, log: Logger) {
    let uid = match caller.peer_cred() {
        Ok(credentials) => credentials.uid(),
        Err(error) => return warn!(log, "a caller of the control socket is nobody"; "error" => %error),
    };
    if !is_trusted(uid, nix::unistd::geteuid().as_raw()) {
        return warn!(log, "a caller of the control socket is refused"; "uid" => uid);
    }
    let (input, mut output) = caller.into_split();
    let mut line = String::new();
    let mut input = BufReader::new(input.take(REQUEST_MAX_BYTES));
    match timeout(REQUEST_PATIENCE, input.read_line(&mut line)).await {
        Ok(Ok(_)) => {}
        Ok(Err(_)) | Err(_) => return,
    }
    let Request::Shutdown { within_ms } = match serde_json::from_str(&line) {
        Ok(request) => request,
        Err(error) => return warn!(log, "a request that isn't understood"; "error" => %error),
    };
    info!(log, "asked to shut this host's guests down"; "within_ms" => within_ms, "uid" => uid);
    let deadline_ms = host::boottime_ms().saturating_add(within_ms);
    let progress = shutdown.begin(deadline_ms);
    drop(tell(&mut output, progress).await);
}

const fn is_trusted(uid: u32, own_uid: u32) -> bool {
    uid == 0 || uid == own_uid
}

async fn tell(
    output: &mut (impl tokio::io::AsyncWrite + Unpin),
    mut progress: watch::Receiver<Progress>,
) -> io::Result<()> {
    loop {
        let now = progress.borrow_and_update().clone();
        let mut line = serde_json::to_vec(&now)?;
        line.push(b'\n');
        output.write_all(&line).await?;
        if now.done {
            return output.shutdown().await;
        }
        if let Ok(Err(_gone)) = timeout(BEAT, progress.changed()).await {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_root_and_the_agents_own_user_are_listened_to() {
        for (uid, own, trusted) in
            [(0, 0, true), (0, 70, true), (70, 70, true), (70, 0, false), (71, 70, false)]
        {
            assert_eq!(is_trusted(uid, own), trusted, "{uid} {own}");
        }
    }

    #[tokio::test]
    async fn the_socket_is_its_owners_alone_and_replaces_what_a_dead_agent_left() {
        let dir = tempfile::tempdir().expect("a directory");
        let dir = Utf8Path::from_path(dir.path()).expect("UTF-8").join("a".repeat(120));
        std::fs::create_dir(&dir).expect("made");
        drop(bind(&dir).expect("bound"));
        assert!(connect(&dir).await.is_err(), "nobody serves");
        let _listener = bind(&dir).expect("bound again");
        connect(&dir).await.expect("somebody serves");
        let mode = std::fs::metadata(dir.join(NAME)).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(dir.read_dir_utf8().expect("listed").count(), 1);
    }
}
