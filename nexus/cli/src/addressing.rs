//! How things are named on the command line: by name, which needs a project, or by id, which forbids one.

use berth_common::Name;
use uuid::Uuid;

/// Whether a text is an id. One spelling only, as nexus has it.
pub fn is_id(text: &str) -> bool {
    text.len() == 36 && Uuid::try_parse(text).is_ok()
}

/// A name or an id, checked before anything is sent.
pub fn name_or_id(text: &str) -> Result<String, String> {
    if is_id(text) {
        return Ok(text.to_string());
    }
    text.parse::<Name>().map(|_| text.to_string()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_ids_pass_and_paths_do_not() {
        let known = "a0a0a0a0-0000-4000-8000-000000000000";
        assert_eq!(name_or_id("web-1").as_deref(), Ok("web-1"));
        assert_eq!(name_or_id(known).as_deref(), Ok(known));
        assert!(is_id(known) && !is_id("web-1"));
        for text in ["", "..", "a/b", "A", "{a0a0a0a0-0000-4000-8000-000000000000}"] {
            assert!(name_or_id(text).is_err(), "{text}");
        }
    }
}
