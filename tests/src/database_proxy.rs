//! A wire between a nexus and its database that can be told to fail, in every way a wire does.
//!
//! It listens on a socket of its own, which takes the place of the server's in a nexus' configuration. What it cuts, it
//! cuts between a question and its answer too: then what was asked for has been done, and who asked doesn't know.

use crate::{Play, until};
use anyhow::{Context, Result, bail};
use camino::Utf8PathBuf;
use postgres::config::Host;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;
use tokio::task::AbortHandle;

/// The name that PostgreSQL's clients give to the socket in a directory.
const SOCKET: &str = ".s.PGSQL.5432";
const NEXUS_LIMIT: Duration = Duration::from_secs(60);

/// What is wrong with the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    Nothing,
    /// Every connection is cut, and none is let through.
    Away,
    /// Nothing gets through in either direction, and nobody is told.
    Silent,
    /// One in so many questions is cut off before the server heard it, and one in so many answers before it is heard.
    Cuts(u64),
}

/// The wire; dropped, it is away for good.
#[derive(Debug)]
pub struct DatabaseProxy {
    fault: watch::Sender<Fault>,
    shared: Arc<Shared>,
    accepting: AbortHandle,
    directory: tempfile::TempDir,
}

#[derive(Debug)]
struct Shared {
    server: PathBuf,
    /// Walks through the numbers from which it is drawn what is cut.
    draws: AtomicU64,
    questions_cut: AtomicU64,
    answers_cut: AtomicU64,
}

impl DatabaseProxy {
    /// Puts a wire between these nexus (from 0) and their database: each is stopped, configured, and started again.
    ///
    /// # Errors
    /// When a nexus doesn't come back.
    pub fn before(play: &mut Play, these: &[usize]) -> Result<Arc<DatabaseProxy>> {
        let proxy = Arc::new(DatabaseProxy::to(play)?);
        play.keep_wire(Arc::clone(&proxy));
        let (was, is) = (play.cluster.database_url(), proxy.url_like(&play.cluster.database_url())?);
        for index in these {
            let nexus = &mut play.cluster.nexus[*index];
            nexus.stop()?;
            let file = nexus.configuration();
            let text = std::fs::read_to_string(&file)?;
            std::fs::write(&file, text.replace(&was, &is))?;
            nexus.start()?;
            let door = play.api.at(*index);
            until("its door opens again", NEXUS_LIMIT, || {
                Ok(door.get::<serde_json::Value>("/v1/whoami").ok().map(drop))
            })?;
        }
        Ok(proxy)
    }

    fn to(play: &Play) -> Result<DatabaseProxy> {
        let config: postgres::Config = play.cluster.conninfo().parse()?;
        let server = match config.get_hosts() {
            [Host::Unix(directory)] => directory.join(SOCKET),
            other => bail!("not a server with one socket: {other:?}"),
        };
        let directory = tempfile::Builder::new().prefix("berth-wire-").tempdir()?;
        let (fault, faults) = watch::channel(Fault::Nothing);
        let shared = Arc::new(Shared {
            server,
            draws: AtomicU64::new(0),
            questions_cut: AtomicU64::new(0),
            answers_cut: AtomicU64::new(0),
        });
        let _here = play.runtime().enter();
        let listener = UnixListener::bind(directory.path().join(SOCKET))?;
        let accepting = tokio::spawn(accept(listener, Arc::clone(&shared), faults)).abort_handle();
        Ok(DatabaseProxy { fault, shared, accepting, directory })
    }

    /// `postgres:///x?host=%2Fdir&user=y` with our directory for the server's.
    fn url_like(&self, url: &str) -> Result<String> {
        let directory = Utf8PathBuf::try_from(self.directory.path().to_owned())?;
        let (before, host) = url.split_once("host=").context("a URL names its host")?;
        let behind = host.find('&').map_or("", |at| &host[at..]);
        Ok(format!("{before}host={}{behind}", directory.as_str().replace('/', "%2F")))
    }

    /// From now on this is wrong with it, for connections that are there too.
    pub fn set(&self, fault: Fault) {
        self.fault.send_replace(fault);
    }

    /// Questions and answers that [`Fault::Cuts`] has cut off so far.
    pub fn cut(&self) -> (u64, u64) {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        (read(&self.shared.questions_cut), read(&self.shared.answers_cut))
    }
}

impl Drop for DatabaseProxy {
    fn drop(&mut self) {
        self.accepting.abort();
        self.set(Fault::Away);
    }
}

async fn accept(listener: UnixListener, shared: Arc<Shared>, faults: watch::Receiver<Fault>) {
    while let Ok((client, _)) = listener.accept().await {
        tokio::spawn(carry(client, Arc::clone(&shared), faults.clone()));
    }
}

/// Which way a piece goes.
#[derive(Clone, Copy)]
enum Way {
    Question,
    Answer,
}

/// Carries one connection until one end closes it, or it is cut.
async fn carry(client: UnixStream, shared: Arc<Shared>, faults: watch::Receiver<Fault>) {
    if *faults.borrow() == Fault::Away {
        return;
    }
    // A server that is away answers nobody: the client's end is closed with ours.
    let Ok(server) = UnixStream::connect(&shared.server).await else { return };
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    // Whichever way ends first takes the other with it, and with both their sockets.
    tokio::select! {
        () = pass(Way::Question, from_client, to_server, &shared, faults.clone()) => {}
        () = pass(Way::Answer, from_server, to_client, &shared, faults.clone()) => {}
    }
}

async fn pass(
    way: Way,
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    shared: &Shared,
    mut faults: watch::Receiver<Fault>,
) {
    let mut piece = vec![0; 64 * 1024];
    loop {
        let read = tokio::select! {
            gone = faults.wait_for(|fault| *fault == Fault::Away) => return drop(gone),
            read = from.read(&mut piece) => read,
        };
        let Ok(length @ 1..) = read else { return };
        // The piece is with us while nothing gets through.
        let Ok(fault) = faults.wait_for(|fault| *fault != Fault::Silent).await.map(|fault| *fault) else {
            return;
        };
        let cut = match fault {
            Fault::Away => true,
            Fault::Cuts(one_in) => shared.is_cut(way, one_in),
            Fault::Nothing | Fault::Silent => false,
        };
        if cut || to.write_all(&piece[..length]).await.is_err() {
            return;
        }
    }
}

impl Shared {
    fn is_cut(&self, way: Way, one_in: u64) -> bool {
        let drawn = scattered(self.draws.fetch_add(1, Ordering::Relaxed));
        let cut = drawn.is_multiple_of(one_in.max(1));
        if cut {
            let count = match way {
                Way::Question => &self.questions_cut,
                Way::Answer => &self.answers_cut,
            };
            count.fetch_add(1, Ordering::Relaxed);
        }
        cut
    }
}

/// Neighbouring numbers far apart (the finalizer of SplitMix64), so that what is cut follows no rhythm.
fn scattered(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
