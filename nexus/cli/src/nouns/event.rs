//! `berth event`, and the `events` verbs of instances and sleds: what happened, and what happens now.

use std::collections::VecDeque;
use std::time::Duration;

use clap::{Args, Subcommand};

use crate::cell::{Cell, Names, printable};
use crate::client::Sent;
use crate::failure::Failure;
use crate::generated::Client as Nexus;
use crate::generated::types::{Event, EventPage};
use crate::output::{Column, note};
use crate::pages::Given;
use crate::session::{ProjectListArgs, Session, to_uuid};

/// Events shown when nobody says how many.
const LATELY: usize = 30;
/// Events of one answer: what nexus gives at most.
const PAGE: u32 = 1000;
/// How long one answer may take when there is nothing new.
const WAIT: &str = "30s";
/// Between two tries when no nexus answers.
const PAUSE: Duration = Duration::from_secs(2);

/// Verbs of events.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List what happened lately, oldest first
    #[command(visible_alias = "ls")]
    List(List),
}

/// Which events.
#[derive(Debug, Args)]
pub struct List {
    /// All projects and the fleet, whatever --project says
    #[arg(short = 'A', long)]
    all_projects: bool,
    #[command(flatten)]
    look: Look,
}

/// How far back, and whether to go on.
#[derive(Clone, Debug, Args)]
pub struct Look {
    /// Show so many of the last ones; 0: all that are kept [default: 30; with --follow: only new ones]
    #[arg(short = 'n', long, value_name = "N")]
    last: Option<usize>,
    /// Go on showing what happens, until Ctrl-C
    #[arg(short, long)]
    follow: bool,
}

const COLUMNS: &[Column<Event>] = &[
    Column::listed("at", |e| Cell::Time(e.at)),
    Column::listed("kind", |e| Cell::text(&e.kind)),
    Column::listed("subject", |e| Cell::text(format!("{} {}", e.subject.kind, e.subject.name))),
    Column::listed("actor", |e| Cell::text(&e.actor)),
    Column::listed("message", |e| Cell::text(&e.message)),
    Column::on_request("id", |e| Cell::number(e.id)),
    Column::on_request("subject_id", |e| Cell::Of(e.subject.id)),
    Column::on_request("project", |e| Cell::some(e.project_id, |id| Cell::Of(to_uuid(id)))),
    Column::on_request("sled", |e| Cell::some(e.sled_id, |id| Cell::Of(to_uuid(id)))),
    Column::on_request("request", |e| Cell::text(&e.cause)),
    Column::on_request("data", |e| Cell::text(&e.data)),
];

/// Runs a verb.
pub async fn run(session: &Session, verb: Verb) -> Result<(), Failure> {
    let Verb::List(args) = verb;
    let listed = ProjectListArgs { all_projects: args.all_projects, ..ProjectListArgs::default() };
    let project = listed.project(session);
    show(session, &args.look, async |nexus, since, wait| {
        let ask = nexus.event_list().limit(PAGE);
        let ask = ask.given(project.clone(), |ask, project| ask.project(project));
        let ask = ask.given(since, |ask, since| ask.since(since));
        ask.given(wait, |ask, wait| ask.wait(wait)).send().await
    })
    .await
}

/// Shows events of any source; it is asked with `since` and `wait`.
pub async fn show(
    session: &Session,
    look: &Look,
    source: impl AsyncFn(&Nexus, Option<String>, Option<String>) -> Sent<EventPage>,
) -> Result<(), Failure> {
    let source = async |since: Option<String>, wait: Option<String>| {
        session.client.look(async |nexus| source(nexus, since.clone(), wait.clone()).await).await
    };
    let only_new = look.follow && look.last.is_none();
    let (past, mut next) = if only_new {
        let page = source(Some("now".to_string()), None).await?;
        (VecDeque::from(page.items), page.next)
    } else {
        last(look.last.unwrap_or(LATELY), &source).await?
    };
    if !look.follow {
        return session.output.list(&Vec::from(past), COLUMNS, &Names::new());
    }
    for event in &past {
        print_one(session, event)?;
    }
    let follow = async {
        loop {
            match source(Some(next.clone()), Some(WAIT.to_string())).await {
                Ok(page) => {
                    page.items.iter().try_for_each(|event| print_one(session, event))?;
                    next = page.next;
                }
                Err(failure) if failure.is_connection() => {
                    note("no nexus answers; asking again");
                    tokio::time::sleep(PAUSE).await;
                }
                Err(failure) => return Err(failure),
            }
        }
    };
    tokio::select! {
        ended = follow => ended,
        _interrupted = tokio::signal::ctrl_c() => Ok(()),
    }
}

/// The last `count` events (0: all), and where new ones begin. The interface goes forward only, so all are read.
async fn last(
    count: usize,
    source: &impl AsyncFn(Option<String>, Option<String>) -> Result<EventPage, Failure>,
) -> Result<(VecDeque<Event>, String), Failure> {
    let (mut kept, mut since) = (VecDeque::new(), None);
    loop {
        let page = source(since.take(), None).await?;
        let is_end = page.items.len() < PAGE as usize;
        kept.extend(page.items);
        if count > 0 {
            kept.drain(..kept.len().saturating_sub(count));
        }
        if is_end {
            return Ok((kept, page.next));
        }
        since = Some(page.next);
    }
}

fn print_one(session: &Session, event: &Event) -> Result<(), Failure> {
    session.output.one_of_many(event, COLUMNS, line)
}

/// One event on one line.
pub fn line(event: &Event) -> String {
    let at = event.at.format("%Y-%m-%d %H:%M:%S%.3fZ");
    let subject = format!("{} {}", event.subject.kind, event.subject.name);
    printable(&format!("{at}  {:<24}  {subject}  {}  ({})", event.kind, event.message, event.actor))
}
