//! `berth profile`: clusters by name, so that addresses, token and authority needn't be said each time.

use std::path::{Path, PathBuf};

use berth_common::Name;
use clap::{Args, Subcommand};
use clap_complete::ArgValueCandidates;
use serde::Serialize;

use crate::addressing::name_or_id;
use crate::cell::{Cell, Names};
use crate::client::Client;
use crate::confirm::ConfirmArgs;
use crate::connection::{Connection, ConnectionArgs, read_token, urls};
use crate::failure::Failure;
use crate::live_names;
use crate::nouns::whoami;
use crate::output::{Column, Output, note};
use crate::profile::{Profile, Profiles};

/// Verbs of profiles.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List profiles; `*` marks the current one
    #[command(visible_alias = "ls")]
    List,
    /// Add a profile, or replace one; the first one becomes current
    Add(Add),
    /// Make a profile the current one; --project names its project from now on
    Use(Target),
    /// View a profile
    #[command(visible_alias = "show")]
    View(Target),
    /// Remove a profile; the files it names stay
    #[command(visible_alias = "rm")]
    Remove(Remove),
}

/// A profile.
#[derive(Debug, Args)]
pub struct Target {
    /// The profile
    #[arg(id = "target", value_name = "PROFILE", add = ArgValueCandidates::new(live_names::profiles))]
    name: String,
}

/// A profile to be added. Addresses, token file and authority are the global options --url, --token-file, --ca.
#[derive(Debug, Args)]
#[command(
    after_help = "Needs --url, --token-file and --ca; --project names the project when no other is named."
)]
pub struct Add {
    /// Its name
    name: Name,
    /// Make it the current one
    #[arg(long = "use")]
    make_current: bool,
    /// Replace a profile of this name
    #[arg(long)]
    replace: bool,
}

/// A profile to be removed.
#[derive(Debug, Args)]
pub struct Remove {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    confirm: ConfirmArgs,
}

/// A profile as it is shown.
#[derive(Debug, Serialize)]
struct Shown {
    name: String,
    current: bool,
    #[serde(flatten)]
    profile: Profile,
}

const COLUMNS: &[Column<Shown>] = &[
    Column::listed("current", |s| Cell::text(if s.current { "*" } else { "" })),
    Column::listed("name", |s| Cell::text(&s.name)),
    Column::listed("urls", |s| Cell::text(s.profile.urls.join(","))),
    Column::listed("project", |s| Cell::some(s.profile.project.as_ref(), Cell::text)),
    Column::on_request("token_file", |s| Cell::text(s.profile.token_file.display())),
    Column::on_request("ca_file", |s| Cell::text(s.profile.ca_file.display())),
];

/// Runs a verb. `project` and `connection` are the global options.
pub async fn run(
    output: &Output,
    connection: &ConnectionArgs,
    project: Option<String>,
    verb: Verb,
) -> Result<(), Failure> {
    let profiles = Profiles::load()?;
    match verb {
        Verb::List => list(output, &profiles),
        Verb::Add(args) => add(profiles, connection, project, args).await,
        Verb::Use(target) => use_it(profiles, target.name, project),
        Verb::View(target) => {
            let profile =
                profiles.profiles.get(&target.name).ok_or_else(|| profiles.unknown(&target.name))?;
            output.record(&shown(&profiles, &target.name, profile), COLUMNS, &Names::new())
        }
        Verb::Remove(args) => remove(profiles, args),
    }
}

fn shown(profiles: &Profiles, name: &str, profile: &Profile) -> Shown {
    let current = profiles.current.as_deref() == Some(name);
    Shown { name: name.to_string(), current, profile: profile.clone() }
}

fn list(output: &Output, profiles: &Profiles) -> Result<(), Failure> {
    let all: Vec<Shown> =
        profiles.profiles.iter().map(|(name, profile)| shown(profiles, name, profile)).collect();
    output.list(&all, COLUMNS, &Names::new())
}

async fn add(
    mut profiles: Profiles,
    connection: &ConnectionArgs,
    project: Option<String>,
    args: Add,
) -> Result<(), Failure> {
    let name = args.name.to_string();
    if profiles.profiles.contains_key(&name) && !args.replace {
        return Err(Failure::Usage(format!("there is a profile {name} already; --replace replaces it")));
    }
    let needed = |what: &str| Failure::Usage(format!("a profile needs {what}"));
    let urls = urls(connection.url.as_deref().ok_or_else(|| needed("--url"))?)?;
    let variable = |name: &str| crate::connection::variable(name).map(PathBuf::from);
    let token_file = connection.token_file.clone().or_else(|| variable("BERTH_TOKEN_FILE"));
    let token_file = absolute(&token_file.ok_or_else(|| needed("--token-file"))?)?;
    let ca_file = connection.ca.clone().or_else(|| variable("BERTH_CA_FILE"));
    let ca_file = absolute(&ca_file.ok_or_else(|| needed("--ca"))?)?;
    let project = project.map(known_project).transpose()?;
    read_token(&token_file)?;
    profiles.profiles.insert(name.clone(), Profile { urls, token_file, ca_file, project });
    if args.make_current || profiles.current.is_none() {
        profiles.current = Some(name.clone());
    }
    // A certificate that can't be used is found here, and not at the first use.
    let named = ConnectionArgs { profile: Some(name.clone()), ..ConnectionArgs::default() };
    let connection = Connection::resolve_in(&profiles, &named, &|_| None)?;
    let client = Client::new(&connection)?;
    profiles.save()?;
    note(&format!("added profile {name}"));
    match client.look(async |nexus| nexus.whoami().send().await).await {
        Ok(whoami) => note(whoami::sentence(&whoami).trim_end()),
        Err(failure) => note(&format!("it doesn't work yet, though:\n{}", failure.text().trim_end())),
    }
    Ok(())
}

fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    std::path::absolute(path)
        .map_err(|error| Failure::Local { message: format!("{}: {error}", path.display()), help: None })
}

fn use_it(mut profiles: Profiles, name: String, project: Option<String>) -> Result<(), Failure> {
    let Some(profile) = profiles.profiles.get_mut(&name) else { return Err(profiles.unknown(&name)) };
    if let Some(project) = project.map(known_project).transpose()? {
        profile.project = Some(project);
    }
    let project =
        profile.project.as_ref().map(|project| format!(", in project {project}")).unwrap_or_default();
    let sentence = format!("{name} is the current profile{project}");
    profiles.current = Some(name);
    profiles.save()?;
    note(&sentence);
    Ok(())
}

fn known_project(text: String) -> Result<String, Failure> {
    name_or_id(&text).map_err(|why| Failure::Usage(format!("--project: {why}")))
}

fn remove(mut profiles: Profiles, args: Remove) -> Result<(), Failure> {
    let name = args.target.name;
    if !profiles.profiles.contains_key(&name) {
        return Err(profiles.unknown(&name));
    }
    args.confirm.ask(&format!("Remove profile {name}?"))?;
    profiles.profiles.remove(&name);
    profiles.current.take_if(|current| *current == name);
    profiles.save()?;
    note(&format!("removed profile {name}"));
    Ok(())
}
