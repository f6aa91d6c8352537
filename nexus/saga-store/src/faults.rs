//! Faults put into an engine by tests: what the saga matrix is made of.
//!
//! A plain value, given to the engine when it is made; [`Faults::none`] costs one branch. Each fault happens once,
//! so that a repeated step, or the next engine, gets through.

use crate::context::Direction;
use crate::signal::Signal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// What goes wrong at a step.
#[derive(Clone, Debug)]
pub enum StepFault {
    /// The step fails and has done nothing.
    FailBefore,
    /// The step takes effect, then fails.
    FailAfter,
    /// The step panics.
    Panic,
    /// The step runs twice; the second answer counts.
    Twice,
    /// This nexus dies when the step was about to run.
    CrashBefore,
    /// The step takes effect, then this nexus dies: nobody learns what it answered.
    CrashAfter,
    /// The step's first transaction commits, but its answer is lost.
    CommitHidden,
    /// The connection is lost just before the step's first COMMIT.
    CommitLost,
    /// The step waits at the gate before it runs: adopt the saga elsewhere, open the gate, and a zombie goes on.
    Pause(Gate),
}

/// Where a paused step stands until the test lets it go on.
#[derive(Clone, Debug)]
pub struct Gate {
    reached: Signal,
    open: Signal,
}

impl Gate {
    #[expect(clippy::new_without_default, reason = "a gate is an identity, not a value with a default")]
    pub fn new() -> Gate {
        Gate { reached: Signal::new(), open: Signal::new() }
    }

    /// Returns when the step stands at the gate.
    pub async fn reached(&self) {
        self.reached.fired().await;
    }

    pub fn open(&self) {
        self.open.fire();
    }

    /// Stands at the gate until it is open.
    pub async fn pass(&self) {
        self.reached.fire();
        self.open.fired().await;
    }
}

#[derive(Debug)]
struct Planned {
    step: String,
    direction: Direction,
    fault: StepFault,
    happened: AtomicBool,
}

#[derive(Debug, Default)]
struct Plan {
    crash_after_append: Option<u64>,
    appends: AtomicU64,
    steps: Vec<Planned>,
}

/// The faults of one engine; clones share what already happened.
#[derive(Clone, Debug, Default)]
pub struct Faults(Option<Arc<Plan>>);

impl Faults {
    pub fn none() -> Faults {
        Faults(None)
    }

    /// The engine dies as soon as its `k`-th append (counted from 1, over all its sagas) is durable: it answers
    /// nothing any more and starts nothing.
    pub fn crash_after_append(k: u64) -> Faults {
        Faults(Some(Arc::new(Plan { crash_after_append: Some(k), ..Plan::default() })))
    }

    /// One fault at one step.
    pub fn at(step: &str, direction: Direction, fault: StepFault) -> Faults {
        Faults::at_all([(step, direction, fault)])
    }

    /// Several faults, each at its step.
    pub fn at_all<'a>(faults: impl IntoIterator<Item = (&'a str, Direction, StepFault)>) -> Faults {
        let steps = faults
            .into_iter()
            .map(|(step, direction, fault)| Planned {
                step: step.to_owned(),
                direction,
                fault,
                happened: AtomicBool::new(false),
            })
            .collect();
        Faults(Some(Arc::new(Plan { steps, ..Plan::default() })))
    }

    /// How many of the planned step faults have happened: a test that plans one checks that it did.
    pub fn happened(&self) -> usize {
        self.0.iter().flat_map(|plan| &plan.steps).filter(|p| p.happened.load(Ordering::SeqCst)).count()
    }

    /// How many appends were made so far; counted only by a plan that crashes.
    pub fn appends(&self) -> u64 {
        self.0.as_ref().map_or(0, |plan| plan.appends.load(Ordering::SeqCst))
    }

    /// Counts an append; true if the engine dies with it.
    pub(crate) fn dies_with_this_append(&self) -> bool {
        let Some(plan) = &self.0 else { return false };
        let Some(k) = plan.crash_after_append else { return false };
        plan.appends.fetch_add(1, Ordering::SeqCst) + 1 == k
    }

    /// Takes the fault that is due around this run of a step, if any.
    pub(crate) fn around_step(&self, step: &str, direction: Direction) -> Option<StepFault> {
        self.take(step, direction, |fault| !matches!(fault, StepFault::CommitHidden | StepFault::CommitLost))
    }

    pub(crate) fn loses_commit(&self, step: &str, direction: Direction) -> bool {
        self.take(step, direction, |fault| matches!(fault, StepFault::CommitLost)).is_some()
    }

    pub(crate) fn hides_commit(&self, step: &str, direction: Direction) -> bool {
        self.take(step, direction, |fault| matches!(fault, StepFault::CommitHidden)).is_some()
    }

    fn take(&self, step: &str, direction: Direction, which: fn(&StepFault) -> bool) -> Option<StepFault> {
        let plan = self.0.as_ref()?;
        plan.steps
            .iter()
            .find(|planned| {
                planned.step == step
                    && planned.direction == direction
                    && which(&planned.fault)
                    && !planned.happened.swap(true, Ordering::SeqCst)
            })
            .map(|planned| planned.fault.clone())
    }
}
