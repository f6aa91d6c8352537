//! Lists in pieces: a page begins after the last item of the one before, wherever that now is.
//!
//! Markers say where; the app turns them into opaque tokens. Each order has an index, so a page's cost doesn't
//! depend on how many came before it.

use berth_common::Name;
use berth_common::ids::ProjectUuid;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Most items of a page.
pub const PAGE_LIMIT: u32 = 1000;

/// Which page is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paging<M> {
    after: Option<M>,
    limit: u32,
}

impl<M> Paging<M> {
    /// The page after this marker, or the first. `limit` is brought into 1 to [`PAGE_LIMIT`].
    pub fn new(after: Option<M>, limit: u32) -> Self {
        Paging { after, limit: limit.clamp(1, PAGE_LIMIT) }
    }

    /// The first page.
    pub fn first(limit: u32) -> Self {
        Self::new(None, limit)
    }

    /// The next page of the same size.
    #[must_use]
    pub fn next(&self, after: M) -> Self {
        Paging { after: Some(after), limit: self.limit }
    }

    pub(crate) fn after(&self) -> Option<&M> {
        self.after.as_ref()
    }

    /// Rows to ask for: one more than the page has, which tells whether there is another.
    pub(crate) fn rows(&self) -> i64 {
        i64::from(self.limit) + 1
    }
}

/// One page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T, M> {
    pub items: Vec<T>,
    /// Where the next one begins; none if this is the last.
    pub next: Option<M>,
}

impl<T, M> Page<T, M> {
    /// From what [`Paging::rows`] asked for.
    pub(crate) fn of(mut rows: Vec<T>, paging: &Paging<M>, marker: impl FnOnce(&T) -> M) -> Self {
        let limit = paging.limit as usize;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = if more { rows.last().map(marker) } else { None };
        Page { items: rows, next }
    }

    /// The same page with other items.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U, M> {
        Page { items: self.items.into_iter().map(f).collect(), next: self.next }
    }
}

/// In the order of names, which are unique.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ByName {
    pub name: String,
}

/// In the order of ids: none that means anything, but a stable one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ById {
    pub id: Uuid,
}

/// Project by project, by name in each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InProject {
    pub project: ProjectUuid,
    pub name: Name,
}

/// Newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ByTime {
    pub at: DateTime<Utc>,
    pub id: Uuid,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_page_says_so_even_when_it_is_full() {
        let paging = Paging::first(2);
        assert_eq!(paging.rows(), 3);
        let full = Page::of(vec![1, 2], &paging, |last| *last);
        assert_eq!((full.items.as_slice(), full.next), (&[1, 2][..], None));
        let more = Page::of(vec![1, 2, 3], &paging, |last| *last);
        assert_eq!((more.items.as_slice(), more.next), (&[1, 2][..], Some(2)));
    }

    #[test]
    fn limits_are_brought_into_their_range() {
        assert_eq!(Paging::<ById>::first(0).rows(), 2);
        assert_eq!(Paging::<ById>::first(u32::MAX).rows(), i64::from(PAGE_LIMIT) + 1);
    }
}
