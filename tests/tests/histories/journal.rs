//! The history as text: one line for each thing that happened, with its time; ids are given short names.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use crate::thread;

#[derive(Debug, Default)]
struct State {
    lines: Vec<String>,
    names: BTreeMap<Uuid, String>,
    /// How many things of a kind have a name.
    counts: BTreeMap<&'static str, usize>,
    wrong: Vec<String>,
    /// Lines are printed as they are told: of a history that doesn't end, too.
    aloud: bool,
}

/// What happened so far.
#[derive(Debug, Default)]
pub struct Journal(Mutex<State>);

impl Journal {
    /// From here on its lines are printed, too.
    pub fn aloud(&self) {
        self.state().aloud = true;
    }

    /// One more line.
    pub fn tell(&self, what: impl AsRef<str>) {
        let at = thread::elapsed();
        let what = what.as_ref();
        let line = format!("{:>8.3} {what}", at.as_secs_f64());
        let mut state = self.state();
        if state.aloud {
            println!("{line}");
        }
        state.lines.push(line);
    }

    /// Something that must not be.
    pub fn wrong(&self, what: impl AsRef<str>) {
        self.tell(format!("WRONG: {}", what.as_ref()));
        self.state().wrong.push(what.as_ref().to_owned());
    }

    /// What was wrong so far.
    pub fn wrongs(&self) -> Vec<String> {
        self.state().wrong.clone()
    }

    /// Whether anything was.
    pub fn is_wrong(&self) -> bool {
        !self.state().wrong.is_empty()
    }

    /// All lines.
    pub fn lines(&self) -> Vec<String> {
        self.state().lines.clone()
    }

    /// The short name of an id: its kind, and a number in the order of appearance.
    pub fn name(&self, kind: &'static str, id: Uuid) -> String {
        let mut state = self.state();
        if let Some(known) = state.names.get(&id) {
            return known.clone();
        }
        let count = state.counts.entry(kind).or_default();
        let name = format!("{kind}{count}");
        *count += 1;
        state.names.insert(id, name.clone());
        name
    }

    /// A text with every id that has a name replaced by it.
    pub fn readable(&self, text: &str) -> String {
        let state = self.state();
        let mut readable = text.to_owned();
        for (id, name) in &state.names {
            let id = id.to_string();
            if readable.contains(&id) {
                readable = readable.replace(&id, name);
            }
        }
        readable
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A drain that hears of alarms: what the programs themselves say must never happen.
#[derive(Debug)]
pub struct Alarms {
    pub journal: std::sync::Arc<Journal>,
    pub who: String,
    /// Everything is told, not only alarms.
    pub all: bool,
}

impl slog::Drain for Alarms {
    type Ok = ();
    type Err = slog::Never;

    fn log(&self, record: &slog::Record<'_>, values: &slog::OwnedKVList) -> Result<(), slog::Never> {
        let text = record.msg().to_string();
        let alarm = text.starts_with("ALARM") || record.level() == slog::Level::Critical;
        if !self.all && !alarm {
            return Ok(());
        }
        let mut words = Words(String::new());
        let _ = slog::KV::serialize(&record.kv(), record, &mut words);
        let _ = slog::KV::serialize(values, record, &mut words);
        let line = format!("{} says: {text}{}", self.who, words.0);
        if alarm && text.starts_with("ALARM") {
            self.journal.wrong(line);
        } else {
            self.journal.tell(self.journal.readable(&line));
        }
        Ok(())
    }
}

struct Words(String);

impl slog::Serializer for Words {
    fn emit_arguments(&mut self, key: slog::Key, value: &std::fmt::Arguments<'_>) -> slog::Result {
        self.0.push_str(&format!(", {key}: {value}"));
        Ok(())
    }
}
