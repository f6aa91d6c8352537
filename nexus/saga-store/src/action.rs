//! A declared step as steno runs it: panics become errors, a lost or dead run stops, planned faults happen.

use crate::context::{Direction, RawContext, SagaKind};
use crate::definition::{Declared, Deed};
use crate::faults::StepFault;
use crate::run::Run;
use crate::step_error::{StepError, contains_nul};
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::Value;
use std::any::Any;
use std::fmt;
use std::future::pending;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use steno::{ActionContext, ActionError, ActionName, ActionResult, UndoResult};

/// One step under its name in steno's registry.
pub(crate) struct StepAction<W: fmt::Debug + Send + Sync + 'static> {
    pub name: ActionName,
    pub declared: Declared<W>,
}

impl<W: fmt::Debug + Send + Sync + 'static> fmt::Debug for StepAction<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StepAction").field(&self.name).finish()
    }
}

impl<W: fmt::Debug + Send + Sync + 'static> steno::Action<SagaKind<W>> for StepAction<W> {
    fn do_it(&self, steno: ActionContext<SagaKind<W>>) -> BoxFuture<'_, ActionResult> {
        Box::pin(async move {
            self.run(steno, Direction::Forward).await.map(Arc::new).map_err(ActionError::action_failed)
        })
    }

    fn undo_it(&self, steno: ActionContext<SagaKind<W>>) -> BoxFuture<'_, UndoResult> {
        Box::pin(async move {
            match self.run(steno, Direction::Undo).await {
                Ok(_) => Ok(()),
                Err(error) => Err(anyhow::Error::msg(error.to_string())),
            }
        })
    }

    fn name(&self) -> ActionName {
        self.name.clone()
    }
}

impl<W: fmt::Debug + Send + Sync + 'static> StepAction<W> {
    /// Runs the step until it ends or its run is over. A run that is over never answers: another goes on with it.
    async fn run(&self, steno: ActionContext<SagaKind<W>>, direction: Direction) -> Result<Value, StepError> {
        let raw = RawContext { steno: Arc::new(steno), step: self.declared.name, direction };
        let run = Arc::clone(&raw.steno.user_data().run);
        let working = with_faults(&run, self.declared.deed(direction), raw);
        tokio::select! {
            // A COMMIT under way isn't cut short by this: it has a task of its own.
            biased;
            () = run.over() => pending().await,
            answer = working => answer,
        }
    }
}

async fn with_faults<W>(run: &Run, deed: Option<&Deed<W>>, raw: RawContext<W>) -> Result<Value, StepError>
where
    W: fmt::Debug + Send + Sync + 'static,
{
    let fault = run.shared.faults.around_step(raw.step, raw.direction);
    match &fault {
        None | Some(StepFault::CommitHidden | StepFault::CommitLost) => return catching(deed, raw).await,
        Some(StepFault::FailBefore) => return Err(StepError::new("injected: failed before its effect")),
        Some(StepFault::Panic) => return catching(Some(&injected_panic::<W>()), raw).await,
        Some(StepFault::CrashBefore) => run.shared.die().await,
        Some(StepFault::Pause(gate)) => gate.pass().await,
        Some(StepFault::Twice) => drop(catching(deed, raw.clone()).await?),
        Some(StepFault::FailAfter | StepFault::CrashAfter) => {}
    }
    let answer = catching(deed, raw).await?;
    match fault {
        Some(StepFault::FailAfter) => Err(StepError::new("injected: failed after its effect")),
        Some(StepFault::CrashAfter) => run.shared.die().await,
        _ => Ok(answer),
    }
}

fn injected_panic<W: fmt::Debug + Send + Sync + 'static>() -> Deed<W> {
    Box::new(|_| Box::pin(async { panic!("injected: panic in a step") }))
}

/// Steno never hears again of a step that panics, so its saga would hang for ever.
async fn catching<W>(deed: Option<&Deed<W>>, raw: RawContext<W>) -> Result<Value, StepError>
where
    W: fmt::Debug + Send + Sync + 'static,
{
    let Some(deed) = deed else { return Ok(Value::Null) };
    let step = raw.step;
    let answer = AssertUnwindSafe(async { deed(raw).await }).catch_unwind().await;
    let value = answer.unwrap_or_else(|payload| {
        Err(StepError::new(format!("step {step} panicked: {}", panic_text(payload.as_ref()))))
    })?;
    if contains_nul(&value) {
        return Err(StepError::new(format!("the output of step {step} holds a NUL, which jsonb can't")));
    }
    Ok(value)
}

fn panic_text(payload: &(dyn Any + Send)) -> &str {
    payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("(no text)")
}
