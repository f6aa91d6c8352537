//! Figures as rows: JSON lines for `cargo xtask bench`, or a plain list.

use anyhow::Result;
use serde::Serialize;

#[derive(Clone, Debug, Serialize)]
pub struct Row {
    bench: &'static str,
    case: String,
    subject: String,
    value: f64,
    unit: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    against: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    against_value: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ratio: Option<f64>,
}

impl Row {
    fn alone(case: &str, subject: &str, unit: &str, value: f64) -> Row {
        Row {
            bench: "saga_engine",
            case: case.to_owned(),
            subject: subject.to_owned(),
            value: rounded(value),
            unit: unit.to_owned(),
            against: None,
            against_value: None,
            ratio: None,
        }
    }

    /// Medians of both, and the median of the ratios of their pairs.
    pub fn against(
        case: &str,
        subject: &str,
        unit: &str,
        ours: &[f64],
        against: &str,
        theirs: &[f64],
    ) -> Row {
        Row {
            against: Some(against.to_owned()),
            against_value: Some(rounded(median(theirs))),
            ratio: Some(rounded(median(&ratios(ours, theirs)))),
            ..Row::alone(case, subject, unit, median(ours))
        }
    }

    /// The lowest and the highest ratio of the pairs.
    pub fn spread(case: &str, subject: &str, ours: &[f64], theirs: &[f64]) -> Row {
        let ratios = ratios(ours, theirs);
        let lowest = ratios.iter().copied().fold(f64::INFINITY, f64::min);
        let highest = ratios.iter().copied().fold(0.0, f64::max);
        Row {
            against: Some("highest ratio of a pair".to_owned()),
            against_value: Some(rounded(highest)),
            ..Row::alone(&format!("{case}, lowest ratio of a pair"), subject, "times", lowest)
        }
    }
}

fn ratios(ours: &[f64], theirs: &[f64]) -> Vec<f64> {
    ours.iter().zip(theirs).map(|(ours, theirs)| ours / theirs).collect()
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => 0.0,
        odd if odd % 2 == 1 => sorted[middle],
        _ => (sorted[middle - 1] + sorted[middle]) / 2.0,
    }
}

/// Four digits at least, and no more than mean something.
fn rounded(value: f64) -> f64 {
    if value >= 100.0 { value.round() } else { (value * 1000.0).round() / 1000.0 }
}

pub fn print(rows: &[Row], json: bool) -> Result<()> {
    for row in rows {
        if json {
            println!("{}", serde_json::to_string(row)?);
            continue;
        }
        print!("{:<36} {:<44} {:>9} {}", row.case, row.subject, row.value, row.unit);
        if let (Some(against), Some(value)) = (&row.against, row.against_value) {
            print!("  | {against}: {value}");
        }
        println!("{}", row.ratio.map(|ratio| format!("  = {ratio} times")).unwrap_or_default());
    }
    Ok(())
}
