//! What a background task is, and the loop that runs it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use slog::{Logger, debug, o, warn};
use tokio::task::AbortHandle;
use tokio::time::Instant;

use crate::wake::Listener;
use crate::world::World;

/// Which ring makes a task look before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bell {
    None,
    Changes,
    Intents,
}

/// One background task.
#[async_trait]
pub trait Task: Send + Sync {
    /// Its name, for logs, metrics and lists.
    fn name(&self) -> &'static str;
    /// The longest time between two runs.
    fn period(&self) -> Duration;
    /// What rings for it.
    fn bell(&self) -> Bell {
        Bell::None
    }
    /// The least time between two runs, however often the bell rings.
    fn breath(&self) -> Duration {
        Duration::from_millis(10)
    }
    /// A run that takes longer is cut off.
    fn limit(&self) -> Duration {
        Duration::from_secs(30)
    }
    /// Looks and repairs. Says what it did; empty: nothing was to be done.
    async fn run(&self, world: &Arc<World>) -> Result<String, TaskError>;
}

/// A run failed; the next one tries again.
pub type TaskError = Box<dyn std::error::Error + Send + Sync>;

/// How a task's runs went.
#[derive(Clone, Debug, Default)]
pub struct TaskStatus {
    pub runs: u64,
    pub failures: u64,
    /// Runs in a row that failed.
    pub failing: u64,
    pub last_duration: Duration,
    /// What the last run that did something did.
    pub last_done: String,
    pub last_error: Option<String>,
}

/// All running tasks of a nexus. Dropped, they stop.
#[derive(Debug)]
pub struct Tasks {
    running: Vec<AbortHandle>,
    statuses: Arc<Mutex<BTreeMap<&'static str, TaskStatus>>>,
}

impl Tasks {
    /// Starts them.
    pub fn start(world: &Arc<World>, tasks: Vec<Box<dyn Task>>) -> Tasks {
        let statuses = Arc::new(Mutex::new(BTreeMap::new()));
        let mut running = Vec::new();
        for task in tasks {
            let looks = run_for_ever(Arc::clone(world), task, Arc::clone(&statuses));
            running.push(tokio::spawn(looks).abort_handle());
        }
        Tasks { running, statuses }
    }

    /// How the runs of each went.
    pub fn statuses(&self) -> BTreeMap<&'static str, TaskStatus> {
        self.statuses.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Stops them, where they stand.
    pub fn stop(&self) {
        self.running.iter().for_each(AbortHandle::abort);
    }
}

impl Drop for Tasks {
    fn drop(&mut self) {
        self.stop();
    }
}

async fn run_for_ever(
    world: Arc<World>,
    task: Box<dyn Task>,
    statuses: Arc<Mutex<BTreeMap<&'static str, TaskStatus>>>,
) {
    let log = world.log.new(o!("task" => task.name()));
    let mut listener: Option<Listener> = match task.bell() {
        Bell::None => None,
        Bell::Changes => Some(world.wake.on_change()),
        Bell::Intents => Some(world.wake.on_intent()),
    };
    loop {
        let began = Instant::now();
        let result = tokio::time::timeout(task.limit(), task.run(&world)).await;
        let result = result.unwrap_or_else(|_| Err(format!("cut off after {:?}", task.limit()).into()));
        note(&log, task.name(), began.elapsed(), result, &statuses);
        tokio::time::sleep(task.breath()).await;
        match &mut listener {
            Some(listener) => listener.wait(task.period()).await,
            None => tokio::time::sleep(task.period()).await,
        }
    }
}

fn note(
    log: &Logger,
    name: &'static str,
    took: Duration,
    result: Result<String, TaskError>,
    statuses: &Mutex<BTreeMap<&'static str, TaskStatus>>,
) {
    let mut statuses = statuses.lock().unwrap_or_else(PoisonError::into_inner);
    let status = statuses.entry(name).or_default();
    status.runs += 1;
    status.last_duration = took;
    match result {
        Ok(done) => {
            status.failing = 0;
            status.last_error = None;
            if !done.is_empty() {
                debug!(log, "done"; "what" => &done);
                status.last_done = done;
            }
        }
        Err(error) => {
            status.failures += 1;
            status.failing += 1;
            // The first of a row of failures is news; the rest is counted.
            if status.failing == 1 {
                warn!(log, "background task failed; it will be tried again"; "error" => %error);
            }
            status.last_error = Some(error.to_string());
        }
    }
}
