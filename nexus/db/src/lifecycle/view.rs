//! Instances as users see them: configuration, wish, record, VMM, last end, disks, interfaces and open operation, a page in
//! one statement.

use berth_common::ids::{GenericUuid, InstanceUuid, ProjectUuid, SledUuid};
use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Bool, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryResult};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Deserialize;
use uuid::Uuid;

use crate::fixed::fixed;

/// One instance with all that is shown of it.
#[derive(Clone, Debug, diesel::QueryableByName)]
pub struct InstanceView {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub project_id: Uuid,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub description: String,
    #[diesel(sql_type = BigInt)]
    pub generation: i64,
    #[diesel(sql_type = BigInt)]
    pub cpus: i64,
    #[diesel(sql_type = BigInt)]
    pub memory_mib: i64,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub image_id: Option<Uuid>,
    #[diesel(sql_type = Text)]
    pub command_line: String,
    #[diesel(sql_type = BigInt)]
    pub stop_grace_ms: i64,
    #[diesel(sql_type = BigInt)]
    pub stop_priority: i64,
    #[diesel(sql_type = Text)]
    pub restart_policy: String,
    #[diesel(sql_type = BigInt)]
    pub crashes: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub restart_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    pub intent: String,
    #[diesel(sql_type = Text)]
    pub state: String,
    #[diesel(sql_type = Text)]
    pub rest: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub updater_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub vmm_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub vmm_epoch: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    pub vmm_state: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub vmm_ended_by: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub vmm_detail: Option<String>,
    #[diesel(sql_type = Nullable<Bool>)]
    pub vmm_unresponsive: Option<bool>,
    #[diesel(sql_type = Nullable<Bool>)]
    pub vmm_stuck: Option<bool>,
    #[diesel(sql_type = Nullable<Bool>)]
    pub vmm_end_wanted: Option<bool>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub sled_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    pub sled_name: Option<String>,
    /// When the sled last said anything.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub observed_at: Option<DateTime<Utc>>,
    /// Milliseconds since then.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub silent_ms: Option<i64>,
    /// The last VMM that ended: see [`LastEnd`].
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub last_end: Option<serde_json::Value>,
    /// See [`ViewDisk`].
    #[diesel(sql_type = Jsonb)]
    pub disks: serde_json::Value,
    /// See [`ViewNic`].
    #[diesel(sql_type = Jsonb)]
    pub nics: serde_json::Value,
    /// The newest operation that hasn't ended.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub operation_id: Option<Uuid>,
}

/// How a VMM ended.
#[derive(Clone, Debug, Deserialize)]
pub struct LastEnd {
    pub vmm_id: Uuid,
    pub ended_by: String,
    pub detail: Option<String>,
    pub ended_at: DateTime<Utc>,
}

/// An attached disk.
#[derive(Clone, Debug, Deserialize)]
pub struct ViewDisk {
    pub id: Uuid,
    pub name: String,
    pub slot: u32,
}

/// An interface.
#[derive(Clone, Debug, Deserialize)]
pub struct ViewNic {
    pub id: Uuid,
    pub mac: String,
}

macro_rules! view {
    ($tail:literal) => {
        concat!(
            "SELECT i.id, i.project_id, i.name, i.description, i.generation, i.cpus, i.memory_mib, i.image_id,
                i.command_line, i.stop_grace_ms, i.stop_priority, i.restart_policy, i.crashes, i.restart_at, i.created_at, i.intent, i.state, i.rest, i.updater_id,
                v.id AS vmm_id, v.epoch AS vmm_epoch, v.state AS vmm_state, v.ended_by AS vmm_ended_by,
                v.detail AS vmm_detail, v.unresponsive AS vmm_unresponsive, v.stuck AS vmm_stuck,
                v.end_wanted AS vmm_end_wanted,
                s.id AS sled_id, s.name AS sled_name, s.last_report_at AS observed_at,
                (extract(epoch FROM now() - s.last_report_at) * 1000)::bigint AS silent_ms,
                (SELECT jsonb_build_object('vmm_id', e.id, 'ended_by', e.ended_by, 'detail', e.detail,
                        'ended_at', e.ended_at)
                 FROM vmm e WHERE e.instance_id = i.id AND e.ended_by IS NOT NULL
                 ORDER BY e.epoch DESC LIMIT 1) AS last_end,
                coalesce((SELECT jsonb_agg(jsonb_build_object('id', d.id, 'name', d.name, 'slot', d.slot)
                          ORDER BY d.slot) FROM disk d WHERE d.instance_id = i.id), '[]') AS disks,
                coalesce((SELECT jsonb_agg(jsonb_build_object('id', n.id, 'mac', n.mac) ORDER BY n.slot)
                          FROM nic n WHERE n.instance_id = i.id), '[]') AS nics,
                (SELECT o.id FROM operation o WHERE o.subject_id = i.id AND o.ended_at IS NULL
                 ORDER BY o.created_at DESC, o.id DESC LIMIT 1) AS operation_id
            FROM instance i
            LEFT JOIN vmm v ON v.id = i.active_vmm_id LEFT JOIN sled s ON s.id = v.sled_id ",
            $tail
        )
    };
}

/// One instance by id.
pub async fn by_id(
    conn: &mut AsyncPgConnection,
    instance: InstanceUuid,
) -> QueryResult<Option<InstanceView>> {
    fixed(view!("WHERE i.id = $1 AND i.state <> 'destroyed'"))
        .bind::<SqlUuid, _>(instance.into_untyped_uuid())
        .get_result(conn)
        .await
        .optional()
}

/// A page of a project's instances (or of all), by id, after `after`.
pub async fn page(
    conn: &mut AsyncPgConnection,
    project: Option<ProjectUuid>,
    after: Option<Uuid>,
    limit: i64,
) -> QueryResult<Vec<InstanceView>> {
    let after = after.unwrap_or(Uuid::nil());
    match project {
        Some(project) => {
            fixed(view!(
                "WHERE i.project_id = $1 AND i.id > $2 AND i.state <> 'destroyed' ORDER BY i.id LIMIT $3"
            ))
            .bind::<SqlUuid, _>(project.into_untyped_uuid())
            .bind::<SqlUuid, _>(after)
            .bind::<BigInt, _>(limit)
            .load(conn)
            .await
        }
        None => {
            fixed(view!("WHERE i.id > $1 AND i.state <> 'destroyed' ORDER BY i.id LIMIT $2"))
                .bind::<SqlUuid, _>(after)
                .bind::<BigInt, _>(limit)
                .load(conn)
                .await
        }
    }
}

/// A page of the instances that a sled runs, by id, after `after`.
pub async fn page_of_sled(
    conn: &mut AsyncPgConnection,
    sled: SledUuid,
    after: Option<Uuid>,
    limit: i64,
) -> QueryResult<Vec<InstanceView>> {
    fixed(view!("WHERE v.sled_id = $1 AND i.id > $2 AND i.state <> 'destroyed' ORDER BY i.id LIMIT $3"))
        .bind::<SqlUuid, _>(sled.into_untyped_uuid())
        .bind::<SqlUuid, _>(after.unwrap_or(Uuid::nil()))
        .bind::<BigInt, _>(limit)
        .load(conn)
        .await
}

/// Where an instance is: its id, project and name.
#[derive(Clone, Debug, diesel::QueryableByName)]
pub struct Found {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub project_id: Uuid,
    #[diesel(sql_type = Text)]
    pub name: String,
}

/// Finds an instance by its name in a project.
pub async fn find_by_name(
    conn: &mut AsyncPgConnection,
    project: ProjectUuid,
    name: &str,
) -> QueryResult<Option<Found>> {
    fixed(
        "SELECT id, project_id, name FROM instance
           WHERE project_id = $1 AND name = $2 AND state <> 'destroyed'",
    )
    .bind::<SqlUuid, _>(project.into_untyped_uuid())
    .bind::<Text, _>(name)
    .get_result(conn)
    .await
    .optional()
}

/// Finds an instance by its id.
pub async fn find_by_id(conn: &mut AsyncPgConnection, id: Uuid) -> QueryResult<Option<Found>> {
    fixed("SELECT id, project_id, name FROM instance WHERE id = $1 AND state <> 'destroyed'")
        .bind::<SqlUuid, _>(id)
        .get_result(conn)
        .await
        .optional()
}
