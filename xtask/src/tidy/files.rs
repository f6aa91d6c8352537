//! Files: where they may be, how they are called, how they begin, how long they get.

use super::{Finding, Source};
use anyhow::{Context, Result};
use camino::Utf8Path;
use std::collections::BTreeMap;

/// What may be at the top: the rooms, and what tools look for there.
const TOP: [&str; 22] = [
    "Cargo.toml",
    "nexus",
    "sled-agent",
    "common",
    "schema",
    "tests",
    "xtask",
    "README.md",
    "Cargo.lock",
    "LICENSE",
    "rustfmt.toml",
    "clippy.toml",
    "deny.toml",
    "rust-toolchain.toml",
    ".cargo",
    ".ci",
    ".config",
    ".github",
    ".git",
    ".gitignore",
    ".scratch",
    "target",
];

/// Names that say nothing, so that everything fits.
const EMPTY_NAMES: [&str; 6] = ["utils", "util", "helpers", "helper", "misc", "stuff"];

/// A file longer than this needs an entry in the ratchet.
const LONGEST: usize = 400;

/// `path lines`, one per line: long files and the length they must not exceed.
const RATCHET: &str = include_str!("ratchet.txt");

pub(super) fn findings(root: &Utf8Path, sources: &[Source]) -> Result<Vec<Finding>> {
    let mut findings = top_level(root)?;
    let ratchet = ratchet(RATCHET)?;
    for source in sources {
        findings.extend(empty_name(source));
        if source.is_rust() && !source.is_generated() {
            findings.extend(first_line(source));
            findings.extend(length(source, ratchet.get(source.path.as_str()).copied()));
        }
    }
    for path in ratchet.keys().filter(|path| !sources.iter().any(|source| source.path == **path)) {
        findings.push(stale_entry(path, "is gone"));
    }
    Ok(findings)
}

fn top_level(root: &Utf8Path) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for entry in root.read_dir_utf8()? {
        let name = entry?.file_name().to_owned();
        if !TOP.contains(&name.as_str()) {
            findings.push(Finding {
                place: name,
                what: "stands at the top level".to_owned(),
                why: "a newcomer should see the rooms at a glance, and nothing else",
                instead: "find its place inside a room".to_owned(),
            });
        }
    }
    Ok(findings)
}

fn empty_name(source: &Source) -> Option<Finding> {
    let empty = source.path.components().find(|part| {
        let name = part.as_str().split('.').next().unwrap_or_default();
        EMPTY_NAMES.contains(&name)
    })?;
    Some(Finding {
        place: source.path.to_string(),
        what: format!("`{empty}` names nothing"),
        why: "everything fits under such a name, so it grows without end",
        instead: "call it after the thing or deed it holds".to_owned(),
    })
}

fn first_line(source: &Source) -> Option<Finding> {
    let first = source.text.lines().next().unwrap_or_default();
    (!first.starts_with("//! ")).then(|| Finding {
        place: source.path.to_string(),
        what: "doesn't open with what it is for".to_owned(),
        why: "a reader decides by the first line whether to read on",
        instead: "begin with a `//!` line that says what is here, and what it is for".to_owned(),
    })
}

fn length(source: &Source, allowed: Option<usize>) -> Option<Finding> {
    let lines = source.text.lines().count();
    match allowed {
        None if lines > LONGEST => Some(Finding {
            place: source.path.to_string(),
            what: format!("{lines} lines, more than {LONGEST}"),
            why: "the room everything is put into always begins as one long file",
            instead: "split it by feature, one noun or verb per file".to_owned(),
        }),
        Some(allowed) if lines > allowed => Some(Finding {
            place: source.path.to_string(),
            what: format!("{lines} lines, more than the {allowed} it had"),
            why: "a long file may only get shorter",
            instead: "take a part of it out into a file of its own".to_owned(),
        }),
        Some(_) if lines <= LONGEST => Some(stale_entry(source.path.as_str(), "is short enough now")),
        _ => None,
    }
}

fn stale_entry(path: &str, what: &str) -> Finding {
    Finding {
        place: "xtask/src/tidy/ratchet.txt".to_owned(),
        what: format!("{path} {what}"),
        why: "the list shows what is still to be split",
        instead: "remove the line".to_owned(),
    }
}

fn ratchet(text: &str) -> Result<BTreeMap<&str, usize>> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let (path, count) =
                line.split_once(' ').with_context(|| format!("ratchet: `{line}` isn't `path lines`"))?;
            Ok((path, count.parse().with_context(|| format!("ratchet: `{line}`"))?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, lines: usize) -> Source {
        Source { path: path.into(), text: "//! x\n".repeat(lines) }
    }

    #[test]
    fn a_long_file_may_only_get_shorter() {
        assert!(length(&source("a.rs", LONGEST), None).is_none());
        assert!(length(&source("a.rs", LONGEST + 1), None).is_some());
        assert!(length(&source("a.rs", 500), Some(500)).is_none());
        assert!(length(&source("a.rs", 501), Some(500)).is_some());
        assert!(length(&source("a.rs", LONGEST), Some(500)).is_some(), "its entry is to be removed");
    }

    #[test]
    fn a_name_that_says_nothing_is_found_at_any_depth() {
        assert!(empty_name(&source("nexus/src/utils/clock.rs", 1)).is_some());
        assert!(empty_name(&source("tests/helpers.rs", 1)).is_some());
        assert!(empty_name(&source("nexus/src/utilisation.rs", 1)).is_none());
    }

    #[test]
    fn a_file_that_begins_with_code_is_found() {
        let text = "use std::fs;\n".to_owned();
        assert!(first_line(&Source { path: "a.rs".into(), text }).is_some());
        assert!(first_line(&source("a.rs", 1)).is_none());
    }
}
