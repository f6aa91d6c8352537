//! One private server: start or join, stop, restart, kill.

use crate::identity::Identity;
use crate::pidfile::{self, Holder};
use crate::place::Place;
use crate::{Address, Binaries, psql, spawn, wait};
use anyhow::{Context, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs::File;
use std::process::Child;
use std::time::{Duration, Instant};

/// From spawn to the first accepted connection; generous, because it includes crash recovery.
const START_LIMIT: Duration = Duration::from_secs(60);
/// A fast stop writes a checkpoint first.
const FAST_STOP_LIMIT: Duration = Duration::from_secs(30);
/// An immediate stop writes nothing.
const IMMEDIATE_STOP_LIMIT: Duration = Duration::from_secs(5);
/// How much of the log goes into a failure's text.
const LOG_TAIL_LINES: usize = 12;

/// How long a server lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// Until somebody stops it; it outlives the process that started it.
    Daemon,
    /// Until this [`PrivateServer`] is dropped or its process ends, even by SIGKILL.
    EndsWithOwner,
    /// Until nobody holds a shared lock on this file; then its files are removed too.
    EndsWithUsersOf(Utf8PathBuf),
}

/// What a server is started with. A server that is joined keeps what it was started with.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// Everything of the server lives in here; made if missing.
    pub directory: Utf8PathBuf,
    /// `name`, `value` as in `postgresql.conf`.
    pub settings: Vec<(String, String)>,
    pub lifetime: Lifetime,
}

impl ServerOptions {
    /// A daemon with PostgreSQL's defaults.
    pub fn new(directory: impl Into<Utf8PathBuf>) -> Self {
        Self { directory: directory.into(), settings: Vec::new(), lifetime: Lifetime::Daemon }
    }

    #[must_use]
    pub fn setting(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    #[must_use]
    pub fn lifetime(mut self, lifetime: Lifetime) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// Starts the server, or joins the one that runs on this directory.
    ///
    /// # Errors
    /// When PostgreSQL isn't installed, the directory can't be used, or the server doesn't come up; the
    /// text carries the end of the server's log.
    pub fn start(self) -> Result<PrivateServer> {
        PrivateServer::start_with(self)
    }
}

/// How a server is asked to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopMode {
    /// Ends sessions, writes a checkpoint.
    Fast,
    /// Ends at once; the next start recovers from the log.
    Immediate,
}

/// A running server of ours. Dropping it ends it only if it was started to end with its owner.
#[derive(Debug)]
pub struct PrivateServer {
    binaries: Binaries,
    identity: Identity,
    place: Place,
    options: ServerOptions,
    /// The server or its guard, if this process spawned it.
    child: Option<Child>,
}

impl PrivateServer {
    /// Starts (or joins) a daemon with default settings.
    ///
    /// # Errors
    /// As [`ServerOptions::start`].
    pub fn start(directory: impl Into<Utf8PathBuf>) -> Result<Self> {
        ServerOptions::new(directory).start()
    }

    fn start_with(options: ServerOptions) -> Result<Self> {
        let binaries = Binaries::find()?;
        let identity = Identity::choose()?;
        let place = Place::prepare(&options.directory, &identity)?;
        let mut server = Self { binaries, identity, place, options, child: None };
        server.come_up()?;
        Ok(server)
    }

    /// Where it listens.
    pub fn address(&self) -> Address {
        Address::new(&self.place.socket, spawn::SUPERUSER)
    }

    /// Its log file.
    pub fn log(&self) -> &Utf8Path {
        &self.place.log
    }

    /// Pid of the live postmaster.
    pub fn pid(&self) -> Option<Pid> {
        pidfile::holder(&self.place.data).map(|holder| holder.pid)
    }

    /// Whether it accepts connections now.
    pub fn accepts(&self) -> bool {
        pidfile::holder(&self.place.data).is_some_and(|holder| holder.ready)
    }

    /// Runs a script with `psql` and returns its rows, columns separated by `|`.
    ///
    /// # Errors
    /// With the first error the server reports.
    pub fn sql(&self, database: &str, script: &str) -> Result<String> {
        psql::run(&self.binaries, &self.address(), database, script)
    }

    /// Stops it and waits until its process is gone. One that doesn't run is stopped already; one that
    /// doesn't hear is asked harder, and killed in the end.
    ///
    /// # Errors
    /// Only when even SIGKILL doesn't end it.
    pub fn stop(&mut self, mode: StopMode) -> Result<()> {
        let mut steps = vec![
            (Signal::SIGINT, FAST_STOP_LIMIT),
            (Signal::SIGQUIT, IMMEDIATE_STOP_LIMIT),
            (Signal::SIGKILL, IMMEDIATE_STOP_LIMIT),
        ];
        if mode == StopMode::Immediate {
            steps.remove(0);
        }
        let mut outcome = Ok(());
        for (signal, limit) in steps {
            let Some(pid) = self.pid() else {
                outcome = Ok(());
                break;
            };
            send(pid, signal)?;
            send(pid, Signal::SIGCONT)?;
            outcome = self.wait_gone(pid, limit);
        }
        self.release_child();
        outcome
    }

    /// Stops it fast and starts it on the same data with the same settings.
    ///
    /// # Errors
    /// As [`PrivateServer::stop`] and [`ServerOptions::start`].
    pub fn restart(&mut self) -> Result<()> {
        self.stop(StopMode::Fast)?;
        self.come_up()
    }

    /// Starts it again after a stop or a kill, and joins it if it runs.
    ///
    /// # Errors
    /// As [`ServerOptions::start`].
    pub fn come_up(&mut self) -> Result<()> {
        let lock = File::options().create(true).append(true).open(&self.place.start_lock)?;
        lock.lock().with_context(|| format!("locking {}", self.place.start_lock))?;
        if let Some(holder) = pidfile::holder(&self.place.data) {
            return self.wait_ready(holder);
        }
        self.release_child();
        // A socket directory under /tmp may have been swept since.
        crate::place::private_directory(&self.place.socket, &self.identity)?;
        let durable = self.options.lifetime == Lifetime::Daemon;
        spawn::ensure_data(&self.binaries, &self.identity, &self.place, durable)?;
        self.spawn_until_ready()
    }

    /// kill −9 of the postmaster, for tests; its children end by themselves.
    ///
    /// # Errors
    /// When it doesn't run.
    pub fn kill_hard(&mut self) -> Result<()> {
        let pid = self.pid().context("the server doesn't run")?;
        send(pid, Signal::SIGKILL)?;
        self.wait_gone(pid, IMMEDIATE_STOP_LIMIT)?;
        self.release_child();
        Ok(())
    }

    /// SIGSTOP of the postmaster, for tests: new connections hang, open sessions go on.
    ///
    /// # Errors
    /// When it doesn't run.
    pub fn freeze(&self) -> Result<()> {
        send(self.pid().context("the server doesn't run")?, Signal::SIGSTOP)
    }

    /// Undoes [`PrivateServer::freeze`].
    ///
    /// # Errors
    /// When it doesn't run.
    pub fn thaw(&self) -> Result<()> {
        send(self.pid().context("the server doesn't run")?, Signal::SIGCONT)
    }

    /// Children of a killed postmaster hold the shared memory for a moment, and the next postmaster
    /// refuses to start until they are gone: so a start that fails is repeated for a while.
    fn spawn_until_ready(&mut self) -> Result<()> {
        let begin = Instant::now();
        loop {
            // Nobody serves this directory (we hold the start lock and looked), so what the file says is old.
            let _ = std::fs::remove_file(self.place.data.join("postmaster.pid"));
            let log_before = log_length(&self.place.log);
            let Self { binaries, identity, place, options, .. } = self;
            let child = spawn::spawn(binaries, identity, place, &options.settings, &options.lifetime)?;
            self.child = Some(child);
            match self.wait_spawned() {
                Ok(()) => return Ok(()),
                Err(_) if begin.elapsed() < START_LIMIT && self.shared_memory_in_use(log_before) => {
                    self.give_up_child();
                }
                Err(error) => {
                    self.give_up_child();
                    return Err(error.context(self.log_tail()));
                }
            }
            std::thread::sleep(Duration::from_millis(300));
        }
    }

    fn wait_spawned(&mut self) -> Result<()> {
        let place = &self.place;
        let child = self.child.as_mut().context("nothing was spawned")?;
        wait::until("PostgreSQL's start", START_LIMIT, || {
            if pidfile::holder(&place.data).is_some_and(|holder| holder.ready) {
                return Ok(Some(()));
            }
            // A guard outlives its server, so there what it noted tells.
            let gone = pidfile::noted(&place.note).is_some_and(|pid| !pidfile::lives(pid));
            if gone || child.try_wait()?.is_some() {
                bail!("PostgreSQL ended while it started");
            }
            Ok(None)
        })
    }

    fn wait_ready(&self, joined: Holder) -> Result<()> {
        wait::until("the running server's readiness", START_LIMIT, || {
            match pidfile::holder(&self.place.data) {
                Some(holder) if holder.ready => Ok(Some(())),
                Some(_) => Ok(None),
                None => bail!("server {} ended while we joined it; {}", joined.pid, self.log_tail()),
            }
        })
    }

    fn wait_gone(&mut self, pid: Pid, limit: Duration) -> Result<()> {
        let data = self.place.data.clone();
        let child = &mut self.child;
        wait::until("the server's end", limit, || {
            if let Some(child) = child {
                // Reaps our own child: as a zombie it would look alive to the next server, which then
                // refuses the socket's lock file.
                let reaped = child.try_wait()?.is_some();
                if u32::try_from(pid.as_raw()) == Ok(child.id()) {
                    return Ok(reaped.then_some(()));
                }
            }
            Ok((!pidfile::serves(pid, &data)).then_some(()))
        })
    }

    /// Lets go of the spawned process. The guard of an owner ends at the end of its input.
    fn release_child(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        drop(child.stdin.take());
        if self.options.lifetime == Lifetime::EndsWithOwner {
            // The server is gone or told to go by now; the guard follows.
            let _ = child.wait();
        } else {
            let _ = child.try_wait();
        }
    }

    /// Lets go of what was spawned and didn't come up.
    fn give_up_child(&mut self) {
        if let (Lifetime::EndsWithUsersOf(_), Some(guard)) = (&self.options.lifetime, &mut self.child) {
            // It would wait for the users of the next server, and then take that one's files away. What it began, if
            // that is there at all, ends with it.
            let _ = guard.kill();
            let _ = guard.wait();
        }
        self.release_child();
    }

    fn shared_memory_in_use(&self, log_from: u64) -> bool {
        let log = std::fs::read(&self.place.log).unwrap_or_default();
        let new = log.get(usize::try_from(log_from).unwrap_or(0)..).unwrap_or_default();
        String::from_utf8_lossy(new).contains("shared memory block")
    }

    fn log_tail(&self) -> String {
        let text = std::fs::read(&self.place.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text).into_owned();
        let lines: Vec<&str> = text.lines().collect();
        let tail = lines[lines.len().saturating_sub(LOG_TAIL_LINES)..].join("\n  ");
        format!("the end of {} says:\n  {tail}", self.place.log)
    }
}

impl Drop for PrivateServer {
    fn drop(&mut self) {
        if self.options.lifetime == Lifetime::EndsWithOwner && self.child.is_some() {
            // The guard does the same if this fails.
            let _ = self.stop(StopMode::Fast);
        }
    }
}

/// Stops the server that runs on a directory, if one does, without starting any.
///
/// # Errors
/// As [`PrivateServer::stop`].
pub fn stop_at(directory: &Utf8Path) -> Result<()> {
    if !directory.join("data").exists() {
        return Ok(());
    }
    let (binaries, identity) = (Binaries::find()?, Identity::choose()?);
    let place = Place::prepare(directory, &identity)?;
    let options = ServerOptions::new(directory);
    PrivateServer { binaries, identity, place, options, child: None }.stop(StopMode::Fast)
}

fn send(pid: Pid, signal: Signal) -> Result<()> {
    match kill(pid, signal) {
        Ok(()) | Err(Errno::ESRCH) => Ok(()),
        Err(error) => Err(error).with_context(|| format!("sending {signal} to {pid}")),
    }
}

fn log_length(log: &Utf8Path) -> u64 {
    std::fs::metadata(log).map_or(0, |found| found.len())
}
