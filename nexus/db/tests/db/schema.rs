//! `schema/schema.sql` is the sum of the migrations, and diesel's tables are what is in it.

use crate::world::world;
use anyhow::{Context, Result};
use berth_postgres::{Binaries, shared_server};
use std::collections::BTreeMap;
use std::process::Command;

const DUMP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schema/schema.sql");
const TABLES: &str = concat!(include_str!("../../src/tables.rs"), include_str!("../../src/tables/work.rs"));
/// Set it to write the dump anew instead of comparing.
const WRITE: &str = "BERTH_WRITE_SCHEMA";

#[tokio::test]
async fn the_dump_is_the_sum_of_the_migrations() -> Result<()> {
    let world = world()?;
    let output = Command::new(Binaries::find()?.program("pg_dump"))
        .args(["--schema-only", "--no-owner", "--no-privileges", "--no-comments"])
        .arg("--host")
        .arg(shared_server()?.address().socket_directory())
        .args(["--username", shared_server()?.address().user(), world.database.name()])
        .output()?;
    anyhow::ensure!(output.status.success(), "pg_dump: {}", String::from_utf8_lossy(&output.stderr));
    let found = plain(&String::from_utf8(output.stdout)?);
    if std::env::var_os(WRITE).is_some() {
        std::fs::write(DUMP, &found)?;
    }
    let written = std::fs::read_to_string(DUMP)?;
    assert!(
        found == written,
        "schema/schema.sql isn't what the migrations make; write it anew with {WRITE}=1 and this test"
    );
    Ok(())
}

/// A dump without what differs from one minor version of the tool to the next.
fn plain(dump: &str) -> String {
    let mut text = String::from(
        "-- The sum of the migrations, written by a test of nexus/db. Don't edit: see README.md.\n",
    );
    let kept = |line: &&str| {
        !line.starts_with("--")
            && !line.starts_with("SET ")
            && !line.starts_with("SELECT pg_catalog.set_config")
            && !line.starts_with('\\')
    };
    let mut empty = false;
    for line in dump.lines().filter(kept) {
        if line.is_empty() {
            empty = true;
            continue;
        }
        if empty {
            text.push('\n');
        }
        empty = false;
        text.push_str(line);
        text.push('\n');
    }
    text
}

type Columns = BTreeMap<String, Vec<String>>;

#[tokio::test]
async fn the_tables_of_diesel_are_those_of_the_schema() -> Result<()> {
    let world = world()?;
    let rows = world.database.sql(
        "SELECT table_name, column_name, udt_name, is_nullable FROM information_schema.columns
         WHERE table_schema = 'public' AND table_name NOT IN ('schema_migration', 'saga', 'saga_event')
         ORDER BY table_name, ordinal_position",
    )?;
    let mut real = Columns::new();
    for row in rows.lines() {
        let cells: Vec<&str> = row.split('|').collect();
        let [table, column, kind, nullable] = cells[..] else { anyhow::bail!("not four cells: {row}") };
        let kind = diesel_type(kind)?;
        let kind = if nullable == "YES" { format!("Nullable<{kind}>") } else { kind.to_owned() };
        real.entry(table.to_owned()).or_default().push(format!("{column} -> {kind}"));
    }
    let ours = declared(TABLES);
    for (table, columns) in &real {
        assert_eq!(ours.get(table), Some(columns), "table {table}");
    }
    assert_eq!(ours.len(), real.len(), "a table of diesel's is not in the schema");
    Ok(())
}

fn diesel_type(udt: &str) -> Result<&'static str> {
    Ok(match udt {
        "uuid" => "Uuid",
        "text" => "Text",
        "int8" => "BigInt",
        "bool" => "Bool",
        "timestamptz" => "Timestamptz",
        "bytea" => "Bytea",
        "jsonb" => "Jsonb",
        "xid8" => "Xid8",
        other => anyhow::bail!("no type of diesel's is known here for {other}"),
    })
}

/// Reads the `table!` declarations: table, and `column -> Type` in order.
fn declared(source: &str) -> Columns {
    let mut found = Columns::new();
    let mut table = None;
    let mut sql_name = None;
    for line in source.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix("#[sql_name = \"").and_then(|rest| rest.strip_suffix("\"]")) {
            sql_name = Some(name.to_owned());
        } else if line.starts_with("diesel::") {
            table = None;
        } else if let Some((column, kind)) = line.trim_end_matches(',').split_once(" -> ") {
            let column = sql_name.take().unwrap_or_else(|| column.to_owned());
            if let Some(columns) = table.as_ref().and_then(|table| found.get_mut(table)) {
                columns.push(format!("{column} -> {kind}"));
            }
        } else if let Some((name, _)) = line.strip_suffix(") {").and_then(|line| line.split_once(" (")) {
            found.insert(name.to_owned(), Vec::new());
            table = Some(name.to_owned());
        }
    }
    found
}

#[test]
fn every_real_column_is_in_the_table_of_who_writes_what() -> Result<()> {
    let readme = include_str!("../../../../schema/README.md");
    let mut mentioned: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for line in readme.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let table = cells[1].trim_matches('`');
        mentioned.entry(table).or_default().extend(cells[2].split(", ").map(|cell| cell.trim_matches('`')));
    }
    for (table, columns) in declared(TABLES) {
        let written = mentioned.get(table.as_str()).with_context(|| format!("table {table} has no row"))?;
        for column in columns.iter().filter_map(|column| column.split(" -> ").next()) {
            let writers = written.iter().filter(|name| **name == column).count();
            assert_eq!(writers, 1, "{table}.{column} has to stand in exactly one row");
        }
    }
    Ok(())
}
