//! A database of its own for each test, with the schema in it.

use anyhow::{Context, Result};
use berth_db::Db;
use berth_postgres::{TestDatabase, shared_server};

pub struct World {
    pub db: Db,
    pub database: TestDatabase,
}

/// A migrated database, and a pool of eight connections to it.
pub fn world() -> Result<World> {
    let database = TestDatabase::from_prepared("db", berth_db::migrate::MIGRATIONS, |name| {
        let address = shared_server()?.address().conninfo(name);
        std::thread::spawn(move || -> Result<()> {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            let done = runtime.block_on(async {
                berth_db::migrate::migrate(&Db::new(&address, 1)?).await.map_err(anyhow::Error::from)
            });
            done.map(drop)
        })
        .join()
        .ok()
        .context("the migrating thread panicked")?
    })?;
    world_on(database)
}

/// A database without anything in it.
pub fn empty_world() -> Result<World> {
    world_on(TestDatabase::from_template("empty", &[])?)
}

fn world_on(database: TestDatabase) -> Result<World> {
    Ok(World { db: Db::new(&database.conninfo(), 8)?, database })
}

impl World {
    /// Another nexus: a pool of its own on the same database.
    pub fn another(&self) -> Result<Db> {
        Ok(Db::new(&self.database.conninfo(), 4)?)
    }

    /// The answer of a query with one column and one row, as text.
    pub fn scalar(&self, sql: &str) -> Result<String> {
        Ok(self.database.sql(sql)?.trim().to_owned())
    }
}
