//! The task that writes: whatever was ordered while the previous commit ran goes into the next one.
//!
//! It never gives up: on a lost connection, a refused or an unanswered write it connects anew and repeats the batch,
//! which changes nothing if the first try had come through after all.

use crate::batch::Batch;
use crate::connection::{Answer, Connection, WRITE_LIMIT};
use crate::counters::Counters;
use crate::journal::Order;
use crate::run::Shared;
use slog::{error, info, warn};
use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_postgres::error::SqlState;

/// Orders per commit at most: bounds the statement, not the throughput.
const BATCH_LIMIT: usize = 256;
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(crate) struct Writer {
    pub shared: Arc<Shared>,
    pub database: tokio_postgres::Config,
    pub orders: mpsc::UnboundedReceiver<Order>,
}

/// Why a write didn't happen, or may not have.
enum Trouble {
    /// The database refuses what is in the batch: it would again.
    Content(tokio_postgres::Error),
    /// Anything else passes.
    Passing(String),
}

impl Trouble {
    fn passing(cause: impl fmt::Display) -> Trouble {
        Trouble::Passing(cause.to_string())
    }
}

impl Writer {
    /// Writes until the engine is dropped or dead.
    pub async fn run(mut self) {
        let signal = self.shared.dead.clone();
        let mut dead = pin!(signal.fired());
        let mut connection = None;
        let mut orders = Vec::with_capacity(BATCH_LIMIT);
        loop {
            tokio::select! {
                biased;
                () = &mut dead => return,
                received = self.orders.recv_many(&mut orders, BATCH_LIMIT) => {
                    if received == 0 {
                        return;
                    }
                }
            }
            let batch = Batch::of(orders.drain(..));
            if !batch.is_empty() {
                tokio::select! {
                    () = &mut dead => return,
                    () = self.write(&mut connection, batch) => {}
                }
            }
        }
    }

    async fn write(&self, connection: &mut Option<Connection>, batch: Batch) {
        match self.write_through(connection, &batch).await {
            Ok(answer) => self.answer(batch, &answer),
            Err(_) if batch.members.len() + batch.created.len() > 1 => {
                for single in batch.into_single() {
                    match self.write_through(connection, &single).await {
                        Ok(answer) => self.answer(single, &answer),
                        Err(cause) => self.reject(single, &cause),
                    }
                }
            }
            Err(cause) => self.reject(batch, &cause),
        }
    }

    /// Repeats until the batch is durable; fails only if the database can never take it.
    async fn write_through(
        &self,
        connection: &mut Option<Connection>,
        batch: &Batch,
    ) -> Result<Answer, tokio_postgres::Error> {
        let mut pause = FIRST_PAUSE;
        loop {
            match self.try_once(connection, batch).await {
                Ok(answer) => {
                    self.count(batch);
                    return Ok(answer);
                }
                Err(Trouble::Content(cause)) => {
                    *connection = None;
                    return Err(cause);
                }
                Err(Trouble::Passing(cause)) => {
                    *connection = None;
                    Counters::add(&self.shared.counters.writer_retries);
                    if pause == FIRST_PAUSE || pause == LONGEST_PAUSE {
                        warn!(self.shared.log, "saga log can't be written, trying again"; "cause" => cause);
                    }
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }

    async fn try_once(&self, connection: &mut Option<Connection>, batch: &Batch) -> Result<Answer, Trouble> {
        let open = match connection {
            Some(open) => open,
            None => {
                let opening = tokio::time::timeout(WRITE_LIMIT, Connection::open(&self.database)).await;
                let opened = opening.map_err(Trouble::passing)?.map_err(Trouble::passing)?;
                info!(self.shared.log, "saga writer connected");
                connection.insert(opened)
            }
        };
        match open.write(self.shared.owner, batch).await {
            None => Err(Trouble::passing("no answer in time, outcome unknown")),
            Some(Err(cause)) if is_about_content(&cause) => Err(Trouble::Content(cause)),
            Some(Err(cause)) => Err(Trouble::passing(cause)),
            Some(Ok(answer)) => Ok(answer),
        }
    }

    fn count(&self, batch: &Batch) {
        let counters = &self.shared.counters;
        Counters::add(&counters.commits);
        counters.appends.fetch_add(batch.entries() as u64, Ordering::Relaxed);
        let sagas = (batch.members.len() + batch.created.len()) as u64;
        counters.largest_batch.fetch_max(sagas, Ordering::Relaxed);
    }

    /// Tells each saga of the batch, by itself, what became of its part.
    fn answer(&self, batch: Batch, answer: &Answer) {
        for (ord, member) in (0i32..).zip(batch.members) {
            if !answer.ours.contains(&ord) {
                member.run.lose("an append found it owned by another");
            } else if answer.different.contains(&ord) {
                Counters::add(&self.shared.counters.alarms);
                error!(self.shared.log, "ALARM: another payload is stored under a key of this saga";
                    "saga" => %member.run.id, "adoption_gen" => member.run.adoption_gen);
                member.run.lose("its stored log contradicts this run");
            } else {
                for waiter in member.waiters {
                    // The waiter is gone only if its engine is.
                    let _ = waiter.send(());
                }
            }
        }
        for (_, waiter) in batch.created {
            let _ = waiter.send(());
        }
    }

    fn reject(&self, batch: Batch, cause: &tokio_postgres::Error) {
        for member in batch.members {
            Counters::add(&self.shared.counters.alarms);
            error!(self.shared.log, "ALARM: the database can't take this saga's append";
                "saga" => %member.run.id, "cause" => %cause);
            member.run.lose("its append can't be stored");
        }
        for (saga, waiter) in batch.created {
            error!(self.shared.log, "the database can't take this saga"; "saga" => %saga.id, "cause" => %cause);
            drop(waiter);
        }
    }
}

/// True for errors that the same rows would meet again: data exception, integrity, program limits.
fn is_about_content(error: &tokio_postgres::Error) -> bool {
    let class = |state: &SqlState| matches!(&state.code()[..2], "22" | "23" | "54");
    error.code().is_some_and(class)
}
