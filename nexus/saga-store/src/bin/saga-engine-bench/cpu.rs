//! Processor time of this process and of the PostgreSQL it uses, from `/proc`.

use crate::Slice;
use anyhow::{Context, Result};
use std::future::Future;

/// Clock ticks per second in `/proc/*/stat`: fixed at 100 for user space on Linux.
const TICK_MS: f64 = 10.0;

pub struct Meter {
    postmaster: u32,
}

/// What `/proc/PID/stat` says, as far as it matters here.
struct Stat {
    parent: u32,
    /// Own time, in ticks.
    own: u64,
    /// Time of children that have ended.
    ended_children: u64,
}

impl Meter {
    /// For the server on this machine that `client` is connected to.
    pub async fn of_server(client: &tokio_postgres::Client) -> Result<Meter> {
        let backend: i32 = client.query_one("SELECT pg_backend_pid()", &[]).await?.get(0);
        let backend = u32::try_from(backend)?;
        let stat = stat(backend).context("the server must run on this machine: its CPU time is counted")?;
        Ok(Meter { postmaster: stat.parent })
    }

    pub async fn during(&self, work: impl Future<Output = Result<Slice>>) -> Result<Slice> {
        let before = self.ticks()?;
        let slice = work.await?;
        Ok(Slice { cpu_ms: (self.ticks()? - before) as f64 * TICK_MS, ..slice })
    }

    fn ticks(&self) -> Result<u64> {
        let ourselves = stat(std::process::id()).context("our own /proc entry")?;
        let postmaster = stat(self.postmaster).context("the postmaster's /proc entry")?;
        let mut ticks = ourselves.own + postmaster.own + postmaster.ended_children;
        for entry in std::fs::read_dir("/proc")? {
            let name = entry?.file_name();
            let Some(pid) = name.to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
            // A process can end while we look.
            ticks += stat(pid).filter(|stat| stat.parent == self.postmaster).map_or(0, |stat| stat.own);
        }
        Ok(ticks)
    }
}

fn stat(pid: u32) -> Option<Stat> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The program's name is in parentheses and may hold anything; what follows is plain.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let number = |at: usize| fields.get(at)?.parse::<u64>().ok();
    Some(Stat {
        parent: u32::try_from(number(1)?).ok()?,
        own: number(11)? + number(12)?,
        ended_children: number(13)? + number(14)?,
    })
}
