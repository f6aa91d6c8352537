//! `nexus check`: every invariant that rows can tell, computed anew from the rows.
//!
//! Each check is one SELECT of what contradicts it, as (subject, message). All of them see one moment. What a running
//! cluster heals by itself within seconds (a VMM that ended and isn't followed up yet) is a difference only once it has
//! been so for `settle_s` seconds; after everything came to rest, 0 asks for all of it.
//!
//! Not here: whether the record is what really runs on the sleds. That needs the sleds.

mod checks;

use crate::db::Db;
use crate::error::{DbError, DbResult};
use crate::fixed::fixed;
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};

pub use checks::CHECKS;

/// How long a live cluster may take to follow up what happened.
pub const SETTLE_S: i64 = 60;

/// One invariant.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// A sentence: what is so.
    pub name: &'static str,
    /// What contradicts it: (subject, message) for each row; `$1` is the time to settle, in seconds.
    sql: &'static str,
}

/// A contradiction.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    /// Name of the check.
    pub check: &'static str,
    /// What it is about: kind, and id or name.
    pub subject: String,
    pub message: String,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    subject: String,
    #[diesel(sql_type = Text)]
    message: String,
}

/// Runs all checks in one snapshot that writes nothing.
///
/// # Errors
/// Of the database only.
pub async fn check(db: &Db, settle_s: i64) -> DbResult<Vec<Difference>> {
    db.transaction("check", async |conn| {
        conn.batch_execute(
            "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; SET LOCAL statement_timeout = '10min'",
        )
        .await?;
        let mut differences = Vec::new();
        for check in CHECKS {
            differences.extend(run(conn, check, settle_s).await?);
        }
        Ok::<_, DbError>(differences)
    })
    .await
}

async fn run(conn: &mut AsyncPgConnection, check: &Check, settle_s: i64) -> DbResult<Vec<Difference>> {
    let rows: Vec<Row> = fixed(check.sql).bind::<BigInt, _>(settle_s).load(conn).await?;
    let found = |row: Row| Difference { check: check.name, subject: row.subject, message: row.message };
    Ok(rows.into_iter().map(found).collect())
}
