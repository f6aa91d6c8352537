//! States are stored, sent and shown under one spelling, written once.

/// A text that is none of an enum's values: who parsed, and what was found.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is no {what}; known are: {known}")]
pub struct UnknownValue {
    /// The enum's name.
    pub what: &'static str,
    /// The text that was found.
    pub found: String,
    /// All texts that would have been understood, separated by commas.
    pub known: String,
}

/// Declares a field-less enum with one text per value: `ALL`, `as_str`, `Display`, `FromStr`,
/// `TryFrom<String>`, serde and JSON schema all use that text.
macro_rules! text_enum {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $( $(#[$vmeta:meta])* $variant:ident = $text:literal, )+
        }
    ) => {
        $(#[$meta])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Serialize, serde::Deserialize, schemars::JsonSchema,
        )]
        pub enum $name {
            $( $(#[$vmeta])* #[serde(rename = $text)] $variant, )+
        }

        impl $name {
            /// Every value, in the order of declaration.
            pub const ALL: &'static [$name] = &[$( $name::$variant ),+];

            /// The one spelling, as stored, sent and shown.
            pub const fn as_str(self) -> &'static str {
                match self { $( $name::$variant => $text, )+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::UnknownValue;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $( $text => Ok($name::$variant), )+
                    _ => Err($crate::UnknownValue {
                        what: stringify!($name),
                        found: text.to_string(),
                        known: [$( $text ),+].join(", "),
                    }),
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::UnknownValue;
            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }
    };
}
pub(crate) use text_enum;

#[cfg(test)]
mod tests {
    use crate::vmm::VmmState;

    #[test]
    fn text_and_value_go_both_ways() {
        for state in VmmState::ALL {
            assert_eq!(state.as_str().parse::<VmmState>().as_ref(), Ok(state));
            assert_eq!(serde_json::to_value(state).ok(), Some(state.as_str().into()));
        }
    }

    #[test]
    fn unknown_text_names_what_is_known() {
        let error = "sleeping".parse::<VmmState>().expect_err("no such state");
        assert!(error.to_string().contains("\"sleeping\" is no VmmState"));
        assert!(error.to_string().contains("rebooting"));
    }
}
