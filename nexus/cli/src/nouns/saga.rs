//! `berth saga`: durable work of several steps, and what to do when an undo failed.

use berth_common::ids::SagaUuid;
use clap::{Args, Subcommand, ValueEnum};

use crate::cell::{Cell, Names};
use crate::client::Repeat;
use crate::confirm::ConfirmArgs;
use crate::failure::Failure;
use crate::generated::types::{Saga, SagaState, SagaStep};
use crate::output::{Column, Format, print};
use crate::pages::Given;
use crate::session::{ListArgs, Session, to_uuid};

/// Sagas shown when nobody says how many: what happened lately.
const LATELY: usize = 30;

/// Verbs of sagas.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List sagas, newest first
    #[command(visible_alias = "ls")]
    List(List),
    /// View a saga with its steps
    #[command(visible_alias = "show")]
    View(Target),
    /// Run the failed undo of a stuck saga again
    Retry(Target),
    /// Give a stuck saga up: frees it, its lock and its operation together
    Resolve(Resolve),
}

/// States to choose from.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum State {
    /// Going forward
    Running,
    /// Being undone
    Unwinding,
    /// Finished, either way
    Done,
    /// An undo failed: needs you
    Stuck,
    /// Given up by an operator
    Abandoned,
}

impl From<State> for SagaState {
    fn from(state: State) -> Self {
        match state {
            State::Running => SagaState::Running,
            State::Unwinding => SagaState::Unwinding,
            State::Done => SagaState::Done,
            State::Stuck => SagaState::Stuck,
            State::Abandoned => SagaState::Abandoned,
        }
    }
}

/// Which sagas.
#[derive(Debug, Args)]
pub struct List {
    /// Only those in this state
    #[arg(long, value_enum)]
    state: Option<State>,
    #[command(flatten)]
    list: ListArgs,
}

/// A saga.
#[derive(Debug, Args)]
pub struct Target {
    /// The saga's id
    saga: SagaUuid,
}

/// A saga to be given up.
#[derive(Debug, Args)]
pub struct Resolve {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    confirm: ConfirmArgs,
}

const COLUMNS: &[Column<Saga>] = &[
    Column::listed("id", |s| Cell::Of(to_uuid(s.id))),
    Column::listed("name", |s| Cell::text(&s.name)),
    Column::listed("state", |s| Cell::text(&s.state)),
    Column::listed("subject", |s| Cell::some(s.subject_id, Cell::Of)),
    Column::listed("updated", |s| Cell::Since(s.updated_at)),
    Column::on_request("created", |s| Cell::Time(s.created_at)),
    Column::on_request("finished", |s| Cell::some(s.finished_at, Cell::Time)),
    Column::on_request("owner", |s| Cell::Of(to_uuid(s.owner))),
    Column::on_request("adoptions", |s| Cell::number(s.adoption_generation)),
    Column::on_request("version", |s| Cell::number(s.version)),
    Column::on_request("request", |s| Cell::some(s.cause.as_ref(), Cell::text)),
];

const STEPS: &[Column<SagaStep>] = &[
    Column::listed("at", |s| Cell::Time(s.at)),
    Column::listed("node", |s| Cell::number(s.node)),
    Column::listed("name", |s| Cell::some(s.name.as_ref(), Cell::text)),
    Column::listed("event", |s| Cell::text(&s.event)),
    Column::listed("error", |s| Cell::some(s.error.as_ref(), Cell::text)),
];

/// Runs a verb.
pub async fn run(session: &Session, verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::List(args) => list(session, args).await,
        Verb::View(target) => view(session, target.saga).await,
        Verb::Retry(target) => {
            let ask =
                async |nexus: &crate::generated::Client| nexus.saga_retry().saga(target.saga).send().await;
            let saga = session.client.ask(Repeat::IfUnsent, ask).await?;
            session.output.done(&saga, COLUMNS, &format!("saga {} tries its undo again", saga.id))
        }
        Verb::Resolve(args) => resolve(session, args).await,
    }
}

async fn list(session: &Session, args: List) -> Result<(), Failure> {
    let list = session
        .client
        .list(Some(args.list.limit.unwrap_or(LATELY)), async |nexus, page| {
            let ask = nexus.saga_list().limit(page.limit);
            let ask = ask.given(page.token, |ask, token| ask.page_token(token));
            ask.given(args.state.map(SagaState::from), |ask, state| ask.state(state)).send().await
        })
        .await?;
    session.show(&list, COLUMNS, &Names::new())
}

async fn view(session: &Session, saga: SagaUuid) -> Result<(), Failure> {
    let detail = session.client.look(async |nexus| nexus.saga_view().saga(saga).send().await).await?;
    match session.output.format {
        Format::Json | Format::Yaml => session.output.record(&detail, &[], &Names::new()),
        Format::Csv => session.output.list(&detail.events, STEPS, &Names::new()),
        Format::Table => {
            session.output.record(&detail.saga, COLUMNS, &Names::new())?;
            print("\n")?;
            session.output.list(&detail.events, STEPS, &Names::new())
        }
    }
}

async fn resolve(session: &Session, args: Resolve) -> Result<(), Failure> {
    let id = args.target.saga;
    args.confirm.ask(&format!(
        "Give saga {id} up? What its undo left behind stays: look at `berth saga view` first."
    ))?;
    let ask = async |nexus: &crate::generated::Client| nexus.saga_resolve().saga(id).send().await;
    let saga = session.client.ask(Repeat::IfUnsent, ask).await?;
    session.output.done(
        &saga,
        COLUMNS,
        &format!("gave saga {id} up; `berth check` shows whether anything is left"),
    )
}
