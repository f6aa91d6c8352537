//! One measured figure, and a table of them.

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

/// One figure, with what it is compared with where there is something.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    pub bench: String,
    pub case: String,
    pub subject: String,
    pub value: f64,
    pub unit: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against_value: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ratio: Option<f64>,
}

/// Rows as a program of ours prints them with `--json`: one object per line.
pub fn read(lines: &str) -> Result<Vec<Row>> {
    let rows = lines.lines().filter(|line| !line.trim().is_empty());
    rows.map(|line| serde_json::from_str(line).with_context(|| format!("not a row: {line}"))).collect()
}

/// The rows below each other, figures to the right.
pub fn table(rows: &[Row]) -> String {
    let head =
        ["bench", "case", "subject", "value", "unit", "against", "its value", "ratio"].map(str::to_owned);
    let mut lines = vec![head];
    lines.extend(rows.iter().map(|row| {
        [
            row.bench.clone(),
            row.case.clone(),
            row.subject.clone(),
            figure(row.value),
            row.unit.clone(),
            row.against.clone().unwrap_or_default(),
            row.against_value.map(figure).unwrap_or_default(),
            row.ratio.map(figure).unwrap_or_default(),
        ]
    }));
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..8).map(width).collect();
    let shown = lines.iter().map(|line| {
        let cells = line.iter().zip(&widths).enumerate().map(|(column, (cell, width))| match column {
            3 | 6 | 7 => format!("{cell:>width$}"),
            _ => format!("{cell:<width$}"),
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    });
    shown.collect::<Vec<_>>().join("\n")
}

/// Three or four digits that mean something.
fn figure(value: f64) -> String {
    let decimals = match value.abs() {
        size if size >= 100.0 || size == 0.0 => 0,
        size if size >= 10.0 => 1,
        _ => 2,
    };
    format!("{value:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"bench":"saga_engine","case":"32 at once","subject":"berth","value":1170.0,"unit":"1/s","against":"commit per event","against_value":347.0,"ratio":3.37}"#;

    #[test]
    fn a_row_is_read_and_written_as_documented() -> Result<()> {
        let rows = read(&format!("{LINE}\n\n"))?;
        assert_eq!(serde_json::to_string(&rows[0])?, LINE);
        assert!(read(r#"{"bench":"x","surprise":1}"#).is_err());
        Ok(())
    }

    #[test]
    fn a_table_aligns_its_columns() -> Result<()> {
        let mut rows = read(LINE)?;
        rows.push(Row {
            value: 2.0,
            case: "1".to_owned(),
            against: None,
            against_value: None,
            ratio: None,
            ..rows[0].clone()
        });
        let table = table(&rows);
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(
            lines[1],
            "saga_engine  32 at once  berth     1170  1/s   commit per event        347   3.37"
        );
        assert_eq!(lines[2], "saga_engine  1           berth     2.00  1/s");
        Ok(())
    }
}
