//! `berth token`: what users show to say who they are. A secret is printed once, when it is made.

use berth_common::ids::TokenUuid;
use berth_common::span::seconds;
use clap::{Args, Subcommand};

use crate::addressing::name_or_id;
use crate::cell::{Cell, Names};
use crate::client::Repeat;
use crate::confirm::ConfirmArgs;
use crate::failure::Failure;
use crate::generated::types::{Token, TokenCreate, TokenMade};
use crate::output::{Column, note, print};
use crate::pages::Given;
use crate::session::{ListArgs, Session, to_uuid};

/// Verbs of tokens.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List your tokens, or another user's
    #[command(visible_alias = "ls")]
    List(List),
    /// Make a token; its secret is printed this once
    Create(Create),
    /// Make a token invalid
    Revoke(Revoke),
}

/// Whose tokens.
#[derive(Debug, Args)]
pub struct List {
    /// Another user's
    #[arg(long, value_name = "USER", value_parser = name_or_id)]
    user: Option<String>,
    #[command(flatten)]
    list: ListArgs,
}

/// A token to be made.
#[derive(Debug, Args)]
pub struct Create {
    /// For another user (fleet admins)
    #[arg(long, value_name = "USER", value_parser = name_or_id)]
    user: Option<String>,
    /// What it is for
    #[arg(long, default_value = "", hide_default_value = true)]
    label: String,
    /// How long it is valid, up to 366d [default: 30d]
    #[arg(long, value_name = "SPAN", value_parser = seconds)]
    expires_in: Option<u64>,
}

/// A token to be revoked.
#[derive(Debug, Args)]
pub struct Revoke {
    /// The token's id
    token: TokenUuid,
    #[command(flatten)]
    confirm: ConfirmArgs,
}

const COLUMNS: &[Column<Token>] = &[
    Column::listed("id", |t| Cell::Of(to_uuid(t.id))),
    Column::listed("label", |t| Cell::text(&t.label)),
    Column::listed("created", |t| Cell::Time(t.created_at)),
    Column::listed("expires", |t| Cell::Time(t.expires_at)),
    Column::listed("revoked", |t| Cell::some(t.revoked_at, Cell::Time)),
    Column::on_request("user", |t| Cell::Of(to_uuid(t.user_id))),
];

const MADE: &[Column<TokenMade>] = &[
    Column::listed("id", |made| Cell::Of(to_uuid(made.token.id))),
    Column::listed("expires", |made| Cell::Time(made.token.expires_at)),
    Column::listed("secret", |made| Cell::text(&made.secret)),
];

/// Runs a verb.
pub async fn run(session: &Session, verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::List(args) => list(session, args).await,
        Verb::Create(args) => create(session, args).await,
        Verb::Revoke(args) => revoke(session, args).await,
    }
}

async fn list(session: &Session, args: List) -> Result<(), Failure> {
    let list = session
        .client
        .list(args.list.limit, async |nexus, page| {
            let ask = nexus.token_list().limit(page.limit);
            let ask = ask.given(page.token, |ask, token| ask.page_token(token));
            ask.given(args.user.clone(), |ask, user| ask.user(user)).send().await
        })
        .await?;
    session.show(&list, COLUMNS, &Names::new())
}

/// The secret alone goes to standard output, so that it can be redirected into a private file.
async fn create(session: &Session, args: Create) -> Result<(), Failure> {
    let body = TokenCreate { user: args.user, label: args.label, expires_in_s: args.expires_in };
    let ask = async |nexus: &crate::generated::Client| nexus.token_create().body(body.clone()).send().await;
    let made = session.client.ask(Repeat::IfUnsent, ask).await?;
    if !session.output.is_for_people() {
        return session.output.record(&made, MADE, &Names::new());
    }
    print(&format!("{}\n", made.secret))?;
    note(&format!(
        "token {}, valid until {}; nobody can read it again: keep it in a file only you can read (umask 077)",
        made.token.id,
        made.token.expires_at.format("%Y-%m-%d %H:%M UTC")
    ));
    Ok(())
}

async fn revoke(session: &Session, args: Revoke) -> Result<(), Failure> {
    args.confirm.ask(&format!("Revoke token {}? Who uses it is locked out.", args.token))?;
    let ask = async |nexus: &crate::generated::Client| nexus.token_revoke().token(args.token).send().await;
    session.client.ask(Repeat::IfUnsent, ask).await?;
    session.output.gone(&format!("revoked token {}", args.token))
}
