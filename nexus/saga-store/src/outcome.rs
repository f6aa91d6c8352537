//! How a saga ended, and the handle that waits for it.

use crate::step_error::StepError;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use tokio::sync::watch;
use uuid::Uuid;

/// Why a saga didn't reach its end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SagaFailure {
    /// The step whose failure made the saga unwind.
    pub step: String,
    pub error: StepError,
    /// The step whose undo failed, with its message, if one did: the saga is stuck.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<(String, String)>,
}

/// How a saga ended, as this engine knows it. Stored in `saga.result`, except `Lost`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// All steps succeeded: the output of the last one.
    Done(Value),
    /// A step failed, everything before it was undone.
    Failed(SagaFailure),
    /// An undo failed: an operator has to look.
    Stuck(SagaFailure),
    /// An operator gave it up.
    Abandoned,
    /// This engine doesn't run it (any more): the database knows who does.
    Lost,
}

impl Outcome {
    /// The saga's output, if it was done and gives one of this type.
    pub fn output<T: DeserializeOwned>(&self) -> Option<T> {
        match self {
            Outcome::Done(value) => T::deserialize(value).ok(),
            Outcome::Failed(_) | Outcome::Stuck(_) | Outcome::Abandoned | Outcome::Lost => None,
        }
    }
}

/// Waits for a saga; dropping it doesn't stop the saga.
#[derive(Clone, Debug)]
pub struct SagaHandle {
    pub(crate) id: Uuid,
    pub(crate) outcome: watch::Receiver<Option<Outcome>>,
}

impl SagaHandle {
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// Returns when the saga's end is durable, or when it turns out to be lost: it never hangs on a lost saga.
    pub async fn wait(&self) -> Outcome {
        let mut outcome = self.outcome.clone();
        match outcome.wait_for(Option::is_some).await {
            Ok(known) => known.clone().unwrap_or(Outcome::Lost),
            Err(_) => Outcome::Lost,
        }
    }
}
