//! The `berth` command line as a way to the API, as a user has it.

use crate::place::Place;
use crate::{Nexus, Programs};
use anyhow::{Context, Result, bail};
use camino::Utf8PathBuf;
use serde_json::Value;
use std::fmt;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// The CLI with the address, the token and the authority of one cluster.
#[derive(Clone, Debug)]
pub struct Berth {
    program: Utf8PathBuf,
    environment: Vec<(&'static str, String)>,
}

/// The CLI said no.
#[derive(Debug)]
pub struct BerthFailure {
    /// What was asked.
    pub asked: String,
    /// Exit code: 1 failed, 2 usage, 3 still running.
    pub code: Option<i32>,
    /// Its standard error.
    pub said: String,
}

impl fmt::Display for BerthFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "berth {}: {}", self.asked, self.said.trim())
    }
}

impl std::error::Error for BerthFailure {}

impl Berth {
    pub(crate) fn new(programs: &Programs, place: &Place, nexus: &[Nexus], token: Utf8PathBuf) -> Self {
        let urls: Vec<String> = nexus.iter().map(Nexus::url).collect();
        let environment = vec![
            ("BERTH_URL", urls.join(",")),
            ("BERTH_TOKEN_FILE", token.into_string()),
            ("BERTH_CA", place.authority_file().into_string()),
        ];
        Self { program: programs.berth(), environment }
    }

    /// What a user sets before using `berth` with this cluster.
    pub fn environment(&self) -> &[(&'static str, String)] {
        &self.environment
    }

    /// The program.
    pub fn program(&self) -> &Utf8PathBuf {
        &self.program
    }

    /// The CLI for somebody else: the same doors, the token of this file.
    #[must_use]
    pub fn with_token_file(&self, file: impl Into<Utf8PathBuf>) -> Self {
        let mut other = self.clone();
        for (name, value) in &mut other.environment {
            if *name == "BERTH_TOKEN_FILE" {
                *value = file.into().into_string();
                break;
            }
        }
        other
    }

    /// The CLI with a project named once and for all.
    #[must_use]
    pub fn in_project(&self, project: &str) -> Self {
        let mut other = self.clone();
        other.environment.push(("BERTH_PROJECT", project.to_owned()));
        other
    }

    /// Runs it with `--output json` and takes what it prints; nothing is `null`.
    ///
    /// # Errors
    /// [`BerthFailure`] when it exits with another code than 0.
    pub fn json(&self, arguments: &[&str]) -> Result<Value> {
        let mut command = self.command(arguments);
        command.args(["--output", "json"]);
        let output = command.output().with_context(|| format!("starting {}", self.program))?;
        if !output.status.success() {
            bail!(BerthFailure {
                asked: arguments.join(" "),
                code: output.status.code(),
                said: String::from_utf8_lossy(&output.stderr).into_owned(),
            });
        }
        if output.stdout.iter().all(u8::is_ascii_whitespace) {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&output.stdout)
            .with_context(|| format!("berth {} didn't print JSON", arguments.join(" ")))
    }

    /// Runs it and takes what it prints as it is.
    ///
    /// # Errors
    /// As [`Berth::json`].
    pub fn text(&self, arguments: &[&str]) -> Result<String> {
        let output =
            self.command(arguments).output().with_context(|| format!("starting {}", self.program))?;
        if !output.status.success() {
            bail!(BerthFailure {
                asked: arguments.join(" "),
                code: output.status.code(),
                said: String::from_utf8_lossy(&output.stderr).into_owned(),
            });
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// The command, to be run by the caller.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(arguments).env_remove("BERTH_PROJECT").env_remove("BERTH_PROFILE");
        // Ctrl-C is for who started the cluster: it ends that in order.
        command.process_group(0);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }
}
