//! `berth nexus`: the control plane's own programs.

use clap::Subcommand;

use crate::cell::{Cell, Names};
use crate::failure::Failure;
use crate::generated::types::NexusView;
use crate::output::{Column, print_pieces};
use crate::session::{Session, to_uuid};

/// Verbs of nexus.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List the nexus of the cluster
    #[command(visible_alias = "ls")]
    List,
    /// Print the metrics of the nexus that answers, as a scraper gets them
    Metrics,
}

const COLUMNS: &[Column<NexusView>] = &[
    Column::listed("name", |n| Cell::text(&n.name)),
    Column::listed("state", |n| Cell::text(&n.state)),
    Column::listed("public", |n| Cell::text(&n.public_address)),
    Column::listed("internal", |n| Cell::text(&n.internal_address)),
    Column::listed("version", |n| Cell::text(&n.version)),
    Column::listed("answering", |n| Cell::text(if n.answering { "yes" } else { "" })),
    Column::listed("renewed", |n| Cell::Since(n.renewed_at)),
    Column::on_request("started", |n| Cell::Time(n.started_at)),
    Column::on_request("id", |n| Cell::Of(to_uuid(n.id))),
];

/// Runs a verb.
pub async fn run(session: &Session, verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::List => {
            let all = session.client.look(async |nexus| nexus.nexus_list().send().await).await?;
            session.output.list(&all, COLUMNS, &Names::new())
        }
        Verb::Metrics => metrics(session).await,
    }
}

async fn metrics(session: &Session) -> Result<(), Failure> {
    let page = session.client.look(async |nexus| nexus.metrics().send().await).await?;
    print_pieces(page).await
}
