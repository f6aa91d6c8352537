//! `berth pool`: where disks are.

use clap::Subcommand;

use crate::cell::Cell;
use crate::failure::Failure;
use crate::generated::types::Pool;
use crate::output::Column;
use crate::pages::Given;
use crate::session::{ListArgs, Session, to_uuid};

/// Verbs of pools.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List storage pools
    #[command(visible_alias = "ls")]
    List(ListArgs),
}

/// A pool with its sleds by name, where they may be seen.
const COLUMNS: &[Column<Pool>] = &[
    Column::listed("name", |p| Cell::text(&p.name)),
    Column::listed("kind", |p| Cell::text(p.kind)),
    Column::listed("used", |p| Cell::BytesOf(p.used_bytes, p.capacity_bytes)),
    Column::listed("sled", |p| match p.sleds[..] {
        [only] => Cell::Of(to_uuid(only)),
        _ => Cell::text(format!("{} sleds", p.sleds.len())),
    }),
    Column::listed("id", |p| Cell::Of(to_uuid(p.id))),
    Column::on_request("sleds", |p| {
        Cell::text(p.sleds.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
    }),
    Column::on_request("created", |p| Cell::Time(p.created_at)),
];

/// Runs a verb.
pub async fn run(session: &Session, verb: Verb) -> Result<(), Failure> {
    let Verb::List(args) = verb;
    let list = session
        .client
        .list(args.limit, async |nexus, page| {
            nexus
                .pool_list()
                .limit(page.limit)
                .given(page.token, |ask, token| ask.page_token(token))
                .send()
                .await
        })
        .await?;
    session.show(&list, COLUMNS, &session.sled_names().await)
}
