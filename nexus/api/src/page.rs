//! Keyset pages: `limit` items and an opaque token for the next page.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::name_or_id::NameOrId;

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "{T}Page")]
pub struct Page<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// `page_token` of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_page: Option<String>,
}

impl<T> Page<T> {
    /// The same page with other items.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(f).collect(), next_page: self.next_page }
    }
}

/// Which page of a list that belongs to no project.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PageQuery {
    /// Items at most, 1 to 1000; default 100.
    pub limit: Option<u32>,
    /// `next_page` of the page before.
    pub page_token: Option<String>,
}

/// Which page of a list of one project's things.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProjectPageQuery {
    /// The project, by name or id. Omitted: all projects, for those who may see the fleet.
    pub project: Option<NameOrId>,
    /// Items at most, 1 to 1000; default 100.
    pub limit: Option<u32>,
    /// `next_page` of the page before.
    pub page_token: Option<String>,
}

/// Where a thing addressed by name is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProjectQuery {
    /// The project of a name, by name or id; not allowed beside an id.
    pub project: Option<NameOrId>,
}

/// The project a new thing is made in.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InProjectQuery {
    /// The project, by name or id.
    pub project: NameOrId,
}
