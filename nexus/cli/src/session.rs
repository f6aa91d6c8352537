//! What a verb works with: the client, the way to print, and the options all verbs share.

use std::fmt::Display;
use std::io::IsTerminal;

use clap::Args;
use clap_complete::ArgValueCandidates;
use serde::Serialize;
use uuid::Uuid;

use crate::addressing::{is_id, name_or_id};
use crate::cell::Names;
use crate::client::Client;
use crate::connection::{Connection, ConnectionArgs, variable};
use crate::failure::Failure;
use crate::generated::Client as Nexus;
use crate::generated::types::{Project, Sled};
use crate::live_names;
use crate::output::{Column, Output, OutputArgs, note};
use crate::pages::{Given, List, Wanted};

/// Options of every command.
#[derive(Clone, Debug, Default, Args)]
pub struct CommonArgs {
    /// Project of what is named; also from the profile
    #[arg(short, long, global = true, env = "BERTH_PROJECT", value_name = "NAME|ID", hide_env_values = true)]
    #[arg(add = ArgValueCandidates::new(live_names::projects))]
    pub project: Option<String>,
    #[command(flatten)]
    pub connection: ConnectionArgs,
    #[command(flatten)]
    pub output: OutputArgs,
}

/// One command's run.
#[derive(Debug)]
pub struct Session {
    /// Asks nexus.
    pub client: Client,
    /// Prints.
    pub output: Output,
    connection: Connection,
    /// Progress is shown on standard error.
    pub shows_progress: bool,
    project: Option<String>,
}

impl Session {
    /// Gathers options, environment and profile.
    ///
    /// Errors: `Usage`, `Local`.
    pub fn new(args: &CommonArgs) -> Result<Self, Failure> {
        let output = Output::new(&args.output)?;
        let connection = Connection::resolve(&args.connection, &variable)?;
        let named = args.project.clone().filter(|project| !project.is_empty());
        let project = named.or_else(|| connection.project.clone());
        if let Some(project) = &project {
            name_or_id(project).map_err(|why| Failure::Usage(format!("--project: {why}")))?;
        }
        let client = Client::new(&connection)?;
        Ok(Session { client, output, connection, shows_progress: !args.output.quiet, project })
    }

    /// A client for requests that become websockets.
    ///
    /// Errors: `Local`.
    pub fn upgrading(&self) -> Result<Client, Failure> {
        Client::upgrading(&self.connection)
    }

    /// The project to send beside `target`: the one that was named for a name, none for an id.
    ///
    /// Errors: `Usage` for a name without a project.
    pub fn project_of(&self, target: &str) -> Result<Option<String>, Failure> {
        if is_id(target) { Ok(None) } else { self.project().map(Some) }
    }

    /// The project that was named.
    ///
    /// Errors: `Usage` if none was.
    pub fn project(&self) -> Result<String, Failure> {
        self.project.clone().ok_or_else(|| {
            Failure::Usage(
                "in which project? Name it with --project or BERTH_PROJECT; `berth profile use PROFILE -p NAME` \
                 keeps it, `berth project list` shows them all"
                    .to_string(),
            )
        })
    }

    /// The project that was named, if any.
    pub fn project_if_named(&self) -> Option<String> {
        self.project.clone()
    }

    /// Prints a list, and says to a person that it was cut.
    pub fn show<T: Serialize>(
        &self,
        list: &List<T>,
        columns: &[Column<T>],
        names: &Names,
    ) -> Result<(), Failure> {
        self.output.list(&list.items, columns, names)?;
        if list.is_cut && self.output.is_for_people() && std::io::stderr().is_terminal() {
            note(&format!("({} shown; there is more: --limit)", list.items.len()));
        }
        Ok(())
    }

    /// The projects one can see.
    pub async fn projects(&self, limit: Option<usize>) -> Result<List<Project>, Failure> {
        let ask = async |nexus: &Nexus, page: Wanted| {
            let ask = nexus.project_list().limit(page.limit);
            ask.given(page.token, |ask, token| ask.page_token(token)).send().await
        };
        self.client.list(limit, ask).await
    }

    /// All sleds.
    pub async fn sleds(&self, limit: Option<usize>) -> Result<List<Sled>, Failure> {
        let ask = async |nexus: &Nexus, page: Wanted| {
            let ask = nexus.sled_list().limit(page.limit);
            ask.given(page.token, |ask, token| ask.page_token(token)).send().await
        };
        self.client.list(limit, ask).await
    }

    /// Names of all projects one can see; none if they can't be had. Only for what people read.
    pub async fn project_names(&self) -> Names {
        if !self.output.is_for_people() {
            return Names::new();
        }
        named(self.projects(None).await.map(|list| list.items).unwrap_or_default(), |project| {
            (to_uuid(project.id), &project.name)
        })
    }

    /// Names of all sleds, where they may be seen. Only for what people read.
    pub async fn sled_names(&self) -> Names {
        if !self.output.is_for_people() {
            return Names::new();
        }
        named(self.sleds(None).await.map(|list| list.items).unwrap_or_default(), |sled| {
            (to_uuid(sled.id), &sled.name)
        })
    }
}

/// Names of things by their ids.
pub fn named<T, N: Display>(items: Vec<T>, of: impl Fn(&T) -> (Uuid, &N)) -> Names {
    items
        .iter()
        .map(|item| {
            let (id, name) = of(item);
            (id, name.to_string())
        })
        .collect()
}

/// Any typed id as a plain one.
pub fn to_uuid<K: berth_common::ids::TypedUuidKind>(id: berth_common::ids::TypedUuid<K>) -> Uuid {
    use berth_common::ids::GenericUuid;
    id.into_untyped_uuid()
}

/// Options of lists of things in projects.
#[derive(Clone, Debug, Default, Args)]
pub struct ProjectListArgs {
    /// All projects, whatever --project says
    #[arg(short = 'A', long)]
    pub all_projects: bool,
    #[command(flatten)]
    pub list: ListArgs,
}

impl ProjectListArgs {
    /// The project to list; `None`: all.
    pub fn project(&self, session: &Session) -> Option<String> {
        session.project_if_named().filter(|_| !self.all_projects)
    }
}

/// Options of lists.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct ListArgs {
    /// Show so many at most
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub limit: Option<usize>,
}

fn at_least_one(text: &str) -> Result<usize, String> {
    text.parse::<usize>().ok().filter(|n| *n > 0).ok_or_else(|| format!("{text:?} is not a number from 1"))
}

/// Options of creations.
#[derive(Clone, Debug, Default, Args)]
pub struct OnceArgs {
    /// What is asked twice with the same key is done once [default: a new key each time]
    #[arg(long, value_name = "KEY")]
    pub idempotency_key: Option<String>,
}

impl OnceArgs {
    /// The key of this run: repeated at another nexus, the request is still done once.
    pub fn key(&self) -> String {
        self.idempotency_key.clone().unwrap_or_else(|| Uuid::new_v4().to_string())
    }
}
