//! What a step answers when it can't do its work.
//!
//! Any error converts into a [`StepError`] with `?`; on the way the chain of its causes is searched for a database
//! error that has nothing to do with the step itself (connection gone, deadlock …), which
//! [`SagaContext::txn`](crate::SagaContext::txn) repeats instead of handing it on.

use diesel::result::{DatabaseErrorKind, Error as DieselError};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::error::Error;
use std::fmt;

/// A step's failure: a sentence, and optionally a typed refusal for the program that looks at the saga's outcome.
///
/// It doesn't implement [`Error`] itself, so that every error that does converts with `?`.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
pub struct StepError {
    message: String,
    #[serde(default, skip_serializing_if = "serde_json::Value::is_null")]
    detail: serde_json::Value,
    /// True if only the database was in the way, not the work. Never stored: a stored failure is final.
    #[serde(skip)]
    transient: bool,
}

impl StepError {
    /// A failure that only people need to understand.
    pub fn new(message: impl Into<String>) -> StepError {
        StepError { message: without_nul(message.into()), detail: serde_json::Value::Null, transient: false }
    }

    /// A failure with a typed refusal, to be read back by [`StepError::detail`].
    pub fn with_detail(message: impl Into<String>, detail: &impl Serialize) -> StepError {
        let mut error = StepError::new(message);
        match serde_json::to_value(detail) {
            Ok(value) if !contains_nul(&value) => error.detail = value,
            Ok(_) => error.message.push_str(" (its detail holds a NUL and wasn't kept)"),
            Err(e) => error.message.push_str(&format!(" (its detail can't be written as JSON: {e})")),
        }
        error
    }

    /// The sentence.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The typed refusal, if there is one of this type.
    pub fn detail<T: DeserializeOwned>(&self) -> Option<T> {
        if self.detail.is_null() { None } else { T::deserialize(&self.detail).ok() }
    }

    pub(crate) fn is_transient(&self) -> bool {
        self.transient
    }
}

impl fmt::Display for StepError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl<E: Error + 'static> From<E> for StepError {
    fn from(error: E) -> StepError {
        let mut message = error.to_string();
        let mut transient = speaks_of_the_database(&message);
        let mut link: Option<&(dyn Error + 'static)> = Some(&error);
        while let Some(cause) = link {
            transient |= cause.downcast_ref::<DieselError>().is_some_and(is_transient);
            let text = cause.to_string();
            if !message.contains(&text) {
                message.push_str(": ");
                message.push_str(&text);
            }
            link = cause.source();
        }
        StepError { transient, ..StepError::new(message) }
    }
}

/// True if the same statement, asked again on another connection, can succeed.
pub(crate) fn is_transient(error: &DieselError) -> bool {
    match error {
        DieselError::DatabaseError(kind, info) => match kind {
            DatabaseErrorKind::SerializationFailure
            | DatabaseErrorKind::ReadOnlyTransaction
            | DatabaseErrorKind::ClosedConnection
            | DatabaseErrorKind::UnableToSendCommand => true,
            _ => speaks_of_the_database(info.message()),
        },
        DieselError::BrokenTransactionManager => true,
        DieselError::RollbackErrorOnCommit { rollback_error, commit_error } => {
            is_transient(rollback_error) || is_transient(commit_error)
        }
        _ => false,
    }
}

/// Texts of PostgreSQL for conditions that diesel gives no kind of their own.
fn speaks_of_the_database(message: &str) -> bool {
    const TEXTS: [&str; 9] = [
        "deadlock detected",
        "could not serialize access",
        "terminating connection",
        "the database system is",
        "too many clients already",
        "remaining connection slots",
        "canceling statement due to",
        "could not extend file",
        "in a read-only transaction",
    ];
    TEXTS.iter().any(|text| message.contains(text))
}

/// PostgreSQL's jsonb can't hold U+0000.
pub(crate) fn contains_nul(value: &serde_json::Value) -> bool {
    use serde_json::Value;
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(contains_nul),
        Value::Object(map) => map.iter().any(|(key, item)| key.contains('\0') || contains_nul(item)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn without_nul(text: String) -> String {
    if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text }
}
