//! Figures as rows: JSON lines for `cargo xtask bench`.

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
    pub fn alone(bench: &'static str, case: &str, subject: &str, value: f64, unit: &str) -> Row {
        Row {
            bench,
            case: case.to_owned(),
            subject: subject.to_owned(),
            value: rounded(value),
            unit: unit.to_owned(),
            against: None,
            against_value: None,
            ratio: None,
        }
    }

    /// The same beside another figure.
    #[must_use]
    pub fn beside(self, against: &str, value: f64) -> Row {
        Row { against: Some(against.to_owned()), against_value: Some(rounded(value)), ..self }
    }

    /// The same with a ratio to that figure.
    #[must_use]
    pub fn with_ratio(self, ratio: f64) -> Row {
        Row { ratio: Some(rounded(ratio)), ..self }
    }
}

/// The lowest and the highest; infinite and 0 of none.
pub fn spread(values: &[f64]) -> (f64, f64) {
    let lowest = values.iter().copied().fold(f64::INFINITY, f64::min);
    (lowest, values.iter().copied().fold(0.0, f64::max))
}

/// The middle one; 0 of none.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (low, high) = (sorted.len().saturating_sub(1) / 2, sorted.len() / 2);
    sorted.get(low).zip(sorted.get(high)).map_or(0.0, |(low, high)| f64::midpoint(*low, *high))
}

fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
