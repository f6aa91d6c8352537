//! The whole content of a database as text, to be compared byte for byte.
//!
//! Rows come in the order of their text, because an update that changes nothing visible moves a row. What a cluster at
//! rest writes by itself is left out, column by column; counters of identities are in.

use crate::Records;
use anyhow::Result;
use std::collections::BTreeMap;

/// Columns that change without a request: signs of life, what is delivered again and again, and the runs of background
/// tasks.
const OF_ITSELF: [(&str, &[&str]); 5] = [
    ("nexus", &["seq", "renewed_at"]),
    ("sled", &["last_report_at", "report_seq", "lease_seq"]),
    ("stop_delivery", &["claimed_at", "claimed_deadline", "deadline", "delivered_at"]),
    ("end_delivery", &["claimed_at"]),
    ("task_run", &["claimed_by", "claim_gen", "last_started_at", "last_ended_at", "last_result"]),
];

/// Each table's rows, and each sequence's position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dump(BTreeMap<String, Vec<String>>);

impl Dump {
    /// What differs, in words; empty: nothing.
    pub fn differences(&self, other: &Dump) -> Vec<String> {
        let mut found = Vec::new();
        for table in self.0.keys().chain(other.0.keys().filter(|table| !self.0.contains_key(*table))) {
            let none = Vec::new();
            let (before, after) = (self.0.get(table).unwrap_or(&none), other.0.get(table).unwrap_or(&none));
            let gone =
                before.iter().filter(|row| !after.contains(row)).map(|row| format!("{table}: - {row}"));
            let new = after.iter().filter(|row| !before.contains(row)).map(|row| format!("{table}: + {row}"));
            found.extend(gone.chain(new));
            if before != after && found.is_empty() {
                found.push(format!("{table}: the same rows another number of times"));
            }
        }
        found
    }
}

/// Takes everything at one moment.
pub fn dump(records: &mut Records) -> Result<Dump> {
    let mut whole = BTreeMap::new();
    let mut moment = records.client().transaction()?;
    moment.batch_execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")?;
    let tables = moment.query(
        "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = 'public' AND c.relkind = 'r' ORDER BY 1",
        &[],
    )?;
    for table in tables.iter().map(|row| row.get::<_, String>(0)) {
        let hidden =
            OF_ITSELF.iter().find(|(name, _)| *name == table).map_or(&[][..], |(_, columns)| columns);
        let hidden: Vec<String> = hidden.iter().map(|column| format!(" - '{column}'")).collect();
        let sql = format!("SELECT (to_jsonb(t){})::text FROM {table} t ORDER BY 1", hidden.concat());
        let rows = moment.query(&sql, &[])?;
        whole.insert(table, rows.iter().map(|row| row.get(0)).collect());
    }
    let counters = moment.query(
        "SELECT sequencename::text, coalesce(last_value, 0)::text FROM pg_sequences WHERE schemaname = 'public'",
        &[],
    )?;
    for row in &counters {
        whole.insert(format!("sequence {}", row.get::<_, String>(0)), vec![row.get(1)]);
    }
    Ok(Dump(whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(rows: &[&str]) -> Dump {
        Dump(BTreeMap::from([("t".to_owned(), rows.iter().map(ToString::to_string).collect())]))
    }

    #[test]
    fn every_difference_is_named() {
        assert!(of(&["a", "b"]).differences(&of(&["a", "b"])).is_empty());
        assert_eq!(of(&["a"]).differences(&of(&["b"])), ["t: - a", "t: + b"]);
        assert_eq!(of(&["a"]).differences(&of(&["a", "a"])), ["t: the same rows another number of times"]);
        assert_eq!(of(&[]).differences(&Dump(BTreeMap::new())), Vec::<String>::new());
    }
}
