//! The command `sled-agent shutdown`: finds whoever can end this host's guests, or does it itself, and tells how it
//! went.
//!
//! | what is there | what is done |
//! |---|---|
//! | an agent that answers | asked, and listened to |
//! | another shutdown, with or without an agent | joined: it is the same socket |
//! | nobody (the lock is free) | done here, from the ledger |
//! | somebody who has the lock and says nothing for [`SILENCE`] | killed; its guests are their shims'; then as above |
//!
//! Whoever dies or falls silent on the way is left, and the table is looked at anew, with what is left of the time.

use std::io::Write as _;
use std::time::Duration;

use camino::Utf8Path;
use slog::{Logger, warn};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::net::UnixStream;
use tokio::time::timeout;

use super::alone::Alone;
use super::door::{self, BEAT, Request};
use super::table::{Stage, Table};
use super::{Progress, without_agent};
use crate::config::Config;
use crate::host;

/// Whoever has the lock and says nothing for so long hangs. It says something every [`BEAT`].
const SILENCE: Duration = BEAT.saturating_mul(5);
/// Between two looks at what is there.
const LOOK_AGAIN: Duration = Duration::from_millis(50);
/// At the end of a shutdown without an agent: for a nexus that is just being told.
const FAREWELL: Duration = Duration::from_millis(500);

/// What one look came to.
enum Heard {
    /// It is over.
    Done(Table),
    /// Nobody listens.
    Nobody,
    /// Somebody listens, and says nothing.
    Silence,
    /// Somebody has gone in the middle.
    Lost,
}

/// Shuts down. `without_agent`: whoever has the ledger is ended first, and it is done here.
///
/// # Errors
/// In words, when it can't be carried out at all.
pub async fn shutdown(
    config: &Config,
    within: Duration,
    without_agent: bool,
    log: &Logger,
) -> anyhow::Result<Table> {
    let within_ms = u64::try_from(within.as_millis()).unwrap_or(u64::MAX);
    let deadline_ms = host::boottime_ms().saturating_add(within_ms);
    let mut told = Told::default();
    let mut silent_since = host::boottime_ms();
    if without_agent && Alone::take(&config.state_dir)?.is_none() {
        Alone::end_holder(&config.state_dir)?;
    }
    loop {
        match ask(&config.state_dir, deadline_ms, &mut told).await {
            Heard::Done(table) => return Ok(table),
            Heard::Lost => silent_since = host::boottime_ms(),
            Heard::Silence => end_hanging(&config.state_dir, log)?,
            Heard::Nobody => {
                if let Some(_alone) = Alone::take(&config.state_dir)? {
                    return here(config, deadline_ms, &mut told, log).await;
                }
                // It starts, it ends, or it hangs.
                if host::boottime_ms().saturating_sub(silent_since) > millis(SILENCE) {
                    end_hanging(&config.state_dir, log)?;
                    silent_since = host::boottime_ms();
                }
            }
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

fn end_hanging(state_dir: &Utf8Path, log: &Logger) -> anyhow::Result<()> {
    warn!(log, "the agent doesn't answer: it is ended, and its guests are shut down without it");
    Alone::end_holder(state_dir)
}

async fn ask(state_dir: &Utf8Path, deadline_ms: u64, told: &mut Told) -> Heard {
    let Ok(Ok(mut stream)) = timeout(SILENCE, door::connect(state_dir)).await else { return Heard::Nobody };
    let within_ms = deadline_ms.saturating_sub(host::boottime_ms());
    let Ok(mut line) = serde_json::to_vec(&Request::Shutdown { within_ms }) else { return Heard::Lost };
    line.push(b'\n');
    if stream.write_all(&line).await.is_err() {
        return Heard::Lost;
    }
    let mut lines = BufReader::new(stream).lines();
    loop {
        match timeout(SILENCE, next(&mut lines)).await {
            Err(_elapsed) => return Heard::Silence,
            Ok(None) => return Heard::Lost,
            Ok(Some(progress)) => {
                told.tell(&progress.table);
                if progress.done {
                    return Heard::Done(progress.table);
                }
            }
        }
    }
}

async fn next(lines: &mut Lines<BufReader<UnixStream>>) -> Option<Progress> {
    let line = lines.next_line().await.ok()??;
    serde_json::from_str(&line).ok()
}

/// Does it in this process, and serves whoever asks meanwhile.
async fn here(config: &Config, deadline_ms: u64, told: &mut Told, log: &Logger) -> anyhow::Result<Table> {
    let shutdown = without_agent::open(config, log)?;
    let mut progress = shutdown.begin(deadline_ms);
    // Without a socket nobody can join; the guests go all the same.
    let served = door::open(&config.state_dir, shutdown.clone(), log.clone())
        .map_err(|error| warn!(log, "nobody can join this shutdown"; "error" => %error));
    loop {
        let now = progress.borrow_and_update().clone();
        told.tell(&now.table);
        if now.done {
            // For those who joined, and for a nexus that is just being told.
            tokio::time::sleep(FAREWELL).await;
            if let Ok(served) = served {
                served.abort();
            }
            return Ok(now.table);
        }
        if progress.changed().await.is_err() {
            anyhow::bail!("the shutdown broke off; ask again");
        }
    }
}

/// What people have been told so far.
#[derive(Default)]
struct Told {
    before: Table,
}

impl Told {
    /// A line for each guest whose stage has changed. A reader who has gone changes nothing.
    fn tell(&mut self, now: &Table) {
        let mut out = std::io::stdout().lock();
        for row in &now.rows {
            let is_news = !self.before.rows.iter().any(|before| before == row);
            if is_news && row.stage != Stage::Waiting {
                let (name, priority, vmm) = (row.called(), row.priority, row.vmm);
                drop(writeln!(out, "{name} (priority {priority}, {vmm}): {}", row.stage));
            }
        }
        drop(out.flush());
        self.before = now.clone();
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
