//! `berth sled token`: one-time secrets by which a host becomes a sled.

use berth_common::ids::JoinTokenUuid;
use berth_common::span::seconds;
use clap::{Args, Subcommand};

use crate::cell::{Cell, Names};
use crate::client::Repeat;
use crate::confirm::ConfirmArgs;
use crate::failure::Failure;
use crate::generated::types::{JoinToken, JoinTokenCreate, JoinTokenMade};
use crate::output::{Column, note, print};
use crate::pages::Given;
use crate::session::{ListArgs, Session, to_uuid};

/// Verbs of join tokens.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List join tokens
    #[command(visible_alias = "ls")]
    List(ListArgs),
    /// Make a join token; its secret is printed this once
    Create(Create),
    /// Make a join token invalid
    Revoke(Revoke),
}

/// A join token to be made.
#[derive(Debug, Args)]
pub struct Create {
    /// How long it is valid, up to 7d [default: 1h]
    #[arg(long, value_name = "SPAN", value_parser = seconds)]
    expires_in: Option<u64>,
}

/// A join token to be revoked.
#[derive(Debug, Args)]
pub struct Revoke {
    /// The join token's id
    token: JoinTokenUuid,
    #[command(flatten)]
    confirm: ConfirmArgs,
}

const COLUMNS: &[Column<JoinToken>] = &[
    Column::listed("id", |t| Cell::Of(to_uuid(t.id))),
    Column::listed("created_by", |t| Cell::text(&t.created_by)),
    Column::listed("created", |t| Cell::Time(t.created_at)),
    Column::listed("expires", |t| Cell::Time(t.expires_at)),
    Column::listed("used_by", |t| Cell::some(t.sled_id, |id| Cell::Of(to_uuid(id)))),
];

const MADE: &[Column<JoinTokenMade>] = &[
    Column::listed("id", |made| Cell::Of(to_uuid(made.join_token.id))),
    Column::listed("expires", |made| Cell::Time(made.join_token.expires_at)),
    Column::listed("secret", |made| Cell::text(&made.secret)),
    Column::listed("ca_pem", |made| Cell::text(&made.ca_pem)),
];

/// Runs a verb.
pub async fn run(session: &Session, verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::List(args) => list(session, args).await,
        Verb::Create(args) => create(session, args).await,
        Verb::Revoke(args) => revoke(session, args).await,
    }
}

async fn list(session: &Session, args: ListArgs) -> Result<(), Failure> {
    let list = session
        .client
        .list(args.limit, async |nexus, page| {
            let ask = nexus.join_token_list().limit(page.limit);
            ask.given(page.token, |ask, token| ask.page_token(token)).send().await
        })
        .await?;
    session.show(&list, COLUMNS, &session.sled_names().await)
}

/// The secret alone goes to standard output; what else the new host needs is said beside it.
pub async fn create(session: &Session, args: Create) -> Result<(), Failure> {
    let body = JoinTokenCreate { expires_in_s: args.expires_in };
    let ask =
        async |nexus: &crate::generated::Client| nexus.join_token_create().body(body.clone()).send().await;
    let made = session.client.ask(Repeat::IfUnsent, ask).await?;
    if !session.output.is_for_people() {
        return session.output.record(&made, MADE, &Names::new());
    }
    print(&format!("{}\n", made.secret))?;
    note(&format!(
        "join token {}, for one host, valid until {}; beside it the host needs the authority's certificate, {}",
        made.join_token.id,
        made.join_token.expires_at.format("%Y-%m-%d %H:%M UTC"),
        session.client.ca_file()
    ));
    Ok(())
}

async fn revoke(session: &Session, args: Revoke) -> Result<(), Failure> {
    args.confirm.ask(&format!("Revoke join token {}?", args.token))?;
    let ask = async |nexus: &crate::generated::Client| {
        nexus.join_token_revoke().join_token(args.token).send().await
    };
    session.client.ask(Repeat::IfUnsent, ask).await?;
    session.output.gone(&format!("revoked join token {}", args.token))
}
