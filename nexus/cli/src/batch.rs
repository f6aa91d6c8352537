//! One verb for several things: each is asked for, all are waited for, and what fails doesn't hide what succeeds.

use std::collections::HashSet;

use berth_common::ids::OperationUuid;
use reqwest::StatusCode;

use crate::client::{Repeat, Sent};
use crate::failure::Failure;
use crate::generated::Client as Nexus;
use crate::generated::types::Operation;
use crate::nouns::operation;
use crate::session::Session;
use crate::wait::{self, WaitArgs, several};

/// How far the work is when it is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// It was so before it was asked for.
    Already,
    /// It has been done.
    Done,
    /// It was accepted, and nobody waits.
    Going,
}

/// What became of the requests.
#[derive(Debug, Default)]
pub struct Asked {
    accepted: Vec<Operation>,
    already: HashSet<OperationUuid>,
    failures: Vec<Failure>,
}

/// Asks for each of `targets`, by name or id, with the project that belongs to it.
///
/// Errors: `Usage` before anything is sent; what is refused is kept for [`finish`].
pub async fn ask_each(
    session: &Session,
    targets: &[String],
    repeat: Repeat,
    call: impl AsyncFn(&Nexus, String, Option<String>) -> Sent<Operation>,
) -> Result<Asked, Failure> {
    let projects = targets.iter().map(|target| session.project_of(target)).collect::<Result<Vec<_>, _>>()?;
    let mut asked = Asked::default();
    for (target, project) in targets.iter().zip(projects) {
        let ask = async |nexus: &Nexus| call(nexus, target.clone(), project.clone()).await;
        match session.client.ask_whole(repeat, ask).await {
            Ok(answer) => {
                if answer.status() == StatusCode::OK {
                    asked.already.insert(answer.id);
                }
                asked.accepted.push(answer.into_inner());
            }
            Err(failure) => asked.failures.push(failure),
        }
    }
    Ok(asked)
}

/// Waits, prints what succeeded, and reports what didn't.
pub async fn finish(
    session: &Session,
    asked: Asked,
    wait: WaitArgs,
    sentence: impl Fn(&Operation, How) -> String,
) -> Result<(), Failure> {
    let Asked { accepted, already, mut failures } = asked;
    let (ended, failed) = wait::each(session, accepted, wait).await;
    failures.extend(failed);
    let how = |operation: &Operation| match operation.state.is_terminal() {
        _ if already.contains(&operation.id) => How::Already,
        true => How::Done,
        false => How::Going,
    };
    if !ended.is_empty() {
        operation::shown(session, &ended, |operation| sentence(operation, how(operation)))?;
    }
    several((), failures)
}
