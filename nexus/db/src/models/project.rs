//! Projects, roles in them, and what they use of their quota.

use crate::ids::{DbId, DbText};
use crate::tables::{project, project_role, quota_use};
use berth_common::Name;
use berth_common::ids::{ProjectKind, ProjectUuid, UserKind, UserUuid};
use berth_common::role::Role;
use chrono::{DateTime, Utc};
use diesel::{Queryable, QueryableByName, Selectable};
use uuid::Uuid;

/// What instances, disks and images belong to.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, QueryableByName)]
#[diesel(table_name = project)]
pub struct Project {
    #[diesel(deserialize_as = DbId<ProjectKind>)]
    pub id: ProjectUuid,
    #[diesel(deserialize_as = DbText<Name>)]
    pub name: Name,
    pub description: String,
    pub generation: i64,
    pub quota_instances: i64,
    pub quota_cpus: i64,
    pub quota_memory_mib: i64,
    pub quota_disk_bytes: i64,
    pub created_at: DateTime<Utc>,
}

/// What a user may do in a project.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, QueryableByName)]
#[diesel(table_name = project_role)]
pub struct ProjectRole {
    #[diesel(deserialize_as = DbId<UserKind>)]
    pub user_id: UserUuid,
    #[diesel(deserialize_as = DbId<ProjectKind>)]
    pub project_id: ProjectUuid,
    #[diesel(deserialize_as = DbText<Role>)]
    pub role: Role,
}

/// What one instance or disk takes of its project's quota.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, QueryableByName)]
#[diesel(table_name = quota_use)]
pub struct QuotaUse {
    pub subject_id: Uuid,
    #[diesel(deserialize_as = DbId<ProjectKind>)]
    pub project_id: ProjectUuid,
    /// `instance` or `disk`.
    pub kind: String,
    pub cpus: i64,
    pub memory_mib: i64,
    pub disk_bytes: i64,
}
