//! `nexus check`: every invariant that rows can tell, computed anew from the rows.
//!
//! Each check is one SELECT of what contradicts it, as (subject, message); all of them are asked at once. What a running
//! cluster heals by itself within seconds (a VMM that ended and isn't followed up yet) is a difference only once it has
//! been so for `settle_s` seconds; after everything came to rest, 0 asks for all of it.
//!
//! Not here: whether the record is what really runs on the sleds. That needs the sleds.

mod checks;

use crate::db::Db;
use crate::error::DbResult;
use crate::fixed::fixed;
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Integer, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use std::sync::LazyLock;

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
    #[diesel(sql_type = Integer)]
    number: i32,
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
        differences(conn, settle_s).await
    })
    .await
}

/// All checks as one statement, each row with the number of its check.
static ALL_AT_ONCE: LazyLock<String> = LazyLock::new(|| {
    let numbered = |(number, check): (usize, &Check)| {
        format!("SELECT {number} AS number, subject, message FROM ({}) AS c{number}", check.sql)
    };
    let all: Vec<String> = CHECKS.iter().enumerate().map(numbered).collect();
    // So that the parameter is one of the statement, whichever checks use it.
    format!(
        "SELECT * FROM ({}) AS found WHERE $1 >= 0 ORDER BY number, subject, message",
        all.join(" UNION ALL ")
    )
});

/// Runs all checks on a connection: they are one statement, and so one snapshot.
///
/// # Errors
/// Of the database only.
pub async fn differences(conn: &mut AsyncPgConnection, settle_s: i64) -> DbResult<Vec<Difference>> {
    let rows: Vec<Row> = fixed(ALL_AT_ONCE.as_str()).bind::<BigInt, _>(settle_s).load(conn).await?;
    let found = |row: Row| {
        let check = usize::try_from(row.number).ok().and_then(|number| CHECKS.get(number))?;
        Some(Difference { check: check.name, subject: row.subject, message: row.message })
    };
    Ok(rows.into_iter().filter_map(found).collect())
}
