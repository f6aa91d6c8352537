//! Recomputes every invariant from the rows, and raises an alert for what differs twice in a row: a difference that is
//! seen once may be work that is just being done.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use berth_db::check::{Difference, SETTLE_S, check};
use slog::error;

use super::task::{Task, TaskError};
use crate::world::World;

/// The task.
#[derive(Debug)]
pub struct InvariantCheck {
    pub period: Duration,
}

/// What the last run found.
static LAST: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

#[async_trait]
impl Task for InvariantCheck {
    fn name(&self) -> &'static str {
        "invariant_check"
    }

    fn period(&self) -> Duration {
        self.period
    }

    async fn run(&self, world: &Arc<World>) -> Result<String, TaskError> {
        let found = check(&world.db, SETTLE_S).await?;
        let found: BTreeSet<String> = found.iter().map(said).collect();
        let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
        let lasting: Vec<&String> = found.intersection(&last).collect();
        for violation in &lasting {
            error!(world.log, "ALARM: an invariant doesn't hold"; "what" => violation.as_str());
        }
        let count = lasting.len();
        *last = found;
        Ok(if count == 0 { String::new() } else { format!("{count} violations") })
    }
}

fn said(difference: &Difference) -> String {
    format!("{}: {}: {}", difference.check, difference.subject, difference.message)
}
