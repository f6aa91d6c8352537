//! Progress of operations on standard error: a bar each on a terminal, a line per change elsewhere.

use std::cell::RefCell;
use std::io::{self, IsTerminal};
use std::time::Duration;

use berth_common::operation::{OperationKind, OperationState};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::amount;
use crate::cell::printable;
use crate::generated::types::Operation;
use crate::output::note;

/// How often a spinner turns.
const TICK: Duration = Duration::from_millis(120);

/// Where progress is shown.
#[derive(Debug)]
pub enum Progress {
    /// On a terminal.
    Bars(MultiProgress),
    /// Into a log.
    Lines,
    /// Nowhere.
    Hidden,
}

/// The progress of one operation.
#[derive(Debug)]
pub enum Watched {
    /// A bar or spinner.
    Bar(ProgressBar),
    /// The line that was printed last.
    Line(RefCell<String>),
    /// Not shown.
    Hidden,
}

impl Progress {
    /// Shown in the way that suits standard error.
    pub fn new(is_wanted: bool) -> Self {
        match (is_wanted, io::stderr().is_terminal()) {
            (false, _) => Progress::Hidden,
            (true, true) => {
                Progress::Bars(MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(10)))
            }
            (true, false) => Progress::Lines,
        }
    }

    /// One operation more.
    pub fn watch(&self, operation: &Operation) -> Watched {
        let shown = match self {
            _ if operation.state.is_terminal() => Watched::Hidden,
            Progress::Bars(all) => {
                let bar = all.add(ProgressBar::new_spinner());
                bar.enable_steady_tick(TICK);
                Watched::Bar(bar)
            }
            Progress::Lines => Watched::Line(RefCell::default()),
            Progress::Hidden => Watched::Hidden,
        };
        shown.now(operation);
        shown
    }

    /// Takes all bars away.
    pub fn clear(&self) {
        if let Progress::Bars(all) = self {
            // A terminal that can't be written to shows nothing anyway.
            let _unwritable = all.clear();
        }
    }
}

impl Watched {
    /// Shows how far it is.
    pub fn now(&self, operation: &Operation) {
        self.say(&line(operation));
        if let Watched::Bar(bar) = self
            && operation.progress.total > 0
        {
            if bar.length() != Some(operation.progress.total) {
                let in_bytes = operation.progress.bytes > 0;
                bar.set_style(if in_bytes { bytes_style() } else { steps_style() });
                bar.set_length(operation.progress.total);
            }
            bar.set_position(operation.progress.done.min(operation.progress.total));
        }
    }

    /// Shows that nobody answers.
    pub fn out_of_sight(&self) {
        self.say("no nexus answers; asking again (the work goes on meanwhile)");
    }

    /// It has ended.
    pub fn ended(&self, operation: &Operation) {
        match self {
            Watched::Bar(bar) => bar.finish_and_clear(),
            Watched::Line(_) => self.say(&line(operation)),
            Watched::Hidden => {}
        }
    }

    /// Nobody looks any more.
    pub fn left(&self) {
        if let Watched::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }

    fn say(&self, line: &str) {
        match self {
            Watched::Bar(bar) => bar.set_message(line.to_string()),
            Watched::Line(last) => {
                if *last.borrow() != line {
                    note(line);
                    *last.borrow_mut() = line.to_string();
                }
            }
            Watched::Hidden => {}
        }
    }
}

fn steps_style() -> ProgressStyle {
    ProgressStyle::with_template("{spinner} {bar:20} {pos}/{len} {msg} {elapsed}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}

fn bytes_style() -> ProgressStyle {
    ProgressStyle::with_template("{spinner} {bar:20} {binary_bytes}/{binary_total_bytes} {msg} {elapsed}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// `starting instance web: place · 12 MiB · waiting for a sled`.
fn line(operation: &Operation) -> String {
    let mut parts = Vec::new();
    match operation.state {
        OperationState::Pending => parts.push("accepted".to_string()),
        OperationState::Running | OperationState::Waiting => {
            if !operation.progress.phase.is_empty() {
                parts.push(operation.progress.phase.replace('_', " "));
            }
        }
        ended @ (OperationState::Succeeded | OperationState::Failed | OperationState::Cancelled) => {
            parts.push(ended.to_string());
        }
    }
    if operation.progress.bytes > 0 {
        parts.push(amount::shown(operation.progress.bytes));
    }
    if let Some(what) = &operation.waiting_for {
        parts.push(format!("waiting for {}", what.replace('_', " ")));
    }
    let about = format!("{} {} {}", doing(operation.kind), operation.subject.kind, operation.subject.name);
    if parts.is_empty() { printable(&about) } else { printable(&format!("{about}: {}", parts.join(" · "))) }
}

/// The work while it lasts.
pub const fn doing(kind: OperationKind) -> &'static str {
    match kind {
        OperationKind::InstanceCreate | OperationKind::DiskCreate => "creating",
        OperationKind::InstanceStart => "starting",
        OperationKind::InstanceStop => "stopping",
        OperationKind::InstanceReboot => "rebooting",
        OperationKind::InstanceMigrate => "migrating",
        OperationKind::InstanceForceStop => "force-stopping",
        OperationKind::InstanceDelete | OperationKind::DiskDelete => "deleting",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operation(changes: serde_json::Value) -> Operation {
        let mut value = serde_json::json!({
            "id": "a0a0a0a0-0000-4000-8000-000000000000", "kind": "instance_start", "actor": "me", "cause": "r",
            "subject": {"kind": "instance", "id": "b0a0a0a0-0000-4000-8000-000000000000", "name": "web"},
            "state": "running", "progress": {"done": 1, "total": 4, "phase": "reserve_sled", "bytes": 0},
            "cancellable": true, "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
        });
        for (key, change) in changes.as_object().expect("an object") {
            value[key] = change.clone();
        }
        serde_json::from_value(value).expect("an operation")
    }

    #[test]
    fn a_line_names_work_phase_bytes_and_what_is_waited_for() {
        assert_eq!(line(&operation(serde_json::json!({}))), "starting instance web: reserve sled");
        let waiting = serde_json::json!({
            "state": "waiting", "waiting_for": "sled sled-2",
            "progress": {"done": 1, "total": 4, "phase": "copy", "bytes": 3 << 20},
        });
        assert_eq!(
            line(&operation(waiting)),
            "starting instance web: copy · 3 MiB · waiting for sled sled-2"
        );
        assert_eq!(line(&operation(serde_json::json!({"state": "failed"}))), "starting instance web: failed");
    }
}
