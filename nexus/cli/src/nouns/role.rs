//! `berth role`: who may do what, in a project or in the fleet.

use berth_common::role::Role;
use clap::{Args, Subcommand};

use crate::addressing::name_or_id;
use crate::cell::Cell;
use crate::client::Repeat;
use crate::confirm::ConfirmArgs;
use crate::failure::Failure;
use crate::generated::types::{RoleGrant, RoleGrantCreate, RoleRevoke};
use crate::output::Column;
use crate::pages::Given;
use crate::session::{ListArgs, Session, to_uuid};

/// Verbs of roles.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List who has which role in the project, or in the fleet
    #[command(visible_alias = "ls")]
    List(List),
    /// Give a user a role; it replaces the one the user has there
    Grant(Grant),
    /// Take a user's role away
    Revoke(Revoke),
}

/// Where.
#[derive(Clone, Copy, Debug, Args)]
pub struct Place {
    /// In the fleet, whatever --project says
    #[arg(long)]
    fleet: bool,
}

impl Place {
    /// The project; `None`: the fleet.
    ///
    /// Errors: `Usage` if neither was said, because the fleet is never meant by accident.
    fn project(self, session: &Session) -> Result<Option<String>, Failure> {
        if self.fleet {
            return Ok(None);
        }
        let project = session.project_if_named();
        project.map(Some).ok_or_else(|| Failure::Usage("where? Say --project NAME or --fleet".to_string()))
    }
}

/// Where to look.
#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    list: ListArgs,
}

/// A role to be granted.
#[derive(Debug, Args)]
pub struct Grant {
    /// The user
    #[arg(value_parser = name_or_id)]
    user: String,
    /// viewer, collaborator or admin
    role: Role,
    #[command(flatten)]
    place: Place,
}

/// A role to be taken away.
#[derive(Debug, Args)]
pub struct Revoke {
    /// The user
    #[arg(value_parser = name_or_id)]
    user: String,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    confirm: ConfirmArgs,
}

const COLUMNS: &[Column<RoleGrant>] = &[
    Column::listed("user", |g| Cell::text(&g.user_name)),
    Column::listed("role", |g| Cell::text(g.role)),
    Column::listed("project", |g| Cell::some(g.project_id, |id| Cell::Of(to_uuid(id)))),
    Column::on_request("user_id", |g| Cell::Of(to_uuid(g.user_id))),
];

/// Runs a verb.
pub async fn run(session: &Session, verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::List(args) => list(session, args).await,
        Verb::Grant(args) => grant(session, args).await,
        Verb::Revoke(args) => revoke(session, args).await,
    }
}

async fn list(session: &Session, args: List) -> Result<(), Failure> {
    let project = args.place.project(session)?;
    let list = session
        .client
        .list(args.list.limit, async |nexus, page| {
            let ask = nexus.role_list().limit(page.limit);
            let ask = ask.given(page.token, |ask, token| ask.page_token(token));
            ask.given(project.clone(), |ask, project| ask.project(project)).send().await
        })
        .await?;
    session.show(&list, COLUMNS, &session.project_names().await)
}

fn place_name(project: Option<&str>) -> String {
    project.map_or_else(|| "the fleet".to_string(), |project| format!("project {project}"))
}

async fn grant(session: &Session, args: Grant) -> Result<(), Failure> {
    let project = args.place.project(session)?;
    let sentence = format!("{} is now {} of {}", args.user, args.role, place_name(project.as_deref()));
    let body = RoleGrantCreate { user: args.user, role: args.role, project };
    let ask = async |nexus: &crate::generated::Client| nexus.role_grant().body(body.clone()).send().await;
    let granted = session.client.ask(Repeat::Safe, ask).await?;
    session.output.done(&granted, COLUMNS, &sentence)
}

async fn revoke(session: &Session, args: Revoke) -> Result<(), Failure> {
    let project = args.place.project(session)?;
    let place = place_name(project.as_deref());
    args.confirm.ask(&format!("Take the role of {} in {place} away?", args.user))?;
    let body = RoleRevoke { user: args.user.clone(), project };
    let ask = async |nexus: &crate::generated::Client| nexus.role_revoke().body(body.clone()).send().await;
    session.client.ask(Repeat::IfUnsent, ask).await?;
    session.output.gone(&format!("{} has no role in {place} any more", args.user))
}
