//! A batch of orders as the columns of one statement.
//!
//! Sagas of a batch are numbered (`ord`); events and ends refer to them by that number, and the database answers with
//! the numbers of those that are ours.

use crate::journal::{Append, Entry, Order};
use crate::outcome::Outcome;
use crate::registry::PreparedSaga;
use crate::run::Run;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::oneshot;
use uuid::Uuid;

/// A saga with everything that waits for it in this batch.
#[derive(Debug)]
pub(crate) struct Member {
    pub run: Arc<Run>,
    pub waiters: Vec<oneshot::Sender<()>>,
}

#[derive(Debug, Default)]
pub(crate) struct EventColumns {
    pub ord: Vec<i32>,
    pub node: Vec<i64>,
    pub kind: Vec<&'static str>,
    pub data: Vec<Option<Value>>,
}

#[derive(Debug, Default)]
pub(crate) struct EndColumns {
    pub ord: Vec<i32>,
    pub state: Vec<&'static str>,
    pub result: Vec<Value>,
}

#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub members: Vec<Member>,
    pub ids: Vec<Uuid>,
    pub gens: Vec<i64>,
    pub ords: Vec<i32>,
    pub events: EventColumns,
    pub ends: EndColumns,
    pub unwinding: Vec<i32>,
    pub created: Vec<(PreparedSaga, oneshot::Sender<()>)>,
    by_run: HashMap<(Uuid, i64), i32>,
}

impl Batch {
    pub fn of(orders: impl IntoIterator<Item = Order>) -> Batch {
        let mut batch = Batch::default();
        for order in orders {
            match order {
                Order::Append(append) if append.run.is_over() => drop(append),
                Order::Append(append) => batch.add(append),
                Order::Create(saga, durable) => batch.created.push((saga, durable)),
            }
        }
        batch
    }

    pub fn is_empty(&self) -> bool {
        self.members.is_empty() && self.created.is_empty()
    }

    /// True if it does more than append events.
    pub fn ends_or_marks(&self) -> bool {
        !self.ends.ord.is_empty() || !self.unwinding.is_empty()
    }

    /// How many entries it holds.
    pub fn entries(&self) -> usize {
        self.events.ord.len() + self.ends.ord.len() + self.unwinding.len() + self.created.len()
    }

    /// Splits into batches of one saga each, to find the one that the database can't take.
    pub fn into_single(self) -> Vec<Batch> {
        let mut singles: Vec<Batch> = Vec::new();
        for (ord, member) in (0i32..).zip(self.members) {
            let mut single = Batch::default();
            single.enlist(member.run, member.waiters);
            for at in (0..self.events.ord.len()).filter(|at| self.events.ord[*at] == ord) {
                let (kind, data) = (self.events.kind[at], self.events.data[at].clone());
                single.events.push(0, self.events.node[at], kind, data);
            }
            for at in (0..self.ends.ord.len()).filter(|at| self.ends.ord[*at] == ord) {
                single.ends.push(0, self.ends.state[at], self.ends.result[at].clone());
            }
            single.unwinding.extend(self.unwinding.contains(&ord).then_some(0));
            singles.push(single);
        }
        singles.extend(
            self.created.into_iter().map(|created| Batch { created: vec![created], ..Batch::default() }),
        );
        singles
    }

    fn add(&mut self, append: Append) {
        let ord = match self.by_run.get(&(append.run.id, append.run.adoption_gen)) {
            Some(ord) => *ord,
            None => self.enlist(append.run, Vec::new()),
        };
        self.members[ord as usize].waiters.extend(append.durable);
        for entry in append.entries {
            match entry {
                Entry::Event { node, kind, data } => self.events.push(ord, i64::from(node), kind, data),
                Entry::Unwinding => self.unwinding.push(ord),
                Entry::End(outcome) => {
                    let state = if matches!(outcome, Outcome::Stuck(_)) { "stuck" } else { "done" };
                    self.ends.push(ord, state, serde_json::json!(outcome));
                }
            }
        }
    }

    fn enlist(&mut self, run: Arc<Run>, waiters: Vec<oneshot::Sender<()>>) -> i32 {
        let ord = i32::try_from(self.members.len()).expect("a batch holds a few hundred sagas at most");
        self.by_run.insert((run.id, run.adoption_gen), ord);
        self.ords.push(ord);
        self.ids.push(run.id);
        self.gens.push(run.adoption_gen);
        self.members.push(Member { run, waiters });
        ord
    }
}

impl EventColumns {
    fn push(&mut self, ord: i32, node: i64, kind: &'static str, data: Option<Value>) {
        self.ord.push(ord);
        self.node.push(node);
        self.kind.push(kind);
        self.data.push(data);
    }
}

impl EndColumns {
    fn push(&mut self, ord: i32, state: &'static str, result: Value) {
        self.ord.push(ord);
        self.state.push(state);
        self.result.push(result);
    }
}
