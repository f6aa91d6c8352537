//! Requests that nobody would write by hand, made from the API's own description, at the doors of a real nexus.
//!
//! Whoever asks and whatever for: no answer is a 5xx, and every answer has the shape that the description promises. The
//! tool is installed by `cargo xtask setup` and takes less than a minute per user; what it finds it prints as a `curl`
//! line. Other requests are made from another seed (`BERTH_FUZZ_SEED`).

use anyhow::{Context, Result, ensure};
use berth_tests::{BootImage, Play, Shape, play};
use camino::Utf8Path;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::process::Command;
use std::time::Duration;

const TOOL: &str = "schemathesis";
const SEED_VARIABLE: &str = "BERTH_FUZZ_SEED";
const SEED: &str = "1";
const TOKEN_VARIABLE: &str = "BERTH_FUZZ_TOKEN";

/// How long the tool makes up requests for one user.
const FUZZED_FOR: Duration = Duration::from_secs(40);

/// What every answer is looked at for. Left out: what only says that our refusals are 400 where the tool would like
/// another number, or the reverse.
const CHECKS: &str = "not_a_server_error,content_type_conformance,response_schema_conformance,ignored_auth";

/// Whatever was accepted on the way: a guest that is stopped with the longest grace ends when it is deleted.
const REST_WITHIN: Duration = Duration::from_secs(60);

#[test]
fn no_request_of_an_admin_is_answered_with_a_fault_of_ours() -> Result<()> {
    fuzzed(|play| std::fs::read_to_string(play.cluster.nexus[0].admin_token_file()).context("no token"))
}

#[test]
fn no_request_of_a_collaborator_is_answered_with_a_fault_of_ours() -> Result<()> {
    fuzzed(|play| {
        play.api.post("/v1/system/users", json!({"name": "kim"}))?.into::<Value>()?;
        let role = json!({"user": "kim", "project": play.api.project(), "role": "collaborator"});
        play.api.post("/v1/system/roles/grant", role)?.into::<Value>()?;
        let token: Value = play.api.post("/v1/system/tokens", json!({"user": "kim"}))?.into()?;
        Ok(token["secret"].as_str().context("a token has a secret")?.to_owned())
    })
}

/// One cluster with a few things in it, and the tool at its doors as the user whose token this gives.
fn fuzzed(token: impl FnOnce(&Play) -> Result<String>) -> Result<()> {
    play(&Shape::simulated(1, 2), |play| {
        play.image(BootImage::Small)?;
        play.api.disk_made("data", json!({"size_bytes": 1 << 20}))?;
        play.api.instance_running("web", "small", &json!({}))?;
        let token = token(play)?;
        let directory = play.cluster.directory().to_owned();
        let settings = directory.join("fuzz.toml");
        std::fs::write(&settings, settings_text(&directory)?)?;
        run(play, &settings, token.trim())?;
        // Made up or not: what was accepted ends, and the records are whole.
        play.comes_to_rest(REST_WITHIN)
    })
}

/// Longest line of the tool's that is shown: it may quote whole programs.
const LINE_MAX: usize = 300;

/// Methods that leave a thing where it is: asked about things that are there, they get past the first refusal.
const MILD: [&str; 4] = ["GET", "PATCH", "POST", "PUT"];
const THERE: [(&str, &str); 4] =
    [("project", "stage"), ("instance", "web"), ("disk", "data"), ("image", "small")];

fn settings_text(directory: &Utf8Path) -> Result<String> {
    let mut text = String::new();
    writeln!(text, "headers = {{ Authorization = \"Bearer ${{{TOKEN_VARIABLE}}}\" }}")?;
    writeln!(text, "tls-verify = {:?}", directory.join("ca.pem"))?;
    writeln!(text, "request-timeout = 60")?;
    writeln!(text, "[parameters]\n\"query.project\" = \"stage\"")?;
    for method in MILD {
        writeln!(text, "[[operations]]\ninclude-method = {method:?}\n[operations.parameters]")?;
        for (thing, name) in THERE {
            writeln!(text, "\"path.{thing}\" = {name:?}")?;
        }
    }
    Ok(text)
}

fn run(play: &Play, settings: &Utf8Path, token: &str) -> Result<()> {
    let door = &play.cluster.nexus[0];
    let description = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("../nexus/api/nexus.json");
    ensure!(description.is_file(), "{description} is missing");
    let mut command = Command::new(TOOL);
    command.args(["--config-file", settings.as_str(), "run", description.as_str(), "--url", &door.url()]);
    // More workers than one break the tool itself now and then.
    command.args(["--checks", CHECKS, "--workers", "1", "--max-time", &FUZZED_FOR.as_secs().to_string()]);
    command.args(["--phases", "coverage,fuzzing", "--continue-on-failure", "--warnings", "off"]);
    command.args(["--seed", &std::env::var(SEED_VARIABLE).unwrap_or(SEED.to_owned())]);
    command.env(TOKEN_VARIABLE, token).current_dir(play.cluster.directory());
    let output = command.output().with_context(|| {
        format!("{TOOL} can't be started; `cargo xtask setup` installs it, and `cargo xtask test` finds it")
    })?;
    for line in
        [&output.stdout, &output.stderr].into_iter().flat_map(|said| said.split(|byte| *byte == b'\n'))
    {
        println!("{}", String::from_utf8_lossy(line).chars().take(LINE_MAX).collect::<String>());
    }
    ensure!(output.status.success(), "{TOOL} found something, or failed itself: see what it printed");
    Ok(())
}
