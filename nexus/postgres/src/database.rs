//! A database that lives as long as its test, copied from a template that is made once.

use crate::psql::AdvisoryLock;
use crate::{SharedServer, shared_server, wait};
use anyhow::{Result, bail};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Under this key at most one process of a server makes templates.
const TEMPLATE_LOCK: i64 = 0x6265_7274_6874_706c;

/// Longest name a caller may give; with what is added the whole stays below PostgreSQL's 63 bytes.
const LONGEST_NAME: usize = 30;

/// How long the sessions of a database that is dropped may take to end. The server itself gives up after 5 s.
const END_OF_SESSIONS: Duration = Duration::from_secs(30);

/// A database of its own on the shared server, dropped (with its sessions) when this is dropped.
#[derive(Debug)]
pub struct TestDatabase {
    server: SharedServer,
    name: String,
}

impl TestDatabase {
    /// A fresh copy of the template with these migrations applied. The template is made by whoever comes
    /// first and is known by a hash of `name` and the migrations (file name, SQL), so a changed migration
    /// is a new template.
    ///
    /// # Errors
    /// When `name` isn't lower-case letters, digits and `_`, no server can be had, or a migration fails.
    pub fn from_template(name: &str, migrations: &[(&str, &str)]) -> Result<Self> {
        let server = shared_server()?;
        let maker = server.clone();
        Self::from_prepared(name, migrations, move |database| {
            for (file, sql) in migrations {
                if let Err(error) = maker.sql(database, sql) {
                    bail!("migration {file}: {error:#}");
                }
            }
            Ok(())
        })
    }

    /// As [`TestDatabase::from_template`], with the template prepared by `prepare`, which gets the name of
    /// an empty database on [`shared_server`]; `key` stands for all that `prepare` depends on.
    ///
    /// # Errors
    /// As [`TestDatabase::from_template`], and those of `prepare`.
    pub fn from_prepared(
        name: &str,
        key: impl Hash,
        prepare: impl FnOnce(&str) -> Result<()>,
    ) -> Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if name.is_empty() || name.len() > LONGEST_NAME || !name.chars().all(plain) {
            bail!("`{name}` can't be in a database's name: at most {LONGEST_NAME} of a-z, 0-9 and _");
        }
        let server = shared_server()?;
        let template = ensure_template(&server, name, key, prepare)?;
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let database = format!("test_{name}_{}_{number}", std::process::id());
        // A process of an earlier run may have had our pid and been killed before its drop.
        server.sql("postgres", &format!("DROP DATABASE IF EXISTS {database} WITH (FORCE);"))?;
        server.sql("postgres", &format!("CREATE DATABASE {database} TEMPLATE {template};"))?;
        Ok(Self { server, name: database })
    }

    /// Name of the database.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// `host=… user=… dbname=…`.
    pub fn conninfo(&self) -> String {
        self.server.address().conninfo(&self.name)
    }

    /// The same as a URL.
    pub fn url(&self) -> String {
        self.server.address().url(&self.name)
    }

    /// Runs a script with `psql` and returns its rows, columns separated by `|`.
    ///
    /// # Errors
    /// With the first error the server reports.
    pub fn sql(&self, script: &str) -> Result<String> {
        self.server.sql(&self.name, script)
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let statement = format!("DROP DATABASE IF EXISTS {} WITH (FORCE);", self.name);
        let dropped = wait::until("the end of its sessions", END_OF_SESSIONS, || {
            match self.server.sql("postgres", &statement) {
                Ok(_) => Ok(Some(())),
                Err(error) if error.to_string().contains("is being accessed by other users") => Ok(None),
                Err(error) => Err(error),
            }
        });
        if let Err(error) = dropped {
            // A test may have ended the server on purpose; the database then goes with the server's files.
            eprintln!("database {} stays behind: {error:#}", self.name);
        }
    }
}

/// Makes the template unless it is there; it gets its final name only when it is whole.
fn ensure_template(
    server: &SharedServer,
    name: &str,
    key: impl Hash,
    prepare: impl FnOnce(&str) -> Result<()>,
) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    let template = format!("template_{name}_{:016x}", hasher.finish());
    let exists = || -> Result<bool> {
        let rows =
            server.sql("postgres", &format!("SELECT 1 FROM pg_database WHERE datname = '{template}';"))?;
        Ok(!rows.trim().is_empty())
    };
    if exists()? {
        return Ok(template);
    }
    let _lock = AdvisoryLock::take(server.binaries(), server.address(), TEMPLATE_LOCK)?;
    if exists()? {
        return Ok(template);
    }
    let making = "template_being_made";
    server.sql("postgres", &format!("DROP DATABASE IF EXISTS {making} WITH (FORCE);"))?;
    server.sql("postgres", &format!("CREATE DATABASE {making} TEMPLATE template0;"))?;
    prepare(making)?;
    server.sql("postgres", &format!("ALTER DATABASE {making} RENAME TO {template};"))?;
    Ok(template)
}
