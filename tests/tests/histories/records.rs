//! The records of a history: in a database whose `now()` is the history's own time, and looks at them from outside.
//!
//! A worker has one database for all its histories, emptied before each: making one costs more than a history.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use berth_db::Db;
use berth_db::check::{Difference, differences};
use berth_db::migrate::MIGRATIONS;
use berth_postgres::{TestDatabase, shared_server};
use camino::Utf8PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use tokio_postgres::{Client, NoTls, Statement};
use uuid::Uuid;

use crate::turnstile;

/// The files of the image that all instances boot, under their checksums: what is in them doesn't matter.
pub const IMAGE_FILES: [(&str, &str); 2] = [
    ("6923dd1bc0460082c5d55a831908c24a282860b7f1cd6c2b79cf1bc8857c639c", "kernel"),
    ("09e6c018d2c8c4903308613dd1b72484d57eadf12ec50ddc8f52e5accce470f2", "initrd"),
];

/// A disk that there is from the beginning.
#[derive(Clone, Copy, Debug)]
pub struct Disk {
    pub name: &'static str,
    pub id: Uuid,
    /// The sled whose own pool it is in; None: all sleds reach it.
    pub of: Option<usize>,
}

const fn disk(number: u128, name: &'static str, of: Option<usize>) -> Disk {
    Disk { name, id: Uuid::from_u128(0x00000000_0000_4000_8000_0000000000d0 + number), of }
}

/// All of them.
pub const DISKS: [Disk; 3] = [disk(0, "zero", Some(0)), disk(1, "one", Some(1)), disk(2, "shared", None)];
/// Room of a pool.
pub const POOL_BYTES: u64 = 1 << 20;

/// A sled's own pool, or the one that all reach.
pub fn pool(of: Option<usize>) -> Uuid {
    let number = of.map_or(15, |sled| sled as u128);
    Uuid::from_u128(0x00000000_0000_4000_8000_000000000090 + number)
}

/// What is written on a disk.
pub fn content(name: &str) -> Vec<u8> {
    let mut content = format!("the disk called {name}").into_bytes();
    content.resize(512, b'.');
    content
}

/// The rows of pools and disks.
fn disk_rows() -> String {
    let pools: BTreeMap<Uuid, &str> = DISKS
        .iter()
        .map(|disk| (pool(disk.of), if disk.of.is_some() { "local" } else { "shared" }))
        .collect();
    let pools = pools.iter().map(|(id, kind)| {
        format!("INSERT INTO pool (id, name, kind, capacity_bytes) VALUES ('{id}', '{kind}', '{kind}', {POOL_BYTES});")
    });
    let disks = DISKS.iter().map(|disk| {
        let (id, name, pool, bytes) = (disk.id, disk.name, pool(disk.of), content(disk.name).len());
        format!(
            "INSERT INTO disk (id, project_id, name, size_bytes, pool_id, state)
                 VALUES ('{id}', '00000000-0000-4000-8000-0000000000b0', '{name}', {bytes}, '{pool}', 'ready');
             INSERT INTO quota_use (subject_id, project_id, kind, cpus, memory_mib, disk_bytes)
                 VALUES ('{id}', '00000000-0000-4000-8000-0000000000b0', 'disk', 0, 0, {bytes});"
        )
    });
    pools.chain(disks).collect()
}

/// Names and functions of `sim` come first: `now()` is the history's time, in every statement and every default, and what
/// looks like chance follows from it.
const CLOCK: &str = "CREATE SCHEMA sim;
    CREATE FUNCTION sim.now() RETURNS timestamptz LANGUAGE sql STABLE
        AS $$ SELECT to_timestamp(current_setting('sim.now')::float8) $$;
    CREATE FUNCTION sim.random() RETURNS float8 LANGUAGE sql STABLE
        AS $$ SELECT (hashtext(current_setting('sim.now')) & 1023) / 1024.0::float8 $$;";
const SESSION: &str = "SET search_path = sim, pg_catalog, public; SET sim.now = '1767225600';";

/// Nothing rearranges tables while a history is told.
const UNDISTURBED: &str = "DO $$ DECLARE kept text; BEGIN
    FOR kept IN SELECT oid::regclass FROM pg_class WHERE relkind = 'r' AND relnamespace = 'sim'::regnamespace LOOP
        EXECUTE 'ALTER TABLE ' || kept || ' SET (autovacuum_enabled = false)';
    END LOOP; END $$;";

/// Empties every table that was written to.
const EMPTY: &str = "DO $$ DECLARE used text; BEGIN
    SELECT string_agg(oid::regclass::text, ', ') INTO used FROM pg_class
        WHERE relkind = 'r' AND relnamespace = 'sim'::regnamespace AND pg_relation_size(oid) > 0;
    IF used IS NOT NULL THEN EXECUTE 'TRUNCATE ' || used || ' RESTART IDENTITY CASCADE'; END IF; END $$;";

/// What is there before a history begins.
const ROWS: &str = "
    INSERT INTO api_user (id, name, fleet_role) VALUES ('00000000-0000-4000-8000-0000000000a0', 'user', 'admin');
    INSERT INTO project (id, name, quota_instances, quota_cpus, quota_memory_mib, quota_disk_bytes)
        VALUES ('00000000-0000-4000-8000-0000000000b0', 'project', 100, 1000, 1000000, 1000000000000);
    INSERT INTO image (id, project_id, name, kind, state) VALUES ('00000000-0000-4000-8000-0000000000c0',
        '00000000-0000-4000-8000-0000000000b0', 'image', 'kernel', 'ready');
    INSERT INTO image_file (image_id, part, upload_id, size_bytes, sha256) VALUES
        ('00000000-0000-4000-8000-0000000000c0', 'kernel', '00000000-0000-4000-8000-0000000000c1', 6, 'KERNELSUM'),
        ('00000000-0000-4000-8000-0000000000c0', 'initrd', '00000000-0000-4000-8000-0000000000c2', 6, 'INITRDSUM');
    INSERT INTO sled (id, name)
        SELECT ('00000000-0000-4000-8000-0000000000e' || n)::uuid, 'sled-' || n FROM generate_series(0, 9) AS n;";

/// A database for one history after the other.
pub struct Database {
    /// Goes before the database does.
    keeper: Mutex<postgres::Client>,
    name: String,
    user: String,
    /// None: somebody else's, who has lent it.
    _own: Option<TestDatabase>,
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Database").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Database {
    /// A new one. Not inside of a runtime.
    pub fn new() -> Result<Database> {
        let server = shared_server()?;
        let scripts: Vec<String> = std::iter::once(CLOCK.to_owned())
            .chain(MIGRATIONS.iter().map(|(_, text)| format!("{SESSION}\n{text}")))
            .chain([UNDISTURBED.to_owned()])
            .collect();
        let database = TestDatabase::from_prepared("histories", &scripts, |name| {
            scripts.iter().try_for_each(|script| server.sql(name, script).map(drop))
        })?;
        let name = database.name().to_owned();
        Ok(Database { _own: Some(database), ..Database::lent(name)? })
    }

    /// One that another process has made for histories. Not inside of a runtime.
    pub fn lent(name: String) -> Result<Database> {
        let server = shared_server()?;
        let user = server.address().user().to_owned();
        let keeper = postgres::Client::connect(&server.address().conninfo(&name), postgres::NoTls)?;
        Ok(Database { keeper: Mutex::new(keeper), name, user, _own: None })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Nothing of an earlier history is left in it.
    fn begin_anew(&self) -> Result<()> {
        let rows = ROWS.replace("KERNELSUM", IMAGE_FILES[0].0).replace("INITRDSUM", IMAGE_FILES[1].0);
        let mut keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner);
        keeper.batch_execute(EMPTY).context("emptying the tables")?;
        Ok(keeper.batch_execute(&format!("{SESSION}\n{rows}\n{}", disk_rows()))?)
    }
}

/// What one history has of it.
#[derive(Debug)]
pub struct Records {
    database: Arc<Database>,
    directory: Utf8PathBuf,
}

impl Records {
    /// Those of a new history; doors to them will be in `directory`. Not inside of a runtime.
    pub fn open(database: &Arc<Database>, directory: Utf8PathBuf) -> Result<Records> {
        database.begin_anew()?;
        Ok(Records { database: Arc::clone(database), directory })
    }

    /// The socket of PostgreSQL itself.
    pub fn socket() -> Result<Utf8PathBuf> {
        Ok(shared_server()?.address().socket_directory().join(".s.PGSQL.5432"))
    }

    /// How to reach it through a door.
    pub fn conninfo(&self, door: usize) -> String {
        // What a history proves doesn't depend on a power cut of the machine that runs it, nor on the best plan of each
        // statement: sessions are short, and planning costs them more than anything else. Limits that the server
        // measures by its own clock would end what the history's time has hardly begun.
        format!(
            "host={} user={} dbname={} options='-c search_path=sim,pg_catalog,public -c synchronous_commit=off \
             -c plan_cache_mode=force_generic_plan -c statement_timeout=0 -c lock_timeout=0 \
             -c idle_in_transaction_session_timeout=0'",
            turnstile::door(&self.directory, door),
            self.database.user,
            self.database.name
        )
    }

    /// A look from outside.
    pub async fn look(&self) -> Result<Look> {
        let conninfo = self.conninfo(turnstile::CHECKS);
        let (client, connection) = tokio_postgres::connect(&conninfo, NoTls).await?;
        tokio::spawn(connection);
        let (statements, seen, ended) = Default::default();
        Ok(Look { client, statements, db: Db::new(&conninfo, 1)?, seen, ended })
    }
}

/// Looks at the records, and remembers what must never go back.
#[derive(Debug)]
pub struct Look {
    client: Client,
    statements: BTreeMap<&'static str, Statement>,
    db: Db,
    seen: BTreeMap<String, i64>,
    ended: BTreeMap<String, String>,
}

/// Everything that only grows, and everything that stays as it is once it has ended.
const NEVER_BACK: &str = "SELECT what, number, NULL AS state FROM (
        SELECT 'generation of VMM ' || id, gen FROM vmm
        UNION ALL SELECT 'state generation of instance ' || id, state_gen FROM instance
        UNION ALL SELECT 'intent generation of instance ' || id, intent_gen FROM instance
        UNION ALL SELECT 'epoch of instance ' || id, epoch FROM instance
        UNION ALL SELECT 'lock generation of instance ' || id, updater_gen FROM instance
        UNION ALL SELECT 'adoption generation of saga ' || id, adoption_gen FROM saga
        UNION ALL SELECT 'epoch of nexus ' || id, epoch FROM nexus
        UNION ALL SELECT 'lease epoch of sled ' || id, lease_epoch FROM sled) AS growing (what, number)
    UNION ALL SELECT what, NULL, state FROM (
        SELECT 'VMM ' || id, state || ' by ' || ended_by FROM vmm WHERE ended_by IS NOT NULL
        UNION ALL SELECT 'operation ' || id, state FROM operation WHERE ended_at IS NOT NULL
        UNION ALL SELECT 'saga ' || id, state FROM saga WHERE state IN ('done', 'abandoned')) AS ended (what, state)";

impl Look {
    async fn rows(&mut self, sql: &'static str) -> Result<Vec<tokio_postgres::Row>> {
        if !self.statements.contains_key(sql) {
            self.statements.insert(sql, self.client.prepare(sql).await?);
        }
        Ok(self.client.query(&self.statements[sql], &[]).await?)
    }

    /// Rows of one text column.
    pub async fn texts(&mut self, sql: &'static str) -> Result<Vec<String>> {
        Ok(self.rows(sql).await?.iter().map(|row| row.get(0)).collect())
    }

    /// Rows of two text columns.
    pub async fn pairs(&mut self, sql: &'static str) -> Result<Vec<(String, String)>> {
        Ok(self.rows(sql).await?.iter().map(|row| (row.get(0), row.get(1))).collect())
    }

    /// What the invariants say; `settle_s`: how long what heals by itself may take.
    pub async fn differences(&self, settle_s: i64) -> Result<Vec<Difference>> {
        self.db
            .statement("check", async |conn| differences(conn, settle_s).await)
            .await
            .context("checking the invariants")
    }

    /// What went back, or changed after its end, since the last look.
    pub async fn went_back(&mut self) -> Result<Vec<String>> {
        let mut wrong = Vec::new();
        for row in self.rows(NEVER_BACK).await? {
            let (what, number, state): (String, Option<i64>, Option<String>) =
                (row.get(0), row.get(1), row.get(2));
            if let Some(now) = number
                && let Some(before) = self.seen.insert(what.clone(), now).filter(|before| *before > now)
            {
                wrong.push(format!("{what} went back from {before} to {now}"));
            }
            if let Some(now) = state
                && let Some(before) =
                    self.ended.insert(what.clone(), now.clone()).filter(|before| *before != now)
            {
                wrong.push(format!("{what} had ended as {before}, and is {now}"));
            }
        }
        Ok(wrong)
    }
}
