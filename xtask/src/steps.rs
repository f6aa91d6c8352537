//! What the person at the terminal sees: one line per step, alive while it works, with its time.

use crate::interrupt;
use anyhow::Result;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Without a terminal a step that goes on says so this often.
const SIGN_OF_LIFE: Duration = Duration::from_secs(20);

/// One step under way.
#[derive(Debug)]
pub struct Step {
    title: String,
    begin: Instant,
    bar: Option<ProgressBar>,
    last_sign: Mutex<Instant>,
    note: Mutex<Option<String>>,
}

/// Runs one step: its line ends with ✓ and its time, or with ✗ before the error is passed on.
pub fn step<T>(title: &str, deed: impl FnOnce(&Step) -> Result<T>) -> Result<T> {
    interrupt::check()?;
    let step = Step::begin(title);
    let outcome = deed(&step);
    step.end(outcome.is_ok());
    outcome
}

impl Step {
    fn begin(title: &str) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            bar.set_style(
                ProgressStyle::with_template("{spinner} {msg}").unwrap_or(ProgressStyle::default_spinner()),
            );
            bar.set_message(title.to_owned());
            bar.enable_steady_tick(Duration::from_millis(100));
            bar
        });
        if bar.is_none() {
            eprintln!("… {title}");
        }
        let now = Instant::now();
        Self { title: title.to_owned(), begin: now, bar, last_sign: Mutex::new(now), note: Mutex::new(None) }
    }

    /// What it is doing just now; replaced by the next.
    pub fn doing(&self, what: &str) {
        let shown: String = what.trim().chars().take(100).collect();
        let seconds = self.begin.elapsed().as_secs();
        match &self.bar {
            Some(bar) => bar.set_message(format!("{} ({seconds} s) {shown}", self.title)),
            None => {
                let Ok(mut last) = self.last_sign.lock() else { return };
                if last.elapsed() >= SIGN_OF_LIFE {
                    *last = Instant::now();
                    eprintln!("  still {} ({seconds} s): {shown}", self.title);
                }
            }
        }
    }

    /// A line that stays, below the step's own.
    pub fn say(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.println(format!("    {line}")),
            None => eprintln!("    {line}"),
        }
    }

    /// What is said about it at its end.
    pub fn note(&self, note: impl Into<String>) {
        if let Ok(mut held) = self.note.lock() {
            *held = Some(note.into());
        }
    }

    fn end(self, succeeded: bool) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        let mark = if succeeded { '✓' } else { '✗' };
        let note = self.note.into_inner().ok().flatten().map(|note| format!(": {note}")).unwrap_or_default();
        eprintln!("{mark} {}{note}  ({:.1} s)", self.title, self.begin.elapsed().as_secs_f32());
    }
}
