//! The walls between the rooms of `nexus/src`.

use super::{Finding, Source};

/// A room, and the rooms and crates it must not use.
struct Room {
    name: &'static str,
    may_not_use: &'static [&'static str],
    instead: &'static str,
}

const ROOMS: [Room; 8] = [
    Room {
        name: "http",
        may_not_use: &["berth_db", "berth_plan", "sagas", "agents", "background"],
        instead: "a door parses, calls one function of `app` or `reports`, and translates its answer",
    },
    Room {
        name: "app",
        may_not_use: &["http", "agents", "background"],
        instead: "write the intent and start a saga, which may talk to agents",
    },
    Room {
        name: "reports",
        may_not_use: &["app", "http", "agents", "background"],
        instead: "store what is newer and start the update saga; never wait for it",
    },
    Room {
        name: "sagas",
        may_not_use: &["app", "http", "background"],
        instead: "put what both need into `db` or `plan`",
    },
    Room {
        name: "background",
        may_not_use: &["app", "http"],
        instead: "call the same function of `db`, `plan` or `reports` that the happy path calls",
    },
    Room {
        name: "console",
        may_not_use: &["app", "http", "reports", "sagas", "background", "berth_plan"],
        instead: "it reads from sleds for `app`, and changes nothing",
    },
    Room {
        name: "sled_page",
        may_not_use: &["app", "http", "reports", "sagas", "background", "berth_plan"],
        instead: "it reads from sleds for `app`, and changes nothing",
    },
    Room {
        name: "agents",
        may_not_use: &["app", "http", "reports", "sagas", "background", "berth_db", "berth_plan"],
        instead: "a client of agents knows the agents' contract and nothing else",
    },
];

const WHY: &str = "a room that sees only what its work needs can be read, tested and changed alone";

pub(super) fn findings(sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in sources.iter().filter(|source| source.is_rust()) {
        let Some(room) = room_of(source) else { continue };
        for used in used(&code(&source.text)) {
            if room.may_not_use.contains(&used.as_str()) {
                findings.push(Finding {
                    place: source.path.to_string(),
                    what: format!("room {} uses {used}", room.name),
                    why: WHY,
                    instead: room.instead.to_owned(),
                });
            }
        }
    }
    findings
}

fn room_of(source: &Source) -> Option<&'static Room> {
    let inside = source.path.strip_prefix("nexus/src").ok()?;
    let first = inside.components().next()?.as_str();
    let name = first.strip_suffix(".rs").unwrap_or(first);
    ROOMS.iter().find(|room| room.name == name)
}

/// The text without comments; what stands in strings doesn't look like a path of ours.
fn code(text: &str) -> String {
    let lines = text.lines().map(|line| line.split("//").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

/// Rooms (after `crate::`) and crates of ours that the code names, each once.
fn used(code: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut add = |name: String| {
        if !name.is_empty() && !found.contains(&name) {
            found.push(name);
        }
    };
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(group) => first_words(group).into_iter().for_each(&mut add),
            None => add(word(rest)),
        }
    }
    for (at, _) in code.match_indices("berth_") {
        let begins =
            code[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != '"');
        if begins {
            add(word(&code[at..]));
        }
    }
    found
}

/// The first word of each member of a `{…}` group, nested groups left out.
fn first_words(group: &str) -> Vec<String> {
    let mut depth = 1;
    let mut members = vec![String::new()];
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => members.push(String::new()),
            _ => {}
        }
        if depth == 0 {
            break;
        }
        if c != ',' || depth > 1 {
            members.last_mut().expect("it begins with one").push(c);
        }
    }
    members.iter().map(|member| word(member.trim_start())).collect()
}

fn word(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings_in(path: &str, text: &str) -> usize {
        findings(&[Source { path: path.into(), text: text.to_owned() }]).len()
    }

    #[test]
    fn every_spelling_of_a_forbidden_use_is_found() {
        for text in [
            "use crate::sagas::start;",
            "use crate::{app, sagas::{self, start}};",
            "use crate::{\n    app::{a, b},\n    agents,\n};",
            "fn f() { crate::agents::call() }",
            "use berth_db::instance;",
        ] {
            assert_eq!(findings_in("nexus/src/http/instance.rs", text), 1, "{text}");
        }
    }

    #[test]
    fn what_a_room_may_use_is_no_finding() {
        assert_eq!(
            findings_in("nexus/src/http/instance.rs", "use crate::{app::{agents, sagas}, reports};"),
            0
        );
        assert_eq!(findings_in("nexus/src/http.rs", "// not crate::sagas\nuse berth_nexus_api::x;"), 0);
        assert_eq!(findings_in("nexus/src/sagas/start.rs", "use crate::agents; use berth_db::x;"), 0);
        assert_eq!(findings_in("nexus/src/server.rs", "use crate::{http, app, sagas, agents};"), 0);
    }
}
