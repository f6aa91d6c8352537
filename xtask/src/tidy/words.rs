//! Text that must not be in the repository.

use super::{Finding, Source};

/// A text, where it is looked for, and what to do instead.
struct Rule {
    text: &'static str,
    only_rust: bool,
    why: &'static str,
    instead: &'static str,
}

const SILENCED: &str = "a lint that is silenced without a reason is silenced for ever";
const UNFINISHED: &str = "what stands on main is finished";
const ONE_MACHINE: &str = "what names a place of one machine works on that machine alone";

// Written in halves, so that this file doesn't find itself.
const RULES: &[Rule] = &[
    Rule {
        text: concat!("#[al", "low("),
        only_rust: true,
        why: SILENCED,
        instead: "`#[expect(…, reason = \"…\")]`",
    },
    Rule {
        text: concat!("#![al", "low("),
        only_rust: true,
        why: SILENCED,
        instead: "`#[expect(…, reason = \"…\")]`",
    },
    Rule {
        text: concat!("to", "do!("),
        only_rust: true,
        why: UNFINISHED,
        instead: "finish it, or leave it out",
    },
    Rule {
        text: concat!("unimple", "mented!("),
        only_rust: true,
        why: UNFINISHED,
        instead: "finish it, or leave it out",
    },
    Rule {
        text: concat!("db", "g!("),
        only_rust: true,
        why: UNFINISHED,
        instead: "a log line with fields, or nothing",
    },
    Rule {
        text: concat!("/wo", "rk/"),
        only_rust: false,
        why: ONE_MACHINE,
        instead: "a path below the repository or from configuration",
    },
    Rule {
        text: concat!("/tmp/be", "rth/"),
        only_rust: false,
        why: ONE_MACHINE,
        instead: "a directory made by `tempfile`",
    },
    Rule {
        text: concat!("/ho", "me/"),
        only_rust: false,
        why: ONE_MACHINE,
        instead: "a path from the environment",
    },
    Rule {
        text: concat!("/ro", "ot/"),
        only_rust: false,
        why: ONE_MACHINE,
        instead: "a path from the environment",
    },
];

pub(super) fn findings(sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in sources {
        let rules = RULES.iter().filter(|rule| source.is_rust() || !rule.only_rust);
        for rule in rules.filter(|_| !source.is_generated()) {
            for (number, _) in source.lines().filter(|(_, line)| contains(line, rule.text)) {
                findings.push(Finding {
                    place: format!("{}:{number}", source.path),
                    what: format!("`{}`", rule.text),
                    why: rule.why,
                    instead: rule.instead.to_owned(),
                });
            }
        }
    }
    findings
}

/// Whether a line has the text, and not as the tail of a longer word or path.
fn contains(line: &str, text: &str) -> bool {
    line.match_indices(text).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '$' | '}' | '{'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_finds_its_text_and_only_as_a_whole() {
        for rule in RULES {
            let text = format!("//! x\nlet a = 1; {}", rule.text);
            let found = findings(&[Source { path: "a.rs".into(), text }]);
            assert_eq!(found.len(), 1, "{}", rule.text);
            assert_eq!(found[0].place, "a.rs:2");
        }
        assert!(!contains("target/wo\u{72}k/x", concat!("/wo", "rk/")));
    }
}
