//! A run being held by this agent: what its shim tells becomes events, what is asked of it becomes orders.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;

use super::migrate::QemuMigrator;
use super::qmp::{Qmp, QmpError};
use super::standing::{Standing, standing};
use super::{off_runtime, orders};
use crate::hypervisor::migration::Migrator;
use crate::hypervisor::{ExitRecord, LaunchError, Machine, MachineEvent};
use crate::shim::clock;
use crate::shim::place::{Place, SocketDoor};
use crate::shim::records::Told;

/// How often the monitor is asked whether it still answers.
const ASK_EVERY: Duration = Duration::from_secs(2);
/// A monitor that takes longer than this is *unresponsive*. It takes 0.2 ms when all is well.
const ASK_PATIENCE: Duration = Duration::from_secs(1);
/// Between two looks at a shim that can't be talked to.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// Dropping it ends only the watching.
#[derive(Debug)]
pub(super) struct QemuMachine {
    place: Place,
    run: u32,
    events: Option<mpsc::UnboundedReceiver<MachineEvent>>,
    poke: Arc<Notify>,
    watching: Vec<JoinHandle<()>>,
    migrator: Arc<QemuMigrator>,
}

impl QemuMachine {
    /// Holds a run whose shim lives (or did a moment ago).
    pub(super) fn hold(place: Place, run: u32, log: &slog::Logger) -> Self {
        let (sender, events) = mpsc::unbounded_channel();
        let poke = Arc::new(Notify::new());
        let watch =
            Watch { place: place.clone(), run, events: sender.clone(), poke: poke.clone(), running: false };
        let log = log.new(slog::o!("vmm" => place.directory().file_name().unwrap_or_default().to_owned()));
        let asking = tokio::spawn(ask(place.clone(), sender));
        let watching = tokio::spawn(watch.until_it_ended(log, asking.abort_handle()));
        let migrator = Arc::new(QemuMigrator::new(place.clone()));
        Self { place, run, events: Some(events), poke, watching: vec![watching, asking], migrator }
    }

    /// A run that ended before it could be held.
    pub(super) fn ended(place: Place, record: ExitRecord) -> Self {
        let (sender, events) = mpsc::unbounded_channel();
        let run = record.run;
        // The receiver is right here.
        let _ = sender.send(MachineEvent::Ended(record));
        let migrator = Arc::new(QemuMigrator::new(place.clone()));
        Self {
            place,
            run,
            events: Some(events),
            poke: Arc::new(Notify::new()),
            watching: Vec::new(),
            migrator,
        }
    }

    async fn order(&self, deadline_ms: u64, kill: bool) -> Result<(), LaunchError> {
        let (place, run) = (self.place.clone(), self.run);
        off_runtime(move || orders::give(&place, run, deadline_ms, kill)).await?;
        self.poke.notify_one();
        Ok(())
    }
}

impl Drop for QemuMachine {
    fn drop(&mut self) {
        self.watching.iter().for_each(JoinHandle::abort);
    }
}

#[async_trait]
impl Machine for QemuMachine {
    fn events(&mut self) -> mpsc::UnboundedReceiver<MachineEvent> {
        // A second reader finds a channel that has ended.
        self.events.take().unwrap_or_else(|| mpsc::unbounded_channel().1)
    }

    async fn stop(&self, grace: Duration) -> Result<(), LaunchError> {
        let grace_ms = u64::try_from(grace.as_millis()).unwrap_or(u64::MAX);
        self.order(clock::now_ms().saturating_add(grace_ms), false).await
    }

    fn migrator(&self) -> Arc<dyn Migrator> {
        self.migrator.clone()
    }

    async fn kill(&self) -> Result<(), LaunchError> {
        self.order(clock::now_ms(), true).await
    }
}

struct Watch {
    place: Place,
    run: u32,
    events: mpsc::UnboundedSender<MachineEvent>,
    poke: Arc<Notify>,
    running: bool,
}

impl Watch {
    /// Listens to the shim for as long as there is one, then reads how it ended.
    async fn until_it_ended(mut self, log: slog::Logger, asking: tokio::task::AbortHandle) {
        loop {
            if let Ok((lines, pokes)) = connect(&self.place).await {
                self.listen(lines, pokes).await;
            }
            let (place, run) = (self.place.clone(), self.run);
            match off_runtime(move || standing(&place)).await {
                Ok(Standing::Held { run: held }) if held == run => {}
                Ok(Standing::Ended(record)) if record.run == run => {
                    asking.abort();
                    self.tell(MachineEvent::Ended(record));
                    return;
                }
                Ok(other) => {
                    slog::error!(log, "a run is gone without a record"; "run" => run, "there is" => ?other);
                    return;
                }
                Err(error) => slog::warn!(log, "a run can't be looked at"; "run" => run, "error" => %error),
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    /// Until the shim hangs up.
    async fn listen(&mut self, mut lines: Lines<BufReader<OwnedReadHalf>>, mut pokes: OwnedWriteHalf) {
        let poke = self.poke.clone();
        loop {
            tokio::select! {
                line = lines.next_line() => match line {
                    Ok(Some(line)) => self.hear(&line),
                    Ok(None) | Err(_) => return,
                },
                // A poke that is lost costs one of the shim's own rounds.
                () = poke.notified() => drop(pokes.write_all(b"p").await),
            }
        }
    }

    fn hear(&mut self, line: &str) {
        match serde_json::from_str(line) {
            Ok(Told::State { running, .. }) => {
                if running && !self.running {
                    self.tell(MachineEvent::Running);
                }
                self.running = running;
            }
            Ok(Told::Ladder { words }) => self.tell(MachineEvent::Ladder(words)),
            Ok(Told::Stuck) => self.tell(MachineEvent::Stuck),
            // The record is read when the lock is free. What a newer shim says beyond this is for newer agents.
            Ok(Told::Ended) | Err(_) => {}
        }
    }

    fn tell(&self, event: MachineEvent) {
        // Whoever doesn't listen any more doesn't need to know.
        let _ = self.events.send(event);
    }
}

async fn connect(place: &Place) -> io::Result<(Lines<BufReader<OwnedReadHalf>>, OwnedWriteHalf)> {
    let door = SocketDoor::open(place)?;
    let (input, output) = UnixStream::connect(door.path(Place::CONTROL)).await?.into_split();
    Ok((BufReader::new(input).lines(), output))
}

/// The first line of a connection: (the guest's CPUs run, it is being stopped).
pub(super) async fn first_state(place: &Place) -> io::Result<(bool, bool)> {
    let (mut lines, _) = connect(place).await?;
    let line = lines.next_line().await?.unwrap_or_default();
    match serde_json::from_str(&line)? {
        Told::State { running, stopping, .. } => Ok((running, stopping)),
        other => Err(io::Error::other(format!("{other:?} instead of a state"))),
    }
}

/// Asks the monitor again and again, and tells when its silence begins and ends.
async fn ask(place: Place, events: mpsc::UnboundedSender<MachineEvent>) {
    let mut connection = None;
    let mut silent = false;
    loop {
        let answered = ask_once(&place, &mut connection).await;
        let now_silent = matches!(answered, Err(QmpError::Silent));
        if now_silent != silent && events.send(MachineEvent::Unresponsive(now_silent)).is_err() {
            return;
        }
        silent = now_silent;
        tokio::time::sleep(ASK_EVERY).await;
    }
}

async fn ask_once(place: &Place, connection: &mut Option<Qmp>) -> Result<(), QmpError> {
    let client = match connection.take() {
        Some(client) => client,
        None => {
            let door = SocketDoor::open(place).map_err(|error| QmpError::Unreachable(error.to_string()))?;
            Qmp::connect(&door.path(Place::MONITOR), ASK_PATIENCE).await?.0
        }
    };
    client.execute("query-status", json!({})).await?;
    *connection = Some(client);
    Ok(())
}
