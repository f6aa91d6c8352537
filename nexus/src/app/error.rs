//! Why a request wasn't done: refused with a name, or the database had no answer.

use berth_common::refusal::ErrorCode;
use berth_db::{DbError, TxnError};
use serde_json::Value;

/// The error of every function in [`crate::app`]. A refusal changed nothing.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// Refused, with the refusal's name.
    #[error("{}: {}", .0.code, .0.message)]
    Refused(Refusal),
    /// The database had no answer, or a fault of ours.
    #[error("the database had no answer")]
    Database(#[source] DbError),
}

/// A refusal.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// Its name.
    pub code: ErrorCode,
    /// The thing, the reason, and what would help.
    pub message: String,
    /// More, for programs.
    pub details: Option<Value>,
}

/// Answer of every function in [`crate::app`].
pub type AppResult<T> = Result<T, AppError>;

impl AppError {
    /// A refusal without details.
    pub fn refused(code: ErrorCode, message: impl Into<String>) -> AppError {
        AppError::Refused(Refusal { code, message: message.into(), details: None })
    }

    /// A refusal with something for programs.
    pub fn refused_with(code: ErrorCode, message: impl Into<String>, details: Value) -> AppError {
        AppError::Refused(Refusal { code, message: message.into(), details: Some(details) })
    }

    /// What was sent can't be used.
    pub fn invalid(message: impl Into<String>) -> AppError {
        AppError::refused(ErrorCode::InvalidRequest, message)
    }

    /// There is no such thing, or the actor may not know of it.
    pub fn not_found(noun: &str, which: impl std::fmt::Display) -> AppError {
        AppError::refused(ErrorCode::NotFound, format!("there is no {noun} {which}, or you may not see it"))
    }

    /// Its name, as far as it has one; the database's troubles have the names of their answers.
    pub fn code(&self) -> ErrorCode {
        match self {
            AppError::Refused(refusal) => refusal.code,
            AppError::Database(DbError::Unavailable(_) | DbError::OutcomeUnknown | DbError::Contended) => {
                ErrorCode::Unavailable
            }
            AppError::Database(DbError::Conflict { .. } | DbError::NotFound | DbError::Other(_)) => {
                ErrorCode::Internal
            }
        }
    }

    /// The words for the client: never what the database said.
    pub fn message(&self) -> String {
        match self {
            AppError::Refused(refusal) => refusal.message.clone(),
            AppError::Database(DbError::OutcomeUnknown) => "the database went away in the middle of this \
                request: it may have been done; look before you ask again, or repeat it with the same Idempotency-Key"
                .to_string(),
            AppError::Database(DbError::Unavailable(_) | DbError::Contended) => {
                "the database has no time for this request now; nothing was changed, try again".to_string()
            }
            AppError::Database(_) => "a fault of nexus, which its log describes under this request id".to_string(),
        }
    }

    /// Puts a refusal in place of the violation of one constraint.
    #[must_use]
    pub fn or_if_conflict(self, constraint: &str, refusal: impl FnOnce() -> AppError) -> AppError {
        match self {
            AppError::Database(error) if error.is_conflict_of(constraint) => refusal(),
            other => other,
        }
    }
}

impl From<DbError> for AppError {
    fn from(error: DbError) -> Self {
        AppError::Database(error)
    }
}

impl From<diesel::result::Error> for AppError {
    fn from(error: diesel::result::Error) -> Self {
        AppError::Database(DbError::from(error))
    }
}

impl TxnError for AppError {
    fn db_error(&self) -> Option<&DbError> {
        match self {
            AppError::Database(error) => Some(error),
            AppError::Refused(_) => None,
        }
    }
}
