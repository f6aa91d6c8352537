//! Rows that hold what this nexus can't read: written by a newer one, or by hand. A fault that the log names.

use berth_common::Name;
use berth_db::DbError;

use super::error::{AppError, AppResult};

/// The error of a value that doesn't parse.
pub(super) fn unreadable(error: impl std::error::Error + Send + Sync + 'static) -> AppError {
    AppError::Database(DbError::Other(diesel::result::Error::DeserializationError(Box::new(error))))
}

/// A name as a row has it.
pub(super) fn name(text: &str) -> AppResult<Name> {
    text.parse().map_err(unreadable)
}

/// From a column whose CHECK says that it isn't negative.
pub(super) fn amount(column: i64) -> u64 {
    u64::try_from(column).unwrap_or(0)
}
