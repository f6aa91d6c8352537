//! How a call to an agent can end without the wanted answer.

use berth_common::refusal::Denial;

/// No wanted answer.
#[derive(Clone, Debug, thiserror::Error)]
pub enum AgentError {
    /// The agent refused by name; nothing was changed.
    #[error("{message} ({denial})")]
    Denied { denial: Denial, message: String },
    /// There was no usable answer: it may have taken effect or not.
    #[error("no answer: {0}")]
    Unknown(String),
}

impl AgentError {
    /// The refusal's name, or `no_answer`.
    pub fn code(&self) -> &'static str {
        match self {
            AgentError::Denied { denial, .. } => denial.as_str(),
            AgentError::Unknown(_) => "no_answer",
        }
    }

    /// Whether the agent refused by this name.
    pub fn is_denial(&self, wanted: Denial) -> bool {
        matches!(self, AgentError::Denied { denial, .. } if *denial == wanted)
    }
}

/// An error and its causes in one line: reqwest's own text leaves out why.
pub(super) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}
