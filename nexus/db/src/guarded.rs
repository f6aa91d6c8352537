//! The three answers to a guarded write: it was made, somebody was faster, or there is nothing to write to.

use crate::error::{DbError, DbResult};

/// Answer to an UPDATE that names the generation (or state) it was planned with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a write that was not made is no error, but it isn't made"]
pub enum Guarded<T> {
    /// Written.
    Changed(T),
    /// The row is there, but isn't any more what the write was planned with. Nothing was changed.
    Stale,
    /// There is no such row.
    Missing,
}

impl<T> Guarded<T> {
    /// The answer, given the row the write returned, or else whether the row exists at all.
    pub(crate) fn of(written: Option<T>, exists: bool) -> Self {
        match (written, exists) {
            (Some(value), _) => Guarded::Changed(value),
            (None, true) => Guarded::Stale,
            (None, false) => Guarded::Missing,
        }
    }

    /// It was written.
    pub fn is_changed(&self) -> bool {
        matches!(self, Guarded::Changed(_))
    }

    /// The same answer with another value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Guarded<U> {
        match self {
            Guarded::Changed(value) => Guarded::Changed(f(value)),
            Guarded::Stale => Guarded::Stale,
            Guarded::Missing => Guarded::Missing,
        }
    }

    /// The value; none if somebody was faster.
    ///
    /// # Errors
    /// [`DbError::NotFound`] if there is no such row.
    pub fn found(self) -> DbResult<Option<T>> {
        match self {
            Guarded::Changed(value) => Ok(Some(value)),
            Guarded::Stale => Ok(None),
            Guarded::Missing => Err(DbError::NotFound),
        }
    }
}
