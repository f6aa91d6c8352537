//! What stands in a table: values that people and programs read differently.

use std::collections::HashMap;
use std::time::Duration;

use berth_common::span;
use chrono::{DateTime, SecondsFormat, Utc};
use uuid::Uuid;

use crate::amount;

/// One value.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing is known, or nothing applies.
    Nothing,
    /// Text as it is.
    Text(String),
    /// A number.
    Number(i64),
    /// An amount of bytes.
    Bytes(u64),
    /// How much of how many bytes.
    BytesOf(u64, u64),
    /// How many of how many.
    CountOf(u64, u64),
    /// A moment.
    Time(DateTime<Utc>),
    /// A moment of which people want to know how long ago it was.
    Since(DateTime<Utc>),
    /// A span of time in milliseconds.
    Age(u64),
    /// Another thing, by id; people see its name where it is known.
    Of(Uuid),
}

/// Names by id, as far as they were asked for.
pub type Names = HashMap<Uuid, String>;

impl Cell {
    /// Text, of whatever shows as text.
    pub fn text(value: impl ToString) -> Cell {
        Cell::Text(value.to_string())
    }

    /// What `cell` makes of a value, or nothing.
    pub fn some<T>(value: Option<T>, cell: impl FnOnce(T) -> Cell) -> Cell {
        value.map_or(Cell::Nothing, cell)
    }

    /// A number of whatever integer.
    pub fn number(value: impl TryInto<i64>) -> Cell {
        Cell::Number(value.try_into().unwrap_or(i64::MAX))
    }

    /// For people: units, names, local spelling. Never a control character: what nexus passes on may come from
    /// a guest.
    pub fn for_people(&self, names: &Names) -> String {
        match self {
            Cell::Nothing => "-".to_string(),
            Cell::Text(text) if text.is_empty() => "-".to_string(),
            Cell::Text(text) => printable(text),
            Cell::Number(number) => number.to_string(),
            Cell::Bytes(bytes) => amount::shown(*bytes),
            Cell::BytesOf(part, whole) => format!("{} / {}", amount::shown(*part), amount::shown(*whole)),
            Cell::CountOf(part, whole) => format!("{part} / {whole}"),
            Cell::Time(time) => time.format("%Y-%m-%d %H:%M:%SZ").to_string(),
            Cell::Since(time) => since(*time),
            Cell::Age(ms) => span::shown(Duration::from_millis(*ms)),
            Cell::Of(id) => names.get(id).map_or_else(|| id.to_string(), |name| printable(name)),
        }
    }

    /// For programs: plain numbers, ids, RFC 3339.
    pub fn for_programs(&self) -> String {
        match self {
            Cell::Nothing => String::new(),
            Cell::Text(text) => text.clone(),
            Cell::Number(number) => number.to_string(),
            Cell::Bytes(number) | Cell::Age(number) => number.to_string(),
            Cell::BytesOf(part, whole) | Cell::CountOf(part, whole) => format!("{part}/{whole}"),
            Cell::Time(time) | Cell::Since(time) => time.to_rfc3339_opts(SecondsFormat::Millis, true),
            Cell::Of(id) => id.to_string(),
        }
    }

    /// Whether it is of no use when it is cut in two.
    pub fn is_whole(&self) -> bool {
        matches!(self, Cell::Of(_) | Cell::Time(_))
    }

    /// Whether it stands better at the right edge of its column.
    pub fn is_amount(&self) -> bool {
        matches!(
            self,
            Cell::Number(_) | Cell::Bytes(_) | Cell::Age(_) | Cell::BytesOf(..) | Cell::CountOf(..)
        )
    }
}

/// How long ago, by this machine's clock, as far as it agrees with the cluster's.
pub fn since(time: DateTime<Utc>) -> String {
    (Utc::now() - time)
        .to_std()
        .map_or_else(|_| "just now".to_string(), |age| format!("{} ago", span::shown(age)))
}

/// The text on one line, without anything that could move a terminal's cursor.
pub fn printable(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines.join("; ").chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_and_programs_read_the_same_value_differently() {
        let names = Names::new();
        assert_eq!(Cell::Bytes(1 << 30).for_people(&names), "1 GiB");
        assert_eq!(Cell::Bytes(1 << 30).for_programs(), "1073741824");
        assert_eq!(Cell::Age(61_000).for_people(&names), "1m1s");
        assert_eq!(Cell::Nothing.for_people(&names), "-");
        assert_eq!(Cell::Nothing.for_programs(), "");
        let moment = DateTime::from_timestamp(0, 5_000_000).expect("a moment");
        assert_eq!(Cell::Time(moment).for_programs(), "1970-01-01T00:00:00.005Z");
    }

    #[test]
    fn a_known_id_is_shown_by_name_to_people_only() {
        let id = Uuid::from_u128(7);
        let names = Names::from([(id, "demo".to_string())]);
        assert_eq!(Cell::Of(id).for_people(&names), "demo");
        assert_eq!(Cell::Of(id).for_programs(), id.to_string());
    }

    #[test]
    fn nothing_that_moves_a_cursor_reaches_a_table() {
        assert_eq!(Cell::text("a\x1b[2Jb\nc").for_people(&Names::new()), "a [2Jb; c");
    }
}
