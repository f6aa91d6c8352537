//! `cargo xtask openapi`: the API documents and the client made from them, written or compared.
//!
//! The crate that owns a contract prints its document; the client's generator is a package outside the workspace,
//! so that nobody else waits for it to be built.

use crate::house::House;
use crate::program;
use anyhow::{Result, bail};
use camino::Utf8Path;
use std::process::Command;

#[derive(clap::Args)]
pub struct Arguments {
    /// Compares with what is checked in instead of writing
    #[arg(long)]
    check: bool,
}

/// A document: the package that prints it, the word it wants for that, and the file it belongs in.
const DOCUMENTS: &[(&str, Option<&str>, &str)] = &[
    ("berth-nexus-api", None, PUBLIC_DOCUMENT),
    ("berth-sled-agent-api", Some("sled-agent"), "sled-agent/api/sled-agent.json"),
    ("berth-sled-agent-api", Some("nexus-internal"), "sled-agent/api/nexus-internal.json"),
];

/// What the client is made from.
const PUBLIC_DOCUMENT: &str = "nexus/api/nexus.json";

/// The client.
const CLIENT: &str = "nexus/cli/src/generated.rs";

pub fn run(house: &House, arguments: &Arguments) -> Result<()> {
    let mut stale = Vec::new();
    for (package, word, file) in DOCUMENTS {
        settle(house, file, &document(house, package, *word)?, arguments.check, &mut stale)?;
    }
    settle(house, CLIENT, &client(house)?, arguments.check, &mut stale)?;
    if stale.is_empty() {
        return Ok(());
    }
    bail!("not what the API says: {}; run `cargo xtask openapi`", stale.join(", "))
}

fn document(house: &House, package: &str, word: Option<&str>) -> Result<String> {
    let mut command = house.cargo();
    command.args(["run", "--quiet", "--package", package, "--example", "openapi", "--"]);
    command.args(word);
    program::text(command)
}

fn client(house: &House) -> Result<String> {
    let mut generator = house.cargo();
    generator.args(["run", "--quiet", "--manifest-path", "xtask/client/Cargo.toml", "--target-dir"]);
    generator.arg(house.target("client")).args(["--", PUBLIC_DOCUMENT]);
    let unformatted = house.target("client/generated.rs");
    std::fs::write(&unformatted, program::text(generator)?)?;
    let mut formatter = Command::new("rustfmt");
    formatter.args(["--edition", "2024", "--config-path", house.root().as_str(), unformatted.as_str()]);
    program::text(formatter)?;
    Ok(std::fs::read_to_string(unformatted)?)
}

fn settle(house: &House, file: &str, text: &str, check: bool, stale: &mut Vec<String>) -> Result<()> {
    let path = house.root().join(file);
    if is_current(&path, text) {
        return Ok(());
    }
    if check {
        stale.push(file.to_string());
        return Ok(());
    }
    println!("writing {file}");
    Ok(std::fs::write(path, text)?)
}

fn is_current(path: &Utf8Path, text: &str) -> bool {
    std::fs::read_to_string(path).is_ok_and(|old| old == text)
}
