//! Durable sagas on PostgreSQL: who runs a saga is checked with every write, and commits are shared.
//!
//! For whom: `nexus`, whose sagas are declared over this crate; it knows nothing of instances or sleds. Below it are
//! steno, which executes a saga's graph, and the tables of `schema/migrations/0002_saga.sql`.
//!
//! ```text
//!   prepare ──▶ insert (caller's transaction) ──▶ COMMIT ──▶ start ──▶ running ──▶ done
//!                                                              ▲          │ a step fails
//!        recover / adopt (owner, generation + 1, then the log) ┘          ▼
//!                                        retry (operator) ──▶ unwinding ──▶ done
//!                                                    ▲             │ an undo fails
//!                                                    └── stuck ◀───┘──▶ resolve ──▶ abandoned
//! ```
//!
//! Rooms: [`Saga`] and [`Steps`] declare, [`SagaRegistry`] knows what is declared, [`SagaContext`] is what a step sees,
//! [`SagaEngine`] runs. Behind it `journal` decides what must be durable, `writer` commits for all sagas together,
//! `recovery` takes sagas up, `operator` holds lists, retry, resolve and retention, `executor` replaces steno's
//! executors in time, [`Faults`] breaks things for tests.
//!
//! Invariants
//! - A saga's durable log is a prefix of what happened; a step's start is durable before its deed runs, a saga's end
//!   before anyone sees it. (The first steps count as started in the creation itself: N steps wait N + 1 times.)
//! - Nothing is written for a saga, neither log nor effect in the database, by one who isn't its owner under its
//!   present adoption generation: both checks lock the row `FOR SHARE`, and adoption is an UPDATE.
//! - A refused saga is never answered again; its waiters get [`Outcome::Lost`], its steps stop.
//! - A repeated write changes nothing; a repeated key with another payload is an alarm.
//! - A COMMIT is never cancelled.
//!
//! What a step owes: between its effect and the next durable event it can run again, also with another outcome. So
//! each effect is keyed by the saga's id or an id of the parameters and looked for before it is made; requests to
//! agents carry [`SagaContext::request_id`].
//!
//! Not here: subsagas, graphs that depend on parameters, deciding that a nexus is dead.

mod action;
mod batch;
mod connection;
mod context;
mod counters;
mod creation;
mod definition;
mod engine;
mod executor;
mod faults;
mod journal;
mod launch;
mod operator;
mod outcome;
mod recovery;
mod registry;
mod run;
mod shape;
mod signal;
mod step_error;
mod store;
mod tables;
mod txn;
mod weak;
mod writer;

pub use context::{Direction, SagaContext};
pub use counters::CounterValues;
pub use creation::{InsertError, Inserted};
pub use definition::{Saga, Step, Steps};
pub use engine::{EngineConfig, SagaEngine, WaitError};
pub use faults::{Faults, Gate, StepFault};
pub use operator::{LogEntry, Resolved, RetryError, SagaFilter, SagaRow, SagaView, list, resolve, view};
pub use outcome::{Outcome, SagaFailure, SagaHandle};
pub use recovery::{DatabaseError, TakenUp, Unloadable};
pub use registry::{About, DefinitionError, PrepareError, PreparedSaga, SagaKey, SagaRegistry};
pub use shape::NodeInfo;
pub use step_error::StepError;
pub use txn::{AsyncWork, TxnWork};
pub use weak::WeakSagaEngine;
