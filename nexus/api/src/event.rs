//! Events: every transition, with actor, cause and evidence.

use berth_common::ids::{ProjectUuid, SledUuid};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::duration::Wait;
use crate::name_or_id::NameOrId;
use crate::operation::Subject;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// Its number; grows, with gaps.
    pub id: u64,
    /// When, by the database's clock.
    pub at: DateTime<Utc>,
    /// What happened, by name.
    pub kind: String,
    /// To what.
    pub subject: Subject,
    /// The subject's project.
    pub project_id: Option<ProjectUuid>,
    /// The sled it happened on.
    pub sled_id: Option<SledUuid>,
    /// Who did it: a user, or a part of nexus.
    pub actor: String,
    /// The id of the request it follows from.
    pub cause: String,
    /// For people.
    pub message: String,
    /// The evidence, for programs.
    pub data: serde_json::Value,
}

/// Events in the order in which they became visible. Nothing appears before `next` later.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EventPage {
    /// The events.
    pub items: Vec<Event>,
    /// `since` of the next request; there, even if nothing happened.
    pub next: String,
}

/// Which events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EventQuery {
    /// The project, by name or id. Omitted: all, for those who may see the fleet.
    pub project: Option<NameOrId>,
    /// `next` of the page before, or `now`: what happens from now on. Omitted: from the oldest event kept.
    pub since: Option<String>,
    /// Events at most, 1 to 1000; default 100.
    pub limit: Option<u32>,
    /// If there is nothing yet, answer when there is, or after this time (`30s`); at most 55 s.
    pub wait: Option<Wait>,
}

/// Which events of one thing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SubjectEventQuery {
    /// The project of a name; not allowed beside an id.
    pub project: Option<NameOrId>,
    /// `next` of the page before, or `now`. Omitted: from the oldest event kept.
    pub since: Option<String>,
    /// Events at most, 1 to 1000; default 100.
    pub limit: Option<u32>,
    /// If there is nothing yet, answer when there is, or after this time (`30s`); at most 55 s.
    pub wait: Option<Wait>,
}

/// Which events of a sled.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SledEventQuery {
    /// `next` of the page before, or `now`. Omitted: from the oldest event kept.
    pub since: Option<String>,
    /// Events at most, 1 to 1000; default 100.
    pub limit: Option<u32>,
    /// If there is nothing yet, answer when there is, or after this time (`30s`); at most 55 s.
    pub wait: Option<Wait>,
}
