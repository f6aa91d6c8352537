//! A simulated run being held: sleeps until something is due, and tells it.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::SimulatedClock;
use super::fate;
use super::life::{Cell, LifeStanding};
use super::migrate::SimulatedMigrator;
use super::words::Quirk;
use crate::hypervisor::migration::Migrator;
use crate::hypervisor::{LaunchError, Machine, MachineEvent};

/// How soon a life whose files can't be written is looked at again.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// Dropping it ends only the watching.
#[derive(Debug)]
pub(super) struct SimulatedMachine {
    cell: Arc<Cell>,
    clock: SimulatedClock,
    events: Option<mpsc::UnboundedReceiver<MachineEvent>>,
    watching: JoinHandle<()>,
}

impl SimulatedMachine {
    pub(super) fn hold(cell: Arc<Cell>, clock: SimulatedClock) -> Self {
        let (sender, events) = mpsc::unbounded_channel();
        let watching = tokio::spawn(watch(cell.clone(), clock, sender));
        Self { cell, clock, events: Some(events), watching }
    }
}

impl Drop for SimulatedMachine {
    fn drop(&mut self) {
        self.watching.abort();
    }
}

#[async_trait]
impl Machine for SimulatedMachine {
    fn events(&mut self) -> mpsc::UnboundedReceiver<MachineEvent> {
        // A second reader finds a channel that has ended.
        self.events.take().unwrap_or_else(|| mpsc::unbounded_channel().1)
    }

    async fn stop(&self, grace: Duration) -> Result<(), LaunchError> {
        let now_ms = self.clock.now_ms();
        let grace_ms = u64::try_from(grace.as_millis()).unwrap_or(u64::MAX);
        self.cell.change(|life| life.stop(now_ms, now_ms.saturating_add(grace_ms)))
    }

    fn migrator(&self) -> Arc<dyn Migrator> {
        Arc::new(SimulatedMigrator::new(self.cell.clone(), self.clock))
    }

    async fn kill(&self) -> Result<(), LaunchError> {
        let now_ms = self.clock.now_ms();
        self.cell.change(|life| {
            life.kill_ms.get_or_insert(now_ms);
        })
    }
}

/// What was told already.
#[derive(Default)]
struct Told {
    running: bool,
    silent: bool,
    stopping: bool,
    stuck: bool,
}

async fn watch(cell: Arc<Cell>, clock: SimulatedClock, events: mpsc::UnboundedSender<MachineEvent>) {
    let mut changes = cell.changes();
    let mut told = Told::default();
    loop {
        let now_ms = clock.now_ms();
        let mut look_again = None;
        match cell.standing(now_ms) {
            Ok(LifeStanding::Ended(record)) => {
                let _ = events.send(MachineEvent::Ended(record));
                return;
            }
            Ok(LifeStanding::Runs { running, stopping, .. }) => {
                for event in news(&cell, &mut told, running, stopping, now_ms) {
                    let _ = events.send(event);
                }
            }
            // A folder that can't be written (disk full): its end isn't told before it is on disk, so it is tried again.
            Err(_) => look_again = Some(clock.at(now_ms) + LOOK_AGAIN),
        }
        let due = cell.look(|life| {
            let printed = fate::printed(life).into_iter().map(|(at_ms, _)| at_ms);
            let end = fate::end(life).map(|end| end.at_ms);
            printed.chain(end).chain(fate::stuck_ms(life)).filter(|at_ms| *at_ms > now_ms).min()
        });
        let due = due.map(|at_ms| clock.at(at_ms)).into_iter().chain(look_again).min();
        let sleep = async {
            match due {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = sleep => {}
            changed = changes.changed() => if changed.is_err() { return },
        }
    }
}

fn news(cell: &Cell, told: &mut Told, running: bool, stopping: bool, now_ms: u64) -> Vec<MachineEvent> {
    let (silent, stuck_ms) =
        cell.look(|life| (life.script.quirk == Some(Quirk::Silent), fate::stuck_ms(life)));
    let stuck = stuck_ms.is_some_and(|at_ms| at_ms <= now_ms);
    let mut news = Vec::new();
    if running && !std::mem::replace(&mut told.running, true) {
        news.push(MachineEvent::Running);
    }
    if silent && !std::mem::replace(&mut told.silent, true) {
        news.push(MachineEvent::Unresponsive(true));
    }
    if stopping && !std::mem::replace(&mut told.stopping, true) {
        news.push(MachineEvent::Ladder("pressed the power button".to_owned()));
    }
    if stuck && !std::mem::replace(&mut told.stuck, true) {
        news.push(MachineEvent::Stuck);
    }
    news
}
