//! The subject: Berth's engine.

use crate::{STEPS, Slice};
use anyhow::{Context, Result, ensure};
use berth_saga_store::{
    About, EngineConfig, Outcome, Saga, SagaContext, SagaEngine, SagaRegistry, Step, Steps,
};
use diesel_async::AsyncPgConnection;
use diesel_async::pooled_connection::deadpool::Pool;
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod};
use slog::{Logger, o};
use std::sync::Arc;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// A saga whose steps do nothing.
struct Idle;

impl Saga for Idle {
    type World = ();
    type Params = ();
    const NAME: &'static str = "idle";
    const VERSION: i32 = 1;

    fn steps(steps: &mut Steps<Idle>) {
        const NAMES: [&str; STEPS] = ["a", "b", "c", "d", "e"];
        for name in NAMES {
            steps.step(Step::<()>::new(name), |_: SagaContext<Idle>| async { Ok(()) }, |_| async { Ok(()) });
        }
    }
}

pub struct Subject {
    engine: SagaEngine<()>,
    pool: Pool<AsyncPgConnection>,
}

pub async fn connect(url: &str) -> Result<tokio_postgres::Client> {
    let (client, driver) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
    tokio::spawn(driver);
    Ok(client)
}

/// The pool that both subjects use. As in nexus no connection is asked for a sign of life before each use: the store
/// that commits each event would pay for that sixteen times a saga, and look worse than it is.
pub fn pool(url: &str) -> Result<Pool<AsyncPgConnection>> {
    let mut settings = ManagerConfig::default();
    settings.recycling_method = RecyclingMethod::Fast;
    let manager = AsyncDieselConnectionManager::<AsyncPgConnection>::new_with_config(url, settings);
    Ok(Pool::builder(manager).max_size(16).build()?)
}

impl Subject {
    pub fn new(url: &str) -> Result<Subject> {
        let config = EngineConfig::new(Uuid::new_v4(), url.parse().context("--url")?);
        let mut registry = SagaRegistry::new();
        registry.register::<Idle>()?;
        let (log, pool) = (Logger::root(slog::Discard, o!()), pool(url)?);
        let engine = SagaEngine::new(log, config, pool.clone(), registry, Arc::new(()));
        Ok(Subject { engine, pool })
    }

    pub async fn run(&self, at_once: usize, slice: Duration, in_callers_transaction: bool) -> Result<Slice> {
        let (before, begin) = (self.engine.counters(), Instant::now());
        let workers: Vec<_> = (0..at_once)
            .map(|_| {
                let (engine, pool) = (self.engine.clone(), self.pool.clone());
                tokio::spawn(async move {
                    let mut sagas = 0u64;
                    while begin.elapsed() < slice {
                        one(&engine, &pool, in_callers_transaction).await?;
                        sagas += 1;
                    }
                    anyhow::Ok(sagas)
                })
            })
            .collect();
        let mut sagas = 0;
        for worker in workers {
            sagas += worker.await??;
        }
        let counted = self.engine.counters().since(&before);
        // A caller's own transaction is one more commit to wait for.
        let creations = if in_callers_transaction { sagas } else { 0 };
        Ok(Slice {
            sagas,
            seconds: begin.elapsed().as_secs_f64(),
            commits: counted.commits + creations,
            durable_waits: counted.durable_waits + creations,
            cpu_ms: 0.0,
        })
    }
}

async fn one(
    engine: &SagaEngine<()>,
    pool: &Pool<AsyncPgConnection>,
    in_callers_transaction: bool,
) -> Result<()> {
    let saga = engine.prepare::<Idle>(Uuid::new_v4(), &(), About::default())?;
    let handle = if in_callers_transaction {
        let mut conn = pool.get().await?;
        engine.insert(&mut conn, &saga).await?;
        drop(conn);
        engine.start(&saga)
    } else {
        engine.create_and_start(&saga).await
    };
    let outcome = handle.wait().await;
    ensure!(matches!(outcome, Outcome::Done(_)), "a saga ended {outcome:?}");
    Ok(())
}
