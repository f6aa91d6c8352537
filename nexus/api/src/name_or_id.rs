//! How a resource is addressed: by its name, or by its id. No name looks like an id.

use berth_common::Name;
use berth_common::name::BadName;
use schemars::JsonSchema;
use schemars::schema::{InstanceType, Schema, SchemaObject, StringValidation};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A name (which needs its project, unless the noun has none) or an id (which forbids it).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum NameOrId {
    /// Unique in its project.
    Name(Name),
    /// Unique everywhere, for ever.
    Id(Uuid),
}

impl std::str::FromStr for NameOrId {
    type Err = BadName;
    fn from_str(text: &str) -> Result<Self, BadName> {
        match Uuid::try_parse(text) {
            // One spelling only: what else the parser takes (braces, URN) is nobody's id here.
            Ok(id) if text.len() == 36 => Ok(NameOrId::Id(id)),
            _ => text.parse().map(NameOrId::Name),
        }
    }
}

impl TryFrom<String> for NameOrId {
    type Error = BadName;
    fn try_from(text: String) -> Result<Self, BadName> {
        text.parse()
    }
}

impl From<NameOrId> for String {
    fn from(value: NameOrId) -> String {
        value.to_string()
    }
}

impl std::fmt::Display for NameOrId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            NameOrId::Name(name) => name.fmt(f),
            NameOrId::Id(id) => id.fmt(f),
        }
    }
}

impl JsonSchema for NameOrId {
    fn schema_name() -> String {
        "NameOrId".to_string()
    }

    fn json_schema(_: &mut schemars::r#gen::SchemaGenerator) -> Schema {
        SchemaObject {
            instance_type: Some(InstanceType::String.into()),
            string: Some(Box::new(StringValidation {
                min_length: Some(1),
                max_length: Some(63),
                pattern: Some(
                    "^([a-z]([a-z0-9-]*[a-z0-9])?|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$".to_string(),
                ),
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
    fn an_id_is_never_taken_for_a_name() {
        let id = "a0a0a0a0-0000-4000-8000-000000000000";
        assert!(matches!(id.parse(), Ok(NameOrId::Id(_))));
        assert!(matches!("web-1".parse(), Ok(NameOrId::Name(_))));
    }

    #[test]
    fn path_characters_and_other_spellings_of_ids_are_neither() {
        for text in ["..", "a/b", "A", "{a0a0a0a0-0000-4000-8000-000000000000}", "a\0b"] {
            assert!(text.parse::<NameOrId>().is_err(), "{text:?}");
        }
    }
}
