//! Why a query or a transaction has no answer, sorted by what its caller can do about it.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

/// Answer of every query in this crate.
pub type DbResult<T> = Result<T, DbError>;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// No connection could be had or kept, or a statement took too long. Nothing was changed. Worth another try.
    #[error("the database can't be reached")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The connection was lost in the middle of COMMIT: it may have happened or not. Look before trying again.
    #[error("the database went away in the middle of a commit")]
    OutcomeUnknown,
    /// Others changed the same rows at the same time, again and again. Nothing was changed. Worth another try. Said in
    /// PostgreSQL's words: by them the saga store knows that the database was in the way, not a step's work.
    #[error("could not serialize access: others change the same rows")]
    Contended,
    /// A row is in the way, or one it refers to is missing: the violated constraint tells which.
    #[error("constraint {constraint} forbids it")]
    Conflict {
        /// Name as in the schema.
        constraint: String,
    },
    /// There is no such row.
    #[error("no such row")]
    NotFound,
    /// A fault of ours: a statement the database doesn't understand, a row this version can't read.
    #[error("a database query failed")]
    Other(#[source] DieselError),
}

impl DbError {
    /// The row wasn't written because of this constraint.
    pub fn is_conflict_of(&self, constraint: &str) -> bool {
        matches!(self, DbError::Conflict { constraint: found } if found == constraint)
    }

    pub(crate) fn unavailable(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        DbError::Unavailable(cause.into())
    }
}

/// What PostgreSQL says, in its own words (English, as our own server speaks), where diesel has no kind
/// for it: the server goes, comes or is full, or one of our time limits struck.
const PASSING_FAULTS: [&str; 7] = [
    "terminating connection",
    "the database system is",
    "too many clients",
    "remaining connection slots",
    "canceling statement due to",
    "could not resize shared memory",
    "No space left on device",
];

impl From<DieselError> for DbError {
    fn from(error: DieselError) -> Self {
        match &error {
            DieselError::NotFound => DbError::NotFound,
            DieselError::DatabaseError(kind, said) => match kind {
                DatabaseErrorKind::UniqueViolation
                | DatabaseErrorKind::ForeignKeyViolation
                | DatabaseErrorKind::ExclusionViolation
                | DatabaseErrorKind::RestrictViolation
                | DatabaseErrorKind::CheckViolation => {
                    DbError::Conflict { constraint: said.constraint_name().unwrap_or_default().to_owned() }
                }
                DatabaseErrorKind::SerializationFailure => DbError::Contended,
                _ if said.message().contains("deadlock detected") => DbError::Contended,
                DatabaseErrorKind::UnableToSendCommand
                | DatabaseErrorKind::ClosedConnection
                | DatabaseErrorKind::ReadOnlyTransaction => DbError::unavailable(error),
                _ if PASSING_FAULTS.iter().any(|fault| said.message().contains(fault)) => {
                    DbError::unavailable(error)
                }
                _ => DbError::Other(error),
            },
            // What diesel says about a connection whose transaction was cut off.
            DieselError::BrokenTransactionManager => DbError::unavailable(error),
            _ => DbError::Other(error),
        }
    }
}

/// The error of a transaction's body: its own refusals, and the database's.
pub trait TxnError: From<DbError> + Send {
    /// The database's part, if that is what it is: decides whether the transaction is repeated.
    fn db_error(&self) -> Option<&DbError>;
}

impl TxnError for DbError {
    fn db_error(&self) -> Option<&DbError> {
        Some(self)
    }
}
