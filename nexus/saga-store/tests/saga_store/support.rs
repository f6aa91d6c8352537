//! A database with the saga tables, and engines over it.

use crate::walk::{Walk, WalkAround, World};
use berth_postgres::TestDatabase;
use berth_saga_store::{About, EngineConfig, Faults, PreparedSaga, SagaEngine, SagaHandle, SagaRegistry};
use diesel_async::AsyncPgConnection;
use diesel_async::pooled_connection::AsyncDieselConnectionManager;
use diesel_async::pooled_connection::deadpool::{Object, Pool};
use slog::{Drain, Logger, o};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

pub const SAGA_TABLES: &str = include_str!("../../../../schema/migrations/0002_saga.sql");

/// Where the steps of the test sagas leave their effects, and who left them.
pub const EFFECT_TABLES: &str = "
    CREATE TABLE effect (saga_id uuid NOT NULL, step text NOT NULL, adoption_gen bigint NOT NULL,
                         PRIMARY KEY (saga_id, step));";

pub fn database() -> TestDatabase {
    TestDatabase::from_template("saga", &[("0002_saga.sql", SAGA_TABLES), ("effect.sql", EFFECT_TABLES)])
        .unwrap()
}

pub fn pool(url: &str) -> Pool<AsyncPgConnection> {
    Pool::builder(AsyncDieselConnectionManager::<AsyncPgConnection>::new(url)).max_size(8).build().unwrap()
}

/// Prints with `BERTH_TEST_LOG=1`.
pub fn log() -> Logger {
    if std::env::var_os("BERTH_TEST_LOG").is_none() {
        return Logger::root(slog::Discard, o!());
    }
    struct Print;
    impl Drain for Print {
        type Ok = ();
        type Err = slog::Never;
        fn log(&self, record: &slog::Record<'_>, _: &slog::OwnedKVList) -> Result<(), slog::Never> {
            eprintln!("{} {}", record.level(), record.msg());
            Ok(())
        }
    }
    Logger::root(Print, o!())
}

pub type Engine = SagaEngine<World>;

pub fn registry() -> SagaRegistry<World> {
    let mut registry = SagaRegistry::new();
    registry.register::<Walk>().unwrap();
    registry.register::<WalkAround>().unwrap();
    registry.register::<crate::commits::Idle>().unwrap();
    registry
}

/// A nexus of a test.
pub struct Nexus {
    pub engine: Engine,
    pub world: Arc<World>,
    pub pool: Pool<AsyncPgConnection>,
}

pub fn nexus_at(url: &str, owner: Uuid, change: impl FnOnce(&mut EngineConfig)) -> Nexus {
    let mut config = EngineConfig::new(owner, url.parse().unwrap());
    change(&mut config);
    let (pool, world) = (pool(url), Arc::new(World::default()));
    let engine = SagaEngine::new(log(), config, pool.clone(), registry(), Arc::clone(&world));
    Nexus { engine, world, pool }
}

pub fn nexus(database: &TestDatabase) -> Nexus {
    nexus_at(&database.url(), Uuid::new_v4(), |_| {})
}

pub fn faulty_nexus(database: &TestDatabase, faults: Faults) -> Nexus {
    nexus_at(&database.url(), Uuid::new_v4(), |config| config.faults = faults)
}

impl Nexus {
    pub async fn conn(&self) -> Object<AsyncPgConnection> {
        self.pool.get().await.unwrap()
    }

    pub fn walk(&self, params: Walk) -> PreparedSaga {
        self.engine.prepare::<Walk>(Uuid::new_v4(), &params, About::default()).unwrap()
    }

    /// Inserts in a transaction of its own, as a caller would, and starts.
    pub async fn begin(&self, saga: &PreparedSaga) -> SagaHandle {
        self.engine.insert(&mut *self.conn().await, saga).await.unwrap();
        self.engine.start(saga)
    }

    /// Adopts everything of `former`, and says what.
    pub async fn adopt_all(&self, former: Uuid) -> Vec<Uuid> {
        let mut all = Vec::new();
        for _ in 0..200 {
            let taken = self.engine.adopt(former, 1000).await.unwrap();
            assert_eq!((taken.broken.len(), taken.unloadable.len()), (0, 0), "{taken:?}");
            all.extend(taken.resumed);
            tokio::time::sleep(Duration::from_millis(5)).await;
            if !all.is_empty() {
                break;
            }
        }
        all
    }
}

pub async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(30), what).await.expect("it should have happened long ago")
}

/// One column of one row, as text.
pub fn ask(database: &TestDatabase, sql: &str) -> String {
    database.sql(sql).unwrap().trim().to_owned()
}
