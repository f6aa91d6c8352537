//! The database of one history: a copy of a template whose `now()` is the history's own time, and looks at it from outside.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use berth_db::Db;
use berth_db::check::{Difference, check};
use berth_db::migrate::MIGRATIONS;
use berth_postgres::{TestDatabase, shared_server};
use camino::Utf8PathBuf;
use tokio_postgres::{Client, NoTls};

use crate::turnstile;

/// The files of the image that all instances boot, under their checksums: what is in them doesn't matter.
pub const IMAGE_FILES: [(&str, &str); 2] = [
    ("6923dd1bc0460082c5d55a831908c24a282860b7f1cd6c2b79cf1bc8857c639c", "kernel"),
    ("09e6c018d2c8c4903308613dd1b72484d57eadf12ec50ddc8f52e5accce470f2", "initrd"),
];

/// Names and functions of `sim` come first: `now()` is the history's time, in every statement and every default.
const CLOCK: &str = "CREATE SCHEMA sim;
    CREATE FUNCTION sim.now() RETURNS timestamptz LANGUAGE sql STABLE
        AS $$ SELECT to_timestamp(current_setting('sim.now')::float8) $$;";
const SESSION: &str = "SET search_path = sim, pg_catalog, public; SET sim.now = '1767225600';";

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

/// The database.
#[derive(Debug)]
pub struct Records {
    database: TestDatabase,
    directory: Utf8PathBuf,
    user: String,
}

impl Records {
    /// A new one; doors to it will be in `directory`. Not inside of a runtime.
    pub fn open(directory: Utf8PathBuf) -> Result<Records> {
        let server = shared_server()?;
        let user = server.address().user().to_owned();
        let maker = server.clone();
        let rows = ROWS.replace("KERNELSUM", IMAGE_FILES[0].0).replace("INITRDSUM", IMAGE_FILES[1].0);
        let scripts: Vec<String> = std::iter::once(CLOCK.to_owned())
            .chain(MIGRATIONS.iter().map(|(_, text)| format!("{SESSION}\n{text}")))
            .chain([format!("{SESSION}\n{rows}")])
            .collect();
        let database = TestDatabase::from_prepared("histories", &scripts, |name| {
            scripts.iter().try_for_each(|script| maker.sql(name, script).map(drop))
        })?;
        Ok(Records { database, directory, user })
    }

    /// The socket of PostgreSQL itself.
    pub fn socket() -> Result<Utf8PathBuf> {
        Ok(shared_server()?.address().socket_directory().join(".s.PGSQL.5432"))
    }

    /// How to reach it through a door.
    pub fn conninfo(&self, door: usize) -> String {
        // What a history proves doesn't depend on a power cut of the machine that runs it.
        format!(
            "host={} user={} dbname={} options='-c search_path=sim,pg_catalog,public -c synchronous_commit=off'",
            turnstile::door(&self.directory, door),
            self.user,
            self.database.name()
        )
    }

    /// A look from outside.
    pub async fn look(&self) -> Result<Look> {
        let conninfo = self.conninfo(turnstile::CHECKS);
        let (client, connection) = tokio_postgres::connect(&conninfo, NoTls).await?;
        tokio::spawn(connection);
        Ok(Look { client, db: Db::new(&conninfo, 1)?, seen: BTreeMap::new(), ended: BTreeMap::new() })
    }
}

/// Looks at the records, and remembers what must never go back.
#[derive(Debug)]
pub struct Look {
    client: Client,
    db: Db,
    seen: BTreeMap<String, i64>,
    ended: BTreeMap<String, String>,
}

/// Everything that only grows.
const GROWING: &str = "SELECT 'generation of VMM ' || id, gen FROM vmm
    UNION ALL SELECT 'state generation of instance ' || id, state_gen FROM instance
    UNION ALL SELECT 'intent generation of instance ' || id, intent_gen FROM instance
    UNION ALL SELECT 'epoch of instance ' || id, epoch FROM instance
    UNION ALL SELECT 'lock generation of instance ' || id, updater_gen FROM instance
    UNION ALL SELECT 'adoption generation of saga ' || id, adoption_gen FROM saga
    UNION ALL SELECT 'epoch of nexus ' || id, epoch FROM nexus
    UNION ALL SELECT 'lease epoch of sled ' || id, lease_epoch FROM sled";

/// Everything that stays as it is once it has ended.
const ENDED: &str = "SELECT 'VMM ' || id, state || ' by ' || ended_by FROM vmm WHERE ended_by IS NOT NULL
    UNION ALL SELECT 'operation ' || id, state FROM operation WHERE ended_at IS NOT NULL
    UNION ALL SELECT 'saga ' || id, state FROM saga WHERE state IN ('done', 'abandoned')";

impl Look {
    /// Rows of one text column.
    pub async fn texts(&self, sql: &str) -> Result<Vec<String>> {
        Ok(self.client.query(sql, &[]).await?.iter().map(|row| row.get(0)).collect())
    }

    /// Rows of two text columns.
    pub async fn pairs(&self, sql: &str) -> Result<Vec<(String, String)>> {
        Ok(self.client.query(sql, &[]).await?.iter().map(|row| (row.get(0), row.get(1))).collect())
    }

    /// What the invariants say; `settle_s`: how long what heals by itself may take.
    pub async fn differences(&self, settle_s: i64) -> Result<Vec<Difference>> {
        check(&self.db, settle_s).await.context("checking the invariants")
    }

    /// What went back, or changed after its end, since the last look.
    pub async fn went_back(&mut self) -> Result<Vec<String>> {
        let mut wrong = Vec::new();
        for row in self.client.query(GROWING, &[]).await? {
            let (what, now): (String, i64) = (row.get(0), row.get(1));
            if let Some(before) = self.seen.insert(what.clone(), now).filter(|before| *before > now) {
                wrong.push(format!("{what} went back from {before} to {now}"));
            }
        }
        for (what, now) in self.pairs(ENDED).await? {
            if let Some(before) = self.ended.insert(what.clone(), now.clone()).filter(|before| *before != now)
            {
                wrong.push(format!("{what} had ended as {before}, and is {now}"));
            }
        }
        Ok(wrong)
    }
}
