//! The three answers to a request, and what a refusal says.

use berth_common::refusal::ErrorCode;

/// The answer to a request for an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision<Plan> {
    /// It is so, or work that was accepted before makes it so. Nothing is written; the open operation of this kind is
    /// the answer, or a finished one where there is none.
    Already,
    /// Accepted: the plan is written in one transaction.
    Go(Plan),
    /// Nothing is written.
    Refuse(Refusal),
}

impl<Plan> Decision<Plan> {
    /// The request wasn't refused.
    pub const fn is_admitted(&self) -> bool {
        match self {
            Decision::Already | Decision::Go(_) => true,
            Decision::Refuse(_) => false,
        }
    }
}

/// Why a request was refused, and what would help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The refusal's name, as it stands in the error body.
    pub code: ErrorCode,
    /// What is in the way: a clause without its subject ("is being created").
    pub reason: &'static str,
    /// What the user can do: an imperative clause.
    pub help: &'static str,
}

impl Refusal {
    /// The message for people: thing, reason, help. `instance` is the instance's name.
    pub fn message(&self, instance: &str) -> String {
        format!("instance {instance} {}; {}", self.reason, self.help)
    }
}

/// Something meets a delete.
pub(crate) const DELETING: Refusal = Refusal {
    code: ErrorCode::Deleting,
    reason: "is being deleted",
    help: "nothing can be asked of it any more; create another one",
};

/// Something meets an instance that is gone.
pub(crate) const DESTROYED: Refusal =
    Refusal { code: ErrorCode::Deleting, reason: "was deleted", help: "create another one" };

/// Something meets a force stop.
pub(crate) const DISOWNED: Refusal = Refusal {
    code: ErrorCode::InstanceDisowned,
    reason: "was force-stopped, and what ran of it isn't known to have ended",
    help: "wait for the force stop's operation; its waiting_for names the sled",
};

/// Something meets a create.
pub(crate) const CREATING: Refusal = Refusal {
    code: ErrorCode::InstanceCreating,
    reason: "is being created",
    help: "wait for its operation to end, then ask again",
};
