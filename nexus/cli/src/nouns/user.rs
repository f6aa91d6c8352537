//! `berth user`: who may ask at all.

use berth_common::Name;
use berth_common::role::Role;
use clap::{Args, Subcommand};

use crate::cell::{Cell, Names};
use crate::client::Repeat;
use crate::failure::Failure;
use crate::generated::types::{User, UserCreate};
use crate::output::Column;
use crate::pages::Given;
use crate::session::{ListArgs, OnceArgs, Session, to_uuid};

/// Verbs of users.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List users
    #[command(visible_alias = "ls")]
    List(ListArgs),
    /// Make a user; then make a token for it with `berth token create --user`
    Create(Create),
}

/// A user to be made.
#[derive(Debug, Args)]
pub struct Create {
    /// Its name, unique in the cluster
    name: Name,
    /// Its role for the fleet: viewer, collaborator or admin
    #[arg(long, value_name = "ROLE")]
    fleet_role: Option<Role>,
    #[command(flatten)]
    once: OnceArgs,
}

const COLUMNS: &[Column<User>] = &[
    Column::listed("name", |u| Cell::text(&u.name)),
    Column::listed("fleet_role", |u| Cell::some(u.fleet_role, Cell::text)),
    Column::listed("created", |u| Cell::Time(u.created_at)),
    Column::on_request("id", |u| Cell::Of(to_uuid(u.id))),
];

/// Runs a verb.
pub async fn run(session: &Session, verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::List(args) => list(session, args).await,
        Verb::Create(args) => create(session, args).await,
    }
}

async fn list(session: &Session, args: ListArgs) -> Result<(), Failure> {
    let list = session
        .client
        .list(args.limit, async |nexus, page| {
            nexus
                .user_list()
                .limit(page.limit)
                .given(page.token, |ask, token| ask.page_token(token))
                .send()
                .await
        })
        .await?;
    session.show(&list, COLUMNS, &Names::new())
}

async fn create(session: &Session, args: Create) -> Result<(), Failure> {
    let key = args.once.key();
    let body = UserCreate { name: args.name, fleet_role: args.fleet_role };
    let ask = async |nexus: &crate::generated::Client| {
        nexus.user_create().idempotency_key(key.as_str()).body(body.clone()).send().await
    };
    let user = session.client.ask(Repeat::Safe, ask).await?;
    let sentence = format!("made user {0}; a token for it: berth token create --user {0}", user.name);
    session.output.done(&user, COLUMNS, &sentence)
}
