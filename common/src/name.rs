//! What users may call things: safe as a path segment, a host name and a table cell.

use std::borrow::Cow;

use schemars::JsonSchema;
use schemars::schema::{InstanceType, Schema, SchemaObject, StringValidation};
use serde::{Deserialize, Serialize};

/// Longest name, in bytes: a DNS label.
pub const NAME_MAX_BYTES: usize = 63;

/// 1 to 63 of `a-z 0-9 -`, beginning with a letter, ending with a letter or digit, and not a UUID
/// (so that a name is never taken for an id).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

/// Why a text is no name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{found:?} is no name: {why}; a name is 1 to 63 of a-z, 0-9 and '-', begins with a letter and ends with a letter or digit"
)]
pub struct BadName {
    /// The text, cut to a showable length.
    pub found: String,
    /// What is wrong with it.
    pub why: &'static str,
}

impl Name {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn fault(text: &str) -> Option<&'static str> {
    let bytes = text.as_bytes();
    match bytes {
        [] => Some("it is empty"),
        _ if bytes.len() > NAME_MAX_BYTES => Some("it is too long"),
        _ if !bytes.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-') => {
            Some("it has another character")
        }
        [first, ..] if !first.is_ascii_lowercase() => Some("it doesn't begin with a letter"),
        [.., b'-'] => Some("it ends with '-'"),
        _ if uuid::Uuid::try_parse(text).is_ok() => Some("it looks like an id"),
        _ => None,
    }
}

impl std::str::FromStr for Name {
    type Err = BadName;
    fn from_str(text: &str) -> Result<Self, BadName> {
        match fault(text) {
            None => Ok(Name(text.to_string())),
            Some(why) => Err(BadName { found: text.chars().take(80).collect(), why }),
        }
    }
}

impl TryFrom<String> for Name {
    type Error = BadName;
    fn try_from(text: String) -> Result<Self, BadName> {
        text.parse()
    }
}

impl From<Name> for String {
    fn from(name: Name) -> String {
        name.0
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0)
    }
}

impl JsonSchema for Name {
    fn schema_name() -> String {
        "Name".to_string()
    }

    fn schema_id() -> Cow<'static, str> {
        "berth_common::Name".into()
    }

    fn json_schema(_: &mut schemars::r#gen::SchemaGenerator) -> Schema {
        SchemaObject {
            instance_type: Some(InstanceType::String.into()),
            string: Some(Box::new(StringValidation {
                min_length: Some(1),
                max_length: Some(NAME_MAX_BYTES as u32),
                pattern: Some("^[a-z]([a-z0-9-]*[a-z0-9])?$".to_string()),
            })),
            ..Default::default()
        }
        .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_names_are_names() {
        for text in ["a", "web-1", "x9", &"a".repeat(63)] {
            assert!(text.parse::<Name>().is_ok(), "{text}");
        }
    }

    #[test]
    fn paths_ids_and_odd_characters_are_not() {
        let long = "a".repeat(64);
        let id = "a0a0a0a0-0000-4000-8000-000000000000";
        for text in ["", "A", "a/b", "..", "a-", "-a", "1a", "ä", "a b", "a\0", &long, id] {
            assert!(text.parse::<Name>().is_err(), "{text}");
        }
    }
}
