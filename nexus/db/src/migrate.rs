//! Brings a database to this version's schema.
//!
//! The migrations are compiled in. Each is applied in a transaction of its own together with its row in
//! `schema_migration`, under a lock that one nexus holds at a time; the others wait and find nothing left to do.

use crate::db::Db;
use crate::error::{DbError, DbResult};
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use std::time::Duration;

/// File name and text of every migration, in order. `schema/README.md` says how to add one.
pub const MIGRATIONS: &[(&str, &str)] = &[
    ("0001_records.sql", include_str!("../../../schema/migrations/0001_records.sql")),
    ("0002_saga.sql", include_str!("../../../schema/migrations/0002_saga.sql")),
    ("0003_links.sql", include_str!("../../../schema/migrations/0003_links.sql")),
    ("0004_lifecycle.sql", include_str!("../../../schema/migrations/0004_lifecycle.sql")),
    ("0005_work_kinds.sql", include_str!("../../../schema/migrations/0005_work_kinds.sql")),
    ("0006_live_migration.sql", include_str!("../../../schema/migrations/0006_live_migration.sql")),
    ("0007_restart.sql", include_str!("../../../schema/migrations/0007_restart.sql")),
    ("0008_reboot.sql", include_str!("../../../schema/migrations/0008_reboot.sql")),
    ("0009_planned_down.sql", include_str!("../../../schema/migrations/0009_planned_down.sql")),
    ("0010_quarantined.sql", include_str!("../../../schema/migrations/0010_quarantined.sql")),
];

/// Where it is recorded what was applied.
pub const LEDGER: &str = "CREATE TABLE IF NOT EXISTS schema_migration (
    version     bigint PRIMARY KEY,
    name        text NOT NULL,
    checksum    text NOT NULL,
    applied_at  timestamptz NOT NULL DEFAULT now()
)";

/// Held by the nexus that migrates.
const LOCK: i64 = 0x6265_7274_6d69_6772;
/// A migration may take this long, and another nexus waits this long for it.
const LIMIT: Duration = Duration::from_secs(600);

/// Why a database isn't brought to this version's schema.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// A newer version of Berth was here: this one doesn't know what it would write into.
    #[error(
        "the database has migration {name}, which this version doesn't know; run the version that made it"
    )]
    FromTheFuture { name: String },
    /// An applied migration isn't the one this version has.
    #[error("migration {name} was applied with another text than this version's; one of the two was edited")]
    Changed { name: String },
    /// The migration itself failed; it was rolled back.
    #[error("migration {name} failed")]
    Failed { name: &'static str, source: DbError },
    #[error(transparent)]
    Database(#[from] DbError),
}

#[derive(QueryableByName)]
struct Applied {
    #[diesel(sql_type = BigInt)]
    version: i64,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    checksum: String,
}

#[derive(QueryableByName)]
struct Checksum {
    #[diesel(sql_type = Text)]
    checksum: String,
}

/// Applies what is missing. Any number of nexus can do this at once. Returns the names of what was applied.
///
/// # Errors
/// See [`MigrateError`]; what was applied before the failure stays applied.
pub async fn migrate(db: &Db) -> Result<Vec<&'static str>, MigrateError> {
    apply(db, MIGRATIONS).await
}

/// As [`migrate`], with these migrations.
///
/// # Errors
/// As [`migrate`].
pub async fn apply(
    db: &Db,
    migrations: &[(&'static str, &'static str)],
) -> Result<Vec<&'static str>, MigrateError> {
    let mut connection = db.pool().get().await.map_err(DbError::unavailable)?;
    let conn: &mut AsyncPgConnection = &mut connection;
    let limit = LIMIT.as_secs();
    batch(conn, &format!("SET statement_timeout = '{limit}s'; SET lock_timeout = '{limit}s'")).await?;
    batch(conn, &format!("SELECT pg_advisory_lock({LOCK})")).await?;
    let outcome = apply_locked(conn, migrations).await;
    // The session held the lock and the long limits: both end with it.
    drop(diesel_async::pooled_connection::deadpool::Object::take(connection));
    outcome
}

async fn apply_locked(
    conn: &mut AsyncPgConnection,
    migrations: &[(&'static str, &'static str)],
) -> Result<Vec<&'static str>, MigrateError> {
    batch(conn, LEDGER).await?;
    let applied: Vec<Applied> =
        diesel::sql_query("SELECT version, name, checksum FROM schema_migration ORDER BY version")
            .load(conn)
            .await
            .map_err(DbError::from)?;
    for row in &applied {
        let known = usize::try_from(row.version - 1).ok().and_then(|index| migrations.get(index));
        match known {
            None => return Err(MigrateError::FromTheFuture { name: row.name.clone() }),
            Some((_, text)) if checksum(conn, text).await? != row.checksum => {
                return Err(MigrateError::Changed { name: row.name.clone() });
            }
            Some(_) => {}
        }
    }
    let mut done = Vec::new();
    for (index, (name, text)) in migrations.iter().enumerate().skip(applied.len()) {
        one(conn, index as i64 + 1, name, text)
            .await
            .map_err(|source| MigrateError::Failed { name, source })?;
        done.push(*name);
    }
    Ok(done)
}

async fn one(conn: &mut AsyncPgConnection, version: i64, name: &str, text: &str) -> DbResult<()> {
    let checksum = checksum(conn, text).await?;
    // One message, and so one transaction, whose COMMIT comes only if all before it went well.
    let record = format!(
        "INSERT INTO schema_migration (version, name, checksum) VALUES ({version}, '{name}', '{checksum}')"
    );
    let outcome = batch(conn, &format!("BEGIN;\n{text}\n;{record};\nCOMMIT;")).await;
    if outcome.is_err() {
        // The connection is dropped after this anyway; whoever waits for the lock gets a clean table sooner.
        let _ = batch(conn, "ROLLBACK").await;
    }
    outcome
}

/// SHA-256 of a migration's text, hexadecimal; computed where it is kept.
async fn checksum(conn: &mut AsyncPgConnection, text: &str) -> DbResult<String> {
    let row: Checksum = diesel::sql_query("SELECT encode(sha256(convert_to($1, 'UTF8')), 'hex') AS checksum")
        .bind::<Text, _>(text)
        .get_result(conn)
        .await?;
    Ok(row.checksum)
}

async fn batch(conn: &mut AsyncPgConnection, sql: &str) -> DbResult<()> {
    Ok(conn.batch_execute(sql).await?)
}
