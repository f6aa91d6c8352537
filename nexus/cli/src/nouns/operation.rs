//! `berth operation`: the handles of accepted work.

use berth_common::ids::OperationUuid;
use berth_common::operation::OperationState;
use clap::{Args, Subcommand};
use uuid::Uuid;

use crate::cell::{Cell, Names};
use crate::client::Repeat;
use crate::failure::Failure;
use crate::generated::types::Operation;
use crate::output::Column;
use crate::pages::Given;
use crate::session::{ProjectListArgs, Session, to_uuid};
use crate::wait::{WaitArgs, until_ended};

/// Operations shown when nobody says how many: what happened lately.
const LATELY: usize = 30;

/// Verbs of operations.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List operations, newest first
    #[command(visible_alias = "ls")]
    List(List),
    /// View an operation
    #[command(visible_alias = "show")]
    View(Target),
    /// Wait until operations have ended
    Wait(Wait),
    /// Ask for an operation to be given up; it ends by itself soon after
    Cancel(Cancel),
}

/// An operation.
#[derive(Debug, Args)]
pub struct Target {
    /// The operation
    #[arg(value_name = "OPERATION")]
    id: OperationUuid,
}

/// Which operations.
#[derive(Debug, Args)]
pub struct List {
    /// Only those that haven't ended
    #[arg(long)]
    open: bool,
    /// Only those about this thing
    #[arg(long, value_name = "ID")]
    subject: Option<Uuid>,
    #[command(flatten)]
    list: ProjectListArgs,
}

/// What to wait for.
#[derive(Debug, Args)]
pub struct Wait {
    /// The operations
    #[arg(value_name = "OPERATION", required = true)]
    ids: Vec<OperationUuid>,
    #[command(flatten)]
    wait: WaitArgs,
}

/// What to give up.
#[derive(Debug, Args)]
pub struct Cancel {
    #[command(flatten)]
    target: Target,
    /// Wait until it has ended
    #[arg(long)]
    wait: bool,
}

/// Columns of operations.
pub const COLUMNS: &[Column<Operation>] = &[
    Column::listed("id", |o| Cell::Of(to_uuid(o.id))),
    Column::listed("kind", |o| Cell::text(o.kind)),
    Column::listed("subject", |o| Cell::text(&o.subject.name)),
    Column::listed("state", |o| Cell::text(o.state)),
    Column::listed("now", now),
    Column::listed("asked", |o| Cell::Since(o.created_at)),
    Column::on_request("phase", |o| Cell::text(&o.progress.phase)),
    Column::on_request("waiting_for", |o| Cell::some(o.waiting_for.as_ref(), Cell::text)),
    Column::on_request("error", |o| Cell::some(o.error.as_ref(), |e| Cell::text(&e.error_code))),
    Column::on_request("created", |o| Cell::Time(o.created_at)),
    Column::on_request("steps", |o| Cell::CountOf(o.progress.done, o.progress.total)),
    Column::on_request("bytes", |o| Cell::Bytes(o.progress.bytes)),
    Column::on_request("message", |o| Cell::some(o.error.as_ref(), |e| Cell::text(&e.message))),
    Column::on_request("cancellable", |o| Cell::text(o.cancellable)),
    Column::on_request("actor", |o| Cell::text(&o.actor)),
    Column::on_request("request", |o| Cell::text(&o.cause)),
    Column::on_request("subject_kind", |o| Cell::text(&o.subject.kind)),
    Column::on_request("subject_id", |o| Cell::Of(o.subject.id)),
    Column::on_request("project", |o| Cell::some(o.project_id, |id| Cell::Of(to_uuid(id)))),
    Column::on_request("parent", |o| Cell::some(o.parent, |id| Cell::Of(to_uuid(id)))),
    Column::on_request("updated", |o| Cell::Time(o.updated_at)),
    Column::on_request("ended", |o| Cell::some(o.ended_at, Cell::Time)),
];

/// What is most worth knowing of it: what it waits for, why it failed, or what it does.
fn now(operation: &Operation) -> Cell {
    match (&operation.waiting_for, &operation.error) {
        (Some(what), _) => Cell::text(format!("waits for {what}")),
        (None, Some(error)) => Cell::text(&error.error_code),
        (None, None) => Cell::text(&operation.progress.phase),
    }
}

/// Runs a verb.
pub async fn run(session: &Session, verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::List(args) => list(session, args).await,
        Verb::View(target) => {
            session.output.record(&view(session, target.id).await?, COLUMNS, &session.project_names().await)
        }
        Verb::Wait(args) => {
            let mut operations = Vec::new();
            for id in args.ids {
                operations.push(view(session, id).await?);
            }
            finished(session, &until_ended(session, operations, args.wait).await?)
        }
        Verb::Cancel(args) => cancel(session, args).await,
    }
}

async fn list(session: &Session, args: List) -> Result<(), Failure> {
    let project = args.list.project(session);
    let limit = args.list.list.limit.unwrap_or(LATELY);
    let list = session
        .client
        .list(Some(limit), async |nexus, page| {
            let ask = nexus.operation_list().limit(page.limit);
            let ask = ask.given(page.token, |ask, token| ask.page_token(token));
            let ask = ask.given(project.clone(), |ask, project| ask.project(project));
            let ask = ask.given(args.open.then_some(true), |ask, open| ask.open(open));
            ask.given(args.subject, |ask, subject| ask.subject(subject)).send().await
        })
        .await?;
    session.show(&list, COLUMNS, &Names::new())
}

async fn view(session: &Session, id: OperationUuid) -> Result<Operation, Failure> {
    session.client.look(async |nexus| nexus.operation_view().operation(id).send().await).await
}

async fn cancel(session: &Session, args: Cancel) -> Result<(), Failure> {
    let known = view(session, args.target.id).await?;
    let ask =
        async |nexus: &crate::generated::Client| nexus.operation_cancel().operation(known.id).send().await;
    let operation = session.client.ask(Repeat::IfUnsent, ask).await?;
    if !args.wait {
        let sentence = format!("asked for {} of {} to be given up", operation.kind, operation.subject.name);
        return session.output.done(&operation, COLUMNS, &sentence);
    }
    match until_ended(session, vec![operation], WaitArgs::default()).await {
        // Having been cancelled is what was wanted here.
        Err(Failure::Ended(ended)) if ended.state == OperationState::Cancelled => {
            finished(session, &[*ended])
        }
        Ok(operations) => finished(session, &operations),
        Err(failure) => Err(failure),
    }
}

/// Prints operations that have ended: sentences to people, one record or a list of them to programs.
pub fn finished(session: &Session, operations: &[Operation]) -> Result<(), Failure> {
    let sentence = |operation: &Operation| {
        format!(
            "{} of {} {}: {}",
            operation.kind, operation.subject.kind, operation.subject.name, operation.state
        )
    };
    shown(session, operations, sentence)
}

/// The same with other sentences.
pub fn shown(
    session: &Session,
    operations: &[Operation],
    sentence: impl Fn(&Operation) -> String,
) -> Result<(), Failure> {
    if let [only] = operations {
        return session.output.done(only, COLUMNS, &sentence(only));
    }
    if session.output.is_for_people() {
        return operations.iter().try_for_each(|operation| session.output.gone(&sentence(operation)));
    }
    session.output.list(operations, COLUMNS, &Names::new())
}
