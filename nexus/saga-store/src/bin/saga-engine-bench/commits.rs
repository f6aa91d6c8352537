//! PostgreSQL's own commit rate: single-row inserts, each its own commit, on prepared statements.

use crate::Slice;
use anyhow::Result;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_postgres::{Client, Statement};

pub const TABLE: &str =
    "CREATE TABLE bare_commit (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text)";

pub struct Subject(Vec<Arc<(Client, Statement)>>);

impl Subject {
    pub async fn new(url: &str, connections: usize) -> Result<Subject> {
        let mut all = Vec::new();
        for _ in 0..connections {
            let client = crate::berth::connect(url).await?;
            let insert = client.prepare("INSERT INTO bare_commit (note) VALUES ('one row')").await?;
            all.push(Arc::new((client, insert)));
        }
        Ok(Subject(all))
    }

    /// `sagas` are commits here.
    pub async fn run(&self, at_once: usize, slice: Duration) -> Result<Slice> {
        let begin = Instant::now();
        let workers: Vec<_> = self.0[..at_once]
            .iter()
            .map(|connection| {
                let connection = Arc::clone(connection);
                tokio::spawn(async move {
                    let mut commits = 0u64;
                    while begin.elapsed() < slice {
                        connection.0.execute(&connection.1, &[]).await?;
                        commits += 1;
                    }
                    anyhow::Ok(commits)
                })
            })
            .collect();
        let mut commits = 0;
        for worker in workers {
            commits += worker.await??;
        }
        let seconds = begin.elapsed().as_secs_f64();
        Ok(Slice { sagas: commits, seconds, commits, durable_waits: commits, cpu_ms: 0.0 })
    }
}
