//! How long a client is ready to wait: `30s`, `500ms`, `1m`, or plain seconds.

use std::time::Duration;

use schemars::JsonSchema;
use schemars::schema::{InstanceType, Schema, SchemaObject, StringValidation};
use serde::{Deserialize, Serialize};

use crate::limits::WAIT_MAX_S;

/// Time of a long-poll; longer than [`WAIT_MAX_S`] is cut to it, so the client just asks again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Wait(Duration);

/// A text that is no duration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no duration; write 30s, 500ms, 1m, or plain seconds")]
pub struct BadWait(String);

impl Wait {
    /// The time to wait, within the limit.
    pub fn duration(self) -> Duration {
        self.0
    }
}

impl std::str::FromStr for Wait {
    type Err = BadWait;
    fn from_str(text: &str) -> Result<Self, BadWait> {
        let bad = || BadWait(text.chars().take(40).collect());
        let digits = text.trim_end_matches(|c: char| c.is_ascii_lowercase());
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(bad());
        }
        // More digits than fit are simply long.
        let count: u64 = digits.parse().unwrap_or(u64::MAX);
        let milliseconds = match &text[digits.len()..] {
            "ms" => count,
            "" | "s" => count.saturating_mul(1000),
            "m" => count.saturating_mul(60_000),
            _ => return Err(bad()),
        };
        Ok(Wait(Duration::from_millis(milliseconds.min(WAIT_MAX_S * 1000))))
    }
}

impl TryFrom<String> for Wait {
    type Error = BadWait;
    fn try_from(text: String) -> Result<Self, BadWait> {
        text.parse()
    }
}

impl From<Wait> for String {
    fn from(wait: Wait) -> String {
        format!("{}ms", wait.0.as_millis())
    }
}

impl JsonSchema for Wait {
    fn schema_name() -> String {
        "Wait".to_string()
    }

    fn json_schema(_: &mut schemars::r#gen::SchemaGenerator) -> Schema {
        SchemaObject {
            instance_type: Some(InstanceType::String.into()),
            string: Some(Box::new(StringValidation {
                max_length: Some(20),
                pattern: Some("^[0-9]+(ms|s|m)?$".to_string()),
                ..Default::default()
            })),
            ..Default::default()
        }
        .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(text: &str) -> Option<u128> {
        text.parse::<Wait>().ok().map(|w| w.duration().as_millis())
    }

    #[test]
    fn units_and_plain_seconds_are_understood() {
        assert_eq!(ms("30s"), Some(30_000));
        assert_eq!(ms("30"), Some(30_000));
        assert_eq!(ms("500ms"), Some(500));
        assert_eq!(ms("0"), Some(0));
    }

    #[test]
    fn longer_than_the_limit_is_cut() {
        for text in ["2m", "99999999999999999999999", "56"] {
            assert_eq!(ms(text), Some(u128::from(WAIT_MAX_S) * 1000), "{text}");
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "s", "-1", "1h", "1.5s", "30 s", "ü"] {
            assert_eq!(ms(text), None, "{text}");
        }
    }
}
