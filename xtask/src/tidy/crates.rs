//! The walls between crates: who may depend on whom, and what must not come in through anybody.

use super::Finding;
use crate::house::House;
use crate::program;
use anyhow::{Context, Result};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// One crate of ours: the crates of ours it may use, and crates that must not be below it at all.
struct Wall {
    name: &'static str,
    may_use: &'static [&'static str],
    never: &'static [&'static str],
}

const fn wall(name: &'static str, may_use: &'static [&'static str], never: &'static [&'static str]) -> Wall {
    Wall { name, may_use, never }
}

/// What brings a database in.
const DATABASE: &[&str] = &["diesel", "diesel-async", "tokio-postgres", "postgres"];

const WALLS: &[Wall] = &[
    wall("berth-common", &[], &["tokio", "diesel", "dropshot", "reqwest", "slog"]),
    wall("berth-transport", &["berth-common"], &["diesel", "dropshot"]),
    wall("berth-plan", &["berth-common"], &["tokio", "slog", "diesel", "dropshot", "reqwest"]),
    wall("berth-db", &["berth-common", "berth-plan"], &["dropshot", "reqwest", "hyper", "http"]),
    wall("berth-postgres", &[], &["tokio", "diesel", "postgres", "tokio-postgres", "dropshot"]),
    wall("berth-saga-store", &[], &["dropshot", "reqwest"]),
    wall("berth-nexus-api", &["berth-common", "berth-plan"], DATABASE),
    wall("berth-sled-agent-api", &["berth-common"], DATABASE),
    wall(
        "berth-nexus",
        &[
            "berth-common",
            "berth-db",
            "berth-nexus-api",
            "berth-plan",
            "berth-postgres",
            "berth-saga-store",
            "berth-sled-agent-api",
            "berth-transport",
        ],
        &[],
    ),
    wall("berth-sled-agent", &["berth-common", "berth-sled-agent-api", "berth-transport"], DATABASE),
    wall("berth-cli", &["berth-common", "berth-transport"], &["diesel", "dropshot", "steno"]),
    wall("berth-launcher", &["berth-postgres"], &["tokio", "diesel", "dropshot", "reqwest"]),
    wall("xtask", &["berth-postgres", "berth-launcher"], &["tokio", "diesel", "dropshot", "reqwest"]),
];

/// Crates that see everything.
const SEES_EVERYTHING: [&str; 1] = ["berth-tests"];

const WHY: &str = "the direction between crates keeps deciding, storing and serving apart, and builds cheap";

pub(super) fn findings(house: &House) -> Result<Vec<Finding>> {
    let mut command = house.cargo();
    // Without the filter cargo wants the sources of crates that only other systems need.
    let platform = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    command.args(["metadata", "--format-version", "1", "--filter-platform", &platform]);
    let metadata: Value = serde_json::from_str(&program::text(command)?)?;
    let graph = Graph::read(&metadata)?;
    let mut findings = Vec::new();
    for name in &graph.ours {
        if SEES_EVERYTHING.contains(&name.as_str()) {
            continue;
        }
        match WALLS.iter().find(|wall| wall.name == name) {
            Some(wall) => findings.extend(graph.breaches(wall)),
            None => findings.push(Finding {
                place: "Cargo.toml".to_owned(),
                what: format!("crate {name} has no wall"),
                why: WHY,
                instead: "say in WALLS of xtask/src/tidy/crates.rs what it may use".to_owned(),
            }),
        }
    }
    Ok(findings)
}

/// Who uses whom outside of tests.
struct Graph {
    ours: BTreeSet<String>,
    uses: BTreeMap<String, BTreeSet<String>>,
}

impl Graph {
    fn read(metadata: &Value) -> Result<Self> {
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let names: BTreeMap<String, String> = list(&metadata["packages"])
            .iter()
            .map(|package| (text(&package["id"]), text(&package["name"])))
            .collect();
        let name = |id: &Value| names.get(&text(id)).cloned().context("cargo names every package it lists");
        let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for node in list(&metadata["resolve"]["nodes"]) {
            let entry = uses.entry(name(&node["id"])?).or_default();
            for dependency in list(&node["deps"]) {
                let normal = list(&dependency["dep_kinds"]).iter().any(|kind| kind["kind"].is_null());
                if normal {
                    entry.insert(name(&dependency["pkg"])?);
                }
            }
        }
        let ours = list(&metadata["workspace_members"]).iter().map(name).collect::<Result<_>>()?;
        Ok(Self { ours, uses })
    }

    fn breaches(&self, wall: &Wall) -> Vec<Finding> {
        let nobody = BTreeSet::new();
        let uses = self.uses.get(wall.name).unwrap_or(&nobody);
        let mut findings = Vec::new();
        for used in uses.intersection(&self.ours).filter(|used| !wall.may_use.contains(&used.as_str())) {
            findings.push(Finding {
                place: wall.name.to_owned(),
                what: format!("depends on {used}"),
                why: WHY,
                instead: "move what is needed to a crate both may use (berth-common, or a contract)"
                    .to_owned(),
            });
        }
        for never in wall.never {
            if let Some(path) = self.path(wall.name, never) {
                findings.push(Finding {
                    place: wall.name.to_owned(),
                    what: format!("brings in {never} ({})", path.join(" → ")),
                    why: WHY,
                    instead: format!("keep what needs {never} in the crate that may have it"),
                });
            }
        }
        findings
    }

    /// One way from a crate to another, by name.
    fn path(&self, from: &str, to: &str) -> Option<Vec<String>> {
        let mut seen = BTreeSet::from([from.to_owned()]);
        let mut ways = vec![vec![from.to_owned()]];
        while let Some(way) = ways.pop() {
            for next in way.last().and_then(|last| self.uses.get(last)).into_iter().flatten() {
                let mut longer = way.clone();
                longer.push(next.clone());
                if next == to {
                    return Some(longer);
                }
                if seen.insert(next.clone()) {
                    ways.push(longer);
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(uses: &[(&str, &[&str])], ours: &[&str]) -> Graph {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
        Graph {
            ours: set(ours),
            uses: uses.iter().map(|(name, used)| ((*name).to_owned(), set(used))).collect(),
        }
    }

    #[test]
    fn a_direct_and_an_indirect_breach_are_found() {
        let graph = graph(
            &[("berth-plan", &["berth-db", "innocent"]), ("innocent", &["tokio"]), ("berth-db", &[])],
            &["berth-plan", "berth-db"],
        );
        let found = graph.breaches(&wall("berth-plan", &["berth-common"], &["tokio", "slog"]));
        let texts: Vec<&str> = found.iter().map(|finding| finding.what.as_str()).collect();
        assert_eq!(texts, ["depends on berth-db", "brings in tokio (berth-plan → innocent → tokio)"]);
    }
}
