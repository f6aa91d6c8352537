//! Waiting for operations: progress while it lasts, Ctrl-C to leave, the outcome at the end.

use std::time::{Duration, Instant};

use berth_common::operation::OperationState;
use clap::Args;

use crate::failure::Failure;
use crate::generated::types::Operation;
use crate::output::note;
use crate::progress::{Progress, Watched};
use crate::session::Session;

/// How long one look waits for the end: short, so that progress moves.
const LOOK: &str = "1s";
/// Between two looks when nexus can't be reached.
const PAUSE: Duration = Duration::from_secs(1);
/// How long nexus may be unreachable before waiting ends. The work goes on anyway.
const PATIENCE: Duration = Duration::from_secs(90);

/// Options of every verb that starts work.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct WaitArgs {
    /// Return as soon as the work is accepted
    #[arg(long)]
    pub no_wait: bool,
    /// Wait so long at most (30s, 5m); then exit with 3 while the work goes on
    #[arg(long, value_name = "SPAN", value_parser = berth_common::span::span, conflicts_with = "no_wait")]
    pub timeout: Option<Duration>,
}

/// Waits until all have succeeded, in the order given. With `--no-wait` returns them as they are.
///
/// Errors: `Ended` for each that didn't succeed, `StillRunning` if the user left or time was up.
pub async fn until_ended(
    session: &Session,
    operations: Vec<Operation>,
    args: WaitArgs,
) -> Result<Vec<Operation>, Failure> {
    let (succeeded, failures) = each(session, operations, args).await;
    several(succeeded, failures)
}

/// The same, with what succeeded beside what failed.
pub async fn each(
    session: &Session,
    operations: Vec<Operation>,
    args: WaitArgs,
) -> (Vec<Operation>, Vec<Failure>) {
    if args.no_wait {
        for operation in operations.iter().filter(|operation| !operation.state.is_terminal()) {
            note(&format!("accepted; to watch it: berth operation wait {}", operation.id));
        }
        return (operations, Vec::new());
    }
    let ids: Vec<_> = operations.iter().map(|operation| operation.id).collect();
    let progress = Progress::new(session.shows_progress);
    let deadline = args.timeout.map(|timeout| Instant::now() + timeout);
    let watching = operations
        .into_iter()
        .map(|operation| watch(session, progress.watch(&operation), operation, deadline));
    tokio::select! {
        ended = futures::future::join_all(watching) => outcome(ended),
        _interrupted = tokio::signal::ctrl_c() => {
            progress.clear();
            (Vec::new(), vec![Failure::StillRunning(ids)])
        }
    }
}

/// Looks until the operation has ended or time is up.
async fn watch(
    session: &Session,
    shown: Watched,
    mut operation: Operation,
    deadline: Option<Instant>,
) -> Result<Operation, Failure> {
    let mut unreachable_since = None;
    loop {
        if operation.state.is_terminal() {
            shown.ended(&operation);
            return Ok(operation);
        }
        if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            shown.left();
            return Err(Failure::StillRunning(vec![operation.id]));
        }
        let id = operation.id.to_string();
        let look = session.client.look(async |nexus| {
            nexus.operation_view().operation(operation.id).wait(wait_text(deadline)).send().await
        });
        match look.await {
            Ok(now) => {
                unreachable_since = None;
                shown.now(&now);
                operation = now;
            }
            Err(failure) if failure.is_connection() => {
                let since = *unreachable_since.get_or_insert_with(Instant::now);
                if since.elapsed() > PATIENCE {
                    shown.left();
                    note(&format!(
                        "no nexus answered for {} s; operation {id} goes on without",
                        PATIENCE.as_secs()
                    ));
                    return Err(Failure::Several(vec![failure, Failure::StillRunning(vec![operation.id])]));
                }
                shown.out_of_sight();
                tokio::time::sleep(PAUSE).await;
            }
            Err(failure) => {
                shown.left();
                return Err(failure);
            }
        }
    }
}

/// One look's waiting time, not beyond the deadline.
fn wait_text(deadline: Option<Instant>) -> String {
    let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()).as_millis());
    match left {
        Some(left) if left < 1000 => format!("{left}ms"),
        _ => LOOK.to_string(),
    }
}

fn outcome(ended: Vec<Result<Operation, Failure>>) -> (Vec<Operation>, Vec<Failure>) {
    let (mut succeeded, mut failures) = (Vec::new(), Vec::new());
    for one in ended {
        match one {
            Ok(operation) if operation.state == OperationState::Succeeded => succeeded.push(operation),
            Ok(operation) => failures.push(Failure::Ended(Box::new(operation))),
            Err(failure) => failures.push(failure),
        }
    }
    (succeeded, failures)
}

/// `done`, if nothing failed.
pub fn several<T>(done: T, mut failures: Vec<Failure>) -> Result<T, Failure> {
    match failures.len() {
        0 => Ok(done),
        1 => Err(failures.remove(0)),
        _ => Err(Failure::Several(failures)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_never_waits_beyond_the_deadline() {
        assert_eq!(wait_text(None), "1s");
        assert_eq!(wait_text(Some(Instant::now() + Duration::from_secs(60))), "1s");
        assert_eq!(wait_text(Some(Instant::now())), "0ms");
    }

    #[test]
    fn one_failure_stays_itself_and_several_are_counted() {
        assert!(several((), Vec::new()).is_ok());
        assert!(matches!(several((), vec![Failure::Found(1)]), Err(Failure::Found(1))));
        let both = vec![Failure::Found(1), Failure::Found(2)];
        assert!(matches!(several((), both), Err(Failure::Several(all)) if all.len() == 2));
    }
}
